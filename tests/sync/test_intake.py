"""Intake: a verdict for everything, and the right one."""

from __future__ import annotations

from random import Random

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.change import Operation, Set, encode_change
from sync.envelope import Body, Envelope, parse, seal_changes, seal_membership
from sync.epochs import EpochKey, KeyRing
from sync.intake import Judged, Outcome, judge
from sync.keys import SigningKey
from sync.membership import Membership, Role
from tests.sync.crew import Crew, Hand

CREW = Crew()
EDITOR = CREW.member(Role.EDITOR)
CONTRIBUTOR = CREW.member(Role.CONTRIBUTOR)
VIEWER = CREW.member(Role.VIEWER)
MEMBERSHIP = CREW.founder.membership
KEYS = CREW.keys
RECORD = bytes(16)
TITLE = Set("issue", RECORD, "title", "A wall")
STATUS = Set("issue", RECORD, "status", RECORD)
encode = msgspec.msgpack.encode


def change(author: bytes, *operations: Operation) -> bytes:
    return encode_change(author, 1, operations, Random(1).randbytes).data


def seal(
    hand: Hand, *changes: bytes, key: EpochKey | None = None, heads: tuple[bytes, ...] | None = None
) -> Envelope:
    return seal_changes(
        project=CREW.project,
        device_key=hand.identity.signing,
        seq=2,
        prev=bytes(32),
        membership_heads=MEMBERSHIP.heads if heads is None else heads,
        epoch_key=key or CREW.key,
        body=Body(changes=changes),
        random=Random(2).randbytes,
    )


def judged(envelope: Envelope) -> Judged:
    return judge(envelope.wire(), MEMBERSHIP, KEYS)


class TestRightOnes:
    def test_applies(self) -> None:
        answer = judged(seal(EDITOR, change(EDITOR.device, TITLE), change(EDITOR.device, STATUS)))
        assert answer.outcome is Outcome.APPLY
        assert answer.reason == ""
        assert answer.role is Role.EDITOR
        assert [each.operations for each in answer.changes] == [(TITLE,), (STATUS,)]
        assert answer.aside == ()
        assert answer.body is not None
        assert len(answer.body.changes) == 2

    def test_membership_is_handed_on(self) -> None:
        answer = judged(CREW.all[0])
        assert answer.outcome is Outcome.MEMBERSHIP
        assert answer.envelope == CREW.all[0]
        bare = judged(CREW.all[1].without_body())
        assert bare.outcome is Outcome.WAIT

    def test_contributors_change_by_change(self) -> None:
        mine = change(CONTRIBUTOR.device, STATUS)
        too_much = change(CONTRIBUTOR.device, STATUS, TITLE)
        answer = judged(seal(CONTRIBUTOR, mine, too_much, mine))
        assert answer.outcome is Outcome.APPLY
        assert len(answer.changes) == 2
        assert [(each.index, each.data, each.outcome) for each in answer.aside] == [
            (1, too_much, Outcome.QUARANTINE)
        ]
        assert "resolve issues" in answer.reason


