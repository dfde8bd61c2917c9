from __future__ import annotations

import errno
import io
import os
import random
import struct
import threading
import zlib
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import ExifTags, Image

from app.store import images
from app.store.attached_file import clean_name
from app.store.attachments import Attachments, Where, attach, seal_file
from app.store.project import Project
from sync.errors import Damaged, NotFound, Refused, SitebookError
from tests.app.store.replicas import exchange, replica


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return replica(tmp_path, 1, alone=True)


@pytest.fixture
def files(project: Project, tmp_path: Path) -> Attachments:
    return Attachments(project, tmp_path / "p.files")


@pytest.fixture
def issue(project: Project) -> bytes:
    return project.create("issue", {"title": "Crack in the wall"})[0]


def photo(
    width: int = 640, height: int = 320, *, format: str = "JPEG", orientation: int = 1, taken: str = ""
) -> bytes:
    image = Image.new("RGB", (width, height), (200, 20, 20))
    image.paste((20, 20, 200), (0, 0, width // 2, height))
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    if taken:
        exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal] = taken
    out = io.BytesIO()
    image.save(out, format, exif=exif)
    return out.getvalue()


def on_disk(directory: Path) -> list[Path]:
    return [path for path in directory.rglob("*") if path.is_file()]


def test_a_file_is_attached_read_and_saved(
    project: Project, files: Attachments, issue: bytes, tmp_path: Path
) -> None:
    source = tmp_path / "Door schedule.pdf"
    data = random.Random(1).randbytes(3 << 20)
    source.write_bytes(data)
    record, touched = files.add(issue, source)
    assert touched.created == {record}
    file = files.file(record)
    assert (file.name, file.media_type, file.size) == ("Door schedule.pdf", "application/pdf", len(data))
    assert files.of(issue) == [file]
    assert files.where(record) is Where.HERE
    with files.open(record) as reader:
        reader.seek(2 << 20)
        assert reader.read(10) == data[2 << 20 : (2 << 20) + 10]
    files.save_to(record, tmp_path / "out.pdf")
    assert (tmp_path / "out.pdf").read_bytes() == data
    assert b"Door" not in b"".join(path.read_bytes() for path in on_disk(files.directory))


def test_sealing_on_another_thread_needs_no_connection(
    project: Project, files: Attachments, issue: bytes, tmp_path: Path
) -> None:
    source = tmp_path / "photo.jpg"
    source.write_bytes(photo())
    found = []
    thread = threading.Thread(target=lambda: found.append(seal_file(source, files.directory, os.urandom)))
    thread.start()
    thread.join()
    record, _ = attach(project, issue, found[0])
    assert files.thumbnail(record) is not None


def test_another_device_says_that_the_file_is_not_there(
    project: Project, files: Attachments, issue: bytes, tmp_path: Path
) -> None:
    record, _ = files.add_bytes(issue, "a.txt", b"text")
    other = replica(tmp_path, 2)
    exchange(project, other)
    elsewhere = Attachments(other, tmp_path / "other.files")
    assert elsewhere.file(record).name == "a.txt"
    assert elsewhere.where(record) is Where.ELSEWHERE
    assert elsewhere.thumbnail(record) is None
    with pytest.raises(NotFound, match="not on this device"):
        elsewhere.save_to(record, tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "GIF"])
def test_images_get_a_thumbnail_that_is_kept_encrypted(files: Attachments, issue: bytes, format: str) -> None:
    record, _ = files.add_bytes(issue, f"photo.{format.lower()}", photo(format=format))
    small = files.thumbnail(record)
    assert small is not None
    with Image.open(io.BytesIO(small)) as image:
        assert image.size == (512, 256)
    tiny = files.thumbnail(record, 64)
    assert tiny is not None
    with Image.open(io.BytesIO(tiny)) as image:
        assert max(image.size) == 64
    assert len(on_disk(files.directory / "small")) == 2
    for path in on_disk(files.directory):
        assert small[:40] not in path.read_bytes()


