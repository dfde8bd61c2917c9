"""Searching texts: what is found, what is marked, and that index and direct looking agree."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import apsw
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.names import fold
from app.domain.schema import COMMENT, ELEMENT, ISSUE, NOTE, PERSON
from app.store.project import Project
from app.store.search import Cancelled
from app.store.words import Words, snippet, spread
from tests.app.store.replicas import KEY, SetClock, exchange, replica

TEXT = "Runs from B4 to the Straße; 東京都の壁 ประตูบ้าน 콘크리트 균열, naïve, ﬁre №7 and C-30/37"


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    found = replica(tmp_path, 1, alone=True)
    yield found
    found.close()


def found(project: Project, text: str) -> list[bytes]:
    """What is found, which has to be the same whichever way one asks."""
    with project.reader() as search:
        hits = [hit.record for hit in search.first_hits(text)]
        assert set(hits) == search.matching(text) == {hit.record for hit in search.ranked(text)}
        return hits


@pytest.mark.parametrize("indexed", [False, True])
@pytest.mark.parametrize(
    ("text", "there"),
    [
        ("cra", True), ("crack SLAB", True), ("lab", False), ("strasse", True), ("naive", True), ("fire", True),
        ("東京", True), ("京都", True), ("都の壁", True), ("京", True), ("壁", True), ("東都", False),
        ("ประตู", True), ("บ้าน", True), ("콘크리트", True), ("크리", True), ("균열", True),
        ('"from b4"', True), ('"from b"', False), ('"from b', True), ("c-30/37", True), ("“to the”", True),
        ("slab missing", False), ('NEAR( OR "', False), ("title:crack", False), ("-crack", True),
    ],
)  # fmt: skip
def test_what_is_found(project: Project, text: str, there: bool, indexed: bool) -> None:
    issue, _ = project.create(ISSUE, {"title": "Crack in slab"}, text=TEXT)
    if indexed:
        assert project.maintain()
        assert not project.applier.words.waiting()
    assert found(project, text) == ([issue] if there else [])


@given(
    st.text('abB é\u0301ß4_-ﬁ東京都กิ한글\n"', max_size=14),
    st.text('abB é\u0301ß4_-ﬁ東京都กิ한글\n"', min_size=1, max_size=6),
)
def test_the_index_and_looking_directly_agree(text: str, query: str) -> None:
    words = Words.read(query)
    if not words:
        return
    connection = apsw.Connection(":memory:")
    connection.execute("CREATE VIRTUAL TABLE w USING fts5 (text, tokenize = 'ascii')")
    connection.execute("INSERT INTO w VALUES (?)", (spread(text),))
    indexed = connection.execute("SELECT count(*) FROM w WHERE w MATCH ?", (words.expression,)).fetchone()
    assert indexed == (int(words.matches(text)),)
    connection.close()


def test_hits_are_the_newest_first_and_lead_somewhere(project: Project) -> None:
    issue, _ = project.create(
        ISSUE, {"title": "Leak"}, text="Water at the door of " + 100 * "room " + "12, water"
    )
    note, _ = project.create(NOTE, {"title": "Water"}, text="Diary")
    person, _ = project.create(PERSON, {"name": "Ada", "company": "Waterways", "phone": "+49 170 55"})
    door, _ = project.create(ELEMENT, {"name": "D1", "parameters": {"Seal": "water-tight"}})
    comment, _ = project.create(COMMENT, {"parent": issue}, text="More water\nseen")
    with project.reader() as search:
        hits = search.first_hits("water")
        assert [hit.record for hit in hits] == [comment, door, person, note, issue]
        assert hits[0].parent == issue
        assert [hits[0].text.text[a:b] for a, b in hits[0].text.ranges] == ["water"]
        assert hits[0].text.text == "More water seen"
        assert search.ranked("water")[0].record in (note, person)
        assert search.first_hits("170 55")[0].record == person
        project.delete(issue)
        assert [hit.record for hit in search.first_hits("water")] == [door, person, note]


def test_a_changed_word_is_found_at_once_and_the_old_one_no_more(project: Project) -> None:
    issue, _ = project.create(ISSUE, {"title": "Crack"}, text="old words")
    project.maintain()
    project.insert_text(issue, "text", 0, "brand ")
    project.set(issue, "title", "Split")
    for _ in range(2):
        assert found(project, "brand old") == found(project, "split") == [issue]
        assert found(project, "crack") == []
        project.maintain()


def test_common_words_are_looked_for_in_the_texts(project: Project) -> None:
    bulk = project.bulk()
    made = [
        bulk.create(
            ISSUE, {"title": f"Item {at}"}, text=f"the thing {'rare' if at % 20 == 0 else 'usual'} x{at}"
        )
        for at in range(400)
    ]
    bulk.commit()
    while project.maintain():
        pass
    with project.reader() as search:
        search.warm()
        assert [hit.record for hit in search.first_hits("th")] == made[::-1][:20]
        assert [hit.record for hit in search.first_hits("th rare us")] == []
        assert {hit.record for hit in search.first_hits("th ra", 50)} == set(made[::20])
        assert {hit.record for hit in search.ranked("th ra", 50)} == set(made[::20])
        assert search.matching("th it ra") == set(made[::20])
        assert [hit.record for hit in search.ranked("x399 th")] == [made[399]]


def test_what_others_write_is_found(tmp_path: Path) -> None:
    left, right = replica(tmp_path, 1), replica(tmp_path, 2)
    issue, _ = left.create(ISSUE, {"title": "Crack"}, text="by the lift")
    exchange(left, right)
    right.maintain()
    left.set(issue, "title", "Gap")
    exchange(left, right)
    assert found(right, "gap lift") == [issue]
    assert found(right, "crack") == []


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE local_words_data SET block = x'00' WHERE id > 10",
        "DELETE FROM local_words_config",
        "DELETE FROM local_words_data",
        "DROP TABLE local_words_idx",
    ],
)
def test_a_damaged_index_is_made_anew_and_nothing_is_lost(project: Project, damage: str) -> None:
    issue, _ = project.create(ISSUE, {"title": "Crack"}, text="by the lift")
    project.maintain()
    project.db.run(damage)
    path = project.path
    project.close()
    again = Project.open(path, KEY, device=b"\1" * 32, clock=SetClock(), random=bytes)
    assert found(again, "lift crack") == [issue]
    again.check()
    while again.maintain():
        pass
    again.check()
    assert not again.lock.index_damaged
    assert found(again, "lift crack") == [issue]
    again.set(issue, "title", "Gap")
    again.maintain()
    assert found(again, "lift gap") == [issue]
    again.close()


def test_a_search_can_be_cancelled(project: Project) -> None:
    bulk = project.bulk()
    for at in range(300):
        bulk.create(ISSUE, {"title": f"Item {at}"}, text="the thing " * 50)
    bulk.commit()
    with project.reader() as search:
        search.cancel()
        with pytest.raises(Cancelled):
            search.matching("thing")
        search.renew()
        assert len(search.matching("thing")) == 300
        thread = threading.Thread(target=search.cancel)
        thread.start()
        thread.join()
        with pytest.raises(Cancelled):
            search.first_hits("thing")


def test_a_snippet_shows_where_most_words_are() -> None:
    text = "Begin. " + "filler " * 80 + "the Ärger\nwith water near doors " + "filler " * 80
    piece = snippet(text, Words.read("water arger door"))
    assert [piece.text[a:b] for a, b in piece.ranges] == ["Ärger", "water", "door"]
    assert piece.text.startswith("…")
    assert piece.text.endswith("…")
    assert "\n" not in piece.text
    assert len(piece.text) <= 162
    odd = snippet("ﬁne ﬁre №7", Words.read("fire no7"))
    assert [odd.text[a:b] for a, b in odd.ranges] == ["ﬁre", "№7"]
    assert snippet("", Words.read("x")).text == ""


def test_a_text_of_a_megabyte_is_found_and_cut(project: Project) -> None:
    issue, _ = project.create(ISSUE, {"title": "long"}, text="word " * 200_000 + "needle")
    for _ in range(2):
        assert found(project, "needle") == [issue]
        project.maintain()
    with project.reader() as search:
        assert len(search.first_hits("needle")[0].text.text) < 200


def test_a_search_that_looked_no_further_can_be_cancelled_and_the_next_one_finds(project: Project) -> None:
    for number in range(60):
        project.create(ISSUE, {"title": f"Crack {number}"}, text=TEXT)
    with project.reader() as search:
        for _ in range(2):
            assert len(search.first_hits("crack", 5)) == 5
            search.cancel()
            search.renew()
            assert len(search.ranked("runs", 5)) == 5
            search.cancel()
            search.renew()


@given(st.text(alphabet="aßéÉ漢ไำ㎡ﬁ№İがx .\u0301", max_size=20))
def test_what_is_marked_is_what_was_found(text: str) -> None:
    for start, stop in Words.read("x a 漢").marks(text):
        assert 0 <= start < stop <= len(text)
        assert any(each in fold(text[start:stop]) for each in "xa漢")
