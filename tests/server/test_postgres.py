"""What is PostgreSQL's own in the relay's storage: locks, lost connections, several processes, secrets."""

from __future__ import annotations

import hashlib
import logging
import threading
from collections.abc import Callable, Iterator

import psycopg
import pytest

from sync.envelope import parse
from sync.errors import Damaged, NewerFormat, SitebookError
from sync.membership_actions import Role
from sync.server import postgres as module
from sync.server.postgres import PostgresStorage
from sync.server.postgres_schema import MIGRATIONS
from sync.server.relay import Relay
from sync.server.storage import StorageError, StoredEnvelope
from sync.transport.base import PushAck
from tests.server.people import begin, found
from tests.server.postgres import GUARDED, PASSWORD, Postgres, started
from tests.server.support import FakeClock, Seeded

P = b"p" * 32


@pytest.fixture
def dsn(postgres: Postgres) -> Iterator[str]:
    with postgres.database() as made:
        yield made


def opened(dsn: str, seed: int = 1) -> PostgresStorage:
    return PostgresStorage(dsn, FakeClock(), Seeded(seed))


def envelope(version: int) -> StoredEnvelope:
    name = hashlib.sha256(bytes([version])).digest()
    return StoredEnvelope(version, name[::-1], name, 0, bytes(10))


def add(storage: PostgresStorage, count: int = 1) -> None:
    """Put envelopes at the end, one transaction each."""
    for _ in range(count):
        with storage.write(P) as change:
            state = change.project(P)
            change.append(P, [envelope(1 if state is None else state.version + 1)], 0)


def versions(storage: PostgresStorage) -> list[int]:
    with storage.read() as view:
        return [e.version for e in view.page(P, 0, 1_000, 1 << 20)]


