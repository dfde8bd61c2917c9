"""The gallery's page: a filter, the grid, and what stands there while there is nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import overload

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from app.desktop.gallery.model import FIELDS, Shot, choose, newest_first, read_shots
from app.desktop.gallery.view import GalleryView
from app.desktop.item.viewer import PhotoViewer
from app.desktop.lists.empty import EmptyPlace, EmptyWords
from app.desktop.transfer_thread import FileProgress
from app.desktop.translate import tr, tr_count
from app.desktop.widgets import Button, Line, Look, Size, Surface, Text
from app.desktop.workspace import Workspace
from app.domain.schema import ATTACHMENT, COMMENT
from app.store.attached_file import AttachedFile
from app.store.attachments import Attachments
from app.store.touched import Touched


class GalleryPage(Surface):
    """All files of the project, or those of one record (``record``)."""

    back_asked = Signal()
    record_asked = Signal(bytes)

    def __init__(
        self, look: Look, workspace: Workspace, record: bytes | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(look, "surface", parent)
        self._workspace = workspace
        self._look = look
        self._record = record
        self._all: list[Shot] = []
        self._sizes: dict[bytes, int] = {}
        self.viewer: PhotoViewer | None = None
        self.setAccessibleName(tr("Photos and files"))
        self.view = GalleryView(look, workspace)
        self.filter = QLineEdit()
        self.filter.setPlaceholderText(tr("Filter by name, issue or person"))
        self.filter.setAccessibleName(tr("Filter by name, issue or person"))
        self.filter.setClearButtonEnabled(True)
        self.filter.setTextMargins(look.theme.metrics.gap - 2, 0, look.theme.metrics.gap - 2, 0)
        self.filter.setFixedWidth(round(256 * look.theme.metrics.base / 13))
        self.filter.installEventFilter(self)
        self.count = Text(look, tone="muted")
        self.photos = Button(look, tr("Only photos"), icon="image")
        self.photos.setCheckable(True)
        self.everywhere = Button(look, tr("Of the whole project"), icon="image-square")
        self.everywhere.setVisible(record is not None)
        self._no_files = EmptyWords(
            "image-square",
            tr("No photos yet"),
            tr(
                "Drop photos and files on an issue or a note, or paste them there: all of them show here by day."
            ),
        )
        self._none_found = EmptyWords(
            "magnifying-glass", tr("Nothing found"), tr("No photo or file here has these words.")
        )
        self.empty = EmptyPlace(look, self._no_files)
        self._build()
        self.filter.textChanged.connect(lambda _text: self._choose())
        self.photos.clicked.connect(lambda _checked=False: self._choose())
        self.everywhere.clicked.connect(lambda _checked=False: self._show_all())
        self.view.opened.connect(self.open)
        self.view.left.connect(self.back_asked)
        self.view.parent_asked.connect(self.record_asked)
        workspace.touched.connect(self._follow)
        if workspace.files is not None:
            workspace.files.came.connect(self.view.forget)
            workspace.files.changed.connect(self._moved)
            workspace.files.progressed.connect(self._progressed)

    def _build(self) -> None:
        metrics = self._look.theme.metrics
        head = QHBoxLayout()
        head.setContentsMargins(metrics.gap_large, metrics.gap_medium, metrics.gap_large, metrics.gap_medium)
        head.setSpacing(metrics.gap)
        title = tr("Photos and files")
        if self._record is not None:
            name = self._workspace.directory.heading(self._record)
            title = tr("Photos of {name}").format(name=name) if name else title
        head.addWidget(Text(self._look, title, size=Size.TITLE, strong=True))
        head.addWidget(self.count)
        head.addStretch(1)
        for each in (self.everywhere, self.photos, self.filter):
            head.addWidget(each)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(Line(self._look))
        column.addWidget(self.view, 1)
        column.addWidget(self.empty, 1)
        self.empty.hide()

    def start(self) -> None:
        """Read, and put the focus on the grid."""
        self._workspace.run_steps(self._load())
        self.view.setFocus(Qt.FocusReason.OtherFocusReason)

    def _load(self) -> Iterator[None]:
        yield from self._workspace.columns.load_steps(COMMENT, ("parent",))
        yield from self._workspace.columns.load_steps(ATTACHMENT, FIELDS)
        found: list[Shot] = []
        for number, shot in enumerate(read_shots(self._workspace.columns, self._workspace.now())):
            found.append(shot)
            if number % 200 == 199:
                yield
        yield from newest_first(found)
        yield
        self._all = found
        self._choose()

    def _follow(self, touched: Touched) -> None:
        if ATTACHMENT in touched.kinds.values():
            self._workspace.run_steps(self._load())

    def _show_all(self) -> None:
        self._record = None
        self.everywhere.hide()
        self._choose()

    def _choose(self) -> None:
        shots = choose(self._all, self.filter.text(), photos=self.photos.isChecked(), parent=self._record)
        self.view.show_shots(shots)
        if not shots and self.view.hasFocus():
            self.setFocus(Qt.FocusReason.OtherFocusReason)  # what is hidden would pass it to the side bar
        self.view.setVisible(bool(shots))
        if shots and self.hasFocus():
            self.view.setFocus(Qt.FocusReason.OtherFocusReason)
        of_record = [shot for shot in self._all if self._record in (None, shot.parent)]
        self.empty.set_words(self._none_found if of_record else self._no_files)
        self.empty.setVisible(not shots)
        self.count.setText(tr_count("%n file", "%n files", len(shots)) if self._all else "")

    # Files on their way

    def _moved(self, attachments: frozenset[bytes]) -> None:
        self.view.ask_places(attachments)

    def _progressed(self, progress: FileProgress) -> None:
        files = self._workspace.files
        if files is not None and progress.file is not None:
            store = self._workspace.attachments
            if progress.file not in self._sizes and store is not None:  # read once, not with each part
                self._sizes[progress.file] = store.file(progress.file).size
            share = files.share(progress.file, self._sizes.get(progress.file, 0))
            self.view.show_share(progress.file, share)
        else:
            self.view.show_share(None, None)

    # Hands

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """In the filter Esc takes the words away, then goes back to the pictures; so do Enter and Down."""
        if watched is self.filter and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() == Qt.Key.Key_Escape and self.filter.text():
                self.filter.clear()
                return True
            leaves = (Qt.Key.Key_Escape, Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Down)
            if event.key() in leaves and self.view.isVisible():
                self.view.setFocus(Qt.FocusReason.OtherFocusReason)
                return True
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.back_asked.emit()
            return
        super().keyPressEvent(event)

    def open(self, index: int) -> None:
        """Show a photo large; fetch what is not here; of other files show what they belong to."""
        shot, store, files = self.view.shots[index], self._workspace.attachments, self._workspace.files
        if store is None:
            return
        place = None if files is None else files.place(shot.record)
        if files is not None and place is not None and not place.held:
            if place.wanted:
                files.cancel(shot.record)
            else:
                files.fetch([shot.record])
            return
        if not shot.is_photo:
            self.record_asked.emit(shot.parent)
            return
        photos = [each for each in self.view.shots if each.is_photo]
        self.viewer = PhotoViewer(self._look, _Files(store, photos), photos.index(shot), self.window())
        self.viewer.closed.connect(self._viewed)

    def _viewed(self) -> None:
        self.viewer = None
        self.view.setFocus(Qt.FocusReason.PopupFocusReason)


class _Files(Sequence[AttachedFile]):
    """The files of shots, each read when it is looked at."""

    def __init__(self, store: Attachments, shots: Sequence[Shot]) -> None:
        self._store = store
        self._shots = shots

    def __len__(self) -> int:
        return len(self._shots)

    @overload
    def __getitem__(self, index: int) -> AttachedFile: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[AttachedFile]: ...
    def __getitem__(self, index: int | slice) -> AttachedFile | Sequence[AttachedFile]:
        if isinstance(index, slice):
            return _Files(self._store, self._shots[index])
        return self._store.file(self._shots[index].record)
