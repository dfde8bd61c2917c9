"""Presence: who is there just now, and where. Format 1. Sent to whoever listens, and kept nowhere.

Bytes: msgpack ``[1, project, device, session, counter, time_ms, body, signature]``, at most 4 KiB. ``session``: 16
random bytes, new with each start of the program; ``counter`` grows by one with each message of a session; ``time_ms``
is the author's clock. The signature is Ed25519 by the device over :data:`LABEL` and the msgpack of the first
seven. The body is msgpack ``[epoch id, nonce, ciphertext]`` by AES-256-GCM-SIV under ``HKDF(epoch key, salt =
project, "sitebook/presence-key/1" + zero byte)``, with the label, project, device and session as associated
data. Its plain text is u16 length, the msgpack of :class:`Presence`, and zeros up to a multiple of 128 bytes, so that
the server does not see where somebody is.

A message says all that there is to say and takes the place of the one before. Somebody is there for
:data:`GONE_MS` after the last. What a server repeats is not believed: of a device the session that was begun last
counts and in it the highest counter, and a clock that differs by more than :data:`WINDOW_MS` does not count
at all.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Collection
from dataclasses import dataclass
from typing import Annotated, Final

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV

from sync.clock import Clock, Random
from sync.epochs import EpochKey, KeyRing
from sync.errors import Malformed, NewerFormat
from sync.keys import BadSignature, SigningKey, check_signature, derive
from sync.transport.base import MAX_PRESENCE_BYTES

FORMAT: Final = 1
LABEL: Final = b"sitebook/presence/1\0"
GONE_MS: Final = 40_000
"""Who said nothing for so long is not there any more."""
HEARTBEAT_MS: Final = 15_000
"""How often one says that one is still there."""
WINDOW_MS: Final = 15 * 60_000
MAX_ONLINE: Final = 500
"""Most devices that are shown as being there."""
_KNOWN: Final = 2 * MAX_ONLINE
"""Devices whose last message is remembered, so that it cannot be repeated."""
_RATE, _BURST = 400.0, 800.0
"""Signatures checked a second, whoever they are by."""
_KEY_INFO: Final = b"sitebook/presence-key/1\0"
_SESSION: Final = 16
_NONCE: Final = 12
_PAD: Final = 128

_Hash = Annotated[bytes, msgspec.Meta(min_length=32, max_length=32)]
_Count = Annotated[int, msgspec.Meta(ge=0, le=(1 << 53) - 1)]


class Place(msgspec.Struct, frozen=True, array_like=True):
    """A place in a Yjs text: behind the character that a client inserted under this clock.

    It stays right while others write. The beginning of the text is behind no character: ``None`` in its stead.
    """

    client: _Count
    clock: _Count


class Caret(msgspec.Struct, frozen=True, array_like=True):
    """Where somebody writes: in which field of the record that is looked at, and from where to where is selected."""

    field: Annotated[str, msgspec.Meta(max_length=64)]
    head: Place | None
    anchor: Place | None


class Presence(msgspec.Struct, frozen=True, array_like=True):
    """What one says: whether one is there, which record is looked at, where the caret is."""

    here: bool = True
    record: Annotated[bytes, msgspec.Meta(max_length=32)] | None = None
    caret: Caret | None = None


class _Wire(msgspec.Struct, frozen=True, array_like=True):
    format: int
    project: _Hash
    device: _Hash
    session: Annotated[bytes, msgspec.Meta(min_length=_SESSION, max_length=_SESSION)]
    counter: _Count
    time_ms: Annotated[int, msgspec.Meta(ge=0, le=1 << 47)]
    body: bytes
    signature: Annotated[bytes, msgspec.Meta(min_length=64, max_length=64)]

    def signed(self) -> bytes:
        return _encode(
            [self.format, self.project, self.device, self.session, self.counter, self.time_ms, self.body]
        )

    def bound(self) -> bytes:
        return _bound(self.project, self.device, self.session)


class _Sealed(msgspec.Struct, frozen=True, array_like=True):
    epoch: _Hash
    nonce: Annotated[bytes, msgspec.Meta(min_length=_NONCE, max_length=_NONCE)]
    data: bytes


_encode = msgspec.msgpack.Encoder().encode
_decoder = msgspec.msgpack.Decoder(_Wire)
_sealed_decoder = msgspec.msgpack.Decoder(_Sealed)
_said_decoder = msgspec.msgpack.Decoder(Presence)
_ERRORS: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


class PresenceWriter:
    """Makes the messages of one device from one start of the program on. Used by one thread."""

    def __init__(self, *, project: bytes, key: SigningKey, clock: Clock, random: Random) -> None:
        self._project = project
        self._key = key
        self._clock = clock
        self._random = random
        self._session = random(_SESSION)
        self._counter = 0

    def wire(self, said: Presence, epoch: EpochKey) -> bytes:
        """A message, to be sent at once. Raises Malformed where it is too long."""
        self._counter += 1
        said_bytes = _encode(said)
        plain = len(said_bytes).to_bytes(2, "big") + said_bytes
        plain += bytes(-len(plain) % _PAD)
        nonce = self._random(_NONCE)
        bound = _bound(self._project, self._key.public, self._session)
        body = _encode(
            [epoch.epoch, nonce, AESGCMSIV(_key(epoch, self._project)).encrypt(nonce, plain, bound)]
        )
        signed = [
            FORMAT,
            self._project,
            self._key.public,
            self._session,
            self._counter,
            max(0, self._clock.now_ms()),
            body,
        ]
        wire = _encode([*signed, self._key.sign(LABEL, _encode(signed))])
        if len(wire) > MAX_PRESENCE_BYTES:
            raise Malformed("A message about who is there is too long.")
        return wire


@dataclass(frozen=True, slots=True)
class Online:
    """A device that is there."""

    device: bytes
    said: Presence


@dataclass(slots=True)
class _Known:
    session: bytes
    counter: int
    time_ms: int
    heard: float
    said: Presence


class PresenceBook:
    """Who is there in a project. Any thread may use it."""

    def __init__(self, *, project: bytes, own: bytes, clock: Clock) -> None:
        """``own``: the device whose messages do not count here."""
        self._project = project
        self._own = own
        self._clock = clock
        self._lock = threading.Lock()
        self._admitted: frozenset[bytes] = frozenset()
        self._keys = KeyRing()
        self._known: OrderedDict[bytes, _Known] = OrderedDict()
        self._budget = _BURST
        self._filled = clock.monotonic()
        self._opened: dict[bytes, AESGCMSIV] = {}

    def admit(self, devices: Collection[bytes], keys: KeyRing) -> bool:
        """Say whose messages count, and with which keys they are read; True where somebody is gone by that."""
        with self._lock:
            self._admitted = frozenset(devices) - {self._own}
            self._keys = KeyRing(tuple(keys))
            self._opened.clear()
            gone = [device for device in self._known if device not in self._admitted]
            forgotten = [self._known.pop(device) for device in gone]
        return any(each.said.here for each in forgotten)

    def take(self, wire: bytes) -> bool:
        """Take a message in; True where it says something new.

        Raises Malformed or NewerFormat for one that does not count.
        """
        read = _read(wire)
        if read.project != self._project:
            raise Malformed("A message about who is there is of another project.")
        now, wall = self._clock.monotonic(), self._clock.now_ms()
        with self._lock:
            known = self._known.get(read.device)
            if read.device not in self._admitted:
                raise Malformed("A message about who is there is by nobody who belongs to the project.")
            if abs(read.time_ms - wall) > WINDOW_MS:
                raise Malformed("A message about who is there is not of now.")
            if known is not None and not _follows(read, known):
                raise Malformed("A message about who is there came again.")
            self._spend(now)
            aead = self._aead(read)
        try:
            check_signature(read.device, read.signature, LABEL, read.signed())
        except BadSignature as error:
            raise Malformed("A message about who is there is not signed by its device.") from error
        said = _open(read, aead)
        with self._lock:
            return self._keep(read, said, now)

    def _spend(self, now: float) -> None:
        self._budget = min(_BURST, self._budget + (now - self._filled) * _RATE)
        self._filled = now
        if self._budget < 1.0:
            raise Malformed("There are too many messages about who is there.")
        self._budget -= 1.0

    def _aead(self, read: _Wire) -> tuple[_Sealed, AESGCMSIV]:
        try:
            sealed = _sealed_decoder.decode(read.body)
        except _ERRORS as error:
            raise Malformed("The body of a message about who is there does not have its form.") from error
        key = self._keys.get(0, sealed.epoch)
        if key is None:
            raise Malformed("The key of a message about who is there is not here.")
        found = self._opened.get(sealed.epoch)
        if found is None:
            found = self._opened[sealed.epoch] = AESGCMSIV(_key(key, self._project))
        return sealed, found

    def _keep(self, read: _Wire, said: Presence, now: float) -> bool:
        known = self._known.get(read.device)
        if read.device not in self._admitted or (known is not None and not _follows(read, known)):
            return False
        if known is None and len(self._known) >= _KNOWN:
            self._known.popitem(last=False)
        was = known.said if known is not None and self._is_here(known, now) else Presence(here=False)
        if (
            said.here
            and not was.here
            and sum(self._is_here(each, now) for each in self._known.values()) >= MAX_ONLINE
        ):
            return False
        self._known[read.device] = _Known(read.session, read.counter, read.time_ms, now, said)
        self._known.move_to_end(read.device)
        return said != was and (said.here or was.here)

    @staticmethod
    def _is_here(known: _Known, now: float) -> bool:
        return known.said.here and (now - known.heard) * 1000 < GONE_MS

    def online(self) -> tuple[Online, ...]:
        """Who is there now, in no order that means anything."""
        now = self._clock.monotonic()
        with self._lock:
            return tuple(
                Online(device, known.said)
                for device, known in self._known.items()
                if self._is_here(known, now)
            )


def _follows(read: _Wire, known: _Known) -> bool:
    """Whether a message comes after the last one known of its device."""
    if read.session == known.session:
        return read.counter > known.counter
    return read.time_ms > known.time_ms


def _read(wire: bytes) -> _Wire:
    if len(wire) > MAX_PRESENCE_BYTES:
        raise Malformed("A message about who is there is longer than it may be.")
    try:
        read = _decoder.decode(wire)
    except _ERRORS as error:
        raise Malformed("A message about who is there does not have the form of one.") from error
    if read.format != FORMAT:
        raise NewerFormat("A message about who is there was made by another version of Sitebook.")
    return read


def _open(read: _Wire, how: tuple[_Sealed, AESGCMSIV]) -> Presence:
    sealed, aead = how
    try:
        plain = aead.decrypt(sealed.nonce, sealed.data, read.bound())
        return _said_decoder.decode(plain[2 : 2 + int.from_bytes(plain[:2], "big")])
    except (InvalidTag, ValueError, *_ERRORS) as error:
        raise Malformed("The body of a message about who is there was changed.") from error


def _key(epoch: EpochKey, project: bytes) -> bytes:
    return derive(epoch.key, project, _KEY_INFO, 32)


def _bound(project: bytes, device: bytes, session: bytes) -> bytes:
    return LABEL + project + device + session
