"""Notes that stand below each other, as two devices' moves or a move outside would have it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from app.interchange.folder.tree import Tree
from tests.app.interchange.folder.desk import Desk
from tests.app.interchange.folder.test_folder import idle


def bodies(desk: Desk) -> dict[str, str]:
    """The texts of the files, without front matter."""
    return {path: desk.file(path).split("---\n", 2)[2] for path in desk.files()}


def test_of_a_ring_the_note_with_the_least_id_stands_at_the_top() -> None:
    tree = Tree({b"c": b"a", b"a": b"b", b"b": b"c", b"x": b"c", b"s": b"s"})
    assert tree.cut == {b"a", b"s"}
    assert [tree.above(each) for each in (b"a", b"b", b"c", b"x", b"s")] == [None, b"c", b"a", b"c", None]
    assert [tree.depth(each) for each in (b"a", b"c", b"b", b"x")] == [0, 1, 2, 2]


@pytest.mark.parametrize("first", ["A", "B"])
@pytest.mark.parametrize("below", [False, True])
def test_a_ring_that_two_devices_closed_has_a_top(desk: Desk, first: str, below: bool) -> None:
    second = "B" if first == "A" else "A"
    top = desk.note(first, f"{first}\n")
    other = desk.note(second, f"{second}\n", parent=top if below else None)
    desk.note("C", "C\n", parent=top)
    desk.sync()
    desk.project.set(top, "parent", other)
    desk.project.set(other, "parent", top)
    assert desk.sync().problems == {}
    wanted = {f"{first}.md": f"{first}\n", f"{first}/{second}.md": f"{second}\n", f"{first}/C.md": "C\n"}
    assert bodies(desk) == wanted
    assert (desk.value(top, "parent"), desk.value(other, "parent")) == (other, top)
    assert idle(desk)
    desk.project.set(top, "parent", None)
    desk.sync()
    assert bodies(desk) == wanted
    assert idle(desk)


def test_a_ring_is_cut_where_the_window_cuts_it_though_that_note_lay_below(desk: Desk) -> None:
    least = desk.note("Least", "l\n")
    high = desk.note("High", "h\n")
    desk.project.set(least, "parent", high)
    desk.note("Leaf", "f\n", parent=least)
    desk.sync()
    assert desk.files() == {"High.md", "High/Least.md", "High/Least/Leaf.md"}
    desk.project.set(high, "parent", least)
    desk.sync()
    assert bodies(desk) == {"Least.md": "l\n", "Least/High.md": "h\n", "Least/Leaf.md": "f\n"}
    assert idle(desk)


def test_a_file_that_was_put_below_itself_goes_back(desk: Desk) -> None:
    top = desk.note("A", "one\n")
    below = desk.note("B", "two\n", parent=top)
    desk.sync()
    (desk.path / "A/B").mkdir()
    (desk.path / "A.md").rename(desk.path / "A/B/A.md")
    assert "below itself" in " ".join(desk.sync().problems.values())
    assert bodies(desk) == {"A.md": "one\n", "A/B.md": "two\n"}
    assert (desk.value(top, "parent"), desk.value(below, "parent")) == (None, top)
    assert desk.sync().problems == {}
    assert idle(desk)


def test_notes_change_places_inside_and_outside(desk: Desk) -> None:
    top = desk.note("A", "one\n")
    below = desk.note("B", "two\n", parent=top)
    desk.note("C", "three\n", parent=top)
    desk.sync()
    desk.project.set(below, "parent", None)
    desk.project.set(top, "parent", below)
    desk.sync()
    assert bodies(desk) == {"B.md": "two\n", "B/A.md": "one\n", "B/A/C.md": "three\n"}
    assert idle(desk)
    (desk.path / "B.md").rename(desk.path / "t")
    (desk.path / "B/A.md").rename(desk.path / "B.md")
    (desk.path / "t").rename(desk.path / "B/A.md")
    desk.sync()
    assert (desk.value(top, "parent"), desk.value(below, "parent")) == (None, top)
    assert desk.sync().problems == {}
    assert sorted(bodies(desk).values()) == ["one\n", "three\n", "two\n"]
    assert idle(desk)


def test_a_file_that_cannot_be_moved_holds_nobody_up(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    one, two = desk.note("One", "1\n"), desk.note("Two", "2\n")
    desk.sync()
    desk.project.set(one, "title", "Eins")
    desk.project.set(two, "title", "Zwei")
    rename = os.rename

    def refusing(old: str | Path, new: str | Path, **named: Any) -> None:
        if str(old).endswith("One.md"):
            raise OSError(22, "Invalid argument")
        rename(old, new, **named)

    monkeypatch.setattr(os, "rename", refusing)
    assert "was not moved" in desk.sync().problems["One.md"]
    assert bodies(desk) == {"One.md": "1\n", "Zwei.md": "2\n"}
    monkeypatch.undo()
    desk.project.set(two, "title", "Drei")
    assert desk.sync().problems == {}
    assert bodies(desk) == {"Eins.md": "1\n", "Drei.md": "2\n"}
    assert idle(desk)
