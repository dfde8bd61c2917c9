"""The sync engine of one project: a plain object that is asked for its next step.

No threads, no sleeping, no time or chance of its own. ``step()`` makes at most one round trip to the server
and says when to call again, so that the window runs it in a thread, the command line in a loop, and the
simulation runs many in one process from a seed.

::

              due, nothing wrong                      more pages
     +------+ ------------------------------> +------+ -----+
     | REST |                                 | PULL | <----+
     +------+ --> +-------+ ----------------> +------+
      ^    ^  due |       | answers             |  last page: the store applies, makes its waiting
      |    |  after CHECK |                     |  changes into envelopes
      |    |  failure     |                     v
      |    |      +-------+                   +------+ -----+
      |    |                                  | PUSH |      | more batches
      |    |  any failure, in any state:      +------+ <----+
      |    +-- wait (backoff), then CHECK       |    |
      |                                         |    | something was taken: PULL again, so that the
      |                                         |    | device sees its own envelopes in the order
      |                                         |    | that the server gave them (number claims)
      |                                         v    v
      |                     +---------------+  +------------+
      +-------------------- | DELETE_GRANTS | <| PUT_GRANTS |
          round done:       +---------------+  +------------+
          poll in 30 s

REST           nothing to do before ``due``: a poll, a poke, or the end of a wait
CHECK          asks whether the server answers at all (5 s), before the first request after a failure
PULL           asks for one page and gives it to the store; applied pages stay applied whatever happens next
BUNDLE         where the server gave up what follows: fetches a piece of its bundle, or takes it in; then PULL
PUSH           sends one batch of envelopes that the server has not acknowledged
PUT_GRANTS     leaves a sealed key for another device beside the log, one a step
DELETE_GRANTS  takes back those of cancelled invites, one recipient a step

What a person sees is ``SyncState``. Failures of the environment (``SitebookError``) become a state with a
sentence; our own mistakes propagate.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum, StrEnum, auto
from typing import TYPE_CHECKING, Any, Final, Protocol

from sync.backoff import Backoff
from sync.errors import Malformed, Refused, SitebookError, TooLarge, Unreachable
from sync.result import Received, SyncResult
from sync.transport.base import Outcome

if TYPE_CHECKING:
    from sync.clock import Clock, Random
    from sync.cookie import Cookie
    from sync.transport.base import PushAck, Transport

POLL_INTERVAL: Final = 30.0
"""Seconds between rounds when nothing else gives a reason."""
LIVE_INTERVAL: Final = 120.0
"""Seconds between rounds while the server tells by itself what happens."""
POKE_DELAY: Final = 0.25
"""Seconds that a poke waits for its neighbours, so that a burst of edits travels in one envelope."""
MAX_BATCH_COUNT: Final = 200
MAX_BATCH_BYTES: Final = 1 << 20
"""Most envelopes, and most bytes of them, in one push (a single larger envelope goes alone)."""
MAX_TOO_LARGE: Final = 3
"""Most envelopes of a round that the server may find too large one by one, before the round ends."""
MAX_TURNS: Final = 8
"""Most times that one round goes back to pulling because its push was taken."""
_TAKEN: Final = frozenset({Outcome.ACCEPTED, Outcome.KNOWN})


class SyncState(StrEnum):
    """What a person is told about one project."""

    OFFLINE = "offline"
    """The server did not answer; work goes on and waits here."""
    SYNCING = "syncing"
    """A round is under way."""
    SYNCED = "synced"
    """The last round went through."""
    ATTENTION = "attention"
    """Something that time alone does not mend; the sentence says what."""


@dataclass(frozen=True, slots=True)
class Step:
    """What a step did. Call again in ``next_in`` seconds, or after a poke.

    ``result`` is there when a round ended well; ``error`` when something stood in the way; ``touched`` is
    what the store changed, in the store's own type.
    """

    next_in: float
    state: SyncState
    result: SyncResult | None = None
    touched: Any = None
    error: SitebookError | None = None

    @property
    def message(self) -> str:
        """The sentence for a person, or nothing."""
        return "" if self.error is None else str(self.error)


class BundleTaker(Protocol):
    """Takes a bundle in, at most one round trip a step."""

    def step(self) -> tuple[bool, Any]:
        """Do the next thing; returns whether all is done, and what the store changed. Raises SitebookError."""
        ...


class ProjectStore(Protocol):
    """What the engine needs of a project file; ``app.store`` fulfils it."""

    @property
    def project(self) -> bytes:
        """The project's id."""
        ...

    def cookie(self) -> Cookie | None:
        """Where the next pull begins: what the last applied page came with."""
        ...

    def receive(self, wires: Sequence[bytes], cookie: Cookie, reset: bool) -> Received:
        """Judge, keep and apply a page; ``cookie`` is written in the transaction that applies its last slice.

        ``reset``: the server's history is not the one of our cookie, and this page is its beginning. The
        store forgets where its envelopes stood on the server, and deletes nothing.
        """
        ...

    def settle_reset(self) -> None:
        """Queue all that is held here, that the server should have, and that it did not give.

        Called after the last page of every pull. An envelope that was acknowledged counts only once it came
        back in a pull of the server's present history: a server that went back forgets what it took.
        """
        ...

    def prepare_push(self) -> None:
        """Make open drafts into changes and waiting changes into envelopes."""
        ...

    def unpushed(self, max_count: int, max_bytes: int) -> Sequence[tuple[bytes, bytes]]:
        """Give the first unacknowledged envelopes in order, as (hash, wire), at least one if there is any."""
        ...

    def pushed(self, acks: Sequence[PushAck]) -> int:
        """Record the server's answers and say how many were refused. What is to come later stays queued."""
        ...

    def grants_to_put(self) -> Sequence[bytes]:
        """Sealed keys that the server does not have yet."""
        ...

    def grants_put(self, grants: Sequence[bytes]) -> None:
        """Record that the server has these."""
        ...

    def grants_refused(self, grants: Sequence[bytes]) -> None:
        """Record that the server does not want these: they are not offered again."""
        ...

    def recipients_to_delete(self) -> Sequence[bytes]:
        """Recipients whose sealed keys the server must forget."""
        ...

    def recipients_deleted(self, recipients: Sequence[bytes]) -> None:
        """Record that the server forgot these."""
        ...

    def bundle_taker(self, transport: Transport) -> BundleTaker:
        """What takes the bundle that the server offers in place of the log that it gave up."""
        ...

    def note_success(self) -> None:
        """Remember that a round went through just now."""
        ...


