from __future__ import annotations

import pytest

from app.query.frames import Answer, Frames
from app.query.parser import parse
from sync.errors import SitebookError
from tests.app.query.world import World, record_id, site


def _ask(world: World, frames: Frames, text: str, sums: tuple[str, ...] = ()) -> Answer:
    answer = frames.run("issue", parse(text), world.context(record_id("person", 1)), sums)
    assert [each.message for each in answer.errors if not each.warning] == []
    return answer


def _numbers(world: World, frames: Frames, text: str) -> list[object]:
    frame = frames.frame("issue")
    return [frame.value("number", row) for row in _ask(world, frames, text).rows.tolist()]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", [5, 4, 3, 2, 1]),
        ("crack", [4, 3]),
        ("status:open", [1]),
        ("is:open", [5, 4, 2, 1]),
        ("is:starred or due<today", [4, 1]),
        ("-assignee:any", [4, 3]),
        ("assignee:@me", [1]),
        ("assignees.company:hilti", [2, 1]),
        ("assignee.phone=1", [1]),
        ("-assignee.company:hilti", [5, 4, 3]),
        ('location:"Level 2"', [3, 2]),
        ("location.building:tower", [3, 2]),
        ('location.level:"Level 2"', [3, 2]),
        ('references.status:"in progress"', [4, 1]),
        ("references.count>1", [4]),
        ("references.count:0", [5, 3, 2]),
        ("references.cost.sum>1000", [4]),
        ("references.cost.max>GBP700", [4, 1]),
        ("issues.count:2", [2]),
        ('"at.Fire rating":60', [4]),
        ("at.location.building:tower", [4]),
        ("by:@me", [5, 4, 3, 2, 1]),
        ("creator:zoe", []),
        ("sort:title", [4, 3, 5, 2, 1]),
        ("sort:-title", [1, 2, 5, 4, 3]),
        ("sort:due", [1, 4, 5, 3, 2]),
        ("sort:-due", [4, 1, 5, 3, 2]),
        ("sort:status,-number", [1, 2, 3, 5, 4]),
        ("sort:assignees.company,title", [2, 1, 4, 3, 5]),
    ],
)
def test_queries(text: str, expected: list[object]) -> None:
    world = site()
    assert _numbers(world, world.frames(), text) == expected


def test_groups_have_counts_and_sums() -> None:
    world = site()
    frames = world.frames()
    answer = _ask(world, frames, "group:assignees sort:number", ("cost", "number"))
    groups = [(each.text, each.count, each.sums["number"], each.sums["cost"]) for each in answer.groups]
    assert groups == [
        ("Ann Lee, Zoë Østergård", 1, 1, (["600", "GBP"],)),
        ("Zoë Østergård", 1, 2, (["700.5", "GBP"],)),
        ("nobody", 1, 5, None),
        ("", 2, 7, (["5", "USD"],)),
    ]
    assert answer.sums["cost"] == (["1300.5", "GBP"], ["5", "USD"])


def test_an_edit_moves_only_what_it_touched() -> None:
    world = site()
    frames = world.frames()
    frame = frames.frame("issue")
    list(
        frames.load_steps(
            "issue", ["title", "assignees", "assignees.phone", "references.cost.sum", "issues.count"]
        )
    )
    moved = frames.apply(world.put("person", record_id("person", 2), {"phone": "22"}))
    assert {key: rows.tolist() for key, rows in moved.cells.items()} == {
        ("person", "phone"): [1],
        ("issue", "assignees.phone"): [0, 1],
    }
    assert frame.value("assignees.phone", 0) == ("1", "22")
    moved = frames.apply(world.put("issue", record_id("issue", 2), {"cost": ["1", "GBP"]}))
    assert set(moved.cells) == {("issue", "cost"), ("issue", "references.cost.sum")}
    assert frame.text("references.cost.sum", 3) == "GBP 601.00"
    moved = frames.apply(world.bury("issue", record_id("issue", 4)))
    assert moved.gone == {"issue": {record_id("issue", 4)}}
    assert frames.ids("issue") == world.records("issue")
    assert frame.value("issues.count", 1) == 1
    frames.apply(world.bury("issue", record_id("issue", 4), deleted=False))
    assert frame.value("issues.count", 1) == 2


