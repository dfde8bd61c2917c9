"""What benchmarks of sync have in common: photos, and waiting in Qt's loop as a window does."""

from __future__ import annotations

import io
import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from PIL import Image
from PySide6.QtCore import QEventLoop, QTimer

from app.store.attachments import attach, seal_bytes
from app.store.project import Project
from sync.clock import system_random

_EDGE: Final = 1_600
_LOOK_MS: Final = 20


class TooLong(Exception):
    """What was waited for did not come."""


def photo(size: int, seed: int = 1) -> bytes:
    """A photo of about that many bytes, with the noise of a real one, as JPEG."""
    chance = random.Random(seed)
    edge = _EDGE if size >= 500_000 else 320
    image = Image.effect_noise((edge, edge * 3 // 4), 40).convert("RGB")
    out = io.BytesIO()
    image.save(out, "JPEG", quality=80)
    made = out.getvalue()
    # Readers of JPEG stop at its end: what follows brings it to the size, and no two photos are the same.
    return made + chance.randbytes(max(16, size - len(made)))


def attach_photos(project: Project, directory: Path, parents: Sequence[bytes], count: int, size: int) -> None:
    """Attach photos to some records, as if they had been dropped on them."""
    base = photo(size)
    for number in range(count):
        name = f"photo-{number}.jpg"
        sealed = seal_bytes(name, base[:-16] + random.Random(number).randbytes(16), directory, system_random)
        attach(project, parents[number % len(parents)], sealed)


def wait_until(done: Callable[[], bool], seconds: float) -> None:
    """Run Qt's loop until something is so. Raises TooLong."""
    loop = QEventLoop()
    look, limit = QTimer(), QTimer()
    look.setInterval(_LOOK_MS)
    look.timeout.connect(lambda: loop.quit() if done() else None)
    limit.setSingleShot(True)
    limit.timeout.connect(lambda: loop.exit(1))
    look.start()
    limit.start(int(seconds * 1_000))
    if loop.exec():
        raise TooLong(f"it was not done within {seconds:.0f} s")
    look.stop()
    limit.stop()
