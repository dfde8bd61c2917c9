"""A server of chunks and notices in memory, for tests of transfers."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sync.chunks import chunk_name


class FileServer:
    """Keeps chunks; ``fault`` is called before and after each round trip, and may raise."""

    def __init__(self) -> None:
        self.chunks: dict[bytes, bytes] = {}
        self.calls: list[str] = []
        self.told: list[tuple[int, bytes, str]] = []
        self.fault: Callable[[str, bool], None] = lambda what, done: None
        self.now = 1

    def _call(self, what: str) -> None:
        self.calls.append(what)
        self.fault(what, False)

    def have_chunks(self, project: bytes, names: Sequence[bytes]) -> list[bool]:
        assert 0 < len(names) <= 1_000
        self._call("have")
        self.fault("have", True)
        return [name in self.chunks for name in names]

    def put_chunk(self, project: bytes, data: bytes, *, purpose: str) -> None:
        assert purpose == "file"
        self._call("put")
        self.chunks[chunk_name(data)] = data
        self.fault("put", True)

    def get_chunk(self, project: bytes, name: bytes) -> bytes | None:
        self._call("get")
        self.fault("get", True)
        return self.chunks.get(name)

    def put_notice(self, project: bytes, wire: bytes) -> None:
        self._call("notice")
        self.now += 1
        self.told.append((self.now, wire, ""))

    def notices(self, project: bytes, kind: str, after_ms: int = 0) -> list[tuple[int, bytes]]:
        self._call("notices")
        return [(at, wire) for at, wire, _ in self.told if at > after_ms]
