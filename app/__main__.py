"""``python -m app`` is the command ``sitebook``."""

from __future__ import annotations

import sys


def _start() -> int:
    from app.cli.main import main

    return main()


if __name__ == "__main__":
    sys.exit(_start())
