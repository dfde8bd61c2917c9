"""Record ids: UUID version 7 (RFC 9562, section 5.7), 16 bytes, ordered by the time of making."""

from __future__ import annotations

import uuid

from sync.clock import Random
from sync.errors import Malformed

ID_LENGTH = 16
_MAX_MS = (1 << 48) - 1


def new_id(now_ms: int, random: Random) -> bytes:
    """Make a record id from a wall time in milliseconds and 10 random bytes."""
    tail = random(10)
    raw = bytearray(min(max(now_ms, 0), _MAX_MS).to_bytes(6, "big") + tail)
    raw[6] = 0x70 | (raw[6] & 0x0F)
    raw[8] = 0x80 | (raw[8] & 0x3F)
    return bytes(raw)


def id_text(record: bytes) -> str:
    """Write an id in the usual form with hyphens."""
    return str(uuid.UUID(bytes=record))


def parse_id(text: str) -> bytes:
    """Read an id with or without hyphens. Raises Malformed."""
    try:
        return uuid.UUID(text.strip()).bytes
    except ValueError as error:
        raise Malformed(
            f"“{text[:60]}” is not an id; ids look like 01890a5d-ac96-774b-bcce-b302099a8057."
        ) from error
