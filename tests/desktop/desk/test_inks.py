"""What cells say, and that every type of field is drawn in every theme."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QAccessible

from app.desktop.tokens import Density, ThemeName
from app.desktop.widgets import Look
from app.domain.schema import CUSTOM_TYPES, ISSUE, LABEL, PERSON, STATUS, custom_field_name
from tests.desktop import stage
from tests.desktop.desk.desk_stage import Hand


def test_an_issue_is_told_whole(hand: Hand) -> None:
    project, workspace = hand.project, hand.page.workspace
    record = hand.shown()[5]
    review = next(each for each, name in project.column(STATUS, "name").items() if name == "in review")
    for field, value in (
        ("title", " Crack in slab "),
        ("labels", project.records(LABEL)[:3]),
        ("assignees", project.records(PERSON)[:1]),
        ("due", "2026-03-06"),
        ("status", review),
        ("cost", ["4200", "GBP"]),
    ):
        workspace.written(project.set(record, field, value))
    hand.stand(record)
    words = hand.table.accessibleDescription()
    for part in (
        "Issue", "Crack in slab", "in review", "overdue 2 days", "£ 4,200", "Only on this device", "Level 2",
    ):  # fmt: skip
        assert part in words
    heard = QAccessible.queryAccessibleInterface(hand.table)
    assert heard.text(QAccessible.Text.Description) == words
    hand.table.stand_in("cost")
    assert hand.table.accessibleDescription().startswith("Cost: £ 4,200")


def test_what_is_done_is_never_overdue(hand: Hand) -> None:
    project = hand.project
    record = hand.shown()[0]
    done = next(each for each, name in project.column(STATUS, "name").items() if name == "done")
    hand.page.workspace.written(project.set(record, "due", "2026-03-01"))
    hand.page.workspace.written(project.set(record, "status", done))
    column = hand.table.plan.named("due")
    row = hand.table.scene.frame.row(record)
    assert column is not None
    assert row is not None
    assert column.ink.hint(row) == "due Sun 1 Mar"


def test_a_conflict_stands_at_its_cell_and_at_the_row(hand: Hand) -> None:
    hand.columns("status", "title", "priority")
    record = hand.shown()[1]
    stage.disagree(hand.project, [record])
    hand.page.workspace.apply_touched(hand.project.set(record, "phase", "1"))
    assert hand.page.workspace.conflicted_fields[record] == {"priority"}
    assert "Two people changed this" in hand.table.hands.hint_at(hand.cell(record, "priority"))
    assert "Two people changed this" in hand.table.spoken(record)
    rect = hand.table.cell_rect(record, "priority")
    image = hand.table.viewport().grab().toImage()
    edge = image.pixelColor(rect.left() + 1, rect.center().y())
    assert edge == hand.table.scene.brush.color("warning")


def test_the_projects_own_fields_come_when_they_are_used(hand: Hand) -> None:
    workspace = hand.page.workspace
    paths = {}
    for name, kind in (("Trade", "text"), ("Inspected", "date"), ("Spot", "coordinates")):
        definition, touched = hand.project.create("field", {"name": name, "type": kind, "of": ISSUE})
        workspace.written(touched)
        paths[name] = custom_field_name(definition)
    assert paths["Trade"] not in [each.path for each in hand.table.plan.every()]
    record = hand.shown()[0]
    for name, value in (("Trade", "Concrete"), ("Inspected", "2026-03-06"), ("Spot", [1, 2])):
        workspace.written(hand.project.set(record, paths[name], value))
    workspace.finish_steps()
    shown = [each.path for each in hand.table.plan.every()]
    assert paths["Trade"] in shown
    assert paths["Inspected"] in shown
    assert paths["Spot"] not in shown
    assert "Trade: Concrete" in hand.table.spoken(record)


@pytest.mark.parametrize("density", list(Density))
@pytest.mark.parametrize("theme", [ThemeName.LIGHT, ThemeName.DARK, ThemeName.SUN])
def test_every_type_is_drawn_in_every_theme(
    hand: Hand, look: Look, theme: ThemeName, density: Density
) -> None:
    paths = []
    for kind in CUSTOM_TYPES:
        definition, touched = hand.project.create(
            "field", {"name": str(kind), "type": str(kind), "of": ISSUE}
        )
        hand.page.workspace.written(touched)
        paths.append(custom_field_name(definition))
    record = hand.shown()[0]
    values = {"checkbox": True, "number": 1.5, "moment": 1_770_000_000_000, "text": "x" * 2000 + "\n漢字"}
    for kind, path in zip(CUSTOM_TYPES, paths, strict=True):
        if str(kind) in values:
            hand.page.workspace.written(hand.project.set(record, path, values[str(kind)]))
    look.theme.choose(theme, density)
    hand.columns("title", *paths, "assignees.company", "references.count", "created", "by", frozen=1)
    hand.table.horizontalScrollBar().setValue(400)
    hand.ask("group:status")
    assert not hand.table.grab().isNull()
    assert hand.table.row_height == {"normal": 32, "dense": 26, "touch": 44}[density]
