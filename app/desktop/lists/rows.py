"""What all row makers share, and how money and days are said."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from app.desktop.lists.cells import (
    Column,
    Row,
)
from app.desktop.translate import locale, number_text
from app.desktop.workspace import Workspace
from app.domain.numbers import amount_of

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

    def _texts(self, field: str) -> dict[bytes, str]:
        return {
            record: value.strip().casefold()
            for record, value in self._column(field).items()
            if isinstance(value, str) and value
        }


def spoken(*parts: str) -> str:
    """What a screen reader says of a row: its parts that are not empty."""
    return ", ".join(part for part in parts if part)


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
