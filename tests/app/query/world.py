"""A made-up project that changes: what ``Frames`` reads, and the touched sets of its changes."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date

from app.domain.directory import Context, ProjectDirectory
from app.domain.schema import KINDS
from app.query.frames import Frames
from app.store.touched import Touched

TODAY = date(2026, 11, 22)
BEGUN = 1_795_000_000_000


def record_id(kind: str, number: int) -> bytes:
    """A made-up record id; greater numbers are newer."""
    return number.to_bytes(4, "big") + kind.encode().ljust(12, b"\0")[:12]


@dataclass(frozen=True)
class WorldStamp:
    at: int
    device: bytes


@dataclass(frozen=True)
class WorldField:
    many: bool
    value: object
    values: tuple[object, ...]


@dataclass
class WorldRecord:
    created: WorldStamp
    updated: WorldStamp
    deleted: bool = False
    stored: dict[str, object] = field(default_factory=dict)

    @property
    def fields(self) -> Mapping[str, WorldField]:
        return {
            name: WorldField(isinstance(value, tuple), None if isinstance(value, tuple) else value, value)
            if isinstance(value, tuple)
            else WorldField(False, value, ())
            for name, value in self.stored.items()
        }


@dataclass
class World:
    """Records by kind. Fulfils ``ProjectReader`` and ``Source``."""

    every: dict[str, dict[bytes, WorldRecord]] = field(default_factory=dict)
    plain: dict[bytes, str] = field(default_factory=dict)
    flags: dict[str, set[bytes]] = field(default_factory=dict)
    now: int = BEGUN
    device: bytes = b"d" * 32

    def add(self, kind: str, number: int, /, **values: object) -> bytes:
        """Make a record."""
        record = record_id(kind, number)
        self.put(kind, record, values)
        return record

    def put(self, kind: str, record: bytes, values: Mapping[str, object]) -> Touched:
        """Make or change a record."""
        self.now += 1000
        stamp = WorldStamp(self.now, self.device)
        touched = Touched()
        of_kind = self.every.setdefault(kind, {})
        if record not in of_kind:
            of_kind[record] = WorldRecord(stamp, stamp)
            touched.created.add(record)
        view = of_kind[record]
        view.updated = stamp
        for name, value in values.items():
            touched.note(kind, record, name)
            if value is None or value == ():
                view.stored.pop(name, None)
            else:
                view.stored[name] = value
        touched.records.setdefault(record, set())
        touched.kinds[record] = kind
        return touched

    def bury(self, kind: str, record: bytes, deleted: bool = True) -> Touched:
        """Delete a record, or take it back."""
        self.every[kind][record].deleted = deleted
        touched = self.put(kind, record, {})
        touched.note(kind, record, "deleted")
        touched.visibility.add(record)
        return touched

    def _there(self, kind: str) -> dict[bytes, WorldRecord]:
        return {record: view for record, view in self.every.get(kind, {}).items() if not view.deleted}

    def records(self, kind: str) -> list[bytes]:
        return sorted(self._there(kind), reverse=True)

    def column(self, kind: str, field: str) -> dict[bytes, object]:
        if field in ("created", "updated"):
            return {record: getattr(view, field).at for record, view in self._there(kind).items()}
        return {
            record: view.stored[field] for record, view in self._there(kind).items() if field in view.stored
        }

    def get(self, record: bytes, kind: str) -> WorldRecord | None:
        return self.every.get(kind, {}).get(record)

    def field(self, record: bytes, name: str, kind: str) -> WorldField:
        return self.every[kind][record].fields.get(name, WorldField(False, None, ()))

    def created(self, kind: str) -> dict[bytes, WorldStamp]:
        return {record: view.created for record, view in self._there(kind).items()}

    def updated(self, kind: str) -> dict[bytes, WorldStamp]:
        return {record: view.updated for record, view in self._there(kind).items()}

    def texts(self, kind: str) -> dict[bytes, str]:
        return {record: text for record, text in self.plain.items() if record in self._there(kind)}

    def flagged(self, kind: str, flag: str) -> Collection[bytes]:
        return self.flags.get(flag, set())

    def plain_text(self, record: bytes) -> str:
        return self.plain.get(record, "")

    def context(self, me: bytes | None = None) -> Context:
        """What values are read in: pounds, Greenwich."""
        return Context(ProjectDirectory(self, me), TODAY, UTC, "GBP")

    def frames(self) -> Frames:
        """Fresh columns."""
        return Frames(self, self.context)


def site() -> World:
    """Statuses, people, labels, locations, elements and a few issues."""
    world = World()
    meanings = ["open", "progress", "review", "done", "void"]
    states = [
        world.add("status", number, name=name, meaning=meaning, order=f"a{number}")
        for number, (name, meaning) in enumerate(
            zip(["open", "in progress", "in review", "done", "void"], meanings, strict=True)
        )
    ]
    ann = world.add("person", 1, name="Ann Lee", company="Lee Paint", phone="1", member=b"m" * 16)
    zoe = world.add("person", 2, name="Zoë Østergård", company="Hilti", phone="2")
    bo = world.add("person", 3, name="Bo Chen")
    world.add("device", 0, name="Laptop")
    world.put("device", world.device[:16], {"member": b"m" * 16})
    fire = world.add("label", 1, name="fire")
    wet = world.add("label", 2, name="Wet, cold")
    tower = world.add("location", 1, name="Tower", type="building")
    level = world.add("location", 2, name="Level 2", parent=tower, type="level")
    core = world.add("location", 3, name="Core B", parent=level)
    door = world.add("element", 1, name="Door 2", location=core, parameters={"Fire rating": 60})
    other = world.add("element", 2, name="Door 10")
    issues: list[dict[str, object]] = [
        {"title": "Room 10", "status": states[0], "assignees": (ann, zoe), "cost": ["600", "GBP"], "due": "2026-11-20"},
        {"title": "Room 2", "status": states[1], "assignees": (zoe,), "cost": ["700.50", "GBP"], "location": core},
        {"title": "crack in slab", "status": states[3], "labels": (fire, wet), "cost": ["5", "USD"], "location": level},
        {"title": "Crack in slab", "priority": "high", "starred": True, "at": (door, other), "due": "2026-12-01"},
        {"title": "Odd", "due": "someday", "cost": 500, "assignees": "nobody", "status": 7},
    ]  # fmt: skip
    made = [world.add("issue", number, number=number, **values) for number, values in enumerate(issues, 1)]
    world.put("issue", made[3], {"references": (made[0], made[1], door, record_id("issue", 999))})
    world.put("issue", made[0], {"references": (made[1],)})
    assert bo
    assert KINDS
    return world
