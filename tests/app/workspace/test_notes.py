"""The tree of notes: order, moves, and trees that devices made together without knowing of each other."""

from __future__ import annotations

import random
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.schema import NOTE
from app.query.frames import Frames
from app.store.operations import Edit
from app.store.project import Project
from app.workspace.notes import NOTES, PINNED, TEMPLATES, NoteTree, Spot
from sync.errors import Refused
from tests.app.store.replicas import exchange, replica


class World:
    """Notes in memory, by their fields."""

    def __init__(self) -> None:
        self.notes: dict[bytes, dict[str, object]] = {}

    def column(self, kind: str, field: str) -> Mapping[bytes, object]:
        return {record: fields[field] for record, fields in self.notes.items() if field in fields}

    def add(self, name: str, parent: str = "", order: str = "", **more: object) -> bytes:
        record = name.encode().ljust(16, b"\0")
        given: dict[str, object] = dict(more)
        if parent:
            given["parent"] = parent.encode().ljust(16, b"\0")
        if order:
            given["order"] = order
        self.notes[record] = given
        return record

    def tree(self) -> NoteTree:
        tree = NoteTree(self)
        tree.fill(self.notes)
        return tree

    def write(self, edits: Mapping[bytes, list[Edit]]) -> None:
        for record, each in edits.items():
            for edit in each:
                self.notes[record][edit.field] = edit.value


def drawn(tree: NoteTree, group: str = NOTES) -> str:
    """The tree in one line: each level of depth is a dot."""
    lines = tree.lines(tree.children(group))
    return " ".join("." * depth + record.rstrip(b"\0").decode() for record, depth in lines)


@pytest.fixture
def world() -> World:
    world = World()
    world.add("a", order="C")
    world.add("b", order="V")
    world.add("c", order="l")
    world.add("b1", "b", "C")
    world.add("b2", "b", "V")
    world.add("b21", "b2", "V")
    return world


def test_notes_stand_below_each_other_in_their_order(world: World) -> None:
    assert drawn(world.tree()) == "a b .b1 .b2 ..b21 c"


def test_notes_that_nobody_put_anywhere_stand_first_the_newest_first() -> None:
    world = World()
    world.add("1")
    world.add("2")
    assert drawn(world.tree()) == "2 1"


def test_pinned_ones_and_templates_stand_in_groups_of_their_own_with_what_is_below_them(world: World) -> None:
    world.add("p", "b", "x", pinned=True)
    world.add("p1", "p")
    world.add("t", "", "y", template=True)
    tree = world.tree()
    assert drawn(tree) == "a b .b1 .b2 ..b21 c"
    assert drawn(tree, PINNED) == "p .p1"
    assert drawn(tree, TEMPLATES) == "t"
    assert len(tree) == 8
    assert tree.size == 9
    assert tree.named_parent(next(iter(tree.children(PINNED)))) == b"b".ljust(16, b"\0")


def test_what_is_closed_hides_what_is_below_it(world: World) -> None:
    tree = world.tree()
    b = b"b".ljust(16, b"\0")
    assert [each for each, _ in tree.lines(tree.children(NOTES), {b})] == tree.children(NOTES)


def test_a_note_whose_parent_is_gone_stands_at_the_top_until_it_comes_back(world: World) -> None:
    tree = world.tree()
    b = b"b".ljust(16, b"\0")
    kept = world.notes.pop(b)
    assert tree.follow({b}, set())
    assert drawn(tree) == "a b1 b2 .b21 c"
    world.notes[b] = kept
    assert tree.follow({b}, {b})
    assert drawn(tree) == "a b .b1 .b2 ..b21 c"
    assert not tree.follow({b}, {b})


@pytest.mark.parametrize(
    ("moved", "spot", "after"),
    [
        ("c", Spot(before=b"a"), "c a b .b1 .b2 ..b21"),
        ("a", Spot(parent=b"b", before=b"b2"), "b .b1 .a .b2 ..b21 c"),
        ("b2", Spot(), "a b .b1 c b2 .b21"),
        ("b1", Spot(parent=b"c"), "a b .b2 ..b21 c .b1"),
        ("a", Spot(before=b"a"), "a b .b1 .b2 ..b21 c"),
    ],
)
def test_a_moved_note_takes_along_what_is_below_it(world: World, moved: str, spot: Spot, after: str) -> None:
    def whole(record: bytes | None) -> bytes | None:
        return None if record is None else record.ljust(16, b"\0")

    tree = world.tree()
    edits = tree.move(
        [moved.encode().ljust(16, b"\0")], Spot(spot.group, whole(spot.parent), whole(spot.before))
    )
    world.write(edits)
    assert drawn(world.tree()) == after
    tree.follow(set(edits), set(edits))
    assert drawn(tree) == after


def test_of_several_only_the_outermost_move_and_keep_their_order(world: World) -> None:
    tree = world.tree()
    chosen = [name.encode().ljust(16, b"\0") for name in ("a", "b2", "b21", "c")]
    world.write(tree.move(chosen, Spot(parent=b"b".ljust(16, b"\0"), before=b"b1".ljust(16, b"\0"))))
    assert drawn(world.tree()) == "b .a .b2 ..b21 .c .b1"


