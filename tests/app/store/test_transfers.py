"""Files between devices: real stores, a server in memory, cuts at any round trip."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.store.attachments import Attachments, attach
from app.store.attachments import Sealed as SealedFile
from app.store.file_places import (
    Keep,
    KeepMode,
    free_now,
    places,
    queue,
    refused_files,
    set_keep,
    space,
    want,
)
from app.store.project import Project
from app.store.transfers import FileTransfers
from sync.attachments import seal
from sync.epochs import EpochKey, KeyRing
from sync.errors import Absent, Malformed, Refused, SitebookError, Unreachable
from sync.keys import SigningKey
from sync.transfer import Moved, Transfers
from tests.app.store.file_server import FileServer
from tests.app.store.replicas import exchange, replica

DAY = 24 * 3600 * 1000


class Device:
    """A replica with its files and its transfers."""

    def __init__(self, folder: Path, number: int, server: FileServer) -> None:
        self.project: Project = replica(folder, number, alone=True)
        self.files = Attachments(self.project, folder / f"{number}.files")
        self.busy = False
        self.server = server
        self.restart()

    def restart(self) -> None:
        """What a new start of the program finds: nothing but the file and the disk."""
        keys = KeyRing((EpochKey(0, b"e" * 32, b"k" * 32),))
        store = FileTransfers(self.project, self.files.directory, SigningKey(bytes(32)), keys, notices=False)
        self.transfers = Transfers(
            store, self.server, self.project.clock, self.project.random, lambda: self.busy
        )

    def issue(self) -> bytes:
        return self.project.create("issue", {"title": "Crack"})[0]

    def add(
        self, parent: bytes, name: str, data: bytes, chunk_size: int = 1 << 20, inline_names: int = 200 << 10
    ) -> bytes:
        """Attach a file, in small chunks where the test wants several."""
        import io

        from sync.chunks import ChunkDirectory

        made = seal(
            io.BytesIO(data),
            ChunkDirectory(self.files.directory / "chunks"),
            self.project.random,
            chunk_size=chunk_size,
            inline_names=inline_names,
        )
        sealed = SealedFile(name, "application/octet-stream", made.manifest, made.key, None, made.added)
        record = attach(self.project, parent, sealed)[0]
        self.sent()
        return record

    def sent(self) -> None:
        """What a round of sync leaves: the server knows of all that was written here."""
        with self.project.writing():
            self.project.db.run("DELETE FROM local_pending")

    def run(self, most: int = 500) -> list[Moved]:
        """Step until nothing is left to do."""
        self.transfers.poke()
        found = []
        for _ in range(most):
            moved = self.transfers.step()
            found.append(moved)
            if moved.next_in > 0:
                return found
        raise AssertionError("it never ends")

    def later(self, seconds: float) -> None:
        self.project.clock.ms += int(seconds * 1000)  # type: ignore[attr-defined]


@pytest.fixture
def server() -> FileServer:
    return FileServer()


@pytest.fixture
def ann(tmp_path: Path, server: FileServer) -> Device:
    return Device(tmp_path, 1, server)


@pytest.fixture
def bob(tmp_path: Path, server: FileServer) -> Device:
    return Device(tmp_path, 2, server)


def test_a_file_goes_from_one_device_to_the_other(ann: Device, bob: Device) -> None:
    data = random.Random(1).randbytes(5_000)
    record = ann.add(ann.issue(), "a.bin", data, chunk_size=1024)
    ann.run()
    assert str(places(ann.project, [record])[record]) == "on the server"
    exchange(ann.project, bob.project)
    came = [file for moved in bob.run() for file in moved.came]
    assert came == [record]
    with bob.files.open(record) as file:
        assert file.read() == data
    assert queue(ann.project) == queue(bob.project)
    assert space(bob.project).used == 5_000


@settings(max_examples=10, deadline=None)
@given(st.data())
def test_cuts_at_any_round_trip_resume_and_end_with_the_same_bytes(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("cuts")
    server = FileServer()
    ann, bob = Device(folder, 1, server), Device(folder, 2, server)
    rng = random.Random(data.draw(st.integers(0, 1 << 32)))
    contents: dict[bytes, bytes] = {}
    parent = ann.issue()
    for number in range(data.draw(st.integers(1, 4))):
        content = rng.randbytes(data.draw(st.integers(0, 4_000)))
        # Few inline names: the longer ones have a list of chunks that is fetched first.
        contents[ann.add(parent, f"{number}", content, chunk_size=256, inline_names=96)] = content
    exchange(ann.project, bob.project)
    share = data.draw(st.sampled_from([0.0, 0.1, 0.3, 0.6]))

    def fault(what: str, done: bool) -> None:
        if rng.random() < share / 2:
            raise Unreachable("The connection was lost.") if rng.random() < 0.9 else Malformed("Nonsense.")

    server.fault = fault
    for _ in range(60):
        for device in (ann, bob):
            if rng.random() < 0.2:
                device.restart()
            device.transfers.step()
            device.later(rng.random() * 60)
    server.fault = lambda what, done: None
    for device in (ann, bob, ann, bob):
        device.later(7 * 3600)
        device.transfers.network_changed()
        device.run()
    for record, content in contents.items():
        assert places(ann.project, [record])[record].served
        with bob.files.open(record) as file:
            assert file.read() == content
    assert queue(bob.project) == queue(ann.project)


def test_a_chunk_that_is_not_there_holds_back_nothing_and_is_asked_for_again(
    ann: Device, bob: Device
) -> None:
    parent = ann.issue()
    first, second = ann.add(parent, "1", b"one"), ann.add(parent, "2", b"two")
    ann.run()
    exchange(ann.project, bob.project)
    lost = ann.files.file(second).manifest
    assert lost is not None
    kept = ann.server.chunks.pop(lost.names[0])
    bob.run()
    assert bob.files.held(first)
    assert not bob.files.held(second)
    place = places(bob.project, [second])[second]
    assert "does not have this file yet" in place.problem
    asked = ann.server.calls.count("get")
    bob.later(5)
    bob.run()
    assert ann.server.calls.count("get") == asked
    ann.server.chunks[lost.names[0]] = kept
    bob.later(120)
    bob.run()
    assert bob.files.held(second)
    assert places(bob.project, [second])[second].problem == ""


def test_a_server_that_lost_files_gets_them_again(ann: Device) -> None:
    record = ann.add(ann.issue(), "1", b"one")
    ann.run()
    ann.server.chunks.clear()
    ann.run()
    assert not ann.server.chunks
    ann.later(8 * 24 * 3600)
    ann.run()
    assert ann.server.chunks
    assert places(ann.project, [record])[record].served


def test_a_server_with_another_history_gets_them_at_once(ann: Device) -> None:
    from app.store.log import Log

    ann.add(ann.issue(), "1", b"one")
    ann.run()
    ann.server.chunks.clear()
    with ann.project.writing():
        Log(ann.project).forget_places()
    ann.run()
    assert ann.server.chunks


def test_a_refused_file_waits_for_a_person_and_others_go_on(ann: Device) -> None:
    parent = ann.issue()
    big, small = ann.add(parent, "1", b"one" * 1000), ann.add(parent, "2", b"two")

    def fault(what: str, done: bool) -> None:
        if what == "put" and not done and ann.server.calls.count("put") == 1:
            raise Refused("The project's space on the server is full; ask whoever runs it.")

    ann.server.fault = fault
    ann.run()
    assert [each.record for each in refused_files(ann.project)] == [big]
    assert [item.received_ms for item in ann.project.attention()] != [0]
    assert places(ann.project, [small])[small].served
    assert not places(ann.project, [big])[big].served
    status = ann.project.status()
    assert (status.attention, status.files) == (1, 1)
    assert ann.project.attention()[0].reason.startswith("The project's space")
    ann.server.calls.clear()
    ann.run()
    assert "put" not in ann.server.calls
    assert ann.project.retry_refused() == 1
    ann.server.fault = lambda what, done: None
    ann.run()
    assert places(ann.project, [big])[big].served
    assert ann.project.attention() == []


def test_a_server_that_lost_the_project_refuses_no_file(ann: Device) -> None:
    """Others give it the project back: nobody has to ask for the file once more."""
    record = ann.add(ann.issue(), "1", b"one")

    def fault(what: str, done: bool) -> None:
        if what == "put" and not done:
            raise Absent("The server has no such project.")

    ann.server.fault = fault
    assert isinstance(ann.run()[-1].error, Absent)
    assert refused_files(ann.project) == []
    assert ann.project.attention() == []
    ann.server.fault = lambda what, done: None
    ann.later(600)
    ann.run()
    assert places(ann.project, [record])[record].served


def test_what_a_person_looks_at_comes_before_uploads_and_the_rest(ann: Device, bob: Device) -> None:
    parent = ann.issue()
    records = [ann.add(parent, str(number), bytes([number]) * 3000, chunk_size=1024) for number in range(5)]
    ann.run()
    exchange(ann.project, bob.project)
    own = bob.add(parent, "own", b"own")
    set_keep(bob.project, Keep(KeepMode.EVERYTHING))
    bob.transfers.step()
    want(bob.project, [records[0]])
    moves = bob.run()
    order = [file for moved in moves for file in (*moved.came, *moved.left)]
    assert order[:2] == [records[0], own] or order[0] == own
    assert set(order) == {own, *records}
    # The first to come is the one that was looked at; of the rest the newest.
    came = [file for file in order if file != own]
    assert came[0] == records[0]


def test_changes_go_first_but_cannot_hold_files_back_for_ever(ann: Device) -> None:
    ann.add(ann.issue(), "1", b"one")
    ann.busy = True
    ann.transfers.poke()
    assert ann.transfers.step().next_in > 0
    assert ann.server.calls == []
    for _ in range(200):
        ann.later(0.5)
        ann.transfers.step()
    assert ann.server.chunks
    assert len(ann.server.calls) < 12


def test_only_what_the_server_has_goes_from_here(ann: Device) -> None:
    record = ann.add(ann.issue(), "1", b"one" * 500)
    set_keep(ann.project, Keep(KeepMode.ON_DEMAND))
    ann.run()
    assert ann.files.held(record)
    name = ann.files.file(record).manifest.names[0]  # type: ignore[union-attr]
    chunk = ann.server.chunks.pop(name)
    free_now(ann.project)
    ann.run()
    assert ann.server.chunks[name] == chunk, "it was the only copy, and was given again before it went"
    assert not ann.files.held(record)
    assert space(ann.project).used == 0
    assert str(places(ann.project, [record])[record]) == "on the server, not here"
    want(ann.project, [record])
    ann.run()
    with ann.files.open(record) as file:
        assert file.read() == b"one" * 500
    ann.run()
    assert ann.files.held(record), "who looks at it keeps it for a while"


def test_keeping_recent_files_only(ann: Device, bob: Device) -> None:
    parent = ann.issue()
    old = ann.add(parent, "old", b"o" * 3000)
    ann.later(40 * 24 * 3600)
    new = [ann.add(parent, str(number), bytes([number]) * 3000) for number in range(3)]
    ann.run()
    exchange(ann.project, bob.project)
    bob.later(40 * 24 * 3600)
    set_keep(bob.project, Keep(KeepMode.RECENT, days=30))
    bob.run()
    assert [bob.files.held(each) for each in (old, *new)] == [False, True, True, True]
    set_keep(bob.project, Keep(KeepMode.RECENT, days=30, size=6500))
    free_now(bob.project)
    bob.run()
    assert [bob.files.held(each) for each in new] == [False, True, True]


def test_a_damaged_piece_is_fetched_again(ann: Device) -> None:
    record = ann.add(ann.issue(), "1", b"one" * 500)
    ann.run()
    name = ann.files.file(record).manifest.names[0]  # type: ignore[union-attr]
    path = ann.files.directory / "chunks" / name.hex()[:2] / name.hex()
    path.write_bytes(b"damaged")
    with ann.project.writing():
        ann.project.db.run("UPDATE local_files SET served = 0")
    kept = dict(ann.server.chunks)
    ann.server.chunks.clear()
    ann.run()
    assert not places(ann.project, [record])[record].held
    ann.server.chunks.update(kept)
    ann.later(600)
    ann.run()
    with ann.files.open(record) as file:
        assert file.read() == b"one" * 500


def test_a_full_disk_does_not_hold_uploads_back(
    ann: Device, bob: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann.add(ann.issue(), "1", b"one")
    ann.run()
    exchange(ann.project, bob.project)
    own = bob.add(bob.issue(), "own", b"own")

    def full(self: FileTransfers, data: bytes) -> None:
        raise SitebookError("The disk is full.")

    monkeypatch.setattr(FileTransfers, "write", full)
    bob.run()
    assert places(bob.project, [own])[own].served


def test_a_file_whose_record_counts_again_is_on_the_list_again(ann: Device) -> None:
    """What was set aside and counts again must not be given up by the server meanwhile."""
    keys = KeyRing((EpochKey(0, b"e" * 32, b"k" * 32),))
    store = FileTransfers(ann.project, ann.files.directory, SigningKey(bytes(32)), keys)
    ann.add(ann.issue(), "one.bin", b"1" * 500)
    second = ann.add(ann.issue(), "two.bin", b"2" * 500)
    project = ann.project
    with project.writing():
        project.put_meta("last_success_ms", 1)
        project.db.run("UPDATE changes SET eid = 0 WHERE eid IS NULL")
        project.db.run("UPDATE records SET state = 3 WHERE id = ?", (second,))
    without = store._live_body()
    with project.writing():
        project.db.run("UPDATE records SET state = 0 WHERE id = ?", (second,))
    listed = store._live_body()
    assert without is not None
    assert listed is not None
    assert len(listed) == len(without) + 32


@pytest.mark.parametrize("keeps", [False, True])
def test_a_server_that_only_says_yes_gets_no_file_away_from_here(ann: Device, keeps: bool) -> None:
    """What it did not have it is given again, all of it; where it keeps nothing of that, the file stays."""

    class Yes(FileServer):
        def have_chunks(self, project: bytes, names: Sequence[bytes]) -> list[bool]:
            self._call("have")
            return [True for _ in names]

        def put_chunk(self, project: bytes, data: bytes, *, purpose: str) -> None:
            self._call("put")
            if keeps:
                super().put_chunk(project, data, purpose=purpose)

    ann.server = Yes()
    ann.restart()
    file = ann.add(ann.issue(), "photo.jpg", bytes(3_000), chunk_size=1_000)
    ann.run()
    set_keep(ann.project, Keep(KeepMode.ON_DEMAND))
    free_now(ann.project)
    ann.run()
    if keeps:
        assert not ann.files.file(file).held()
        assert ann.server.chunks.keys() == set(ann.files.file(file).manifest.names)  # type: ignore[union-attr]
        return
    assert ann.files.file(file).held()
    assert [each.record for each in refused_files(ann.project)] == [file]


def test_a_file_of_which_nobody_knows_stays_here(ann: Device) -> None:
    file = ann.add(ann.issue(), "photo.jpg", bytes(300))
    ann.project.set(file, "name", "crack.jpg")
    set_keep(ann.project, Keep(KeepMode.ON_DEMAND))
    ann.run()
    free_now(ann.project)
    ann.run()
    assert ann.files.file(file).held()
    ann.sent()
    ann.run()
    assert not ann.files.file(file).held()


def test_a_clock_that_was_ahead_does_not_keep_from_asking_again(ann: Device) -> None:
    ann.add(ann.issue(), "photo.jpg", bytes(300))
    ann.run()
    with ann.project.writing():
        ann.project.db.run("UPDATE local_files SET asked_ms = asked_ms + ?", (365 * DAY,))
    ann.server.chunks.clear()
    ann.run()
    assert ann.server.chunks, "it was asked, and given what it had lost"


def test_a_device_that_was_away_names_no_files_before_it_has_looked(ann: Device) -> None:
    ann.add(ann.issue(), "photo.jpg", bytes(300))
    with ann.project.writing():
        ann.project.db.run("UPDATE changes SET eid = 1 WHERE eid IS NULL")
        ann.project.put_meta("last_success_ms", ann.project.clock.now_ms() - DAY)
    keys = KeyRing((EpochKey(0, b"e" * 32, b"k" * 32),))
    store = FileTransfers(ann.project, ann.files.directory, SigningKey(bytes(32)), keys)
    assert store._live_body() is None
    with ann.project.writing():
        ann.project.put_meta("last_success_ms", ann.project.clock.now_ms())
    assert store._live_body() is not None
