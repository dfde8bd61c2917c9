from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from sync.cookie import Cookie
from sync.envelope import Header, parse
from sync.errors import Malformed, Refused
from sync.keys import SigningKey
from sync.membership import seal_action
from sync.membership_actions import Accepted, InviteAction, Role, RoleAction
from sync.server.judging import ABSENT
from sync.server.limits import Limits
from sync.server.relay import Relay
from sync.server.sqlite import SqliteStorage
from sync.server.storage import Storage
from sync.transport.base import Outcome, PullPage, PushAck
from tests.server.people import Person, Site, begin, found, join, recovery
from tests.server.support import FakeClock, Seeded


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
def relay(storage: Storage, clock: FakeClock) -> Relay:
    return Relay(storage, clock)


@pytest.fixture
def site(relay: Relay, clock: FakeClock) -> Site:
    return begin(relay, clock)


def outcomes(acks: list[PushAck]) -> list[str]:
    return [str(ack.outcome) for ack in acks]


def stranger(seed: int = 999) -> SigningKey:
    return SigningKey.generate(Seeded(seed))


def test_a_founding_begins_a_project_and_what_follows_is_numbered(relay: Relay) -> None:
    founder, founding = found()
    wires = [founding, founder.write(), founder.write()]
    acks = relay.push(founder.project, wires, by=founder.device)
    assert outcomes(acks) == ["accepted"] * 3
    assert [ack.version for ack in acks] == [1, 2, 3]
    assert [ack.hash for ack in acks] == [parse(wire).hash for wire in wires]
    page = relay.pull(founder.project, None, by=founder.device)
    assert page.wires == tuple(wires)
    assert (page.more, page.reset, page.cookie.version) == (False, False, 3)


def test_pushing_again_stores_nothing_twice(site: Site) -> None:
    wire = site.founder.write()
    assert outcomes(site.push(site.founder, wire, wire)) == ["accepted", "known"]
    again = site.push(site.founder, site.founding, wire)
    assert outcomes(again) == ["known", "known"]
    assert [ack.version for ack in again] == [1, 2]
    assert site.log(site.founder) == [site.founding, wire]


def test_the_running_hash_is_that_of_the_order(site: Site, storage: Storage) -> None:
    wires = [site.founding, *(site.founder.write() for _ in range(5))]
    site.push(site.founder, *wires[1:])
    cookie = Cookie.start(storage.generation)
    for wire in wires:
        cookie = cookie.advance(parse(wire).hash)
    assert site.relay.pull(site.project, None, by=site.founder.device).cookie == cookie


def test_pages_are_bounded_and_complete(storage: Storage, clock: FakeClock) -> None:
    site = begin(Relay(storage, clock, Limits(page_envelopes=10, page_bytes=3_000)), clock)
    wires = [site.founder.write(bytes(100)) for _ in range(40)]
    site.push(site.founder, *wires)
    cookie: Cookie | None = None
    seen: list[bytes] = []
    pages = 0
    while True:
        page = site.relay.pull(site.project, cookie, 7, by=site.founder.device)
        assert 0 < len(page.wires) <= 7
        assert sum(map(len, page.wires)) <= 3_000
        seen += page.wires
        cookie, pages = page.cookie, pages + 1
        if not page.more:
            break
    assert seen == [site.founding, *wires]
    assert pages > 4
    last = site.relay.pull(site.project, cookie, by=site.founder.device)
    size = sum(map(len, seen))
    assert last == PullPage((), cookie, more=False, reset=False, since=size)


def test_one_bad_envelope_stops_nothing(site: Site) -> None:
    founder = site.founder
    good = [founder.write(), founder.write(), founder.write()]
    forged = bytearray(good[1])
    forged[-1] ^= 1
    unsigned = msgspec.msgpack.decode(good[1])
    unsigned[1] = bytes(64)
    bodiless = parse(good[1]).without_body().wire()
    batch = [good[0], b"", b"\xc1", bytes(forged), msgspec.msgpack.encode(unsigned), bodiless, good[2]]
    acks = site.push(founder, *batch)
    assert outcomes(acks) == ["accepted", "refused", "refused", "refused", "refused", "refused", "accepted"]
    assert all(ack.reason.endswith(".") for ack in acks if ack.outcome is Outcome.REFUSED)
    assert acks[1].hash == b""
    # The same header under its true signature is taken afterwards.
    assert outcomes(site.push(founder, good[1])) == ["accepted"]


