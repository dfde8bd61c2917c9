"""The log taken into a file of its own, to compare a bundle with; it is removed afterwards."""

from __future__ import annotations

from contextlib import suppress

from app.store.project import Project
from app.store.receiving import Receiving
from sync.clock import Random
from sync.cookie import Cookie
from sync.epochs import KeyRing
from sync.identity import DeviceIdentity
from sync.transport.base import PullPage


class Replay:
    """A project file beside another one, made from the log page by page. Used by one thread."""

    def __init__(self, store: Project, identity: DeviceIdentity, keys: KeyRing, random: Random) -> None:
        """Raises SitebookError where the disk says no."""
        self.path = store.path.with_suffix(".replay")
        self.key = random(32)
        self._remove()
        self._file = Project.make(
            self.path,
            self.key,
            project=store.id,
            device=identity.device,
            clock=store.clock,
            random=random,
            alone=False,
        )
        self._side = Receiving(self._file, identity, keys)

    @property
    def cookie(self) -> Cookie | None:
        """Where the next page begins."""
        return self._side.cookie()

    def take(self, page: PullPage) -> int:
        """Take a page in; returns up to which version the log is here."""
        self._side.receive(page.wires, page.cookie, page.reset)
        return page.cookie.version

    def close(self) -> None:
        """Remove it."""
        self._file.close()
        self._remove()

    def _remove(self) -> None:
        for suffix in ("", "-wal", "-shm"):
            with suppress(OSError):
                self.path.with_name(self.path.name + suffix).unlink(missing_ok=True)
