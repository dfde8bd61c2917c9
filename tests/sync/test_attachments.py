from __future__ import annotations

import errno
import hashlib
import io
import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.attachments import (
    Cancelled,
    Manifest,
    Reader,
    SealedFile,
    check_whole,
    pieces,
    seal,
)
from sync.chunks import ChunkDirectory
from sync.errors import Damaged, Malformed, NewerFormat, NotFound, SitebookError

ROOT = Path(__file__).parents[2]
SMALL = 256


def sealed(
    directory: Path, data: bytes, *, inline_names: int = 200 << 10
) -> tuple[ChunkDirectory, SealedFile]:
    store = ChunkDirectory(directory)
    return store, seal(io.BytesIO(data), store, os.urandom, chunk_size=SMALL, inline_names=inline_names)


def read_back(store: ChunkDirectory, file: SealedFile) -> bytes:
    manifest = Manifest.decode(file.manifest.encode())
    return b"".join(pieces(store, file.key, manifest))


@pytest.mark.parametrize("length", [0, 1, SMALL - 1, SMALL, SMALL + 1, 5 * SMALL, 40 * SMALL + 7])
@pytest.mark.parametrize("inline_names", [200 << 10, 0])
def test_a_file_reads_back_as_it_was(tmp_path: Path, length: int, inline_names: int) -> None:
    data = random.Random(length).randbytes(length)
    store, file = sealed(tmp_path, data, inline_names=inline_names)
    assert read_back(store, file) == data
    assert file.manifest.depth == int(inline_names == 0)
    assert file.manifest.size == length
    assert file.manifest.sha256 == hashlib.sha256(data).digest()
    assert set(store.names()) == set(file.manifest.everything(store, file.key)) == set(file.added)


@given(st.binary(max_size=2000), st.lists(st.tuples(st.integers(0, 2200), st.integers(0, 700)), max_size=8))
def test_the_reader_seeks_like_a_file(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, reads: list[tuple[int, int]]
) -> None:
    store, file = sealed(tmp_path_factory.mktemp("chunks"), data)
    plain = io.BytesIO(data)
    with io.BufferedReader(Reader(store, file.key, file.manifest)) as reader:
        for place, count in reads:
            assert reader.seek(place) == plain.seek(place)
            assert reader.read(count) == plain.read(count)
        reader.seek(-len(data), io.SEEK_END)
        assert reader.read() == data


def test_nothing_of_the_file_is_readable_and_equal_files_differ(tmp_path: Path) -> None:
    data = b"The key is under the mat. " * 100
    store, first = sealed(tmp_path, data)
    _, second = sealed(tmp_path, data)
    assert not set(first.added) & set(second.added)
    for name in store.names():
        chunk = store.read(name, 1 << 20)
        assert b"under the mat" not in chunk
    assert first.key.hex() not in repr(first)
    assert str(list(first.key)) not in repr(first)


def test_the_last_chunk_hides_the_exact_size(tmp_path: Path) -> None:
    lengths = set()
    for size in range(1000, 1020):
        store = ChunkDirectory(tmp_path / str(size))
        file = seal(io.BytesIO(bytes(size)), store, os.urandom, chunk_size=4096)
        lengths.add(store.path(file.added[0]).stat().st_size)
    assert len(lengths) == 1


def test_one_flipped_byte_is_noticed(tmp_path: Path) -> None:
    store, file = sealed(tmp_path, bytes(3 * SMALL))
    path = store.path(file.added[1])
    data = bytearray(path.read_bytes())
    data[17] ^= 1
    path.write_bytes(data)
    with pytest.raises(Damaged, match="damaged"):
        check_whole(store, file.key, file.manifest)


def test_a_missing_chunk_says_that_the_file_is_not_here(tmp_path: Path) -> None:
    store, file = sealed(tmp_path, bytes(3 * SMALL))
    store.remove(file.added[2])
    with pytest.raises(NotFound, match="not on this device"):
        check_whole(store, file.key, file.manifest)


def _with(manifest: Manifest, size: int, names: tuple[bytes, ...]) -> Manifest:
    return Manifest(size, manifest.chunk_size, manifest.sha256, 0, names)


def test_chunks_cannot_be_moved_cut_off_or_repeated(tmp_path: Path) -> None:
    store, file = sealed(tmp_path, random.Random(1).randbytes(3 * SMALL))
    one, two, three = file.manifest.names
    for size, names in (
        (3 * SMALL, (two, one, three)),
        (2 * SMALL, (one, two)),
        (2 * SMALL, (one, three)),
        (4 * SMALL, (one, two, two, three)),
        (3 * SMALL, (one, one, three)),
        (3 * SMALL - 5, (one, two, three)),
    ):
        with pytest.raises(Damaged):
            check_whole(store, file.key, _with(file.manifest, size, names))


def test_a_chunk_of_another_file_or_key_is_refused(tmp_path: Path) -> None:
    store, file = sealed(tmp_path, bytes(SMALL))
    _, other = sealed(tmp_path, bytes(SMALL))
    with pytest.raises(Damaged):
        check_whole(store, file.key, other.manifest)


