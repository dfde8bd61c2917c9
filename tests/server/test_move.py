"""A server's data on SQLite goes to PostgreSQL, whole and in its order, or not at all."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator
from pathlib import Path

import apsw
import psycopg
import pytest

from sync.cookie import Cookie
from sync.errors import Busy, Damaged, SitebookError
from sync.membership_actions import Role
from sync.server import move as module
from sync.server.move import Moved, move
from sync.server.objects import MemoryObjects, folder_objects
from sync.server.postgres import PostgresStorage
from sync.server.relay import Relay
from sync.server.sqlite import SqliteStorage
from sync.server.storage import Storage, StoredChunk
from sync.transport.base import Outcome
from tests.server.people import Site, begin
from tests.server.postgres import Postgres
from tests.server.support import FakeClock, Seeded
from tests.server.test_storages_agree import PROJECTS, Script


@pytest.fixture
def dsn(postgres: Postgres) -> Iterator[str]:
    with postgres.database() as made:
        yield made


class Source:
    """A server's data: one project of real people, and others with something in every table."""

    def __init__(self, folder: Path) -> None:
        self.clock = FakeClock()
        self.path = folder / "relay.db"
        self.objects = MemoryObjects(self.clock)
        self.script = Script(3)
        storage = SqliteStorage(self.path, self.clock, Seeded(1), durable=False)
        self.generation = storage.generation
        self.site = begin(Relay(storage, self.clock), self.clock)
        self.other = self.site.member(Role.EDITOR)
        self.site.push(self.other, *[self.other.write() for _ in range(20)])
        self.chunks = [self._chunk(storage, number) for number in range(10)]
        storage.close()
        self.page = self.pulled(SqliteStorage(self.path, self.clock, Seeded(1)))

    def _chunk(self, storage: Storage, number: int) -> StoredChunk:
        data = random.Random(number).randbytes(500 + number)
        name = hashlib.sha256(data).digest()
        chunk = StoredChunk(name, f"{self.site.project.hex()}/{name.hex()}.00", len(data), "file", number)
        self.objects.write(chunk.place, data)
        with storage.write(self.site.project) as change:
            change.put_chunk(self.site.project, chunk)
        return chunk

    def pulled(self, storage: Storage) -> object:
        """What the founder gets of it."""
        page = Relay(storage, self.clock).pull(self.site.project, None, by=self.site.founder.device)
        storage.close()
        return page

    def move(self, dsn: str, **options: object) -> Moved:
        """Move it."""
        return move(self.path, dsn, self.clock, Seeded(9), read_objects=self.objects, **options)  # type: ignore[arg-type]


@pytest.fixture
def source(tmp_path: Path) -> Source:
    return Source(tmp_path)


def opened(dsn: str) -> PostgresStorage:
    return PostgresStorage(dsn, FakeClock(), Seeded(8))


def rows(dsn: str) -> dict[str, int]:
    """How many each table has."""
    with psycopg.connect(dsn) as db:
        found: dict[str, int] = {}
        for table in ("projects", "envelopes", "devices", "grants", "chunks"):
            row = db.execute(f"SELECT count(*) FROM {table}".encode()).fetchone()
            assert row is not None
            found[table] = row[0]
        return found


def test_a_server_goes_on_in_the_database_and_no_device_notices(source: Source, dsn: str) -> None:
    before = source.path.read_bytes()
    told: list[tuple[str, int]] = []
    moved = source.move(dsn, progress=lambda part, done: told.append((part, done)))
    assert moved == Moved(projects=1, envelopes=23, chunks=10, missing=0)
    assert ("envelopes", 23) in told
    assert source.path.read_bytes() == before
    storage = opened(dsn)
    assert storage.generation == source.generation
    site: Site = source.site
    relay = Relay(storage, source.clock)
    page = relay.pull(site.project, None, by=site.founder.device)
    assert page == source.page
    ack = relay.push(site.project, [site.founder.write()], by=site.founder.device)[0]
    assert (ack.outcome, ack.version) == (Outcome.ACCEPTED, 24)
    again = relay.pull(site.project, page.cookie, by=source.other.device)
    assert (again.reset, len(again.wires)) == (False, 1)
    storage.close()


