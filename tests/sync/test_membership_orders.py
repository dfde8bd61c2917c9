"""With the same set of envelopes all replicas say the same, in whatever order they came.

Random people invite, join, raise, restrict, cancel and write, honest and not, each knowing a different part.
"""

from __future__ import annotations

from contextlib import suppress
from random import Random

import pytest

from sync.envelope import Envelope, Head
from sync.errors import Refused
from sync.keys import KemKey, SigningKey
from sync.membership import Membership, Role
from sync.membership_actions import (
    Cancel,
    EpochAction,
    InviteAction,
    Known,
    Revoke,
    RoleAction,
    make_succession,
)
from sync.membership_rules import Rules
from tests.sync.crew import Crew, Hand

KEM = KemKey(bytes(96)).public
SEEDS = 30


class Story:
    """A random history; ``crew.all`` is what came of it."""

    def __init__(self, seed: int, steps: int) -> None:
        self.dice = Random(seed)
        self.crew = Crew(seed)
        self.codes = [self.crew.founder.invite(role) for role in (Role.OWNER, Role.OWNER, Role.EDITOR)]
        for code in self.codes:
            self.crew.join(code)
        for _ in range(steps):
            self.step()

    def step(self) -> None:
        dice, crew = self.dice, self.crew
        hand, other = dice.choice(crew.hands), dice.choice(crew.hands)
        deed = dice.choices(
            ["invite", "join", "role", "revoke", "cancel", "write", "hear", "backdate", "succeed", "epoch"],
            [3, 3, 4, 3, 2, 4, 5, 1, 1, 1],
        )[0]
        if deed == "invite":
            next_device = dice.random() < 0.3
            try:
                self.codes.append(hand.invite(dice.choice(list(Role)), next_device=next_device, tell=False))
            except Refused:
                key = SigningKey(dice.randbytes(32))
                hand.act(InviteAction(key.public, KEM, Role.OWNER, None, None), tell=False)
        elif deed == "join":
            with suppress(Refused):
                crew.join(dice.choice(self.codes), by=hand.membership, tell=False)
        elif deed == "role":
            role = dice.choice(list(Role))
            self.act(hand, RoleAction(other.member, role, crew.accepted(other, self.some_heads(other))))
        elif deed == "revoke":
            device = other.device if dice.random() < 0.4 else None
            self.act(hand, Revoke(other.member, device, crew.accepted(other, self.some_heads(other))))
        elif deed == "cancel":
            self.act(hand, Cancel(dice.choice(self.codes).invite))
        elif deed == "write":
            hand.write()
        elif deed == "hear":
            for envelope in crew.all:
                if envelope.header.kind == 1 and dice.random() < 0.6:
                    hand.membership.add(envelope, verified=True)
        elif deed == "succeed":
            key = SigningKey(dice.randbytes(32))
            self.act(
                hand,
                make_succession(
                    project=crew.project, old_device=hand.device, new_key=key, kem_public=KEM, fork=None
                ),
            )
        elif deed == "epoch":
            self.act(hand, EpochAction(dice.randrange(3), dice.randbytes(32), ()))
        else:
            self.backdate(hand, other)

    def act(self, hand: Hand, action: Known) -> None:
        hand.act(action, tell=False)

    def some_heads(self, other: Hand) -> list[Head]:
        """The heads of a member's devices, or an old one, or none of some."""
        heads = []
        for hand in self.crew.hands:
            if hand.member == other.member and self.dice.random() < 0.8:
                mine = [each for each in self.crew.all if each.header.device == hand.device]
                last = self.dice.choice(mine)
                heads.append(Head(hand.device, last.header.seq, last.hash))
        return heads

    def backdate(self, hand: Hand, other: Hand) -> None:
        """Act with an old number, claiming to know only what an old envelope knew."""
        mine = [each for each in self.crew.all if each.header.device == hand.device and each.header.seq > 1]
        if not mine:
            return
        old = self.dice.choice(mine)
        now = hand.seq, hand.prev
        hand.seq, hand.prev = old.header.seq - 1, old.header.prev
        action = RoleAction(other.member, self.dice.choice(list(Role)), ())
        hand.act(action, tell=False, heads=old.header.membership_heads)
        hand.seq, hand.prev = now


def picture(membership: Membership, envelopes: list[Envelope]) -> object:
    """Everything that a membership says."""
    return (
        membership.members,
        membership.invites,
        membership.heads,
        membership.waiting,
        membership.restricted_devices(),
        [membership.judge(envelope.header, envelope.hash) for envelope in envelopes],
        [membership.commitment(each, envelope.hash) for envelope in envelopes for each in range(3)],
    )


@pytest.mark.parametrize("seed", range(SEEDS))
def test_same_set_same_verdicts(seed: int) -> None:
    story = Story(seed, 60)
    known = story.crew.membership_envelopes()
    dice = Random(-seed - 1)
    if seed % 3 == 0:
        # A part only, so that some wait.
        known = [envelope for envelope in known if dice.random() < 0.97]
    pictures = []
    for _ in range(6):
        dice.shuffle(known)
        replica = Membership(story.crew.project)
        for envelope in known:
            replica.add(envelope, verified=True)
            if dice.random() < 0.1:
                replica = replica.copy()
            if dice.random() < 0.2:
                assert replica.members is not None
        pictures.append(picture(replica, story.crew.all))
    assert all(each == pictures[0] for each in pictures)


@pytest.mark.parametrize("seed", range(20))
def test_loading_is_the_same_as_adding(seed: int) -> None:
    story = Story(seed, 60)
    known = story.crew.membership_envelopes()
    replica = Membership(story.crew.project)
    replica.load(reversed(known))
    assert picture(replica, story.crew.all) == picture(story.crew.replica(known), story.crew.all)


@pytest.mark.parametrize("seed", range(SEEDS))
def test_action_by_action_is_the_same_as_the_whole(seed: int) -> None:
    story = Story(seed, 50)
    replica = Membership(story.crew.project)
    for envelope in story.crew.membership_envelopes():
        replica.add(envelope, verified=True)
        whole = Rules(replica._graph)
        whole._strikers = -1
        whole._settled = False
        assert (whole.holding, whole.in_force) == (replica._rules.holding, replica._rules.in_force)


def test_the_stories_are_worth_telling() -> None:
    refused = joined = struck = 0
    for seed in range(SEEDS):
        crew = Story(seed, 60).crew
        replica = crew.replica()
        verdicts = [replica.judge(envelope.header, envelope.hash).decision for envelope in crew.all]
        refused += verdicts.count(verdicts[0].__class__.REFUSE)
        joined += len(replica.members)
        struck += replica._rules._strikers != 0
    assert refused > SEEDS
    assert joined > 4 * SEEDS
    assert struck > SEEDS // 3
