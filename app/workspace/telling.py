"""Tells the other devices now and then how far this one is, and reads what they told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from app.store import device_states
from app.store.device_states import TELL_EVERY_MS, DeviceState
from app.workspace.checking import app_version
from sync.errors import SitebookError
from sync.notice import NoticeKind, every_notice

if TYPE_CHECKING:
    from app.keys.entry import ProjectEntry
    from app.store.project import Project
    from app.workspace.workspace import Workspace
    from sync.clock import Clock
    from sync.epochs import KeyRing
    from sync.identity import DeviceIdentity
    from sync.transport.base import NoticeRoad

_EVERY: Final = TELL_EVERY_MS / 1_000
_SOON: Final = 5.0
"""Seconds after a round: what follows at once is told with it."""


class Teller:
    """A stepper: at most one round trip a step. What stands in the way is tried again at the next turn."""

    def __init__(
        self, project: Project, road: NoticeRoad, identity: DeviceIdentity, keys: KeyRing, clock: Clock
    ) -> None:
        self._project = project
        self._road = road
        self._identity = identity
        self._keys = keys
        self._clock = clock
        self._due = clock.monotonic() + _SOON
        self._told_at = float("-inf")
        self._place: tuple[object, ...] = ()

    @property
    def next_in(self) -> float:
        """Seconds until there may be something to tell."""
        return max(0.0, self._due - self._clock.monotonic())

    def poke(self) -> None:
        """A round went through, or something was written."""
        now = self._clock.monotonic()
        self._due = min(self._due, max(now + _SOON, self._told_at + _EVERY))

    def step(self) -> DeviceState | None:
        """Tell how far this device is, where that is another place than last time."""
        now = self._clock.monotonic()
        self._due = now + _EVERY
        try:
            place = self._where()
            if place == self._place:
                return None
            self._told_at = now
            state = device_states.tell(self._project, self._road, self._identity, self._keys, app_version())
        except SitebookError:
            return None  # nobody waits for it, and what is wrong shows where somebody does
        self._place = place
        return state

    def _where(self) -> tuple[object, ...]:
        """What changes when there is something to tell, read in a moment."""
        status = self._project.status()
        return self._project.get_meta("cookie"), status.waiting, status.attention


def read_states(
    workspace: Workspace, entry: ProjectEntry, opened: Project
) -> tuple[DeviceState | None, tuple[DeviceState, ...]]:
    """How far this device is, and what all devices told the server last.

    Raises Unreachable, or what else stood in the way; no device is known where no server is set.
    """
    if not entry.server:
        return None, ()
    side = workspace.side(entry, opened)
    transport = workspace.transport(entry)
    road = cast("NoticeRoad", transport)
    try:
        own = device_states.tell(side.store, road, side.identity, side.keys, app_version())
        wires = list(every_notice(road, entry.project, NoticeKind.STATE))
    finally:
        transport.close()
    return own, tuple(device_states.states(wires, entry.project, side.membership, side.keys))
