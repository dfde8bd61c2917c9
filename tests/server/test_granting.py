from __future__ import annotations

from collections.abc import Iterator

import pytest

from sync.errors import Refused
from sync.grants import open_grants, recipient_id, seal_grant
from sync.keys import SigningKey
from sync.membership_actions import Role
from sync.server.limits import Limits
from sync.server.relay import Relay
from sync.server.sqlite import SqliteStorage
from tests.server.people import Person, Site, begin, join
from tests.server.support import FakeClock, Seeded


@pytest.fixture
def storage() -> Iterator[SqliteStorage]:
    made = SqliteStorage(":memory:", FakeClock(), Seeded(7))
    yield made
    made.close()


@pytest.fixture
def site(storage: SqliteStorage) -> Site:
    clock = FakeClock()
    return begin(Relay(storage, clock), clock)


def grant(giver: Person, kem_public: bytes) -> bytes:
    return seal_grant(
        project=giver.project, epoch_key=giver.key, kem_public=kem_public, device_key=giver.signing
    )


def test_the_key_reaches_who_holds_the_invite(site: Site) -> None:
    invite = site.founder.invite()
    site.push(site.founder, invite.envelope.wire())
    site.relay.put_grants(site.project, invite.grants, by=site.founder.device)
    found = site.relay.grants(site.project, invite.code.recipient, by=invite.code.signing.public)
    assert found == list(invite.grants)
    assert open_grants(found, invite.code.kem, site.founder.membership) == (site.founder.key,)
    person, wire = join(site.founder, invite, 50)
    site.push(person, wire)
    assert site.relay.grants(site.project, invite.code.recipient, by=person.device) == found


def test_cancelling_removes_the_keys_at_once(site: Site) -> None:
    invite = site.founder.invite()
    site.push(site.founder, invite.envelope.wire())
    site.relay.put_grants(site.project, invite.grants, by=site.founder.device)
    site.push(site.founder, site.founder.cancel(invite))
    with pytest.raises(Refused, match="cancelled"):
        site.relay.grants(site.project, invite.code.recipient, by=invite.code.signing.public)
    # A late copy of the grant is nobody's: it is not an error, and is not kept.
    site.relay.put_grants(site.project, invite.grants, by=site.founder.device)
    with site.relay._storage.read() as view:
        assert view.count_grants(site.project) == 0


def test_keys_are_for_their_recipient_only(site: Site) -> None:
    anna, bert = site.member(Role.EDITOR), site.member(Role.EDITOR)
    site.relay.put_grants(site.project, [grant(anna, bert.identity.kem_public)], by=anna.device)
    recipient = recipient_id(bert.identity.kem_public)
    assert len(site.relay.grants(site.project, recipient, by=bert.device)) == 1
    for other in (anna, site.founder):
        with pytest.raises(Refused, match="another device"):
            site.relay.grants(site.project, recipient, by=other.device)


@pytest.mark.parametrize("role", [Role.CONTRIBUTOR, Role.VIEWER])
def test_only_editors_give_keys_to_others(site: Site, role: Role) -> None:
    person, other = site.member(role), site.member(Role.EDITOR)
    with pytest.raises(Refused, match="may not give"):
        site.relay.put_grants(site.project, [grant(person, other.identity.kem_public)], by=person.device)
    own = person.invite(next_device=True)
    site.push(person, own.envelope.wire())
    site.relay.put_grants(site.project, own.grants, by=person.device)
    assert site.relay.grants(site.project, own.code.recipient, by=own.code.signing.public)


def test_what_is_no_grant_of_this_project_is_refused_and_nothing_of_it_kept(
    site: Site, storage: SqliteStorage
) -> None:
    other = begin(site.relay, site.clock, seed=2)
    good = grant(site.founder, site.founder.identity.kem_public)
    outsider = Person(other.founder.identity, other.founder.membership, other.founder.key, Seeded(3))
    to_nobody = grant(site.founder, other.founder.identity.kem_public)
    of_outsider = seal_grant(
        project=site.project,
        epoch_key=site.founder.key,
        kem_public=site.founder.identity.kem_public,
        device_key=outsider.signing,
    )
    changed = good[:-1] + bytes([good[-1] ^ 1])
    for bad in (
        b"",
        b"junk",
        bytes(5_000),
        changed,
        grant(outsider, outsider.identity.kem_public),
        to_nobody,
        of_outsider,
    ):
        with pytest.raises(Refused):
            site.relay.put_grants(site.project, [good, bad], by=site.founder.device)
    with storage.read() as view:
        assert view.count_grants(site.project) == 0


def test_putting_again_replaces(site: Site, storage: SqliteStorage) -> None:
    for _ in range(3):
        site.relay.put_grants(
            site.project, [grant(site.founder, site.founder.identity.kem_public)], by=site.founder.device
        )
    with storage.read() as view:
        assert view.count_grants(site.project) == 1


def test_grants_are_bounded(storage: SqliteStorage) -> None:
    clock = FakeClock()
    site = begin(Relay(storage, clock, Limits(grants_per_request=2, grants_per_project=1)), clock)
    one = grant(site.founder, site.founder.identity.kem_public)
    with pytest.raises(Refused, match="in parts"):
        site.relay.put_grants(site.project, [one] * 3, by=site.founder.device)
    site.relay.put_grants(site.project, [one], by=site.founder.device)
    invite = site.founder.invite()
    site.push(site.founder, invite.envelope.wire())
    with pytest.raises(Refused, match="too many"):
        site.relay.put_grants(site.project, invite.grants, by=site.founder.device)


def test_who_may_remove_keys(site: Site) -> None:
    anna, bert = site.member(Role.EDITOR), site.member(Role.EDITOR)
    recipient = recipient_id(anna.identity.kem_public)
    invite = anna.invite()
    site.push(anna, invite.envelope.wire())

    def put() -> None:
        site.relay.put_grants(
            site.project, [grant(anna, anna.identity.kem_public), *invite.grants], by=anna.device
        )

    put()
    for name in (recipient, invite.code.recipient):
        with pytest.raises(Refused, match="another device"):
            site.relay.delete_grants(site.project, name, by=bert.device)
    for by in (anna.device, site.founder.device):
        put()
        for name in (recipient, invite.code.recipient):
            site.relay.delete_grants(site.project, name, by=by)
        assert site.relay.grants(site.project, recipient, by=anna.device) == []
    put()
    site.relay.delete_grants(site.project, invite.code.recipient, by=invite.code.signing.public)
    assert site.relay.grants(site.project, invite.code.recipient, by=invite.code.signing.public) == []


def test_a_stranger_gets_none(site: Site) -> None:
    invite = site.founder.invite()
    site.push(site.founder, invite.envelope.wire())
    site.relay.put_grants(site.project, invite.grants, by=site.founder.device)
    key = SigningKey.generate(Seeded(99)).public
    assert site.relay.grants(site.project, invite.code.recipient, by=key) == []
