"""Replicas that have the same changes show the same, in whatever order they came, and nothing is lost."""

from __future__ import annotations

import random
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.store.project import Project
from app.store.touched import Touched
from sync.errors import Refused
from tests.app.store.replicas import exchange, give, made_by, picture, replica


def _random_edit(project: Project, chance: random.Random) -> None:
    issues = project.records("issue")
    if not issues or chance.random() < 0.15:
        project.create(
            "issue", {"title": f"Issue {chance.randrange(99)}"}, text=chance.choice(["", "ab", "🌍é"])
        )
        return
    issue = chance.choice(issues)
    match chance.randrange(11):
        case 0 | 1:
            project.set(issue, chance.choice(["title", "priority"]), chance.choice(["a", "b", None]))
        case 2:
            project.add(issue, "labels", bytes([chance.randrange(3)]) * 16)
        case 3:
            project.remove(issue, "labels", bytes([chance.randrange(3)]) * 16)
        case 4 | 5:
            length = len(project.plain_text(issue))
            project.insert_text(issue, "text", chance.randint(0, length), chance.choice(["x", "🙂", "word "]))
        case 6:
            length = len(project.plain_text(issue))
            if length:
                project.delete_text(issue, "text", chance.randrange(length), 1)
        case 7:
            project.create("comment", {"parent": issue}, text="said")
        case 8:
            project.delete(issue)
        case 9:
            gone = project.records("issue", deleted=True)
            if gone:
                project.restore(chance.choice(gone))
        case _:
            project.undo()


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 1 << 32))
def test_any_order_ends_in_the_same_picture(seed: int) -> None:
    chance = random.Random(seed)
    with TemporaryDirectory() as folder:
        projects = [replica(Path(folder), number) for number in (1, 2, 3)]
        for _ in range(25):
            _random_edit(chance.choice(projects), chance)
            if chance.random() < 0.2:
                left, right = chance.sample(projects, 2)
                give(made_by(left), right)
        exchange(*projects, order=chance)
        pictures = [picture(project) for project in projects]
        assert pictures[0] == pictures[1] == pictures[2]
        for project in projects:
            project.close()


@settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 1 << 32))
def test_setting_aside_is_as_if_the_change_had_never_counted(seed: int) -> None:
    """A change that is taken back after it was applied leaves what it would have left, had it never counted."""
    chance = random.Random(seed)
    with TemporaryDirectory() as folder:
        author, late, early = (replica(Path(folder), number) for number in (1, 2, 3))
        for _ in range(15):
            _random_edit(author, chance)
        changes = made_by(author)
        aside = {change.id for change in chance.sample(changes, min(3, len(changes)))}
        chance.shuffle(changes)
        give(changes, late)
        with late.writing():
            for change in changes:
                if change.id in aside:
                    late.applier.set_aside(change, Touched(), eid=1)
        with early.writing():
            for change in changes:
                if change.id in aside:
                    early.applier.set_aside(change, Touched(), eid=1)
                else:
                    early.applier.apply(change, Touched(), eid=1)
        assert picture(late) == picture(early)
        # And it counts again when the membership says so.
        give([change for change in changes if change.id in aside], late)
        exchange_target = picture(author)
        assert picture(late) == exchange_target
        for project in (author, late, early):
            project.close()


def test_two_values_written_apart_are_both_kept_and_settled_once(tmp_path: Path) -> None:
    left, right = replica(tmp_path, 1), replica(tmp_path, 2)
    issue, _ = left.create("issue", {"title": "Crack"})
    exchange(left, right)
    left.set(issue, "title", "Crack in slab")
    right.set(issue, "title", "Crack in wall")
    exchange(left, right)
    for project in (left, right):
        [conflict] = project.conflicts()
        assert {write.value for write in conflict.live} == {"Crack in slab", "Crack in wall"}
        assert conflict.live[0].value == project.get(issue, "issue").value("title")  # type: ignore[union-attr]
    left.settle(issue, "title", take=1)
    exchange(left, right)
    assert left.conflicts() == right.conflicts() == []
    assert picture(left) == picture(right)


