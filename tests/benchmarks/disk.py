"""Where benchmarks write: on a disk."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from tests.benchmarks.measure import file_system


def disk() -> Path:
    """A directory for files that is on a disk, if there is one: what is in memory has nothing to wait for."""
    for folder in (Path(tempfile.gettempdir()), Path("/var/tmp"), Path.home()):
        if folder.is_dir() and os.access(folder, os.W_OK) and file_system(folder) not in ("tmpfs", "ramfs"):
            return folder
    return Path(tempfile.gettempdir())