class Phase(Enum):
    """Where the engine stands; see the diagram of the module."""

    REST = auto()
    CHECK = auto()
    PULL = auto()
    BUNDLE = auto()
    PUSH = auto()
    PUT_GRANTS = auto()
    DELETE_GRANTS = auto()


class Engine:
    """Keeps one project file and one server in step. Used by one thread."""

    def __init__(self, store: ProjectStore, transport: Transport, clock: Clock, random: Random) -> None:
        self._store = store
        self._transport = transport
        self._clock = clock
        self._backoff = Backoff(random)
        self._phase = Phase.REST
        self._due = clock.monotonic()
        self._state = SyncState.OFFLINE
        self._error: SitebookError | None = None
        self._poked = False
        self._most_bytes = MAX_BATCH_BYTES
        self._live = False
        self._heard = 0
        self._random = random
        self._begin_round()

    @property
    def phase(self) -> Phase:
        """Where the engine stands."""
        return self._phase

    @property
    def state(self) -> SyncState:
        """What a person is told."""
        return self._state

    @property
    def next_in(self) -> float:
        """Seconds until the next step has something to do."""
        return 0.0 if self._phase is not Phase.REST else max(0.0, self._due - self._clock.monotonic())

    def poke(self) -> None:
        """Something changed here or on the server: look soon. A wait after a failure goes on."""
        if self._phase is not Phase.REST:
            self._poked = True
        elif not self._backoff.failures:
            self._due = min(self._due, self._clock.monotonic() + POKE_DELAY)

    def hear(self, version: int) -> None:
        """The server says how far its log goes (0: look): look at once, unless it was seen. A wait goes on.

        One's own push is seen when its round has ended, so that it is no reason for another.
        """
        if self._phase is not Phase.REST:
            self._heard = max(self._heard, version)
            self._poked = self._poked or not version
        elif not self._backoff.failures and self._is_news(version):
            self._due = self._clock.monotonic()

    def _is_news(self, version: int) -> bool:
        cookie = self._store.cookie()
        return not version or cookie is None or version > cookie.version

    def set_live(self, live: bool) -> None:
        """Say whether the server tells by itself what happens: then there is no need to look often.

        It answers where it tells: a wait after failures ends. Where it stops telling, whether it is there is seen soon.
        """
        if live == self._live:
            return
        self._live = live
        if live and self._backoff.failures:
            self.network_changed()
        elif not live and self._phase is Phase.REST:
            chance = int.from_bytes(self._random(2), "big") / (1 << 16)
            self._due = min(self._due, self._clock.monotonic() + POLL_INTERVAL * chance / 3)

    def network_changed(self) -> None:
        """There may be a way to the server now: forget the failures and look at once."""
        self._backoff.reset()
        if self._phase is Phase.REST:
            self._due = self._clock.monotonic()

    def sync_now(self) -> None:
        """The user asks: look at once, whatever the wait."""
        self._poked = True
        self.network_changed()

    def step(self) -> Step:
        """Do the next thing: at most one round trip."""
        if self._phase is Phase.REST:
            if self._due > self._clock.monotonic():
                return Step(self.next_in, self._state, error=self._error)
            self._begin_round()
            self._phase = Phase.PULL if self._error is None else Phase.CHECK
        self._state = SyncState.SYNCING
        touched: Any = None
        try:
            match self._phase:
                case Phase.CHECK:
                    self._transport.check()
                    self._phase = Phase.PULL
                case Phase.PULL:
                    touched = self._pull()
                case Phase.BUNDLE:
                    touched = self._take_bundle()
                case Phase.PUSH:
                    self._push()
                case Phase.PUT_GRANTS:
                    self._put_grants()
                case _:
                    return self._delete_grants()
        except SitebookError as error:
            return self._fail(error)
        return Step(0.0, self._state, touched=touched)

    def _begin_round(self) -> None:
        self._poked = False
        self._result = SyncResult()
        self._turns = 0
        self._resets = 0
        self._bundles = 0
        self._taker: BundleTaker | None = None
        self._taken = 0
        self._deferred: dict[bytes, int] = {}
        self._complaint: SitebookError | None = None
        self._too_large: dict[bytes, int] = {}
        self._most_bytes = min(2 * self._most_bytes, MAX_BATCH_BYTES)

    def _pull(self) -> Any:
        page = self._transport.pull(self._store.project, self._store.cookie())
        if page.needs_bundle:
            self._bundles += 1
            if self._bundles > 1:
                raise Malformed("The server gave up more than its bundle holds; ask whoever runs it.")
            self._taker = self._store.bundle_taker(self._transport)
            self._phase = Phase.BUNDLE
            return None
        if page.reset:
            self._resets += 1
            if self._resets > 2:
                raise Malformed("The server shows another history at each request; ask whoever runs it.")
        elif page.more and not page.wires:
            raise Malformed("The server promises more and sends nothing; ask whoever runs it.")
        received = self._store.receive(page.wires, page.cookie, page.reset)
        self._result += SyncResult(pulled=received.applied, conflicts=received.conflicts)
        if not page.more:
            self._store.settle_reset()
            self._store.prepare_push()
            self._deferred = dict(self._too_large)
            self._taken = 0
            self._phase = Phase.PUSH
        return received.touched

    def _take_bundle(self) -> Any:
        """What follows this device's place is not in the log any more: it is in the bundle."""
        assert self._taker is not None
        done, touched = self._taker.step()
        if done:
            self._taker = None
            self._phase = Phase.PULL
        return touched

    def _push(self) -> None:
        batch = self._next_batch()
        if batch:
            try:
                acks = self._transport.push(self._store.project, [wire for _, wire in batch])
            except TooLarge as error:
                self._send_less(batch, error)
            else:
                self._record(batch, acks)
        elif self._taken and self._turns < MAX_TURNS:
            self._turns += 1
            self._phase = Phase.PULL
        else:
            self._phase = Phase.PUT_GRANTS
            self._put_grants()

    def _next_batch(self) -> list[tuple[bytes, bytes]]:
        """The next envelopes less those that the server wants later, within the limits of one push."""
        waiting = self._store.unpushed(
            MAX_BATCH_COUNT + len(self._deferred), MAX_BATCH_BYTES + sum(self._deferred.values())
        )
        batch: list[tuple[bytes, bytes]] = []
        room = self._most_bytes
        for name, wire in waiting:
            if name in self._deferred:
                continue
            room -= len(wire)
            if batch and (room < 0 or len(batch) == MAX_BATCH_COUNT):
                break
            batch.append((name, wire))
        return batch

    def _send_less(self, batch: Sequence[tuple[bytes, bytes]], error: TooLarge) -> None:
        """Try again with half; a single envelope that is too large waits for another round, and stops no other."""
        if len(batch) > 1:
            self._most_bytes = sum(len(wire) for _, wire in batch) // 2
            return
        [(name, wire)] = batch
        self._deferred[name] = self._too_large[name] = len(wire)
        self._complaint = error
        if len(self._too_large) == MAX_TOO_LARGE:
            raise error

    def _record(self, batch: Sequence[tuple[bytes, bytes]], acks: Sequence[PushAck]) -> None:
        """Take the server's answers to one batch: one for each envelope, in their order."""
        if len(acks) != len(batch):
            raise Malformed("The server acknowledged more or less than was sent; ask whoever runs it.")
        answers: list[PushAck] = []
        taken = 0
        for (name, wire), ack in zip(batch, acks, strict=True):
            # The hash is empty where the server could not read the header: the place says which it was.
            if ack.hash not in (name, b""):
                raise Malformed(
                    "The server acknowledged other envelopes than were sent; ask whoever runs it."
                )
            answers.append(replace(ack, hash=name))
            taken += ack.outcome in _TAKEN
            if ack.outcome is Outcome.LATER:
                self._deferred[name] = len(wire)
        refused = self._store.pushed(answers)
        self._taken += taken
        self._result += SyncResult(pushed=taken, refused=refused)

    def _put_grants(self) -> None:
        """One at a time: a refused one stops no other. It fits to an invite that was refused as well."""
        grants = self._store.grants_to_put()[:1]
        if not grants:
            self._phase = Phase.DELETE_GRANTS
            return
        try:
            self._transport.put_grants(self._store.project, grants)
        except Refused as error:
            self._complaint = error
            self._store.grants_refused(grants)
        else:
            self._store.grants_put(grants)

    def _delete_grants(self) -> Step:
        recipients = self._store.recipients_to_delete()[:1]
        if not recipients:
            return self._finish()
        try:
            self._transport.delete_grants(self._store.project, recipients[0])
        except Refused as error:
            self._complaint = error
        self._store.recipients_deleted(recipients)
        return Step(0.0, self._state)

    def _finish(self) -> Step:
        self._store.note_success()
        self._phase = Phase.REST
        self._backoff.reset()
        self._error = self._complaint
        self._state = SyncState.SYNCED if self._error is None else SyncState.ATTENTION
        self._due = self._clock.monotonic() + self._rest_seconds()
        return Step(self.next_in, self._state, result=self._result, error=self._error)

    def _rest_seconds(self) -> float:
        heard, self._heard = self._heard, 0
        if heard and self._is_news(heard):
            return 0.0
        if self._poked:
            return POKE_DELAY
        return LIVE_INTERVAL if self._live else POLL_INTERVAL

    def _fail(self, error: SitebookError) -> Step:
        self._phase = Phase.REST
        self._error = error
        away = isinstance(error, Unreachable)
        self._state = SyncState.OFFLINE if away else SyncState.ATTENTION
        wait = self._backoff.fail(error.retry_after if isinstance(error, Unreachable) else None)
        self._due = self._clock.monotonic() + wait
        return Step(self.next_in, self._state, error=error)


def run_until_idle(engine: Engine, clock: Clock, limit: float) -> SyncResult:
    """Run one full round now, for the command line, and say what it did.

    ``limit`` is in seconds: what is done by then stays done, and the round ends as Unreachable. Raises
    whatever error of the environment stood in the way, Unreachable among them.
    """
    end = clock.monotonic() + limit
    engine.sync_now()
    while True:
        step = engine.step()
        if step.error is not None:
            raise step.error
        if step.result is not None:
            return step.result
        if clock.monotonic() > end:
            raise Unreachable("The server is too slow; what was exchanged is kept, so try again later.")
