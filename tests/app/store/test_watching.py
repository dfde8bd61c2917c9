"""What others did that concerns somebody, and how far he is through it."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.domain.schema import COMMENT, ISSUE, PERSON
from app.store import watching
from app.store.project import Project
from app.store.watching import Watching
from tests.app.store.replicas import exchange, replica


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Project, Project]:
    return replica(tmp_path, 1), replica(tmp_path, 2)


@pytest.mark.parametrize("few", [0, 1_500])
def test_the_inbox_tells_what_others_did_and_why_it_concerns_me(
    pair: tuple[Project, Project], few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "_FEW", few)
    mine, theirs = pair
    me, _ = mine.create(PERSON, {"name": "Ada"})
    watched, _ = mine.create(ISSUE, {"title": "Watched", "watchers": [me]})
    other, _ = mine.create(ISSUE, {"title": "Nobody's"})
    exchange(mine, theirs)
    inbox = Watching(mine)
    assert inbox.inbox([me]) == []
    assigned, _ = theirs.create(ISSUE, {"title": "For Ada", "assignees": [me]}, text="Do it.")
    theirs.set(other, "title", "Still nobody's")
    theirs.set(watched, "priority", "high")
    comment, _ = theirs.create(COMMENT, {"parent": watched}, text="Look, @Ada")
    theirs.add(watched, "mentions", me)
    exchange(mine, theirs)
    first, second = inbox.inbox([me])
    assert first.record == watched
    assert set(first.reasons) == {"watching", "mentioned"}
    assert (first.comments, first.fields, first.since) == ({comment}, {"priority", "mentions"}, {"mentioned"})
    assert (second.record, second.since, second.new) == (assigned, {"assigned"}, True)
    assert set(second.reasons) == {"assigned"}
    assert first.device == second.device == theirs.device
    assert first.at > second.at
    assert [news.record for news in inbox.inbox([me], limit=1)] == [watched]
    assert inbox.inbox([me], since=inbox.newest()) == []
    assert inbox.inbox([]) == []

    inbox.done([second])
    assert [news.record for news in inbox.inbox([me])] == [watched]
    now = mine.clock.now_ms()
    inbox.snooze([first], now + 1_000)
    assert inbox.inbox([me]) == []
    mine.clock.ms += 2_000  # type: ignore[attr-defined]
    assert [news.record for news in inbox.inbox([me])] == [watched]
    inbox.snooze([first], mine.clock.now_ms() + 9_000)
    theirs.set(watched, "priority", None)
    theirs.set(assigned, "title", "For Ada, urgent")
    exchange(mine, theirs)
    assert [(news.record, news.fields, news.new) for news in inbox.inbox([me])] == [
        (assigned, {"title"}, False),
        (watched, {"priority"}, False),
    ]
    inbox.forget(inbox.inbox([me]))
    assert [news.new for news in inbox.inbox([me])] == [True, False]
    mine.delete(assigned)
    assert [news.record for news in inbox.inbox([me])] == [watched]


def test_what_is_new_since_i_last_looked(pair: tuple[Project, Project]) -> None:
    mine, theirs = pair
    old, _ = mine.create(ISSUE, {"title": "Old"})
    exchange(mine, theirs)
    review = Watching(mine)
    assert review.mark("review") is None
    review.looked("review")
    since = review.mark("review")
    assert since == review.newest()
    assert review.changed(since=since) == []
    made, _ = theirs.create(ISSUE, {"title": "Made"})
    theirs.create(PERSON, {"name": "Bob"})
    theirs.create(COMMENT, {"parent": old}, text="Seen")
    mine.create(ISSUE, {"title": "My own"})
    exchange(mine, theirs)
    assert [(news.record, news.new, len(news.comments)) for news in review.changed(since=since)] == [
        (old, False, 1),
        (made, True, 0),
    ]
    assert Watching(mine, [theirs.device]).changed(since=since) == []
    review.looked("review", review.changed(since=since)[1].mark)
    assert [news.record for news in review.changed(since=review.mark("review") or 0)] == [old]
