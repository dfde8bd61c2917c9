"""The rules of membership, one by one."""

from __future__ import annotations

import pytest

from sync.envelope import Head, seal_membership
from sync.errors import Refused
from sync.identity import found_project
from sync.invite import join_project
from sync.keys import KemKey, SigningKey
from sync.membership import Decision, Membership, Role
from sync.membership_actions import (
    Cancel,
    EpochAction,
    InviteAction,
    Join,
    PreviousEpoch,
    Revoke,
    RoleAction,
    encode_action,
    make_join,
    make_succession,
)
from tests.sync.crew import Crew, Hand, accepts

KEM = KemKey(bytes(96)).public


def role_of(membership: Membership, hand: Hand) -> Role | None:
    member = membership.member_of(hand.device)
    return None if member is None else member.role


def decision(membership: Membership, envelope_hash: bytes, crew: Crew) -> Decision:
    envelope = next(each for each in crew.all if each.hash == envelope_hash)
    return membership.judge(envelope.header, envelope.hash).decision


class TestBeginning:
    def test_founder_is_owner(self) -> None:
        crew = Crew()
        member = crew.founder.membership.members[crew.project]
        assert member.role is Role.OWNER
        assert member.inviter is None
        assert [device.device for device in member.devices] == [crew.founder.device]
        assert accepts(crew.founder.judges(crew.founder.write()))

    def test_another_founding_is_not_the_projects(self) -> None:
        crew = Crew()
        other = found_project(random=crew.random.randbytes)
        assert crew.founder.membership.add(other.founding).decision is Decision.REFUSE
        assert crew.founder.membership.member_of(other.identity.device) is None

    def test_nothing_counts_before_the_founding(self) -> None:
        crew = Crew()
        editor = crew.member(Role.EDITOR)
        written = editor.write()
        membership = Membership(crew.project)
        for envelope in crew.membership_envelopes()[1:]:
            assert membership.add(envelope).decision is Decision.WAIT
        assert membership.judge(written.header, written.hash).decision is Decision.WAIT
        result = membership.add(crew.all[0])
        assert result.decision is Decision.ACCEPT
        assert len(result.settled) == 2
        assert not membership.waiting
        assert accepts(membership.judge(written.header, written.hash))

    def test_envelope_of_another_project_is_refused(self) -> None:
        crew, other = Crew(1), Crew(2)
        written = other.founder.write()
        assert crew.founder.judges(written).decision is Decision.REFUSE
        other.founder.invite(Role.EDITOR)
        assert crew.founder.membership.add(other.all[-1]).decision is Decision.REFUSE


