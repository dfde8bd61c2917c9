"""Chunks, notices, leases and bundles on the relay: who may what, and what hostile devices try."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import pytest

from sync.bundle import read_manifest
from sync.cookie import Cookie
from sync.errors import Absent, Malformed, NewerFormat, Refused
from sync.keys import SigningKey
from sync.membership import seal_action
from sync.membership_actions import Accepted, Revoke, Role
from sync.notice import NoticeKind, make_notice
from sync.server.judging import ABSENT
from sync.server.limits import Limits
from sync.server.objects import MemoryObjects
from sync.server.relay import Relay
from sync.server.sqlite import SqliteStorage
from sync.server.storage import Storage
from sync.transport.base import Outcome
from tests.server.bundling import cookie_of, manifest, name_of, note, publish
from tests.server.people import Site, begin, found
from tests.server.support import FakeClock, Seeded

LIMITS = Limits(chunk_bytes=5_000, project_chunk_bytes=20_000, project_notice_bytes=10_000)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture(params=["sqlite", "postgres"])
def storage(request: pytest.FixtureRequest, clock: FakeClock) -> Iterator[Storage]:
    if request.param == "postgres":
        yield request.getfixturevalue("postgres_storage")
        return
    made = SqliteStorage(":memory:", clock, Seeded(7))
    yield made
    made.close()


@pytest.fixture
def objects(clock: FakeClock) -> MemoryObjects:
    return MemoryObjects(clock)


@pytest.fixture
def marks() -> list[tuple[bytes, str, str]]:
    return []


@pytest.fixture
def site(
    storage: Storage, objects: MemoryObjects, clock: FakeClock, marks: list[tuple[bytes, str, str]]
) -> Site:
    def mark(project: bytes, event: str, kind: str) -> None:
        marks.append((project, event, kind))

    return begin(Relay(storage, clock, LIMITS, objects=objects, marked=mark), clock)


def stranger() -> bytes:
    return SigningKey.generate(Seeded(999)).public


def put(site: Site, data: bytes, by: bytes | None = None, purpose: str = "file") -> None:
    site.relay.put_chunk(site.project, data, purpose=purpose, by=by or site.founder.device)


def test_a_chunk_comes_back_as_it_was_left(site: Site, objects: MemoryObjects, storage: Storage) -> None:
    put(site, b"photo")
    put(site, b"photo")
    names = [name_of(b"photo"), name_of(b"other")]
    assert site.relay.have_chunks(site.project, names, by=site.founder.device) == [True, False]
    assert site.relay.get_chunk(site.project, names[0], by=site.founder.device) == b"photo"
    assert site.relay.get_chunk(site.project, names[1], by=site.founder.device) is None
    assert len(list(objects.list())) == 1
    with storage.read() as view:
        state = view.project(site.project)
        assert state is not None
        assert state.chunk_bytes == 5


def test_a_chunk_of_one_project_is_not_in_another(site: Site) -> None:
    other, founding = found(2)
    assert site.relay.push(other.project, [founding], by=other.device)[0].outcome is Outcome.ACCEPTED
    put(site, b"photo")
    assert site.relay.get_chunk(other.project, name_of(b"photo"), by=other.device) is None
    assert site.relay.get_chunk(site.project, name_of(b"photo"), by=other.device) is None


def test_sizes_and_purposes_are_bounded(site: Site) -> None:
    put(site, bytes(5_000))
    for wrong in (b"", bytes(5_001)):
        with pytest.raises(Refused):
            put(site, wrong)
    with pytest.raises(Malformed):
        put(site, b"x", purpose="other")
    with pytest.raises(Malformed):
        site.relay.put_chunk(b"short", b"x", purpose="file", by=site.founder.device)


def test_a_full_project_takes_no_more_chunks_but_those_it_has(site: Site, objects: MemoryObjects) -> None:
    for index in range(4):
        put(site, bytes([index]) * 5_000)
    with pytest.raises(Refused, match="ask its operator"):
        put(site, b"one more")
    put(site, bytes([0]) * 5_000)
    assert len(list(objects.list())) == 4


def test_whose_row_cannot_be_written_leaves_no_bytes(
    site: Site, objects: MemoryObjects, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Fails when the bytes are left behind after a put that did not come to its row.
    monkeypatch.setattr(
        site.relay._beside, "_within_quota", lambda state, size: (_ for _ in ()).throw(Refused("full"))
    )
    with pytest.raises(Refused):
        put(site, b"photo")
    assert list(objects.list()) == []


def test_a_chunk_whose_bytes_are_lost_is_asked_for_again(site: Site, objects: MemoryObjects) -> None:
    put(site, b"photo")
    name = name_of(b"photo")
    objects.write(next(objects.list()).place, b"phot")
    assert site.relay.get_chunk(site.project, name, by=site.founder.device) is None
    assert site.relay.have_chunks(site.project, [name], by=site.founder.device) == [False]
    put(site, b"photo")
    assert site.relay.get_chunk(site.project, name, by=site.founder.device) == b"photo"


def test_roles_decide(site: Site) -> None:
    viewer, contributor, editor = map(site.member, (Role.VIEWER, Role.CONTRIBUTOR, Role.EDITOR))
    put(site, b"of a contributor", contributor.device)
    for person, purpose in ((viewer, "file"), (viewer, "bundle"), (contributor, "bundle")):
        with pytest.raises(Refused, match="role"):
            put(site, b"photo", person.device, purpose)
    for person in (viewer, contributor):
        with pytest.raises(Refused, match="Only owners and editors"):
            site.relay.lease_bundle(site.project, by=person.device)
        publish_as = manifest(person, cookie_of(site, person), [b"c"])
        with pytest.raises(Refused, match="Only owners and editors"):
            site.relay.put_bundle(site.project, publish_as, by=person.device)
        note(site, person, NoticeKind.LIVE, b"")
    publish(site, editor, [b"bundle"])
    assert site.relay.get_chunk(site.project, name_of(b"bundle"), by=viewer.device) == b"bundle"


def test_who_holds_an_invite_may_take_bundles_but_leave_nothing(site: Site) -> None:
    invite = site.founder.invite()
    site.push(site.founder, invite.envelope.wire())
    wire = publish(site, site.founder, [b"bundle"])
    note(site, site.founder, NoticeKind.LIVE, b"")
    key = next(iter(site.founder.membership.invites.values())).sign_public
    assert [each.manifest for each in site.relay.bundles(site.project, by=key)] == [wire]
    assert site.relay.get_chunk(site.project, name_of(b"bundle"), by=key) == b"bundle"
    assert site.relay.have_chunks(site.project, [name_of(b"bundle")], by=key) == [True]
    assert site.relay.notices(site.project, "live", 0, by=key) == []
    with pytest.raises(Absent, match=ABSENT):
        put(site, b"photo", key)
    with pytest.raises(Absent, match=ABSENT):
        site.relay.lease_bundle(site.project, by=key)


@pytest.mark.parametrize("exists", [True, False])
def test_a_stranger_sees_the_same_whether_or_not_there_is_a_project(site: Site, exists: bool) -> None:
    publish(site, site.founder, [b"bundle"])
    note(site, site.founder, NoticeKind.LIVE, b"")
    project, by, relay = site.project if exists else b"n" * 32, stranger(), site.relay
    assert relay.have_chunks(project, [name_of(b"bundle")], by=by) == [False]
    assert relay.get_chunk(project, name_of(b"bundle"), by=by) is None
    assert relay.notices(project, "live", 0, by=by) == []
    assert relay.bundles(project, by=by) == []
    page = relay.pull(project, None, by=by)
    assert (page.floor, page.bundle, page.since) == (0, None, 0)
    with pytest.raises(Absent, match=ABSENT):
        relay.put_chunk(project, b"x", purpose="file", by=by)
    with pytest.raises(Absent, match=ABSENT):
        relay.lease_bundle(project, by=by)


def test_who_was_removed_may_nothing(site: Site) -> None:
    editor = site.member(Role.EDITOR)
    put(site, b"photo")
    member = site.founder.membership.device(editor.device)
    assert member is not None
    assert editor.prev is not None
    removal = seal_action(
        site.founder.membership,
        Revoke(member.member, None, (Accepted(editor.device, editor.seq, editor.prev),)),
        device_key=site.founder.signing,
        seq=site.founder.seq + 1,
        prev=site.founder.prev,
    )
    assert site.push(site.founder, removal.wire())[0].outcome is Outcome.ACCEPTED
    for ask in (
        lambda: site.relay.get_chunk(site.project, name_of(b"photo"), by=editor.device),
        lambda: site.relay.notices(site.project, "live", 0, by=editor.device),
        lambda: site.relay.bundles(site.project, by=editor.device),
        lambda: put(site, b"more", editor.device),
        lambda: note(site, editor, NoticeKind.LIVE, b""),
    ):
        with pytest.raises(Refused, match="removed"):
            ask()


def test_of_each_device_and_kind_the_newest_notice_is_kept(
    site: Site, marks: list[tuple[bytes, str, str]]
) -> None:
    editor = site.member(Role.EDITOR)
    note(site, site.founder, NoticeKind.LIVE, bytes(32), 5)
    note(site, site.founder, NoticeKind.LIVE, bytes(32), 5)
    note(site, editor, NoticeKind.LIVE, b"", 1)
    note(site, editor, NoticeKind.STATE, b"sealed", 1)
    note(site, site.founder, NoticeKind.LIVE, bytes(64), 6)
    found_ = site.relay.notices(site.project, "live", 0, by=editor.device)
    assert len(found_) == 2
    assert found_[0][0] < found_[1][0]
    assert site.relay.notices(site.project, "live", found_[0][0], by=editor.device) == found_[1:]
    assert site.relay.notices(site.project, "live", 1 << 64, by=editor.device) == []
    assert len(site.relay.notices(site.project, "live", -5, by=editor.device)) == 2
    assert len(marks) == 4


def test_an_older_notice_does_not_come_back(site: Site) -> None:
    note(site, site.founder, NoticeKind.LIVE, bytes(32), 6)
    for number, body in ((5, b""), (6, b"")):
        with pytest.raises(Refused, match="newer notice"):
            note(site, site.founder, NoticeKind.LIVE, body, number)


def test_notices_keep_their_order_when_the_clock_goes_back(site: Site, clock: FakeClock) -> None:
    note(site, site.founder, NoticeKind.LIVE, b"", 1)
    last = site.relay.notices(site.project, "live", 0, by=site.founder.device)[0][0]
    clock.pass_seconds(-366 * 86_400)
    note(site, site.founder, NoticeKind.LIVE, bytes(32), 2)
    assert len(site.relay.notices(site.project, "live", last, by=site.founder.device)) == 1


def test_notices_of_others_and_wrong_ones_are_refused(site: Site) -> None:
    editor = site.member(Role.EDITOR)
    own = make_notice(project=site.project, kind="live", number=1, body=b"", key=site.founder.signing)
    with pytest.raises(Refused):
        site.relay.put_notice(site.project, own, by=editor.device)
    other = make_notice(project=b"o" * 32, kind="live", number=1, body=b"", key=site.founder.signing)
    with pytest.raises(Refused):
        site.relay.put_notice(site.project, other, by=site.founder.device)
    with pytest.raises(Refused, match="updated"):
        note(site, site.founder, "other", b"")
    with pytest.raises(Malformed):
        note(site, site.founder, NoticeKind.LIVE, bytes(31))
    with pytest.raises(Malformed):
        note(site, site.founder, NoticeKind.CONFIRM, bytes(33))
    for wire in (b"", own[:-1], own[:-1] + bytes([own[-1] ^ 1])):
        with pytest.raises((Malformed, NewerFormat)):
            site.relay.put_notice(site.project, wire, by=site.founder.device)


def test_the_notices_of_a_project_are_bounded(site: Site) -> None:
    note(site, site.founder, NoticeKind.STATE, bytes(9_000), 1)
    with pytest.raises(Refused, match="too many notices"):
        note(site, site.founder, NoticeKind.HELD, bytes(2_000), 1)
    note(site, site.founder, NoticeKind.STATE, bytes(100), 2)
    note(site, site.founder, NoticeKind.HELD, bytes(2_000), 1)


def test_one_publishes_at_a_time_until_the_lease_ends(site: Site, clock: FakeClock) -> None:
    editor = site.member(Role.EDITOR)

    def ask(device: bytes, release: bool = False) -> tuple[bool, float]:
        return site.relay.lease_bundle(site.project, release=release, by=device)

    assert ask(editor.device) == (True, 60.0)
    clock.pass_seconds(50)
    assert ask(site.founder.device) == (False, 10.0)
    assert ask(site.founder.device, release=True) == (False, 10.0)
    assert ask(editor.device) == (True, 60.0)
    clock.pass_seconds(59)
    assert ask(site.founder.device)[0] is False
    # Its owner died: nobody renews it.
    clock.pass_seconds(1)
    assert ask(site.founder.device) == (True, 60.0)
    assert ask(site.founder.device, release=True) == (False, 0.0)
    assert ask(editor.device) == (True, 60.0)
    # A clock that is set back does not make a lease longer than one.
    clock.pass_seconds(-366 * 86_400)
    assert ask(site.founder.device) == (True, 60.0)


def test_a_bundle_is_offered_with_who_confirmed_it(
    site: Site, clock: FakeClock, marks: list[tuple[bytes, str, str]]
) -> None:
    editor = site.member(Role.EDITOR)
    first = publish(site, site.founder, [b"one", b"two"])
    site.relay.put_bundle(site.project, first, by=site.founder.device)
    assert marks == [(site.project, "bundle", "")]
    offered = site.relay.bundles(site.project, by=editor.device)
    assert [(each.manifest, each.confirmations) for each in offered] == [(first, 0)]
    # Who published it confirms nothing by saying so.
    note(site, site.founder, NoticeKind.CONFIRM, read_manifest(first).hash, 1)
    assert site.relay.bundles(site.project, by=editor.device)[0].confirmations == 0
    note(site, editor, NoticeKind.CONFIRM, read_manifest(first).hash, 1)
    assert site.relay.bundles(site.project, by=editor.device)[0].confirmations == 1
    site.push(site.founder, site.founder.write())
    second = publish(site, editor, [b"three"])
    offered = site.relay.bundles(site.project, by=editor.device)
    assert [(each.manifest, each.confirmations) for each in offered] == [(first, 1), (second, 0)]
    page = site.relay.pull(site.project, None, by=editor.device)
    assert (page.bundle, page.since, page.floor) == (read_manifest(second).hash, 0, 0)
    wire = site.founder.write()
    site.push(site.founder, wire)
    assert site.relay.pull(site.project, None, by=editor.device).since == len(wire)


def test_bundles_that_do_not_fit_are_refused(site: Site) -> None:
    founder, editor = site.founder, site.member(Role.EDITOR)
    for chunk in (b"one", b"two"):
        put(site, chunk, purpose="bundle")
    end = cookie_of(site, founder)

    def leave(wire: bytes, by: bytes = founder.device) -> None:
        site.relay.put_bundle(site.project, wire, by=by)

    with pytest.raises(Refused, match="lacks 1 chunks"):
        leave(manifest(founder, end, [b"one", b"not here"]))
    for wrong in (
        dataclasses.replace(end, generation=bytes(16)),
        dataclasses.replace(end, running=bytes(32)),
        dataclasses.replace(end, version=end.version + 1),
        Cookie.start(end.generation),
    ):
        with pytest.raises(Refused, match="another history"):
            leave(manifest(founder, wrong, [b"one"]))
    with pytest.raises(Refused, match="published it"):
        leave(manifest(founder, end, [b"one"]), editor.device)
    foreign, _ = found(2)
    stray = dataclasses.replace(founder.identity, project=foreign.project)
    other = dataclasses.replace(founder, identity=stray)
    with pytest.raises(Refused, match="in its project"):
        leave(manifest(other, end, [b"one"]))
    good = manifest(founder, end, [b"one", b"two"])
    for broken in (b"", good[:-1], good[:-1] + bytes([good[-1] ^ 1]), bytes((1 << 20) + 1)):
        with pytest.raises(Malformed):
            leave(broken)
    site.push(founder, founder.write())
    publish(site, founder, [b"two"])
    with pytest.raises(Refused, match="newer bundle"):
        leave(good)


def test_many_bundles_leave_few_rows(site: Site, storage: Storage) -> None:
    for index in range(30):
        publish(site, site.founder, [bytes([index])])
    with storage.read() as view:
        bundles = view.bundles(site.project)
        state = view.project(site.project)
    assert state is not None
    assert (len(bundles), bundles[0].hash) == (9, state.bundle)
