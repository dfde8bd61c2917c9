"""Backups of a server's data: while it is written to, cut off, damaged, again into the same folder."""

from __future__ import annotations

import json
import os
import tarfile
import threading
from hashlib import sha256
from pathlib import Path

import pytest

from sync.errors import Damaged, SitebookError
from sync.server.backup import back_up, restore
from sync.server.objects import StoredObjects, folder_objects
from sync.server.relay import Relay
from sync.server.sqlite import SqliteStorage
from sync.server.storage import StoredChunk
from tests.server.people import Site, begin
from tests.server.support import FakeClock, Seeded


class Server:
    """The data of a server, with a project and chunks in it."""

    def __init__(self, data: Path, seed: int = 7) -> None:
        self.data = data
        data.mkdir(exist_ok=True)
        self.clock = FakeClock()
        self.random = Seeded(seed)
        self.storage = SqliteStorage(data / "relay.db", self.clock, self.random)
        self.objects: StoredObjects = folder_objects(data / "chunks", self.random)
        self.relay = Relay(self.storage, self.clock)

    def begin(self) -> Site:
        return begin(self.relay, self.clock)

    def chunk(self, project: bytes, data: bytes) -> StoredChunk:
        name = sha256(data).digest()
        place = self.objects.put(project, name, data)
        chunk = StoredChunk(name, place, len(data), "file", self.clock.now_ms())
        with self.storage.write(project) as change:
            change.put_chunk(project, chunk)
        return chunk