def test_a_transparent_image_stays_transparent(files: Attachments, issue: bytes) -> None:
    out = io.BytesIO()
    Image.new("RGBA", (100, 100), (255, 0, 0, 0)).save(out, "PNG")
    record, _ = files.add_bytes(issue, "stamp.png", out.getvalue())
    small = files.thumbnail(record)
    assert small is not None
    with Image.open(io.BytesIO(small)) as image:
        assert image.getchannel("A").getextrema() == (0, 0)


@pytest.mark.parametrize(
    ("orientation", "size", "blue"),
    [(1, (512, 256), (10, 100)), (6, (256, 512), (100, 10)), (3, (512, 256), (500, 100))],
)
def test_thumbnails_stand_upright(
    files: Attachments, issue: bytes, orientation: int, size: tuple[int, int], blue: tuple[int, int]
) -> None:
    record, _ = files.add_bytes(issue, "photo.jpg", photo(orientation=orientation))
    small = files.thumbnail(record)
    assert small is not None
    with Image.open(io.BytesIO(small)) as image:
        assert image.size == size
        pixel = image.getpixel(blue)
        assert isinstance(pixel, tuple)
        assert pixel[2] > 150


def test_the_moment_of_the_photo_is_kept(project: Project, issue: bytes, tmp_path: Path) -> None:
    zone = timezone(timedelta(hours=2))
    files = Attachments(project, tmp_path / "p.files", zone=zone)
    record, _ = files.add_bytes(issue, "photo.jpg", photo(taken="2026:03:14 15:09:26"))
    expected = datetime(2026, 3, 14, 13, 9, 26, tzinfo=UTC)
    assert files.file(record).captured == int(expected.timestamp() * 1000)


def test_a_photo_with_a_wrong_moment_has_none(files: Attachments, issue: bytes) -> None:
    record, _ = files.add_bytes(issue, "photo.jpg", photo(taken="0000:00:00 00:00:00"))
    assert files.file(record).captured is None


def _huge_png(side: int) -> bytes:
    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(bytes(1000)))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("side", [8_000, 12_000, 60_000, 2_000_000])
def test_an_image_that_claims_to_be_huge_has_no_thumbnail(
    files: Attachments, issue: bytes, side: int
) -> None:
    record, _ = files.add_bytes(issue, "bomb.png", _huge_png(side))
    assert files.thumbnail(record) is None
    assert files.held(record)


@pytest.mark.parametrize("data", [b"", b"\xff\xd8\xff", b"GIF89a", photo()[:400], b"<svg onload='x'/>"])
def test_damaged_images_have_no_thumbnail_and_stay_whole(
    files: Attachments, issue: bytes, data: bytes
) -> None:
    record, _ = files.add_bytes(issue, "photo.jpg", data)
    assert files.thumbnail(record) is None
    with files.open(record) as reader:
        assert reader.read() == data


_WHOLE = {format: photo(40, 30, format=format, taken="2026:03:14 15:09:26") for format in images.FORMATS}


@settings(max_examples=300)
@given(st.sampled_from(images.FORMATS), st.data())
def test_wild_images_never_raise(format: str, data: st.DataObject) -> None:
    wild = bytearray(_WHOLE[format])
    for _ in range(data.draw(st.integers(1, 8))):
        wild[data.draw(st.integers(0, len(wild) - 1))] = data.draw(st.integers(0, 255))
    cut = bytes(wild[: data.draw(st.integers(0, len(wild)))])
    images.thumbnail(io.BytesIO(cut), 64)
    images.captured(io.BytesIO(cut), UTC)


def test_one_flipped_byte_is_one_sentence(files: Attachments, issue: bytes, tmp_path: Path) -> None:
    record, _ = files.add_bytes(issue, "a.bin", bytes(5000))
    [path] = on_disk(files.directory / "chunks")
    data = bytearray(path.read_bytes())
    data[100] ^= 4
    path.write_bytes(data)
    target = tmp_path / "out"
    target.write_bytes(b"before")
    with pytest.raises(Damaged, match="damaged; restore it"):
        files.save_to(record, target)
    assert target.read_bytes() == b"before"
    assert [each.name for each in tmp_path.iterdir() if "part" in each.name] == []


