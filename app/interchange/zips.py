"""Reading ZIP files that come from outside: whatever is wrong with one is told in a sentence."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, Final

from sync.errors import Damaged

_UNREADABLE: Final = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    struct.error,
)
"""What ``zipfile`` raises for files that are no ZIP, or a damaged one."""


@contextmanager
def opened_zip(file: BinaryIO, damaged: Damaged) -> Iterator[zipfile.ZipFile]:
    """Open a ZIP. Raises ``damaged`` where it is none."""
    with reading_zip(damaged):
        archive = zipfile.ZipFile(file)
    with archive:
        yield archive


@contextmanager
def reading_zip(damaged: Damaged) -> Iterator[None]:
    """Raise ``damaged`` for whatever ``zipfile`` says of what is read meanwhile."""
    try:
        yield
    except _UNREADABLE as error:
        raise damaged from error