def test_a_stranger_learns_and_stores_nothing(site: Site) -> None:
    site.push(site.founder, site.founder.write())
    key = stranger()
    other, _ = found(2)
    nothing = bytes(32)
    made_up = other.write()
    for project in (site.project, nothing):
        relay = site.relay
        page = relay.pull(project, None, by=key.public)
        assert page.wires == ()
        assert (page.cookie.version, page.more, page.reset) == (0, False, False)
        acks = relay.push(project, [made_up, b"junk"], by=key.public)
        assert outcomes(acks)[0] == "later"
        assert acks[0].reason == ABSENT
        assert relay.grants(project, bytes(32), by=key.public) == []
        with pytest.raises(Refused) as put:
            relay.put_grants(project, [], by=key.public)
        with pytest.raises(Refused) as deleted:
            relay.delete_grants(project, bytes(32), by=key.public)
        assert str(put.value) == str(deleted.value) == ABSENT
    assert site.relay.projects(by=key.public) == []
    assert len(site.log(site.founder)) == 2


def test_the_answers_to_a_stranger_are_the_same_with_and_without_a_project(
    site: Site, storage: Storage, clock: FakeClock
) -> None:
    wires = [site.founder.write(), b"junk", site.founding[:-1]]
    forged = msgspec.msgpack.decode(wires[0])
    forged[1] = bytes(64)
    wires.append(msgspec.msgpack.encode(forged))
    empty = Relay(SqliteStorage(":memory:", clock, Seeded(7)), clock)
    mine = [wires[1], wires[2], wires[3]]
    key = stranger().public
    assert site.relay.push(site.project, mine, by=key) == empty.push(site.project, mine, by=key)


def test_an_envelope_by_a_stranger_is_refused_whoever_carries_it(site: Site) -> None:
    other, _ = found(2)
    signing = stranger()
    intruder = Person(site.founder.identity, site.founder.membership, site.founder.key, Seeded(5))
    intruder.identity = type(intruder.identity)(
        site.project, signing.seed, other.identity.kem_private, bytes(32)
    )
    ack = site.push(site.founder, intruder.write())[0]
    assert (ack.outcome, ack.version) == (Outcome.REFUSED, None)
    assert "not a device of a member" in ack.reason


def test_an_envelope_of_another_project_is_refused(site: Site) -> None:
    other, founding = found(2)
    acks = site.push(site.founder, other.write(), founding, other.invite().envelope.wire())
    assert outcomes(acks) == ["refused"] * 3


@pytest.mark.parametrize("role", [Role.EDITOR, Role.CONTRIBUTOR, Role.OWNER])
def test_members_push_and_pull(site: Site, role: Role) -> None:
    person = site.member(role)
    wire = person.write()
    assert outcomes(site.push(person, wire)) == ["accepted"]
    assert site.log(person)[-1] == wire


def test_a_viewer_pulls_and_may_not_push(site: Site) -> None:
    viewer = site.member(Role.VIEWER)
    ack = site.push(viewer, viewer.write())[0]
    assert ack.outcome is Outcome.REFUSED
    assert "may only look" in ack.reason
    assert len(site.log(viewer)) == 3
    # But what others wrote it may carry.
    assert outcomes(site.push(viewer, site.founder.write())) == ["accepted"]


def test_who_holds_an_invite_pulls_and_joins(site: Site) -> None:
    invite = site.founder.invite(Role.EDITOR)
    by = invite.code.signing.public
    assert site.relay.pull(site.project, None, by=by).wires == ()
    site.push(site.founder, invite.envelope.wire())
    assert len(site.relay.pull(site.project, None, by=by).wires) == 2
    person, wire = join(site.founder, invite, 50)
    assert outcomes(site.relay.push(site.project, [wire], by=by)) == ["accepted"]
    assert outcomes(site.push(person, person.write())) == ["accepted"]