class TestJoining:
    @pytest.mark.parametrize("role", list(Role))
    def test_member_gets_the_invites_role(self, role: Role) -> None:
        crew = Crew()
        hand = crew.member(role)
        assert role_of(crew.founder.membership, hand) is role
        verdict = crew.founder.judges(hand.write())
        assert accepts(verdict) is (role is not Role.VIEWER)
        assert verdict.role is (None if role is Role.VIEWER else role)

    def test_member_id_is_the_join(self) -> None:
        crew = Crew()
        hand = crew.member(Role.EDITOR)
        assert hand.member == hand.prev
        assert crew.founder.membership.members[hand.member].inviter == crew.project
        assert crew.founder.membership.members[hand.member].depth == 1

    def test_next_device_is_the_same_member(self) -> None:
        crew = Crew()
        hand = crew.member(Role.CONTRIBUTOR)
        other = crew.next_device(hand)
        assert other.member == hand.member
        assert crew.founder.membership.same_member(hand.device, other.device)
        assert not crew.founder.membership.same_member(hand.device, crew.founder.device)
        assert len(crew.founder.membership.members[hand.member].devices) == 2
        assert role_of(crew.founder.membership, other) is Role.CONTRIBUTOR
        assert len(crew.founder.membership.members) == 2

    def test_next_device_of_a_viewer(self) -> None:
        crew = Crew()
        hand = crew.member(Role.VIEWER)
        other = crew.next_device(hand)
        assert role_of(crew.founder.membership, other) is Role.VIEWER

    def test_next_device_follows_the_member(self) -> None:
        crew = Crew()
        hand = crew.member(Role.VIEWER)
        other = crew.next_device(hand)
        crew.founder.set_role(hand, Role.EDITOR)
        assert accepts(crew.founder.judges(other.write()))

    def test_device_for_somebody_else_is_refused(self) -> None:
        crew = Crew()
        one, two = crew.member(Role.EDITOR), crew.member(Role.EDITOR)
        action = InviteAction(SigningKey(bytes(32)).public, KEM, Role.EDITOR, None, one.member)
        assert crew.founder.membership.add(two.act(action)).decision is Decision.REFUSE

    def test_join_without_the_invites_key(self) -> None:
        crew = Crew()
        code = crew.founder.invite(Role.OWNER)
        stranger = SigningKey(bytes(range(32)))
        for key in (stranger, crew.founder.identity.signing):
            join = make_join(
                project=crew.project,
                invite=code.invite,
                invite_key=key,
                device=stranger.public,
                kem_public=KEM,
                recovery=None,
            )
            envelope = seal_membership(
                project=crew.project,
                device_key=stranger,
                seq=1,
                prev=None,
                membership_heads=crew.founder.membership.heads,
                action=encode_action(join),
            )
            assert crew.founder.membership.add(envelope).decision is Decision.REFUSE
        assert crew.founder.membership.member_of(stranger.public) is None

    def test_join_signature_belongs_to_one_device(self) -> None:
        crew = Crew()
        code = crew.founder.invite(Role.OWNER)
        hand = crew.join(code)
        thief = SigningKey(bytes(range(32)))
        envelope = crew.all[-1]
        assert envelope.header.device == hand.device
        assert envelope.body is not None
        copied = seal_membership(
            project=crew.project,
            device_key=thief,
            seq=1,
            prev=None,
            membership_heads=envelope.header.membership_heads,
            action=envelope.body,
        )
        assert crew.founder.membership.add(copied).decision is Decision.REFUSE

    def test_join_by_an_invite_that_was_not_allowed(self) -> None:
        crew = Crew()
        contributor = crew.member(Role.CONTRIBUTOR)
        with pytest.raises(Refused, match="Your role does not allow"):
            contributor.invite(Role.VIEWER)
        key = SigningKey(bytes(range(32)))
        invite = contributor.act(InviteAction(key.public, KEM, Role.VIEWER, None, None))
        assert crew.founder.membership.add(invite).decision is Decision.REFUSE
        stranger = SigningKey(bytes(32))
        join = make_join(
            project=crew.project,
            invite=invite.hash,
            invite_key=key,
            device=stranger.public,
            kem_public=KEM,
            recovery=None,
        )
        envelope = seal_membership(
            project=crew.project,
            device_key=stranger,
            seq=1,
            prev=None,
            membership_heads=[invite.hash],
            action=encode_action(join),
        )
        assert crew.founder.membership.add(envelope).decision is Decision.REFUSE

    def test_a_device_joins_once_and_first_of_all(self) -> None:
        crew = Crew()
        hand = crew.member(Role.VIEWER)
        code = crew.founder.invite(Role.OWNER)
        join = make_join(
            project=crew.project,
            invite=code.invite,
            invite_key=code.signing,
            device=hand.device,
            kem_public=KEM,
            recovery=None,
        )
        assert crew.founder.membership.add(hand.act(join)).decision is Decision.REFUSE
        assert role_of(crew.founder.membership, hand) is Role.VIEWER

    def test_invite_lists_who_joined(self) -> None:
        crew = Crew()
        code = crew.founder.invite(Role.EDITOR)
        one, two = crew.join(code), crew.join(code)
        state = crew.founder.membership.invites[code.invite]
        assert set(state.joined) == {one.device, two.device}
        assert one.member != two.member
        assert state.usable
        assert not state.cancelled

    def test_expiry_is_told_to_servers(self) -> None:
        crew = Crew()
        code = crew.founder.invite(Role.EDITOR)
        assert not crew.founder.membership.expired(crew.all[-1], 1 << 60)
        key = SigningKey(bytes(range(32)))
        invite = crew.founder.act(InviteAction(key.public, KEM, Role.EDITOR, 1_000, None))
        join = Join(invite.hash, KEM, None, bytes(64))
        envelope = seal_membership(
            project=crew.project,
            device_key=key,
            seq=1,
            prev=None,
            membership_heads=[invite.hash],
            action=encode_action(join),
        )
        assert not crew.founder.membership.expired(envelope, 999)
        assert crew.founder.membership.expired(envelope, 1_000)
        hand = crew.join(code)
        assert not crew.founder.membership.expired(crew.all[-1], 1 << 60)
        assert not crew.founder.membership.expired(hand.write(), 1 << 60)


