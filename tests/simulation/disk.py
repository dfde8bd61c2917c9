"""Files that remember what a power cut would leave of them.

A VFS of our own lies over the one that encrypts. For every file it keeps the bytes that were there at the
last ``xSync``, and the ranges written since. A killed process leaves the files as they are; a power cut
leaves the bytes of the last sync and any part of what was written after it. Nothing is synced to the real
disk.

A VFS written in Python has no shared memory, so WAL needs ``locking_mode=exclusive`` (its index then lies in
the heap): one connection to a file at a time, which is all that a simulated device needs.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import apsw

PLAIN: Final = "multipleciphers-unix"
FILE_NAME: Final = "project.db"
_NAME: Final = "simulation"
_SECTOR = 512


class _State:
    """What a power cut would leave of one file, and where it differs from what was written."""

    __slots__ = ("dirty", "durable")

    def __init__(self, durable: bytes) -> None:
        self.durable = bytearray(durable)
        self.dirty: list[tuple[int, int]] = []


class Disk:
    """All simulated files of this process, by path."""

    def __init__(self) -> None:
        self._states: dict[str, _State] = {}
        self._vfs = _Vfs(self)
        self.vfs = PLAIN
        """Name of the VFS to open files with: the one that remembers costs time, and not every run needs it."""
        apsw.connection_hooks.append(_exclusive)

    def remember(self) -> None:
        """Be ready for power cuts, from the first file on."""
        self.vfs = _NAME

    def close(self) -> None:
        """Take the VFS out of the process."""
        apsw.connection_hooks.remove(_exclusive)
        self._vfs.unregister()

    def opened(self, path: str) -> _State:
        """The state of a file that SQLite opens: what is there already is taken as durable."""
        state = self._states.get(path)
        if state is None:
            there = Path(path)
            state = self._states[path] = _State(there.read_bytes() if there.exists() else b"")
        return state

    def deleted(self, path: str) -> None:
        """SQLite removed a file (its journal, on a clean close)."""
        self._states.pop(path, None)

    def after_kill(self, folder: Path) -> dict[str, bytes]:
        """The files as a killed process leaves them, by name. Chunks of bundles, in folders, are left out."""
        return {each.name: each.read_bytes() for each in sorted(folder.iterdir()) if each.is_file()}

    def after_power_cut(self, folder: Path, chance: random.Random) -> dict[str, bytes]:
        """The files as a power cut leaves them: synced bytes, and any sectors of those written since."""
        left: dict[str, bytes] = {}
        for each in (each for each in sorted(folder.iterdir()) if each.is_file()):
            state = self._states.get(str(each))
            left[each.name] = each.read_bytes() if state is None else _cut(state, each.read_bytes(), chance)
        return left

    def put(self, folder: Path, files: dict[str, bytes]) -> None:
        """Make a folder hold just these files, all of them durable. No connection may be open to it."""
        for each in (each for each in sorted(folder.iterdir()) if each.is_file()):
            each.unlink()
            self._states.pop(str(each), None)
        for name, data in files.items():
            (folder / name).write_bytes(data)


def _cut(state: _State, now: bytes, chance: random.Random) -> bytes:
    """Let each sector written since the last sync arrive or not."""
    found = bytearray(state.durable)
    for start, length in state.dirty:
        for sector in range(start, start + length, _SECTOR):
            if chance.random() < 0.5:
                piece = now[sector : min(sector + _SECTOR, start + length)]
                if len(found) < sector:
                    found.extend(bytes(sector - len(found)))
                found[sector : sector + len(piece)] = piece
    return bytes(found)


def _exclusive(connection: apsw.Connection) -> None:
    if connection.filename.endswith(FILE_NAME):
        connection.pragma("locking_mode", "exclusive")


class _Vfs(apsw.VFS):
    def __init__(self, disk: Disk) -> None:
        self._disk = disk
        super().__init__(_NAME, PLAIN)

    def xOpen(self, name: str | apsw.URIFilename | None, flags: list[int]) -> apsw.VFSFile:
        return _File(self._disk, name, flags)

    def xDelete(self, filename: str, syncdir: bool) -> None:
        super().xDelete(filename, False)
        self._disk.deleted(filename)


class _File(apsw.VFSFile):
    def __init__(self, disk: Disk, name: str | apsw.URIFilename | None, flags: list[int]) -> None:
        super().__init__(PLAIN, name, flags)
        path = name.filename() if isinstance(name, apsw.URIFilename) else name
        self._state = disk.opened(path) if path else _State(b"")
        self._descriptor = os.open(path, os.O_RDONLY) if path else -1

    def xWrite(self, data: bytes, offset: int) -> None:
        super().xWrite(data, offset)
        self._state.dirty.append((offset, len(data)))

    def xTruncate(self, newsize: int) -> None:
        super().xTruncate(newsize)
        # A truncation is taken as durable at once: SQLite only truncates what it no longer needs.
        del self._state.durable[newsize:]

    def xSync(self, flags: int) -> None:
        state = self._state
        for start, length in _joined(state.dirty):
            if len(state.durable) < start:
                state.durable.extend(bytes(start - len(state.durable)))
            piece = os.pread(self._descriptor, length, start)
            state.durable[start : start + len(piece)] = piece
        state.dirty.clear()

    def xClose(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1
        super().xClose()


def _joined(ranges: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Join ranges that touch or overlap, in order."""
    joined: list[tuple[int, int]] = []
    for start, length in sorted(ranges):
        if joined and start <= joined[-1][0] + joined[-1][1]:
            last, reach = joined[-1]
            joined[-1] = (last, max(reach, start + length - last))
        else:
            joined.append((start, length))
    return joined