def test_a_join_and_what_it_writes_fit_into_one_batch_in_any_order(site: Site) -> None:
    invite = site.founder.invite()
    person, wire = join(site.founder, invite, 50)
    batch = [person.write(), wire, invite.envelope.wire()]
    acks = site.push(site.founder, *batch)
    assert outcomes(acks) == ["accepted"] * 3
    assert site.log(person) == [site.founding, batch[2], batch[1], batch[0]]


def test_a_cancelled_invite_is_refused_with_a_reason(site: Site) -> None:
    invite = site.founder.invite()
    person, wire = join(site.founder, invite, 50)
    cancel = site.founder.cancel(invite)
    site.push(site.founder, invite.envelope.wire(), cancel)
    for by in (invite.code.signing.public, person.device, site.founder.device):
        ack = site.relay.push(site.project, [wire], by=by)[0]
        assert ack.outcome is Outcome.REFUSED
        assert "cancelled" in ack.reason
    with pytest.raises(Refused, match="cancelled"):
        site.relay.pull(site.project, None, by=invite.code.signing.public)
    # What stands on the refused join waits; to a stranger the server says nothing at all.
    assert outcomes(site.push(person, person.write())) == ["later"]


def test_an_expired_invite_is_refused_by_the_servers_clock(site: Site) -> None:
    invite = site.founder.invite(expires_ms=site.clock.wall_ms + 10_000)
    site.push(site.founder, invite.envelope.wire())
    early, in_time = join(site.founder, invite, 50)
    assert outcomes(site.push(early, in_time)) == ["accepted"]
    late, too_late = join(site.founder, invite, 51)
    site.clock.pass_seconds(10)
    for by in (invite.code.signing.public, late.device):
        ack = site.relay.push(site.project, [too_late], by=by)[0]
        assert ack.outcome is Outcome.REFUSED
        assert "expired" in ack.reason
    with pytest.raises(Refused, match="expired"):
        site.relay.pull(site.project, None, by=invite.code.signing.public)
    with pytest.raises(Refused, match="expired"):
        site.relay.grants(site.project, invite.code.recipient, by=invite.code.signing.public)
    assert outcomes(site.push(early, early.write())) == ["accepted"]
    assert outcomes(site.push(site.founder, too_late)) == ["accepted"], "an editor vouches for it"


def test_a_wiped_server_takes_everything_back_from_anyone(site: Site, clock: FakeClock) -> None:
    invite = site.founder.invite(expires_ms=clock.wall_ms + 10_000)
    site.push(site.founder, invite.envelope.wire())
    person, wire = join(site.founder, invite, 50)
    site.push(person, wire, person.write())
    log = site.log(person)
    cookie = site.relay.pull(site.project, None, by=person.device).cookie
    clock.pass_seconds(1_000_000)
    fresh = Relay(SqliteStorage(":memory:", clock, Seeded(8)), clock)
    page = fresh.pull(site.project, cookie, by=person.device)
    assert (page.wires, page.reset, page.cookie.version) == ((), True, 0)
    assert not fresh.pull(site.project, page.cookie, by=person.device).reset
    for part in (log[:2], log[2:]):
        assert outcomes(fresh.push(site.project, part, by=person.device)) == ["accepted"] * 2
    assert fresh.pull(site.project, None, by=site.founder.device).wires == tuple(log)


def test_forks_are_accepted(site: Site) -> None:
    first = site.founder.write(b"one")
    second = site.founder.fork(b"two")
    assert parse(first).header.seq == parse(second).header.seq
    assert outcomes(site.push(site.founder, first, second)) == ["accepted", "accepted"]


def test_what_must_wait_is_told_apart_from_what_is_refused(site: Site) -> None:
    invite = site.founder.invite()
    wire = site.founder.write()
    assert outcomes(site.push(site.founder, wire)) == ["later"]
    assert outcomes(site.push(site.founder, invite.envelope.wire())) == ["accepted"]
    assert outcomes(site.push(site.founder, wire)) == ["accepted"]


def test_a_newer_apps_envelope_is_refused_with_a_reason(site: Site) -> None:
    outer = msgspec.msgpack.decode(site.founder.write())
    header = msgspec.msgpack.decode(outer[0])
    header[0] = header[2] = 9
    outer[0] = msgspec.msgpack.encode(header)
    ack = site.push(site.founder, msgspec.msgpack.encode(outer))[0]
    assert ack.outcome is Outcome.REFUSED
    assert "newer than the server" in ack.reason


