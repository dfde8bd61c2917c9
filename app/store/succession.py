"""A device that finds its own key in use elsewhere goes on under a new one.

A profile that was restored from an old copy, or copied to a second computer, gives one key to two histories: an
envelope signed with it comes in that this file never made, or two for one place in its chain. Which of the two is
the copy nobody can tell, so each that notices takes a new key: the old one signs a *succession*, whose new key
agrees. What is only here is sealed again under the new key, with the same content and so the same ids of changes, so
nothing counts twice; what the server has stays as it is, since everybody applies both branches of a fork.

All of it is one transaction in the project file, the new secrets included: they stay in ``local_chain`` until the
vault has them, so that a crash anywhere in between is gone on from.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from app.store.core import Core
from app.store.log import Log, Push, State
from sync.change import decode_change
from sync.clock import Random
from sync.envelope import Envelope, EnvelopeKind, Head, open_changes, parse
from sync.epochs import KeyRing
from sync.errors import Malformed, NewerFormat
from sync.grants import recipient_id, seal_grant
from sync.identity import DeviceIdentity
from sync.keys import KemKey, SigningKey
from sync.membership import Decision, Membership, seal_action
from sync.membership_actions import Succession, decode_action, make_succession

MADE: Final = "made"
"""Hash of the last envelope that this file made under its present key."""
FORMER: Final = "former"
"""The keys under which it went before."""
_SEED: Final = "sign_seed"
_KEM: Final = "kem_private"


@dataclass(frozen=True, slots=True)
class Fork:
    """Somebody else writes under this device's key. ``point``: the last envelope that is surely its own."""

    point: Head | None


def present_identity(core: Core, given: DeviceIdentity) -> DeviceIdentity:
    """Who the device is now: it may have taken a new key that the vault does not have yet."""
    seed, kem = _kept(core, _SEED), _kept(core, _KEM)
    if seed is None or kem is None:
        return given
    found = DeviceIdentity(given.project, seed, kem, given.member)
    core.lock.device = found.device
    return found


def former_devices(core: Core) -> frozenset[bytes]:
    """The keys under which this device went before."""
    kept = _kept(core, FORMER) or b""
    return frozenset(kept[at : at + 32] for at in range(0, len(kept), 32))


def is_kept(core: Core) -> bool:
    """Whether there are secrets here that the vault is to take over."""
    return _kept(core, _SEED) is not None


def forget_kept(core: Core) -> None:
    """The vault has them."""
    with core.writing():
        core.db.run("DELETE FROM local_chain WHERE name IN (?, ?)", (_SEED, _KEM))


def find_fork(core: Core, device: bytes) -> Fork | None:
    """Look for envelopes under a key of one's own that this file did not make."""
    row = core.db.one(
        "SELECT count(*), count(DISTINCT seq) FROM envelopes WHERE seq > 0"
        " AND did = (SELECT did FROM devices WHERE key = ?)",
        (device,),
    )
    assert row is not None
    if row[0] != row[1]:
        return Fork(_before_first_double(core, device))
    head = Log(core).own_head(device)
    if head is None:
        return None
    made = _kept(core, MADE)
    last = None if made is None else _place(core, device, made)
    if made == head.hash:
        return None
    if made is None or _only_leave(core, device, 0 if last is None else last.seq):
        with core.writing():
            keep(core, MADE, head.hash)
        return None
    return Fork(last)


def succeed(
    core: Core, membership: Membership, identity: DeviceIdentity, keys: KeyRing, fork: Fork, random: Random
) -> DeviceIdentity | None:
    """Go on under a new key; None where this device may not (it was removed). Holds ``sealing`` meanwhile."""
    log = Log(core)
    signing, kem = SigningKey.generate(random), KemKey.generate(random)
    fresh = DeviceIdentity(identity.project, signing.seed, kem.private, identity.member)
    head = log.own_head(identity.device)
    action = make_succession(
        project=identity.project,
        old_device=identity.device,
        new_key=signing,
        kem_public=kem.public,
        fork=fork.point,
    )
    envelope = seal_action(
        membership,
        action,
        device_key=identity.signing,
        seq=1 if head is None else head.seq + 1,
        prev=None if head is None else head.hash,
    )
    if membership.check(envelope).decision is not Decision.ACCEPT:
        return None
    unsent = _unsent(core, identity.device, keys)
    grants = _grants(membership, fresh, keys)
    with core.writing():
        log.add(envelope.hash, envelope, envelope.wire(), State.APPLIED, Push.OPEN)
        for eid, changes in unsent:
            for change, data in changes:
                core.db.run(
                    "UPDATE changes SET eid = NULL, data = ? WHERE id = ? AND eid = ? AND aside = 0",
                    (data, change, eid),
                )
            log.drop(eid)
        # Somebody else may be giving out the same numbers: other blocks are reserved.
        core.db.run("DELETE FROM local_blocks")
        core.db.run("DELETE FROM local_said")
        core.db.run("DELETE FROM local_notices")
        for recipient, wire in grants:
            core.db.run(
                "INSERT INTO local_grants (recipient, wire, state) VALUES (?, ?, 0)", (recipient, wire)
            )
        core.db.run("DELETE FROM local_chain WHERE name = ?", (MADE,))
        keep(core, FORMER, (_kept(core, FORMER) or b"") + identity.device)
        keep(core, _SEED, signing.seed)
        keep(core, _KEM, kem.private)
        core.put_meta("device", fresh.device)
    membership.add(envelope, verified=True)
    core.lock.device = fresh.device
    return fresh


