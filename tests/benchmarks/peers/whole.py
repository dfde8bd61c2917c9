"""The large sample on a new device: joined by a bundle, by the log row by row, and replicated by PouchDB.

Searchable means that a question to the columns, and a search for a word in all texts, give what they give where the
project was made. Ours is the whole road of a person: a code of an invite, a real server process, everything checked.
"""

from __future__ import annotations

import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from app.domain.schema import ISSUE, PERSON
from app.keys.entry import Identity
from app.keys.profile import Profile
from app.query.parser import parse
from app.store.bundle_publish import Published
from app.workspace.big_sample import Shape
from app.workspace.bundling import publish_now
from app.workspace.join_watch import JoinProgress, JoinWatch
from app.workspace.workspace import Workspace
from sync.membership_actions import Role
from tests.benchmarks import desk_data
from tests.benchmarks.desk import Desk
from tests.benchmarks.measure import file_system, table
from tests.benchmarks.peers import npm
from tests.benchmarks.peers.changes import PACKAGES
from tests.benchmarks.peers.export import export
from tests.server.process import ServerProcess

PUBLISH_GOAL: Final = 5.0
SEARCHABLE_GOAL: Final = 2.5
TIMES_GOAL: Final = 5.0
_QUESTION: Final = "status=open priority:high sort:due"
_WORD: Final = "crack"
_Answers = tuple[list[bytes], frozenset[bytes]]


class _Watch:
    """When the last byte of a download came."""

    def __init__(self) -> None:
        self.size = 0
        self.last = 0.0
        self.watch = JoinWatch(self._note)

    def _note(self, progress: JoinProgress) -> None:
        self.size = progress.total
        self.last = time.perf_counter()


@dataclass(frozen=True, slots=True)
class Joined:
    """A join from its beginning: seconds until joined, until a filter answered, until a word search did; of the
    processor; and from the last byte to both answers."""

    joined: float
    filtered: float
    searchable: float
    processor: float
    after_last: float | None


@dataclass(frozen=True, slots=True)
class Ours:
    """What was measured of Sitebook. ``exported`` are the bytes of the same records as JSON."""

    publishing: float
    publishing_busy: float
    published: Published
    by_log: Joined
    by_bundle: Joined
    exported: int


def run(shape: Shape, folder: Path) -> str:
    """Measure both, as a table."""
    with tempfile.TemporaryDirectory(dir=folder) as place:
        scratch = Path(place)
        npm.install(scratch, *PACKAGES)
        ours = measure(shape, folder, scratch)
        records = scratch / "all.jsonl"
        records.write_bytes(b"".join((scratch / f"{kind}.jsonl").read_bytes() for kind in (ISSUE, PERSON)))
        with npm.serving("pouch.cjs", scratch) as port:
            theirs = npm.answer("pouch.cjs", "fresh", str(scratch), f"http://127.0.0.1:{port}", str(records))
        assert theirs["count"] == records.read_bytes().count(b"\n"), theirs
        where = file_system(scratch)
    return shown(shape, ours, where, float(theirs["pull"]), str(theirs["node"]))


def measure(shape: Shape, folder: Path, scratch: Path) -> Ours:
    """Measure Sitebook, and leave the records as JSON lines in ``scratch``."""
    with (
        desk_data.own_profile(folder, shape) as profile,
        desk_data.open_workspace(profile) as author,
        ServerProcess(scratch / "data") as server,
    ):
        entry = author.find(None)
        author.set_server(entry.project, server.url)
        codes = [author.invite(entry.project, Role.EDITOR).text() for _ in range(2)]
        author.sync(entry.project)
        desk = Desk(author.open(entry.project))
        wanted = _filtered(desk), _searched(desk)
        by_log = _join(scratch / "by-log", codes[0], wanted)
        author.sync(entry.project)
        begun, busy = time.perf_counter(), time.process_time()
        published = publish_now(author, entry.project)
        publishing, busy = time.perf_counter() - begun, time.process_time() - busy
        by_bundle = _join(scratch / "by-bundle", codes[1], wanted)
        exported = export(author.open(entry.project), scratch)
    assert by_bundle.after_last is not None, "the bundle was not used"
    return Ours(publishing, busy, published, by_log, by_bundle, exported)


