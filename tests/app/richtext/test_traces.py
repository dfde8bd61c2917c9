"""Real typing of two people at once ends in the text that they had."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest
from pycrdt import merge_updates

from app.domain.schema import ISSUE
from tests.app.richtext.traces import SAMPLE, TWO_FRIENDS, read_trace, replay
from tests.app.store.replicas import exchange, replica

_TOGETHER = 100
"""Updates that are written at once; a key a time would take a minute."""
_CHANGE = 2_000
"""Updates after which somebody pauses, and what was typed becomes a change."""


@pytest.mark.parametrize("path", [SAMPLE, TWO_FRIENDS], ids=lambda path: path.name)
def test_what_two_type_at_once_ends_as_it_did(path: Path, tmp_path: Path) -> None:
    """In the documents of the two, and in the project files of both after what they wrote went to and fro."""
    if not path.exists():
        pytest.skip("the recorded traces lie beside the project, in ../shared/data")
    trace = read_trace(path)
    writers = replay(trace)
    assert [writer.text() for writer in writers] == [trace.end] * trace.agents

    projects = [replica(tmp_path, writer) for writer in range(trace.agents)]
    record, _ = projects[0].create(ISSUE, {"title": "Two friends"})
    exchange(*projects)
    for project, writer in zip(projects, writers, strict=True):
        for at in range(0, len(writer.updates), _TOGETHER):
            typed = merge_updates(*writer.updates[at : at + _TOGETHER])
            project.draft_text(record, "text", writer.client, typed)
            if at % _CHANGE == 0:
                project.finish_drafts()
        project.finish_drafts()
    exchange(*projects, order=Random(1))
    for project in projects:
        # The empty line that every text begins with came behind: the client numbers of the two are lower.
        assert project.plain_text(record) == trace.end
        project.close()