class TestGranting:
    @pytest.mark.parametrize("role", list(Role))
    def test_an_editor_invites_up_to_editor(self, role: Role) -> None:
        crew = Crew()
        editor = crew.member(Role.EDITOR)
        key = SigningKey(bytes(32))
        result = crew.founder.membership.add(editor.act(InviteAction(key.public, KEM, role, None, None)))
        assert (result.decision is Decision.ACCEPT) is (role is not Role.OWNER)

    @pytest.mark.parametrize("author", [Role.EDITOR, Role.CONTRIBUTOR, Role.VIEWER])
    def test_only_owners_change_the_role_of_others(self, author: Role) -> None:
        crew = Crew()
        hand, other = crew.member(author), crew.member(Role.VIEWER)
        hand.set_role(other, Role.EDITOR)
        hand.set_role(crew.founder, Role.VIEWER)
        assert role_of(crew.founder.membership, other) is Role.VIEWER
        assert role_of(crew.founder.membership, crew.founder) is Role.OWNER

    def test_nobody_raises_himself(self) -> None:
        crew = Crew()
        hand = crew.member(Role.EDITOR)
        hand.set_role(hand, Role.OWNER)
        assert role_of(crew.founder.membership, hand) is Role.EDITOR
        hand.set_role(hand, Role.VIEWER)
        assert role_of(crew.founder.membership, hand) is Role.VIEWER

    def test_an_owner_raises_another(self) -> None:
        crew = Crew()
        hand = crew.member(Role.VIEWER)
        crew.founder.set_role(hand, Role.OWNER)
        assert role_of(crew.founder.membership, hand) is Role.OWNER
        third = crew.member(Role.OWNER, hand)
        assert crew.founder.membership.members[third.member].depth == 2

    def test_unknown_references_are_refused(self) -> None:
        crew = Crew()
        add = crew.founder.membership.add
        nobody = bytes(32)
        for action in (
            RoleAction(nobody, Role.EDITOR, ()),
            Revoke(nobody, None, ()),
            Revoke(crew.project, nobody, ()),
            Cancel(nobody),
            Cancel(crew.project),
            EpochAction(0, nobody, (PreviousEpoch(nobody, bytes(60)),)),
        ):
            assert add(crew.founder.act(action)).decision is Decision.REFUSE

    def test_what_stands_on_a_dead_action_is_refused_too(self) -> None:
        crew = Crew()
        dead = crew.founder.act(Cancel(bytes(32)))
        child = crew.founder.act(Revoke(crew.project, None, ()), heads=[dead.hash])
        for order in ([dead, child], [child, dead]):
            membership = crew.replica([crew.all[0], *order])
            assert membership.judge(child.header, child.hash).decision is Decision.REFUSE
            assert membership.heads == (crew.project,)

    def test_concurrent_roles_the_lower_counts(self) -> None:
        crew = Crew()
        owner, hand = crew.member(Role.OWNER), crew.member(Role.CONTRIBUTOR)
        crew.founder.set_role(hand, Role.OWNER, tell=False)
        owner.set_role(hand, Role.EDITOR, tell=False)
        crew.tell_all()
        assert role_of(crew.founder.membership, hand) is Role.EDITOR
        crew.founder.set_role(hand, Role.OWNER)
        assert role_of(crew.founder.membership, hand) is Role.OWNER


