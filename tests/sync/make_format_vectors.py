"""Writes ``tests/fixtures/formats/formats-1.json``: bytes of every format, made once with fixed keys.

To be run for a *new* number of a format only, into a new file: what a file holds must open for ever.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from random import Random

from sync.change import Add, Delete, Remove, Set, Text, encode_change
from sync.cookie import Cookie
from sync.envelope import Body, Envelope, Head, seal_changes
from sync.epochs import EpochKey, wrap_previous
from sync.grants import seal_grant
from sync.identity import found_project
from sync.invite import join_project, make_invite
from sync.keys import KemKey, SigningKey
from sync.membership import Membership, Role, seal_action
from sync.membership_actions import (
    Accepted,
    Cancel,
    EpochAction,
    Known,
    PreviousEpoch,
    RecoveryPublic,
    Revoke,
    RoleAction,
    make_succession,
)


def make() -> dict[str, object]:
    """All of it."""
    random = Random(20260101).randbytes
    recovery_sign, recovery_kem = SigningKey(random(32)), KemKey(random(96))
    recovery = RecoveryPublic(recovery_sign.public, recovery_kem.public)
    founded = found_project(random=random, recovery=recovery)
    owner = founded.identity
    membership = Membership(founded.project)
    membership.add(founded.founding)
    last = founded.founding
    named: dict[str, Envelope] = {"founding": last}

    def take(name: str, envelope: Envelope) -> None:
        nonlocal last
        membership.add(envelope)
        named[name] = last = envelope

    def act(name: str, action: Known) -> None:
        envelope = seal_action(
            membership, action, device_key=owner.signing, seq=last.header.seq + 1, prev=last.hash
        )
        take(name, envelope)

    made = []
    for name, role, next_device in (("invite", Role.CONTRIBUTOR, False), ("invite-next", Role.OWNER, True)):
        invite = make_invite(
            membership=membership,
            identity=owner,
            seq=last.header.seq + 1,
            prev=last.hash,
            keys=(founded.epoch_key,),
            role=role,
            expires_ms=1_800_000_000_000 if role is Role.CONTRIBUTOR else None,
            next_device=next_device,
            server="https://sitebook.example.org",
            certificate=None if next_device else bytes(range(32)),
            random=random,
        )
        take(name, invite.envelope)
        made.append(invite)
    joined = join_project(code=made[0].code, membership=membership, random=random, recovery=recovery)
    membership.add(joined.envelope)
    named["join"] = joined.envelope
    device = joined.identity.device
    accepted = (Accepted(device, 1, joined.envelope.hash),)
    later = random(32)
    wrapped = wrap_previous(later, founded.epoch_key, founded.project, random)
    later_commitment = EpochKey(0, bytes(32), later).commitment()
    act("epoch", EpochAction(0, later_commitment, (PreviousEpoch(founded.project, wrapped),)))
    act("role", RoleAction(joined.identity.member, Role.EDITOR, accepted))
    act("cancel", Cancel(made[1].code.invite))
    new = SigningKey(random(32))
    act(
        "succession",
        make_succession(
            project=founded.project,
            old_device=owner.device,
            new_key=new,
            kem_public=recovery.kem_public,
            fork=Head(owner.device, 1, founded.project),
        ),
    )
    act("revoke", Revoke(joined.identity.member, device, accepted))

    record, other = random(16), random(32)
    writes = ((other, (0, 3)),)
    change = encode_change(
        owner.device,
        1_790_000_000_123,
        [
            Set("issue", record, "title", "Riß in Wand 壁 3", writes),
            Add("issue", record, "labels", random(16)),
            Remove("issue", record, "watchers", writes),
            Text("issue", record, "text", random(20), 77),
            Delete("note", record, writes, writes),
        ],
        random,
    )
    cookie = Cookie.start(random(16)).advance(founded.project).advance(other)
    changes = seal_changes(
        project=founded.project,
        device_key=owner.signing,
        seq=last.header.seq + 1,
        prev=last.hash,
        membership_heads=membership.heads_for(owner.device),
        epoch_key=founded.epoch_key,
        body=Body((joined_head(joined.envelope),), cookie, (change.data,)),
        random=random,
    )
    named["changes"] = changes
    grant = seal_grant(
        project=founded.project,
        epoch_key=founded.epoch_key,
        kem_public=joined.identity.kem_public,
        device_key=owner.signing,
    )
    return {
        "keys": {
            "owner_sign_seed": owner.sign_seed.hex(),
            "owner_kem_private": owner.kem_private.hex(),
            "joined_sign_seed": joined.identity.sign_seed.hex(),
            "joined_kem_private": joined.identity.kem_private.hex(),
            "recovery_sign_seed": recovery_sign.seed.hex(),
            "recovery_kem_private": recovery_kem.private.hex(),
            "epoch": founded.epoch_key.key.hex(),
            "later_epoch": later.hex(),
        },
        "project": founded.project.hex(),
        "envelopes": {
            name: {"hash": envelope.hash.hex(), "wire": envelope.wire().hex()}
            for name, envelope in named.items()
        },
        "change": {"id": change.id.hex(), "bytes": change.data.hex()},
        "cookie": cookie.encode().hex(),
        "grant": grant.hex(),
        "invite_grant": made[0].grants[0].hex(),
        "invite_code": made[0].code.text(),
        "invite_seed": made[0].code.seed.hex(),
    }


def joined_head(envelope: Envelope) -> Head:
    """The head of a device after one envelope."""
    return Head(envelope.header.device, envelope.header.seq, envelope.hash)


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(json.dumps(make(), indent=1) + "\n", encoding="utf-8")
