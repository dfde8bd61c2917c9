"""The phases of a pass over a folder, as they are told with progress."""

from __future__ import annotations

from typing import Final

LOOK: Final = "look"
READ: Final = "read"
TAKE: Final = "take in"
WRITE: Final = "write"
FILES: Final = "files"
