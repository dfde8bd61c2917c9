"""Where chunks' bytes are: in memory, in a folder, and on an S3 server over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from moto.server import ThreadedMotoServer

from sync.server.objects import MemoryObjects, Objects, folder_objects, url_objects
from sync.server.storage import StorageError
from tests.server.support import FakeClock, Seeded

P, Q, N = b"p" * 32, b"q" * 32, b"n" * 32


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    """The address of an S3 server on loopback with a bucket."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    address = f"http://{host}:{port}"
    assert httpx.put(f"{address}/bucket").status_code == 200
    yield address
    server.stop()


def on_s3(address: str, prefix: str = "pre", bucket: str = "bucket") -> Objects:
    return url_objects(
        f"s3://{bucket}/{prefix}",
        Seeded(3),
        endpoint=address,
        region="us-east-1",
        access_key="key",
        secret_key="secret",
        plain_http=True,
    )


@pytest.fixture(params=["memory", "folder", "s3"])
def objects(request: pytest.FixtureRequest, tmp_path: Path) -> Objects:
    if request.param == "memory":
        return MemoryObjects(FakeClock())
    if request.param == "folder":
        return folder_objects(tmp_path / "chunks", Seeded(3))
    return on_s3(request.getfixturevalue("s3"), tmp_path.name)


def test_bytes_come_back_and_go(objects: Objects) -> None:
    one, two, other = objects.put(P, N, b"one"), objects.put(P, N, b"two"), objects.put(Q, N, bytes(1 << 20))
    assert len({one, two, other}) == 3
    assert one.startswith(f"{P.hex()}/{N.hex()}.")
    assert [objects.get(place) for place in (one, two)] == [b"one", b"two"]
    assert objects.get(other) == bytes(1 << 20)
    listed = {each.place: (each.project, each.name) for each in objects.list()}
    assert listed == {one: (P, N), two: (P, N), other: (Q, N)}
    objects.delete([one, f"{P.hex()}/nothing", other])
    assert [objects.get(place) for place in (one, two, other)] == [None, b"two", None]
    objects.write(one, b"again")
    assert objects.get(one) == b"again"


def test_a_folder_lasts(tmp_path: Path) -> None:
    place = folder_objects(tmp_path / "chunks", Seeded(3)).put(P, N, b"one")
    assert (tmp_path / "chunks" / place).read_bytes() == b"one"
    assert folder_objects(tmp_path / "chunks", Seeded(4)).get(place) == b"one"
    assert url_objects(f"file://{tmp_path}/chunks", Seeded(5)).get(place) == b"one"


def test_what_fails_is_one_sentence(s3: str, tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="s3://none/pre cannot be read or written"):
        on_s3(s3, bucket="none").put(P, N, b"one")
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StorageError, match="cannot be used for chunks"):
        folder_objects(tmp_path / "file", Seeded(3))
    with pytest.raises(StorageError, match="not a store of objects"):
        url_objects("nothing://bucket", Seeded(3))
