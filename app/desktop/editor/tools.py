"""All tools of one editor: its commands with their keys, menus at the cursor, bars, marks."""

from __future__ import annotations

from typing import TypeVar

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from app.desktop.commands import key_text
from app.desktop.editor.commands import EditorCommand, Group, editor_commands
from app.desktop.editor.completion import Completion, Finder
from app.desktop.editor.dictionary import Speller
from app.desktop.editor.editing import Editing, widget_of
from app.desktop.editor.find import FindBar
from app.desktop.editor.keys import CommandKeys
from app.desktop.editor.link_box import LinkBox
from app.desktop.editor.marks import TextMarks
from app.desktop.editor.slash import SlashMenu
from app.desktop.editor.spelling import Spelling
from app.desktop.editor.toolbar import SelectionBar
from app.desktop.floating import FloatingPanel
from app.desktop.translate import tr
from app.desktop.widgets import Look
from app.richtext.formats import is_opened
from app.richtext.formatting import link_at

_Panel = TypeVar("_Panel", bound=FloatingPanel)


class EditorTools(QObject):
    """Belongs to its editor. What floats is made when it is first needed: the editor has its window then.

    ``finder`` completes links where there is one, ``speller`` checks words.
    """

    def __init__(
        self, look: Look, editor: Editing, finder: Finder | None = None, speller: Speller | None = None
    ) -> None:
        widget = widget_of(editor)
        super().__init__(widget)
        self._look = look
        self._editor = editor
        self.commands = editor_commands()
        self.marks = TextMarks(editor)
        self.keys = CommandKeys(editor, self, self.commands)
        self._bar: SelectionBar | None = None
        self._find: FindBar | None = None
        self._link: LinkBox | None = None
        self.slash = SlashMenu(look, editor)
        self.completion = Completion(look, editor, finder) if finder is not None else None
        self.spelling = Spelling(look, editor, self.marks, speller) if speller is not None else None
        editor.selection_changed.connect(self._selection_changed)
        editor.menu_shown.connect(self.fill_menu)

    def _selection_changed(self) -> None:
        if self._bar is None and self._editor.binding is not None:
            start, stop = self._editor.selection()
            if start < stop:
                self.bar.selection_made()

    @property
    def bar(self) -> SelectionBar:
        """The bar over a selection."""
        if self._bar is None:
            bar = SelectionBar(self._look, self._editor, self, self.commands, self._window)
            self._bar = self._kept(bar)
        return self._bar

    @property
    def find_bar(self) -> FindBar:
        """The bar that finds and replaces."""
        if self._find is None:
            self._find = self._kept(FindBar(self._look, self._editor, self.marks, self._window))
        return self._find

    @property
    def link_box(self) -> LinkBox:
        """The box of a link."""
        if self._link is None:
            self._link = self._kept(LinkBox(self._look, self._editor, self._window))
        return self._link

    @property
    def _window(self) -> QWidget:
        return widget_of(self._editor).window()

    def _kept(self, panel: _Panel) -> _Panel:
        """A panel of the window goes when the editor does."""
        self.destroyed.connect(panel.deleteLater)
        return panel

    # What commands ask for

    def edit_link(self) -> None:
        """See or set the address of the link at the cursor."""
        self.link_box.start()

    def open_link(self) -> None:
        """Go where the link at the cursor leads, if it is an address that is opened."""
        known = link_at(self._editor, self._editor.selection()[1])
        if known is not None and is_opened(known[2]):
            self._editor.link_opened.emit(known[2])

    def find(self) -> None:
        """Find in the text."""
        self.find_bar.start()

    def find_next(self, by: int) -> None:
        """Go to the next find, or the one before."""
        self.find_bar.go(by)

    def replace(self) -> None:
        """Find and replace in the text."""
        self.find_bar.start(replace=True)

    def show_toolbar(self) -> None:
        """Go into the bar of formats."""
        self.bar.start()

    # The context menu

    def fill_menu(self, menu: QMenu, position: int) -> None:
        """Add formats and finding to the menu of the text, and words for one that is misspelt."""
        if not self._editor.isReadOnly():
            menu.addSeparator()
            for group, title in ((Group.LETTERS, tr("Format")), (Group.LINES, tr("Kind of line"))):
                self._add_group(menu.addMenu(title), group)
        menu.addSeparator()
        for command in self.commands:
            if command.name in ("find", "replace") and (command.reads or not self._editor.isReadOnly()):
                self._add(menu, command)
        if self.spelling is not None:
            self.spelling.fill_menu(menu, position)

    def _add_group(self, menu: QMenu, group: Group) -> None:
        given = self._editor.formats()
        for command in self.commands:
            if command.group is group:
                action = self._add(menu, command)
                action.setCheckable(command.is_on is not None)
                action.setChecked(command.is_on is not None and command.is_on(given))

    def _add(self, menu: QMenu, command: EditorCommand) -> QAction:
        action = menu.addAction(command.title)
        if command.icon:
            action.setIcon(self._look.icons.icon(command.icon))
        if command.keys:
            action.setText(f"{command.title}\t{key_text(command.keys[0])}")
        action.triggered.connect(lambda _checked=False: command.run(self._editor, self))
        return action
