"""What texts point to and what points to a record, with the sentence around it, on two devices."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.domain.schema import COMMENT, ISSUE, NOTE, PERSON
from app.richtext.delta import Delete, Insert, Retain
from app.richtext.formats import mention, reference
from app.store.links import BackLink, Link
from app.store.project import Project
from app.store.watching import Watching
from tests.app.store.replicas import exchange, picture, replica

Pair = tuple[Project, Project]


@pytest.fixture
def pair(tmp_path: Path) -> Pair:
    return replica(tmp_path, 1), replica(tmp_path, 2)


def shown(link: BackLink) -> tuple[str, str]:
    return link.sentence, link.sentence[link.start : link.stop]


@pytest.mark.parametrize("kept", [False, True])
def test_back_links_tell_their_sentence_with_titles_as_they_are_now(pair: Pair, kept: bool) -> None:
    left, right = pair
    door, _ = left.create(ISSUE, {"title": "Fire door"})
    ada, _ = left.create(PERSON, {"name": "Ada"})
    note, _ = left.create(
        NOTE,
        {"title": "Walk"},
        text=[
            Insert("It rains. Asked "),
            Insert(mention(ada)),
            Insert(" about "),
            Insert(reference(door)),
            Insert(" and 🌍 more. Then lunch.\nAgain "),
            Insert(reference(door, "that door")),
            Insert("\n"),
        ],
    )
    comment, _ = left.create(
        COMMENT, {"parent": note}, text=[Insert("See "), Insert(reference(door)), Insert("\n")]
    )
    exchange(left, right)
    for project in pair:
        if kept:
            project.maintain()
        assert left.links_from(note) == [
            Link("mention", ada),
            Link("ref", door),
            Link("ref", door, "that door"),
        ]
        assert [(link.record, link.parent, *shown(link)) for link in project.links_to(door)] == [
            (comment, note, "See Fire door", "Fire door"),
            (note, None, "Asked @Ada about Fire door and 🌍 more.", "Fire door"),
            (note, None, "Again that door", "that door"),
        ]
        assert project.plain_text(note) == (
            "It rains. Asked @Ada about Fire door and 🌍 more. Then lunch.\nAgain that door"
        )
    left.set(door, "title", "Fire door 2")
    exchange(left, right)
    assert right.plain_text(comment) == "See Fire door 2"
    assert right.texts(COMMENT)[comment] == "See Fire door 2"
    with right.reader() as reader:
        assert {hit.record for hit in reader.first_hits("door 2")} >= {comment, note}
    assert picture(left) == picture(right)
    left.delete(note)
    exchange(left, right)
    assert right.links_to(door) == []
    left.undo()
    left.change_text(note, "text", [Retain(16), Delete(1), Retain(7), Delete(1)])
    assert [link.sentence for link in left.links_to(door)] == ["See Fire door 2", "Again that door"]


def test_a_long_sentence_is_cut_around_the_link(pair: Pair) -> None:
    left, _ = pair
    door, _ = left.create(ISSUE, {"title": "Fire door"})
    text = [Insert("x" * 900 + " see "), Insert(reference(door)), Insert(" " + "y" * 900 + "\n")]
    left.create(NOTE, {"title": "Long"}, text=text)
    (link,) = left.links_to(door)
    assert len(link.sentence) < 210
    assert link.sentence.startswith("…xx")
    assert link.sentence.endswith("yy…")
    assert shown(link)[1] == "Fire door"


@pytest.mark.parametrize("kept", [False, True])
def test_unlinked_mentions_are_places_that_say_the_title_without_a_link(pair: Pair, kept: bool) -> None:
    left, _ = pair
    door, _ = left.create(ISSUE, {"title": "Fire door"}, text="The fire door itself.")
    note, _ = left.create(
        NOTE, {"title": "Walk"}, text=[Insert(reference(door)), Insert(" is shut. The FIRE  door is open.\n")]
    )
    left.create(NOTE, {"title": "Other"}, text="Fire doors and a door of fire")
    gone, _ = left.create(NOTE, {"title": "Gone"}, text="Fire door")
    left.delete(gone)
    if kept:
        left.maintain()
    (link,) = left.unlinked_mentions(door)
    assert (link.record, *shown(link)) == (note, "The FIRE  door is open.", "FIRE  door")
    assert link.position == len(". is shut. The ")
    short, _ = left.create(ISSUE, {"title": "it"})
    assert left.unlinked_mentions(short) == []


@pytest.mark.parametrize("kept", [False, True])
def test_a_mention_in_a_text_reaches_the_inbox_from_another_device(pair: Pair, kept: bool) -> None:
    mine, theirs = pair
    me, _ = mine.create(PERSON, {"name": "Ada"})
    issue, _ = mine.create(ISSUE, {"title": "Door"}, text="shut")
    exchange(mine, theirs)
    theirs.change_text(issue, "text", [Retain(4), Insert(" "), Insert(mention(me))])
    note, _ = theirs.create(NOTE, {"title": "Walk"}, text=[Insert(mention(me)), Insert("\n")])
    wall, _ = theirs.create(ISSUE, {"title": "Wall"})
    comment, _ = theirs.create(COMMENT, {"parent": wall}, text=[Insert(mention(me)), Insert("\n")])
    gone, _ = theirs.create(COMMENT, {"parent": issue}, text=[Insert(mention(me)), Insert("\n")])
    theirs.delete(gone)
    theirs.create(NOTE, {"title": "By name"}, text="@Ada")
    exchange(mine, theirs)
    if kept:
        mine.maintain()
    inbox = Watching(mine)
    found = {news.record: news for news in inbox.inbox([me])}
    assert set(found) == {issue, note, wall}
    assert all(set(news.reasons) == news.since == {"mentioned"} for news in found.values())
    assert found[wall].comments == {comment}
    mark = inbox.newest()
    theirs.set(issue, "priority", "high")
    exchange(mine, theirs)
    (news,) = inbox.inbox([me], since=mark)
    assert (news.record, news.since, set(news.reasons)) == (issue, set(), {"mentioned"})
    theirs.change_text(note, "text", [Delete(1), Insert("nobody")])
    theirs.set(note, "title", "Walked")
    exchange(mine, theirs)
    assert {news.record for news in inbox.inbox([me], since=mark)} == {issue}


def test_comments_are_unread_until_they_were_looked_at_and_again_when_they_were_edited(pair: Pair) -> None:
    mine, theirs = pair
    issue, _ = mine.create(ISSUE, {"title": "Door"})
    exchange(mine, theirs)
    comment, _ = theirs.create(COMMENT, {"parent": issue}, text="Shut?")
    mine.create(COMMENT, {"parent": issue}, text="My own")
    exchange(mine, theirs)
    assert mine.unread_comments(issue) == {comment}
    assert mine.unread_comments(issue, [theirs.device]) == set()
    mine.mark_comments_read(issue)
    assert mine.unread_comments(issue) == set()
    theirs.set(comment, "resolved", True)
    exchange(mine, theirs)
    assert mine.unread_comments(issue) == set()
    theirs.insert_text(comment, "text", 4, " it")
    exchange(mine, theirs)
    assert mine.unread_comments(issue) == {comment}