def test_a_renamed_person_is_shown_and_sorted_anew() -> None:
    world = site()
    frames = world.frames()
    assert _numbers(world, frames, "assignee:any sort:assignees") == [1, 2, 5]
    frame = frames.frame("issue")
    assert frame.text("assignees", 1) == "Zoë Østergård"
    moved = frames.apply(world.put("person", record_id("person", 2), {"name": "Aaron"}))
    assert moved.cells["issue", "assignees"].tolist() == [0, 1]
    assert frame.text("assignees", 1) == "Aaron"
    assert _numbers(world, frames, "assignee:any sort:assignees") == [2, 1, 5]


def test_an_unknown_path_says_what_there_is() -> None:
    frames = site().frames()
    with pytest.raises(SitebookError, match="assignees"):
        frames.spec("issue", "assignees.nothing")
    answer = frames.run("issue", parse("nothing:1 status:open"), site().context())
    assert len(answer.rows) == 1
    assert "nothing" in answer.errors[0].message


def test_what_may_be_chosen_can_be_loaded() -> None:
    world = site()
    frames = world.frames()
    for kind in ("issue", "person", "element", "note"):
        for spec in frames.available(kind):
            again = frames.spec(kind, spec.path)
            assert again == spec
            assert frames.spec(kind, spec.typed).path == spec.path
            list(frames.load_steps(kind, [spec.path]))
            for row in range(len(frames.frame(kind))):
                frames.frame(kind).text(spec.path, row)
    chosen = {spec.path for spec in frames.available("issue")}
    assert {"assignees.company", "location.level", "references.status", "references.count"} <= chosen
    assert "issues.cost.sum" in {spec.path for spec in frames.available("element")}


def test_bad_values_neither_raise_nor_hide_others() -> None:
    world = site()
    frames = world.frames()
    huge = "crack " + "x" * 1_000_000
    frames.apply(
        world.put("issue", record_id("issue", 5), {"title": huge, "cost": {"a": [1]}, "labels": ("odd",)})
    )
    assert _numbers(world, frames, "title:crack") == [5, 4, 3]
    assert _numbers(world, frames, "title>b sort:title") == [4, 3, 5, 2, 1]
    assert _numbers(world, frames, "cost>600 sort:cost,due,labels") == [2]
    frames.apply(world.bury("person", record_id("person", 2)))
    assert _numbers(world, frames, "assignees.company:hilti") == []
    assert _numbers(world, frames, "assignees:any sort:assignees") == [1, 2, 5]
    answer = frames.run("issue", parse("title:crack (cost>much or nothing:1) due<wann"), world.context())
    assert len(answer.rows) == 3
    assert len(answer.errors) == 3


def test_many_changes_are_taken_in_in_steps() -> None:
    world = site()
    frames = world.frames()
    list(frames.load_steps("issue", ["title", "assignees.phone", "issues.count"]))
    touched = world.put("person", record_id("person", 2), {"phone": "77"})
    for number in range(10, 60):
        touched.merge(world.put("issue", record_id("issue", number), {"title": f"New {number}"}))
    moved = frames.apply(touched)
    assert moved.stale
    assert frames.frame("issue").text("assignees.phone", 1) == "2"
    for _ in (steps := frames.stale_steps()):
        pass
    assert steps is not None
    assert len(frames.frame("issue")) == 55
    assert frames.frame("issue").text("assignees.phone", 1) == "77"


def test_a_title_is_found_at_once_and_a_text_in_steps() -> None:
    world = site()
    world.plain[record_id("issue", 1)] = "a crack behind the boiler"
    frames = world.frames()
    assert _ask(world, frames, "crack").texts_pending == ("crack",)
    assert _numbers(world, frames, "crack") == [4, 3]
    list(frames.text_steps("issue", parse("crack")))
    assert _numbers(world, frames, "crack") == [4, 3, 1]
    world.plain[record_id("issue", 2)] = "Cracks"
    touched = world.put("issue", record_id("issue", 2), {})
    touched.note("issue", record_id("issue", 2), "text")
    frames.apply(touched)
    assert _numbers(world, frames, "crack") == [4, 3, 2, 1]
    assert not _ask(world, frames, "crack").texts_pending