def test_a_manifest_that_lies_about_the_hash_is_noticed(tmp_path: Path) -> None:
    store, file = sealed(tmp_path, b"plan")
    wrong = Manifest(4, SMALL, bytes(32), 0, file.manifest.names)
    with pytest.raises(Damaged):
        check_whole(store, file.key, wrong)


@given(st.binary(max_size=300))
def test_wild_manifests_are_malformed(data: bytes) -> None:
    with pytest.raises((Malformed, NewerFormat)):
        Manifest.decode(data)


@given(st.data())
def test_damaged_manifests_never_crash(data: st.DataObject) -> None:
    whole = bytearray(Manifest(600, SMALL, bytes(32), 0, (bytes(32),) * 3).encode())
    place = data.draw(st.integers(0, len(whole) - 1))
    whole[place] = data.draw(st.integers(0, 255))
    try:
        manifest = Manifest.decode(bytes(whole))
    except (Malformed, NewerFormat):
        return
    assert len(manifest.names) == manifest.count


def test_manifests_of_a_later_version_say_so() -> None:
    import msgspec

    with pytest.raises(NewerFormat, match="update"):
        Manifest.decode(msgspec.msgpack.encode([2, "something", {"else": 1}]))


def test_cancelling_leaves_nothing(tmp_path: Path) -> None:
    store = ChunkDirectory(tmp_path)
    seen: list[int] = []
    with pytest.raises(Cancelled):
        seal(
            io.BytesIO(bytes(10 * SMALL)),
            store,
            os.urandom,
            chunk_size=SMALL,
            progress=lambda done, whole: seen.append(done),
            cancelled=lambda: len(seen) >= 4,
        )
    assert list(store.names()) == []


def test_progress_ends_at_the_whole(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    seal(
        io.BytesIO(bytes(5 * SMALL + 3)),
        ChunkDirectory(tmp_path),
        os.urandom,
        size=5 * SMALL + 3,
        chunk_size=SMALL,
        progress=lambda done, whole: seen.append((done, whole)),
    )
    assert seen[-1] == (5 * SMALL + 3, 5 * SMALL + 3)
    assert [done for done, _ in seen] == sorted({done for done, _ in seen})


def test_a_full_disk_is_one_sentence_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = ChunkDirectory(tmp_path)
    real = os.fsync
    calls = []

    def full(descriptor: int) -> None:
        calls.append(descriptor)
        if len(calls) > 5:
            raise OSError(errno.ENOSPC, "No space left on device")
        real(descriptor)

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(SitebookError, match="disk is full"):
        seal(io.BytesIO(bytes(20 * SMALL)), store, os.urandom, chunk_size=SMALL)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_collecting_keeps_what_is_live_or_young(tmp_path: Path) -> None:
    store, file = sealed(tmp_path, bytes(4 * SMALL))
    kept, young, *old = file.added
    for name in (kept, *old):
        os.utime(store.path(name), (1000, 1000))
    part = store.path(kept).with_name("left.part")
    part.write_bytes(b"half")
    os.utime(part, (1000, 1000))
    os.utime(store.path(young), (5000, 5000))
    assert store.collect({kept}, 2_000_000) == len(old) + 1
    assert set(store.names()) == {kept, young}
    assert not part.exists()


_CHILD = """
import io, os, sys, resource
from pathlib import Path
from sync.attachments import Manifest, pieces, seal
from sync.chunks import ChunkDirectory
directory, source = Path(sys.argv[1]), Path(sys.argv[2])
store = ChunkDirectory(directory)
store.write(b"warm")
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print("ready", flush=True)
with source.open("rb") as file:
    sealed = seal(file, store, os.urandom)
total = 0
for piece in pieces(store, sealed.key, sealed.manifest):
    total += len(piece)
print(total, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before, flush=True)
"""


def _child(directory: Path, source: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", _CHILD, str(directory), str(source)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )


@pytest.mark.slow
def test_a_large_file_never_stands_in_memory(tmp_path: Path) -> None:
    source = tmp_path / "film"
    size = 300 << 20
    with source.open("wb") as file:
        file.truncate(size)
    output, _ = _child(tmp_path / "chunks", source).communicate(timeout=100)
    total, grown_kib = (int(part) for part in output.split()[1:])
    assert total == size
    assert grown_kib < 24 << 10


def test_a_kill_in_the_middle_leaves_only_whole_chunks(tmp_path: Path) -> None:
    source = tmp_path / "film"
    with source.open("wb") as file:
        file.truncate(200 << 20)
    directory = tmp_path / "chunks"
    process = _child(directory, source)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    store = ChunkDirectory(directory)
    while sum(1 for _ in store.names()) < 5:
        pass
    process.send_signal(signal.SIGKILL)
    process.communicate()
    for name in store.names():
        assert hashlib.sha256(store.path(name).read_bytes()).digest() == name
    assert store.collect(set(), 1 << 60) >= 5
    assert [path for path in directory.rglob("*") if path.is_file()] == []
