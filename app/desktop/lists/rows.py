"""Makes the rows of notes, and what all row makers share: texts, sync, money, days."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from app.desktop.lists.cells import (
    Column,
    DateCell,
    IconCell,
    Row,
    SyncCell,
    TitleCell,
)
from app.desktop.translate import locale, number_text, tr
from app.desktop.words import exact_text, moment_text, record_sync_text
from app.desktop.workspace import Workspace
from app.domain.numbers import amount_of
from app.domain.schema import NOTE

CHIPS = 2
"""How many labels stand in a row; more are counted."""


class RowMaker(ABC):
    """Makes the rows of one list."""

    kind: str

    @property
    def fields(self) -> tuple[str, ...]:
        """What the rows read, the first-needed first."""
        return ()

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self.columns = self._columns()

    def choose_columns(self) -> bool:
        """Look which columns have something to show now; whether they are others than before."""
        columns = self._columns()
        changed = columns != self.columns
        self.columns = columns
        return changed

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

    def _column(self, field: str) -> Mapping[bytes, Any]:
        return self._workspace.columns.column(self.kind, field)

    def _text(self, field: str, record: bytes) -> str:
        value = self._column(field).get(record)
        return value.strip() if isinstance(value, str) else ""

    def _sync_cell(self, record: bytes) -> SyncCell:
        state = self._workspace.sync_of(record)
        return SyncCell(state, record_sync_text(state))

    def _texts(self, field: str) -> dict[bytes, str]:
        return {
            record: value.strip().casefold()
            for record, value in self._column(field).items()
            if isinstance(value, str) and value
        }


def sync_column() -> Column:
    """The column of the dot that says where a record is."""
    return Column("sync", tr("Sync"), widths=((0, 12),), show_title=False, sortable=False)


def spoken(*parts: str) -> str:
    """What a screen reader says of a row: its parts that are not empty."""
    return ", ".join(part for part in parts if part)


class NoteRows(RowMaker):
    """Notes: icon, title with tags, when it was changed, sync."""

    kind = NOTE

    @property
    def fields(self) -> tuple[str, ...]:
        return ("title", "pinned", "tags")

    def _columns(self) -> tuple[Column, ...]:
        return (
            Column("icon", "", widths=((0, 16),), show_title=False, sortable=False),
            Column("title", tr("Title")),
            Column("updated", tr("Changed"), widths=((320, 110),), right=True, sortable=False),
            sync_column(),
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
                tuple((each, "") for each in names[:CHIPS]),
                max(0, len(names) - CHIPS),
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
    """A stored amount and its currency; neither where it is none, or of a size that no money has."""
    if not isinstance(value, (list, tuple)) or len(value) != 2:
        return None, ""
    amount = amount_of(value[0])
    return amount, "" if amount is None else str(value[1])


_SIGNS = {"GBP": "£", "EUR": "€", "USD": "$", "JPY": "¥"}


_LARGE = 1 << 53
"""From here on a number is written as a float is: Qt has no longer whole ones than 64 bits."""


def amount_text(amount: Decimal, currency: str) -> str:
    """An amount with its currency: £ 4,200 or € 12.50."""
    whole = amount == amount.to_integral_value()
    if whole and abs(amount) < _LARGE:
        shown = number_text(int(amount))
    else:
        shown = locale().toString(float(amount), "f", 0 if whole else 2)
    return f"{_SIGNS.get(currency, currency)} {shown}".strip()


def cost_text(value: object) -> str:
    """A stored amount as people read it; empty for none."""
    amount, currency = money(value)
    return "" if amount is None else amount_text(amount, currency)