def keep(core: Core, name: str, value: bytes) -> None:
    """Keep something about this device's chain; the caller has a transaction open."""
    core.db.run("INSERT OR REPLACE INTO local_chain VALUES (?, ?)", (name, value))


def _kept(core: Core, name: str) -> bytes | None:
    row = core.db.one("SELECT value FROM local_chain WHERE name = ?", (name,))
    return None if row is None else bytes(row[0])


def _place(core: Core, device: bytes, hashed: bytes) -> Head | None:
    row = core.db.one(
        "SELECT e.seq FROM envelopes e JOIN devices d USING (did) WHERE e.hash = ? AND d.key = ?",
        (hashed, device),
    )
    return None if row is None else Head(device, int(row[0]), hashed)


def _before_first_double(core: Core, device: bytes) -> Head | None:
    row = core.db.one(
        "SELECT e.seq, e.hash FROM envelopes e JOIN devices d USING (did) WHERE d.key = ?1 AND e.seq < ("
        " SELECT min(seq) FROM (SELECT seq FROM envelopes WHERE seq > 0"
        " AND did = (SELECT did FROM devices WHERE key = ?1) GROUP BY seq HAVING count(*) > 1))"
        " AND e.seq > 0 ORDER BY e.seq DESC LIMIT 1",
        (device,),
    )
    return None if row is None else Head(device, int(row[0]), bytes(row[1]))


def _only_leave(core: Core, device: bytes, after: int) -> bool:
    """Whether all that others wrote under the key says that they go on under another: then it is free again."""
    rows = core.db.all(
        "SELECT e.kind, e.wire FROM envelopes e JOIN devices d USING (did) WHERE d.key = ? AND e.seq > ?",
        (device, after),
    )
    return all(int(kind) == EnvelopeKind.MEMBERSHIP and _leaves(bytes(wire)) for kind, wire in rows)


def _leaves(wire: bytes) -> bool:
    try:
        body = parse(wire).body
        return body is not None and isinstance(decode_action(body), Succession)
    except (Malformed, NewerFormat):
        return False


def _unsent(core: Core, device: bytes, keys: KeyRing) -> list[tuple[int, list[tuple[bytes, bytes]]]]:
    """The envelopes of changes that the server never acknowledged, with their changes as (id, bytes)."""
    rows = core.db.all(
        "SELECT e.eid, e.wire FROM envelopes e JOIN devices d USING (did)"
        " WHERE d.key = ? AND e.kind = 0 AND e.pushed = 0 AND NOT e.bare ORDER BY e.eid",
        (device,),
    )
    found = []
    for eid, wire in rows:
        changes = _changes(parse(bytes(wire)), keys)
        if changes:
            found.append((int(eid), changes))
    return found


def _changes(envelope: Envelope, keys: KeyRing) -> list[tuple[bytes, bytes]]:
    key = keys.get(envelope.header.compartment, envelope.header.epoch)
    if key is None:
        return []
    try:
        return [(decode_change(data).id, data) for data in open_changes(envelope, key).changes]
    except (Malformed, NewerFormat):
        return []


def _grants(membership: Membership, fresh: DeviceIdentity, keys: KeyRing) -> Sequence[tuple[bytes, bytes]]:
    """The project's keys, sealed to the new key and to the member's recovery keys."""
    member = membership.members.get(fresh.member)
    devices = () if member is None else member.devices
    targets = [fresh.kem_public, *(each.kem_public for each in devices if each.recovery)]
    return [
        (
            recipient_id(target),
            seal_grant(project=fresh.project, epoch_key=key, kem_public=target, device_key=fresh.signing),
        )
        for target in targets
        for key in keys
    ]
