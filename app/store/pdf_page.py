"""The first page of a PDF as a picture, drawn in a process of its own.

PDFium is not safe to use from two threads, and a PDF that somebody sends may crash it, fill the memory or never end.
So a child draws, with bounds on time and memory where the system knows them; whatever becomes of it, this only says
None. ``python -m app.store.pdf_page SIZE`` reads a PDF from its input and writes a JPEG.
"""

from __future__ import annotations

import io
import subprocess
import sys
import threading
from contextlib import suppress
from typing import BinaryIO, Final

MOST_BYTES: Final = 64 << 20
"""Of larger files no picture is made: drawing would hold all of it in memory."""
SECONDS: Final = 10
_MEMORY: Final = 1 << 30
_MOST_OUT: Final = 8 << 20
_one = threading.Lock()
"""One child at a time: pictures are made beside the work of a person."""


def first_page(source: BinaryIO, size: int) -> bytes | None:
    """A JPEG whose longest side has ``size`` pixels; None where there is no page to show."""
    data = source.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES or not data.lstrip()[:5].startswith(b"%PDF"):
        return None
    command = [sys.executable, "-m", "app.store.pdf_page", str(size)]
    try:
        with _one:
            done = subprocess.run(command, input=data, capture_output=True, timeout=SECONDS, check=False)
    except (subprocess.TimeoutExpired, OSError):
        return None
    found = done.stdout
    return found if done.returncode == 0 and found[:2] == b"\xff\xd8" and len(found) <= _MOST_OUT else None


def _bound() -> None:
    """Let the system end this process where it takes too much."""
    try:
        import resource
    except ImportError:  # Windows has no such limits; the parent's clock holds there
        return
    for kind, most in ((resource.RLIMIT_AS, _MEMORY), (resource.RLIMIT_CPU, SECONDS)):
        with suppress(OSError, ValueError):
            resource.setrlimit(kind, (most, most))


def _draw(data: bytes, size: int) -> bytes:
    import pypdfium2  # type: ignore[import-untyped]

    page = pypdfium2.PdfDocument(data)[0]
    longest = max(page.get_width(), page.get_height(), 1.0)
    picture = page.render(scale=size / longest).to_pil().convert("RGB")
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=80)
    return out.getvalue()


if __name__ == "__main__":
    _bound()
    sys.stdout.buffer.write(_draw(sys.stdin.buffer.read(), max(16, min(int(sys.argv[1]), 1024))))
