"""A device from a bundle and one from the log agree after somebody's rights turn out to have ended earlier."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from app.domain.schema import ISSUE
from app.store.bundle_image import Origin, open_image, settle_image, write_file
from app.store.project import Project
from app.store.rebuilt import Rebuilder
from sync.change import decode_change
from sync.clock import system_random
from sync.envelope import Head, parse
from sync.membership import seal_action
from sync.membership_actions import Accepted, Role, RoleAction
from tests.app.store.bundles import Device, Order, busy, found, image_of, join
from tests.app.store.replicas import picture
from tests.benchmarks.crew import CLOCK


def from_bundle(host: Device, twin: Device, path: Path) -> Device:
    """Another file of a device, made from a bundle of the host's."""
    image = image_of(host)
    opened = open_image(
        image.data,
        project=host.identity.project,
        schema=image.schema,
        summary=image.summary,
        publisher=host.identity.device,
    )
    key = system_random(32)
    with closing(opened.database):
        settle_image(
            opened,
            schema=image.schema,
            device=twin.identity.device,
            origin=Origin(b"m" * 32, image.cookie),
            clock=CLOCK,
        )
        write_file(opened, path, key)
    project = Project.open(path, key, device=twin.identity.device, clock=CLOCK, random=system_random)
    return Device(project, twin.identity, twin.key)


@pytest.mark.parametrize("ends", [1, 2])
def test_a_late_revocation_has_the_same_effect_with_and_without_the_log(tmp_path: Path, ends: int) -> None:
    host = found(tmp_path)
    order = Order()
    order.exchange(host)
    guest = join(host, tmp_path, "guest")
    reader = join(host, tmp_path, "reader")
    order.exchange(host, guest, reader)
    busy(host, guest, order)
    issue = host.project.records(ISSUE)[0]
    for title in ("One", "Two", "Three"):
        guest.project.set(issue, "title", title)
        guest.project.create(ISSUE, {"title": title, "labels": []}, text=f"{title} by the guest")
        order.exchange(host, guest, reader)
    guest.project.delete(host.project.records(ISSUE)[1])
    order.exchange(host, guest, reader)
    taken = from_bundle(host, reader, tmp_path / "taken.sitebook")

    own = [
        parse(bytes(wire))
        for (wire,) in guest.project.db.all("SELECT wire FROM envelopes WHERE kind = 0 ORDER BY seq")
        if parse(bytes(wire)).header.device == guest.identity.device
    ]
    last = own[ends]
    head = Head(guest.identity.device, last.header.seq, last.hash)
    action = RoleAction(guest.identity.member, Role.VIEWER, (Accepted.of(head),))
    with host.side.sealing():
        seq, prev = host.side.next_place()
        host.side.add_own(
            seal_action(host.side.membership, action, device_key=host.identity.signing, seq=seq, prev=prev)
        )
    before = picture(taken.project)
    order.exchange(host)
    for each in (guest, reader, taken):
        order.give(each)
    assert picture(taken.project) != before
    assert picture(taken.project) == picture(reader.project)
    assert image_of(taken).summary == image_of(reader).summary


def test_changes_put_together_again_say_what_they_said(tmp_path: Path) -> None:
    host = found(tmp_path)
    order = Order()
    order.exchange(host)
    other = join(host, tmp_path, "other")
    order.exchange(host, other)
    busy(host, other, order)
    issue = host.project.records(ISSUE)[0]
    host.project.update(issue, [])
    said = {}
    for made in (host, other):
        for (data,) in made.project.db.all("SELECT data FROM changes WHERE data IS NOT NULL"):
            change = decode_change(bytes(data))
            said[change.id] = change
    host.project.set(issue, "title", "Last")
    host.project.delete(host.project.records(ISSUE)[3])
    for (data,) in host.project.db.all("SELECT data FROM changes WHERE data IS NOT NULL"):
        change = decode_change(bytes(data))
        said[change.id] = change
    order.exchange(host, other)
    assert said
    rebuilder = Rebuilder(other.project)
    found_again = {
        change.id: change
        for (eid,) in other.project.db.all("SELECT eid FROM envelopes")
        for change in rebuilder.of_envelope(int(eid))
    }
    for name, change in said.items():
        assert found_again[name].operations == change.operations
        assert found_again[name].author == change.author