def together(*works: Callable[[], None]) -> list[BaseException]:
    """Do all at one time; what failed."""
    failures: list[BaseException] = []

    def guarded(work: Callable[[], None]) -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001 - looked at by the caller
            failures.append(error)

    threads = [threading.Thread(target=guarded, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return failures


def test_it_lasts_and_keeps_its_generation(dsn: str, postgres: Postgres) -> None:
    first = opened(dsn, seed=1)
    add(first)
    first.close()
    again = opened(dsn, seed=2)
    assert again.generation == first.generation
    assert versions(again) == [1]
    again.close()
    with postgres.database() as elsewhere:
        other = opened(elsewhere, seed=3)
        assert other.generation != first.generation
        other.close()


def test_several_processes_may_make_the_tables_at_one_time(dsn: str) -> None:
    storages: list[PostgresStorage] = []
    assert not together(*[lambda seed=seed: storages.append(opened(dsn, seed)) for seed in range(6)])
    assert len({storage.generation for storage in storages}) == 1
    with storages[0].connect() as db:
        done = db.execute("SELECT number FROM migrations ORDER BY number").fetchall()
    assert [number for (number,) in done] == list(range(1, len(MIGRATIONS) + 1))
    for storage in storages:
        storage.close()


def test_every_key_begins_with_the_project(dsn: str) -> None:
    opened(dsn).close()
    with psycopg.connect(dsn) as db:
        rows = db.execute(
            "SELECT indrelid::regclass::text, a.attname FROM pg_index JOIN pg_attribute a"
            " ON attrelid = indrelid AND attnum = indkey[0]"
            " WHERE indisunique AND indrelid IN (SELECT oid FROM pg_class"
            " WHERE relnamespace = 'public'::regnamespace)"
        ).fetchall()
        assert {table for table, column in rows if column != "project"} == {"facts", "migrations"}
        assert len(rows) > 4
        others = db.execute(
            "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'S'"
        ).fetchone()
        assert others == (0,)
        foreign = db.execute("SELECT count(*) FROM pg_constraint WHERE contype = 'f'").fetchone()
        assert foreign == (0,)


def test_a_newer_database_is_refused_in_a_sentence_and_left_alone(dsn: str) -> None:
    opened(dsn).close()
    with psycopg.connect(dsn, autocommit=True) as db:
        db.execute("INSERT INTO migrations VALUES (%s, 0)", (len(MIGRATIONS) + 1,))
        with pytest.raises(NewerFormat, match="newer version of Sitebook; update the server"):
            opened(dsn)
        assert db.execute("SELECT count(*) FROM migrations").fetchone() == (len(MIGRATIONS) + 1,)


@pytest.mark.parametrize(
    "theirs",
    [
        "CREATE TABLE projects (project bytea PRIMARY KEY, budget int)",
        "CREATE TABLE facts (a int); CREATE TABLE migrations (b int)",
        "CREATE TABLE facts (name text, value bytea); CREATE TABLE migrations (number int)",
    ],
)
def test_another_programs_database_is_refused_and_left_alone(dsn: str, theirs: str) -> None:
    with psycopg.connect(dsn, autocommit=True) as db:
        db.execute(theirs.encode())
        before = db.execute("SELECT count(*) FROM pg_class").fetchone()
        with pytest.raises(Damaged, match="give an empty one"):
            opened(dsn)
        assert db.execute("SELECT count(*) FROM pg_class").fetchone() == before


def test_what_cannot_be_reached_is_a_sentence_without_the_password(
    postgres: Postgres, dsn: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    name = dsn.rpartition("/")[2]
    wrong = f"{PASSWORD}-but-wrong"
    said: list[str] = []
    for address, words in (
        (f"postgresql://{GUARDED}:{wrong}@127.0.0.1:{postgres.port}/{name}", "in"),
        (f"postgresql://x:{wrong}@127.0.0.1:1/{name}", "cannot be reached"),
        (f"postgresql://x:{wrong}@127.0.0.1:{postgres.port}/nowhere", "cannot be reached"),
        (f"postgresql://x:{wrong}@[127.0.0.1/{name}", "cannot be read"),
        (f"password={wrong} host", "cannot be read"),
        ("", "cannot be read"),
    ):
        with pytest.raises(SitebookError, match=words) as caught:
            opened(address)
        said += [str(caught.value), repr(caught.value.__cause__), repr(caught.value.__context__)]
        assert str(caught.value).endswith(".")
        assert str(caught.value).count("\n") == 0
    postgres.execute("GRANT ALL ON DATABASE {} TO {}", name, GUARDED)
    with psycopg.connect(dsn, autocommit=True) as db:
        db.execute(f"GRANT ALL ON SCHEMA public TO {GUARDED}".encode())
    storage = opened(f"postgresql://{GUARDED}:{PASSWORD}@127.0.0.1:{postgres.port}/{name}")
    add(storage)
    said += [repr(storage), storage.place]
    postgres.execute("ALTER ROLE {} NOLOGIN", GUARDED)
    postgres.end_sessions()
    with pytest.raises(StorageError) as failed:
        add(storage)
    said += [str(failed.value), repr(failed.value.__cause__)]
    storage.close()
    postgres.execute("ALTER ROLE {} LOGIN", GUARDED)
    for text in (*said, caplog.text):
        assert PASSWORD not in text


def test_a_view_is_of_one_moment_and_cannot_write(dsn: str) -> None:
    storage = opened(dsn)
    add(storage)
    with storage.read() as view:
        assert view.project(P) is not None
        add(storage)
        assert [e.version for e in view.page(P, 0, 10, 1_000)] == [1]
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            view.add_devices(P, [b"d"])
    assert versions(storage) == [1, 2]
    storage.close()


def test_writers_of_one_project_queue_and_others_go_on(dsn: str) -> None:
    first, second = opened(dsn), opened(dsn)
    add(first)
    inside, go = threading.Event(), threading.Event()

    def slow() -> None:
        with first.write(P) as change:
            inside.set()
            go.wait(10)
            state = change.project(P)
            assert state is not None
            change.append(P, [envelope(state.version + 1)], 0)

    def behind() -> None:
        inside.wait(10)
        add(second)

    def elsewhere() -> None:
        inside.wait(10)
        with second.write(b"q" * 32) as change:
            change.append(b"q" * 32, [envelope(1)], 0)
        go.set()

    assert not together(slow, behind, elsewhere)
    assert versions(first) == [1, 2, 3]
    first.close()
    second.close()


def test_a_project_is_begun_once(dsn: str) -> None:
    storages = [opened(dsn) for _ in range(3)]
    assert not together(*[lambda storage=storage: add(storage, 5) for storage in storages for _ in range(4)])
    assert versions(storages[0]) == list(range(1, 61))
    for storage in storages:
        storage.close()


def test_who_begins_the_same_project_waits(dsn: str) -> None:
    first, second = opened(dsn), opened(dsn)
    entered = threading.Event()
    seen: list[int] = []

    def behind() -> None:
        with second.write(P) as change:
            entered.set()
            state = change.project(P)
            seen.append(0 if state is None else state.version)

    thread = threading.Thread(target=behind)
    with first.write(P) as change:
        thread.start()
        assert not entered.wait(0.3)
        change.append(P, [envelope(1)], 0)
    thread.join(10)
    assert seen == [1]
    first.close()
    second.close()


def test_two_relays_over_one_database_push_at_once_to_one_project(dsn: str) -> None:
    clock = FakeClock()
    storages = [opened(dsn), opened(dsn)]
    relays = [Relay(storage, clock) for storage in storages]
    site = begin(relays[0], clock)
    people = [site.founder, *(site.member(Role.EDITOR) for _ in range(3))]
    start = 1 + 2 * 3
    acks: list[PushAck] = []

    def work(index: int) -> None:
        person = people[index]
        for round_ in range(6):
            wires = [person.write() for _ in range(5)]
            acks.extend(relays[(index + round_) % 2].push(site.project, wires, by=person.device))

    assert not together(*[lambda index=index: work(index) for index in range(4)])
    assert sorted(ack.version or 0 for ack in acks) == list(range(start + 1, start + 121))
    log = relays[1].pull(site.project, None, by=site.founder.device)
    assert not log.more
    assert {ack.hash: ack.version for ack in acks} == {
        parse(wire).hash: place for place, wire in enumerate(log.wires, 1) if place > start
    }
    for storage in storages:
        storage.close()


def test_a_connection_that_was_lost_is_replaced(dsn: str, postgres: Postgres) -> None:
    storage = opened(dsn)
    add(storage)
    # More than would be tried one by one.
    with storage.read(), storage.read(), storage.read(), storage.read(), storage.read():
        pass
    postgres.end_sessions()
    add(storage)
    postgres.end_sessions()
    assert versions(storage) == [1, 2]
    for again in (True, False):

        def cut(again: bool = again) -> None:
            with storage.write(P) as change:
                change.append(P, [envelope(3)], 0)
                postgres.end_sessions()
                if again:
                    change.append(P, [envelope(4)], 0)

        with pytest.raises(StorageError, match="cannot be reached"):
            cut()
    assert versions(storage) == [1, 2]
    add(storage)
    assert versions(storage) == [1, 2, 3]
    storage.close()


def test_who_waits_too_long_is_told(dsn: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_LOCK_MS", 50)
    storage = opened(dsn)
    add(storage)
    with storage.write(P), pytest.raises(StorageError, match="did not answer in time"), storage.write(P):
        pass
    add(storage)
    assert versions(storage) == [1, 2]
    storage.close()


def test_a_full_disk_of_the_database_is_a_sentence(dsn: str) -> None:
    storage = opened(dsn)
    with pytest.raises(StorageError, match="no room"), storage.write(P):
        raise psycopg.errors.DiskFull("could not extend file")
    add(storage)
    storage.close()


def test_more_threads_than_connections_wait_their_turn(dsn: str) -> None:
    storage = PostgresStorage(dsn, FakeClock(), Seeded(), connections=2)
    assert not together(*[lambda: add(storage, 5) for _ in range(8)])
    assert versions(storage) == list(range(1, 41))
    storage.close()


def test_what_was_acknowledged_outlives_a_crash_of_the_database() -> None:
    # Somebody found it too slow, and what was not asked to be written stays in memory.
    settings = ("fsync=on", "synchronous_commit=off", "wal_writer_delay=10000")
    with started(*settings) as server, server.database() as dsn:
        clock = FakeClock()
        storage = opened(dsn)
        relay = Relay(storage, clock)
        founder, founding = found()
        wires = [founding, *(founder.write() for _ in range(10))]
        for wire in wires:
            relay.push(founder.project, [wire], by=founder.device)
        server.crash()
        with pytest.raises(StorageError):
            relay.push(founder.project, [founder.write()], by=founder.device)
        server.start()
        assert relay.pull(founder.project, None, by=founder.device).wires == tuple(wires)
        storage.close()
