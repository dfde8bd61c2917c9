"""What a project file knows of bundles: which one it came from, and up to where a confirmed one covers the log."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from app.store.core import Core
from sync.cookie import Cookie
from sync.errors import Malformed, NewerFormat

DIFFERENT: Final = (
    "A bundle that another device published does not hold what this device has; it was not confirmed. "
    "Ask an owner to publish the project anew."
)


@dataclass(frozen=True, slots=True)
class BundleState:
    """``bundle``: hash of the manifest of the bundle that this file came from, or that was taken into it.

    None where all of it came by the log. ``confirmed``: another device than the publisher's compared it with what it
    held. ``refused``: hash of a bundle that did not hold what this device has.
    """

    bundle: bytes | None
    confirmed: bool
    refused: bytes | None


def bundle_state(core: Core) -> BundleState:
    """What is known of the bundle that a file came from."""
    found = core.get_meta("bundle")
    refused = core.get_meta("bundle_refused")
    return BundleState(
        None if found is None else bytes(found),
        bool(core.get_meta("bundle_confirmed", 0)),
        None if refused is None else bytes(refused),
    )


def covered_version(core: Core) -> int:
    """Up to which version, in the server's present order, a confirmed bundle on the server has everything; 0: none."""
    covered, cookie = core.get_meta("covered"), core.get_meta("cookie")
    if covered is None or cookie is None:
        return 0
    try:
        place, here = Cookie.decode(bytes(covered)), Cookie.decode(bytes(cookie))
    except (Malformed, NewerFormat):
        return 0
    return place.version if place.generation == here.generation and place.version <= here.version else 0


def note_confirmed(core: Core, manifest: bytes, cookie: Cookie) -> None:
    """A bundle on the server was confirmed by somebody else than its publisher, or by this device."""
    with core.writing():
        core.put_meta("covered", cookie.encode())
        if core.get_meta("bundle") == manifest:
            core.put_meta("bundle_confirmed", 1)
        if core.get_meta("bundle_refused") not in (None, manifest):
            core.put_meta("bundle_refused", None)  # another one stands in its place, and is right


def last_notice(core: Core, kind: str) -> int:
    """The number of the last notice of a kind that this device left."""
    row = core.db.one("SELECT number FROM local_notices WHERE kind = ?", (kind,))
    return 0 if row is None else int(row[0])


def note_notice(core: Core, kind: str, number: int, body: bytes) -> None:
    """Remember a notice that this device left."""
    with core.writing():
        core.db.run(
            "INSERT OR REPLACE INTO local_notices VALUES (?, ?, ?, ?)",
            (kind, number, core.clock.now_ms(), body),
        )
