"""The saved views in the side bar, with live counts."""

from __future__ import annotations

from functools import partial
from itertools import pairwise

from PySide6.QtCore import QPoint, QRect, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QMenu, QVBoxLayout, QWidget

from app.desktop.side_bar import SideScroll, SideSection
from app.desktop.translate import tr
from app.desktop.views.counts import ViewCounts
from app.desktop.views.entry import NameEdit, ViewEntry
from app.desktop.views.keeper import ViewKeeper
from app.desktop.widgets import Look, Size, Text
from app.desktop.workspace import Workspace
from app.workspace.views import SavedView

_LEAST_SHOWN = 3


class ViewShelf(SideSection):
    """The section of the side bar. It is hidden while there are no views."""

    open_asked = Signal(bytes)
    """Emits the view that is to be shown."""
    left = Signal()
    """A name was given, or given up: the list has the word again."""

    def __init__(self, look: Look, workspace: Workspace, keeper: ViewKeeper) -> None:
        super().__init__()
        self._look = look
        self.keeper = keeper
        self.counts = ViewCounts(workspace, self)
        self.entries: dict[bytes, ViewEntry] = {}
        self._narrow = False
        self._current: bytes | None = None
        self._new: NameEdit | None = None
        self._caption = Text(look, tr("Views"), size=Size.CAPTION, tone="muted", strong=True)
        gap = look.theme.metrics.gap
        self._caption.setContentsMargins(gap, 2 * gap, 0, gap // 2)
        self._inside = _Inside(look)
        self._column = QVBoxLayout(self._inside)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._scroll = SideScroll(look)
        self._scroll.hold(self._inside)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._caption)
        layout.addWidget(self._scroll)
        self.setAccessibleName(tr("Views"))
        keeper.changed.connect(self._follow)
        keeper.state_changed.connect(self._show_state)
        self.counts.counted.connect(self._show_count)
        look.theme.changed.connect(self._fit)
        self._follow()

    def set_narrow(self, narrow: bool) -> None:
        """Show only icons, or icons and names."""
        self._narrow = narrow
        self._caption.setVisible(not narrow)
        for entry in self.entries.values():
            entry.set_narrow(narrow)

    def set_current(self, view: bytes | None) -> None:
        """Mark the view that is shown."""
        self._current = view
        for entry in self.entries.values():
            entry.setChecked(entry.view.id == view)
        self._show_state()

    # Following

    def _follow(self) -> None:
        """Show the views there are, in their order; what stays keeps its entry, and the focus with it."""
        views = self.keeper.views
        for gone in self.entries.keys() - {view.id for view in views}:
            entry = self.entries.pop(gone)
            entry.hide()
            entry.deleteLater()
        for place, view in enumerate(views):
            entry = self.entries.get(view.id) or self._make(view)
            entry.show_view(view)
            if self._column.indexOf(entry) != place:
                self._column.insertWidget(place, entry)
        for first, second in pairwise(views):
            QWidget.setTabOrder(self.entries[first.id], self.entries[second.id])
        self.counts.follow(views)
        self.set_current(self._current)
        self._fit()

    def _make(self, view: SavedView) -> ViewEntry:
        entry = ViewEntry(self._look, view, self._inside)
        entry.set_narrow(self._narrow)
        entry.set_count(self.counts.count(view.id))
        entry.opened.connect(self.open_asked)
        entry.menu_asked.connect(self._show_menu)
        entry.rename_asked.connect(self.rename)
        entry.delete_asked.connect(self.keeper.delete)
        entry.pulled.connect(self._pulled)
        entry.dropped.connect(self._dropped)
        entry.step_asked.connect(self._step)
        entry.focus_asked.connect(self._focus)
        entry.show()
        self.entries[view.id] = entry
        return entry

    def _fit(self) -> None:
        """As tall as its views while there is room; then they scroll."""
        count = self._column.count()
        row = next(iter(self.entries.values())).sizeHint().height() if self.entries else 30
        self._scroll.fit(min(count, _LEAST_SHOWN) * row, count * row)
        self.setVisible(count > 0)

    def _show_count(self, view: bytes, count: int) -> None:
        if view in self.entries:
            self.entries[view].set_count(count)

    def _show_state(self) -> None:
        for entry in self.entries.values():
            view = entry.view
            shown = self.keeper.opened(view.spec.kind)
            opened = shown is not None and shown.id == view.id
            entry.show_changed(opened and self.keeper.is_changed(view.spec.kind))

    # Naming

    def name_new(self, kind: str) -> None:
        """Ask for the name of a new view, in place; it says what the desk of the kind shows."""
        if self._new is not None:
            return
        edit = self._new = NameEdit(self._look, "", self._inside)
        edit.setFixedHeight(self._look.theme.metrics.row - 2)
        self._column.addWidget(edit)
        self._fit()
        edit.taken.connect(partial(self._named, kind))
        edit.dropped.connect(self._not_named)
        edit.show()
        self._scroll.ensureWidgetVisible(edit)
        edit.setFocus(Qt.FocusReason.OtherFocusReason)

    def _named(self, kind: str, name: str) -> None:
        self._drop_new()
        view = self.keeper.create(kind, name)
        if view is not None:
            self.open_asked.emit(view.id)
        self.left.emit()

    def _not_named(self) -> None:
        self._drop_new()
        self.left.emit()

    def _drop_new(self) -> None:
        edit, self._new = self._new, None
        if edit is not None:
            self._column.removeWidget(edit)
            edit.hide()
            edit.deleteLater()
            self._fit()

    def rename(self, view: bytes) -> None:
        """Let the name of a view be typed in place."""
        entry = self.entries.get(view)
        if entry is not None and entry.name_edit is None and not self._narrow:
            entry.begin_rename().taken.connect(partial(self.keeper.rename, view))

    # Menu

    def _show_menu(self, view: bytes, at: QPoint) -> None:
        found = self.keeper.find(view)
        if found is None:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(tr("Rename"), partial(self.rename, view))
        menu.addAction(tr("Duplicate"), partial(self._duplicate, found))
        if self.keeper.member is not None:
            shared = found.owner is None
            words = tr("Only for me") if shared else tr("Share with the project")
            menu.addAction(words, lambda: self.keeper.share(view, shared=not shared))
        menu.addSeparator()
        menu.addAction(tr("Delete"), partial(self.keeper.delete, view))
        menu.popup(at)

    def _duplicate(self, view: SavedView) -> None:
        made = self.keeper.duplicate(view)
        if made is not None:
            self.rename(made.id)

    # Moving

    def _place(self, at: QPoint) -> int:
        """Before which view a point of the screen lies."""
        y = self._inside.mapFromGlobal(at).y()
        views = self.keeper.views
        return next(
            (place for place, view in enumerate(views) if y < self.entries[view.id].geometry().center().y()),
            len(views),
        )

    def _pulled(self, view: bytes, at: QPoint) -> None:
        place = self._place(at)
        views = self.keeper.views
        entry = self.entries[views[min(place, len(views) - 1)].id].geometry()
        self._inside.show_line(entry.top() if place < len(views) else entry.bottom())

    def _dropped(self, view: bytes, at: QPoint) -> None:
        self._inside.show_line(None)
        views = self.keeper.views
        place = self._place(at)
        before = views[place].id if place < len(views) else None
        if before != view:
            self.keeper.move(view, before)

    def _step(self, view: bytes, step: int) -> None:
        views = self.keeper.views
        place = next(at for at, each in enumerate(views) if each.id == view) + (step if step < 0 else 2)
        if 0 <= place <= len(views):
            self.keeper.move(view, views[place].id if place < len(views) else None)

    def _focus(self, view: bytes, step: int) -> None:
        views = self.keeper.views
        place = next(at for at, each in enumerate(views) if each.id == view) + step
        if 0 <= place < len(views):
            entry = self.entries[views[place].id]
            entry.setFocus(Qt.FocusReason.TabFocusReason)
            self._scroll.ensureWidgetVisible(entry)


class _Inside(QWidget):
    """What scrolls; over it the line where a dragged view would land."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._line = _Line(look, self)

    def show_line(self, top: int | None) -> None:
        """Show where a view would land; None for nowhere."""
        self._line.setVisible(top is not None)
        if top is not None:
            self._line.setGeometry(QRect(0, max(0, top - 1), self.width(), 2))
            self._line.raise_()


class _Line(QWidget):
    def __init__(self, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        self._look = look
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(QPen(self._look.theme.color("accent"), 2))
        painter.drawLine(0, 1, self.width(), 1)
