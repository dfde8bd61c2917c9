"""One profile: a directory with one person's vault and projects, used by one process at a time.

Layout, everything readable by the owner only::

    vault.db             the vault, an encrypted SQLite file
    vault.slots          the vault's key, wrapped once for each way to open it
    vault.slots.copy     the same again
    projects/HEX.sitebook    one encrypted project file, HEX is the project's id
    projects/HEX.files/      its attachments
    profile.lock         held while Sitebook runs
    profile.pid          which process holds it, for the sentence that another one prints
    window.socket        by which a window that is open is asked to show something (``app.desktop.doorbell``)
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from filelock import FileLock, Timeout

from app.keys.files import PRIVATE_DIRECTORY, PRIVATE_FILE, plain_errors
from sync.errors import Busy


class Profile:
    """Where things lie, and the lock that keeps a second process out. Making one touches no disk."""

    def __init__(self, directory: Path) -> None:
        """``directory`` need not exist yet."""
        self.directory = directory
        self.vault_path = directory / "vault.db"
        self.slots_path = directory / "vault.slots"
        self.slots_copy_path = directory / "vault.slots.copy"
        self.projects_directory = directory / "projects"
        self._lock_path = directory / "profile.lock"
        self._holder_path = directory / "profile.pid"
        # A soft lock (a mere marker file) would outlive a killed process: without real locks, better say so.
        self._lock = FileLock(
            self._lock_path, timeout=0, mode=PRIVATE_FILE, thread_local=False, fallback_to_soft=False
        )

    @classmethod
    def at(cls, directory: str | Path | None) -> Profile:
        """The profile in ``directory``, else (None) in the system's place for this user's data."""
        if directory is None:
            from platformdirs import user_data_path

            return cls(user_data_path("sitebook", appauthor=False))
        return cls(Path(directory).expanduser().absolute())

    def project_path(self, project: bytes) -> Path:
        """The project file. Its directory exists while a vault is open that may write."""
        return self.projects_directory / f"{project.hex()}.sitebook"

    def attachments_path(self, project: bytes) -> Path:
        """The directory of the project's attachments, made by whoever writes the first."""
        return self.projects_directory / f"{project.hex()}.files"

    def prepare(self) -> list[Path]:
        """Makes the directory for the owner only; returns what was missing, outermost first.

        :raises SitebookError: the directory cannot be made.
        """
        with plain_errors(self.directory):
            missing = [path for path in (self.directory, *self.directory.parents) if not path.exists()]
            self.directory.mkdir(mode=PRIVATE_DIRECTORY, parents=True, exist_ok=True)
        return missing[::-1]

    def make_projects_directory(self) -> None:
        """Makes the directory of the project files.

        :raises SitebookError: it cannot be made.
        """
        with plain_errors(self.projects_directory):
            self.projects_directory.mkdir(mode=PRIVATE_DIRECTORY, exist_ok=True)

    def discard(self, made: list[Path]) -> None:
        """Takes back what :meth:`prepare` made, as far as it is empty but for the lock."""
        with suppress(OSError):  # not empty, gone, or (Windows) a lock file in use: then it stays
            if self.directory in made:
                self._holder_path.unlink(missing_ok=True)
                self._lock_path.unlink(missing_ok=True)
            for path in reversed(made):
                path.rmdir()

    def acquire(self) -> None:
        """Takes the lock, or counts one more use of it in this process.

        :raises Busy: another process has this profile open.
        :raises SitebookError: the directory cannot be written.
        """
        held = self._lock.is_locked
        with plain_errors(self.directory):
            try:
                self._lock.acquire()
            except Timeout as error:
                raise Busy(
                    f"Sitebook is already open for this profile{self._holder()}: close it and try again."
                ) from error
            if held:
                return
            try:
                self._holder_path.touch(PRIVATE_FILE)
                self._holder_path.write_text(f"{os.getpid()}\n", "ascii")
            except OSError:
                self._lock.release()
                raise

    def release(self) -> None:
        """Gives one use of the lock back; the last one lets other processes in."""
        self._lock.release()

    @property
    def locked(self) -> bool:
        """Whether this object holds the lock."""
        return self._lock.is_locked

    def _holder(self) -> str:
        try:
            process = self._holder_path.read_text("ascii").strip()
        except (OSError, UnicodeDecodeError):
            return ""  # it took the lock a moment ago and has not said yet who it is
        return f" (process {process})" if process.isdigit() else ""
