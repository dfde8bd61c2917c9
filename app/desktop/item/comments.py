"""What people said about an item: the oldest first, what is new marked, what is settled folded away."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QVBoxLayout, QWidget

from app.desktop.editor.surroundings import Surroundings
from app.desktop.editor.text_style import TextStyle
from app.desktop.item.comment_card import CommentCard, Said
from app.desktop.item.comment_editor import CommentEditor
from app.desktop.item.desk import Desk
from app.desktop.item.speech import author_name
from app.desktop.translate import tr, tr_count
from app.desktop.widgets import Button, ButtonKind, Look, Size, Text
from app.domain.schema import COMMENT
from app.richtext.delta import Insert
from app.richtext.quoting import quoted
from app.store.records import Record
from app.store.touched import Touched
from sync.errors import SitebookError

FIRST = 12
"""So many of the newest comments are shown at once; each press shows so many more."""
_MOST_NEW = 40
"""So many are shown at once where more than usual are new."""
LOOK_MS = 1500
"""What is new counts as seen when it has been on the screen for so long."""


class _NewLine(QWidget):
    """Stands above the first comment that the user has not seen before."""

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self.setAccessibleName(tr("New since you last looked"))
        word = Text(look, tr("New"), size=Size.CAPTION, tone="accent", strong=True)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(8, 0, 8, 0)
        layout.addStretch(1)
        layout.addWidget(word)
        self._word = word
        look.theme.changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        middle = self.height() // 2
        QPainter(self).fillRect(8, middle, self._word.x() - 16, 1, self._look.theme.color("accent"))


class _Gone(QWidget):
    """Says that a comment was deleted, and takes that back."""

    undone = Signal()

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.button = Button(look, tr("Undo"), kind=ButtonKind.LINK)
        self.button.clicked.connect(self.undone)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(8, 0, 0, 0)
        layout.addWidget(Text(look, tr("The comment is in the trash."), tone="muted"))
        layout.addWidget(self.button)
        layout.addStretch(1)


class Comments(QWidget):
    """The comments, and a box for one's own. Up and down go from one comment to the next."""

    lines_changed = Signal()
    """Other comments stand there: what the Tab key reaches may be another."""
    news_changed = Signal(int)
    """Emits how many comments the user has not seen."""
    shown_asked = Signal(QWidget)
    """Emits what should be scrolled to."""
    history_asked = Signal(bytes)
    """Emits the comment whose history is wanted."""
    link_opened = Signal(str)
    record_opened = Signal(bytes)

    def __init__(
        self,
        desk: Desk,
        own: Callable[[], Collection[bytes]] = tuple,
        parent: QWidget | None = None,
    ) -> None:
        """``own`` gives the user's devices: what he wrote on another is not new to him."""
        super().__init__(parent)
        look = desk.look
        self._desk = desk
        self._own = own
        self._surroundings: Surroundings | None = None
        self._style = TextStyle(look.theme, self)
        self._record: bytes | None = None
        self._editable = True
        self._most = FIRST
        self._show_resolved = False
        self._new: frozenset[bytes] = frozenset()
        """What was new when the item was opened, or has come since."""
        self._unread: frozenset[bytes] = frozenset()
        self._deleted: bytes | None = None
        self._unsent: dict[bytes, list[Insert]] = {}
        self.cards: dict[bytes, CommentCard] = {}
        self._lines = QVBoxLayout()
        self._lines.setContentsMargins(0, 0, 0, 0)
        self._lines.setSpacing(2)
        self.resolved = Button(
            look, "", kind=ButtonKind.PLAIN, icon="check-circle", tone="muted", parent=self
        )
        self.resolved.clicked.connect(self._fold)
        self.earlier = Button(look, "", kind=ButtonKind.PLAIN, icon="caret-up", tone="muted", parent=self)
        self.earlier.clicked.connect(self._show_earlier)
        self._new_line = _NewLine(look, self)
        self._gone = _Gone(look, self)
        self._gone.undone.connect(self._take_back)
        self.undo = self._gone.button
        self.composer = CommentEditor(desk, tr("New comment"), tr("Write a comment"))
        self.box = self.composer.box
        self.files_dropped = self.composer.files_dropped
        self.send = Button(look, tr("Comment"), key=tr("Ctrl+Enter"), parent=self)
        self.send.clicked.connect(self._send)
        self.send.hide()
        self.composer.sent.connect(self._send)
        self.composer.given_up.connect(self._clear)
        self.composer.changed.connect(self._typed)
        self.box.link_opened.connect(self.link_opened)
        self.box.record_opened.connect(self.record_opened)
        self._problem = Text(look, size=Size.CAPTION, tone="danger", wrap=True, parent=self)
        self.looking = QTimer(self, singleShot=True, interval=LOOK_MS)
        self.looking.timeout.connect(self._looked)
        self._build()

    def _build(self) -> None:
        gap = self._desk.look.theme.metrics.gap
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(gap)
        layout.addWidget(self.resolved, 0, Qt.AlignmentFlag.AlignLeft)
        layout.addWidget(self.earlier, 0, Qt.AlignmentFlag.AlignLeft)
        layout.addLayout(self._lines)
        layout.addWidget(self._gone)
        inner = QVBoxLayout()
        inner.setContentsMargins(8, 0, 8, 0)
        inner.setSpacing(gap)
        inner.addWidget(self.composer)
        inner.addWidget(self._problem)
        inner.addWidget(self.send, 0, Qt.AlignmentFlag.AlignRight)
        layout.addLayout(inner)
        for each in (self.resolved, self.earlier, self._new_line, self._gone, self._problem):
            each.hide()

    # What is shown

    def show_record(self, record: Record) -> None:
        """Show what was said about a record; a comment that was begun waits until one comes back."""
        if record.id != self._record:
            self.rest()
            self._record = record.id
            self._most, self._show_resolved, self._deleted = FIRST, False, None
            self._new = frozenset()
            self._tell("")
            self.composer.write(self._unsent.pop(record.id, ()))
        self.set_editable(not record.deleted)

    def rest(self) -> None:
        """Nothing is shown any more; what was begun waits."""
        self.finish()
        self.looking.stop()
        if self._record is not None:
            self._unsent[self._record] = self.composer.document()
        self._record = None

    def set_editable(self, editable: bool) -> None:
        """Let comments be written, or only read."""
        self._editable = editable
        self.box.setEnabled(editable)
        self.composer.setVisible(editable)
        self._typed()
        self.refresh()

    def set_surroundings(self, surroundings: Surroundings | None) -> None:
        """Say who knows the names and pictures of what the comments point to."""
        self._surroundings = surroundings
        self.box.set_surroundings(surroundings)
        for card in self.cards.values():
            card.set_surroundings(surroundings)

    def names_changed(self) -> None:
        """Something that the comments point to is called otherwise now."""
        self.box.names_changed()
        for card in self.cards.values():
            card.names_changed()

    def refresh(self) -> None:
        """Show what is new, and what became of the comments that are shown."""
        record = self._record
        if record is None:
            return
        self._unread = frozenset(self._desk.source.unread_comments(record, self._own()))
        self._new |= self._unread
        standing = [each for each in self._standing(record) if not each.deleted]
        open_ = [each for each in standing if self._show_resolved or each.value("resolved") is not True]
        folded = sum(each.value("resolved") is True for each in standing)
        first = next((at for at, each in enumerate(open_) if each.id in self._new), len(open_))
        begin = max(0, min(len(open_) - self._most, max(first, len(open_) - _MOST_NEW)))
        shown = [self._said(each) for each in open_[begin:]]
        self._show(shown)
        self._say_more(folded, begin)
        self._gone.setVisible(self._deleted is not None and self._editable)
        self.news_changed.emit(len(self._unread))
        self._begin_looking()

    def _standing(self, parent: bytes) -> list[Record]:
        source = self._desk.source
        found = [source.get(each, COMMENT) for each in source.children(parent, COMMENT)]
        return [each for each in found if each is not None]

    def _said(self, view: Record) -> Said:
        author = self._desk.author(view.created.device)
        directory = self._desk.context.directory
        me = directory.people.get(directory.me) if directory.me is not None else None
        own = not view.created.name and (author.own or (me is not None and author.person == me.name))
        written = max((each.clock for state in view.fields.values() for each in state.live), default=0)
        return Said(
            view.id,
            view.created.name or author_name(author),
            own,
            view.created.at,
            edited=view.updated.at > written,
            sync=str(view.sync),
            resolved=view.value("resolved") is True,
            document=tuple(self._desk.source.text_document(view.id)),
            new=view.id in self._new,
            editable=self._editable,
        )

    def _show(self, shown: Sequence[Said]) -> None:
        before = {each: card.said for each, card in self.cards.items()}
        if [said.id for said in shown] == list(before):
            for said in shown:
                self._bring(self.cards[said.id], said)
        else:
            self._lay_out(shown)
        self._place_new_line(shown)

    def _lay_out(self, shown: Sequence[Said]) -> None:
        focused = next((each for each, card in self.cards.items() if _holds_focus(card)), None)
        order = list(self.cards)
        kept = {said.id: self.cards.pop(said.id, None) for said in shown}
        for card in self.cards.values():
            card.hide()
            card.deleteLater()
        self.cards = {}
        for place, said in enumerate(shown):
            card = kept[said.id] or self._make(said)
            self.cards[said.id] = card
            self._lines.removeWidget(card)
            self._lines.insertWidget(place, card)
            self._bring(card, said)
            card.show()
        if focused is not None and focused not in self.cards:
            self._enter_near(order, focused)
        self._one_stop()
        self.lines_changed.emit()

    def _make(self, said: Said) -> CommentCard:
        card = CommentCard(self._desk, said, self._style, self._surroundings)
        card.view.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        card.asked.connect(lambda deed, card=card: self._do(card, deed))
        card.stepped.connect(lambda step, card=card: self._step(card, step))
        card.entered.connect(self._one_stop)
        card.saved.connect(lambda card=card: self._save(card))
        card.editing_changed.connect(self.lines_changed)
        card.link_opened.connect(self.link_opened)
        card.record_opened.connect(self.record_opened)
        return card

    def _bring(self, card: CommentCard, said: Said) -> None:
        if card.editor is not None and said.document != card.said.document:
            state = self._desk.source.text_state(said.id)
            if state is not None:
                card.editor.receive(state)
        if card.said != said:
            card.show_comment(said)

    def _place_new_line(self, shown: Sequence[Said]) -> None:
        first = next((at for at, said in enumerate(shown) if said.new), None)
        self._lines.removeWidget(self._new_line)
        self._new_line.setVisible(first is not None)
        if first is not None:
            self._lines.insertWidget(first, self._new_line)

    def _say_more(self, folded: int, earlier: int) -> None:
        hide = tr_count("Hide %n resolved comment", "Hide %n resolved comments", folded)
        show = tr_count("Show %n resolved comment", "Show %n resolved comments", folded)
        self.resolved.say(hide if self._show_resolved else show)
        self.resolved.setVisible(bool(folded))
        self.earlier.say(tr_count("Show %n earlier comment", "Show %n earlier comments", earlier))
        self.earlier.setVisible(bool(earlier))

    def _fold(self) -> None:
        self._show_resolved = not self._show_resolved
        self.refresh()

    def _show_earlier(self) -> None:
        self._most += FIRST
        self.refresh()
        if not self.earlier.isVisible() and self.cards:
            next(iter(self.cards.values())).view.setFocus(Qt.FocusReason.OtherFocusReason)

    # Looking

    def _begin_looking(self) -> None:
        if self._unread and not self.looking.isActive():
            self.looking.start()
        elif not self._unread:
            self.looking.stop()

    def _looked(self) -> None:
        """What is new counts as seen once some of it has been on the screen of a window in front."""
        record = self._record
        if record is None or not self._unread:
            return
        seen = any(
            not self.cards[each].visibleRegion().isEmpty() for each in self._unread if each in self.cards
        )
        folded = not any(each in self.cards for each in self._unread)
        if self.window().isActiveWindow() and self.isVisible() and (seen or folded):
            self._desk.source.mark_comments_read(record)
            self._unread = frozenset()
            self.news_changed.emit(0)
        else:
            self.looking.start()

    def show_news(self) -> None:
        """Go to the first comment that the user has not seen."""
        card = next((card for card in self.cards.values() if card.said.new), None)
        if card is not None:
            card.view.setFocus(Qt.FocusReason.OtherFocusReason)
            self.shown_asked.emit(card)

    # What is done with a comment

    def _do(self, card: CommentCard, deed: str) -> None:
        said = card.said
        source = self._desk.source
        if deed == "quote":
            part = card.view.selected() or said.document
            self.composer.append(quoted(part, said.name))
            self.begin()
        elif deed == "resolve":
            self._desk.do(lambda: source.set(said.id, "resolved", None if said.resolved else True))
            self.refresh()
        elif deed == "edit":
            card.start_editing(source.text_state(said.id) or b"")
            self.shown_asked.emit(card)
        elif deed == "history":
            self.history_asked.emit(said.id)
        elif deed == "delete" and self._desk.do(lambda: source.delete(said.id)):
            self._deleted = said.id
            self.refresh()

    def _take_back(self) -> None:
        gone, self._deleted = self._deleted, None
        if gone is not None:
            self._desk.do(lambda: self._desk.source.restore(gone))
        self.refresh()
        if gone in self.cards:
            self.cards[gone].view.setFocus(Qt.FocusReason.OtherFocusReason)

    def _save(self, card: CommentCard) -> None:
        """Keep what was written in the place of a comment."""
        editor = card.editor
        if editor is None:
            return
        said, source, updates = card.said, self._desk.source, list(editor.updates)
        if updates and not editor.document():
            self._tell(tr("A comment needs some words; delete it to take it away."))
            return

        def write() -> Touched:
            for update in updates:
                source.draft_text(said.id, "text", editor.client, update)
            return source.finish_drafts()

        problem = self._desk.run(write) if updates else ""
        self._tell(problem)
        if not problem:
            card.stop_editing()
            self.refresh()

    def finish(self) -> None:
        """The user goes elsewhere: what he wrote anew is kept."""
        for card in list(self.cards.values()):
            if card.editor is not None:
                self._save(card)

    # The way of the keys

    def stops(self) -> list[QWidget]:
        """What the Tab key reaches, from top to bottom."""
        found: list[QWidget] = [self.resolved, self.earlier]
        for card in self.cards.values():
            found += card.stops()
        return [*found, self.undo, self.box, self.send]

    def _one_stop(self) -> None:
        """Of all comments one is a stop of the Tab key: the one that had the focus last, else the newest."""
        cards = list(self.cards.values())
        entered = next((card for card in cards if card.view.hasFocus()), None)
        if entered is None:
            tab = Qt.FocusPolicy.StrongFocus
            entered = next((card for card in cards if card.view.focusPolicy() == tab), None)
        if entered is None and cards:
            entered = cards[-1]
        for card in cards:
            stop = Qt.FocusPolicy.StrongFocus if card is entered else Qt.FocusPolicy.ClickFocus
            card.view.setFocusPolicy(stop)

    def _step(self, card: CommentCard, step: int) -> None:
        cards = list(self.cards.values())
        at = cards.index(card) + step
        target: QWidget
        if 0 <= at < len(cards):
            target = cards[at].view
            self.shown_asked.emit(cards[at])
        elif at >= len(cards) and self._editable:
            target = self.box
            self.shown_asked.emit(self.composer)
        else:
            return
        target.setFocus(Qt.FocusReason.OtherFocusReason)

    def _enter_near(self, order: Sequence[bytes], gone: bytes) -> None:
        """The comment with the focus went: go to the one that took its place."""
        at = order.index(gone)
        near = [each for each in (*order[at:], *reversed(order[:at])) if each in self.cards]
        target = self.cards[near[0]].view if near else self.box
        target.setFocus(Qt.FocusReason.OtherFocusReason)

    # Writing

    def begin(self) -> None:
        """Put the cursor into the box for one's own comment."""
        self.box.setFocus(Qt.FocusReason.OtherFocusReason)
        self.shown_asked.emit(self.composer)

    def _typed(self) -> None:
        self.send.setVisible(self._editable and bool(self.composer.document()))

    def _clear(self) -> None:
        self.composer.write()

    def _send(self) -> None:
        document = self.composer.document()
        if not document or self._record is None:
            return
        try:
            _, touched = self._desk.source.create(COMMENT, {"parent": self._record}, text=document)
        except SitebookError as error:
            self._tell(str(error))
            return
        self._tell("")
        self._clear()
        self._desk.announce(touched)
        self.refresh()

    def _tell(self, sentence: str) -> None:
        self._problem.setText(sentence)
        self._problem.setVisible(bool(sentence))


def _holds_focus(card: CommentCard) -> bool:
    focused = QApplication.focusWidget()
    return focused is not None and card.isAncestorOf(focused)
