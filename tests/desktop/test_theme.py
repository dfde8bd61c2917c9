from __future__ import annotations

import ast
from pathlib import Path

import pytest
from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QGuiApplication, QImage, QPainter, QPalette
from PySide6.QtWidgets import QApplication, QStyle, QStyleOptionButton
from pytestqt.qtbot import QtBot

from app.desktop import glyphs
from app.desktop.theme import Theme
from app.desktop.tokens import DARK, LIGHT, SUN, Density, ThemeName, contrast
from app.desktop.widgets import Look

DESKTOP = Path(__file__).parents[2] / "app" / "desktop"


def test_the_systems_scheme_is_followed(look: Look, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    theme = Theme(ThemeName.SYSTEM)
    assert theme.tokens is LIGHT
    # The off-screen platform has no scheme to change: what the system says is put in its place.
    monkeypatch.setattr(theme, "_system_is_dark", lambda: True)
    with qtbot.waitSignal(theme.changed):
        QGuiApplication.styleHints().colorSchemeChanged.emit(Qt.ColorScheme.Dark)
    assert theme.tokens is DARK


def test_a_choice_of_the_users_holds_against_the_system(look: Look) -> None:
    theme = Theme(ThemeName.SUN, Density.TOUCH)
    assert theme.tokens is SUN
    assert theme.metrics.row == 44
    assert theme.font().pixelSize() == 16
    assert theme.font().weight() == 500


def test_the_applications_palette_and_font_follow(look: Look, qapp: QApplication) -> None:
    look.theme.choose(ThemeName.DARK)
    assert qapp.palette().color(QPalette.ColorRole.Window).name().upper() == DARK.background
    assert qapp.palette().color(QPalette.ColorRole.Text).name().upper() == DARK.text
    look.theme.choose(ThemeName.LIGHT)
    assert qapp.palette().color(QPalette.ColorRole.Window).name().upper() == LIGHT.background


def test_every_icon_that_is_named_exists(look: Look) -> None:
    names = set()
    for file in DESKTOP.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            first = node.args[:1] if called in ("EmptyWords", "IconCell") else []
            if called in ("icon", "pixmap"):
                first = node.args[:1]
            if called in ("SideEntry", "IconButton"):
                first = node.args[1:2]
            first += [each.value for each in node.keywords if each.arg in ("icon", "action_icon")]
            names |= {
                each.value for each in first if isinstance(each, ast.Constant) and isinstance(each.value, str)
            }
    assert len(names - {""}) > 15
    for name in names - {""}:
        assert not look.icons.pixmap(name, "text").isNull(), name


def test_icons_take_the_colors_of_the_theme(look: Look) -> None:
    def inked() -> set[str]:
        image = look.icons.pixmap("plus", "text", size=32).toImage()
        return {
            image.pixelColor(x, y).name()
            for x in range(image.width())
            for y in range(image.height())
            if image.pixelColor(x, y).alpha() == 255
        }

    light = inked()
    look.theme.choose(ThemeName.DARK)
    assert light
    assert not light & inked()


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Priya Kaur", "PK"),
        ("Madonna", "MA"),
        ("anna de la Cruz", "AC"),
        ("", "?"),
        ("(none)", "?"),
        ("李 明", "李明"),
    ],
)
def test_initials(name: str, shown: str) -> None:
    assert glyphs.initials(name) == shown


def test_every_status_looks_different(look: Look) -> None:
    pictures = []
    for meaning in ("open", "progress", "review", "done", "void"):
        image = QImage(32, 32, QImage.Format.Format_ARGB32)
        image.fill(look.theme.color("surface"))
        painter = QPainter(image)
        glyphs.paint_status(painter, QRectF(0, 0, 32, 32), meaning, look.theme)
        painter.end()
        pictures.append(image)
    assert all(a != b for at, a in enumerate(pictures) for b in pictures[:at])


def test_states_of_sync_differ_in_shape_and_not_only_in_color(look: Look) -> None:
    shapes = []
    for state in ("pending", "synced", "attention"):
        image = QImage(16, 16, QImage.Format.Format_ARGB32)
        image.fill(Qt.GlobalColor.transparent)
        painter = QPainter(image)
        glyphs.paint_sync_dot(painter, QRectF(0, 0, 16, 16), state, look.theme)
        painter.end()
        shapes.append([image.pixelColor(x, y).alpha() > 100 for x in range(16) for y in range(16)])
    assert shapes[0] != shapes[1] != shapes[2] != shapes[0]


@pytest.mark.parametrize("theme", [ThemeName.LIGHT, ThemeName.DARK, ThemeName.SUN])
@pytest.mark.parametrize(
    "box", [QStyle.PrimitiveElement.PE_IndicatorRadioButton, QStyle.PrimitiveElement.PE_IndicatorCheckBox]
)
@pytest.mark.parametrize("state", [QStyle.StateFlag.State_Off, QStyle.StateFlag.State_On])
def test_what_can_be_chosen_is_seen_in_every_theme(
    look: Look,
    qapp: QApplication,
    theme: ThemeName,
    box: QStyle.PrimitiveElement,
    state: QStyle.StateFlag,
) -> None:
    look.theme.choose(theme)
    image = QImage(16, 16, QImage.Format.Format_RGB32)
    image.fill(look.theme.color("surface"))
    option = QStyleOptionButton()
    option.rect = QRect(0, 0, 16, 16)
    option.state = state | QStyle.StateFlag.State_Enabled
    painter = QPainter(image)
    qapp.style().drawPrimitive(box, option, painter)
    painter.end()
    ring = image.pixelColor(1, 8).name()
    inside = image.pixelColor(4, 5).name()
    surface = look.theme.tokens.surface
    assert contrast(ring, surface) >= 3
    assert (inside != surface.lower()) == (state is QStyle.StateFlag.State_On)


def test_a_label_is_as_wide_as_it_says(look: Look) -> None:
    width = glyphs.chip_width("before handover", look.theme)
    image = QImage(width, 20, QImage.Format.Format_ARGB32)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    glyphs.paint_chip(painter, QRect(0, 0, width, 20), "before handover", "teal", look.theme)
    painter.end()
    assert any(image.pixelColor(width - 1, y).alpha() for y in range(20))
