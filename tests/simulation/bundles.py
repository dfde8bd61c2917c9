"""Publishing a bundle, and joining by one, as the app does it, over the simulated network."""

from __future__ import annotations

import shutil
from contextlib import closing
from typing import TYPE_CHECKING

from app.store.bundle_files import open_bundle
from app.store.bundle_image import Origin, settle_image, write_file
from app.store.bundle_publish import BundleFile, Publisher, PublishPhase
from sync.bundle import Contents, Manifest, open_contents, read_manifest
from sync.bundle_fetch import Fetcher
from sync.chunks import ChunkDirectory
from sync.envelope import EnvelopeKind, parse
from sync.epochs import EpochKey, KeyRing
from sync.errors import Malformed, NotFound
from sync.grants import open_grants, unproven_keys
from sync.invite import InviteCode, Joined, join_project
from sync.notice import NoticeKind, make_notice
from tests.simulation.device import Device, Passport
from tests.simulation.network import SimulatedTransport

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.simulation.world import World

_STEPS = 60


def publish(device: Device) -> bool:
    """Let a device publish, be it due or not; whether there is a bundle now.

    A simulated file has one connection only, so the publisher works on a copy of it, which is made anew for
    each of its steps.
    """
    world = device.world
    folder = world.folder / f"{device.name}-publish"
    folder.mkdir(exist_ok=True)
    path = folder / "copy.db"
    passport = device.passport
    file = BundleFile(path, passport.file_key, passport.identity, KeyRing(passport.keys))
    publisher = Publisher(device.transport, file, device.clock, device.random)
    publisher.force()
    for _ in range(_STEPS):
        for name, data in world.disk.after_kill(device.folder).items():
            (folder / name.replace(device.path.name, path.name)).write_bytes(data)
        publisher.step()
        if publisher.error is not None or (publisher.looked and publisher.phase is PublishPhase.LOOK):
            break
    world.trace(f"{device.name} publishes: {publisher.error or publisher.published}")
    return publisher.published is not None


def confirm(device: Device) -> bool:
    """Let a device say that the newest bundle of another is right, as it does after it compared; whether it did."""
    world, project = device.world, device.passport.identity.project
    for offered in device.transport.bundles(project):
        manifest = read_manifest(offered.manifest)
        if manifest.publisher not in device.keys_so_far:
            wire = make_notice(
                project=project,
                kind=NoticeKind.CONFIRM,
                number=world.now_ms(),
                body=manifest.hash,
                key=device.passport.identity.signing,
            )
            device.transport.put_notice(project, wire)
            return True
    return False


def join_by_bundle(
    world: World, code: InviteCode, name: str, transport: SimulatedTransport, skew_ms: int
) -> tuple[Device, Joined] | None:
    """A device made from the bundle that the server offers; None where it offers none.

    Raises SitebookError where it cannot be used.
    """
    offered = transport.bundles(code.project)
    if not offered:
        return None
    manifest = read_manifest(offered[0].manifest)
    granted = transport.grants(code.project, code.recipient)
    contents = _contents(manifest, unproven_keys(granted, code.kem, code.project))
    incoming = world.folder / f"{name}-incoming"
    store = ChunkDirectory(incoming, world.chance.randbytes)
    fetcher = Fetcher(transport, manifest, store, world.devices[0].clock)
    while not fetcher.step():
        pass
    opened = open_bundle(manifest, contents, store)
    with closing(opened.database):
        membership = opened.membership
        cookie = manifest.cookie
        while True:
            page = transport.pull(code.project, cookie)
            if page.reset or page.needs_bundle:
                raise NotFound("The bundle is not of the server's history.")
            for wire in page.wires:
                envelope = parse(wire)
                if envelope.header.kind == EnvelopeKind.MEMBERSHIP:
                    membership.add(envelope)
            cookie = page.cookie
            if not page.more:
                break
        keys = open_grants(granted, code.kem, membership)
        joined = join_project(code=code, membership=membership, random=world.chance.randbytes)
        passport = Passport(joined.identity, tuple(keys), world.chance.randbytes(32))
        device = Device(world, name, world.folder / name, passport, skew_ms)
        settle_image(
            opened,
            schema=contents.schema,
            device=device.key,
            origin=Origin(manifest.hash, manifest.cookie),
            clock=device.clock,
        )
        device.folder.mkdir()
        write_file(opened, device.path, passport.file_key)
    shutil.rmtree(incoming)
    device.start()
    return device, joined


def _contents(manifest: Manifest, keys: Sequence[EpochKey]) -> Contents:
    for key in keys:
        if (key.compartment, key.epoch) == (0, manifest.epoch):
            contents = open_contents(manifest, KeyRing((key,)))
            if contents is not None:
                return contents
    raise Malformed("The key of the bundle did not come with the invite.")
