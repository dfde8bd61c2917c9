"""Pictures of the item panel: ``python -m tests.desktop.item.pictures DIRECTORY``."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


def main(arguments: list[str]) -> int:
    """Render the panel in light and dark; the environment's QT_SCALE_FACTOR says at which scale."""
    from PySide6.QtCore import QLocale
    from PySide6.QtWidgets import QApplication

    from app.desktop.app import dress
    from app.desktop.tokens import ThemeName
    from tests.desktop.item import scene as scenes

    target = Path(arguments[0] if arguments else "pictures")
    target.mkdir(parents=True, exist_ok=True)
    application = QApplication([])
    QLocale.setDefault(QLocale(QLocale.Language.English, QLocale.Country.UnitedKingdom))
    look = dress(application, ThemeName.LIGHT)
    suffix = "-" + os.environ["QT_SCALE_FACTOR"] if "QT_SCALE_FACTOR" in os.environ else ""
    with tempfile.TemporaryDirectory() as directory:
        scene = scenes.build(Path(directory))
        scenes.furnish(scene)
        panel = scenes.make_panel(scene, look)
        panel.resize(452, 900)
        panel.show_record(scene.issue)
        panel.show()
        panel.files.lookers.wait()
        for theme in (ThemeName.LIGHT, ThemeName.DARK):
            look.theme.choose(theme)
            for _ in range(20):
                application.processEvents()
            panel.grab().save(str(target / f"panel-{theme}{suffix}.png"))
        look.theme.choose(ThemeName.LIGHT)
        panel.grid.more.click()
        panel._scroll.verticalScrollBar().setValue(10_000)
        for _ in range(20):
            application.processEvents()
        panel.grab().save(str(target / f"panel-end{suffix}.png"))
        panel.close()
        scene.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
