"""What each device tells the others of how far it is: for the page that lists them, and to compare contents.

The body of a notice of kind ``state``, sealed for the members: msgpack
``[1, version of the app, time, cookie or none, waiting, attention, digest, changes, set aside, heads]``; ``heads`` are
``[device, sequence, hash]``. Two devices with the same cookie and nothing waiting hold the same changes where their
digests are equal (``sync.bundle.change_sum``).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Annotated, Final

import msgspec

from app.store.log import Log
from app.store.project import Project
from app.store.touched import Touched
from sync.bundle import change_sum
from sync.cookie import Cookie
from sync.envelope import Head
from sync.epochs import KeyRing
from sync.errors import Malformed, NewerFormat, Refused
from sync.identity import DeviceIdentity
from sync.membership import Membership
from sync.notice import NoticeKind, every_notice, make_notice, open_body, read_notice, seal_body
from sync.transport.base import NoticeRoad

FORMAT: Final = 1
MAX_HEADS: Final = 500
TELL_EVERY_MS: Final = 180_000
"""No more often than this is anything told."""
_Hash = Annotated[bytes, msgspec.Meta(min_length=32, max_length=32)]


class _Told(msgspec.Struct, frozen=True, array_like=True):
    format: int
    app: Annotated[str, msgspec.Meta(max_length=64)]
    at_ms: int
    cookie: bytes | None
    waiting: Annotated[int, msgspec.Meta(ge=0)]
    attention: Annotated[int, msgspec.Meta(ge=0)]
    digest: _Hash
    changes: Annotated[int, msgspec.Meta(ge=0)]
    asides: Annotated[int, msgspec.Meta(ge=0)]
    heads: Annotated[list[tuple[_Hash, int, _Hash]], msgspec.Meta(max_length=MAX_HEADS)]


@dataclass(frozen=True, slots=True)
class DeviceState:
    """How far a device says that it is."""

    device: bytes
    member: bytes
    app: str
    at_ms: int
    """When it said so, by its own clock."""
    cookie: Cookie | None
    waiting: int
    """Changes that were only there."""
    attention: int
    digest: bytes
    changes: int
    asides: int
    heads: tuple[Head, ...]

    def agrees(self, other: DeviceState) -> bool | None:
        """Whether both hold the same; None where it cannot be said, since they are not at one place."""
        if self.cookie is None or self.cookie != other.cookie or self.waiting or other.waiting:
            return None
        return (self.digest, self.changes) == (other.digest, other.changes)


_decoder = msgspec.msgpack.Decoder(_Told)


def own_state(project: Project, identity: DeviceIdentity, app: str) -> DeviceState:
    """How far this device is. Reads the ids of all changes: 100,000 take some 0.2 s."""
    with project.db.connection:  # one moment, without keeping others from writing
        status = project.status()
        cookie = project.get_meta("cookie")
        digest, changes, asides = change_sum(
            (bytes(name), bool(aside)) for name, aside in project.db.all("SELECT id, aside FROM changes")
        )
        heads = Log(project).all_heads()[:MAX_HEADS]
    return DeviceState(
        identity.device,
        identity.member,
        app,
        project.clock.now_ms(),
        None if cookie is None else Cookie.decode(bytes(cookie)),
        status.waiting,
        status.attention,
        digest,
        changes,
        asides,
        tuple(heads),
    )


def tell(
    project: Project, transport: NoticeRoad, identity: DeviceIdentity, keys: KeyRing, app: str
) -> DeviceState:
    """Tell the others how far this device is, where that is news and was not told just now.

    Raises Unreachable, or what else the server says.
    """
    row = project.db.one("SELECT number, sent_ms, body FROM local_notices WHERE kind = 'state'")
    state = own_state(project, identity, app)
    now = project.clock.now_ms()
    news = _digest(state)
    if row is not None and (bytes(row[2]) == news or 0 <= now - int(row[1]) < TELL_EVERY_MS):
        return state
    number = max(now, 1 + (0 if row is None else int(row[0])))
    try:
        transport.put_notice(identity.project, _wire(project, state, identity, keys, number))
    except Refused:
        # The server has a newer one, of this device before it was restored.
        for wire in every_notice(transport, identity.project, NoticeKind.STATE):
            with suppress(Malformed, NewerFormat):
                kept = read_notice(wire)
                if kept.device == identity.device:
                    number = max(number, kept.number + 1)
        transport.put_notice(identity.project, _wire(project, state, identity, keys, number))
    with project.writing(Touched()):
        project.db.run("INSERT OR REPLACE INTO local_notices VALUES ('state', ?, ?, ?)", (number, now, news))
    return state


def states(
    wires: Iterable[bytes], project: bytes, membership: Membership, keys: KeyRing
) -> list[DeviceState]:
    """What devices of members told; what cannot be read, or is a stranger's, is left out."""
    found = []
    for wire in wires:
        with suppress(Malformed, NewerFormat, msgspec.DecodeError, UnicodeDecodeError):
            notice = read_notice(wire)
            device = membership.device(notice.device)
            plain = open_body(notice, keys) if device is not None and notice.project == project else None
            if device is None or device.revoked or plain is None or notice.kind != NoticeKind.STATE:
                continue
            told = _decoder.decode(plain)
            found.append(
                DeviceState(
                    notice.device,
                    device.member,
                    told.app,
                    told.at_ms,
                    None if told.cookie is None else Cookie.decode(told.cookie),
                    told.waiting,
                    told.attention,
                    told.digest,
                    told.changes,
                    told.asides,
                    tuple(Head(*head) for head in told.heads),
                )
            )
    return sorted(found, key=lambda state: state.device)


def _digest(state: DeviceState) -> bytes:
    """What tells one state from another, its time aside."""
    cookie = b"" if state.cookie is None else state.cookie.encode()
    told = (state.app, cookie, state.waiting, state.attention, state.digest)
    return hashlib.sha256(msgspec.msgpack.encode(told)).digest()


def _wire(
    project: Project, state: DeviceState, identity: DeviceIdentity, keys: KeyRing, number: int
) -> bytes:
    plain = msgspec.msgpack.encode(
        _Told(
            FORMAT,
            state.app,
            state.at_ms,
            None if state.cookie is None else state.cookie.encode(),
            state.waiting,
            state.attention,
            state.digest,
            state.changes,
            state.asides,
            [(head.device, head.seq, head.hash) for head in state.heads],
        )
    )
    body = seal_body(
        plain,
        project=identity.project,
        kind=NoticeKind.STATE,
        device=identity.device,
        key=keys.current(),
        random=project.random,
    )
    return make_notice(
        project=identity.project, kind=NoticeKind.STATE, number=number, body=body, key=identity.signing
    )
