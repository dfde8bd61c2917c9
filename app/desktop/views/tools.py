"""The tools above a desk: which layout, order, groups, columns, and whether its view is saved."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtWidgets import QMenu, QWidget

from app.desktop.commands import key_text
from app.desktop.desk.order import with_group
from app.desktop.desk.page import DeskPage
from app.desktop.item.fields.options import Option
from app.desktop.item.fields.picker import Picker
from app.desktop.translate import tr
from app.desktop.views.choices import (
    choose_date,
    choose_group,
    choose_lanes,
    choose_sort,
    date_options,
    group_options,
    grouped_by,
    lane_fields,
    lane_options,
    layouts,
    search_in,
    sort_options,
    sorted_by,
)
from app.desktop.views.keeper import ViewKeeper
from app.desktop.widgets import Button, ButtonKind, IconButton, Size, Text
from app.domain.schema import ISSUE
from app.workspace.views import BOARD, CALENDAR, LIST, TABLE, standard_board, standard_date

LAYOUT_KEYS = {TABLE: "Ctrl+Shift+1", BOARD: "Ctrl+Shift+2", CALENDAR: "Ctrl+Shift+3", LIST: "Ctrl+Shift+4"}
_LIST_GROUP = "location"
_WIDEST = 1100
"""From here on it is said in words that a view has changes."""
_WIDE = 900
"""From this width of a desk on, in pixels at the base font, each layout has a button of its own."""


class ViewTools(QObject):
    """Puts its buttons into the ``tools`` of a desk and keeps them true."""

    save_asked = Signal()
    """What is shown is to be saved as a new view."""

    def __init__(self, desk: DeskPage, keeper: ViewKeeper) -> None:
        super().__init__(desk)
        self._desk = desk
        self._keeper = keeper
        self.picker: Picker | None = None
        look = desk.look
        self.state = Text(look, tr("This view has changes"), size=Size.CAPTION, tone="muted")
        self.save = Button(look, tr("Save view"), kind=ButtonKind.LINK)
        self.discard = Button(look, tr("Discard"), kind=ButtonKind.PLAIN)
        self.layouts: dict[str, IconButton] = {}
        for name, icon, title in layouts():
            button = IconButton(look, icon, title, key=key_text(LAYOUT_KEYS[name]))
            button.setCheckable(True)
            button.clicked.connect(partial(self.show_layout, name))
            self.layouts[name] = button
        self.switch = IconButton(look, "table", tr("Layout"))
        self.group = IconButton(look, "stack", tr("Group by"))
        self.sort = IconButton(look, "arrows-down-up", tr("Sort by"))
        self.columns = IconButton(look, "sliders-horizontal", tr("Columns"))
        self._buttons: list[Button] = [self.save, self.discard, *self.layouts.values(), self.switch]
        self._buttons += [self.group, self.sort, self.columns]
        desk.tools.addWidget(self.state)
        for each in self._buttons:
            desk.tools.addWidget(each)
        desk.order_tabs()
        self.save.clicked.connect(lambda _checked=False: self.save_view())
        self.discard.clicked.connect(lambda _checked=False: self.discard_changes())
        self.switch.clicked.connect(lambda _checked=False: self._show_menu())
        self.group.clicked.connect(lambda _checked=False: self.choose_group())
        self.sort.clicked.connect(lambda _checked=False: self.choose_sort())
        self.columns.clicked.connect(lambda _checked=False: self.choose_columns())
        desk.spec_changed.connect(lambda _spec: self.follow())
        keeper.state_changed.connect(self.follow)
        desk.installEventFilter(self)
        self.follow()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._desk and event.type() == QEvent.Type.Resize:
            self._fit()
        return False

    # What is shown

    def follow(self) -> None:
        """Say what holds now."""
        desk, spec = self._desk, self._desk.spec
        for name, button in self.layouts.items():
            button.setChecked(name == spec.layout)
        now = next(each for each in layouts() if each[0] == spec.layout)
        self.switch.set_icon(now[1], tr("Layout: {name}").format(name=now[2]))
        group, (sort, descending) = grouped_by(desk), sorted_by(desk)
        self.group.set_active(bool(group))
        self.sort.set_active(bool(sort))
        self.sort.set_icon(
            "arrows-down-up" if not sort else "sort-descending" if descending else "sort-ascending",
            tr("Sort by"),
        )
        titles = {BOARD: tr("Columns of the board"), CALENDAR: tr("Date of the calendar")}
        self.columns.set_icon("sliders-horizontal", titles.get(spec.layout, tr("Columns")))
        self._show_state()
        self._fit()

    def _show_state(self) -> None:
        kind = self._desk.kind
        changed, opened = self._keeper.is_changed(kind), self._keeper.opened(kind)
        self.save.setVisible(changed)
        self.discard.setVisible(changed and opened is not None)
        self.save.say(tr("Save view") if opened is None else tr("Save"))
        hint = tr("Save what is shown as a view") if opened is None else tr("This view has changes")
        self.save.setToolTip(hint)
        self.discard.setToolTip(tr("Show the view as it was saved"))

    def _fit(self) -> None:
        wide = self._desk.width() >= _WIDE * self._desk.look.theme.metrics.base / 13
        for name, button in self.layouts.items():
            button.setVisible(wide and self._offers(name))
        self.switch.setVisible(not wide)
        told = self._desk.width() >= _WIDEST * self._desk.look.theme.metrics.base / 13
        self.state.setVisible(told and self.discard.isVisibleTo(self._desk))
        spec = self._desk.spec
        self.group.setVisible(spec.layout in (TABLE, LIST))
        self.sort.setVisible(spec.layout != CALENDAR or wide)
        self.columns.setVisible(spec.layout != LIST)

    def _offers(self, layout: str) -> bool:
        """Whether a layout can show anything: people, for one, have nothing built in to be lanes."""
        desk = self._desk
        return (
            layout != BOARD
            or bool(standard_board(desk.kind))
            or bool(lane_fields(desk.workspace.columns, desk.kind))
        )

    # What is done

    def show_layout(self, name: str, _checked: bool = False) -> None:
        """Show the answer in another layout; a list of issues stands by location where nobody says otherwise."""
        desk = self._desk
        if name == LIST and desk.spec.layout != LIST and desk.kind == ISSUE and not grouped_by(desk):
            desk.change(layout=name, query=with_group(desk.spec.query, _LIST_GROUP))
        elif desk.spec.layout == LIST and name == TABLE and grouped_by(desk) == _LIST_GROUP:
            desk.change(layout=name, query=with_group(desk.spec.query, ""))
        else:
            desk.change(layout=name)
        self._desk.front.setFocus()
        self.follow()

    def _show_menu(self) -> None:
        menu = QMenu(self.switch)
        for name, icon, title in filter(lambda each: self._offers(each[0]), layouts()):
            action = menu.addAction(self._desk.look.icons.icon(icon), title, partial(self.show_layout, name))
            action.setCheckable(True)
            action.setChecked(name == self._desk.spec.layout)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.switch.mapToGlobal(self.switch.rect().bottomLeft()))

    def save_view(self) -> None:
        """Save what is shown: into its view, or as a new one."""
        if self._keeper.opened(self._desk.kind) is None:
            self.save_asked.emit()
        else:
            self._keeper.save(self._desk.kind)

    def discard_changes(self) -> None:
        """Show the view as it was saved."""
        self._keeper.discard(self._desk.kind)
        self._desk.front.setFocus()

    def choose_group(self) -> None:
        """Offer what to group by."""
        desk = self._desk
        self._choose(self.group, tr("Group by"), group_options(desk), grouped_by(desk), choose_group)

    def choose_sort(self) -> None:
        """Offer what to sort by."""
        desk = self._desk
        self._choose(self.sort, tr("Sort by"), sort_options(desk), sorted_by(desk)[0], choose_sort)

    def choose_columns(self) -> None:
        """Offer the columns of the table, or of the board, or the date of the calendar."""
        desk, spec = self._desk, self._desk.spec
        if spec.layout == BOARD:
            chosen = spec.board or standard_board(desk.kind)
            self._choose(self.columns, tr("Columns of the board"), lane_options(desk), chosen, choose_lanes)
        elif spec.layout == CALENDAR:
            chosen = spec.date or standard_date(desk.kind)
            self._choose(self.columns, tr("Date of the calendar"), date_options(desk), chosen, choose_date)
        else:
            desk.choose_columns(self.columns)

    def _choose(
        self,
        button: QWidget,
        title: str,
        options: list[Option],
        chosen: str,
        choose: Callable[[DeskPage, str], None],
    ) -> None:
        below = button if button.isVisible() else self.switch
        picker = Picker(
            self._desk.look, title, search_in(options), lambda value: value == chosen, parent=self._desk
        )
        picker.picked.connect(lambda option: choose(self._desk, str(option.value)))
        picker.closed.connect(self._closed)
        self.picker = picker
        picker.open(below)

    def _closed(self) -> None:
        self.picker = None
        self._desk.front.setFocus()
