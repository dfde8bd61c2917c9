"""What taking a bundle asks of a side: applying what came in tables, and what came whole, as if from a log."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import cast

from app.store import numbering
from app.store.bundle_take import Taker, TakeRoad
from app.store.log import Log
from app.store.rebuilt import Rebuilder
from app.store.receiving import Counter, Receiving, name_of
from app.store.touched import Touched
from sync.change import Change
from sync.engine import BundleTaker
from sync.epochs import KeyRing
from sync.transport.base import Transport


class BundleSide(Receiving):
    """One project, which can also take in what came by a bundle."""

    @property
    def log(self) -> Log:
        """The log of envelopes, on this side's connection."""
        return self._log

    @property
    def keys(self) -> KeyRing:
        """The project's keys."""
        return self._keys

    def bundle_taker(self, transport: Transport) -> BundleTaker:
        """What takes the bundle that the server offers in place of the log that it gave up."""
        return Taker(self, cast("TakeRoad", transport))

    def take_one(self, wire: bytes, version: int, touched: Touched) -> list[Callable[[], None]]:
        """What is to be written for one envelope that came whole in a bundle."""
        restricted = self.membership.restricted_devices()
        return self._take_in(wire, name_of(wire), version, restricted, touched, Counter())[1]

    def apply_rebuilt(self, change: Change, aside: bool, touched: Touched) -> None:
        """Apply a change that came in a bundle's tables, or note that it does not count.

        Its envelope is kept after it; until then it stands under number 0.
        """
        if aside:
            self._set_aside(change, 0, touched)
            Rebuilder(self._store).keep(change)
        else:
            self._apply(change, 0, touched, Counter(), [])

    def in_slices(self, units: Iterable[Callable[[], None]]) -> None:
        """Write in transactions that let the window in as soon as it wants to write."""
        self._in_slices(units)

    def settle_taken(self, touched: Touched, version: int) -> None:
        """After a bundle was taken: judge again what waited, and what the membership may see otherwise."""
        self._rejudge(touched)

        def confirm() -> None:
            numbering.confirm(self._store, version)

        self._in_slices([confirm])
        self._store.forget_definitions()
