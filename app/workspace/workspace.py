"""One open profile: founding, finding, opening, inviting to and joining projects.

It belongs to the thread that made it. What the sync thread needs of a project it makes there, through
``side`` on a second connection.
"""

from __future__ import annotations

import platform
import shutil
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from types import TracebackType
from typing import TYPE_CHECKING, Protocol

from app.keys.entry import Identity, ProjectEntry
from app.keys.keyring_slot import Keyring
from app.keys.profile import Profile
from app.keys.recovery import RecoveryKey
from app.keys.vault import Vault
from app.store.database import WriteLock
from app.store.project import Project
from app.store.sync_log import SyncLog, noted
from app.store.sync_side import SyncSide, load_membership
from app.workspace import people
from sync.clock import Clock, Random, SystemClock, system_random
from sync.engine import Engine, run_until_idle
from sync.envelope import Head
from sync.epochs import EpochKey, KeyRing
from sync.errors import NotFound, Refused, SitebookError
from sync.grants import recipient_id, seal_grant
from sync.identity import DeviceIdentity, found_project
from sync.invite import InviteCode, make_invite
from sync.keys import SigningKey
from sync.membership import InviteState, Member, Membership, seal_action
from sync.membership_actions import Accepted, Cancel, RecoveryPublic, Role, RoleAction
from sync.result import SyncResult
from sync.transport.base import Transport

if TYPE_CHECKING:
    from app.workspace.join_watch import JoinWatch


class TransportFactory(Protocol):
    """Makes the road to a server; ``certificate``: the fingerprint of the only one that is accepted."""

    def __call__(self, server: str, key: SigningKey, certificate: bytes | None = None) -> Transport:
        """A road for a key."""
        ...


SYNC_LIMIT = 3_600.0
"""Seconds that one round at the command line may take."""


def http_transport(server: str, key: SigningKey, certificate: bytes | None = None) -> Transport:
    """The road over HTTP; the library is loaded when the first one is made."""
    from sync.transport.http import HttpTransport

    return HttpTransport(server, key, certificate=certificate)


