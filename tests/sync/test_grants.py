"""Grants: one key for one recipient, checked against what the project committed to."""

from __future__ import annotations

import hashlib

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.epochs import EpochKey
from sync.errors import Malformed, NewerFormat
from sync.grants import open_grant, open_grants, parse_grant, recipient_id, seal_grant
from sync.keys import BadSignature, KemKey, SigningKey
from tests.sync.crew import Crew

CREW = Crew()
KEM = KemKey(bytes(range(96)))
MEMBERSHIP = CREW.founder.membership
encode = msgspec.msgpack.encode


def grant(key: EpochKey | None = None, kem: KemKey = KEM, project: bytes | None = None) -> bytes:
    return seal_grant(
        project=project or CREW.project,
        epoch_key=key or CREW.key,
        kem_public=kem.public,
        device_key=CREW.founder.identity.signing,
    )


def test_opens_to_the_epochs_key() -> None:
    wire = grant()
    assert open_grant(wire, KEM, MEMBERSHIP) == CREW.key
    parsed = parse_grant(wire)
    assert parsed.recipient == recipient_id(KEM.public) == hashlib.sha256(KEM.public).digest()
    assert parsed.granter == CREW.founder.device
    assert CREW.key.key not in wire
    assert grant() != wire


def test_any_member_of_the_project_or_none_may_have_granted() -> None:
    wire = seal_grant(
        project=CREW.project, epoch_key=CREW.key, kem_public=KEM.public, device_key=SigningKey(bytes(32))
    )
    assert open_grant(wire, KEM, MEMBERSHIP) == CREW.key


@pytest.mark.parametrize(
    "wire",
    [
        grant(kem=KemKey(bytes(96))),
        grant(project=b"q" * 32),
        grant(EpochKey(0, CREW.project, bytes(32))),
        grant(EpochKey(1, CREW.project, CREW.key.key)),
        grant(EpochKey(0, bytes(32), CREW.key.key)),
        b"",
        bytes(5000),
    ],
    ids=["recipient", "project", "key", "compartment", "epoch", "empty", "long"],
)
def test_what_is_not_for_this_device_or_not_the_key(wire: bytes) -> None:
    with pytest.raises(Malformed):
        open_grant(wire, KEM, MEMBERSHIP)


def test_fields_cannot_be_swapped() -> None:
    """Signed anew by somebody, a sealed key still opens only for what it was sealed for."""
    crew = Crew(2)
    fields = msgspec.structs.astuple(parse_grant(grant(project=crew.project)))[:-1]
    thief = SigningKey(bytes(32))
    for index, value in ((2, CREW.project), (4, CREW.project), (3, 1)):
        changed = list(fields)
        changed[6] = thief.public
        changed[index] = value
        signature = thief.sign(b"sitebook/grant-signature/1\0", encode(changed))
        for membership in (MEMBERSHIP, crew.founder.membership):
            with pytest.raises(Malformed):
                open_grant(encode((*changed, signature)), KEM, membership)


def test_every_changed_byte() -> None:
    wire = grant()
    for at in range(len(wire)):
        changed = bytearray(wire)
        changed[at] ^= 1 << at % 8
        with pytest.raises((Malformed, NewerFormat)):
            parse_grant(bytes(changed))
    for length in range(0, len(wire), 7):
        with pytest.raises(Malformed):
            parse_grant(wire[:length])


@given(st.binary(max_size=2000))
def test_any_bytes(data: bytes) -> None:
    with pytest.raises((Malformed, NewerFormat)):
        parse_grant(data)


def test_newer_and_unsigned() -> None:
    with pytest.raises(NewerFormat):
        parse_grant(encode((2, 1, "anything")))
    with pytest.raises(NewerFormat):
        parse_grant(encode((1, 2, "anything")))
    with pytest.raises(BadSignature):
        parse_grant(grant()[:-64] + bytes(64))


def test_from_a_server_that_gives_much() -> None:
    wires = [b"rubbish", grant(kem=KemKey(bytes(96))), grant(), grant(), encode((2, 1))]
    assert open_grants(wires, KEM, MEMBERSHIP) == (CREW.key,)
    with pytest.raises(Malformed, match="no key"):
        open_grants(wires[:2], KEM, MEMBERSHIP)
    with pytest.raises(NewerFormat):
        open_grants([wires[0], wires[4]], KEM, MEMBERSHIP)


def test_wrong_key_to_seal_to() -> None:
    with pytest.raises(Malformed):
        seal_grant(
            project=CREW.project,
            epoch_key=CREW.key,
            kem_public=bytes(1216),
            device_key=CREW.founder.identity.signing,
        )
