from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC
from pathlib import Path

import pytest

from app.domain.directory import Context
from app.domain.schema import ISSUE
from app.query.frames import Frames
from app.query.parser import parse
from app.store.project import Project
from app.store.search import Cancelled, TextSearch
from app.store.words import Words
from sync.errors import SitebookError
from tests.app.query.world import TODAY
from tests.app.store.replicas import replica


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    made = replica(tmp_path, 1, alone=True)
    yield made
    made.close()


def _frames(project: Project) -> Frames:
    context: list[Context] = []
    frames = Frames(project, lambda: context[0])
    context.append(Context(frames.directory, TODAY, UTC, "GBP"))
    return frames


def _found(frames: Frames, text: str) -> set[bytes]:
    list(frames.text_steps(ISSUE, parse(text)))
    answer = frames.run(ISSUE, parse(text), frames.context)
    assert not answer.texts_pending
    return {frames.frame(ISSUE).record(int(row)) for row in answer.rows}


@pytest.mark.parametrize("indexed", [True, False])
def test_words_in_texts_are_found_with_and_without_the_index(project: Project, indexed: bool) -> None:
    boiler, _ = project.create(ISSUE, {"title": "Leak"}, text="behind the Großkessel, 裂缝")
    titled, _ = project.create(ISSUE, {"title": "grosskessel"}, text="nothing")
    project.create(ISSUE, {"title": "Gone"}, text="grosskessel")
    project.delete(project.records(ISSUE)[0])
    if indexed:
        while project.maintain():
            pass
    frames = _frames(project)
    assert _found(frames, "text:grosskessel") == {boiler}
    assert _found(frames, "grosskessel") == {boiler, titled}
    assert _found(frames, "text:裂缝") == {boiler}
    assert _found(frames, '-text:"behind the gross"') == {titled}


def test_what_changes_while_the_index_is_asked_is_looked_at_again(project: Project) -> None:
    first, _ = project.create(ISSUE, {"title": "One"}, text="a crack")
    second, _ = project.create(ISSUE, {"title": "Two"}, text="sound")
    frames = _frames(project)
    frames.ids(ISSUE)
    steps = frames.text_steps(ISSUE, parse("text:crack"))
    next(steps, None)
    for record, text in ((first, "mended"), (second, "cracked too")):
        touched = project.edit_text(
            record, "text", [(0, None, len(project.plain_text(record))), (0, text, 0)]
        )
        frames.apply(touched)
    list(steps)
    assert _found(frames, "text:crack") == {second}


def test_a_search_that_nobody_wants_any_more_ends(project: Project) -> None:
    project.create(ISSUE, {"title": "One"}, text="a crack")
    search = TextSearch(project.reader, ISSUE, Words.read("crack"))
    search.stop()
    assert search.wait(0)


def test_what_goes_wrong_on_the_thread_is_raised_where_the_result_is_asked_for(project: Project) -> None:
    def fails() -> object:
        raise SitebookError("No such file.")

    search = TextSearch(fails, ISSUE, Words.read("crack"))  # type: ignore[arg-type]
    assert search.wait(10)
    with pytest.raises(SitebookError, match="No such file"):
        search.result()
    with project.reader() as reader:
        reader.cancel()
        with pytest.raises(Cancelled):
            reader.in_texts(ISSUE, Words.read("crack"))