def test_kinds_of_a_later_version_are_passed_on(site: Site) -> None:
    founder = site.founder
    header = msgspec.structs.replace(parse(founder.write()).header, kind=7)
    data = msgspec.msgpack.encode(header)
    signature = founder.signing.sign(b"sitebook/envelope-signature/1\0", data)
    body = parse(founder.fork(b"x")).body
    header = msgspec.structs.replace(
        header, body_length=len(body or b""), body_hash=hashlib.sha256(body or b"").digest()
    )
    data = msgspec.msgpack.encode(header)
    signature = founder.signing.sign(b"sitebook/envelope-signature/1\0", data)
    wire = msgspec.msgpack.encode((data, signature, body))
    assert isinstance(parse(wire).header, Header)
    assert outcomes(site.push(founder, wire)) == ["accepted"]


def test_a_cookie_of_another_history_begins_again(site: Site, storage: Storage) -> None:
    site.push(site.founder, *(site.founder.write() for _ in range(4)))
    good = site.relay.pull(site.project, None, by=site.founder.device).cookie
    start = Cookie.start(storage.generation)
    strange = [
        Cookie(b"x" * 16, good.version, good.running),
        Cookie(good.generation, good.version, bytes(32)),
        Cookie(good.generation, good.version + 1, good.running),
        Cookie(good.generation, (1 << 63) - 1, good.running),
        Cookie(good.generation, 0, bytes(32)),
        Cookie.start(b"x" * 16),
    ]
    for cookie in strange:
        page = site.relay.pull(site.project, cookie, by=site.founder.device)
        assert page.reset
        assert len(page.wires) == 5
    assert not site.relay.pull(site.project, start, by=site.founder.device).reset


def test_a_server_that_went_on_from_an_old_copy_is_noticed(tmp_path: Path, clock: FakeClock) -> None:
    path = tmp_path / "relay.db"
    storage = SqliteStorage(path, clock, Seeded(7))
    site = begin(Relay(storage, clock), clock)
    storage.close()
    copy = path.read_bytes()

    storage = SqliteStorage(path, clock, Seeded(8))
    site.relay = Relay(storage, clock)
    lost = [site.founder.write(), site.founder.write()]
    site.push(site.founder, *lost)
    cookie = site.relay.pull(site.project, None, by=site.founder.device).cookie
    storage.close()

    path.write_bytes(copy)
    storage = SqliteStorage(path, clock, Seeded(9))
    site.relay = Relay(storage, clock)
    assert site.relay.pull(site.project, cookie, by=site.founder.device).reset, "ahead of the server"
    site.push(site.founder, *(site.founder.write() for _ in range(3)))
    page = site.relay.pull(site.project, cookie, by=site.founder.device)
    assert page.reset, "the server has the version, but of another history"
    assert len(page.wires) == 4
    assert outcomes(site.push(site.founder, *lost)) == ["accepted"] * 2
    storage.close()


def test_creation_may_be_closed(storage: Storage, clock: FakeClock) -> None:
    begin(Relay(storage, clock), clock, seed=1)
    relay = Relay(storage, clock, Limits(open_creation=False))
    founder, founding = found(2)
    ack = relay.push(founder.project, [founding], by=founder.device)[0]
    assert ack.outcome is Outcome.REFUSED
    assert "no new projects" in ack.reason
    old, founding = found(1)
    assert outcomes(relay.push(old.project, [founding, old.write()], by=old.device)) == ["known", "accepted"]


def test_what_is_too_much_at_once_is_refused_whole(storage: Storage, clock: FakeClock) -> None:
    site = begin(Relay(storage, clock, Limits(push_envelopes=3, push_bytes=9_000)), clock)
    for batch in ([site.founder.write() for _ in range(4)], [bytes(9_001)]):
        with pytest.raises(Refused, match="parts"):
            site.push(site.founder, *batch)
    assert len(site.log(site.founder)) == 1


def test_what_is_no_project_is_malformed(relay: Relay) -> None:
    for wrong in (b"", bytes(31), bytes(33)):
        with pytest.raises(Malformed):
            relay.pull(wrong, None, by=bytes(32))
        with pytest.raises(Malformed):
            relay.push(wrong, [], by=bytes(32))


