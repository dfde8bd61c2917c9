"""Bytes that were made once and must open for ever.

Where one of these fails, a format changed: it needs a new number, a migration and a fixture of its own.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sync.change import Delete, Set, decode_change
from sync.cookie import Cookie
from sync.envelope import Envelope, open_changes, parse, seal_membership, verify
from sync.epochs import EpochKey, KeyRing, unwrap_previous
from sync.grants import open_grant
from sync.intake import Outcome, judge
from sync.invite import parse_code
from sync.keys import KemKey, SigningKey
from sync.membership import Decision, Membership, Role
from sync.membership_actions import EpochAction, Founding, Revoke, UnknownAction, decode_action, encode_action

FILE = Path(__file__).parents[1] / "fixtures" / "formats" / "formats-1.json"
DATA: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
ENVELOPES = {name: bytes.fromhex(each["wire"]) for name, each in DATA["envelopes"].items()}
KEYS = {name: bytes.fromhex(value) for name, value in DATA["keys"].items()}
PROJECT = bytes.fromhex(DATA["project"])
EPOCH = EpochKey(0, PROJECT, KEYS["epoch"])
ACTIONS = {
    "founding": 1,
    "invite": 2,
    "invite-next": 2,
    "join": 3,
    "role": 4,
    "cancel": 5,
    "revoke": 6,
    "succession": 7,
    "epoch": 8,
}


def envelope(name: str) -> Envelope:
    return parse(ENVELOPES[name])


def membership() -> Membership:
    result = Membership(PROJECT)
    for name in ACTIONS:
        result.add(envelope(name))
    return result


@pytest.mark.parametrize("name", [*ACTIONS, "changes"])
def test_envelope(name: str) -> None:
    found = envelope(name)
    verify(found)
    assert found.hash.hex() == DATA["envelopes"][name]["hash"]
    assert found.wire() == ENVELOPES[name]


@pytest.mark.parametrize("name", ACTIONS)
def test_action(name: str) -> None:
    found = envelope(name)
    assert found.body is not None
    action = decode_action(found.body)
    assert not isinstance(action, UnknownAction)
    assert found.body[:3] in (bytes([0x92, 1, 0x90 + length]) for length in range(2, 7))
    assert found.body[3] == ACTIONS[name]
    assert encode_action(action) == found.body


@pytest.mark.parametrize("name", ACTIONS)
def test_membership_envelopes_are_made_the_same_way(name: str) -> None:
    found = envelope(name)
    assert found.body is not None
    seed = KEYS["joined_sign_seed" if name == "join" else "owner_sign_seed"]
    again = seal_membership(
        project=found.header.project,
        device_key=SigningKey(seed),
        seq=found.header.seq,
        prev=found.header.prev,
        membership_heads=found.header.membership_heads,
        action=found.body,
    )
    assert again == found


def test_founding() -> None:
    found = envelope("founding")
    assert found.hash == PROJECT
    assert found.header.project == bytes(32)
    action = decode_action(found.body or b"")
    assert isinstance(action, Founding)
    assert action.kem_public == KemKey(KEYS["owner_kem_private"]).public
    assert action.commitment == EPOCH.commitment()
    assert action.recovery is not None
    assert action.recovery.sign_public == SigningKey(KEYS["recovery_sign_seed"]).public
    assert action.recovery.kem_public == KemKey(KEYS["recovery_kem_private"]).public


def test_changes() -> None:
    found = envelope("changes")
    body = open_changes(found, EPOCH)
    assert [change.hex() for change in body.changes] == [DATA["change"]["bytes"]]
    assert body.cookie == Cookie.decode(bytes.fromhex(DATA["cookie"]))
    head = body.author_heads[0]
    assert (head.device, head.seq, head.hash) == (
        SigningKey(KEYS["joined_sign_seed"]).public,
        1,
        envelope("join").hash,
    )
    change = decode_change(body.changes[0])
    assert change.id.hex() == DATA["change"]["id"]
    assert change.clock == 1_790_000_000_123
    first, *_, last = change.operations
    assert isinstance(first, Set)
    assert first.value == "Riß in Wand 壁 3"
    assert isinstance(last, Delete)


def test_membership() -> None:
    found = membership()
    for name in ACTIONS:
        header = envelope(name).header
        assert found.judge(header, envelope(name).hash).decision is Decision.ACCEPT
    member = found.members[envelope("join").hash]
    assert member.role is Role.EDITOR
    device = found.device(SigningKey(KEYS["joined_sign_seed"]).public)
    assert device is not None
    assert device.revoked
    invite = found.invites[envelope("invite").hash]
    assert (invite.role, invite.expires_ms, invite.usable) == (Role.CONTRIBUTOR, 1_800_000_000_000, True)
    assert found.invites[envelope("invite-next").hash].cancelled
    revoke = decode_action(envelope("revoke").body or b"")
    assert isinstance(revoke, Revoke)
    assert revoke.accepted[0].hash == envelope("join").hash
    judged = judge(ENVELOPES["changes"], found, KeyRing((EPOCH,)))
    assert judged.outcome is Outcome.APPLY
    assert len(judged.changes) == 1


def test_later_epoch() -> None:
    found = envelope("epoch")
    action = decode_action(found.body or b"")
    assert isinstance(action, EpochAction)
    later = EpochKey(0, found.hash, KEYS["later_epoch"])
    assert membership().commitment(0, found.hash) == later.commitment()
    previous = action.previous[0]
    assert unwrap_previous(previous.wrapped, later, previous.epoch, PROJECT) == EPOCH


def test_grant() -> None:
    wire = bytes.fromhex(DATA["grant"])
    assert open_grant(wire, KemKey(KEYS["joined_kem_private"]), membership()) == EPOCH


def test_invite_code() -> None:
    code = parse_code(DATA["invite_code"])
    assert code.text() == DATA["invite_code"]
    assert code.seed.hex() == DATA["invite_seed"]
    assert (code.project, code.invite) == (PROJECT, envelope("invite").hash)
    assert code.server == "https://sitebook.example.org"
    assert code.certificate == bytes(range(32))
    assert membership().invites[code.invite].sign_public == code.signing.public
    assert open_grant(bytes.fromhex(DATA["invite_grant"]), code.kem, membership()) == EPOCH
