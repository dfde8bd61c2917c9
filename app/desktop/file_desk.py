"""Where the files of the open project are, for everything in the window that shows one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from PySide6.QtCore import QObject, Qt, Signal

from app.desktop.session import FileFeed
from app.desktop.syncing.words import size_text
from app.desktop.transfer_thread import FileProgress
from app.desktop.translate import tr, tr_count
from app.store.core import Core
from app.store.file_places import Place, places


class FileDesk(QObject):
    """Remembers places until the thread says that they changed. Lives on the GUI thread."""

    changed = Signal(object)
    """Emits the attachments that are elsewhere now, or have a problem: a frozenset."""
    came = Signal(object)
    """Emits the attachments whose files are here now: a tuple."""
    progressed = Signal(object)
    """Emits the FileProgress."""

    def __init__(
        self, project: bytes, core: Core, feed: FileFeed | None, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._project = project
        self._core = core
        self._feed = feed
        self._places: dict[bytes, Place | None] = {}
        self.progress = FileProgress()
        if feed is not None:
            queued = Qt.ConnectionType.QueuedConnection
            feed.changed.connect(self._changed, queued)
            feed.came.connect(self._came, queued)
            feed.progressed.connect(self._progressed, queued)
            feed.open_first(project)

    @property
    def can_fetch(self) -> bool:
        """Whether there is a server to fetch files from."""
        return self._feed is not None

    def place(self, attachment: bytes) -> Place | None:
        """Where a file is; None where nothing is known of it yet."""
        if attachment not in self._places:
            self.ask([attachment])
        return self._places[attachment]

    def known(self, attachment: bytes) -> Place | None:
        """Where a file is, as far as it was asked for: while painting nothing is read."""
        return self._places.get(attachment)

    def ask(self, attachments: Sequence[bytes]) -> None:
        """Read the places of several at once."""
        new = [each for each in attachments if each not in self._places]
        if new:
            self._places.update(dict.fromkeys(new))
            self._places.update(places(self._core, new))

    def fetch(self, attachments: Sequence[bytes]) -> None:
        """The user waits for these: they say so at once."""
        if self._feed is not None:
            self._show_wanted(attachments, wanted=True)
            self._feed.want(self._project, attachments)

    def cancel(self, attachment: bytes) -> None:
        """The user does not want to wait any more."""
        if self._feed is not None:
            self._show_wanted([attachment], wanted=False)
            self._feed.want(self._project, [attachment], wanted=False)

    def _show_wanted(self, attachments: Sequence[bytes], *, wanted: bool) -> None:
        """Say it before the thread has written it down, which it tells by ``changed``."""
        for each in attachments:
            place = self._places.get(each)
            if place is not None and not place.held:
                self._places[each] = replace(place, wanted=wanted, problem="" if wanted else place.problem)
        self.changed.emit(frozenset(attachments))

    def share(self, attachment: bytes, size: int) -> int | None:
        """How much of a file that is being fetched came, in percent; None where it is not its turn."""
        if self.progress.file != attachment or not size:
            return None
        return min(99, round(100 * self.progress.got / size))

    def poke(self) -> None:
        """Something was attached."""
        if self._feed is not None:
            self._feed.poke(self._project)

    def _forget(self, attachments: Iterable[bytes]) -> None:
        for each in attachments:
            self._places.pop(each, None)

    def _changed(self, project: bytes, attachments: frozenset[bytes]) -> None:
        if project == self._project:
            self._forget(attachments)
            self.changed.emit(attachments)

    def _came(self, project: bytes, attachments: tuple[bytes, ...]) -> None:
        if project == self._project:
            self._forget(attachments)
            self.came.emit(attachments)

    def _progressed(self, project: bytes, progress: FileProgress) -> None:
        if project == self._project:
            self.progress = progress
            self.progressed.emit(progress)


def place_words(place: Place) -> tuple[str, str, str]:
    """Short words, whole words, and the icon for where a file is."""
    if place.problem:
        return tr("Not sent") if place.held else tr("Not here"), place.problem, "warning-circle"
    if not place.held and place.wanted:
        return tr("Coming …"), tr("On its way here; press to stop waiting for it"), "cloud-arrow-down"
    if not place.held:
        if place.served or place.others:
            return (
                tr("Not here"),
                tr("On the server, not on this device; press to fetch it"),
                "cloud-arrow-down",
            )
        return (
            tr("Not here yet"),
            tr("On another device, which has not given it to the server yet"),
            "cloud-arrow-down",
        )
    if place.others:
        words = tr_count("On %n device", "On %n devices", place.devices)
        return words, words, "laptop"
    if place.served:
        return tr("On the server"), tr("On this device and on the server"), "cloud-check"
    return tr("Only here"), tr("Only on this device"), "circle"


def queue_words(progress: FileProgress) -> str:
    """What waits in both directions, with the speed; empty where nothing does."""
    parts = []
    queue = progress.queue
    if queue.up:
        files = tr_count("%n file to send", "%n files to send", queue.up)
        parts.append(f"{files} ({size_text(queue.up_bytes)})")
    if queue.down:
        files = tr_count("%n file to fetch", "%n files to fetch", queue.down)
        parts.append(f"{files} ({size_text(queue.down_bytes)})")
    speed = progress.up_speed + progress.down_speed
    if parts and speed:
        parts.append(tr("{size} a second").format(size=size_text(round(speed))))
    return ", ".join(parts)