class Workspace:
    """A profile whose vault is open."""

    def __init__(
        self,
        vault: Vault,
        *,
        clock: Clock | None = None,
        random: Random = system_random,
        transport: TransportFactory = http_transport,
        machine: str | None = None,
    ) -> None:
        self.vault = vault
        self.clock = clock or SystemClock()
        self.random = random
        self.make_transport = transport
        self._machine = platform.node() if machine is None else machine
        self._open: dict[bytes, Project] = {}
        self._locks: dict[bytes, WriteLock] = {}

    @classmethod
    def create(
        cls, profile: Profile, identity: Identity, passphrase: str | None, *, keyring: Keyring | None = None
    ) -> tuple[Workspace, RecoveryKey]:
        """Make the vault of a new profile. The recovery key's words are to be shown this once."""
        vault, recovery = Vault.create(profile, passphrase, identity=identity, keyring=keyring)
        return cls(vault), recovery

    @classmethod
    def open_profile(
        cls,
        profile: Profile,
        passphrase: str | None = None,
        *,
        recovery: RecoveryKey | None = None,
        keyring: Keyring | None = None,
    ) -> Workspace:
        """Open the vault of a profile."""
        return cls(Vault.open(profile, passphrase, recovery=recovery, keyring=keyring))

    def close(self) -> None:
        """Close every project and the vault."""
        for project in self._open.values():
            project.close()
        self._open.clear()
        self.vault.close()

    def __enter__(self) -> Workspace:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # Projects

    def projects(self) -> list[ProjectEntry]:
        """The projects of the profile, by name."""
        return sorted(self.vault.projects(), key=lambda entry: (entry.name.casefold(), entry.project))

    def find(self, wanted: str | None) -> ProjectEntry:
        """A project by its name or the beginning of its id; the only one where nothing is said.

        Raises NotFound, with what there is.
        """
        entries = self.projects()
        if not entries:
            raise NotFound("There is no project yet: make one with `sitebook project new NAME`, or join one.")
        if wanted is None:
            if len(entries) == 1:
                return entries[0]
            raise NotFound(f"Say which project with --project: {_listed(entries)}.")
        named = [entry for entry in entries if entry.name.casefold() == wanted.casefold()]
        if not named and len(wanted) >= 4:
            named = [entry for entry in entries if entry.project.hex().startswith(wanted.casefold())]
        if len(named) == 1:
            return named[0]
        if named:
            raise NotFound(f"Several projects are called “{wanted}”: name one by its id ({_ids(named)}).")
        raise NotFound(f"There is no project “{wanted}” here; there is {_listed(entries)}.")

    def entry(self, project: bytes) -> ProjectEntry:
        """What the vault holds of a project. Raises NotFound."""
        entry = self.vault.project(project)
        if entry is None:
            raise NotFound("This project is not on this device; join it with an invite's code.")
        return entry

    def open(self, project: bytes) -> Project:
        """The project, opened on this thread; the same object every time."""
        found = self._open.get(project)
        if found is None:
            found = self._open[project] = self.open_file(self.entry(project))
        return found

    def side(
        self, entry: ProjectEntry, project: Project, stopped: Callable[[], bool] = lambda: False
    ) -> SyncSide:
        """A project on some connection, as sync sees it; ``stopped`` is asked between slices of longer work."""
        return SyncSide(
            project,
            identity_of(entry),
            keys_of(entry),
            stopped,
            lambda identity: self._go_on_as(project, identity),
        )

    def _go_on_as(self, project: Project, identity: DeviceIdentity) -> None:
        """Keep a new key of this device, and write down whose it is. May run in the sync thread."""
        entry = replace(
            self.entry(identity.project), sign_seed=identity.sign_seed, kem_private=identity.kem_private
        )
        self.vault.put_project(entry)
        if (
            people.member_of_device(project, identity.device) is None
            and project.get_meta("role") != Role.VIEWER
        ):
            self.introduce(project, entry, add_person=False)

    def transport(self, entry: ProjectEntry) -> Transport:
        """The road to a project's server. Raises SitebookError where none is set."""
        if not entry.server:
            raise SitebookError(
                f"No server is set for “{entry.name}”, so everything stays on this device; "
                "set one with `sitebook project server ADDRESS`."
            )
        return self.make_transport(entry.server, identity_of(entry).signing, entry.certificate or None)

    def new_project(self, name: str, server: str = "", currency: str = "") -> ProjectEntry:
        """Found a project."""
        if not name.strip():
            raise SitebookError("A project needs a name.")
        founded = found_project(random=self.random, recovery=self.recovery())
        entry = self.make_file(name.strip(), server, founded.identity, (founded.epoch_key,), alone=True)
        try:
            project = self.open_file(entry)
            side = self.side(entry, project)
            side.add_own(founded.founding)
            self.grant_recovery(side, entry)
            project.furnish(name.strip(), currency)
            self.introduce(project, entry)
            project.close()
            self.vault.put_project(entry)
        except BaseException:
            self.discard_file(entry)
            raise
        return entry

    def make_file(
        self, name: str, server: str, identity: DeviceIdentity, keys: Sequence[EpochKey], *, alone: bool
    ) -> ProjectEntry:
        """Make a project's file, and the entry that opens it, which is not in the vault yet."""
        entry = self.make_entry(name, server, identity, keys)
        Project.make(
            self.vault.profile.project_path(identity.project),
            entry.file_key,
            project=identity.project,
            device=identity.device,
            clock=self.clock,
            random=self.random,
            alone=alone,
        ).close()
        return entry

    def make_entry(
        self, name: str, server: str, identity: DeviceIdentity, keys: Sequence[EpochKey]
    ) -> ProjectEntry:
        """The entry of a project whose file is still to be made."""
        return ProjectEntry(
            project=identity.project,
            name=name,
            server=server,
            file_key=self.random(32),
            sign_seed=identity.sign_seed,
            kem_private=identity.kem_private,
            member=identity.member,
            epoch_keys=tuple((key.compartment, key.epoch, key.key) for key in keys),
            created_ms=self.clock.now_ms(),
            recovery_device=self.vault.recovery.sign_public,
        )

    def open_file(self, entry: ProjectEntry, *, background: bool = False) -> Project:
        """Open a project's file on a connection of its own, to be closed by the caller.

        ``background``: for another thread than the one that the person writes on, whose writes go first.
        """
        return Project.open(
            self.vault.profile.project_path(entry.project),
            entry.file_key,
            device=identity_of(entry).device,
            clock=self.clock,
            random=self.random,
            lock=self._locks.setdefault(entry.project, WriteLock()),
            background=background,
        )

    def discard_file(self, entry: ProjectEntry) -> None:
        """Remove a project's file and attachments: it came to nothing, or the user wants it gone."""
        path = self.vault.profile.project_path(entry.project)
        for each in (path, path.with_name(path.name + "-wal"), path.with_name(path.name + "-shm")):
            with suppress(OSError):
                each.unlink(missing_ok=True)
        shutil.rmtree(self.vault.profile.attachments_path(entry.project), ignore_errors=True)

    def recovery(self) -> RecoveryPublic:
        """The public halves of the recovery key."""
        return self.vault.recovery

    def grant_recovery(self, side: SyncSide, entry: ProjectEntry) -> None:
        """Seal the project's keys to the recovery key, so that a lost machine loses no project."""
        for key in keys_of(entry):
            grant = seal_grant(
                project=entry.project,
                epoch_key=key,
                kem_public=self.vault.recovery.kem_public,
                device_key=identity_of(entry).signing,
            )
            side.put_grant(recipient_id(self.vault.recovery.kem_public), grant)

    def introduce(self, project: Project, entry: ProjectEntry, *, add_person: bool = True) -> None:
        """Write down whose device this is. ``add_person``: the user's role allows him to add himself."""
        who = self.vault.identity
        device = identity_of(entry).device
        people.introduce(
            project, entry.member, device, who.name, who.email, self._machine, add_person=add_person
        )

    def set_server(self, project: bytes, server: str, certificate: bytes = b"") -> None:
        """Set the address of a project's server; empty for none.

        ``certificate``: the fingerprint of the only one that is accepted; empty where this computer decides.
        """
        self.vault.put_project(
            replace(self.entry(project), server=server.strip().rstrip("/"), certificate=certificate)
        )

    def forget(self, project: bytes) -> None:
        """Remove a project from this device for good."""
        entry = self.entry(project)
        found = self._open.pop(project, None)
        if found is not None:
            found.close()
        self.vault.remove_project(project)
        self.discard_file(entry)

    # Sync, in one go

    def sync(self, project: bytes) -> SyncResult:
        """Run one full round with the server now. Raises Unreachable, or what else stood in the way."""
        entry = self.entry(project)
        transport = self.transport(entry)
        try:
            side = self.side(entry, self.open(project))
            with noted(SyncLog(side.store)) as note:
                result = run_until_idle(
                    Engine(side, transport, self.clock, self.random), self.clock, SYNC_LIMIT
                )
                note(result)
                return result
        finally:
            transport.close()

    def join(self, text: str, watch: JoinWatch | None = None) -> ProjectEntry:
        """Join a project by an invite's code. Raises Malformed, Refused, Unreachable, Cancelled.

        Then nothing is left but what was downloaded, which the next try goes on from.
        """
        from app.workspace.joining import join

        return join(self, text, watch)

    # People

    def members(self, project: bytes) -> list[Member]:
        """The members of a project, the founder first."""
        membership = load_membership(self.open(project))
        return sorted(membership.members.values(), key=lambda member: (member.depth, member.id))

    def membership(self, project: bytes) -> Membership:
        """The membership as this device knows it."""
        return load_membership(self.open(project))

    def me(self, project: bytes) -> bytes | None:
        """The person record that is the user of this profile."""
        return people.person_of_member(self.open(project), self.entry(project).member)

    def candidates(self, project: bytes) -> list[bytes]:
        """Person records that may be the user: same name or email, and nobody's yet."""
        who = self.vault.identity
        return [entry.id for entry in people.candidates(self.open(project), who.name, who.email)]

    def choose_person(self, project: bytes, person: bytes) -> None:
        """Say which person record the user is; one made for him by joining that nobody used goes."""
        opened = self.open(project)
        member = self.entry(project).member
        made = people.person_of_member(opened, member)
        people.link_person(opened, member, person)
        if made is not None and made != person:
            opened.delete(made)

    def set_role(self, project: bytes, member: bytes, role: Role) -> None:
        """Give a member a role; what its devices wrote so far counts as before."""
        entry, side = self._acting(project)
        found = side.membership.members.get(member)
        if found is None:
            raise NotFound("There is no such member in the project.")
        heads = {head.device: head for head in side.heads()}
        accepted = tuple(
            Accepted.of(heads.get(device.device) or Head(device.device, 1, device.since))
            for device in found.devices
            if not device.recovery
        )
        self._act(entry, side, RoleAction(member, role, accepted))

    # Invites

    def _acting(self, project: bytes) -> tuple[ProjectEntry, SyncSide]:
        entry = self.entry(project)
        return entry, self.side(entry, self.open(project))

    def _act(self, entry: ProjectEntry, side: SyncSide, action: RoleAction | Cancel) -> None:
        with side.sealing():
            seq, prev = side.next_place()
            key = side.identity.signing
            side.add_own(seal_action(side.membership, action, device_key=key, seq=seq, prev=prev))

    def invite(
        self, project: bytes, role: Role, *, next_device: bool = False, days: float | None = 7.0
    ) -> InviteCode:
        """Invite somebody, or another device of one's own; works offline. ``days`` until it expires."""
        entry, side = self._acting(project)
        if not entry.server:
            raise Refused(
                "An invite needs a server to meet at; set the project's server first "
                "(`sitebook project server ADDRESS`)."
            )
        with side.sealing():
            seq, prev = side.next_place()
            made = make_invite(
                membership=side.membership,
                identity=side.identity,
                seq=seq,
                prev=prev,
                keys=tuple(keys_of(entry)),
                role=role,
                expires_ms=None if days is None else self.clock.now_ms() + int(days * 86_400_000),
                next_device=next_device,
                server=entry.server,
                certificate=entry.certificate or None,
                random=self.random,
            )
            side.add_own(made.envelope)
        for grant in made.grants:
            side.put_grant(made.code.recipient, grant)
        return made.code

    def invites(self, project: bytes) -> list[InviteState]:
        """The invites that were made."""
        return sorted(self.membership(project).invites.values(), key=lambda invite: invite.id)

    def cancel_invite(self, project: bytes, invite: bytes) -> None:
        """Take an invite back: nobody can join by it any more, even where it reaches somebody first."""
        entry, side = self._acting(project)
        state = side.membership.invites.get(invite)
        if state is None:
            raise NotFound("There is no such invite; `sitebook project invites` lists them.")
        if state.cancelled:
            raise Refused("This invite is cancelled already.")
        self._act(entry, side, Cancel(invite))
        side.withdraw_grants_for(state.kem_public)


def identity_of(entry: ProjectEntry) -> DeviceIdentity:
    """The device's keys in a project."""
    return DeviceIdentity(entry.project, entry.sign_seed, entry.kem_private, entry.member)


def keys_of(entry: ProjectEntry) -> KeyRing:
    """The project's keys."""
    return KeyRing(tuple(EpochKey(*each) for each in entry.epoch_keys))


def _listed(entries: Sequence[ProjectEntry]) -> str:
    """The names for a sentence; where two are the same, with the beginnings of their ids."""
    names = [entry.name.casefold() for entry in entries]
    shown = [
        f"“{entry.name}”"
        + (f" ({entry.project.hex()[:8]})" if names.count(entry.name.casefold()) > 1 else "")
        for entry in entries[:8]
    ]
    return ", ".join(shown) + (" and more" if len(entries) > 8 else "")


def _ids(entries: Sequence[ProjectEntry]) -> str:
    return ", ".join(entry.project.hex()[:8] for entry in entries)
