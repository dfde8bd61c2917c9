"""The time line of a text: sessions by author and pause, what it was after each, on several devices."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from app.domain.schema import NOTE
from app.richtext.delta import PLAIN, Attributes, Delete, Insert, Op, Retain, length, normal_document
from app.richtext.formats import divider
from app.richtext.yjs import read_document
from app.store.project import Project
from app.store.text_history import PAUSE_MS, TextSession
from app.store.texts import document_text, open_document
from app.store.touched import Touched
from app.workspace.turning import lines_to_issues
from tests.app.store.replicas import exchange, made_by, replica

Pair = tuple[Project, Project]


@pytest.fixture
def pair(tmp_path: Path) -> Pair:
    return replica(tmp_path, 1), replica(tmp_path, 2)


def pause(*projects: Project) -> None:
    for project in projects:
        project.clock.ms += PAUSE_MS  # type: ignore[attr-defined]


def told(sessions: list[TextSession]) -> list[tuple[int, int, int, int]]:
    return [(each.device[0], each.changes, each.inserted, each.deleted) for each in sessions]


def test_sessions_go_by_author_and_pause(pair: Pair) -> None:
    left, right = pair
    note, _ = left.create(NOTE, {"title": "Diary"}, text="one")
    left.insert_text(note, "text", 3, " two")
    left.delete_text(note, "text", 6, 1)
    exchange(left, right)
    right.insert_text(note, "text", 0, "🌍 ")
    exchange(left, right)
    left.change_text(note, "text", [Retain(3, {"bold": True})])
    pause(left)
    left.change_text(note, "text", [Insert(divider()), Delete(2)])
    sessions = left.text_sessions(note)
    assert told(sessions) == [(1, 3, 7, 0), (2, 1, 2, 0), (1, 1, 0, 0), (1, 1, 1, 2)]
    assert sessions[0].at < sessions[0].until
    assert [left.text_at(note, "text", each.last) for each in sessions[:3]] == [
        [Insert("one tw\n")],
        [Insert("🌍 one tw\n")],
        [Insert("🌍 o", {"bold": True}), Insert("ne tw\n")],
    ]
    assert left.text_at(note, "text", sessions[3].last) == left.text_document(note)
    assert left.text_at(note, "text", sessions[0].first) == [Insert("one\n")]
    left.insert_text(note, "text", 0, "more")
    again = left.text_sessions(note)
    assert told(again)[3] == (1, 2, 5, 2)
    assert again[:3] == sessions[:3]
    assert right.text_sessions(b"\1" * 16) == []


def test_a_session_ends_after_two_minutes_without_typing(pair: Pair) -> None:
    left, _ = pair
    note, _ = left.create(NOTE, {"title": "Diary"}, text="one")
    left.clock.ms += 115_000  # type: ignore[attr-defined]
    left.insert_text(note, "text", 3, " two")
    assert told(left.text_sessions(note)) == [(1, 2, 8, 0)]
    left.clock.ms += 120_000  # type: ignore[attr-defined]
    left.insert_text(note, "text", 7, " three")
    assert told(left.text_sessions(note)) == [(1, 2, 8, 0), (1, 1, 6, 0)]


def test_what_was_not_typed_is_a_session_of_its_own(pair: Pair) -> None:
    left, right = pair
    note, _ = left.create(NOTE, {"title": "Diary"}, text="Doors\nGates")
    todo = {"list": "unchecked"}
    left.change_text(note, "text", [Retain(5), Retain(1, todo), Retain(5), Retain(1, todo)])
    issues, _ = lines_to_issues(left, note)
    assert len(issues) == 2
    left.insert_text(note, "text", 0, "Then ")
    left.insert_text(note, "text", 5, "and ")
    sessions = left.text_sessions(note)
    assert [(each.changes, bool(each.action)) for each in sessions] == [(2, False), (1, True), (2, False)]
    assert left.text_at(note, "text", sessions[0].last) == [
        Insert("Doors"),
        Insert("\n", todo),
        Insert("Gates"),
        Insert("\n", todo),
    ]
    exchange(left, right)
    assert right.text_sessions(note) == sessions


def test_what_arrived_late_stands_where_it_arrived(pair: Pair) -> None:
    left, right = pair
    note, _ = left.create(NOTE, {"title": "Diary"}, text="one")
    exchange(left, right)
    right.insert_text(note, "text", 0, "early ")
    pause(left)
    left.insert_text(note, "text", 3, " late")
    exchange(left, right)
    assert told(left.text_sessions(note)) == [(1, 1, 4, 0), (1, 1, 5, 0), (2, 1, 6, 0)]
    assert told(right.text_sessions(note)) == [(1, 1, 4, 0), (2, 1, 6, 0), (1, 1, 5, 0)]


def test_what_is_set_aside_leaves_the_time_line(pair: Pair) -> None:
    left, _ = pair
    note, _ = left.create(NOTE, {"title": "Diary"}, text="one")
    pause(left)
    left.insert_text(note, "text", 3, " never")
    change = made_by(left)[-1]
    pause(left)
    left.insert_text(note, "text", 9, " two")
    assert len(left.text_sessions(note)) == 3
    with left.writing():
        left.applier.set_aside(change, Touched(), eid=1)
    sessions = left.text_sessions(note)
    assert told(sessions) == [(1, 1, 4, 0), (1, 1, 4, 0)]
    assert left.text_at(note, "text", sessions[1].last) == [Insert("one two\n")]


@pytest.mark.parametrize("seed", range(4))
def test_every_moment_is_what_the_updates_up_to_it_make(pair: Pair, seed: int) -> None:
    chance = random.Random(seed)
    note, _ = pair[0].create(NOTE, {"title": "Diary"}, text="🌍 start\nand more\n")
    exchange(*pair)
    for turn in range(60):
        project = chance.choice(pair)
        whole = length(project.text_document(note)) - 1
        at = chance.randrange(whole + 1)
        count = chance.randrange(whole - at + 1)
        look: Attributes = chance.choice(
            [PLAIN, {"bold": True}, {"italic": True, "link": "https://example.org"}]
        )
        over: Attributes = chance.choice([{"bold": True}, {"bold": None}, {"header": 1}])
        changes: list[list[Op]] = [
            [Retain(at), Insert(chance.choice(["é", "🌍x", "line\n"]), look)],
            [Retain(at), Insert(divider(), look)],
            [Retain(at), Delete(min(count, 3))],
            [Retain(at), Retain(count, over)],
        ]
        change = chance.choice(changes)
        project.change_text(note, "text", change)
        if chance.random() < 0.3:
            exchange(*pair)
        if chance.random() < 0.4:
            pause(project)
        if turn == 30:
            assert pair[0].text_sessions(note)
    exchange(*pair)
    for project in pair:
        sessions = project.text_sessions(note)
        assert len(sessions) > 16
        rid, fid = project._text_numbers(note, "text") or (0, 0)
        history = project.text_history(note)
        assert history is not None
        for at, session in enumerate(sessions):
            cid, _ = project.applier.known(session.last) or (0, False)
            state = project.texts_store.as_of(rid, fid, cid)
            shown = read_document(document_text(open_document(state)))
            assert history.after(at) == shown == project.text_at(note, "text", session.last)
        assert history.after(len(sessions) - 1) == project.text_document(note)
        assert history.after(-1) == normal_document([])