def _join(place: Path, code: str, wanted: _Answers) -> Joined:
    """Join on a new profile, until the questions are answered as they are where the project was made."""
    workspace, _ = Workspace.create(Profile(place), Identity("B. Reader", ""), "benchmark pass")
    watched = _Watch()
    with workspace:
        begun, processor = time.perf_counter(), time.process_time()
        entry = workspace.join(code, watched.watch)
        joined = time.perf_counter()
        desk = Desk(workspace.open(entry.project))
        issues = _filtered(desk)
        filtered = time.perf_counter()
        found = issues, _searched(desk)
        searchable, processor = time.perf_counter(), time.process_time() - processor
        assert found == wanted, "the new device answers otherwise than the one where all was made"
    after = searchable - watched.last if watched.size else None
    return Joined(joined - begun, filtered - begun, searchable - begun, processor, after)


def _filtered(desk: Desk) -> list[bytes]:
    """What a question to the columns gives."""
    asked = desk.frames.run(ISSUE, parse(_QUESTION, strict=True), desk.context)
    assert not asked.errors, asked.errors
    return [desk.frames.frame(ISSUE).record(int(row)) for row in asked.rows]


def _searched(desk: Desk) -> frozenset[bytes]:
    """All issues that have a word, in their title or anywhere in their text."""
    query = parse(_WORD, strict=True)
    for _ in desk.frames.text_steps(ISSUE, query):
        pass
    hits = desk.frames.run(ISSUE, query, desk.context)
    assert not hits.errors, hits.errors
    return frozenset(desk.frames.frame(ISSUE).record(int(row)) for row in hits.rows)


def shown(shape: Shape, ours: Ours, where: str, theirs: float, node: str) -> str:
    """The table."""
    bundle, log = ours.by_bundle, ours.by_log
    assert bundle.after_last is not None
    rows = [
        (
            "Sitebook: published",
            *_pair(ours.publishing, ours.publishing_busy),
            "",
            _met(ours.publishing, PUBLISH_GOAL),
        ),
        (
            "last byte to searchable",
            f"{bundle.after_last:.2f}",
            "",
            "",
            _met(bundle.after_last, SEARCHABLE_GOAL),
        ),
        ("joined by the bundle", f"{bundle.joined:.2f}", "", "", ""),
        ("joined by the bundle, a filter answered", f"{bundle.filtered:.2f}", "", "", ""),
        ("joined by the bundle, searchable", *_pair(bundle.searchable, bundle.processor), "1.0", ""),
        (
            "joined by the log, searchable",
            *_pair(log.searchable, log.processor),
            f"{log.searchable / bundle.searchable:.1f}",
            "",
        ),
        (
            "PouchDB, replicated",
            f"{theirs:.2f}",
            "",
            f"{theirs / bundle.searchable:.1f}",
            f"{TIMES_GOAL:.0f} times: {'met' if theirs / bundle.searchable >= TIMES_GOAL else 'missed'}",
        ),
    ]
    title = (
        f"{shape.issues:,} issues ({ours.exported / 1e6:.0f} MB as JSON) on a new device over loopback, "
        f"{ours.published.size / 1e6:.1f} MB to download ({where}; node {node})"
    )
    note = (
        "Sitebook's join signs, checks, decrypts, writes an encrypted file, answers a filter and a word search "
        "right, and brings history and texts that can be written in; PouchDB has only current values, and no search."
    )
    return f"{table(title, ('phase', 'seconds', 'of this process', 'as many times', 'goal'), rows)}\n{note}"


def _pair(seconds: float, processor: float) -> tuple[str, str]:
    return f"{seconds:.2f}", f"{processor:.2f}"


def _met(seconds: float, goal: float) -> str:
    return f"{goal:.1f}: {'met' if seconds <= goal else 'missed'}"
