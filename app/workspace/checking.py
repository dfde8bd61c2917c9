"""*Check everything* about one project: its file, the server, the other devices; and repairing what is not well."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

from app.store.device_states import DeviceState
from app.store.health import Check, Health, Progress
from app.store.receiving import Stopped
from app.store.touched import Touched
from sync.engine import Engine, run_until_idle
from sync.errors import SitebookError, Unreachable

if TYPE_CHECKING:
    from app.keys.entry import ProjectEntry
    from app.store.project import Project
    from app.store.sync_side import SyncSide
    from app.workspace.workspace import Workspace

_ROUND_SECONDS = 3_600.0
_PASSES = 3


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check found: in this file, and what the devices tell."""

    health: Health
    own: DeviceState | None
    """Of this device; None where no server was asked."""
    devices: tuple[DeviceState, ...]
    """All that told something, this one among them."""
    differing: tuple[DeviceState, ...]
    """Those that hold something else though they are at the same place."""
    away: str
    """Why the server could not be asked; empty where it was, or none is set."""
    touched: Touched
    """What the repairs changed."""

    @property
    def well(self) -> bool:
        """Whether there was nothing to repair and nothing is wrong."""
        return self.health.well and not self.differing


def app_version() -> str:
    """The version of this program."""
    try:
        return version("sitebook")
    except PackageNotFoundError:
        return ""


def check_everything(
    workspace: Workspace,
    project: bytes,
    progress: Callable[[Progress], None] | None = None,
    stopped: Callable[[], bool] = lambda: False,
    opened: Project | None = None,
) -> Checked:
    """Compare what is here with the server and the other devices, and repair what is missing.

    ``opened``: a connection of the calling thread's own. ``progress`` is called between slices of some milliseconds,
    ``stopped`` asked as often. Raises Stopped where it says yes: what was repaired by then stays so.
    """
    entry = workspace.entry(project)
    side = workspace.side(entry, opened or workspace.open(project), stopped)
    away = _round(workspace, entry, side)
    total = Health()
    touched = Touched()
    for _ in range(_PASSES):
        check = Check(side)
        for each in check.slices():
            if stopped():
                raise Stopped("The check was stopped; what it repaired stays so.")
            if progress is not None:
                progress(each)
        touched.merge(check.touched)
        total = _sum(total, check.health)
        if not check.rewound and not check.health.lost:
            break
        if check.rewound:
            away = _round(workspace, entry, side)
            if away or not entry.server:
                lacking = (
                    "Something that the server gave is not here any more; check again when it can be reached."
                )
                total = _sum(total, Health(problems=(lacking,)))
                break
    own, devices = (
        (None, ()) if away or not entry.server else _compare(workspace, workspace.entry(project), side.store)
    )
    differing = tuple(each for each in devices if own is not None and each.agrees(own) is False)
    return Checked(total, own, devices, differing, away, touched)


def _round(workspace: Workspace, entry: ProjectEntry, side: SyncSide) -> str:
    """One round with the server, where there is one; why it could not be asked."""
    if not entry.server:
        return ""
    transport = workspace.transport(entry)
    try:
        run_until_idle(
            Engine(side, transport, workspace.clock, workspace.random), workspace.clock, _ROUND_SECONDS
        )
    except Unreachable as error:
        return str(error)
    finally:
        transport.close()
    return ""


def _compare(
    workspace: Workspace, entry: ProjectEntry, opened: Project
) -> tuple[DeviceState | None, tuple[DeviceState, ...]]:
    from app.workspace.telling import read_states

    try:
        return read_states(workspace, entry, opened)
    except SitebookError:
        return None, ()  # an older server keeps no notices


def _sum(first: Health, second: Health) -> Health:
    return Health(
        max(first.envelopes, second.envelopes),
        max(first.changes, second.changes),
        first.damaged + second.damaged,
        first.missing + second.missing,
        first.lost + second.lost,
        first.repaired + second.repaired,
        tuple(dict.fromkeys(first.problems + second.problems)),
    )