class TestWaiting:
    def test_for_membership(self) -> None:
        answer = judge(seal(EDITOR, change(EDITOR.device, TITLE)).wire(), CREW.replica(CREW.all[:1]), KEYS)
        assert answer.outcome is Outcome.WAIT
        assert answer.envelope is not None

    def test_for_the_key(self) -> None:
        envelope = seal(EDITOR, change(EDITOR.device, TITLE), key=EpochKey(0, b"n" * 32, bytes(32)))
        assert judged(envelope).outcome is Outcome.WAIT
        assert "key" in judged(envelope).reason
        assert judge(envelope.wire(), MEMBERSHIP, KeyRing()).outcome is Outcome.WAIT

    def test_for_the_body(self) -> None:
        answer = judged(seal(EDITOR, change(EDITOR.device, TITLE)).without_body())
        assert answer.outcome is Outcome.WAIT
        assert "body" in answer.reason

    def test_for_a_newer_app(self) -> None:
        newer = encode((encode((2, 7, 2, "all new")), bytes(10), None))
        answer = judge(newer, MEMBERSHIP, KEYS)
        assert answer.outcome is Outcome.WAIT
        assert "newer" in answer.reason

    def test_a_newer_change_alone(self) -> None:
        header = msgspec.msgpack.decode(change(EDITOR.device, TITLE))
        header[5] = [[99, "what this does comes later"]]
        answer = judged(seal(EDITOR, encode(header), change(EDITOR.device, TITLE)))
        assert answer.outcome is Outcome.APPLY
        assert len(answer.changes) == 1
        assert [(each.index, each.outcome) for each in answer.aside] == [(0, Outcome.WAIT)]

    def test_a_newer_kind(self) -> None:
        envelope = seal(EDITOR, change(EDITOR.device, TITLE))
        fields = list(msgspec.structs.astuple(envelope.header))
        fields[3] = 9
        header = encode(fields)
        wire = encode(
            (
                header,
                EDITOR.identity.signing.sign(b"sitebook/envelope-signature/1\0", header),
                envelope.body,
            )
        )
        assert judge(wire, MEMBERSHIP, KEYS).outcome is Outcome.WAIT


class TestQuarantine:
    def test_viewer(self) -> None:
        answer = judged(seal(VIEWER, change(VIEWER.device, STATUS)))
        assert answer.outcome is Outcome.QUARANTINE
        assert "only look" in answer.reason

    def test_stranger(self) -> None:
        stranger = Crew(3).founder
        assert judged(seal(stranger, change(stranger.device, TITLE))).outcome is Outcome.QUARANTINE

    def test_stranger_with_the_key_under_anothers_name(self) -> None:
        envelope = seal(EDITOR, change(EDITOR.device, TITLE))
        signature = SigningKey(bytes(32)).sign(b"sitebook/envelope-signature/1\0", envelope.header_bytes)
        answer = judge(encode((envelope.header_bytes, signature, envelope.body)), MEMBERSHIP, KEYS)
        assert answer.outcome is Outcome.QUARANTINE
        assert "signature" in answer.reason

    def test_another_project(self) -> None:
        other = Crew(5)
        for envelope in (other.founder.write(), other.member(Role.EDITOR).write(), other.all[1]):
            assert judged(envelope).outcome is Outcome.QUARANTINE

    def test_replay_into_another_project(self) -> None:
        """The same people and key in a second project: an envelope of the first does not pass there."""
        envelope = seal(EDITOR, change(EDITOR.device, TITLE))
        other = Crew(5)
        answer = judge(envelope.wire(), other.founder.membership, KEYS)
        assert answer.outcome is Outcome.QUARANTINE

    def test_another_key_under_the_epochs_id(self) -> None:
        envelope = seal(EDITOR, change(EDITOR.device, TITLE), key=EpochKey(0, CREW.key.epoch, bytes(32)))
        assert judged(envelope).outcome is Outcome.QUARANTINE

    def test_change_by_another_author(self) -> None:
        answer = judged(seal(CONTRIBUTOR, change(EDITOR.device, STATUS)))
        assert not answer.changes
        assert answer.aside[0].outcome is Outcome.QUARANTINE
        assert "another" in answer.reason

    def test_change_of_another_device_of_the_same_member(self) -> None:
        crew = Crew(8)
        other = crew.next_device(crew.founder)
        data = change(crew.founder.device, TITLE)
        envelope = seal_changes(
            project=crew.project,
            device_key=other.identity.signing,
            seq=2,
            prev=other.prev,
            membership_heads=crew.founder.membership.heads,
            epoch_key=crew.key,
            body=Body(changes=(data,)),
            random=Random(2).randbytes,
        )
        assert judge(envelope.wire(), crew.founder.membership, crew.keys).changes

    def test_rubbish_instead_of_a_change(self) -> None:
        answer = judged(seal(EDITOR, b"rubbish", change(EDITOR.device, TITLE), b""))
        assert answer.outcome is Outcome.APPLY
        assert len(answer.changes) == 1
        assert [each.index for each in answer.aside] == [0, 2]

    def test_old_number_beside_the_accepted_chain(self) -> None:
        crew = Crew(6)
        editor = crew.member(Role.EDITOR)
        start = editor.seq, editor.prev
        for _ in range(3):
            editor.write()
        crew.founder.revoke(editor)
        editor.seq, editor.prev = start
        editor.membership = crew.replica(crew.membership_envelopes()[:-1])
        forged = editor.write().wire()
        membership = crew.founder.membership
        assert judge(forged, membership, crew.keys).outcome is Outcome.APPLY
        assert judge(forged, membership, crew.keys, prev_of=crew.chain.get).outcome is Outcome.QUARANTINE


