"""The relay under arbitrary pushes: its log stays dense, its order proven, its answers true."""

from __future__ import annotations

import hypothesis.strategies as st
from hypothesis import given, settings

from sync.cookie import Cookie
from sync.envelope import parse
from sync.membership import Decision, Membership
from sync.membership_actions import Role
from sync.server.limits import Limits
from sync.server.relay import Relay
from sync.server.sqlite import SqliteStorage
from sync.transport.base import Outcome
from tests.server.people import found, join
from tests.server.support import FakeClock, Seeded


def _cast() -> tuple[bytes, list[bytes], list[bytes]]:
    """A project, all that anyone wrote in it, and all who may carry that."""
    founder, founding = found(1)
    wires = [founding, founder.write()]
    carriers = [founder.device]
    for seed, role in enumerate((Role.EDITOR, Role.VIEWER, Role.CONTRIBUTOR), start=50):
        invite = founder.invite(role)
        person, joined = join(founder, invite, seed)
        wires += [invite.envelope.wire(), joined, person.write(), person.write(), person.fork(b"fork")]
        carriers += [person.device, invite.code.signing.public]
    dropped = founder.invite()
    late, joined = join(founder, dropped, 60)
    wires += [dropped.envelope.wire(), founder.cancel(dropped), joined, late.write(), founder.write()]
    other, foreign = found(2)
    wires += [foreign, other.write(), b"", b"\xc0", founding[:50]]
    return founder.project, wires, [*carriers, late.device, other.device]


PROJECT, WIRES, CARRIERS = _cast()
PUSHES = st.lists(
    st.tuples(st.sampled_from(CARRIERS), st.lists(st.sampled_from(WIRES), max_size=12)), max_size=8
)


@settings(max_examples=150)
@given(PUSHES)
def test_any_pushes_leave_a_dense_and_proven_log(pushes: list[tuple[bytes, list[bytes]]]) -> None:
    clock = FakeClock()
    storage = SqliteStorage(":memory:", clock, Seeded(7))
    relay = Relay(storage, clock, Limits(memberships=1))
    told: dict[bytes, int] = {}
    for by, wires in pushes:
        acks = relay.push(PROJECT, wires, by=by)
        assert len(acks) == len(wires)
        before = set(told)
        accepted = [ack.hash for ack in acks if ack.outcome is Outcome.ACCEPTED]
        assert len(set(accepted)) == len(accepted)
        assert not before.intersection(accepted)
        for wire, ack in zip(wires, acks, strict=True):
            taken = ack.outcome in (Outcome.ACCEPTED, Outcome.KNOWN)
            assert taken == (ack.version is not None)
            assert taken == (ack.reason == "")
            if taken:
                assert ack.version is not None
                assert ack.hash == parse(wire).hash
                # Known from before, or a second copy in this batch: one of them is the accepted one.
                assert ack.outcome is Outcome.ACCEPTED or ack.hash in before or ack.hash in accepted
                assert told.setdefault(ack.hash, ack.version) == ack.version
            else:
                assert ack.hash not in before
    with storage.read() as view:
        log = view.page(PROJECT, 0, 10_000, 1 << 30)
    assert {stored.hash: stored.version for stored in log} == told
    assert sorted(told.values()) == list(range(1, len(told) + 1))
    cookie = Cookie.start(storage.generation)
    membership = Membership(PROJECT)
    for stored in log:
        envelope = parse(stored.wire)
        assert stored.wire in WIRES
        cookie = cookie.advance(envelope.hash)
        assert stored.running == cookie.running
        if envelope.header.kind == 1:
            assert membership.add(envelope).decision is Decision.ACCEPT
        else:
            # What is in the log stands on what is before it, so a receiver never has to wait.
            assert membership.judge(envelope.header, envelope.hash).decision is Decision.ACCEPT
    storage.close()


@settings(max_examples=60)
@given(st.permutations(WIRES), st.lists(st.integers(1, 6), min_size=1))
def test_whatever_the_order_retrying_ends_with_the_same_log(wires: list[bytes], sizes: list[int]) -> None:
    clock = FakeClock()
    storage = SqliteStorage(":memory:", clock, Seeded(7))
    relay = Relay(storage, clock)
    by = CARRIERS[0]
    relay.push(PROJECT, WIRES[:1], by=by)
    waiting = list(wires)
    for _ in range(len(wires)):
        again: list[bytes] = []
        while waiting:
            size = sizes[len(waiting) % len(sizes)]
            batch, waiting = waiting[:size], waiting[size:]
            acks = relay.push(PROJECT, batch, by=by)
            again += [wire for wire, ack in zip(batch, acks, strict=True) if ack.outcome is Outcome.LATER]
        if len(again) == 0:
            break
        waiting = again
    with storage.read() as view:
        held = {stored.wire for stored in view.page(PROJECT, 0, 1_000, 1 << 30)}
    expected = {WIRES[index] for index in (0, 1, 2, 3, 4, 5, 6, 7, 8, 12, 13, 14, 15, 16, 17, 18, 21)}
    assert held - {WIRES[19], WIRES[20]} == expected
    storage.close()
