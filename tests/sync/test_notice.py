"""Notices: signed, sealed where they are not for the server, and readable page by page."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.epochs import EpochKey, KeyRing
from sync.errors import Malformed, NewerFormat
from sync.keys import SigningKey
from sync.notice import NoticeKind, every_notice, make_notice, open_body, read_notice, seal_body
from sync.transport.base import MAX_NOTICE_BYTES

PROJECT = b"p" * 32
KEY = SigningKey(b"k" * 32)
EPOCH = EpochKey(0, b"e" * 32, b"s" * 32)
VECTOR = "94bf4fb0cb712bc8088655032d7b538b"


def wire(body: bytes = b"body", number: int = 7) -> bytes:
    return make_notice(project=PROJECT, kind=NoticeKind.STATE, number=number, body=body, key=KEY)


def test_what_was_made_is_read() -> None:
    notice = read_notice(wire())
    assert (notice.project, notice.kind, notice.device) == (PROJECT, "state", KEY.public)
    assert (notice.number, notice.body) == (7, b"body")


def test_the_bytes_are_those_of_format_1() -> None:
    made = wire(seal_body(b"plain", project=PROJECT, kind="held", device=KEY.public, key=EPOCH, random=bytes))
    assert hashlib.sha256(made).hexdigest().startswith(VECTOR)


@given(st.integers(0, len(wire()) - 1), st.integers(1, 255))
def test_a_changed_byte_is_refused(place: int, change: int) -> None:
    changed = bytearray(wire())
    changed[place] ^= change
    with pytest.raises((Malformed, NewerFormat)):
        read_notice(bytes(changed))


@given(st.binary(max_size=200))
def test_no_bytes_do_harm(data: bytes) -> None:
    with pytest.raises((Malformed, NewerFormat)):
        read_notice(data)


def test_what_is_too_long_is_neither_made_nor_read() -> None:
    with pytest.raises(Malformed):
        wire(bytes(MAX_NOTICE_BYTES))
    with pytest.raises(Malformed):
        read_notice(bytes(MAX_NOTICE_BYTES + 1))


def test_a_sealed_body_opens_for_members_of_its_project_and_kind_only() -> None:
    def made(kind: str) -> bytes:
        body = seal_body(b"plain", project=PROJECT, kind="held", device=KEY.public, key=EPOCH, random=bytes)
        return make_notice(project=PROJECT, kind=kind, number=1, body=body, key=KEY)

    assert open_body(read_notice(made("held")), KeyRing((EPOCH,))) == b"plain"
    assert open_body(read_notice(made("held")), KeyRing(())) is None
    with pytest.raises(Malformed):
        open_body(read_notice(made("state")), KeyRing((EPOCH,)))
    with pytest.raises(Malformed):
        open_body(read_notice(wire()), KeyRing((EPOCH,)))


def test_all_pages_are_read() -> None:
    class Road:
        def put_notice(self, project: bytes, wire: bytes) -> None:
            raise AssertionError

        def notices(self, project: bytes, kind: str, after_ms: int = 0) -> list[tuple[int, bytes]]:
            return [(at, bytes([at])) for at in range(1, 8) if at > after_ms][:3]

    assert list(every_notice(Road(), PROJECT, "state")) == [bytes([at]) for at in range(1, 8)]