class TestCutting:
    def test_what_was_written_before_still_counts(self) -> None:
        crew = Crew()
        editor = crew.member(Role.EDITOR)
        before = editor.write()
        crew.founder.set_role(editor, Role.VIEWER)
        after = editor.write()
        assert accepts(crew.founder.judges(before))
        assert crew.founder.judges(after).decision is Decision.REFUSE

    def test_what_was_written_without_knowing_is_cut_beyond_the_head(self) -> None:
        crew = Crew()
        editor = crew.member(Role.EDITOR)
        before = editor.write()
        head = editor.head()
        offline = editor.write()
        crew.founder.set_role(editor, Role.VIEWER, accepted=[head])
        assert accepts(crew.founder.judges(before))
        assert crew.founder.judges(offline).decision is Decision.REFUSE

    def test_a_lower_role_cuts_only_what_needs_a_higher(self) -> None:
        crew = Crew()
        editor = crew.member(Role.EDITOR)
        head = editor.head()
        offline = editor.write()
        crew.founder.set_role(editor, Role.CONTRIBUTOR, accepted=[head])
        verdict = crew.founder.judges(offline)
        assert accepts(verdict)
        assert verdict.role is Role.CONTRIBUTOR

    def test_an_old_number_beside_the_accepted_chain(self) -> None:
        crew = Crew()
        editor = crew.member(Role.EDITOR)
        start = (editor.seq, editor.prev)
        chain = [editor.write() for _ in range(4)]
        crew.founder.revoke(editor, accepted=[editor.head()])
        assert all(accepts(crew.founder.judges(envelope)) for envelope in chain)
        editor.seq, editor.prev = start
        editor.membership = crew.replica(crew.membership_envelopes()[:-1])
        forged = [editor.write() for _ in range(5)]
        for envelope in forged:
            assert crew.founder.judges(envelope).decision is Decision.REFUSE
        # Where the chain is not known, only the numbers tell.
        unknown = [crew.founder.membership.judge(each.header, each.hash) for each in forged]
        assert [accepts(verdict) for verdict in unknown] == [True, True, True, False, False]

    def test_a_device_that_is_not_named_is_cut_whole(self) -> None:
        crew = Crew()
        editor = crew.member(Role.EDITOR)
        head = editor.head()
        code = editor.invite(Role.EDITOR, next_device=True, tell=False)
        other = crew.join(code, by=editor.membership, tell=False)
        written = other.write()
        crew.founder.revoke(editor, accepted=[head])
        crew.tell_all()
        assert crew.founder.judges(written).decision is Decision.REFUSE

    def test_revoking_one_device_leaves_the_others(self) -> None:
        crew = Crew()
        laptop = crew.member(Role.EDITOR)
        phone = crew.next_device(laptop)
        phone.revoke(laptop, device=True, accepted=[laptop.head()])
        assert accepts(crew.founder.judges(phone.write()))
        assert crew.founder.judges(laptop.write()).decision is Decision.REFUSE
        device = crew.founder.membership.device(laptop.device)
        assert device is not None
        assert device.revoked
        member = crew.founder.membership.members[phone.member]
        assert member.role is Role.EDITOR

    def test_nobody_but_owners_revokes_others(self) -> None:
        crew = Crew()
        one, two = crew.member(Role.EDITOR), crew.member(Role.VIEWER)
        one.revoke(two)
        one.revoke(two, device=True)
        assert role_of(crew.founder.membership, two) is Role.VIEWER

    def test_a_revoked_member_comes_back_by_a_role(self) -> None:
        crew = Crew()
        editor = crew.member(Role.EDITOR)
        crew.founder.revoke(editor)
        assert role_of(crew.founder.membership, editor) is None
        crew.founder.set_role(editor, Role.EDITOR)
        assert accepts(crew.founder.judges(editor.write()))

    def test_a_demoted_editors_unknown_invite_falls(self) -> None:
        crew = Crew()
        editor = crew.member(Role.EDITOR)
        head = editor.head()
        code = editor.invite(Role.EDITOR, tell=False)
        hand = crew.join(code, by=editor.membership, tell=False)
        crew.founder.set_role(editor, Role.VIEWER, accepted=[head])
        crew.tell_all()
        assert crew.founder.membership.member_of(hand.device) is None
        assert crew.founder.judges(hand.write()).decision is Decision.REFUSE

    def test_an_invite_known_to_who_demotes_stays(self) -> None:
        crew = Crew()
        editor = crew.member(Role.EDITOR)
        code = editor.invite(Role.EDITOR)
        crew.founder.set_role(editor, Role.VIEWER)
        hand = crew.join(code)
        assert role_of(crew.founder.membership, hand) is Role.EDITOR

    def test_open_invites_fall_with_a_revoked_inviter(self) -> None:
        crew = Crew()
        editor = crew.member(Role.EDITOR)
        code = editor.invite(Role.EDITOR)
        early = crew.join(editor.invite(Role.EDITOR))
        crew.founder.revoke(editor)
        assert not crew.founder.membership.invites[code.invite].usable
        with pytest.raises(Refused):
            crew.join(code)
        assert role_of(crew.founder.membership, early) is Role.EDITOR

    def test_made_up_old_invite_of_a_revoked_device(self) -> None:
        """A thief with the key signs an invite with an old number that claims to know little."""
        crew = Crew()
        owner = crew.member(Role.OWNER)
        start, known = (owner.seq, owner.prev), owner.membership.copy()
        for _ in range(3):
            owner.write()
        crew.founder.revoke(owner)
        owner.seq, owner.prev = start
        owner.membership = known
        code = owner.invite(Role.OWNER)
        assert decision(crew.founder.membership, code.invite, crew) is Decision.REFUSE