class TestWild:
    @given(st.binary(max_size=3000))
    def test_any_bytes(self, data: bytes) -> None:
        assert judge(data, MEMBERSHIP, KEYS).outcome is Outcome.QUARANTINE

    def test_every_cut_and_every_changed_byte(self) -> None:
        for envelope in (seal(EDITOR, change(EDITOR.device, TITLE)), CREW.all[2]):
            wire = envelope.wire()
            for at in range(len(wire)):
                cut = judge(wire[:at], MEMBERSHIP, KEYS).outcome
                assert cut is Outcome.QUARANTINE
                for bit in (0, 3, 7):
                    changed = bytearray(wire)
                    changed[at] ^= 1 << bit
                    # A greater number of the lowest reader is the one change that cannot be told from news.
                    answer = judge(bytes(changed), MEMBERSHIP, KEYS)
                    assert answer.outcome in (Outcome.QUARANTINE, Outcome.WAIT)
                    assert answer.outcome is Outcome.QUARANTINE or "newer" in answer.reason

    @given(st.data())
    def test_mixed_from_true_ones(self, data: st.DataObject) -> None:
        wires = [seal(EDITOR, change(EDITOR.device, TITLE)).wire(), CREW.all[0].wire(), CREW.all[2].wire()]
        one, two = data.draw(st.sampled_from(wires)), data.draw(st.sampled_from(wires))
        start, end = sorted(data.draw(st.tuples(*[st.integers(0, len(one))] * 2)))
        other = data.draw(st.integers(0, len(two)))
        mixed = one[:start] + two[other : other + end - start] + one[end:]
        answer = judge(mixed, MEMBERSHIP, KEYS)
        if mixed not in wires:
            assert answer.outcome in (Outcome.QUARANTINE, Outcome.WAIT)

    @given(st.lists(st.binary(max_size=200), min_size=1, max_size=5))
    def test_any_content_by_a_member(self, contents: list[bytes]) -> None:
        answer = judged(seal(EDITOR, *contents))
        assert answer.outcome is Outcome.APPLY
        assert len(answer.aside) == len(contents)

    @given(
        st.recursive(st.none() | st.integers(-5, 99) | st.binary(max_size=40) | st.text(max_size=9), st.lists)
    )
    def test_any_membership_action_by_a_member(self, value: object) -> None:
        for action in (encode(value), encode((1, value)), encode((1, [4, value]))):
            envelope = seal_membership(
                project=CREW.project,
                device_key=EDITOR.identity.signing,
                seq=2,
                prev=EDITOR.prev,
                membership_heads=MEMBERSHIP.heads,
                action=action,
            )
            assert judged(envelope).outcome is Outcome.MEMBERSHIP
            membership = MEMBERSHIP.copy()
            membership.add(envelope)
            assert membership.members == MEMBERSHIP.members

    @pytest.mark.parametrize("size", [0, 1, 1 << 20, (3 << 19) + 1])
    def test_sizes(self, size: int) -> None:
        for data in (bytes(size), b"\x91" * size, b"\xc6" + size.to_bytes(4, "big") + bytes(size)):
            assert judge(data, MEMBERSHIP, KEYS).outcome is Outcome.QUARANTINE

    def test_into_an_empty_membership(self) -> None:
        nothing = Membership(CREW.project)
        for envelope in CREW.all:
            wire = envelope.wire()
            assert judge(wire, nothing, KeyRing()).outcome in (Outcome.WAIT, Outcome.MEMBERSHIP)
            assert parse(wire) == envelope
