"""The bytes of membership actions."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.errors import Malformed
from sync.membership_actions import (
    Accepted,
    Action,
    Cancel,
    EpochAction,
    Founding,
    InviteAction,
    Join,
    Known,
    PreviousEpoch,
    RecoveryPublic,
    Revoke,
    Role,
    RoleAction,
    Succession,
    UnknownAction,
    decode_action,
    encode_action,
)

HASH, KEM, SIGNATURE = b"h" * 32, b"k" * 1216, b"s" * 64
RECOVERY = RecoveryPublic(b"r" * 32, KEM)
ACCEPTED = Accepted(HASH, 9, HASH)
encode = msgspec.msgpack.encode

WRONG: tuple[object, ...] = (True, 1.5, "", "x" * 32, b"", b"x" * 31, b"x" * 1215, -1, 1 << 60, [1], {})
ALL: list[Known] = [
    Founding(KEM, RECOVERY, HASH, HASH),
    Founding(KEM, None, HASH, HASH),
    *(InviteAction(HASH, KEM, role, 5, None) for role in Role),
    InviteAction(HASH, KEM, Role.VIEWER, None, HASH),
    Join(HASH, KEM, None, SIGNATURE),
    Join(HASH, KEM, RECOVERY, SIGNATURE),
    RoleAction(HASH, Role.EDITOR, (ACCEPTED,)),
    Cancel(HASH),
    Revoke(HASH, None, ()),
    Revoke(HASH, HASH, (ACCEPTED, ACCEPTED)),
    Succession(HASH, KEM, ACCEPTED, SIGNATURE),
    Succession(HASH, KEM, None, SIGNATURE),
    EpochAction(0, HASH, ()),
    EpochAction(7, HASH, (PreviousEpoch(HASH, b"w" * 60),)),
]


@pytest.mark.parametrize("action", ALL, ids=lambda action: type(action).__name__)
def test_comes_back(action: Known) -> None:
    data = encode_action(action)
    assert decode_action(data) == action
    assert msgspec.msgpack.decode(data)[0] == 1


@pytest.mark.parametrize("action", ALL, ids=lambda action: type(action).__name__)
def test_longer_ones_are_read_and_shorter_ones_are_not(action: Known) -> None:
    version, fields = msgspec.msgpack.decode(encode_action(action))
    assert decode_action(encode((version, [*fields, {"new": 1}], "more"))) == action
    for count in range(len(fields)):
        with pytest.raises(Malformed):
            decode_action(encode((version, fields[:count])))


@pytest.mark.parametrize("action", ALL, ids=lambda action: type(action).__name__)
def test_fields_are_checked(action: Known) -> None:
    version, fields = msgspec.msgpack.decode(encode_action(action))
    for index in range(1, len(fields)):
        for wrong in WRONG:
            changed = list(fields)
            changed[index] = wrong
            with pytest.raises(Malformed):
                decode_action(encode((version, changed)))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ((1, [9]), UnknownAction(9)),
        ((1, [1 << 40, "anything", None]), UnknownAction(1 << 40)),
        ((2, "anything"), UnknownAction(0)),
        ((2, [4, 1]), UnknownAction(0)),
    ],
)
def test_later_ones_are_kept(value: object, expected: Action) -> None:
    assert decode_action(encode(value)) == expected


def test_bounds() -> None:
    with pytest.raises(Malformed):
        decode_action(bytes(65_537))
    with pytest.raises(Malformed):
        decode_action(encode((1, [4, HASH, "editor", [[HASH, 1, HASH]] * 501])))
    with pytest.raises(ValueError, match="longer"):
        encode_action(Revoke(HASH, None, (ACCEPTED,) * 2000))


@given(st.binary(max_size=300))
def test_any_bytes(data: bytes) -> None:
    try:
        action = decode_action(data)
    except Malformed:
        return
    assert isinstance(action, UnknownAction | Known)


def test_depth() -> None:
    for data in (b"\x91" * 60_000, b"\x92\x01" + b"\x91" * 60_000, b"\x92\x01\x93\x05" + b"\x91" * 60_000):
        with pytest.raises(Malformed):
            decode_action(data)
