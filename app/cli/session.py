"""What a command works with: the open profile, the chosen project, its fields and names."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from app.cli.output import Output
from sync.errors import SitebookError

if TYPE_CHECKING:
    from app.domain.directory import Context
    from app.domain.fields import FieldSet
    from app.keys.entry import ProjectEntry
    from app.keys.profile import Profile
    from app.keys.recovery import RecoveryKey
    from app.keys.vault import Vault
    from app.query.frames import Frames
    from app.store.project import Project
    from app.workspace.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Options:
    """The global options."""

    profile: str | None = None
    project: str | None = None
    json: bool = False


class DeviceZone(tzinfo):
    """The time zone that the system is set to, with its changes of summer time."""

    def utcoffset(self, moment: datetime | None) -> timedelta | None:
        """The offset at a local time."""
        if moment is None:
            return None
        try:
            return moment.replace(tzinfo=None).astimezone().utcoffset()
        except (OverflowError, OSError, ValueError):  # beyond what the system's calendar knows
            return timedelta()

    def dst(self, moment: datetime | None) -> timedelta | None:
        """Unknown: the system does not tell."""
        return None

    def tzname(self, moment: datetime | None) -> str | None:
        """What the system calls it."""
        return None if moment is None else moment.replace(tzinfo=None).astimezone().tzname()

    def fromutc(self, moment: datetime) -> datetime:
        """The local time at a moment."""
        from datetime import UTC

        try:
            return moment.replace(tzinfo=UTC).astimezone().replace(tzinfo=self)
        except (OverflowError, OSError, ValueError):
            return moment


class Session:
    """One run of a command; what it needs is opened when it is first asked for."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.out = Output(as_json=options.json)
        self._workspace: Workspace | None = None
        self._vault: Vault | None = None

    def close(self) -> None:
        """Close whatever was opened."""
        if self._workspace is not None:
            self._workspace.close()
            self._workspace = None

    def let_go(self) -> None:
        """Close all for a while, so that another process may use the profile.

        The next use opens it again, with the key of before, and raises Busy while another process has it.
        """
        if self._workspace is not None:
            self._vault = self._workspace.vault
        self.close()
        for name in ("entry", "project", "attachments_directory"):
            self.__dict__.pop(name, None)
        self.forget_names()

    @cached_property
    def profile(self) -> Profile:
        """The profile's directory."""
        from app.keys.profile import Profile

        return Profile.at(self.options.profile or os.environ.get("SITEBOOK_PROFILE") or None)

    @property
    def passphrase(self) -> str | None:
        """The passphrase from the environment; an empty one counts as none."""
        return os.environ.get("SITEBOOK_PASSPHRASE") or None

    @property
    def recovery(self) -> RecoveryKey | None:
        """The recovery key from the environment."""
        words = os.environ.get("SITEBOOK_RECOVERY")
        if not words:
            return None
        from app.keys.recovery import RecoveryKey

        return RecoveryKey.parse(words)

    @property
    def workspace(self) -> Workspace:
        """The open profile. Raises SitebookError where it cannot be opened."""
        if self._workspace is None:
            from app.keys.errors import NeedsSecret
            from app.workspace.workspace import Workspace

            if self._vault is not None:
                self._workspace = Workspace(self._vault.again())
                return self._workspace
            try:
                self._workspace = Workspace.open_profile(
                    self.profile, self.passphrase, recovery=self.recovery
                )
            except NeedsSecret as error:
                if not error.has_passphrase or not can_ask():
                    raise
                self._workspace = Workspace.open_profile(self.profile, ask("Passphrase: "))
        return self._workspace

    def adopt(self, workspace: Workspace) -> None:
        """Go on with a profile that was just made."""
        self._workspace = workspace

    @cached_property
    def entry(self) -> ProjectEntry:
        """The chosen project. Raises NotFound."""
        return self.workspace.find(self.options.project)

    @cached_property
    def project(self) -> Project:
        """The chosen project's file, open."""
        return self.workspace.open(self.entry.project)

    @cached_property
    def attachments_directory(self) -> Path:
        """Where the files of the chosen project lie."""
        return self.workspace.vault.profile.attachments_path(self.entry.project)

    @cached_property
    def zone(self) -> tzinfo:
        """The device's time zone."""
        return DeviceZone()

    @cached_property
    def context(self) -> Context:
        """Names and the day, as values need them; the project as it is when first asked."""
        from app.domain.directory import Context, ProjectDirectory
        from app.domain.schema import PROJECT

        currency = self.project.column(PROJECT, "currency").get(self.project.record)
        return Context(
            ProjectDirectory(self.project, self.workspace.me(self.entry.project)),
            datetime.now(self.zone).date(),
            self.zone,
            currency if isinstance(currency, str) else "",
        )

    def forget_names(self) -> None:
        """Read the project's names anew: a command wrote some."""
        self.__dict__.pop("context", None)
        self.__dict__.pop("frames", None)

    @cached_property
    def frames(self) -> Frames:
        """The columns of the project, as it was when first asked: formulas, related fields, counts."""
        from app.query.frames import Frames

        return Frames(self.project, lambda: self.context)

    def fields(self, kind: str) -> FieldSet:
        """The fields of a kind in the chosen project."""
        from app.domain.fields import load_fields

        return load_fields(kind, self.project)


def can_ask() -> bool:
    """Whether a person sits at a terminal."""
    return sys.stdin is not None and sys.stdin.isatty() and sys.stderr is not None and sys.stderr.isatty()


def ask(prompt: str) -> str:
    """Ask for something secret at the terminal."""
    from getpass import getpass

    try:
        return getpass(prompt)
    except EOFError as error:
        raise SitebookError("No passphrase was given; set SITEBOOK_PASSPHRASE or type it.") from error