class TestCancelling:
    def test_inviter_and_owners_may(self) -> None:
        crew = Crew()
        editor, other = crew.member(Role.EDITOR), crew.member(Role.EDITOR)
        owner = crew.member(Role.OWNER)
        phone = crew.next_device(editor)
        for hand, allowed in ((editor, True), (phone, True), (other, False), (owner, True)):
            code = editor.invite(Role.VIEWER)
            hand.cancel(code)
            state = crew.founder.membership.invites[code.invite]
            assert state.cancelled is allowed
            assert state.usable is not allowed

    def test_join_after_cancel_is_refused(self) -> None:
        crew = Crew()
        code = crew.founder.invite(Role.EDITOR)
        known = crew.founder.membership.copy()
        crew.founder.cancel(code)
        with pytest.raises(Refused, match="cancelled"):
            crew.join(code)
        late = crew.join(code, by=known)
        assert crew.founder.membership.member_of(late.device) is None
        assert crew.founder.judges(late.write()).decision is Decision.REFUSE

    def test_join_that_was_known_stays(self) -> None:
        crew = Crew()
        code = crew.founder.invite(Role.EDITOR)
        hand = crew.join(code)
        crew.founder.cancel(code)
        assert accepts(crew.founder.judges(hand.write()))

    def test_what_a_refused_join_did_falls_with_it(self) -> None:
        crew = Crew()
        code = crew.founder.invite(Role.EDITOR)
        known = crew.founder.membership.copy()
        crew.founder.cancel(code, tell=False)
        hand = crew.join(code, by=known, tell=False)
        friend = crew.join(hand.invite(Role.EDITOR, tell=False), by=hand.membership, tell=False)
        written = friend.write()
        crew.tell_all()
        assert crew.founder.judges(written).decision is Decision.REFUSE
        assert set(crew.founder.membership.members) == {crew.project}


