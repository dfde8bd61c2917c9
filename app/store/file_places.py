"""Where the files of attachments are, what is kept of them on this device, and the room they take.

Read from ``local_files``, which ``app.store.transfers`` keeps; nothing here looks at the disk, so that a list of
thousands can ask while it is painted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from app.domain.schema import ATTACHMENT
from app.store.core import Core
from app.store.touched import Touched

DAY_MS: Final = 24 * 3600 * 1000
_AT_ONCE: Final = 500


class KeepMode(StrEnum):
    """Which files a device has at hand when there is no network."""

    EVERYTHING = "everything"
    RECENT = "recent"
    ON_DEMAND = "on demand"


@dataclass(frozen=True, slots=True)
class Keep:
    """What is kept on this device. ``days`` and ``size`` (bytes; 0: no limit) count where ``mode`` is RECENT."""

    mode: KeepMode = KeepMode.EVERYTHING
    days: int = 30
    size: int = 0


@dataclass(frozen=True, slots=True)
class Place:
    """Where one file is. ``others`` are devices that told that they hold it; ``problem`` is a sentence."""

    held: bool
    served: bool
    others: int = 0
    wanted: bool = False
    problem: str = ""

    @property
    def devices(self) -> int:
        """How many devices hold it, this one included."""
        return self.others + self.held

    @property
    def only_here(self) -> bool:
        """Whether the file would be lost with this device."""
        return self.held and not self.served and not self.others

    def __str__(self) -> str:
        """The words for it."""
        if self.others:
            words = f"on {self.devices} devices" if self.devices > 1 else "on another device"
        elif self.served:
            words = "on the server"
        else:
            words = "only on this device" if self.held else "not on the server yet"
        return words if self.held else f"{words}, not here"


@dataclass(frozen=True, slots=True)
class Space:
    """Bytes of files: here, not here, and those that could go from here since the server has them too."""

    used: int
    elsewhere: int
    spare: int
    files: int
    files_elsewhere: int


@dataclass(frozen=True, slots=True)
class Queue:
    """What waits in both directions: files and bytes."""

    up: int = 0
    up_bytes: int = 0
    down: int = 0
    down_bytes: int = 0
    refused: int = 0


@dataclass(frozen=True, slots=True)
class RefusedFile:
    """A file that the server does not take, why, and since when (0: not known)."""

    record: bytes
    sentence: str
    at_ms: int


def places(core: Core, records: Sequence[bytes]) -> dict[bytes, Place]:
    """Where some attachments are; those that nothing is known of yet are left out."""
    found: dict[bytes, Place] = {}
    for at in range(0, len(records), _AT_ONCE):
        part = records[at : at + _AT_ONCE]
        marks = ", ".join("?" for _ in part)
        rows = core.db.all(
            "SELECT r.id, f.held, f.served, f.others, f.wanted, f.sentence FROM records r"  # noqa: S608
            f" JOIN local_files f USING (rid) WHERE r.kind = ? AND r.id IN ({marks})",
            (ATTACHMENT, *part),
        )
        for record, held, served, others, wanted, sentence in rows:
            found[bytes(record)] = Place(bool(held), served == 1, int(others), bool(wanted), str(sentence))
    return found


def queue(core: Core) -> Queue:
    """What waits in both directions, without what was deleted."""
    up = core.db.one(
        "SELECT count(*), coalesce(sum(f.size), 0), coalesce(sum(f.served = 2), 0) FROM local_files f"
        " JOIN records r USING (rid) WHERE f.held = 1 AND f.served <> 1 AND r.state NOT IN (1, 3)"
    )
    down = core.db.one(
        "SELECT count(*), coalesce(sum(f.size), 0) FROM local_files f JOIN records r USING (rid)"
        " WHERE f.held = 0 AND (f.keep OR f.wanted) AND r.state NOT IN (1, 3)"
    )
    assert up is not None
    assert down is not None
    return Queue(int(up[0]), int(up[1]), int(down[0]), int(down[1]), int(up[2]))


def refused_files(core: Core) -> list[RefusedFile]:
    """The files that the server does not take."""
    rows = core.db.all(
        "SELECT r.id, f.sentence, f.due_ms FROM local_files f JOIN records r USING (rid)"
        " WHERE f.held = 1 AND f.served <> 1 AND f.served = 2 AND r.state NOT IN (1, 3) ORDER BY f.rid"
    )
    return [RefusedFile(bytes(record), str(sentence), int(at)) for record, sentence, at in rows]


def retry_files(core: Core) -> int:
    """Offer the server once more what it refused (the user asks). Returns how many files."""
    with core.writing(Touched()):
        core.db.run(
            "UPDATE local_files SET served = 0, due_ms = 0, sentence = '' WHERE held = 1 AND served = 2"
        )
        return core.db.changes()


def space(core: Core) -> Space:
    """The room that the project's files take."""
    row = core.db.one(
        "SELECT coalesce(sum(size) FILTER (WHERE held), 0), coalesce(sum(size) FILTER (WHERE NOT held), 0),"
        " coalesce(sum(size) FILTER (WHERE held AND served = 1 AND NOT keep AND NOT wanted), 0),"
        " count(*) FILTER (WHERE held), count(*) FILTER (WHERE NOT held) FROM local_files"
    )
    assert row is not None
    return Space(*map(int, row))


