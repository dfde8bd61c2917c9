from __future__ import annotations

import contextlib
import hashlib
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import apsw
import psycopg
import pytest

from sync.errors import Damaged, NewerFormat
from sync.server.sqlite import MIGRATIONS, SqliteStorage
from sync.server.storage import Storage, StorageError, StoredEnvelope
from tests.server.support import FakeClock, Seeded

P, Q = b"p" * 32, b"q" * 32


def opened(path: Path | str, seed: int = 1) -> SqliteStorage:
    return SqliteStorage(path, FakeClock(), Seeded(seed), durable=False)


@pytest.fixture(params=["file", "memory", "postgres"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Storage]:
    """Every kind: what is asked of it here holds for all of them."""
    if request.param == "postgres":
        yield request.getfixturevalue("postgres_storage")
        return
    made = opened(":memory:" if request.param == "memory" else tmp_path / "relay.db")
    yield made
    made.close()


def envelope(version: int, size: int = 10, kind: int = 0) -> StoredEnvelope:
    name = hashlib.sha256(bytes([version])).digest()
    return StoredEnvelope(version, name[::-1], name, kind, bytes(size))


def test_a_log_grows_and_is_read_in_pages(storage: Storage) -> None:
    with storage.write(P) as change:
        assert change.project(P) is None
        change.append(P, [envelope(1, kind=1), envelope(2), envelope(3)], 50)
    with storage.write(P) as change:
        change.append(P, [envelope(4, size=100), envelope(5)], 60)
        change.append(Q, [envelope(1)], 70)
    with storage.read() as view:
        state = view.project(P)
        assert state is not None
        assert (state.version, state.membership, state.created_ms) == (5, 1, 50)
        assert state.running == envelope(5).running
        assert [e.version for e in view.page(P, 0, 3, 1_000)] == [1, 2, 3]
        assert [e.version for e in view.page(P, 2, 10, 105)] == [3]
        assert [e.version for e in view.page(P, 3, 10, 5)] == [4]
        assert view.page(P, 5, 10, 1_000) == []
        assert [e.version for e in view.page(Q, 0, 10, 1_000)] == [1]
        assert view.known(P, [envelope(3).hash, envelope(9).hash]) == {envelope(3).hash: 3}
        assert view.running(P, 2) == envelope(2).running
        assert view.running(P, 6) is None
        assert [e.version for e in view.membership(P, 0)] == [1]
        assert view.membership(P, 1) == []


def test_what_fails_is_undone(storage: Storage) -> None:
    with contextlib.suppress(ZeroDivisionError), storage.write(P) as change:
        change.append(P, [envelope(1)], 0)
        raise ZeroDivisionError
    with storage.read() as view:
        assert view.project(P) is None


def test_versions_and_hashes_of_a_project_are_unique(storage: Storage) -> None:
    with storage.write(P) as change:
        change.append(P, [envelope(1)], 0)
    with pytest.raises((apsw.ConstraintError, psycopg.IntegrityError)), storage.write(P) as change:
        change.append(P, [envelope(1)], 0)


def test_grants_lie_with_their_recipient(storage: Storage) -> None:
    with storage.write(P) as change:
        change.put_grants(P, {b"1": (b"anna", b"one"), b"2": (b"anna", b"two"), b"3": (b"bert", b"three")})
        change.put_grants(P, {b"1": (b"anna", b"again")})
        assert change.count_grants(P) == 3
        assert change.count_grants(Q) == 0
    with storage.read() as view:
        assert view.grants(P, b"anna") == [b"again", b"two"]
        assert view.grants(Q, b"anna") == []
    with storage.write(P) as change:
        change.delete_grants(P, b"anna")
        assert change.grants(P, b"anna") == []
        assert change.grants(P, b"bert") == [b"three"]


def test_a_device_finds_its_projects(storage: Storage) -> None:
    with storage.write(P) as change:
        change.add_devices(P, [b"d1", b"d2"])
        change.add_devices(Q, [b"d2"])
        change.add_devices(P, [b"d2", b"d3"])
        assert change.projects_of(b"d2") == [P, Q]
        assert change.projects_of(b"d1") == [P]
        assert change.projects_of(b"d4") == []


def test_it_lasts_and_keeps_its_generation(tmp_path: Path) -> None:
    first = opened(tmp_path / "relay.db", seed=1)
    generation = first.generation
    with first.write(P) as change:
        change.append(P, [envelope(1)], 0)
    first.close()
    again = opened(tmp_path / "relay.db", seed=2)
    assert again.generation == generation
    with again.read() as view:
        assert view.project(P) is not None
    again.close()
    other = opened(tmp_path / "other.db", seed=3)
    assert other.generation != generation
    other.close()


def test_readers_go_on_while_one_writes(tmp_path: Path) -> None:
    storage = opened(tmp_path / "relay.db")
    with storage.write(P) as change:
        change.append(P, [envelope(1)], 0)
    with storage.write(P) as change, storage.read() as view:
        change.append(P, [envelope(2)], 0)
        state = view.project(P)
        assert state is not None
        assert state.version == 1
    storage.close()


def test_many_threads_write_in_turn(tmp_path: Path) -> None:
    storage = opened(tmp_path / "relay.db")
    failures: list[BaseException] = []

    def work() -> None:
        try:
            for _ in range(10):
                with storage.write(P) as change:
                    state = change.project(P)
                    change.append(P, [envelope(1 if state is None else state.version + 1)], 0)
        except BaseException as error:  # noqa: BLE001 - looked at below
            failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    with storage.read() as view:
        assert [e.version for e in view.page(P, 0, 100, 1 << 20)] == list(range(1, 81))
    storage.close()


def test_durable_means_synchronous_full_and_wal(tmp_path: Path) -> None:
    storage = SqliteStorage(tmp_path / "relay.db", FakeClock(), Seeded())
    with storage.write(P) as change:
        assert change._db.pragma("synchronous") == 2
        assert change._db.pragma("journal_mode") == "wal"
    storage.close()


def test_every_migration_is_recorded(tmp_path: Path) -> None:
    opened(tmp_path / "relay.db").close()
    db = apsw.Connection(str(tmp_path / "relay.db"))
    assert [row[0] for row in db.execute("SELECT number FROM migrations ORDER BY number")] == list(
        range(1, len(MIGRATIONS) + 1)
    )
    db.close()


def test_a_newer_file_is_refused_in_a_sentence_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "relay.db"
    opened(path).close()
    db = apsw.Connection(str(path))
    db.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()
    before = path.read_bytes()
    with pytest.raises(NewerFormat, match="newer version"):
        opened(path)
    assert path.read_bytes() == before


def test_another_programs_file_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "relay.db"
    db = apsw.Connection(str(path))
    db.execute("CREATE TABLE theirs (a)")
    db.close()
    with pytest.raises(Damaged, match="another directory"):
        opened(path)
    path.write_bytes(b"not a database, " * 500)
    with pytest.raises(Damaged, match="damaged"):
        opened(path)


def test_a_place_that_is_not_there_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="permissions"):
        opened(tmp_path / "nowhere" / "relay.db")


def test_a_full_disk_is_a_sentence_and_changes_nothing(tmp_path: Path) -> None:
    storage = opened(tmp_path / "relay.db")
    with storage.write(P) as change:
        change.append(P, [envelope(1)], 0)
        pages = change._db.pragma("page_count")
    storage._writer.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(StorageError, match="full"), storage.write(P) as change:
        change.append(P, [envelope(2, size=1 << 20)], 0)
    with storage.read() as view:
        state = view.project(P)
        assert state is not None
        assert state.version == 1
    storage._writer.execute("PRAGMA max_page_count = 1000000")
    with storage.write(P) as change:
        change.append(P, [envelope(2, size=1 << 20)], 0)
    storage.close()


def test_a_copy_of_the_files_is_a_whole_storage(tmp_path: Path) -> None:
    storage = opened(tmp_path / "relay.db")
    with storage.write(P) as change:
        change.append(P, [envelope(1)], 0)
    storage.close()
    shutil.copy(tmp_path / "relay.db", tmp_path / "copy.db")
    copy = opened(tmp_path / "copy.db")
    with copy.read() as view:
        assert [e.version for e in view.page(P, 0, 10, 1_000)] == [1]
    copy.close()
