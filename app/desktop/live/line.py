"""One project's live line to its server: what happens there, who else is there, and where one is oneself."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection
from contextlib import suppress

from app.desktop.live.speaker import Speaker
from app.keys.entry import ProjectEntry
from app.workspace.workspace import identity_of
from sync.clock import Clock, Random
from sync.epochs import KeyRing
from sync.errors import SitebookError
from sync.membership import Membership
from sync.presence import Online, Presence, PresenceBook, PresenceWriter
from sync.transport.events import EventStream, Heard, Live, Lost, PresenceCame
from sync.transport.http import HttpTransport


def present_devices(membership: Membership) -> frozenset[bytes]:
    """The devices whose people can be there: those of members, not the revoked, and no recovery key."""
    return frozenset(
        device.device
        for member in membership.members.values()
        if member.role is not None
        for device in member.devices
        if not device.revoked and not device.recovery
    )


class Line:
    """Made and told of the membership by the sync thread; any thread may say something, read it, or end it."""

    def __init__(
        self,
        entry: ProjectEntry,
        heard: Callable[[Heard], None],
        people_changed: Callable[[], None],
        *,
        clock: Clock,
        random: Random,
    ) -> None:
        """``heard`` gets all but presence, ``people_changed`` is called when that says something new."""
        identity = identity_of(entry)
        certificate = entry.certificate or None
        self._project = entry.project
        self._heard = heard
        self._people_changed = people_changed
        self._keys = KeyRing()
        self._book = PresenceBook(project=entry.project, own=identity.device, clock=clock)
        self._writer = PresenceWriter(project=entry.project, key=identity.signing, clock=clock, random=random)
        self._road = HttpTransport(entry.server, identity.signing, clock, certificate)
        self._speaker = Speaker(self._send, lambda: len(self._book.online()), clock=clock, random=random)
        self._stream = EventStream(
            entry.server,
            identity.signing,
            [entry.project],
            self._hear,
            clock=clock,
            random=random,
            certificate=certificate,
        )
        self._ending = threading.Thread(target=self._close, name="sitebook-line-end", daemon=True)
        self.live = False

    def begin(self) -> None:
        """Start listening."""
        self._stream.begin()

    def renew(self) -> None:
        """Connect anew: the network changed, or the computer slept."""
        self._stream.renew()

    def admit(self, devices: Collection[bytes], keys: KeyRing) -> None:
        """Say who belongs to the project now, and with which keys one speaks."""
        self._keys = KeyRing(tuple(keys))
        if self._book.admit(devices, keys):
            self._people_changed()

    def say(self, said: Presence | None) -> None:
        """Say where one is; None: nothing, and that one is gone."""
        self._speaker.say(said)

    def people(self) -> tuple[Online, ...]:
        """Who else is there."""
        return self._book.online()

    def end(self) -> None:
        """Stop listening, and say goodbye in the background; the caller does not wait."""
        self._speaker.end()
        self._ending.start()

    def join(self, seconds: float) -> None:
        """Wait so long at most until it has ended."""
        self._ending.join(seconds)

    def _close(self) -> None:
        self._stream.close()
        self._speaker.join(0.5)
        self._road.close()

    # In the thread of the stream

    def _hear(self, what: Heard) -> None:
        match what:
            case PresenceCame(_, wire):
                self._take(wire)
                return
            case Live():
                self.live = True
                self._speaker.listen(True)
            case Lost():
                self.live = False
                self._speaker.listen(False)
        self._heard(what)

    def _take(self, wire: bytes) -> None:
        before = {each.device for each in self._book.online()}
        with suppress(SitebookError):
            if self._book.take(wire):
                if any(each.device not in before for each in self._book.online()):
                    self._speaker.greet()
                self._people_changed()

    def _send(self, said: Presence) -> None:
        with suppress(KeyError):
            self._road.send_presence(self._project, self._writer.wire(said, self._keys.current()))
