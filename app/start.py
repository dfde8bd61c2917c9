"""What ``make run`` starts: the window on the sample project, or the same tour off-screen without a display."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def has_display() -> bool:
    """Whether a window can be shown here."""
    if sys.platform in ("win32", "darwin"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def main() -> int:
    """Start the window, or the tour."""
    if has_display():
        from app.cli.window import show_sample

        return show_sample()
    from app.desktop.tour import run_tour

    return run_tour(Path("build") / "tour")


if __name__ == "__main__":
    sys.exit(main())
