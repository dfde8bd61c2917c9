"""One comment: who said what when, and what can be done with it by pointer and keys."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QEnterEvent, QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QMenu, QVBoxLayout, QWidget

from app.desktop.editor.reading import ReadingView
from app.desktop.editor.surroundings import Surroundings
from app.desktop.editor.text_style import TextStyle
from app.desktop.glyphs import paint_avatar
from app.desktop.item.comment_editor import CommentEditor
from app.desktop.item.desk import Desk
from app.desktop.item.speech import exact
from app.desktop.tokens import Density
from app.desktop.translate import tr
from app.desktop.widgets import Button, ElidedText, IconButton, Look, Size, Surface, Text, paint_ring
from app.desktop.words import moment_text, record_sync_text
from app.richtext.delta import Insert, plain_text

_AVATAR = 24
_BUTTON = 26
_SIDE = 8
_EDGE = 6


@dataclass(frozen=True, slots=True)
class Said:
    """A comment as it is shown. ``at`` is when it was made, in ms UTC; ``new``: the user has not seen it before."""

    id: bytes
    name: str
    own: bool
    at: int
    edited: bool
    sync: str
    resolved: bool
    document: tuple[Insert, ...]
    new: bool = False
    editable: bool = True

    @property
    def text(self) -> str:
        """The text alone."""
        return plain_text(self.document).strip()


@dataclass(frozen=True, slots=True)
class Deed:
    """Something that can be done with a comment."""

    name: str
    title: str
    icon: str
    key: Qt.Key


class AvatarView(QWidget):
    """A person's initials."""

    def __init__(self, look: Look, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._name = name
        self.setFixedSize(_AVATAR, _AVATAR)

    def show_name(self, name: str) -> None:
        """Show another person."""
        self._name = name
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        paint_avatar(QPainter(self), QRectF(self.rect()), self._name, self._look.theme)


class _NewDot(QWidget):
    """Marks what the user has not seen before."""

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self.setFixedSize(8, 8)
        self.setToolTip(tr("New"))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._look.theme.color("accent"))
        painter.drawEllipse(QPointF(4, 4), 3.5, 3.5)


