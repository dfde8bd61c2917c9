"""``sitebook`` as a process with a window off-screen, which prints each item that an address opened in it."""

from __future__ import annotations

import os
import sys

os.environ["QT_QPA_PLATFORM"] = "offscreen"

from app.cli.main import main
from app.desktop.opening import AddressOpener
from app.desktop.window import Window

_raise = AddressOpener._raise
_go_to = Window.go_to


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def raised(self: AddressOpener) -> None:
    _raise(self)
    say("raised")


def went(self: Window, goal: object) -> None:
    _go_to(self, goal)  # type: ignore[arg-type]
    page = self.project_page
    assert page is not None
    assert page.open_record is not None
    say(f"{page.workspace.info.name}: {page.open_record.hex()}")


AddressOpener._raise = raised  # type: ignore[method-assign]
Window.go_to = went  # type: ignore[method-assign]
sys.exit(main(sys.argv[1:]))
