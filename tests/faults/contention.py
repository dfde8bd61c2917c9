"""A hundred devices that push to one project at once, over real HTTP, each over its own connection."""

from __future__ import annotations

import statistics
import threading
import time
from dataclasses import dataclass

from sync.cookie import Cookie
from sync.envelope import parse
from sync.errors import SitebookError
from sync.transport.base import Outcome, PushAck
from sync.transport.http import HttpTransport
from tests.faults.crew import expect
from tests.server.people import Person, found, join


@dataclass(frozen=True, slots=True)
class Contended:
    """How it went."""

    devices: int
    seconds: float
    changes: int
    first: float
    """Seconds until the first device was through with all of its pushes."""
    last: float
    p50: float
    p99: float
    """Seconds of one push."""
    served: float
    """Of the pushes of the device that had fewest when the first was through, the share."""

    def line(self) -> str:
        return (
            f"{self.devices} devices, {self.changes} envelopes in {self.seconds:.2f} s "
            f"({self.changes / self.seconds:.0f}/s), a push {self.p50 * 1e3:.0f} ms (p99 {self.p99 * 1e3:.0f}), "
            f"first through after {self.first:.2f} s, last after {self.last:.2f} s, "
            f"the slowest had {self.served:.0%} when the first was through"
        )


def contend(url: str, *, devices: int, pushes: int, size: int, seed: int = 1) -> Contended:
    """Let them push, and look: no failure, each envelope once, versions dense, nobody left behind."""
    founder, founding = found(seed)
    invite = founder.invite()
    road = HttpTransport(url, founder.signing)
    _taken(road.push(founder.project, [founding, invite.envelope.wire()]))
    people: list[Person] = []
    wires: list[bytes] = []
    for number in range(devices):
        person, wire = join(founder, invite, seed * 10_000 + number)
        people.append(person)
        wires.append(wire)
    for start in range(0, devices, 50):
        # Joins, too, come from their own devices; here one carries them, as anyone may.
        _taken(road.push(founder.project, wires[start : start + 50]))
    batches = [[[each.write(bytes(150)) for _ in range(size)] for _ in range(pushes)] for each in people]
    done = [0] * devices
    ends = [0.0] * devices
    at_first: list[int] = []
    took: list[float] = []
    problems: list[BaseException] = []
    gate = threading.Barrier(devices + 1)

    def work(index: int) -> None:
        own = HttpTransport(url, people[index].signing)
        try:
            own.pull(founder.project, None, 1)
            gate.wait()
            for batch in batches[index]:
                begun = time.perf_counter()
                _taken(own.push(founder.project, batch))
                took.append(time.perf_counter() - begun)
                done[index] += 1
            ends[index] = time.perf_counter()
            if not at_first:
                at_first.extend(done)
        except (SitebookError, AssertionError) as error:
            problems.append(error)
            gate.abort()
        finally:
            own.close()

    threads = [threading.Thread(target=work, args=(index,)) for index in range(devices)]
    for thread in threads:
        thread.start()
    gate.wait()
    begun = time.perf_counter()
    for thread in threads:
        thread.join()
    if problems:
        raise problems[0]
    wanted = {parse(wire).hash for device in batches for batch in device for wire in batch}
    _dense(road, founder.project, wanted)
    road.close()
    percentiles = statistics.quantiles(took, n=100)
    return Contended(
        devices,
        max(ends) - begun,
        len(wanted),
        min(ends) - begun,
        max(ends) - begun,
        percentiles[49],
        percentiles[98],
        min(at_first) / pushes,
    )


def _taken(acks: list[PushAck]) -> None:
    for ack in acks:
        expect(ack.outcome is Outcome.ACCEPTED, f"a push at the same time as others is answered with {ack}")


def _dense(road: HttpTransport, project: bytes, wanted: set[bytes]) -> None:
    """The log has each envelope once, its versions are dense and its running hash is right."""
    hashes: list[bytes] = []
    cookie: Cookie | None = None
    while True:
        page = road.pull(project, cookie)
        hashes += [parse(wire).hash for wire in page.wires]
        cookie = page.cookie
        if not page.more:
            break
    expect(
        len(set(hashes)) == len(hashes) == cookie.version,
        "the versions are not dense, or something is doubled",
    )
    expect(wanted <= set(hashes), "something that was acknowledged is not in the log")
    walked = Cookie.start(cookie.generation)
    for each in hashes:
        walked = walked.advance(each)
    expect(walked == cookie, "the running hash is not that of the log")
