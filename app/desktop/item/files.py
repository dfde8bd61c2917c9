"""The photos and files of an item: added by dropping, pasting or choosing, while one goes on working."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QMimeData, Qt, Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QFileDialog, QVBoxLayout, QWidget

from app.desktop.file_desk import FileDesk
from app.desktop.item.desk import Desk
from app.desktop.item.flow import Flow
from app.desktop.item.tiles import AddTile, FileTile
from app.desktop.item.viewer import PhotoViewer
from app.desktop.pictures import png
from app.desktop.transfer_thread import FileProgress
from app.desktop.translate import tr
from app.desktop.widgets import Size, Text
from app.desktop.workers import Workers
from app.domain.schema import ATTACHMENT
from app.store.attached_file import AttachedFile
from app.store.attachments import Attachments, Sealed, seal_bytes, seal_file
from app.store.file_places import Place
from app.store.records import Record
from app.store.touched import Touched


class FileStrip(QWidget):
    """One tile a file, and one to add more. Bytes are read, encrypted and decoded on a worker thread."""

    _progressed = Signal(object)
    """Emits (name, bytes done, all bytes) from the worker."""

    def __init__(self, desk: Desk, store: Attachments | None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._store = store
        self._record: bytes | None = None
        self._editable = False
        self._waiting = 0
        self._stopped = False
        self._tiles: dict[bytes, FileTile] = {}
        self.workers = Workers(self)
        """Reads and encrypts what is added: one file after the other, which may take minutes."""
        self.lookers = Workers(self)
        """Makes the small pictures, which do not wait for that."""
        self.viewer: PhotoViewer | None = None
        self._places: FileDesk | None = None
        self._flow = Flow(desk.look.theme.metrics.gap, self)
        self.add = AddTile(desk.look, self._flow)
        self.add.setVisible(store is not None)
        self.add.clicked.connect(self._choose)
        self._problem = Text(desk.look, size=Size.CAPTION, tone="danger", wrap=True, parent=self)
        self._problem.hide()
        self._progressed.connect(self._show_progress)
        application = QCoreApplication.instance()
        assert application is not None
        application.aboutToQuit.connect(self.stop)
        self._flow.show_widgets([self.add])
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self._flow)
        layout.addWidget(self._problem)

    def follow(self, places: FileDesk) -> None:
        """Show where files are, and fetch those that are not here, by what is known of the whole project."""
        self._places = places
        places.changed.connect(self._moved)
        places.came.connect(self._came)
        places.progressed.connect(self._progressed_files)

    @property
    def tiles(self) -> dict[bytes, FileTile]:
        """The tiles by the ids of their attachments."""
        return self._tiles

    def stops(self) -> Sequence[QWidget]:
        """The controls in the order of the Tab key."""
        return [*self._tiles.values(), self.add]

    def show_record(self, record: Record) -> None:
        """Show the files of a record."""
        if record.id != self._record:
            self._tell("")
        self._record = record.id
        self._editable = not record.deleted and self._store is not None
        self.add.setEnabled(self._editable)
        self.add.setVisible(self._editable)
        self.refresh()

    def refresh(self) -> None:
        """Show which files there are now."""
        if self._record is None:
            return
        source = self._desk.source
        found: dict[bytes, FileTile] = {}
        for attachment in source.children(self._record, ATTACHMENT):
            tile = self._tiles.pop(attachment, None) or self._make_tile(attachment)
            found[attachment] = tile
        for gone in self._tiles.values():
            gone.hide()
            gone.deleteLater()
        self._tiles = found
        if self._places is not None:
            self._places.ask(list(found))
        self._flow.show_widgets(self.stops())
        self.setVisible(bool(found) or self._editable)
        self.updateGeometry()

    def _make_tile(self, attachment: bytes) -> FileTile:
        view = self._desk.source.get(attachment, ATTACHMENT)
        name, media = (view.value("name"), view.value("media_type")) if view is not None else ("", "")
        tile = FileTile(
            self._desk.look,
            attachment,
            name if isinstance(name, str) and name else tr("File"),
            media if isinstance(media, str) else "",
            self._flow,
        )
        tile.clicked.connect(partial(self._pressed, attachment))
        tile.fetch_asked.connect(self._fetch)
        tile.cancel_asked.connect(self._cancel)
        tile.save_asked.connect(self._save)
        tile.remove_asked.connect(self._remove)
        tile.show()
        self._look_again(attachment)
        return tile

    def _look_again(self, attachment: bytes) -> None:
        """Have a file's picture made, and look where it is."""
        store = self._store
        if store is not None:
            file = store.file(attachment)
            self.lookers.run(
                lambda: _look_at(file), partial(self._show_file, attachment), lambda _sentence: None
            )

    def _show_file(self, attachment: bytes, found: tuple[bool, QImage | None]) -> None:
        here, image = found
        tile = self._tiles.get(attachment)
        if tile is not None:
            known = None if self._places is None else self._places.place(attachment)
            tile.show_place(Place(held=here, served=False) if known is None else known)
            if image is not None:
                tile.show_image(image)

    # On their way

    def _pressed(self, attachment: bytes, _checked: bool = False) -> None:
        tile = self._tiles.get(attachment)
        if tile is not None and tile.here:
            self.view(attachment)

    def _fetch(self, attachment: bytes) -> None:
        places, tile = self._places, self._tiles[attachment]
        if places is None or not places.can_fetch:
            self._tell(
                tr("This file is on another device; set a server in the project's settings to fetch it.")
            )
            return
        tile.show_place(replace(tile.place, wanted=True, problem=""))
        places.fetch([attachment])

    def _cancel(self, attachment: bytes) -> None:
        tile = self._tiles[attachment]
        tile.show_place(replace(tile.place, wanted=False))
        if self._places is not None:
            self._places.cancel(attachment)

    def _moved(self, attachments: frozenset[bytes]) -> None:
        for attachment in attachments & self._tiles.keys():
            place = None if self._places is None else self._places.place(attachment)
            if place is not None:
                self._tiles[attachment].show_place(place)

    def _came(self, attachments: Sequence[bytes]) -> None:
        for attachment in attachments:
            if attachment in self._tiles:
                self._look_again(attachment)

    def _progressed_files(self, progress: FileProgress) -> None:
        tile = self._tiles.get(progress.file) if progress.file is not None else None
        if tile is not None and not tile.here and self._store is not None and self._places is not None:
            if not tile.bytes:  # the record is read once, not with each part that comes
                tile.bytes = self._store.file(tile.attachment).size
            tile.show_place(tile.place, self._places.share(tile.attachment, tile.bytes))

    # Adding

    def can_take(self, data: QMimeData) -> bool:
        """Whether what is held over the item, or pasted, are files or a picture."""
        return self._editable and (data.hasImage() or any(url.isLocalFile() for url in data.urls()))

    def take(self, data: QMimeData, then: Callable[[bytes], None] | None = None) -> None:
        """Add what was dropped or pasted; ``then`` is called with each attachment that was made of it."""
        paths = [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]
        if paths:
            self.add_files(paths, then)
        elif data.hasImage():
            image = QImage(data.imageData())
            name = tr("Picture {when}.png").format(when=self._desk.now().strftime("%Y-%m-%d %H.%M.%S"))
            self._start(name, lambda: png(image), then)

    def add_files(self, paths: Sequence[Path], then: Callable[[bytes], None] | None = None) -> None:
        """Add files; they are read on the worker, one after the other."""
        for path in paths:
            if path.is_dir():
                self._tell(tr("“{name}” is a folder; add the files in it.").format(name=path.name))
            else:
                self._start(path.name, partial(Path, path), then)

    def _start(
        self, name: str, content: Callable[[], Path | bytes], then: Callable[[bytes], None] | None = None
    ) -> None:
        store, record = self._store, self._record
        if store is None or record is None or not self._editable:
            return
        self._waiting += 1
        self._tell("")
        self.add.show_progress(tr("Adding {name}").format(name=name))
        directory, random = store.directory, store.project.random

        def seal() -> Sealed:
            found = content()
            if isinstance(found, bytes):
                return seal_bytes(name, found, directory, random, zone=store.zone)
            return seal_file(
                found,
                directory,
                random,
                zone=store.zone,
                progress=lambda done, whole: self._progressed.emit((name, done, whole)),
                cancelled=lambda: self._stopped,
            )

        self.workers.run(seal, partial(self._sealed, record, then), self._refused)

    def stop(self) -> None:
        """Let what is being added end at once: the window closes. Nothing half-done stays."""
        self._stopped = True
        self.workers.wait()
        self.lookers.wait()

    def _sealed(self, record: bytes, then: Callable[[bytes], None] | None, sealed: Sealed) -> None:
        self._ended()
        store = self._store
        assert store is not None
        made: list[bytes] = []

        def attach() -> Touched:
            attachment, touched = store.attach(record, sealed)
            made.append(attachment)
            return touched

        self._tell(self._desk.run(attach))
        self.refresh()
        if made and then is not None:
            then(made[0])

    def _refused(self, sentence: str) -> None:
        self._ended()
        self._tell(sentence)

    def _ended(self) -> None:
        self._waiting -= 1
        if not self._waiting:
            self.add.show_progress("")

    def _show_progress(self, step: tuple[str, int, int]) -> None:
        name, done, whole = step
        if self._waiting and whole:
            share = min(100, round(100 * done / whole))
            self.add.show_progress(tr("{name} {share} %").format(name=name, share=share))

    def _choose(self) -> None:
        dialog = QFileDialog(self, tr("Add photos or files"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.filesSelected.connect(lambda names: self.add_files([Path(name) for name in names]))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    # What is there

    def view(self, attachment: bytes, _checked: bool = False) -> None:
        """Show a photo large; of other files, save a copy that their own program can open."""
        store = self._store
        if store is None:
            return
        photos = [file for each in self._tiles if (file := store.file(each)).is_image]
        at = next((place for place, file in enumerate(photos) if file.record == attachment), None)
        if at is None:
            self._save(attachment)
            return
        self.viewer = PhotoViewer(self._desk.look, photos, at, self.window())
        self.viewer.closed.connect(partial(self._viewed, attachment))

    def _viewed(self, attachment: bytes) -> None:
        self.viewer = None
        tile = self._tiles.get(attachment)
        if tile is not None:
            tile.setFocus(Qt.FocusReason.PopupFocusReason)

    def _save(self, attachment: bytes) -> None:
        """Ask where to, and write a copy that other programs can open."""
        store = self._store
        tile = self._tiles.get(attachment)
        if store is None or tile is None or not tile.here:
            return
        file = store.file(attachment)
        dialog = QFileDialog(self, tr("Save a copy"))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.selectFile(tile.name)
        dialog.fileSelected.connect(
            lambda name: self.workers.run(lambda: file.save_to(Path(name)), lambda _done: None, self._tell)
        )
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def _remove(self, attachment: bytes) -> None:
        if not self._editable:
            return
        sentence = self._desk.run(lambda: self._desk.source.delete(attachment))
        self._tell(sentence)
        self.refresh()

    def _tell(self, sentence: str) -> None:
        self._problem.setText(sentence)
        self._problem.setVisible(bool(sentence))


def _look_at(file: AttachedFile) -> tuple[bool, QImage | None]:
    """Whether a file is here, and its small picture, if it has one. For a worker thread."""
    data = file.thumbnail()
    image = QImage.fromData(data) if data else QImage()
    return file.held(), None if image.isNull() else image
