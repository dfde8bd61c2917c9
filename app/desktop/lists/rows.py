"""Makes the rows of issues, people and notes, and says by what their columns sort."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from app.desktop.lists.cells import (
    Cell,
    Column,
    DateCell,
    IconCell,
    PeopleCell,
    Row,
    StatusCell,
    SyncCell,
    TextCell,
    TitleCell,
)
from app.desktop.translate import locale, number_text, tr
from app.desktop.words import exact_text, moment_text, overdue_text, record_sync_text, weekday_text
from app.desktop.workspace import Workspace
from app.domain.schema import ISSUE, NOTE, PERSON

_CHIPS = 2
_FEW = 50
_ZERO = Decimal(0)


class RowMaker(ABC):
    """Makes the rows of one list. ``fields`` are what it reads, the first-needed first."""

    kind: str
    fields: tuple[str, ...]

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self.columns = self._columns()

    @abstractmethod
    def _columns(self) -> tuple[Column, ...]:
        """The columns, from left to right."""

    def keys(self) -> list[bytes]:
        """The keys of all rows, the newest first."""
        return self._workspace.ids(self.kind)

    @abstractmethod
    def build(self, record: bytes) -> Row:
        """The row of a record."""

    @abstractmethod
    def sort_values(self, column: str) -> Mapping[bytes, Any]:
        """What a column sorts by; records without a value stand last."""

    def totals(self, keys: Sequence[bytes]) -> str:
        """Sums over these rows, for the bottom line; empty where there is nothing to sum."""
        return ""

    def forget(self, records: set[bytes]) -> None:  # noqa: B027 - most lists work nothing out ahead
        """These records changed: what was worked out for them is so no more."""

    def _column(self, field: str) -> Mapping[bytes, Any]:
        return self._workspace.columns.column(self.kind, field)

    def _text(self, field: str, record: bytes) -> str:
        value = self._column(field).get(record)
        return value if isinstance(value, str) else ""

    def _sync_cell(self, record: bytes) -> SyncCell:
        state = self._workspace.sync_of(record)
        return SyncCell(state, record_sync_text(state))

    def _texts(self, field: str) -> dict[bytes, str]:
        return {
            record: value.casefold()
            for record, value in self._column(field).items()
            if isinstance(value, str) and value
        }

    def _numbers(self, field: str) -> dict[bytes, int]:
        return {record: value for record, value in self._column(field).items() if isinstance(value, int)}


def _sync_column() -> Column:
    return Column("sync", tr("Sync"), widths=((0, 12),), show_title=False, sortable=False)


def spoken(*parts: str) -> str:
    """What a screen reader says of a row: its parts that are not empty."""
    return ", ".join(part for part in parts if part)


class IssueRows(RowMaker):
    """Issues: status, number, title with labels, location, people, cost, due date, sync."""

    kind = ISSUE
    fields = ("title", "number", "status", "due", "labels", "location", "assignees", "cost")
    _amounts: dict[bytes, tuple[Decimal, str]] | None = None

    def _columns(self) -> tuple[Column, ...]:
        return (
            Column("status", tr("Status"), widths=((0, 16),), show_title=False),
            Column("number", tr("No."), widths=((0, 40),)),
            Column("title", tr("Title")),
            Column("location", tr("Location"), widths=((620, 108), (980, 168))),
            Column("assignees", tr("Assignee"), widths=((480, 36), (690, 116), (1000, 160))),
            Column("cost", tr("Cost"), widths=((900, 92),), right=True),
            Column("due", tr("Due"), widths=((400, 88),), right=True),
            _sync_column(),
        )

    def build(self, record: bytes) -> Row:
        directory = self._workspace.directory
        status_id = self._column("status").get(record)
        status = directory.statuses.get(status_id) if isinstance(status_id, bytes) else None
        number = self._column("number").get(record)
        number_shown = str(number) if isinstance(number, int) else tr("#new")
        title = self._text("title", record)
        labels = [
            directory.labels[each] for each in self._members("labels", record) if each in directory.labels
        ]
        labels.sort(key=lambda label: label.name.casefold())
        place_id = self._column("location").get(record)
        place = directory.locations.get(place_id) if isinstance(place_id, bytes) else None
        path = place.path.replace("/", " / ") if place is not None else ""
        people = [
            directory.people[each].shown
            for each in self._members("assignees", record)
            if each in directory.people
        ]
        cost = cost_text(self._column("cost").get(record))
        due = self._due_cell(record)
        sync = self._sync_cell(record)
        mark: Cell = StatusCell(status.meaning if status else "open", status.name if status else "")
        if record in self._workspace.conflicted:
            mark = IconCell("git-merge", "warning", tr("Two people changed this"))
        cells = (
            mark,
            TextCell(number_shown, "muted"),
            TitleCell(
                title or tr("Untitled"),
                tuple((each.name, each.color) for each in labels[:_CHIPS]),
                max(0, len(labels) - _CHIPS),
                "text" if title else "muted",
                spoken(title, *(each.name for each in labels)),
            ),
            TextCell(path, "muted", path),
            PeopleCell(tuple(sorted(people, key=str.casefold))),
            TextCell(cost, "text", cost),
            due,
            sync,
        )
        words = spoken(
            tr("Issue {number}").format(number=number_shown),
            title or tr("Untitled"),
            mark.hint,
            *(each.name for each in labels),
            path,
            *people,
            cost,
            due.hint,
            sync.hint,
        )
        return Row(record, record, ISSUE, cells, words)

    def _members(self, field: str, record: bytes) -> tuple[bytes, ...]:
        value = self._column(field).get(record, ())
        return value if isinstance(value, tuple) else ()

    def _due_cell(self, record: bytes) -> DateCell:
        due = parse_day(self._column("due").get(record))
        if due is None:
            return DateCell("")
        today = self._workspace.now().date()
        text = weekday_text(due, today)
        if due < today and self._workspace.is_open(record):
            return DateCell(text, overdue=True, hint=f"{text}, {overdue_text(due, today)}")
        return DateCell(text, hint=tr("due {day}").format(day=text))

    def totals(self, keys: Sequence[bytes]) -> str:
        if self._amounts is None:
            read = {record: money(value) for record, value in self._column("cost").items()}
            self._amounts = {
                record: (amount, currency)
                for record, (amount, currency) in read.items()
                if amount is not None
            }
        sums: dict[str, Decimal] = {}
        for amount, currency in filter(None, map(self._amounts.get, keys)):
            sums[currency] = sums.get(currency, _ZERO) + amount
        return " · ".join(amount_text(amount, currency) for currency, amount in sorted(sums.items()))

    def forget(self, records: set[bytes]) -> None:
        if self._amounts is None:
            return
        if len(records) > _FEW:
            self._amounts = None
            return
        costs = self._column("cost")
        for record in records:
            amount, currency = money(costs.get(record))
            if amount is None:
                self._amounts.pop(record, None)
            else:
                self._amounts[record] = (amount, currency)

    def sort_values(self, column: str) -> Mapping[bytes, Any]:
        directory = self._workspace.directory
        if column == "number":
            return self._numbers("number")
        if column == "status":
            return {
                record: directory.statuses[value].rank
                for record, value in self._column("status").items()
                if value in directory.statuses
            }
        if column == "location":
            return {
                record: directory.locations[value].path.casefold()
                for record, value in self._column("location").items()
                if value in directory.locations
            }
        if column == "assignees":
            names = {each.id: each.shown.casefold() for each in directory.people.values()}
            return {
                record: min(names[each] for each in value if each in names)
                for record, value in self._column("assignees").items()
                if any(each in names for each in value)
            }
        if column == "due":
            days = {record: parse_day(value) for record, value in self._column("due").items()}
            return {record: day.toordinal() for record, day in days.items() if day is not None}
        if column == "cost":
            amounts = {record: money(value) for record, value in self._column("cost").items()}
            return {record: amount for record, (amount, _) in amounts.items() if amount is not None}
        return self._texts("title")


class PersonRows(RowMaker):
    """People: initials, name, company, specialty, home base, phone, email, sync."""

    kind = PERSON
    fields = ("name", "company", "specialty", "home_base", "phone", "email")

    def _columns(self) -> tuple[Column, ...]:
        return (
            Column("name", tr("Name"), widths=((0, 180), (800, 220))),
            Column("company", tr("Company")),
            Column("specialty", tr("Specialty"), widths=((700, 120),)),
            Column("home_base", tr("Home base"), widths=((560, 110),)),
            Column("phone", tr("Phone"), widths=((860, 130),)),
            Column("email", tr("Email"), widths=((1000, 190),)),
            _sync_column(),
        )

    def build(self, record: bytes) -> Row:
        name = self._text("name", record)
        texts = [self._text(each, record) for each in ("company", "specialty", "home_base", "phone", "email")]
        sync = self._sync_cell(record)
        cells: tuple[Cell, ...] = (
            PeopleCell((name or tr("No name"),)),
            *(TextCell(each, "muted", each) for each in texts),
            sync,
        )
        return Row(record, record, PERSON, cells, spoken(name or tr("No name"), *texts, sync.hint))

    def sort_values(self, column: str) -> Mapping[bytes, Any]:
        return self._texts(column)


class NoteRows(RowMaker):
    """Notes: icon, title with tags, when it was changed, sync."""

    kind = NOTE
    fields = ("title", "pinned", "tags")

    def _columns(self) -> tuple[Column, ...]:
        return (
            Column("icon", "", widths=((0, 16),), show_title=False, sortable=False),
            Column("title", tr("Title")),
            Column("updated", tr("Changed"), widths=((320, 110),), right=True, sortable=False),
            _sync_column(),
        )

    def build(self, record: bytes) -> Row:
        title = self._text("title", record)
        pinned = self._column("pinned").get(record) is True
        tags = self._column("tags").get(record, ())
        names = sorted((each for each in tags if isinstance(each, str)), key=str.casefold)
        sync = self._sync_cell(record)
        changed = self._changed_cell(record)
        icon = IconCell("push-pin", "accent", tr("Pinned")) if pinned else IconCell("file-text")
        if record in self._workspace.conflicted:
            icon = IconCell("git-merge", "warning", tr("Two people changed this"))
        cells = (
            icon,
            TitleCell(
                title or tr("Untitled"),
                tuple((each, "") for each in names[:_CHIPS]),
                max(0, len(names) - _CHIPS),
                "text" if title else "muted",
                title,
            ),
            changed,
            sync,
        )
        words = spoken(tr("Note"), title or tr("Untitled"), icon.hint, *names, changed.text, sync.hint)
        return Row(record, record, NOTE, cells, words)

    def _changed_cell(self, record: bytes) -> DateCell:
        view = self._workspace.view(record, NOTE)
        if view is None:
            return DateCell("")
        now = self._workspace.now()
        return DateCell(moment_text(view.updated.at, now), hint=exact_text(view.updated.at, now.tzinfo))

    def sort_values(self, column: str) -> Mapping[bytes, Any]:
        return self._texts("title")


def parse_day(value: object) -> date | None:
    """A stored date (YYYY-MM-DD); None for none, or for what a newer version may write."""
    if not isinstance(value, str):
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


def money(value: object) -> tuple[Decimal | None, str]:
    """A stored amount and its currency."""
    if not isinstance(value, (list, tuple)) or len(value) != 2:
        return None, ""
    try:
        amount = Decimal(str(value[0]))
    except InvalidOperation:
        return None, ""
    return (amount if amount.is_finite() else None), str(value[1])


_SIGNS = {"GBP": "£", "EUR": "€", "USD": "$", "JPY": "¥"}


def amount_text(amount: Decimal, currency: str) -> str:
    """An amount with its currency: £ 4,200 or € 12.50."""
    whole = amount == amount.to_integral_value()
    shown = number_text(int(amount)) if whole else locale().toString(float(amount), "f", 2)
    return f"{_SIGNS.get(currency, currency)} {shown}".strip()


def cost_text(value: object) -> str:
    """A stored amount as people read it; empty for none."""
    amount, currency = money(value)
    return "" if amount is None else amount_text(amount, currency)