class TestAgainstEachOther:
    def test_two_who_revoke_each_other_the_nearer_holds(self) -> None:
        crew = Crew()
        near = crew.member(Role.OWNER)
        far = crew.member(Role.OWNER, near)
        near_head, far_head = near.head(), far.head()
        far.revoke(near, accepted=[near_head], tell=False)
        near.revoke(far, accepted=[far_head], tell=False)
        crew.tell_all()
        for hand in crew.hands:
            assert role_of(hand.membership, near) is Role.OWNER
            assert role_of(hand.membership, far) is None

    def test_at_the_same_distance_the_lesser_hash(self) -> None:
        for seed in range(6):
            crew = Crew(seed)
            one, two = crew.member(Role.OWNER), crew.member(Role.OWNER)
            heads = one.head(), two.head()
            first = one.set_role(two, Role.VIEWER, accepted=[heads[1]], tell=False)
            second = two.set_role(one, Role.VIEWER, accepted=[heads[0]], tell=False)
            crew.tell_all()
            winner, loser = (one, two) if first.hash < second.hash else (two, one)
            assert role_of(crew.founder.membership, winner) is Role.OWNER
            assert role_of(crew.founder.membership, loser) is Role.VIEWER

    def test_who_knew_of_his_revocation_cannot_strike_back(self) -> None:
        crew = Crew()
        near = crew.member(Role.OWNER)
        far = crew.member(Role.OWNER, near)
        far.revoke(near)
        near.revoke(far)
        assert role_of(crew.founder.membership, near) is None
        assert role_of(crew.founder.membership, far) is Role.OWNER

    def test_recovery_key_before_other_devices_of_the_same_member(self) -> None:
        for seed in range(4):
            recovery = SigningKey(bytes([seed]) * 32)
            crew = Crew(seed, recovery=recovery)
            thief = crew.founder
            saved = thief.membership.copy()
            rescuer = crew.hands[0].__class__(
                crew, thief.identity.__class__(crew.project, recovery.seed, bytes(96), crew.project), saved
            )
            head = thief.head()
            device = Revoke(crew.project, thief.device, crew.accepted(thief, [head]))
            thief.act(Revoke(crew.project, rescuer.device, ()), tell=False)
            rescuer.act(device, tell=False)
            crew.tell_all()
            membership = crew.replica()
            lost, found = membership.device(thief.device), membership.device(rescuer.device)
            assert lost is not None
            assert lost.revoked
            assert found is not None
            assert not found.revoked
            assert found.recovery

    def test_three_in_a_circle(self) -> None:
        crew = Crew()
        hands = [crew.member(Role.OWNER) for _ in range(3)]
        heads = [hand.head() for hand in hands]
        actions = [
            hand.revoke(hands[(at + 1) % 3], accepted=[heads[(at + 1) % 3]], tell=False)
            for at, hand in enumerate(hands)
        ]
        crew.tell_all()
        best = min(range(3), key=lambda at: actions[at].hash)
        roles = [role_of(crew.founder.membership, hand) for hand in hands]
        expected: list[Role | None] = [Role.OWNER] * 3
        expected[(best + 1) % 3] = None
        assert roles == expected

    def test_what_takes_its_own_ground_away_does_not_count(self) -> None:
        crew = Crew()
        owner = crew.member(Role.OWNER)
        start = Head(crew.founder.device, 1, crew.project)
        owner.revoke(crew.founder, accepted=[start])
        assert role_of(owner.membership, crew.founder) is Role.OWNER
        assert role_of(owner.membership, owner) is Role.OWNER

    def test_leaving(self) -> None:
        crew = Crew()
        hand = crew.member(Role.VIEWER)
        hand.revoke(hand)
        assert role_of(crew.founder.membership, hand) is None


class TestLater:
    def test_unknown_actions_take_their_place_and_change_nothing(self) -> None:
        crew = Crew()
        hand = crew.member(Role.CONTRIBUTOR)
        envelope = seal_membership(
            project=crew.project,
            device_key=hand.identity.signing,
            seq=2,
            prev=hand.prev,
            membership_heads=hand.membership.heads,
            action=b"\x92\x01\x92\x63\xc0",
        )
        hand.keep(envelope)
        assert crew.founder.membership.judge(envelope.header, envelope.hash).decision is Decision.ACCEPT
        assert crew.founder.membership.heads == (envelope.hash,)
        assert role_of(crew.founder.membership, hand) is Role.CONTRIBUTOR
        assert accepts(crew.founder.judges(hand.write()))

    def test_epochs_are_known_by_their_commitment(self) -> None:
        crew = Crew()
        editor, contributor = crew.member(Role.EDITOR), crew.member(Role.CONTRIBUTOR)
        action = EpochAction(3, bytes(range(32)), (PreviousEpoch(crew.project, bytes(60)),))
        opened = editor.act(action)
        assert crew.founder.membership.commitment(3, opened.hash) == bytes(range(32))
        assert crew.founder.membership.commitment(0, opened.hash) is None
        assert crew.founder.membership.commitment(0, crew.project) == crew.key.commitment()
        refused = contributor.act(action)
        assert crew.founder.membership.commitment(3, refused.hash) is None
        assert crew.founder.membership.commitment(0, bytes(32)) is None

    def test_succession_brings_in_a_device(self) -> None:
        crew = Crew()
        hand = crew.member(Role.EDITOR)
        new = SigningKey(bytes(range(32)))
        action = make_succession(
            project=crew.project, old_device=hand.device, new_key=new, kem_public=KEM, fork=hand.head()
        )
        hand.act(action)
        assert crew.founder.membership.same_member(hand.device, new.public)
        other = crew.member(Role.EDITOR)
        stolen = other.act(action)
        assert crew.founder.membership.judge(stolen.header, stolen.hash).decision is Decision.REFUSE

    def test_recovery_key_named_by_a_stranger_gains_him_nothing(self) -> None:
        recovery = SigningKey(bytes(range(32)))
        crew = Crew(recovery=recovery)
        device = crew.founder.membership.device(recovery.public)
        assert device is not None
        assert device.recovery
        assert device.member == crew.project