def test_a_note_cannot_go_below_itself(world: World) -> None:
    tree = world.tree()
    b, b21 = b"b".ljust(16, b"\0"), b"b21".ljust(16, b"\0")
    with pytest.raises(Refused, match="below itself"):
        tree.move([b], Spot(parent=b21))
    assert not tree.may_stand([b], b)


def test_going_to_another_group_pins_unpins_and_makes_templates(world: World) -> None:
    tree = world.tree()
    b1 = b"b1".ljust(16, b"\0")
    world.write(tree.move([b1], Spot(PINNED)))
    assert drawn(world.tree(), PINNED) == "b1"
    assert world.notes[b1]["parent"] == b"b".ljust(16, b"\0")
    world.write(world.tree().move([b1], Spot(TEMPLATES)))
    assert drawn(world.tree(), TEMPLATES) == "b1"
    world.write(world.tree().move([b1], Spot(parent=b"a".ljust(16, b"\0"))))
    assert drawn(world.tree()) == "a .b1 b .b2 ..b21 c"


def test_indent_outdent_and_steps(world: World) -> None:
    def now(name: str, spot: Spot | None) -> str:
        assert spot is not None
        world.write(world.tree().move([name.encode().ljust(16, b"\0")], spot))
        return drawn(world.tree())

    def key(name: str) -> bytes:
        return name.encode().ljust(16, b"\0")

    assert world.tree().indented(key("a")) is None
    assert world.tree().outdented(key("a")) is None
    assert now("c", world.tree().indented(key("c"))) == "a b .b1 .b2 ..b21 .c"
    assert now("b2", world.tree().outdented(key("b2"))) == "a b .b1 .c b2 .b21"
    assert now("c", world.tree().stepped(key("c"), -1)) == "a b .c .b1 b2 .b21"
    assert now("c", world.tree().stepped(key("c"), 1)) == "a b .b1 .c b2 .b21"
    assert world.tree().stepped(key("c"), 1) is None


def test_two_notes_of_one_order_make_room_for_a_third() -> None:
    world = World()
    world.add("a", order="V")
    world.add("b", order="V")
    c = world.add("c", order="z")
    world.write(world.tree().move([c], Spot(before=b"b".ljust(16, b"\0"))))
    assert drawn(world.tree()) == "a c b"


def _moved(project: Project, record: bytes, parent: bytes) -> None:
    tree = NoteTree(Frames(project, lambda: None))  # type: ignore[arg-type, return-value]
    tree.fill(project.records(NOTE))
    bulk = project.bulk()
    for each, edits in tree.move([record], Spot(parent=parent)).items():
        bulk.update(each, edits)
    bulk.commit()


def test_a_circle_that_two_devices_close_together_hides_nothing(tmp_path: Path) -> None:
    one, two = replica(tmp_path, 1), replica(tmp_path, 2)
    first, _ = one.create(NOTE, {"title": "First"})
    second, _ = one.create(NOTE, {"title": "Second"})
    inner, _ = one.create(NOTE, {"title": "Inner", "parent": second})
    exchange(one, two)
    _moved(one, first, second)
    _moved(two, second, first)
    exchange(one, two, order=random.Random(5))
    trees = []
    for project in (one, two):
        tree = NoteTree(Frames(project, lambda: None))  # type: ignore[arg-type, return-value]
        tree.fill(project.records(NOTE))
        trees.append(list(tree.lines(tree.children(NOTES))))
    assert trees[0] == trees[1] == [(first, 0), (second, 1), (inner, 2)]


_NAMES = "abcdefgh"
_WILD = st.dictionaries(
    st.sampled_from(_NAMES),
    st.tuples(
        st.sampled_from((*_NAMES, "", "gone")),
        st.sampled_from(("", "A", "V", "V1")),
        st.booleans(),
        st.booleans(),
    ),
)


@settings(max_examples=60, deadline=None)
@given(_WILD, st.lists(_WILD, max_size=3))
def test_every_note_stands_in_the_tree_once_whatever_was_written(
    first: dict[str, tuple[str, str, bool, bool]], later: list[dict[str, tuple[str, str, bool, bool]]]
) -> None:
    world = World()
    for name, (parent, order, pinned, template) in first.items():
        world.add(name, parent, order, pinned=pinned, template=template)
    tree = world.tree()
    for change in later:
        gone = set(world.notes) if not change else set()
        for name, (parent, order, pinned, template) in change.items():
            record = name.encode().ljust(16, b"\0")
            if order == "A" and record in world.notes:
                del world.notes[record]
                gone.add(record)
            else:
                gone.add(world.add(name, parent, order, pinned=pinned, template=template))
        tree.follow(gone, set(world.notes))
        fresh = world.tree()
        for group in (PINNED, NOTES, TEMPLATES):
            assert drawn(tree, group) == drawn(fresh, group)
    shown = [each for group in (PINNED, NOTES, TEMPLATES) for each, _ in tree.lines(tree.children(group))]
    assert sorted(shown) == sorted(world.notes)
