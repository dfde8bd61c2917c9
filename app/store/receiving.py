"""Taking in what others wrote, on the sync thread's connection.

What comes in is judged outside the write lock and applied in slices, each of which ends as soon as the window
wants to write; an envelope that is only partly applied is marked so, and taken up again after a crash. The
raw bytes of every envelope are kept, also of those that wait or are set aside.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from app.domain.schema import FIELD
from app.store import numbering
from app.store.log import Log, Push, State
from app.store.project import Project
from app.store.rebuilt import Rebuilder
from app.store.touched import Touched
from sync.change import Change, decode_change
from sync.cookie import Cookie
from sync.envelope import Envelope, EnvelopeKind, open_changes, parse, verify
from sync.epochs import KeyRing
from sync.errors import Malformed, NewerFormat, SitebookError
from sync.identity import DeviceIdentity
from sync.intake import Judged, judge
from sync.intake import Outcome as Verdict
from sync.membership import AddResult, Decision, Membership
from sync.result import Received

_SLICE_SECONDS: Final = 0.03
"""Longest time for which writes are gathered before they go to the disk together."""
_JUDGE_AT_ONCE: Final = 64
"""Most envelopes, and about as many changes times eight, that are held opened before they are written."""
_SMALL: Final = 8
"""Most changes of an envelope that is kept and applied in one go."""


class Stopped(SitebookError):
    """The program is closing."""


class Receiving:
    """One project, its keys, and what is known of its membership; judges and applies what comes in."""

    def __init__(
        self,
        project: Project,
        identity: DeviceIdentity,
        keys: KeyRing,
        stopped: Callable[[], bool] = lambda: False,
    ) -> None:
        """``stopped`` is asked between slices of longer work, which then ends with Stopped."""
        self._store = project
        self._identity = identity
        self._keys = keys
        self._stopped = stopped
        self._log = Log(project)
        self.membership = Membership(project.id)
        self._membership_upto = 0
        self._refresh_membership()
        if self._log.in_state(State.WAITING, State.APPLYING) or project.get_meta("rejudge"):
            self._rejudge(Touched())

    @property
    def project(self) -> bytes:
        """The project's id."""
        return self._identity.project

    @property
    def store(self) -> Project:
        """The project on this side's connection."""
        return self._store

    def cookie(self) -> Cookie | None:
        """Where the next pull begins."""
        data = self._store.get_meta("cookie")
        return None if data is None else Cookie.decode(bytes(data))

    def receive(self, wires: Sequence[bytes], cookie: Cookie, reset: bool) -> Received:
        """Judge, keep and apply a page; the cookie is written when the last of it is.

        Only that last piece waits for the disk, and brings all of the page there: what a power cut takes before
        is pulled again.
        """
        touched = Touched()
        self._refresh_membership()
        before = self._counts()
        if reset:
            with self._store.writing():
                self._log.forget_places()
                # Sealed keys lie beside the log, so nobody but who sealed them can bring them back.
                self._store.db.run("UPDATE local_grants SET state = 0 WHERE state = 1")
        counted = Counter()
        with self._store.lightly():
            if self._take_in_all(wires, cookie.version - len(wires) + 1, touched, counted):
                self._rejudge(touched)

        def finish() -> None:
            self._store.put_meta("cookie", cookie.encode())
            numbering.confirm(self._store, cookie.version)

        self._in_slices([finish])
        if FIELD in touched.kinds.values():
            self._store.forget_definitions()
        after = self._counts()
        return Received(
            counted.applied,
            touched.conflicts,
            max(0, after[0] - before[0]),
            max(0, after[1] - before[1]),
            touched,
        )

    def _take_in_all(self, wires: Sequence[bytes], first: int, touched: Touched, counted: Counter) -> bool:
        """Take in a page whose first envelope has that version; returns whether others are to be judged again."""
        rejudge = False
        restricted = self.membership.restricted_devices()
        units: list[Callable[[], None]] = []
        gathered: set[bytes] = set()
        for version, wire in enumerate(wires, first):
            hashed = name_of(wire)
            # The same envelope twice in one page: the second is looked at when the first is kept.
            if hashed in gathered or len(gathered) >= _JUDGE_AT_ONCE or len(units) >= 8 * _JUDGE_AT_ONCE:
                self._in_slices(units)
                units, gathered = [], set()
            again, work = self._take_in(wire, hashed, version, restricted, touched, counted)
            rejudge = rejudge or again
            units.extend(work)
            gathered.add(hashed)
        self._in_slices(units)
        return rejudge

    def _counts(self) -> tuple[int, int]:
        return self._log.count(State.WAITING), self._log.count(State.QUARANTINED, State.ASIDE)

    def _refresh_membership(self) -> None:
        """Take in what another connection of this program added: an invite made in the window."""
        newest = self._log.newest_membership()
        if newest > self._membership_upto:
            self.membership.load(parse(kept.wire) for kept in self._log.membership(self._membership_upto))
            self._membership_upto = newest

    def _take_in(
        self,
        wire: bytes,
        hashed: bytes,
        version: int,
        restricted: frozenset[bytes],
        touched: Touched,
        counted: Counter,
    ) -> tuple[bool, list[Callable[[], None]]]:
        """Judge one envelope. Returns whether others have to be judged again, and what is to be written."""
        known = self._log.find(hashed)
        settled = (
            known is not None and known[1] is not State.APPLYING and not self._log.completes(known[0], wire)
        )
        if settled and known is not None and self._log.wire(known[0], Push.DROPPED) is None:
            return False, [lambda: self._log.came_back(known[0], version)]
        judged = self._judge(wire)
        envelope = judged.envelope
        if judged.outcome is Verdict.QUARANTINE and envelope is not None and not _signed(envelope):
            # A forged signature says nothing about the hash: the true envelope may still come.
            return False, [lambda: self._keep_forged(wire, version, judged.reason)]
        if judged.outcome is Verdict.MEMBERSHIP:
            return True, [self._membership_unit(judged, version, touched)]
        again = envelope is not None and envelope.header.device in restricted
        small = judged.outcome is Verdict.APPLY and not judged.aside and len(judged.changes) <= _SMALL
        if small and known is None:
            return again, [lambda: self._keep_applied(wire, judged, version, touched, counted)]
        numbers: list[int] = []
        state = State.WAITING if judged.outcome is Verdict.WAIT else State.APPLYING
        reason = judged.reason

        def keep() -> None:
            if known is None:
                numbers.append(
                    self._log.add(hashed, envelope, wire, state, Push.DONE, version=version, reason=reason)
                )
            else:
                numbers.append(known[0])
                self._log.replace(known[0], wire, state)
                self._log.came_back(known[0], version)

        return again, [keep, *self._disposal(judged, numbers, touched, counted)]

    def _keep_applied(
        self, wire: bytes, judged: Judged, version: int, touched: Touched, counted: Counter
    ) -> None:
        """Keep an envelope of a few changes and apply them, in the transaction of one slice."""
        envelope = judged.envelope
        assert envelope is not None
        eid = self._log.add(envelope.hash, envelope, wire, State.APPLIED, Push.DONE, version=version)
        problems: list[str] = []
        for change in judged.changes:
            self._apply(change, eid, touched, counted, problems)
        if problems:
            self._log.mark(eid, State.ASIDE, problems[0])

    def _keep_forged(self, wire: bytes, version: int, reason: str) -> None:
        hashed = hashlib.sha256(wire).digest()
        if self._log.find(hashed) is None:
            self._log.add(hashed, None, wire, State.QUARANTINED, Push.DONE, version=version, reason=reason)

    def _judge(self, wire: bytes) -> Judged:
        return judge(wire, self.membership, self._keys, prev_of=self._previous)

    def _previous(self, hashed: bytes) -> bytes | None:
        link = self._log.link(hashed)
        return None if link is None else link[0]

    def _membership_unit(self, judged: Judged, version: int, touched: Touched) -> Callable[[], None]:
        envelope = judged.envelope
        assert envelope is not None
        state, reason = _state_of(self.membership.add(envelope, verified=True))
        touched.membership = True

        def keep() -> None:
            known = self._log.find(envelope.hash)
            if known is None:
                self._log.add(
                    envelope.hash, envelope, envelope.wire(), state, Push.DONE, version=version, reason=reason
                )
            else:
                # Its header had come alone: an action without its body says nothing.
                self._log.replace(known[0], envelope.wire(), state)
                self._log.came_back(known[0], version)
            self._store.put_meta("rejudge", 1)
            self._note_membership()

        return keep

    def _note_membership(self) -> None:
        own = self.membership.members.get(self._identity.member)
        if own is not None:
            self._store.put_meta("role", str(own.role))
        if self._store.get_meta("alone") == 1 and (self.membership.invites or self._devices() > 1):
            self._store.put_meta("alone", 0)

    def _devices(self) -> int:
        """How many devices people work on: a recovery key is none of them."""
        members = self.membership.members.values()
        return sum(not device.recovery for member in members for device in member.devices)

    def _disposal(
        self, judged: Judged, numbers: list[int], touched: Touched, counted: Counter
    ) -> Iterator[Callable[[], None]]:
        """What is to be written for an envelope that is kept under ``numbers[0]`` once this runs.

        Its changes are applied one by one and it is marked last. What the membership refuses is set aside,
        so that texts that others wrote behind it are not stranded.
        """
        if judged.bodiless and numbers and self._log.is_bare(numbers[0]):
            yield from self._disposal_of_rows(judged, numbers[0], touched, counted)
            return
        if judged.outcome is Verdict.WAIT:
            return
        problems = [aside.reason for aside in judged.aside]
        aside = [change for each in judged.aside if (change := _readable(each.data)) is not None]
        state = State.WAITING if any(each.outcome is Verdict.WAIT for each in judged.aside) else State.APPLIED
        if judged.outcome is Verdict.QUARANTINE:
            state = State.QUARANTINED
            problems = [judged.reason]
            aside = self._changes_of_member(judged.envelope)
        for change in judged.changes:
            yield lambda change=change: self._apply(change, numbers[0], touched, counted, problems)  # type: ignore[misc]
        for change in aside:
            yield lambda change=change: self._set_aside(change, numbers[0], touched)  # type: ignore[misc]

        def finish() -> None:
            settled = State.ASIDE if state is State.APPLIED and problems else state
            self._log.mark(numbers[0], settled, " ".join(problems[:1]))

        yield finish

    def _disposal_of_rows(
        self, judged: Judged, eid: int, touched: Touched, counted: Counter
    ) -> Iterator[Callable[[], None]]:
        """The same for an envelope of which only the header is here: its changes are in the tables."""
        problems, rebuilder = list[str](), Rebuilder(self._store)
        for change, reason in rebuilder.sorted_out(judged, eid, self.membership):
            if reason:
                problems.append(reason)
                yield lambda change=change: rebuilder.keep(change)  # type: ignore[misc]
                yield lambda change=change: self._set_aside(change, eid, touched)  # type: ignore[misc]
            else:
                yield lambda change=change: self._apply(change, eid, touched, counted, problems)  # type: ignore[misc]
        state = State.QUARANTINED if judged.role is None else State.ASIDE if problems else State.APPLIED
        yield lambda: self._log.mark(eid, state, " ".join(problems[:1]))

    def _changes_of_member(self, envelope: Envelope | None) -> list[Change]:
        """The changes of a refused envelope, where a member's device signed it and it opens; else none.

        Also of one that had joined and by what came later had not: somebody may have applied them meanwhile.
        """
        if envelope is None or envelope.body is None:
            return []
        device = envelope.header.device
        if self.membership.device(device) is None and device not in self.membership.restricted_devices():
            return []
        key = self._keys.get(envelope.header.compartment, envelope.header.epoch)
        if key is None or envelope.header.kind != EnvelopeKind.CHANGES:
            return []
        try:
            body = open_changes(envelope, key)
        except (Malformed, NewerFormat):
            return []
        return [change for data in body.changes if (change := _readable(data)) is not None]

    def _apply(
        self, change: Change, eid: int, touched: Touched, counted: Counter, problems: list[str]
    ) -> None:
        try:
            if self._store.applier.apply(change, touched, eid=eid) is not None:
                counted.applied += 1
        except Malformed as error:
            problems.append(str(error))

    def _set_aside(self, change: Change, eid: int, touched: Touched) -> None:
        with suppress(Malformed):  # a text update that is none was never integrated by anyone
            self._store.applier.set_aside(change, touched, eid=eid)

    def _in_slices(self, units: Iterable[Callable[[], None]]) -> None:
        """Run pieces of writing in transactions that let the window in as soon as it wants to write."""
        waiting = iter(units)
        unit = next(waiting, None)
        while unit is not None:
            if self._stopped():
                raise Stopped("Sitebook is closing; what is left of this sync is done at the next start.")
            with self._store.writing():
                start = self._store.clock.monotonic()
                while unit is not None:
                    unit()
                    unit = next(waiting, None)
                    if (
                        self._store.lock.wanted
                        or self._stopped()
                        or self._store.clock.monotonic() - start > _SLICE_SECONDS
                    ):
                        break
            self._store.tend_log()

    def _rejudge(self, touched: Touched) -> None:
        """Judge again what waits, and what the membership may now see otherwise."""
        counted = Counter()
        for kept in self._log.in_state(State.WAITING, State.APPLYING):
            judged = self._judge(kept.wire)
            if judged.outcome is not Verdict.MEMBERSHIP:
                self._in_slices(self._disposal(judged, [kept.eid], touched, counted))
        for device in sorted(self.membership.restricted_devices()):
            for kept in self._log.of_device(device):
                # Some of its changes may be allowed and others not; what stands as it should is left so.
                self._in_slices(self._disposal(self._judge(kept.wire), [kept.eid], touched, counted))
        self._in_slices([self._settle_membership])

    def _settle_membership(self) -> None:
        """Note how each membership envelope stands now: one may hold, or fall, by what came later."""
        for kept in self._log.membership():
            envelope = parse(kept.wire)
            verdict = self.membership.judge(envelope.header, envelope.hash)
            state = _STATES[verdict.decision]
            if state is not kept.state:
                self._log.mark(kept.eid, state, verdict.reason)
        self._store.put_meta("rejudge", None)
        self._note_membership()


@dataclass
class Counter:
    """Changes applied; pieces of writing that run later add to it."""

    applied: int = 0


_STATES = {Decision.ACCEPT: State.APPLIED, Decision.WAIT: State.WAITING, Decision.REFUSE: State.QUARANTINED}


def _state_of(result: AddResult) -> tuple[State, str]:
    return _STATES[result.decision], result.reason


def _signed(envelope: Envelope) -> bool:
    try:
        verify(envelope)
    except Malformed:
        return False
    return True


def _readable(data: bytes) -> Change | None:
    with suppress(Malformed, NewerFormat):
        return decode_change(data)
    return None


def name_of(wire: bytes) -> bytes:
    """The hash that names an envelope; of what is none, that of its bytes."""
    try:
        return parse(wire).hash
    except (Malformed, NewerFormat):
        return hashlib.sha256(wire).digest()
