"""Icons, at every ratio of pixels, and when Python's cyclic collection takes them."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QIcon, QImage, QPixmap

from app.desktop.icons import Icons, icon_size
from app.desktop.places import footer_entries, side_entries
from app.desktop.theme import Theme
from app.desktop.widgets import Look

_ROOT = Path(__file__).resolve().parents[2]

_COLLECTED = """
import gc

from PySide6.QtWidgets import QApplication

from app.desktop.icons import Icons
from app.desktop.theme import Theme

application = QApplication([])
gc.disable()


def make_garbage():
    icons = Icons(Theme())
    icons.icon("tray")
    gc.collect()
    for name in ("x", "minus", "gear", "user", "bell"):
        icons.icon(name)
        icons.pixmap(name)
    icons.itself = icons
    # The young come before the old now: what an icon holds is cleared before what holds the icon.
    gc.freeze()
    gc.unfreeze()


for _ in range(5):
    make_garbage()
    gc.collect()
print("lived")
"""


def test_icons_can_be_collected_in_any_order() -> None:
    # In a process of its own: the fault that this looks for ends the process.
    done = subprocess.run(
        [sys.executable, "-X", "faulthandler", "-c", _COLLECTED],
        cwd=_ROOT,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen", "MALLOC_PERTURB_": "165"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stdout == "lived\n", done.stderr


@pytest.mark.parametrize("ratio", [1.0, 1.25, 1.5, 2.0])
def test_a_pixmap_has_the_pixels_of_its_screen(look: Look, ratio: float) -> None:
    pixmap = look.icons.pixmap("tray", ratio=ratio, size=10)
    assert pixmap.devicePixelRatio() == ratio
    assert pixmap.width() == int(10 * ratio + 0.5)


@pytest.mark.parametrize("ratio", [1.0, 2.0])
def test_an_icon_is_sharp_and_as_its_pixmap(look: Look, ratio: float) -> None:
    icon = look.icons.icon("tray", "accent")
    drawn = _image(look.icons.pixmap("tray", "accent", ratio=ratio))
    modes = QIcon.Mode
    for mode in (modes.Normal, modes.Active, modes.Selected):
        assert _image(icon.pixmap(icon_size(look.theme), ratio, mode)) == drawn
    assert _image(icon.pixmap(icon_size(look.theme), ratio, modes.Disabled)) == _image(
        look.icons.pixmap("tray", "line", ratio=ratio)
    )


def test_an_icon_that_is_shown_outlives_its_maker(look: Look) -> None:
    # A theme of its own: windows of other tests may still follow that of all.
    theme = Theme()
    icons = Icons(theme)
    shown = QIcon(icons.icon("tray", "accent"))
    before = _image(shown.pixmap(QSize(16, 16)))
    theme.changed.emit()
    del icons
    assert _image(shown.pixmap(QSize(16, 16))) == before


def _image(pixmap: QPixmap) -> QImage:
    return pixmap.toImage()


# Where a text is the name of an icon: an argument of that name, the first or second of these calls, and what is
# assigned to something that is called so.
_FIRST_NAMES_ICON = {"icon", "pixmap", "IconCell", "EmptyWords", "set_icon"}
_SECOND_NAMES_ICON = {"SideEntry", "IconButton"}


def _names_of_icons(tree: ast.AST) -> set[str]:
    """Texts that stand in a place where an icon is named, those of both ways of a condition included."""
    found: set[str] = set()

    def take(node: ast.expr) -> None:
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value:
            found.add(node.value)
        elif isinstance(node, ast.IfExp):
            take(node.body)
            take(node.orelse)

    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            place = 0 if called in _FIRST_NAMES_ICON else 1 if called in _SECOND_NAMES_ICON else None
            if place is not None and len(node.args) > place:
                take(node.args[place])
            for keyword in node.keywords:
                if keyword.arg in ("icon", "action_icon"):
                    take(keyword.value)
        elif isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if any("icon" in ast.unparse(each).lower() for each in targets):
                for each in node.value.values if isinstance(node.value, ast.Dict) else [node.value]:
                    take(each)
    return found


def test_every_icon_that_the_window_names_is_there(look: Look) -> None:
    named: dict[str, str] = {}
    for file in sorted((_ROOT / "app" / "desktop").rglob("*.py")):
        for name in _names_of_icons(ast.parse(file.read_text(encoding="utf-8"))):
            named.setdefault(name, file.name)
    for entry in (*side_entries(), *footer_entries()):
        if entry.icon:
            named.setdefault(entry.icon, "places.py")
    assert len(named) > 60
    assert {name: file for name, file in named.items() if name not in look.icons.names} == {}


def test_an_unknown_icon_is_a_mistake_that_leaves_no_painter(look: Look) -> None:
    with pytest.raises(KeyError):
        look.icons.pixmap("no-such-icon")
    assert not look.icons.pixmap("tray").isNull()
