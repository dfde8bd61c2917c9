"""Icons, at every ratio of pixels, and when Python's cyclic collection takes them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QIcon, QImage, QPixmap

from app.desktop.icons import icon_size
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
    shown = QIcon(look.icons.icon("tray", "accent"))
    before = _image(shown.pixmap(QSize(16, 16)))
    look.theme.changed.emit()
    assert _image(shown.pixmap(QSize(16, 16))) == before


def _image(pixmap: QPixmap) -> QImage:
    return pixmap.toImage()