@pytest.mark.parametrize("seed", [3, 4])
def test_everything_that_can_be_asked_has_the_same_answer(seed: int, dsn: str, tmp_path: Path) -> None:
    sqlite = SqliteStorage(tmp_path / "relay.db", FakeClock(), Seeded(1), durable=False)
    objects = MemoryObjects(FakeClock())
    script = Script(seed)
    places = {project: Cookie.start(sqlite.generation) for project in PROJECTS}
    for _ in range(150):
        project = script.random.choice(PROJECTS)
        work = script.change(project)
        with sqlite.write(project) as change:
            before = change.project(project)
            work(change)
            after = change.project(project)
            assert after is not None
            if before is None or after.version > before.version:
                # The script makes running hashes up; here they must be right.
                for envelope in change.page(project, places[project].version, 100, 1 << 20):
                    places[project] = places[project].advance(envelope.hash)
                    running = (places[project].running, project, envelope.version)
                    change._db.execute(
                        "UPDATE envelopes SET running = ? WHERE project = ? AND version = ?", running
                    )
                change._db.execute(
                    "UPDATE projects SET running = ? WHERE project = ?", (places[project].running, project)
                )
    # Chunks whose bytes are nowhere stay behind.
    with sqlite.read() as view:
        lost = {project: set(view.chunks(project, script.names[project])) for project in PROJECTS}
    moved = move(tmp_path / "relay.db", dsn, FakeClock(), Seeded(2), read_objects=objects)
    assert moved.missing == sum(map(len, lost.values())) > 0
    for project in PROJECTS:
        with sqlite.write(project) as change:
            change.delete_chunks(project, lost[project], 1 << 60)
    storage = opened(dsn)
    with sqlite.read() as one, storage.read() as other:
        for project in PROJECTS:
            for mine, theirs in zip(
                script.answers(one, project), script.answers(other, project), strict=True
            ):
                assert mine == theirs
    for project in PROJECTS:
        with sqlite.write(project) as first, storage.write(project) as second:
            assert first.stamp(project, 0) == second.stamp(project, 0)
    storage.close()
    sqlite.close()


def test_chunks_go_to_another_store_and_an_attempt_that_was_cut_off_goes_on(
    source: Source, dsn: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = folder_objects(tmp_path / "objects", Seeded(5))
    written: list[str] = []
    write = target.write

    def cut(place: str, data: bytes) -> None:
        if len(written) == 6:
            raise SitebookError("The power went.")
        written.append(place)
        write(place, data)

    monkeypatch.setattr(target, "write", cut)
    monkeypatch.setattr(module, "_TOGETHER", 1)
    with pytest.raises(SitebookError, match="power"):
        source.move(dsn, write_objects=target)
    assert set(rows(dsn).values()) == {0}
    source.objects.delete([source.chunks[9].place])
    source.objects.write(source.chunks[8].place, bytes(508))

    def whole(place: str, data: bytes) -> None:
        written.append(place)
        write(place, data)

    monkeypatch.setattr(target, "write", whole)
    chosen = [chunk.place for chunk in source.chunks if chunk.place not in written]
    moved = source.move(dsn, write_objects=target)
    lacking = {source.chunks[8].place, source.chunks[9].place}
    assert moved.missing == len(lacking & set(chosen))
    assert sorted(written[6:]) == sorted(set(chosen) - lacking)
    assert rows(dsn)["chunks"] == 10 - moved.missing
    for place in written:
        assert target.get(place) == source.objects.get(place) or place in lacking


def test_a_database_with_data_is_refused_and_left_alone(source: Source, dsn: str) -> None:
    storage = opened(dsn)
    begin(Relay(storage, FakeClock()), FakeClock(), seed=5)
    before, generation = rows(dsn), storage.generation
    storage.close()
    with pytest.raises(SitebookError, match="has data of a Sitebook server already"):
        source.move(dsn)
    assert rows(dsn) == before
    again = opened(dsn)
    assert again.generation == generation
    again.close()


def test_a_database_that_a_server_uses_is_refused(source: Source, dsn: str) -> None:
    storage = opened(dsn)
    with storage.read(), pytest.raises(Busy, match="used by a server that runs"):
        source.move(dsn)
    storage.close()
    assert source.move(dsn).projects == 1


@pytest.mark.parametrize(
    "harm",
    [
        "UPDATE envelopes SET running = zeroblob(32) WHERE version = 7",
        "DELETE FROM envelopes WHERE version = 7",
        "DELETE FROM envelopes WHERE version = 23",
        "UPDATE projects SET version = 22",
    ],
)
def test_what_is_damaged_is_not_moved(source: Source, dsn: str, harm: str) -> None:
    db = apsw.Connection(str(source.path))
    db.execute(harm)
    db.close()
    with pytest.raises(Damaged, match="restore it from a backup"):
        source.move(dsn)
    assert set(rows(dsn).values()) == {0}


def test_what_the_database_gives_back_is_compared(source: Source, dsn: str) -> None:
    opened(dsn).close()
    with psycopg.connect(dsn) as db:
        db.execute(
            "CREATE FUNCTION harm() RETURNS trigger LANGUAGE plpgsql AS"
            " $$BEGIN IF NEW.version = 9 THEN NEW.wire = NEW.wire || 'x'::bytea; END IF; RETURN NEW; END$$"
        )
        db.execute("CREATE TRIGGER harm BEFORE INSERT ON envelopes FOR EACH ROW EXECUTE FUNCTION harm()")
    with pytest.raises(Damaged, match="not what was copied"):
        source.move(dsn)
    assert set(rows(dsn).values()) == {0}


def test_no_data_is_a_sentence_and_makes_none(dsn: str, tmp_path: Path) -> None:
    with pytest.raises(SitebookError, match="does not exist"):
        move(tmp_path / "relay.db", dsn, FakeClock(), Seeded(1), read_objects=MemoryObjects(FakeClock()))
    assert not list(tmp_path.iterdir())