def test_a_damaged_thumbnail_is_made_again(files: Attachments, issue: bytes) -> None:
    record, _ = files.add_bytes(issue, "photo.jpg", photo())
    before = files.thumbnail(record)
    [path] = on_disk(files.directory / "small")
    path.write_bytes(path.read_bytes()[:-1])
    assert files.thumbnail(record) == before


def test_a_full_disk_leaves_nothing(
    project: Project, files: Attachments, issue: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(SitebookError, match="disk is full"):
        files.add_bytes(issue, "a.txt", b"text")
    assert on_disk(files.directory) == []
    assert project.records("attachment") == []


def test_what_is_refused_leaves_nothing(project: Project, files: Attachments, issue: bytes) -> None:
    person, _ = project.create("person", {"name": "Ada"})
    with pytest.raises(Refused, match="cannot be attached to a person"):
        files.add_bytes(person, "photo.jpg", photo())
    project.delete(issue)
    with pytest.raises(Refused, match="restore it"):
        files.add_bytes(issue, "photo.jpg", photo())
    with pytest.raises(NotFound):
        files.add_bytes(bytes(16), "photo.jpg", photo())
    assert on_disk(files.directory) == []


def test_folders_pipes_and_missing_files_are_one_sentence(
    files: Attachments, issue: bytes, tmp_path: Path
) -> None:
    with pytest.raises(NotFound, match="There is no file"):
        files.add(issue, tmp_path / "none.jpg")
    with pytest.raises(SitebookError, match="is a folder"):
        files.add(issue, tmp_path)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(SitebookError, match="is not a file"):
        files.add(issue, tmp_path / "pipe")


def test_removing_and_restoring(project: Project, files: Attachments, issue: bytes) -> None:
    record, _ = files.add_bytes(issue, "a.txt", b"text")
    files.remove(record)
    assert files.of(issue) == []
    project.restore(record)
    with files.open(record) as reader:
        assert reader.read() == b"text"


def test_collecting_takes_what_a_crash_left(
    project: Project, files: Attachments, issue: bytes, tmp_path: Path
) -> None:
    kept, _ = files.add_bytes(issue, "kept.bin", bytes(100))
    trashed, _ = files.add_bytes(issue, "trashed.bin", bytes(100))
    files.remove(trashed)
    source = tmp_path / "lost.bin"
    source.write_bytes(bytes(3 << 20))
    seal_file(source, files.directory, os.urandom)
    young = seal_file(source, files.directory, os.urandom)
    now = project.clock.now_ms() / 1000
    for path in on_disk(files.directory):
        os.utime(path, (now - 2 * 86_400, now - 2 * 86_400))
    for name in young.added:
        path = files.directory / "chunks" / name.hex()[:2] / name.hex()
        os.utime(path, (now, now))
    assert files.collect() == 3
    assert files.held(kept)
    assert files.held(trashed)


def test_collecting_waits_while_a_record_is_of_a_later_version(
    project: Project, files: Attachments, issue: bytes
) -> None:
    record, _ = files.add_bytes(issue, "a.bin", bytes(100))
    project.set(record, "manifest", b"\x92\x02\x00")
    for path in on_disk(files.directory):
        os.utime(path, (1000, 1000))
    assert files.collect() == 0
    assert files.where(record) is Where.ELSEWHERE


@pytest.mark.parametrize("field", ["manifest", "key", "name", "size", "captured", "media_type"])
@pytest.mark.parametrize("value", [7, "x", b"x", [1, 2], {"a": 1}, True, None])
def test_records_of_any_shape_are_read(
    project: Project, files: Attachments, issue: bytes, field: str, value: object
) -> None:
    record, _ = files.add_bytes(issue, "photo.jpg", photo(20, 20))
    project.set(record, field, value)
    file = files.file(record)
    file.thumbnail()
    assert isinstance(file.name, str)
    assert isinstance(file.size, int)


@given(st.text(max_size=400))
def test_names_are_safe(name: str) -> None:
    clean = clean_name(name)
    assert clean not in ("", ".", "..")
    assert "/" not in clean
    assert "\\" not in clean
    assert clean.isprintable()
    assert len(clean) <= 200
    assert clean_name(clean) == clean
