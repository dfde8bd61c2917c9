"""A scripted store and a scripted server for tests of the engine and of the sync thread."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sync.cookie import Cookie
from sync.engine import BundleTaker
from sync.errors import SitebookError
from sync.result import Received
from sync.transport.base import Outcome, PullPage, PushAck, Transport

PROJECT = b"p" * 32
GENERATION = b"g" * 16


def cookie(version: int, generation: bytes = GENERATION) -> Cookie:
    return Cookie(generation, version, bytes(32))


def name(wire: bytes) -> bytes:
    return b"#" + wire[:12]


class FakeClock:
    def __init__(self) -> None:
        self.seconds = 1_000.0

    def now_ms(self) -> int:
        raise AssertionError("the engine has no use for the time of day")

    def monotonic(self) -> float:
        return self.seconds


class FakeServer:
    """A log in memory; ``failures`` are raised one by one before anything happens."""

    def __init__(self) -> None:
        self.log: list[bytes] = []
        self.generation = GENERATION
        self.page = 1_000
        self.calls: list[str] = []
        self.failures: list[SitebookError | None] = []
        self.answer: Callable[[bytes], Outcome] = lambda _: Outcome.ACCEPTED
        self.grants_held: dict[bytes, bytes] = {}
        self.same_page: PullPage | None = None
        self.same_acks: list[PushAck] | None = None
        self.on_call: Callable[[], None] = lambda: None

    def _called(self, what: str) -> None:
        self.calls.append(what)
        self.on_call()
        failure = self.failures.pop(0) if self.failures else None
        if failure is not None:
            raise failure

    def check(self) -> None:
        self._called("check")

    def pull(self, project: bytes, cookie: Cookie | None, limit: int = 1_000) -> PullPage:
        assert project == PROJECT
        self._called("pull")
        if self.same_page is not None:
            return self.same_page
        reset = cookie is not None and (
            cookie.generation != self.generation or cookie.version > len(self.log)
        )
        start = 0 if cookie is None or reset else cookie.version
        wires = self.log[start : start + min(limit, self.page)]
        end = start + len(wires)
        after = Cookie(self.generation, end, bytes(32))
        return PullPage(tuple(wires), after, end < len(self.log), reset)

    def push(self, project: bytes, wires: Sequence[bytes]) -> list[PushAck]:
        assert project == PROJECT
        self._called(f"push {len(wires)}")
        if self.same_acks is not None:
            return self.same_acks
        return [self._push(wire) for wire in wires]

    def _push(self, wire: bytes) -> PushAck:
        outcome = Outcome.KNOWN if wire in self.log else self.answer(wire)
        if outcome is Outcome.ACCEPTED:
            self.log.append(wire)
        return PushAck(name(wire), outcome, None, "")

    def put_grants(self, project: bytes, grants: Sequence[bytes]) -> None:
        self._called("put grants")
        self.grants_held.update((grant, grant) for grant in grants)

    def grants(self, project: bytes, recipient: bytes) -> list[bytes]:
        raise AssertionError("the engine reads no grants")

    def delete_grants(self, project: bytes, recipient: bytes) -> None:
        self._called("delete grants")
        self.grants_held.pop(recipient, None)

    def close(self) -> None:
        raise AssertionError("the engine does not own the transport")


class FakeStore:
    """Keeps wires; ``waiting`` become envelopes when a push is prepared."""

    project = PROJECT

    def __init__(self) -> None:
        self.at: Cookie | None = None
        self.held: list[bytes] = []
        self.queue: list[bytes] = []
        self.waiting: list[bytes] = []
        self.refused: list[bytes] = []
        self.given: set[bytes] | None = None
        self.grants: list[bytes] = []
        self.recipients: list[bytes] = []
        self.fails: SitebookError | None = None
        self.on_receive: Callable[[], None] = lambda: None
        self.successes = 0

    def cookie(self) -> Cookie | None:
        return self.at

    def receive(self, wires: Sequence[bytes], cookie: Cookie, reset: bool) -> Received:
        if self.fails is not None:
            raise self.fails
        if reset:
            self.given = set()
        if self.given is not None:
            self.given.update(wires)
        new = [wire for wire in wires if wire not in self.held]
        self.held += new
        self.at = cookie
        self.on_receive()
        return Received(len(new), sum(wire.startswith(b"conflict") for wire in new), 0, 0, tuple(new))

    def bundle_taker(self, transport: Transport) -> BundleTaker:
        raise AssertionError("no bundle is offered here")

    def settle_reset(self) -> None:
        if self.given is not None:
            missing = [wire for wire in self.held if wire not in self.given]
            self.queue = missing + [wire for wire in self.queue if wire not in missing]
            self.given = None

    def prepare_push(self) -> None:
        self.held += self.waiting
        self.queue += self.waiting
        self.waiting = []

    def unpushed(self, max_count: int, max_bytes: int) -> list[tuple[bytes, bytes]]:
        found: list[tuple[bytes, bytes]] = []
        for wire in self.queue[:max_count]:
            max_bytes -= len(wire)
            if found and max_bytes < 0:
                break
            found.append((name(wire), wire))
        return found

    def pushed(self, acks: Sequence[PushAck]) -> int:
        outcomes = {ack.hash: ack.outcome for ack in acks}
        assert b"" not in outcomes
        refused = [wire for wire in self.queue if outcomes.get(name(wire)) is Outcome.REFUSED]
        self.refused += refused
        self.queue = [wire for wire in self.queue if outcomes.get(name(wire)) in (None, Outcome.LATER)]
        return len(refused)

    def grants_to_put(self) -> list[bytes]:
        return list(self.grants)

    def grants_put(self, grants: Sequence[bytes]) -> None:
        self.grants = [grant for grant in self.grants if grant not in grants]

    def grants_refused(self, grants: Sequence[bytes]) -> None:
        self.grants_put(grants)

    def recipients_to_delete(self) -> list[bytes]:
        return list(self.recipients)

    def recipients_deleted(self, recipients: Sequence[bytes]) -> None:
        self.recipients = [each for each in self.recipients if each not in recipients]

    def note_success(self) -> None:
        self.successes += 1
