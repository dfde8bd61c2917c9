"""An open issue has the fields and statuses of its category, and a name where it has no title."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.desktop.item.fields.choosing import ChoiceEditor
from app.desktop.item.fields.derived import DerivedEditor
from app.desktop.item.fields.paragraph import ParagraphEditor
from app.desktop.item.panel import ItemPanel
from app.domain.schema import CATEGORY, FIELD, ISSUE, STATUS, custom_field_name
from tests.desktop.item.scene import Scene


def category(scene: Scene, name: str, **more: object) -> bytes:
    record, _ = scene.here.create(CATEGORY, {"name": name, "of": ISSUE, **more})
    return record


def field(scene: Scene, name: str, type: str, **more: object) -> str:
    record, _ = scene.here.create(FIELD, {"name": name, "type": type, "of": ISSUE, **more})
    return custom_field_name(record)


def show(panel: ItemPanel, scene: Scene) -> None:
    panel.desk._fields.clear()
    panel.desk._context = None
    panel.desk._frames = None
    panel.show_record(scene.issue)


def test_only_the_fields_of_the_category_are_shown(panel: ItemPanel, scene: Scene) -> None:
    fire, paint = category(scene, "Fire"), category(scene, "Paint")
    rating = field(scene, "Rating", "text", categories=[fire])
    colour = field(scene, "Colour", "text", categories=[paint])
    scene.here.set(scene.issue, "category", "Fire")
    show(panel, scene)
    assert rating in panel.grid.rows
    assert colour not in panel.grid.rows
    editor = panel.grid.rows["category"].editor
    assert isinstance(editor, ChoiceEditor)
    editor.button.setFocus()
    QTest.keyClick(editor.button, Qt.Key.Key_Return)
    assert editor.picker is not None
    QTest.keyClicks(editor.picker.search, "paint")
    QTest.keyClick(editor.picker.search, Qt.Key.Key_Return)
    assert scene.here.field(scene.issue, "category").value == "Paint"
    assert colour in panel.grid.rows
    assert rating not in panel.grid.rows


def test_a_value_of_another_category_waits_behind_more(panel: ItemPanel, scene: Scene) -> None:
    fire = category(scene, "Fire")
    rating = field(scene, "Rating", "text", categories=[fire])
    scene.here.set(scene.issue, rating, "F90")
    show(panel, scene)
    assert panel.grid.rows[rating].isHidden()
    panel.grid.more.click()
    assert not panel.grid.rows[rating].isHidden()


def test_statuses_are_those_of_the_category(panel: ItemPanel, scene: Scene) -> None:
    fire = category(scene, "Fire")
    scene.here.create(STATUS, {"name": "certified", "meaning": "done", "order": "zz", "categories": [fire]})
    show(panel, scene)

    def offered() -> list[str]:
        editor = panel.grid.rows["status"].editor
        assert isinstance(editor, ChoiceEditor)
        editor.ask()
        assert editor.picker is not None
        found = [each.piece.text for each in editor.picker.model.options]
        editor.picker.close()
        return found

    assert "Certified" not in offered()
    scene.here.set(scene.issue, "category", "Fire")
    show(panel, scene)
    assert "Certified" in offered()


def test_formulas_show_their_value_or_why_there_is_none(panel: ItemPanel, scene: Scene) -> None:
    depth = scene.custom["Depth"]
    double = field(scene, "Double", "formula", formula=f"{{{depth}}} * 2")
    broken = field(scene, "Broken", "formula", formula=f"{{{depth}}} / 0")
    tag = field(scene, "Tag", "auto_number", prefix="DEF-{0000}")
    show(panel, scene)
    shown = {}
    for name in (double, broken, tag):
        editor = panel.grid.rows[name].editor
        assert isinstance(editor, DerivedEditor)
        assert editor.line.isReadOnly()
        shown[name] = editor.line.text()
    assert shown[double] == "25"
    assert shown[broken] == "No value: This divides by zero."
    assert "1847" in shown[tag]
    line = panel.grid.rows[depth].editor.line  # type: ignore[attr-defined]
    line.setFocus()
    line.selectAll()
    QTest.keyClicks(line, "10")
    QTest.keyClick(line, Qt.Key.Key_Return)
    assert panel.grid.rows[double].editor.line.text() == "20"  # type: ignore[attr-defined]


def test_a_long_text_keeps_its_lines(panel: ItemPanel, scene: Scene) -> None:
    remarks = field(scene, "Remarks", "long_text")
    show(panel, scene)
    panel.grid.more.click()
    editor = panel.grid.rows[remarks].editor
    assert isinstance(editor, ParagraphEditor)
    before = editor.text.height()
    editor.text.setFocus()
    QTest.keyClicks(editor.text, "first")
    QTest.keyClick(editor.text, Qt.Key.Key_Return)
    QTest.keyClicks(editor.text, "second")
    assert editor.text.height() > before
    QTest.keyClick(editor.text, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert scene.here.field(scene.issue, remarks).value == "first\nsecond"
    editor.text.setFocus()
    QTest.keyClicks(editor.text, "x")
    QTest.keyClick(editor.text, Qt.Key.Key_Escape)
    assert editor.text.toPlainText() == "first\nsecond"


def test_an_issue_without_a_title_shows_the_name_that_its_template_makes(
    panel: ItemPanel, scene: Scene
) -> None:
    category(scene, "Fire", template="{location} - {number}")
    scene.here.set(scene.issue, "category", "Fire")
    scene.here.set(scene.issue, "title", None)
    show(panel, scene)
    assert panel.title.line.toPlainText() == ""
    assert panel.title.line.placeholderText() == "Level 2/Core B - 1847"