class TestObject:
    def test_copy_grows_by_itself(self) -> None:
        crew = Crew()
        crew.member(Role.EDITOR)
        membership = crew.founder.membership
        twin = membership.copy()
        hand = crew.member(Role.OWNER)
        assert membership.member_of(hand.device) is not None
        assert twin.member_of(hand.device) is None
        assert twin.heads != membership.heads

    def test_check_takes_nothing_in(self) -> None:
        crew = Crew()
        code = crew.founder.invite(Role.EDITOR)
        membership = crew.founder.membership.copy()
        joined = join_project(code=code, membership=membership, random=crew.random.randbytes)
        revision = membership.revision
        assert membership.check(joined.envelope).decision is Decision.ACCEPT
        assert membership.revision == revision
        assert membership.member_of(joined.identity.device) is None

    def test_bad_signature_says_nothing_about_the_true_one(self) -> None:
        crew = Crew()
        crew.founder.invite(Role.EDITOR)
        envelope = crew.all[-1]
        forged = envelope.__class__(
            envelope.header, envelope.header_bytes, bytes(64), envelope.body, envelope.hash
        )
        membership = crew.replica(crew.all[:1])
        assert membership.add(forged).decision is Decision.REFUSE
        assert membership.add(envelope).decision is Decision.ACCEPT

    def test_without_its_body_it_waits(self) -> None:
        crew = Crew()
        crew.founder.invite(Role.EDITOR)
        membership = crew.replica(crew.all[:1])
        assert membership.add(crew.all[-1].without_body()).decision is Decision.WAIT
        assert membership.add(crew.all[-1]).decision is Decision.ACCEPT

    def test_more_heads_than_a_header_holds(self) -> None:
        crew = Crew()
        codes = [crew.founder.invite(Role.EDITOR) for _ in range(70)]
        known = crew.founder.membership.copy()
        hands = [crew.join(code, by=known, tell=False) for code in codes]
        crew.tell_all()
        assert len(crew.founder.membership.heads) == 70
        for hand in (hands[0], hands[-1]):
            assert accepts(crew.founder.judges(hand.write()))
        crew.founder.set_role(hands[0], Role.VIEWER)
        assert role_of(crew.founder.membership, hands[0]) is Role.VIEWER

    def test_nobody_stands_on_what_does_not_hold(self) -> None:
        crew = Crew()
        editor = crew.member(Role.EDITOR)
        head = editor.head()
        code = editor.invite(Role.EDITOR, tell=False)
        demotion = crew.founder.set_role(editor, Role.CONTRIBUTOR, accepted=[head], tell=False)
        editor.membership.add(demotion)
        assert set(editor.membership.heads) == {demotion.hash, code.invite}
        assert editor.membership.heads_for(editor.device) == (demotion.hash,)
        assert accepts(crew.founder.judges(editor.write()))

    def test_restricted_devices(self) -> None:
        crew = Crew()
        one, two = crew.member(Role.EDITOR), crew.member(Role.EDITOR)
        assert crew.founder.membership.restricted_devices() == frozenset()
        crew.founder.set_role(one, Role.CONTRIBUTOR)
        assert crew.founder.membership.restricted_devices() == {one.device}
        assert two.device not in crew.founder.membership.restricted_devices()