class _Foot(QWidget):
    """Ends the editing of a comment."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self.save = Button(look, tr("Save"), key=tr("Ctrl+Enter"))
        self.give_up = Button(look, tr("Cancel"), key=tr("Esc"))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 4, 0, 0)
        row.setSpacing(8)
        row.addStretch(1)
        row.addWidget(self.give_up)
        row.addWidget(self.save)


class CommentCard(QWidget):
    """Emits what the user asks for; what comes of it is shown with ``show_comment``."""

    asked = Signal(str)
    """Emits the name of the deed: quote, resolve, edit, history, delete."""
    stepped = Signal(int)
    """The user goes to the comment below (1) or above (-1)."""
    entered = Signal()
    """The focus has come to the comment."""
    saved = Signal()
    editing_changed = Signal()
    """An editor stands in the place of the words, or they again."""
    link_opened = Signal(str)
    record_opened = Signal(bytes)

    def __init__(
        self,
        desk: Desk,
        said: Said,
        style: TextStyle,
        surroundings: Surroundings | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        look = desk.look
        self._desk = desk
        self.said = said
        self._surroundings = surroundings
        self.editor: CommentEditor | None = None
        self._avatar = AvatarView(look, said.name)
        self._name = ElidedText(look, strong=True)
        self._when = Text(look, size=Size.CAPTION, tone="muted")
        self._dot = _NewDot(look)
        self.view = ReadingView(look, tr("Comment"), style, surroundings)
        self.view.link_opened.connect(self.link_opened)
        self.view.record_opened.connect(self.record_opened)
        self.view.installEventFilter(self)
        self._tools: Surface | None = None
        """The buttons, made when they are first seen: of a hundred comments few are pointed at."""
        self._buttons: dict[str, IconButton] = {}
        self._foot: _Foot | None = None
        self._build()
        look.theme.changed.connect(self._restyle)
        self.show_comment(said)
        self._restyle()

    def _build(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self._name, 0)
        head.addWidget(self._when, 0)
        head.addWidget(self._dot, 0, Qt.AlignmentFlag.AlignVCenter)
        head.addStretch(1)
        self._words = QVBoxLayout()
        self._words.setSpacing(4)
        self._words.addLayout(head)
        self._words.addWidget(self.view)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(_SIDE, _EDGE, _SIDE, _EDGE)
        layout.setSpacing(10)
        layout.addWidget(self._avatar, 0, Qt.AlignmentFlag.AlignTop)
        layout.addLayout(self._words, 1)

    def _restyle(self) -> None:
        touch = self._desk.look.theme.density is Density.TOUCH
        side = self._desk.look.theme.metrics.control if touch else _BUTTON
        for button in self._buttons.values():
            button.setFixedSize(side, side)
        self._place_tools()

    # What is shown

    def show_comment(self, said: Said) -> None:
        """Show the comment as it is now."""
        self.said = said
        self._avatar.show_name(said.name)
        self._name.show_text(said.name)
        parts = [moment_text(said.at, self._desk.now())]
        if said.edited:
            parts.append(tr("edited"))
        if said.resolved:
            parts.append(tr("resolved"))
        if said.sync != "synced":
            parts.append(record_sync_text(said.sync))
        self._when.setText(" · ".join(parts))
        self._when.setToolTip(exact(self._desk, said.at))
        self._dot.setVisible(said.new)
        self.view.show_document(said.document)
        spoken = tr("{person}, {when}: {text}").format(
            person=said.name, when=" · ".join(parts), text=said.text
        )
        self.view.setAccessibleName(tr("New: {comment}").format(comment=spoken) if said.new else spoken)
        self.setAccessibleName(spoken)
        self._make_buttons()

    def deeds(self) -> list[Deed]:
        """What can be done with this comment."""
        said = self.said
        found = []
        if said.editable:
            found.append(Deed("quote", tr("Quote"), "quotes", Qt.Key.Key_Q))
            resolve = tr("Reopen") if said.resolved else tr("Resolve")
            icon = "arrow-counter-clockwise" if said.resolved else "check-circle"
            found.append(Deed("resolve", resolve, icon, Qt.Key.Key_R))
        if said.editable and said.own:
            found.append(Deed("edit", tr("Edit"), "pencil-simple", Qt.Key.Key_E))
        if said.edited:
            found.append(Deed("history", tr("History"), "clock-counter-clockwise", Qt.Key.Key_H))
        if said.editable and said.own:
            found.append(Deed("delete", tr("Delete"), "trash", Qt.Key.Key_Delete))
        return found

    def _make_tools(self) -> Surface:
        made = Surface(self._desk.look, "surface", self)
        row = QHBoxLayout(made)
        # It stands over the time of a comment whose author has a long name.
        row.setContentsMargins(6, 0, 0, 0)
        row.setSpacing(0)
        made.hide()
        self._tools = made
        self._make_buttons()
        return made

    def _make_buttons(self) -> None:
        if self._tools is None:
            return
        deeds = self.deeds()
        layout = self._tools.layout()
        assert layout is not None
        for gone in set(self._buttons) - {deed.name for deed in deeds}:
            button = self._buttons.pop(gone)
            button.hide()
            button.deleteLater()
        for place, deed in enumerate(deeds):
            known = self._buttons.get(deed.name)
            key = "Del" if deed.key == Qt.Key.Key_Delete else deed.key.name.removeprefix("Key_")
            if known is None:
                button = IconButton(self._desk.look, deed.icon, deed.title, key=key, parent=self._tools)
                # The keys do the same, and a comment is one stop of the Tab key.
                button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
                button.clicked.connect(lambda _checked=False, name=deed.name: self.asked.emit(name))
                assert isinstance(layout, QHBoxLayout)
                layout.insertWidget(place, button)
                self._buttons[deed.name] = button
            else:
                known.set_icon(deed.icon, deed.title)
        self._restyle()

    def button(self, name: str) -> IconButton:
        """The button of a deed."""
        if self._tools is None:
            self._make_tools()
        return self._buttons[name]

    def set_surroundings(self, surroundings: Surroundings | None) -> None:
        """Say who knows the names and pictures of what the words point to."""
        self._surroundings = surroundings
        self.view.set_surroundings(surroundings)
        if self.editor is not None:
            self.editor.box.set_surroundings(surroundings)

    def names_changed(self) -> None:
        """Something that the words point to is called otherwise now."""
        self.view.names_changed()
        if self.editor is not None:
            self.editor.box.names_changed()

    # Editing in place

    def start_editing(self, state: bytes) -> None:
        """Put an editor in the place of the words."""
        if self.editor is not None:
            return
        editor = CommentEditor(self._desk, tr("Edit the comment"), "")
        self.editor = editor
        editor.box.set_surroundings(self._surroundings)
        editor.sent.connect(self.saved)
        editor.given_up.connect(self.stop_editing)
        self.view.hide()
        self._words.insertWidget(1, editor)
        self._foot = _Foot(self._desk.look)
        self._foot.save.clicked.connect(self.saved)
        self._foot.give_up.clicked.connect(self.stop_editing)
        self._words.addWidget(self._foot)
        self._show_tools()
        editor.open(state)
        editor.box.set_selection(editor.box.length() - 1, editor.box.length() - 1)
        editor.setFocus(Qt.FocusReason.OtherFocusReason)
        self.editing_changed.emit()

    def stop_editing(self) -> None:
        """Show the words again; what was written in the editor goes with it."""
        editor, self.editor = self.editor, None
        if editor is None:
            return
        focused = self.isAncestorOf(QApplication.focusWidget() or self.window())
        self.view.show()
        if focused:
            self.view.setFocus(Qt.FocusReason.OtherFocusReason)
        foot, self._foot = self._foot, None
        if foot is not None:
            foot.hide()
            foot.deleteLater()
        editor.hide()
        editor.close_text()
        editor.deleteLater()
        self.editing_changed.emit()

    def stops(self) -> list[QWidget]:
        """What the Tab key reaches."""
        if self.editor is not None and self._foot is not None:
            return [self.editor.box, self._foot.give_up, self._foot.save]
        return [self.view]

    # Hands

    def _place_tools(self) -> None:
        if self._tools is not None:
            hint = self._tools.sizeHint()
            top = _EDGE + (_AVATAR - hint.height()) // 2
            self._tools.setGeometry(self.width() - hint.width() - 4, max(0, top), hint.width(), hint.height())

    def _show_tools(self) -> None:
        focused = QApplication.focusWidget() is self.view
        shown = self.editor is None and (self.underMouse() or focused) and bool(self.deeds())
        if shown and self._tools is None:
            self._make_tools()
        if self._tools is not None:
            self._tools.setVisible(shown)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_tools()

    def enterEvent(self, event: QEnterEvent) -> None:
        self._show_tools()

    def leaveEvent(self, event: QEvent) -> None:
        self._show_tools()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
            self._desk.later(self._show_tools)
            self.update()
            if event.type() is QEvent.Type.FocusIn:
                self.entered.emit()
        return super().eventFilter(watched, event)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.view.hasFocus():
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            paint_ring(painter, QRectF(self.rect()), self._desk.look.theme)

    def meaning(self, event: QKeyEvent) -> Callable[[], object] | None:
        """What a key means while the comment has the focus."""
        if QApplication.focusWidget() is not self.view:
            return None
        key = Qt.Key(event.key())
        if event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            return None
        if key in (Qt.Key.Key_Down, Qt.Key.Key_J, Qt.Key.Key_Up, Qt.Key.Key_K):
            step = 1 if key in (Qt.Key.Key_Down, Qt.Key.Key_J) else -1
            return lambda: self.stepped.emit(step)
        if key == Qt.Key.Key_Backspace:
            key = Qt.Key.Key_Delete
        deed = next((each for each in self.deeds() if each.key == key), None)
        if deed is None:
            return None
        name = deed.name
        return lambda: self.asked.emit(name)

    def event(self, event: QEvent) -> bool:
        override = event.type() is QEvent.Type.ShortcutOverride
        if override and isinstance(event, QKeyEvent) and self.meaning(event) is not None:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        call = self.meaning(event)
        if call is None:
            super().keyPressEvent(event)
        else:
            call()

    def make_menu(self) -> QMenu:
        """What can be done, for those who have no keys at hand."""
        menu = QMenu(self)
        copy = menu.addAction(tr("Copy"))
        copy.setEnabled(bool(self.view.selected()))
        copy.triggered.connect(self.view.copy)
        menu.addSeparator()
        for deed in self.deeds():
            action = menu.addAction(self._desk.look.icons.icon(deed.icon), deed.title)
            action.triggered.connect(lambda _checked=False, name=deed.name: self.asked.emit(name))
        return menu

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if self.editor is None:
            menu = self.make_menu()
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            menu.popup(event.globalPos())


def comment_keys() -> list[tuple[str, str]]:
    """What the keys of a comment that has the focus do, for the page of shortcuts: the titles with the keys."""
    return [
        (tr("Edit the comment"), "E"),
        (tr("Resolve the comment, or reopen it"), "R"),
        (tr("Quote the comment, or what is selected in it"), "Q"),
        (tr("History of the comment"), "H"),
        (tr("Delete the comment"), "Del"),
        (tr("Next comment"), "Down"),
        (tr("Previous comment"), "Up"),
    ]
