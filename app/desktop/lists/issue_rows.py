"""Makes the rows of issues, with those of the project's own fields that are in use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from app.desktop.lists.cells import (
    Cell,
    Column,
    DateCell,
    IconCell,
    PeopleCell,
    Row,
    StatusCell,
    TextCell,
    TitleCell,
)
from app.desktop.lists.rows import (
    CHIPS,
    RowMaker,
    amount_text,
    cost_text,
    money,
    parse_day,
    spoken,
    sync_column,
)
from app.desktop.translate import tr
from app.desktop.words import overdue_text, weekday_text
from app.domain.schema import ISSUE, Field, FieldType
from app.domain.values import display, sort_key

_FEW = 50
_ZERO = Decimal(0)
_MOST_OWN = 5
_GAP = 12
_ROOM_FOR_TITLE = 430
"""Fields of the project's own are shown in lists that leave the title about so much, in pixels."""
_PLENTY = 400
"""With so much more room the columns of text are wider."""
_NOWHERE = 2
"""What a sort key begins with where there is nothing to sort by."""
_SHORT = {
    FieldType.TEXT: 140,
    FieldType.CHOICE: 120,
    FieldType.NUMBER: 80,
    FieldType.MONEY: 92,
    FieldType.DATE: 92,
    FieldType.MOMENT: 120,
    FieldType.CHECKBOX: 60,
    FieldType.PERSON: 120,
    FieldType.LOCATION: 120,
    FieldType.PHONE: 120,
}
"""The types whose values fit into a cell, with its width in pixels."""
_TEXT_LIKE = frozenset({FieldType.TEXT, FieldType.CHOICE, FieldType.LOCATION, FieldType.PERSON})
_RIGHT_TYPES = frozenset({FieldType.NUMBER, FieldType.MONEY, FieldType.DATE})


class IssueRows(RowMaker):
    """Issues: status, number, title with labels, location, people, cost, due date, sync."""

    kind = ISSUE
    _amounts: dict[bytes, tuple[Decimal, str]] | None = None

    @property
    def fields(self) -> tuple[str, ...]:
        own = tuple(field.name for field in self._own_fields())
        return ("title", "number", "status", "due", "labels", "location", "assignees", "cost", *own)

    def _own_fields(self) -> list[Field]:
        """The first few fields that the project's people made and that fit into a cell."""
        found = [each for each in self._workspace.fields(ISSUE).fields if each.custom and each.type in _SHORT]
        return found[:_MOST_OWN]

    def _columns(self) -> tuple[Column, ...]:
        """Columns in which nothing stands leave their room to the title and to the project's own fields."""
        columns = [
            Column("status", tr("Status"), widths=((0, 16),), show_title=False),
            Column("number", tr("No."), widths=((0, 40),)),
            Column("title", tr("Title")),
        ]
        further = [
            Column("location", tr("Location"), widths=((620, 108), (980, 168))),
            Column("assignees", tr("Assignee"), widths=((480, 36), (690, 116), (1000, 160))),
            Column("cost", tr("Cost"), widths=((900, 92),), right=True),
            Column("due", tr("Due"), widths=((400, 88),), right=True),
        ]
        if self._workspace.ids(ISSUE):
            further = [each for each in further if self._column(each.key)]
        taken = sum(each.widths[-1][1] + _GAP for each in further)
        for field in self._own_fields():
            if not self._column(field.name):
                continue
            width = _SHORT[field.type]
            taken += width + _GAP
            least = _ROOM_FOR_TITLE + taken
            widths: tuple[tuple[int, int], ...] = ((least, width),)
            if field.type in _TEXT_LIKE:
                widths = ((least, width), (least + _PLENTY, width * 4 // 3))
            right = field.type in _RIGHT_TYPES
            further.append(Column(field.name, field.title, widths=widths, right=right))
        order = {"cost": 1, "due": 2}
        further.sort(key=lambda each: order.get(each.key, 0))
        return (*columns, *further, sync_column())

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
        cells: dict[str, Cell] = {
            "status": mark,
            "number": TextCell(number_shown, "muted"),
            "title": TitleCell(
                title or tr("Untitled"),
                tuple((each.name, each.color) for each in labels[:CHIPS]),
                max(0, len(labels) - CHIPS),
                "text" if title else "muted",
                spoken(title, *(each.name for each in labels)),
            ),
            "location": TextCell(path, "muted", path),
            "assignees": PeopleCell(tuple(sorted(people, key=str.casefold))),
            "cost": TextCell(cost, "text", cost),
            "due": due,
            "sync": sync,
        }
        own = {each.name: self._own_cell(each, record) for each in self._own_fields()}
        cells.update(own)
        words = spoken(
            tr("Issue {number}").format(number=number_shown),
            title or tr("Untitled"),
            mark.hint,
            *(each.name for each in labels),
            path,
            *people,
            cost,
            due.hint,
            *(cell.hint for cell in own.values()),
            sync.hint,
        )
        shown = tuple(cells[column.key] for column in self.columns)
        return Row(record, record, ISSUE, shown, words)

    def _own_cell(self, field: Field, record: bytes) -> Cell:
        value = self._column(field.name).get(record)
        day = parse_day(value) if field.type is FieldType.DATE else None
        if day is not None:
            text = weekday_text(day, self._workspace.now().date())
            return DateCell(text, hint=f"{field.title}: {text}")
        if field.type is FieldType.MONEY:
            text = cost_text(value)
        else:
            text = display(field, value, self._workspace.context()) if value is not None else ""
        return TextCell(text, "muted", f"{field.title}: {text}" if text else "")

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
        if len(records) > max(_FEW, len(self._amounts) // 2):
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
        own = next((each for each in self._own_fields() if each.name == column), None)
        if own is not None:
            context = self._workspace.context()
            keys = {record: sort_key(own, value, context) for record, value in self._column(column).items()}
            return {record: key for record, key in keys.items() if key[0] < _NOWHERE}
        return self._texts("title")
