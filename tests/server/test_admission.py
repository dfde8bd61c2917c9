"""Who may begin projects, and how much one may have."""

from __future__ import annotations

from dataclasses import replace

from sync.server.admission import CLOSED, FULL
from sync.server.limits import Limits
from sync.server.relay import Relay
from sync.server.sqlite import SqliteStorage
from sync.transport.base import Outcome
from tests.server.people import begin, found, join, recovery
from tests.server.support import FakeClock, Seeded


def relay(limits: Limits) -> tuple[Relay, FakeClock]:
    clock = FakeClock()
    return Relay(SqliteStorage(":memory:", clock, Seeded(7)), clock, limits), clock


def test_a_list_takes_a_recovery_key_or_a_device_and_nobody_else() -> None:
    founder, founding = found()
    keys = (recovery(1).sign_public, founder.device)
    for limits, expected in (
        (Limits(), ""),
        (Limits(open_creation=False), CLOSED),
        (Limits(open_creation=False, creators=frozenset({bytes(32)})), keys[0].hex()),
        *((Limits(open_creation=False, creators=frozenset({key})), "") for key in keys),
    ):
        ack = relay(limits)[0].push(founder.project, [founding], by=founder.device)[0]
        assert (ack.outcome is Outcome.ACCEPTED) is not bool(expected)
        assert expected in ack.reason


def test_a_full_project_takes_no_changes_but_membership_and_says_so() -> None:
    limits = Limits()
    made, clock = relay(limits)
    site = begin(made, clock)
    first = site.founder.write()
    assert site.push(site.founder, first)[0].outcome is Outcome.ACCEPTED
    used = len(site.founding) + len(first)
    made._limits = replace(limits, project_log_bytes=used + len(first) + 10)
    wires = [site.founder.write(), site.founder.write()]
    acks = site.push(site.founder, *wires)
    assert [(ack.outcome, ack.reason) for ack in acks] == [(Outcome.ACCEPTED, ""), (Outcome.REFUSED, FULL)]
    # What is there already stays there, and people can come and go.
    assert site.push(site.founder, wires[0])[0].outcome is Outcome.KNOWN
    invite = site.founder.invite()
    _, joining = join(site.founder, invite, 70)
    acks = site.push(site.founder, invite.envelope.wire(), joining, site.founder.write())
    assert [ack.outcome for ack in acks] == [Outcome.ACCEPTED, Outcome.ACCEPTED, Outcome.REFUSED]
    # With more room the same envelope is taken.
    made._limits = limits
    assert site.push(site.founder, wires[1])[0].outcome is Outcome.ACCEPTED
