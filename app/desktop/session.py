"""The doors between the window and what lies behind it: a profile with its projects, the sync thread.

Everything goes by plain calls and comes back by value. What is slow (deriving a key from a
passphrase, joining over a network) is called on a worker thread; nothing else is called meanwhile.
Errors are ``SitebookError`` whose text is one sentence for the user.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from PySide6.QtCore import SignalInstance

if TYPE_CHECKING:
    from app.desktop.item.source import Authors
    from app.desktop.live.lines import Lines
    from app.store.attachments import Attachments
    from app.store.device_states import DeviceState
    from app.store.health import Progress
    from app.store.project import Project
    from app.workspace.checking import Checked
    from app.workspace.join_watch import JoinWatch


class ProfileState(StrEnum):
    """What is known of a profile before it is opened."""

    NEW = "new"
    """Nothing is there: the window offers the three ways in."""
    LOCKED = "locked"
    """A vault is there that the system's keyring does not open: a passphrase or the recovery key does."""
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class ProjectInfo:
    """One project of the profile. ``server`` is empty where none is set."""

    id: bytes
    name: str
    server: str = ""


@dataclass(frozen=True, slots=True)
class InviteInfo:
    """An invite that was given out. ``expires_ms`` is in UTC milliseconds; ``state`` is one word."""

    id: bytes
    role: str
    state: str
    expires_ms: int | None
    cancellable: bool = True


@dataclass(frozen=True, slots=True)
class PersonChoice:
    """A person record that may be the user who just joined."""

    id: bytes
    name: str
    detail: str


class SyncPhase(StrEnum):
    """What the sync of a project is doing."""

    ALONE = "alone"
    """No server is set."""
    OFFLINE = "offline"
    SYNCING = "syncing"
    SYNCED = "synced"


@dataclass(frozen=True, slots=True)
class SyncView:
    """The state of sync of one project, as the window tells it. Times are in UTC milliseconds.

    ``waiting`` are changes that the server lacks; ``photos`` are files that are only here; ``attention`` are
    things that wait for a person; ``problem`` is the last failure in one sentence, empty if there was none.
    """

    phase: SyncPhase
    waiting: int = 0
    attention: int = 0
    last_success_ms: int | None = None
    offline_since_ms: int | None = None
    problem: str = ""
    photos: int = 0


class SyncFeed(Protocol):
    """The sync thread as the window sees it; its signals arrive queued on the GUI thread."""

    @property
    def state_changed(self) -> SignalInstance:
        """Emits (project: bytes, view: SyncView)."""

    @property
    def touched(self) -> SignalInstance:
        """Emits (project: bytes, touched: Touched) after changes from elsewhere were applied."""

    @property
    def failed(self) -> SignalInstance:
        """Emits (project: bytes, sentence) of what the user asked for and could not be done."""

    @property
    def lines(self) -> Lines | None:
        """Who else is there, and where; None where nobody can tell."""

    def drop(self, project: bytes, hashed: bytes) -> None:
        """Take back here what the server refused."""

    def open_first(self, project: bytes) -> None:
        """Sync this project before the others: it is the one on the screen."""

    def poke(self, project: bytes) -> None:
        """Something was written here: send it soon."""

    def sync_now(self, project: bytes) -> None:
        """The user asks: try at once, whatever the waiting time was."""

    def stop(self) -> None:
        """End the thread, in under a second."""


class FileFeed(Protocol):
    """The thread in which files travel as the window sees it; its signals arrive queued on the GUI thread."""

    @property
    def progressed(self) -> SignalInstance:
        """Emits (project: bytes, progress: FileProgress)."""

    @property
    def changed(self) -> SignalInstance:
        """Emits (project: bytes, records: frozenset) of files that are elsewhere now."""

    @property
    def came(self) -> SignalInstance:
        """Emits (project: bytes, records: tuple) of files that are here now."""

    def want(self, project: bytes, files: Sequence[bytes], *, wanted: bool = True) -> None:
        """A person waits for some files, or does not any more."""

    def open_first(self, project: bytes) -> None:
        """The files of this project go before those of the others."""

    def poke(self, project: bytes) -> None:
        """Something was attached: look at once."""