def keep(core: Core) -> Keep:
    """What is kept on this device."""
    rows = dict(core.db.all("SELECT name, value FROM local_transfers WHERE name LIKE 'keep%'"))
    usual = Keep()
    return Keep(
        KeepMode(rows.get("keep", usual.mode)),
        int(rows.get("keep days", usual.days)),
        int(rows.get("keep size", usual.size)),
    )


def set_keep(core: Core, wanted: Keep) -> None:
    """Choose what is kept on this device; what is not goes in quiet moments, when the server has it."""
    with core.writing(Touched()):
        for name, value in (
            ("keep", str(wanted.mode)),
            ("keep days", max(0, wanted.days)),
            ("keep size", max(0, wanted.size)),
        ):
            core.db.run("INSERT OR REPLACE INTO local_transfers VALUES (?, ?)", (name, value))
        mark_kept(core)


def mark_kept(core: Core) -> None:
    """Mark which files are to be here by what was chosen; the caller has a transaction open."""
    chosen = keep(core)
    if chosen.mode is not KeepMode.RECENT:
        core.db.run(
            "UPDATE local_files SET keep = ?1 WHERE keep <> ?1", (int(chosen.mode == KeepMode.EVERYTHING),)
        )
        return
    since = core.clock.now_ms() - chosen.days * DAY_MS
    core.db.run(
        "WITH each AS (SELECT f.rid, max(f.made_ms, f.used_ms) AS fresh,"
        " sum(f.size) OVER (ORDER BY max(f.made_ms, f.used_ms) DESC, f.rid DESC) AS total"
        " FROM local_files f JOIN records r USING (rid) WHERE r.state NOT IN (1, 3)),"
        " wanted AS (SELECT rid FROM each WHERE fresh >= ?1 AND (?2 = 0 OR total <= ?2))"
        " UPDATE local_files SET keep = NOT keep WHERE keep <> (rid IN (SELECT rid FROM wanted))",
        (since, chosen.size),
    )


def want(core: Core, records: Sequence[bytes], *, wanted: bool = True) -> None:
    """A person looks at these, or does not want to wait for them any more."""
    now = core.clock.now_ms()
    with core.lightly(), core.writing(Touched()):
        for record in records:
            core.db.run(
                "UPDATE local_files SET used_ms = max(used_ms, ?1), wanted = ?2 AND NOT held, tries = 0, due_ms = 0,"
                " sentence = CASE WHEN held THEN sentence ELSE '' END"
                " WHERE rid IN (SELECT rid FROM records WHERE id = ?3 AND kind = ?4)",
                (now, int(wanted), record, ATTACHMENT),
            )


def free_now(core: Core) -> None:
    """Let go at once, not after some days, of what need not be here (the user asks)."""
    with core.writing(Touched()):
        mark_kept(core)
        core.db.run("UPDATE local_files SET used_ms = 0 WHERE held AND NOT keep")
