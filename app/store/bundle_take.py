"""Taking a bundle into a project file that was away so long that the server has given up the log that it lacks.

The file stays what it is: nothing in it is replaced. What the bundle has and the file lacks is applied change by
change, read out of the bundle's tables, by the same door as what comes in a log; what the file has, the bundle cannot
touch: one's own unsent work, drafts, and all that others wrote. The cookie is moved last, so a cut at any place
leaves a file from which taking it again goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Final, Protocol

from app.store.bundle_files import bundle_path, open_bundle, remove_chunks
from app.store.bundle_image import Opened, Origin, settle_image
from app.store.core import Core
from app.store.database import WriteLock
from app.store.log import Push, State
from app.store.rebuilt import Rebuilder
from app.store.touched import Touched
from sync.bundle import Manifest, open_contents, read_manifest
from sync.bundle_fetch import Fetcher
from sync.chunks import ChunkDirectory
from sync.envelope import Envelope, EnvelopeKind, parse, verify
from sync.errors import Malformed, NewerFormat, NotFound, Refused, SitebookError
from sync.transport.base import BundleRoad, Transport

if TYPE_CHECKING:
    from app.store.bundle_side import BundleSide

_LIES: Final = (
    "The bundle on the server lacks what this device had from the server before; it was not used. "
    "Ask an owner to publish the project anew."
)


class TakeRoad(BundleRoad, Transport, Protocol):
    """What taking needs of a road."""


class Taker:
    """Takes the bundle of one project, at most one round trip a step. Used by the thread of its side."""

    def __init__(self, side: BundleSide, road: TakeRoad) -> None:
        self._side = side
        self._store = side.store
        self._road = road
        self._chunks = ChunkDirectory(bundle_path(self._store.path), self._store.random)
        self._offers: list[bytes] | None = None
        self._manifest: Manifest | None = None
        self._fetcher: Fetcher | None = None
        self._problem: SitebookError | None = None

    @property
    def progress(self) -> tuple[int, int, float | None]:
        """Bytes done, bytes in all, and about how many seconds are left, where that can be told."""
        fetcher = self._fetcher
        return (0, 0, None) if fetcher is None else (fetcher.done, fetcher.total, fetcher.seconds_left)

    def step(self) -> tuple[bool, Touched | None]:
        """Do the next thing; returns whether the bundle is taken, and what was changed.

        Raises Unreachable, Refused, Malformed, NewerFormat, or SitebookError of the disk; then nothing is lost.
        """
        if self._offers is None:
            self._offers = [offered.manifest for offered in self._road.bundles(self._side.project)]
            return False, None
        if self._fetcher is None:
            self._choose()
            return False, None
        try:
            if not self._fetcher.step():
                return False, None
            touched = self._take()
        except (Malformed, NewerFormat, NotFound) as error:
            # The next one that the server offers may do.
            self._problem = self._problem or error
            self._fetcher = self._manifest = None
            return False, None
        remove_chunks(self._chunks.directory)
        return True, touched

    def _choose(self) -> None:
        assert self._offers is not None
        while self._offers:
            wire = self._offers.pop(0)
            try:
                manifest = read_manifest(wire)
                if manifest.project != self._side.project:
                    raise Malformed("The server offered the bundle of another project; ask whoever runs it.")
            except (Malformed, NewerFormat) as error:
                self._problem = self._problem or error
                continue
            self._manifest = manifest
            self._fetcher = Fetcher(self._road, manifest, self._chunks, self._store.clock)
            return
        self._offers = None
        problem, self._problem = self._problem, None
        raise problem or Refused(
            "The server has given up old changes and offers no bundle that has them; ask whoever runs it."
        )

    def _take(self) -> Touched:
        manifest = self._manifest
        assert manifest is not None
        contents = open_contents(manifest, self._side.keys)
        if contents is None:
            raise Malformed("The key of the bundle on the server is not on this device; ask an owner for it.")
        opened = open_bundle(manifest, contents, self._chunks)
        try:
            settle_image(
                opened,
                schema=contents.schema,
                device=self._store.device,
                origin=Origin(manifest.hash, manifest.cookie),
                clock=self._store.clock,
            )
            return merge(self._side, opened, manifest)
        finally:
            opened.database.close()


def merge(side: BundleSide, opened: Opened, manifest: Manifest) -> Touched:
    """Apply all that a bundle has and a file lacks. Raises Malformed where it lacks what the server gave before."""
    store, log = side.store, side.log
    image = Core(opened.database, WriteLock(), device=store.device, clock=store.clock, random=store.random)
    _check_holds_all(side, image, manifest)
    touched = Touched()
    rebuilder = Rebuilder(image)

    def units() -> Iterator[Callable[[], None]]:
        rows = opened.database.connection.execute(
            "SELECT eid, hash, kind, state, version, wire, bare FROM envelopes ORDER BY kind <> 1, eid"
        )
        for eid, hashed, kind, state, version, wire, bare in rows:
            known = log.find(bytes(hashed))
            place = version if isinstance(version, int) else None
            if known is not None and known[1] not in (State.WAITING, State.APPLYING):
                if place is not None:
                    yield lambda at=known[0], place=place: log.came_back(at, place)  # type: ignore[misc]
                continue
            if not bare:
                yield from side.take_one(bytes(wire), place or 0, touched)
                continue
            envelope = _checked(bytes(wire), bytes(hashed), int(kind))
            changes = rebuilder.of_envelope(int(eid))
            for change in changes:
                aside = image.db.one("SELECT aside FROM changes WHERE id = ?", (change.id,)) != (0,)
                yield lambda change=change, aside=aside: side.apply_rebuilt(change, aside, touched)  # type: ignore[misc]
            names, became = [change.id for change in changes], State(state)
            yield lambda envelope=envelope, names=names, place=place, became=became: _keep(  # type: ignore[misc]
                side, envelope, names, place, became
            )

    with store.lightly():
        side.in_slices(units())

    def finish() -> None:
        store.put_meta("cookie", manifest.cookie.encode())
        store.put_meta("bundle", manifest.hash)
        store.put_meta("bundle_confirmed", 0)
        store.put_meta("rejudge", 1)

    side.in_slices([finish])
    side.settle_taken(touched, manifest.version)
    return touched


def _checked(wire: bytes, hashed: bytes, kind: int) -> Envelope:
    envelope = parse(wire)
    if envelope.hash != hashed or kind != EnvelopeKind.CHANGES or envelope.header.kind != kind:
        raise Malformed("A bundle on the server does not hold what it should; it was not used.")
    verify(envelope)
    return envelope


def _keep(
    side: BundleSide, envelope: Envelope, changes: list[bytes], version: int | None, state: State
) -> None:
    """Keep the header of an envelope whose changes were applied from the bundle's tables."""
    known = side.log.find(envelope.hash)
    if known is None:
        eid = side.log.add(envelope.hash, envelope, envelope.wire(), state, Push.DONE, version=version)
        side.store.db.run("UPDATE envelopes SET bare = 1 WHERE eid = ?", (eid,))
    else:
        # It waits here with its body: that stays, and what it brings stands already.
        eid = known[0]
        side.log.mark(eid, state)
        if version is not None:
            side.log.came_back(eid, version)
    for name in changes:
        side.store.db.run("UPDATE changes SET eid = ? WHERE id = ? AND eid = 0", (eid, name))


def _check_holds_all(side: BundleSide, image: Core, manifest: Manifest) -> None:
    """A bundle that goes further than this file had come on the same server has all that the file had from there."""
    cookie = side.cookie()
    if cookie is None or cookie.generation != manifest.generation:
        return
    if cookie.version > manifest.version:
        raise Malformed("The bundle on the server is older than what this device has; it was not used.")
    rows = side.store.db.connection.execute(
        "SELECT hash FROM envelopes WHERE version IS NOT NULL AND version <= ?", (cookie.version,)
    )
    for (hashed,) in rows:
        if image.db.one("SELECT 1 FROM envelopes WHERE hash = ?", (hashed,)) is None:
            raise Malformed(_LIES)