@pytest.fixture(params=["backup.tar", "backup"])
def target(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return tmp_path / str(request.param)


def test_what_comes_back_is_what_was_there(tmp_path: Path, target: Path) -> None:
    server = Server(tmp_path / "data")
    site = server.begin()
    site.push(site.founder, site.founder.write())
    chunks = [server.chunk(site.project, os.urandom(1_000)) for _ in range(3)]
    done = back_up(server.data, server.objects.get, target, 1)
    assert (done.chunks, done.missing) == (3, 0)
    # What comes later is not in it.
    site.push(site.founder, site.founder.write())
    server.storage.close()

    made = folder_objects(tmp_path / "new" / "chunks", Seeded(1))
    assert restore(target, tmp_path / "new", made.write).chunks == 3
    new = Server(tmp_path / "new")
    assert new.storage.generation == server.storage.generation
    assert len(new.relay.pull(site.project, None, by=site.founder.device).wires) == 2
    for chunk in chunks:
        assert new.objects.get(chunk.place) == server.objects.get(chunk.place) is not None
    with pytest.raises(SitebookError, match="holds the data of a server already"):
        restore(target, tmp_path / "new", made.write)
    new.storage.close()


def test_writers_go_on_while_it_is_made(tmp_path: Path) -> None:
    server = Server(tmp_path / "data")
    site = server.begin()
    wires = [site.founder.write(bytes(20_000)) for _ in range(200)]
    stop = threading.Event()
    pushed = 0

    def push() -> None:
        nonlocal pushed
        for wire in wires:
            if stop.is_set():
                return
            site.push(site.founder, wire)
            pushed += 1

    worker = threading.Thread(target=push)
    worker.start()
    for number in range(5):
        back_up(server.data, server.objects.get, tmp_path / f"{number}.tar", 1)
    stop.set()
    worker.join()
    assert pushed > 0
    server.storage.close()
    for number in range(5):
        made = folder_objects(tmp_path / f"new-{number}" / "chunks", Seeded(1))
        restore(tmp_path / f"{number}.tar", tmp_path / f"new-{number}", made.write)
        new = Server(tmp_path / f"new-{number}")
        with new.storage.read() as view:
            state = view.project(site.project)
            assert state is not None
            assert len(view.page(site.project, 0, 1_000, 1 << 30)) == state.version
        new.storage.close()


def test_a_chunk_that_gc_took_meanwhile_is_not_promised(tmp_path: Path, target: Path) -> None:
    server = Server(tmp_path / "data")
    site = server.begin()
    kept, gone = (server.chunk(site.project, text) for text in (b"kept" * 10, b"gone" * 10))
    server.objects.delete([gone.place])
    done = back_up(server.data, server.objects.get, target, 1)
    assert (done.chunks, done.missing) == (1, 1)
    server.storage.close()
    restore(target, tmp_path / "new", folder_objects(tmp_path / "new" / "chunks", Seeded(1)).write)
    new = Server(tmp_path / "new")
    with new.storage.read() as view:
        assert set(view.chunks(site.project, [kept.name, gone.name])) == {kept.name}
        state = view.project(site.project)
        assert state is not None
        assert state.chunk_bytes == kept.size
    new.storage.close()


def test_a_folder_is_brought_up_to_date_and_reads_only_what_is_new(tmp_path: Path) -> None:
    server = Server(tmp_path / "data")
    site = server.begin()
    old = server.chunk(site.project, b"old" * 100)
    back_up(server.data, server.objects.get, tmp_path / "backup", 1)
    new = server.chunk(site.project, b"new" * 100)
    with server.storage.write(site.project) as change:
        change.delete_chunks(site.project, [old.name], 1 << 60)
    read: list[str] = []

    def get(place: str) -> bytes | None:
        read.append(place)
        return server.objects.get(place)

    assert back_up(server.data, get, tmp_path / "backup", 2).chunks == 1
    assert read == [new.place]
    assert not (tmp_path / "backup" / "objects" / old.place).exists()
    read.clear()
    back_up(server.data, get, tmp_path / "backup", 3)
    assert read == []
    server.storage.close()


def test_what_was_cut_off_or_damaged_is_no_backup_and_leaves_no_data(tmp_path: Path) -> None:
    server = Server(tmp_path / "data")
    site = server.begin()
    chunk = server.chunk(site.project, b"chunk" * 100)
    backup = tmp_path / "backup"

    def fails(place: str) -> bytes | None:
        raise SitebookError("The disk is gone.")

    for target in (tmp_path / "cut.tar", backup):
        with pytest.raises(SitebookError, match="disk is gone"):
            back_up(server.data, fails, target, 1)
    assert not [each for each in tmp_path.iterdir() if each.name.startswith("cut")]
    write = folder_objects(tmp_path / "new" / "chunks", Seeded(1)).write
    with pytest.raises(Damaged, match="not a whole backup"):
        restore(backup, tmp_path / "new", write)

    back_up(server.data, server.objects.get, backup, 1)
    back_up(server.data, server.objects.get, tmp_path / "whole.tar", 1)
    server.storage.close()
    archive = (tmp_path / "whole.tar").read_bytes()
    at = archive.index(b"chunkchunk")
    (tmp_path / "bad.tar").write_bytes(archive[:at] + b"X" + archive[at + 1 :])
    (tmp_path / "half.tar").write_bytes(archive[: len(archive) // 2])
    (tmp_path / "junk.tar").write_bytes(b"junk" * 1_000)
    (backup / "objects" / chunk.place).write_bytes(b"other")
    for source in (
        tmp_path / "bad.tar",
        tmp_path / "half.tar",
        tmp_path / "junk.tar",
        backup,
        tmp_path / "none",
    ):
        with pytest.raises(SitebookError) as caught:
            restore(source, tmp_path / "new", write)
        assert str(caught.value).endswith(".")
        assert not (tmp_path / "new" / "relay.db").exists()
    (backup / "objects" / chunk.place).unlink()
    with pytest.raises(Damaged, match="lacks 1 files"):
        restore(backup, tmp_path / "new", write)


def test_a_list_that_leads_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    head = {"sitebook-server-backup": 1, "made_ms": 1, "files": {"objects/../../x": [1, "00"]}}
    (tmp_path / "backup").mkdir()
    (tmp_path / "backup" / "list.json").write_text(json.dumps(head))
    with pytest.raises(Damaged, match="list of the backup"):
        restore(tmp_path / "backup", tmp_path / "new", lambda place, data: None)
    with tarfile.open(tmp_path / "evil.tar", "w") as tar:
        tar.add(tmp_path / "backup" / "list.json", "list.json")
    with pytest.raises(Damaged, match="list of the backup"):
        restore(tmp_path / "evil.tar", tmp_path / "new", lambda place, data: None)


def test_where_there_is_no_server_there_is_no_backup(tmp_path: Path) -> None:
    with pytest.raises(SitebookError, match="holds no data of a Sitebook server"):
        back_up(tmp_path, lambda place: None, tmp_path / "x.tar", 1)
    (tmp_path / "relay.db").write_bytes(b"something else " * 1_000)
    with pytest.raises(SitebookError, match="could not be copied"):
        back_up(tmp_path, lambda place: None, tmp_path / "x.tar", 1)
    assert not (tmp_path / "x.tar").exists()
