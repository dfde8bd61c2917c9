"""The membership of the projects that are in use, kept in memory and brought up to date from the storage."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping
from functools import cached_property
from typing import Final

from sync.envelope import parse
from sync.errors import Damaged, Malformed, NewerFormat
from sync.grants import recipient_id
from sync.membership import InviteState, Membership
from sync.server.storage import ProjectState, Reading

_USES: Final = 10_000
"""A membership remembers what it was asked about; after so many questions it begins afresh."""


class Roster:
    """A project's membership at a version of its log. Only asked, never changed."""

    def __init__(self, membership: Membership, version: int) -> None:
        self.membership = membership
        self.version = version
        self.uses = 0

    @cached_property
    def invites(self) -> Mapping[bytes, InviteState]:
        """All invites by their signing key."""
        return {invite.sign_public: invite for invite in self.membership.invites.values()}

    @cached_property
    def invited_recipients(self) -> Mapping[bytes, InviteState]:
        """All invites by what their grants lie under."""
        return {recipient_id(invite.kem_public): invite for invite in self.invites.values()}

    @cached_property
    def recipients(self) -> Mapping[bytes, bytes]:
        """The members whose devices grants may lie for, by what they lie under."""
        return {
            recipient_id(device.kem_public): member.id
            for member in self.membership.members.values()
            for device in member.devices
        }

    def recipients_of(self, by: bytes) -> set[bytes]:
        """What the grants for one device lie under."""
        member = self.membership.member_of(by)
        devices = () if member is None else member.devices
        return {recipient_id(device.kem_public) for device in devices if device.device == by}


class Rosters:
    """The rosters that were used last. Safe to use from several threads."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._rosters: OrderedDict[bytes, Roster] = OrderedDict()
        self._lock = threading.Lock()

    def at(self, view: Reading, project: bytes, state: ProjectState, *, keep: bool = True) -> Roster:
        """The roster at a state of the project; several processes may write to one storage.

        ``keep=False`` within a transaction that has written: what it sees may be undone.
        """
        with self._lock:
            held = self._rosters.get(project)
            if held is not None:
                held.uses += 1
                if held.version == state.membership and held.uses < _USES:
                    self._rosters.move_to_end(project)
                    return held
        usable = held is not None and held.version <= state.membership
        base, version = (
            (held.membership.copy(), held.version) if usable and held else (Membership(project), 0)
        )
        try:
            base.load([parse(stored.wire) for stored in view.membership(project, version)])
        except (Malformed, NewerFormat) as error:
            # It was read when it was taken in.
            raise Damaged("The server's data is damaged; restore it from a backup.") from error
        roster = Roster(base, state.membership)
        return self.keep(project, roster) if keep else roster

    def keep(self, project: bytes, roster: Roster) -> Roster:
        """Keep a roster, unless a later one is here."""
        with self._lock:
            held = self._rosters.get(project)
            if held is None or held.version < roster.version or held.uses >= _USES:
                self._rosters[project] = roster
                self._rosters.move_to_end(project)
                while len(self._rosters) > self._count:
                    self._rosters.popitem(last=False)
        return roster
