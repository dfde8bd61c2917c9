"""The window's door to a real profile (``session.Session``): the workspace, and the sync thread beside it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from app.desktop.session import (
    InviteInfo,
    PersonChoice,
    ProfileState,
    ProjectInfo,
    SyncFeed,
    SyncPhase,
    SyncView,
)
from app.desktop.translate import tr
from app.domain.directory import Context, ProjectDirectory
from app.domain.schema import PROJECT
from app.keys.entry import Identity, ProjectEntry
from app.keys.errors import NeedsSecret, NoKeyring, WrongSecret
from app.keys.keyring_slot import Keyring, SystemKeyring
from app.keys.profile import Profile
from app.keys.recovery import RecoveryKey
from app.keys.vault import Vault
from app.store.project import Project
from app.workspace import people
from app.workspace.address import checked_server
from app.workspace.sample import SAMPLE_NAME, fill_sample
from app.workspace.workspace import Workspace, identity_of, keys_of
from sync.clock import SystemClock, system_random
from sync.errors import Malformed, SitebookError
from sync.invite import parse_code
from sync.membership_actions import Role

if TYPE_CHECKING:
    from app.desktop.item.source import Authors
    from app.desktop.sync_thread import Room, SyncedProject, SyncThread
    from app.desktop.transfer_thread import TransferProject, TransferRoom, TransferThread
    from app.store.attachments import Attachments
    from app.store.device_states import DeviceState
    from app.store.health import Progress
    from app.workspace.checking import Checked
    from app.workspace.join_watch import JoinWatch
    from sync.transfer import FileRoad
    from sync.transport.base import NoticeRoad

_SAMPLE_SETTING = "sample.project"
_LOGGER = logging.getLogger(__name__)


class ProfileSession:
    """One profile, opened with the system's keyring where that opens it. Used from the GUI thread.

    The methods that ``Session`` calls slow may run on a worker while nothing else of this is called.
    """

    def __init__(
        self,
        profile: Profile,
        today: Callable[[], date],
        *,
        passphrase: str | None = None,
        keyring: Keyring | None = None,
    ) -> None:
        self._profile = profile
        self._today = today
        self._keyring = keyring or SystemKeyring()
        self._workspace: Workspace | None = None
        self._feed: SyncThread | None = None
        self._transfers: TransferThread | None = None
        if Vault.exists(profile):
            try:
                self._workspace = Workspace.open_profile(profile, passphrase, keyring=self._keyring)
            except NeedsSecret:
                self._workspace = None

    @property
    def workspace(self) -> Workspace:
        """The open profile."""
        if self._workspace is None:
            raise SitebookError("Sitebook is locked; give the passphrase or the recovery key.")
        return self._workspace

    def state(self) -> ProfileState:
        """Whether the profile is new, locked or open."""
        if self._workspace is not None:
            return ProfileState.OPEN
        return ProfileState.LOCKED if Vault.exists(self._profile) else ProfileState.NEW

    def has_keyring(self) -> bool:
        """Whether the system keeps secrets."""
        from app.keys.keyring_slot import KeyringUnavailable

        try:
            self._keyring.get("sitebook", "probe")
        except KeyringUnavailable:
            return False
        return True

    def create_vault(self, name: str, passphrase: str | None) -> Sequence[str]:
        """Make the vault; gives the recovery words."""
        try:
            self._workspace, recovery = Workspace.create(
                self._profile, Identity(name, ""), passphrase, keyring=self._keyring
            )
        except NoKeyring as error:
            raise SitebookError(tr("This computer's keyring keeps no keys; choose a passphrase.")) from error
        return recovery.words().split()

    def unlock(self, secret: str) -> None:
        """Open the vault by the recovery words, where these are some, else by a passphrase."""
        recovery: RecoveryKey | None = None
        if len(secret.split()) >= 12:
            try:
                recovery = RecoveryKey.parse(secret)
            except Malformed:
                recovery = None
        passphrase = None if recovery is not None else secret
        try:
            self._workspace = Workspace.open_profile(
                self._profile, passphrase, recovery=recovery, keyring=self._keyring
            )
        except NeedsSecret as error:
            raise SitebookError(
                tr("Your projects have no passphrase; type the 24 words of your recovery key.")
            ) from error
        except WrongSecret as error:
            sentence = (
                tr("This passphrase is wrong; type it again, or type the words of your recovery key.")
                if recovery is None
                else tr(
                    "This recovery key is another one's; type the words that were shown for this profile."
                )
            )
            raise SitebookError(sentence) from error

    def person_name(self) -> str:
        """The user's name."""
        return "" if self._workspace is None else self._workspace.vault.identity.name

    def projects(self) -> list[ProjectInfo]:
        """The projects, by name."""
        return [] if self._workspace is None else [_info(entry) for entry in self._workspace.projects()]

    def new_project(self, name: str, server: str = "") -> ProjectInfo:
        """Found a project."""
        return self._added(self.workspace.new_project(name, server))

    def join(self, code: str, watch: JoinWatch | None = None) -> ProjectInfo:
        """Join by an invite's code; a code that cannot be one is told before anything is made."""
        parse_code(code)
        return self._added(self.workspace.join(code, watch))

    def join_candidates(self, project: bytes) -> list[PersonChoice]:
        """People who may be the user."""
        opened = self.open(project)
        wanted = set(self.workspace.candidates(project))
        return [
            PersonChoice(entry.id, entry.name, " · ".join(filter(None, (entry.company, entry.email))))
            for entry in people.person_entries(opened)
            if entry.id in wanted
        ]

    def choose_person(self, project: bytes, person: bytes) -> None:
        """Say which person record the user is."""
        self.workspace.choose_person(project, person)

    def open_sample(self) -> ProjectInfo:
        """Bring the sample project in, or find it again."""
        known = self.workspace.vault.setting(_SAMPLE_SETTING, "")
        found = (
            self.workspace.vault.project(bytes.fromhex(known)) if isinstance(known, str) and known else None
        )
        if found is not None:
            return _info(found)
        entry = self.workspace.new_project(SAMPLE_NAME, currency="GBP")
        project = self.workspace.open_file(entry)
        try:
            fill_sample(project, self._today())
        finally:
            project.close()
        self.workspace.vault.set_setting(_SAMPLE_SETTING, entry.project.hex())
        return self._added(entry)

    def open(self, project: bytes) -> Project:
        """The project on the GUI thread's connection."""
        return self.workspace.open(project)

    def opener(self, project: bytes) -> Callable[[], Project]:
        """Opens the project once more, on the thread that calls it."""
        workspace = self.workspace
        entry = workspace.entry(project)
        return lambda: workspace.open_file(entry, background=True)

    def me(self, project: bytes) -> bytes | None:
        """The person record of the user."""
        return self.workspace.me(project)

    def authors(self, project: bytes) -> Authors:
        """Who is behind the keys of devices."""
        from app.desktop.item.authors import ProjectAuthors

        opened = self.open(project)
        return ProjectAuthors(opened, opened.device, self.person_name())

    def attachments(self, project: bytes) -> Attachments:
        """The files of a project, which lie encrypted beside it."""
        from app.store.attachments import Attachments

        zone = datetime.now().astimezone().tzinfo or UTC
        return Attachments(self.open(project), self._profile.attachments_path(project), zone=zone)

    # Sync

    def sync_feed(self) -> SyncFeed:
        """The sync thread, running."""
        if self._feed is None:
            from app.desktop.sync_thread import SyncThread

            self._feed = SyncThread(SystemClock(), system_random)
            self._transfers = self._make_transfers(self._feed)
            for entry in self.workspace.projects():
                self._keep_in_step(entry.project)
            self._feed.begin()
            self._transfers.begin()
        return self._feed

    def file_feed(self) -> TransferThread | None:
        """The thread in which files travel, running once ``sync_feed`` was asked for."""
        return self._transfers

    def _make_transfers(self, feed: SyncThread) -> TransferThread:
        from app.desktop.transfer_thread import TransferThread

        transfers = TransferThread(SystemClock())
        # A round of sync brought records of files, or said that the server has another history.
        feed.synced.connect(lambda project, _result: transfers.poke(project))
        transfers.changed.connect(lambda project, _records: feed.look_again(project))
        away: set[bytes] = set()

        def follow(project: bytes, view: SyncView) -> None:
            """Changes get through again: so may files, whatever their wait was."""
            if view.phase is SyncPhase.OFFLINE:
                away.add(project)
            elif view.phase is SyncPhase.SYNCED and project in away:
                away.discard(project)
                transfers.network_changed()

        feed.state_changed.connect(follow)
        return transfers

    def _keep_in_step(self, project: bytes) -> None:
        if self._feed is not None and self._transfers is not None:
            self._feed.add(self._synced(project))
            self._transfers.add(self._transferred(project))

    def _added(self, entry: ProjectEntry) -> ProjectInfo:
        self._keep_in_step(entry.project)
        return _info(entry)

    def _transferred(self, project: bytes) -> TransferProject:
        from app.desktop.transfer_thread import TransferProject, TransferRoom
        from app.store import file_places
        from app.store.transfers import FileTransfers
        from app.workspace.bundling import confirmer, publisher
        from app.workspace.telling import Teller
        from sync.transfer import Transfers

        workspace, feed = self.workspace, self._feed
        directory = self._profile.attachments_path(project)
        assert feed is not None

        def enter(stopped: Callable[[], bool]) -> TransferRoom | None:
            entry = workspace.entry(project)
            if not entry.server:
                return None
            opened = workspace.open_file(entry, background=True)
            try:
                transport = workspace.transport(entry)
                store = FileTransfers(opened, directory, identity_of(entry).signing, keys_of(entry))
            except BaseException:
                opened.close()
                raise
            files = Transfers(
                store,
                cast("FileRoad", transport),
                workspace.clock,
                workspace.random,
                lambda: feed.is_busy(project),
            )
            publishes = publisher(workspace, entry, transport)
            confirms = confirmer(workspace, entry, opened, transport)
            identity, keys = identity_of(entry), keys_of(entry)
            tells = Teller(opened, cast("NoticeRoad", transport), identity, keys, workspace.clock)
            return TransferRoom(
                (files, tells, publishes, confirms),
                transport,
                lambda: file_places.queue(opened),
                lambda records, wanted: file_places.want(opened, records, wanted=wanted),
                opened.close,
            )

        return TransferProject(project, enter)

    def _synced(self, project: bytes) -> SyncedProject:
        from app.desktop.live.line import Line, present_devices
        from app.desktop.sync_thread import Room, SyncedProject
        from app.store.sync_log import SyncLog

        workspace = self.workspace

        def enter(stopped: Callable[[], bool]) -> Room:
            entry = workspace.entry(project)
            opened = workspace.open_file(entry, background=True)
            try:
                transport = workspace.transport(entry) if entry.server else None
                side = workspace.side(entry, opened, stopped)
            except BaseException:
                opened.close()
                raise
            self._tidy(opened, project)
            return Room(
                side,
                transport,
                opened.status,
                opened.close,
                side.drop_refused,
                opened.maintain,
                SyncLog(opened),
                line=lambda heard, moved: Line(
                    entry, heard, moved, clock=workspace.clock, random=workspace.random
                ),
                members=lambda: (present_devices(side.membership), keys_of(entry)),
            )

        return SyncedProject(project, enter)

    def _tidy(self, opened: Project, project: bytes) -> None:
        """Remove what a crash left of files that were never attached."""
        from app.store.attachments import Attachments

        try:
            Attachments(opened, self._profile.attachments_path(project)).collect()
        except SitebookError as error:
            _LOGGER.warning("left-over pieces of attachments stay: %s", error)

    def set_server(self, project: bytes, address: str, certificate: bytes | None = None) -> None:
        """Set the server's address, and the fingerprint of the only certificate to accept."""
        address = checked_server(address)
        entry = self.workspace.entry(project)
        if certificate is None:
            certificate = entry.certificate if address == entry.server else b""
        self.workspace.set_server(project, address, certificate)
        self._keep_in_step(project)

    def server_certificate(self, project: bytes) -> bytes | None:
        """Fingerprint of the server's certificate where the user has to accept it."""
        from sync.transport.http_client import shown_certificate

        entry = self.workspace.entry(project)
        if not entry.server.startswith("https://"):
            return None
        return shown_certificate(entry.server, self.workspace.clock, entry.certificate or None)

    def check_everything(
        self, project: bytes, progress: Callable[[Progress], None], stopped: Callable[[], bool]
    ) -> Checked:
        """Compare a project with the server and the other devices, and mend it."""
        from app.workspace.checking import check_everything

        opened = self.workspace.open_file(self.workspace.entry(project), background=True)
        try:
            return check_everything(self.workspace, project, progress, stopped, opened)
        finally:
            opened.close()

    def device_states(self, project: bytes) -> tuple[DeviceState | None, tuple[DeviceState, ...]]:
        """How far this device is, and what all devices told the server last."""
        from app.workspace.telling import read_states

        entry = self.workspace.entry(project)
        opened = self.workspace.open_file(entry, background=True)
        try:
            return read_states(self.workspace, entry, opened)
        finally:
            opened.close()

    # People

    def invite(self, project: bytes, role: str, *, me: bool, days: int) -> str:
        """Make an invite; gives the code."""
        code = self.workspace.invite(project, Role(role), next_device=me, days=days)
        if self._feed is not None:
            self._feed.poke(project)
        return code.text()

    def invites(self, project: bytes) -> list[InviteInfo]:
        """The invites that were given out."""
        now = self.workspace.clock.now_ms()
        found = []
        for state in self.workspace.invites(project):
            expired = state.expires_ms is not None and state.expires_ms <= now
            word = (
                "cancelled"
                if state.cancelled
                else "used"
                if state.joined
                else "expired"
                if expired
                else "open"
            )
            found.append(InviteInfo(state.id, str(state.role), word, state.expires_ms, word == "open"))
        return found

    def cancel_invite(self, project: bytes, invite: bytes) -> None:
        """Take an invite back."""
        self.workspace.cancel_invite(project, invite)
        if self._feed is not None:
            self._feed.poke(project)

    # The user's own copy

    def export_project(self, project: bytes, file: Path) -> None:
        """Write everything of a project to a file in open formats."""
        from app.interchange.project_export import export_project
        from app.store.attachments import Attachments

        opened = self.workspace.open_file(self.workspace.entry(project), background=True)
        try:
            attachments = Attachments(opened, self._profile.attachments_path(project))
            currency = opened.field(opened.record, "currency", PROJECT).value
            context = Context(
                ProjectDirectory(opened, self.workspace.me(project)),
                self._today(),
                datetime.now().astimezone().tzinfo or UTC,
                currency if isinstance(currency, str) else "",
            )
            names = people.author_names(opened)
            export_project(
                opened,
                attachments,
                file,
                keys=keys_of(self.workspace.entry(project)),
                context=context,
                author=lambda device: names.get(people.device_record(device), ""),
            )
        finally:
            opened.close()

    def backup(self, file: Path) -> None:
        """Write an encrypted copy of the whole profile."""
        from app.interchange.backup import backup

        backup(self.workspace.vault, file, clock=self.workspace.clock)

    def setting(self, name: str, default: Any) -> Any:
        """A setting of this device."""
        return default if self._workspace is None else self._workspace.vault.setting(name, default)

    def set_setting(self, name: str, value: Any) -> None:
        """Keep a setting of this device."""
        if self._workspace is not None:
            self._workspace.vault.set_setting(name, value)

    def close(self) -> None:
        """Stop the sync and close everything."""
        if self._transfers is not None:
            self._transfers.stop()
            self._transfers = None
        if self._feed is not None:
            self._feed.stop()
            self._feed = None
        if self._workspace is not None:
            self._workspace.close()
            self._workspace = None


def _info(entry: ProjectEntry) -> ProjectInfo:
    return ProjectInfo(entry.project, entry.name, entry.server)
