"""Proof that a request comes from the holder of a key, without any clock of the device.

The server gives a challenge; the device (or the holder of an invite) signs it; the server gives a random
token that the requests after it carry. Challenges hold no state: they are authenticated by a secret.

The secret is this process's own, and tokens live in its memory only: a restart ends them, and a device just signs
in again. Or it is one that all processes of a server share, so that each request may go to any of them; then
tokens say themselves whose they are and until when, under the secret, and no process has to know of the others'.
That a challenge was answered before is known to the process that took the answer: at another one, whoever overheard it
could use it once more within the minute that a challenge lives. Connections that others can listen to need TLS.
"""

from __future__ import annotations

import hashlib
import hmac
import struct
import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

from sync.clock import Clock, Random
from sync.keys import BadSignature, check_signature
from sync.server.limits import Limits
from sync.transport.http_messages import NONCE_BYTES, SESSION_LABEL

_TIME: Final = struct.Struct(">Q")
_RANDOM_BYTES: Final = 16
_SIGNED_BYTES: Final = _TIME.size + 32 + _RANDOM_BYTES
_TOKEN_BYTES: Final = _SIGNED_BYTES + 32


@dataclass(frozen=True, slots=True)
class _Session:
    public: bytes
    ends: float
    challenge: bytes


class Sessions:
    """The challenges and tokens of one process."""

    def __init__(self, clock: Clock, random: Random, limits: Limits, shared: bytes | None = None) -> None:
        """``shared``: the secret of all processes of this server, where there may be several."""
        self._clock = clock
        self._random = random
        self._limits = limits
        self._shared = shared is not None
        self._secret = shared if shared is not None else random(32)
        self._lock = threading.Lock()
        self._sessions: OrderedDict[bytes, _Session] = OrderedDict()
        self._of_key: dict[bytes, list[bytes]] = {}
        self._used: OrderedDict[bytes, None] = OrderedDict()

    def challenge(self, public: bytes) -> bytes:
        """A nonce for this key to sign."""
        ends = self._now() + self._limits.challenge_seconds
        body = _TIME.pack(int(ends * 1_000)) + self._random(_RANDOM_BYTES)
        return body + self._seal(body, public)

    def sign_in(self, public: bytes, nonce: bytes, signature: bytes) -> str | None:
        """A token for the key that signed the challenge; ``None`` where it did not."""
        body, seal = nonce[: -hashlib.sha256().digest_size], nonce[-hashlib.sha256().digest_size :]
        if len(nonce) != NONCE_BYTES or not hmac.compare_digest(seal, self._seal(body, public)):
            return None
        now = self._now()
        if _TIME.unpack_from(body)[0] < now * 1_000:
            return None
        try:
            check_signature(public, signature, SESSION_LABEL, nonce + public)
        except BadSignature:
            return None
        with self._lock:
            if nonce in self._used:
                return None
            self._used[nonce] = None
            while len(self._used) > self._limits.sessions:
                self._used.popitem(last=False)
            token = self._token(public, now) if self._shared else self._random(32).hex()
            digest = _digest(token)
            self._sessions[digest] = _Session(public, now + self._limits.session_seconds, nonce)
            own = self._of_key.setdefault(public, [])
            own.append(digest)
            if len(own) > self._limits.sessions_per_key:
                self._end(own[0])
            while len(self._sessions) > self._limits.sessions:
                self._end(next(iter(self._sessions)))
        return token

    def holder(self, token: str) -> bytes | None:
        """The key that a token belongs to; ``None`` where the token is unknown or over."""
        digest = _digest(token)
        with self._lock:
            session = self._sessions.get(digest)
            if session is None:
                return self._named(token) if self._shared else None
            if session.ends < self._now():
                self._end(digest)
                return None
            self._sessions.move_to_end(digest)
            return session.public

    def __len__(self) -> int:
        return len(self._sessions)

    def _end(self, digest: bytes) -> None:
        session = self._sessions.pop(digest)
        own = self._of_key[session.public]
        own.remove(digest)
        if not own:
            del self._of_key[session.public]

    def _now(self) -> float:
        """Seconds; where other processes read them too, of a clock that all have."""
        return self._clock.now_ms() / 1_000 if self._shared else self._clock.monotonic()

    def _token(self, public: bytes, now: float) -> str:
        """A token that every process with the secret knows."""
        ends = int((now + self._limits.session_seconds) * 1_000)
        body = _TIME.pack(ends) + public + self._random(_RANDOM_BYTES)
        return (body + self._sign(body)).hex()

    def _named(self, token: str) -> bytes | None:
        """Whose a token is, by what it says itself."""
        if len(token) != 2 * _TOKEN_BYTES or not token.isascii():
            return None
        try:
            read = bytes.fromhex(token)
        except ValueError:
            return None
        body, sign = read[:_SIGNED_BYTES], read[_SIGNED_BYTES:]
        if len(read) != _TOKEN_BYTES or not hmac.compare_digest(sign, self._sign(body)):
            return None
        if _TIME.unpack_from(body)[0] < self._now() * 1_000:
            return None
        return body[_TIME.size : -_RANDOM_BYTES]

    def _sign(self, body: bytes) -> bytes:
        return hmac.digest(self._secret, b"sitebook/token/1\0" + body, "sha256")

    def _seal(self, body: bytes, public: bytes) -> bytes:
        return hmac.digest(self._secret, b"sitebook/challenge/1\0" + body + public, "sha256")


def _digest(token: str) -> bytes:
    """Looking up a digest tells a stopwatch nothing about the tokens."""
    return hashlib.sha256(token.encode()).digest()
