"""The content of a bundle: what goes in comes out, and nothing else is taken for one."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import apsw
import pytest

from app.domain.schema import ISSUE
from app.store.bundle_image import (
    Image,
    NotNow,
    Opened,
    Origin,
    open_image,
    settle_image,
    write_file,
)
from app.store.bundle_stream import decompressed
from app.store.project import Project
from sync.clock import system_random
from sync.errors import Malformed, NewerFormat, SitebookError
from tests.app.store.bundles import Device, Order, busy, compressed, found, image_of, join
from tests.app.store.replicas import picture
from tests.benchmarks.crew import CLOCK


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Device, Device, Order]:
    host = found(tmp_path)
    order = Order()
    order.exchange(host)
    other = join(host, tmp_path, "other")
    order.exchange(host, other)
    busy(host, other, order)
    return host, other, order


def opened(image: Image, host: Device, **changed: Any) -> Opened:
    given: dict[str, Any] = {"schema": image.schema, "summary": image.summary, "data": image.data} | changed
    return open_image(
        given["data"],
        project=host.identity.project,
        schema=given["schema"],
        summary=given["summary"],
        publisher=host.identity.device,
    )


def taken(image: Image, host: Device, path: Path) -> Project:
    """A new device's file from a bundle's content."""
    content = opened(image, host)
    key = system_random(32)
    with closing(content.database):
        settle_image(
            content,
            schema=image.schema,
            device=b"n" * 32,
            origin=Origin(b"m" * 32, image.cookie),
            clock=CLOCK,
        )
        write_file(content, path, key)
    return Project.open(path, key, device=b"n" * 32, clock=CLOCK, random=system_random)


def test_a_project_made_from_a_bundle_is_as_the_one_that_it_was_made_of(
    pair: tuple[Device, Device, Order], tmp_path: Path
) -> None:
    host, other, _ = pair
    image = image_of(host)
    assert image.summary == image_of(other).summary
    raw = decompressed(compressed(image), len(image.data))
    assert raw == image.data
    project = taken(image, host, tmp_path / "new.sitebook")
    with closing(project):
        assert picture(project) == picture(host.project)
        assert project.get_meta("device") == b"n" * 32
        project.check()
        with project.reader() as search:
            assert len(search.first_hits("door")) >= 4
            assert search.matching("window")
        while project.maintain():
            pass
        with project.reader() as search:
            assert len(search.first_hits("door")) >= 4
        wires = project.db.all("SELECT kind, bare, length(wire) < 600 FROM envelopes WHERE state = 0")
        assert {(kind, bare) for kind, bare, _ in wires} == {(0, 1), (1, 0)}
        assert all(short for kind, _, short in wires if kind == 0)


def test_nothing_of_this_device_alone_goes_into_a_bundle(pair: tuple[Device, Device, Order]) -> None:
    host, _, _ = pair
    with host.project.writing():
        host.project.db.run("INSERT INTO local_view VALUES ('secret', x'6f776e')")
        host.project.put_meta("own", "only here")
    image = image_of(host)
    with closing(apsw.Connection(":memory:")) as connection:
        connection.deserialize("main", image.data)
        names = [row[0] for row in connection.execute("SELECT name FROM sqlite_schema")]
        assert not [name for name in names if name.startswith("local_")]
        assert connection.execute("SELECT name FROM meta").fetchall() == [("project",)]
    assert b"only here" not in image.data


def test_a_device_with_unsent_work_makes_no_bundle(pair: tuple[Device, Device, Order]) -> None:
    host, other, order = pair
    issue = host.project.create(ISSUE, {"title": "Unsent"})[0]
    with pytest.raises(NotNow):
        image_of(host)
    host.side.prepare_push()
    with pytest.raises(NotNow):
        image_of(host)
    order.exchange(host, other)
    assert image_of(host).summary.count
    assert host.project.field(issue, "title").value == "Unsent"


_HOSTILE = {
    "trigger": "CREATE TRIGGER bad AFTER INSERT ON changes BEGIN DELETE FROM records; END",
    "view": "CREATE VIEW local_words AS SELECT 1 AS title, 2 AS text",
    "table": "CREATE TABLE more (x)",
    "index": "CREATE INDEX more ON records (state)",
    "column": "ALTER TABLE records ADD COLUMN more ANY",
    "missing": "DROP TABLE covers",
    "meta": "INSERT INTO meta VALUES ('cookie', x'00')",
    "project": "UPDATE meta SET value = zeroblob(32)",
    "migrations": "INSERT INTO migrations VALUES (99, 'x', 0)",
    "change": "INSERT INTO changes VALUES (100000, randomblob(32), 1, 1, NULL, 1, 0, NULL)",
    "aside": "UPDATE changes SET aside = 1 - aside WHERE cid = (SELECT min(cid) FROM changes)",
    "membership": "UPDATE envelopes SET wire = x'00' WHERE kind = 1",
    "membership gone": "DELETE FROM envelopes WHERE kind = 1",
    "heads": "UPDATE heads SET seq = seq + 1",
    "virtual": "CREATE VIRTUAL TABLE v USING fts5 (x)",
}


@pytest.mark.parametrize("what", sorted(_HOSTILE))
def test_content_that_is_not_exactly_ours_is_refused(pair: tuple[Device, Device, Order], what: str) -> None:
    host, _, _ = pair
    image = image_of(host)
    with closing(apsw.Connection(":memory:")) as connection:
        connection.deserialize("main", image.data)
        connection.execute(_HOSTILE[what])
        data = connection.serialize("main")
    assert isinstance(data, bytes)
    opened(image, host).database.close()
    with pytest.raises(SitebookError):
        opened(image, host, data=data)


def _lying_index(data: bytes) -> bytes:
    """A file whose index of changes leads to other rows than it says."""
    with closing(apsw.Connection(":memory:")) as connection:
        connection.deserialize("main", data)
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute(
            "UPDATE sqlite_schema SET rootpage ="
            " (SELECT rootpage FROM sqlite_schema WHERE name = 'sqlite_autoindex_devices_1')"
            " WHERE name = 'sqlite_autoindex_envelopes_1'"
        )
        return bytes(connection.serialize("main") or b"")


_BYTES: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda data: b"",
    "half": lambda data: data[: len(data) // 2],
    "rubbish": lambda data: bytes(len(data)),
    "header": lambda data: data[:16] + b"\xff" * 84 + data[100:],
    "pages": lambda data: data[:8192] + bytes(range(256)) * ((len(data) - 8192) // 256),
    "index": _lying_index,
}


@pytest.mark.parametrize("what", sorted(_BYTES))
def test_bytes_that_are_no_file_are_refused_or_made_right(
    pair: tuple[Device, Device, Order], what: str
) -> None:
    host, _, _ = pair
    image = image_of(host)
    data = _BYTES[what](image.data)
    try:
        content = opened(image, host, data=data)
    except SitebookError:
        return
    with closing(content.database):
        assert content.database.all("PRAGMA integrity_check") == [("ok",)]


def test_a_newer_bundle_is_refused_with_a_sentence(pair: tuple[Device, Device, Order]) -> None:
    host, _, _ = pair
    image = image_of(host)
    with pytest.raises(NewerFormat, match="update Sitebook"):
        opened(image, host, schema=image.schema + 1)


def test_a_publisher_who_may_not_publish_is_not_believed(pair: tuple[Device, Device, Order]) -> None:
    host, _, _ = pair
    image = image_of(host)
    with pytest.raises(Malformed):
        open_image(
            image.data,
            project=host.identity.project,
            schema=image.schema,
            summary=image.summary,
            publisher=b"s" * 32,
        )


def test_no_more_is_decompressed_than_was_said(pair: tuple[Device, Device, Order]) -> None:
    host, _, _ = pair
    image = image_of(host)
    pieces = compressed(image)
    for size in (len(image.data) - 1, len(image.data) + 1, 0):
        with pytest.raises(Malformed):
            decompressed(pieces, size)
    with pytest.raises(Malformed):
        decompressed([b"no such thing"], 100)
    with pytest.raises(Malformed):
        decompressed(pieces[:0], 100)