def test_a_recovery_key_finds_and_pulls_its_projects(site: Site, clock: FakeClock) -> None:
    second = begin(site.relay, clock, seed=2)
    key = recovery(1).sign_public
    assert site.relay.projects(by=key) == [site.project]
    assert site.relay.projects(by=second.founder.device) == [second.project]
    assert site.relay.pull(site.project, None, by=key).wires == (site.founding,)


def test_two_relays_over_one_storage_see_each_others_members(
    storage: Storage, site: Site, clock: FakeClock
) -> None:
    other = Relay(storage, clock)
    person = site.member(Role.EDITOR)
    assert outcomes(other.push(site.project, [person.write()], by=person.device)) == ["accepted"]
    invite = site.founder.invite()
    assert outcomes(other.push(site.project, [invite.envelope.wire()], by=site.founder.device)) == [
        "accepted"
    ]
    joined, wire = join(site.founder, invite, 60)
    assert outcomes(site.push(joined, wire)) == ["accepted"]
    site.founder.learn(wire)
    acks = other.push(site.project, [site.founder.write(), joined.write()], by=joined.device)
    assert outcomes(acks) == ["accepted"] * 2


def test_memory_for_memberships_is_bounded_and_nothing_is_forgotten(
    storage: Storage, clock: FakeClock
) -> None:
    relay = Relay(storage, clock, Limits(memberships=2))
    sites = [begin(relay, clock, seed=seed) for seed in range(1, 6)]
    assert len(relay._rosters._rosters) == 2
    for site in sites:
        person = site.member(Role.EDITOR)
        assert outcomes(site.push(person, person.write())) == ["accepted"]


def test_nothing_that_people_wrote_can_be_read_in_the_storage(tmp_path: Path, clock: FakeClock) -> None:
    storage = SqliteStorage(tmp_path / "relay.db", clock, Seeded(7))
    site = begin(Relay(storage, clock), clock)
    site.push(site.founder, *(site.founder.write(b"Leaking roof over stair 3") for _ in range(3)))
    storage.close()
    data = (tmp_path / "relay.db").read_bytes()
    assert site.project in data
    assert b"Leaking" not in data
    assert site.founder.key.key not in data


def demote(site: Site, person: Person, role: Role) -> bytes:
    """The founder's role change, which accepts what that person wrote so far."""
    action = RoleAction(
        person.identity.member, role, (Accepted(person.device, person.seq, person.prev or b""),)
    )
    founder = site.founder
    envelope = seal_action(
        founder.membership, action, device_key=founder.signing, seq=founder.seq + 1, prev=founder.prev
    )
    founder.membership.add(envelope)
    founder.seq, founder.prev = envelope.header.seq, envelope.hash
    return envelope.wire()


def test_an_invite_struck_by_what_its_maker_did_not_know_is_kept_and_strands_nothing(site: Site) -> None:
    editor = site.member(Role.EDITOR)
    offline = editor.membership.copy()
    assert outcomes(site.push(site.founder, demote(site, editor, Role.CONTRIBUTOR))) == ["accepted"]
    editor.membership = offline
    invite = editor.invite(Role.EDITOR)
    later = editor.write(b"written behind the invite")
    assert outcomes(site.push(editor, invite.envelope.wire(), later)) == ["accepted", "accepted"]
    assert site.founder.membership.copy().check(invite.envelope).decision != "accept"
    newcomer, wire = join(Person(editor.identity, offline, editor.key, editor.random), invite, 555)
    assert outcomes(site.push(newcomer, wire)) == ["refused"]


def test_a_viewers_invite_is_refused_since_it_never_was_his_right(site: Site) -> None:
    viewer, editor = site.member(Role.VIEWER), site.member(Role.EDITOR)
    action = InviteAction(Seeded(3)(32), editor.identity.kem_public, Role.VIEWER, None, None)
    envelope = seal_action(
        viewer.membership, action, device_key=viewer.signing, seq=viewer.seq + 1, prev=viewer.prev
    )
    assert outcomes(site.push(viewer, envelope.wire())) == ["refused"]