def test_a_write_replaces_what_stood_when_the_person_began(tmp_path: Path) -> None:
    left, right = replica(tmp_path, 1), replica(tmp_path, 2)
    issue, _ = left.create("issue", {"title": "Crack"})
    exchange(left, right)
    began = left.field(issue, "title").seen
    right.set(issue, "title", "From the other")
    exchange(left, right)
    left.set(issue, "title", "Typed meanwhile", seen=began)
    assert left.get(issue).conflicts == ("title",)  # type: ignore[union-attr]


def test_a_deletion_holds_only_where_it_saw_everything(tmp_path: Path) -> None:
    left, right = replica(tmp_path, 1), replica(tmp_path, 2)
    issue, _ = left.create("issue", {"title": "Crack"}, text="Long")
    exchange(left, right)
    left.delete(issue)
    assert left.records("issue") == []
    right.create("comment", {"parent": issue}, text="Still wet")
    exchange(left, right)
    for project in (left, right):
        assert project.records("issue") == [issue]
        assert project.get(issue).conflicts == ("deleted",)  # type: ignore[union-attr]
    right.settle(issue, "deleted", True)
    exchange(left, right)
    assert left.records("issue") == right.records("issue") == []
    with pytest.raises(Refused):
        left.set(issue, "title", "Later")
    left.restore(issue)
    exchange(left, right)
    assert right.records("issue") == [issue]
    assert picture(left) == picture(right)


def test_an_addition_beside_a_removal_wins(tmp_path: Path) -> None:
    left, right = replica(tmp_path, 1), replica(tmp_path, 2)
    label = b"l" * 16
    issue, _ = left.create("issue", {"title": "Crack", "labels": [label]})
    exchange(left, right)
    left.remove(issue, "labels", label)
    right.remove(issue, "labels", label)
    right.add(issue, "labels", label)
    exchange(left, right)
    assert left.get(issue).values("labels") == (label,)  # type: ignore[union-attr]
    assert picture(left) == picture(right)


def test_undo_takes_back_ones_own_and_never_anothers(tmp_path: Path) -> None:
    left, right = replica(tmp_path, 1), replica(tmp_path, 2)
    issue, _ = left.create("issue", {"title": "Crack"})
    left.set(issue, "title", "Mine")
    exchange(left, right)
    right.set(issue, "title", "Theirs, after mine")
    exchange(left, right)
    left.undo()
    assert left.get(issue).value("title") == "Theirs, after mine"  # type: ignore[union-attr]
    right.undo()
    exchange(left, right)
    assert left.get(issue).value("title") == "Mine"  # type: ignore[union-attr]


def test_a_clock_a_year_ahead_loses_nothing(tmp_path: Path) -> None:
    left, right = replica(tmp_path, 1), replica(tmp_path, 2)
    issue, _ = left.create("issue", {"title": "Crack"})
    exchange(left, right)
    right.clock.ms += 365 * 86_400_000  # type: ignore[attr-defined]
    right.set(issue, "title", "From the future")
    exchange(left, right)
    left.set(issue, "title", "Settled now")
    exchange(left, right)
    assert right.get(issue).value("title") == "Settled now"  # type: ignore[union-attr]
    assert right.conflicts() == []


def test_the_same_change_by_two_roads_counts_once(tmp_path: Path) -> None:
    left, right = replica(tmp_path, 1), replica(tmp_path, 2)
    issue, _ = left.create("issue", {"title": "Crack"}, text="once")
    give(made_by(left) + made_by(left), right)
    give(made_by(left), right)
    assert right.plain_text(issue) == "once"
    assert picture(left) == picture(right)


def test_a_disputed_deletion_names_who_changed_what_it_had_not_seen(tmp_path: Path) -> None:
    left, right = replica(tmp_path, 1), replica(tmp_path, 2)
    issue, _ = left.create("issue", {"title": "Crack"})
    exchange(left, right)
    right.set(issue, "priority", "high")
    left.clock.ms += 1_000  # type: ignore[attr-defined]
    left.delete(issue)
    exchange(left, right)
    for project in (left, right):
        [conflict] = project.conflicts()
        kept, deletion = conflict.live
        assert (kept.value, kept.author) == (False, right.device)
        assert (deletion.value, deletion.author) == (True, left.device)
