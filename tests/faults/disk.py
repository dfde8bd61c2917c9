"""A disk that fails at the n-th call of one kind, under SQLite: a file system of our own over the real one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import apsw

_PLAIN: Final = "multipleciphers-unix"
KINDS: Final = ("full", "write", "read", "sync")


class Faults:
    """Fails the n-th call of one kind, and, where it is to last, all after it."""

    def __init__(self) -> None:
        self.heal()

    def heal(self) -> None:
        self.kind, self.left, self.lasting = "", 0, False
        self.struck = False

    def plan(self, kind: str, after: int, *, lasting: bool) -> None:
        self.heal()
        self.kind, self.left, self.lasting = kind, after, lasting

    def meet(self, kind: str) -> None:
        if kind != self.kind:
            return
        self.left -= 1
        if self.left == -1 or (self.left < 0 and self.lasting):
            self.struck = True
            raise apsw.FullError() if kind == "full" else apsw.IOError()


class _Vfs(apsw.VFS):
    def __init__(self, name: str, faults: Faults) -> None:
        self.faults = faults
        super().__init__(name, _PLAIN)

    def xOpen(self, name: str | apsw.URIFilename | None, flags: list[int]) -> apsw.VFSFile:
        return _File(self.faults, name, flags)


class _File(apsw.VFSFile):
    def __init__(self, faults: Faults, name: str | apsw.URIFilename | None, flags: list[int]) -> None:
        super().__init__(_PLAIN, name, flags)
        self._faults = faults

    def xRead(self, amount: int, offset: int) -> bytes:
        self._faults.meet("read")
        return super().xRead(amount, offset)

    def xWrite(self, data: bytes, offset: int) -> None:
        self._faults.meet("write")
        self._faults.meet("full")
        super().xWrite(data, offset)

    def xSync(self, flags: int) -> None:
        self._faults.meet("sync")
        super().xSync(flags)


@contextmanager
def faulty_disk(name: str) -> Iterator[Faults]:
    """A file system of that name, until the block ends."""

    def exclusive(connection: apsw.Connection) -> None:
        # A VFS written in Python has no shared memory.
        if connection.open_vfs == name:
            connection.pragma("locking_mode", "exclusive")

    faults = Faults()
    vfs = _Vfs(name, faults)
    apsw.connection_hooks.append(exclusive)
    try:
        yield faults
    finally:
        apsw.connection_hooks.remove(exclusive)
        vfs.unregister()