class Session(Protocol):
    """One profile."""

    def state(self) -> ProfileState:
        """Whether the profile is new, locked or open."""

    def has_keyring(self) -> bool:
        """Whether the system keeps secrets: then a passphrase is the user's choice, else it is needed."""

    def create_vault(self, name: str, passphrase: str | None) -> Sequence[str]:
        """Make the vault of a new profile for the person ``name``; gives the recovery words. Slow."""

    def unlock(self, secret: str) -> None:
        """Open the vault by a passphrase or by the recovery words. Slow."""

    def person_name(self) -> str:
        """The user's name as he gave it."""

    def projects(self) -> Sequence[ProjectInfo]:
        """The projects, in the order of their names."""

    def new_project(self, name: str, server: str = "") -> ProjectInfo:
        """Found a project."""

    def join(self, code: str, watch: JoinWatch | None = None) -> ProjectInfo:
        """Join by an invite's code. Slow: it goes over the network. ``watch`` is told of it on the same thread."""

    def join_candidates(self, project: bytes) -> Sequence[PersonChoice]:
        """People of a project just joined whose name or email is the user's."""

    def choose_person(self, project: bytes, person: bytes) -> None:
        """Say which person record the user is."""

    def open_sample(self) -> ProjectInfo:
        """Bring the sample project in, or find it again. Slow."""

    def open(self, project: bytes) -> Project:
        """The project, opened on the calling thread; the same object every time."""

    def opener(self, project: bytes) -> Callable[[], Project]:
        """Opens the project once more, on the thread that calls it; to be closed there."""

    def me(self, project: bytes) -> bytes | None:
        """The person record of the user in this project; None where he has not said which."""

    def authors(self, project: bytes) -> Authors:
        """Who is behind the keys of the project's devices."""

    def attachments(self, project: bytes) -> Attachments | None:
        """The files of a project, on the calling thread; None where none can be kept."""

    def sync_feed(self) -> SyncFeed | None:
        """The sync thread, started; None where the window runs without one."""

    def file_feed(self) -> FileFeed | None:
        """The thread in which files travel, once the sync thread was asked for; None where there is none."""

    def set_server(self, project: bytes, address: str, certificate: bytes | None = None) -> None:
        """Set the server's address; empty for none. ``certificate``: fingerprint of the only one to accept.

        Without one, what was accepted for the same address stays.
        """

    def server_certificate(self, project: bytes) -> bytes | None:
        """Fingerprint of the server's certificate where the user has to accept it; None otherwise. Slow."""

    def check_everything(
        self, project: bytes, progress: Callable[[Progress], None], stopped: Callable[[], bool]
    ) -> Checked:
        """Compare a project with the server and the other devices, and mend it. Slow; both are called there."""

    def device_states(self, project: bytes) -> tuple[DeviceState | None, tuple[DeviceState, ...]]:
        """How far this device is, and what all devices told the server last. Slow."""

    def invite(self, project: bytes, role: str, *, me: bool, days: int) -> str:
        """Make an invite; gives the code to hand over."""

    def invites(self, project: bytes) -> Sequence[InviteInfo]:
        """The invites that were given out."""

    def cancel_invite(self, project: bytes, invite: bytes) -> None:
        """Take an invite back."""

    def export_project(self, project: bytes, file: Path) -> None:
        """Write everything of a project to ``file`` in open formats. Slow."""

    def backup(self, file: Path) -> None:
        """Write an encrypted copy of the whole profile to ``file``. Slow."""

    def setting(self, name: str, default: Any) -> Any:
        """A setting of this device."""

    def set_setting(self, name: str, value: Any) -> None:
        """Keep a setting of this device."""

    def close(self) -> None:
        """Close every project and the profile."""
