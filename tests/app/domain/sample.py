"""A small project in memory, in the shape in which the store gives columns."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, timedelta, timezone

from app.domain.directory import Context, ProjectDirectory

TODAY = date(2026, 11, 22)
"""A Sunday."""


def record(kind: str, number: int) -> bytes:
    """A made-up record id."""
    return kind.encode().ljust(8, b"\0")[:8] + number.to_bytes(8, "big")


@dataclass
class Memory:
    """Columns, texts and flags: fulfils ``app.query.steps.Source``."""

    columns: dict[tuple[str, str], dict[bytes, object]] = field(default_factory=dict)
    plain: dict[bytes, str] = field(default_factory=dict)
    flags: dict[str, set[bytes]] = field(default_factory=dict)
    ids: dict[str, list[bytes]] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)

    def add(self, kind: str, place: int, /, **values: object) -> bytes:
        id = record(kind, place)
        self.ids.setdefault(kind, []).append(id)
        for name, value in values.items():
            if value is not None:
                self.columns.setdefault((kind, name), {})[id] = value
        return id

    def column(self, kind: str, field: str) -> Mapping[bytes, object]:
        self.asked.append((kind, field))
        return self.columns.get((kind, field), {})

    def records(self, kind: str) -> Sequence[bytes]:
        return self.ids.get(kind, [])

    def texts(self, kind: str) -> Mapping[bytes, str]:
        self.asked.append((kind, "text"))
        return {id: text for id, text in self.plain.items() if id in self.records(kind)}

    def flagged(self, kind: str, flag: str) -> Collection[bytes]:
        return self.flags.get(flag, set())


def project() -> Memory:
    """Five statuses, three people, two labels, four locations, three elements."""
    memory = Memory()
    for number, (name, meaning) in enumerate(
        [
            ("open", "open"),
            ("in progress", "progress"),
            ("in review", "review"),
            ("done", "done"),
            ("void", "void"),
            ("Verified", "done"),
        ]
    ):
        memory.add("status", number, name=name, meaning=meaning, order=f"a{number}")
    memory.add("person", 0, name="Ann Lee", email="ann@example.com", company="Lee Paint")
    memory.add("person", 1, name="Zoë Østergård", email="zoe@example.com", company="Nord")
    memory.add("person", 2, name="Bo Chen", email="bo@example.com")
    memory.add("label", 0, name="fire")
    memory.add("label", 1, name="Wet, cold")
    top = memory.add("location", 0, name="Level 2")
    memory.add("location", 1, name="Core B", parent=top)
    other = memory.add("location", 2, name="Level 10")
    memory.add("location", 3, name="Core A", parent=other)
    memory.add("element", 0, name="Door 1", parameters={"Fire rating": 60, "Maker": "Söhne"})
    memory.add("element", 1, name="Door 2", parameters={"Fire rating": "30 min"})
    memory.add("element", 2, name="Door 10")
    return memory


def context(memory: Memory | None = None, *, me: bytes | None = None, hours: int = 0) -> Context:
    """What values are read in: project in pounds, ``hours`` east of Greenwich."""
    zone = timezone(timedelta(hours=hours)) if hours else UTC
    return Context(ProjectDirectory(memory or project(), me), TODAY, zone, "GBP")
