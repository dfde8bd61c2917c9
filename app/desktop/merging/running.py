"""Merges records between the user's presses, however many name them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from app.desktop.workspace import Workspace
from app.store.merging import columns_of_merge, merge_steps
from sync.errors import SitebookError

_SLICE_SECONDS = 0.002
"""Writing takes so long a step: columns and views follow it within the same frame."""


def merging(
    workspace: Workspace,
    kind: str,
    keep: bytes,
    gone: Sequence[bytes],
    done: Callable[[str], None],
) -> Iterator[None]:
    """The steps of a merge, for ``Workspace.run_steps``. ``done`` is told why it failed, or an empty text."""
    project, columns = workspace.source, workspace.columns
    for of, name in list(columns_of_merge(project, kind)):
        yield from columns.load_steps(of, [name])
    try:
        for step in merge_steps(project, kind, keep, gone, columns, _SLICE_SECONDS):
            if step.touched:
                workspace.written(step.touched)
            yield
    except SitebookError as error:
        done(str(error))
    else:
        done("")
