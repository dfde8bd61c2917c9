"""One column in memory: a number for each row, and what each number stands for.

Values repeat: statuses, people, days. So a column keeps each distinct value once, in ``values``, and for each
row its place there, its *code*; code 0 is “nothing”. What is asked of a column is worked out once for each
distinct value and then looked up by code for all rows at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from app.domain.schema import Field
from app.query.amounts import NUMERIC, Amounts, type_of
from app.query.haystack import Haystack
from app.query.identity import identity
from app.query.needs import Need
from app.query.pace import Pace
from app.query.paths import POINTING, Path
from app.query.predicates import is_empty
from app.query.ranking import Key, NumberRanking, Ranking

Codes = npt.NDArray[np.int32]
Mask = npt.NDArray[np.bool_]
Numbers = npt.NDArray[np.float64]
Test = Callable[[object], bool]

_PLAIN = frozenset({str, bytes, int})
"""What is told apart as it is."""
_PART = 50
"""So many values are read between two looks at the clock."""
FEW_TEXTS = 500
"""For fewer texts, looking into each takes no longer than looking into all joined."""
_OVERLAY = 200
"""What is missing of so few values is worked out at once."""
_MOST_KEPT = 12
"""So many answers of tests are kept with a column: a view that is refreshed asks the same again."""


class Column:
    """The codes of all rows of one kind for one path, and the distinct values.

    ``version`` changes with every code and value. Values are never taken out, only added, so what was worked
    out for a code stays true.
    """

    def __init__(self, path: Path, rows: int) -> None:
        self.path = path
        self.field: Field = path.field
        self.version = 0
        self.values: list[object] = [None]
        self._index: dict[object, int] = {}
        self._codes: Codes = np.zeros(max(rows, 16), np.int32)
        self._rows = rows
        self._known: dict[object, Mask] = {}
        self._amounts: Amounts | None = None
        self._haystack: Haystack | None = None
        self._numbers: NumberRanking | None = None
        self._ranking: Ranking | None = None
        self._members: Members | None = None
        self._firsts: list[int] = []
        self._first: dict[object, int] = {}
        self.renames = 0
        """How often something that values point to got another name."""
        self._renamed: set[int] = set()
        self._unplaced: set[int] = set()
        """Codes whose rank is that of before their record was renamed."""
        self.texts: dict[int, str] = {}
        """What was shown for codes, until it is forgotten."""

    # Rows

    @property
    def codes(self) -> Codes:
        """The code of each row."""
        return self._codes[: self._rows]

    def resize(self, rows: int) -> None:
        """Make room for rows that were added; they have nothing yet."""
        if rows > len(self._codes):
            grown = np.zeros(rows + rows // 4 + 64, np.int32)
            grown[: self._rows] = self._codes[: self._rows]
            self._codes = grown
        self._rows = rows

    def put(self, rows: npt.NDArray[np.integer[Any]], codes: Codes | Sequence[int]) -> None:
        """Set many codes at once."""
        self._codes[rows] = codes
        self.version += 1

    def set(self, row: int, value: object) -> bool:
        """Set the value of one row; whether it is another one now."""
        return self.set_code(row, self.code_of(value))

    def set_code(self, row: int, code: int) -> bool:
        """Set the code of one row; whether it is another one now."""
        if self._codes[row] == code:
            return False
        self._codes[row] = code
        self.version += 1
        return True

    def value(self, row: int) -> object:
        """The value of one row, None where there is none."""
        return self.values[self._codes[row]]

    # Distinct values

    def code_of(self, value: object) -> int:
        """The code of a value, a new one where it was not there yet."""
        kind = type(value)
        if kind is str or kind is bytes or kind is int:
            key: object = value
            if not value and kind is not int:
                return 0
        elif is_empty(value):
            return 0
        else:
            key = identity(value)
        code = self._index.get(key)
        if code is None:
            code = self._index[key] = len(self.values)
            self.values.append(value)
            self.version += 1
        return code

    def codes_of(self, values: Iterable[object]) -> list[int]:
        """The codes of many values, most of which are new."""
        index, known = self._index, self.values
        found = []
        before = len(known)
        for value in values:
            if value and type(value) in _PLAIN:
                code = index.setdefault(value, len(known))
                if code == len(known):
                    known.append(value)
            else:
                code = self.code_of(value)
            found.append(code)
        if len(known) > before:
            self.version += 1
        return found

    def known_code(self, value: object) -> int | None:
        """The code of a value; None where no row ever had it."""
        return self._index.get(identity(value))

    def holding(self, ids: Iterable[bytes]) -> list[int]:
        """The codes of the values that are, or have among them, one of these ids."""
        wanted = list(ids)
        if not wanted:
            return []
        members = self._all_members()
        known = [members.column.known_code(each) for each in wanted]
        met = np.zeros(len(members.column.values), np.bool_)
        met[[code for code in known if code is not None]] = True
        found: list[int] = np.flatnonzero(members.holding(met)).tolist()
        return found

    def rows_of(self, codes: Sequence[int]) -> npt.NDArray[np.intp]:
        """The rows that have one of these codes."""
        if not len(codes):
            return np.empty(0, np.intp)
        if len(codes) == 1:
            return np.flatnonzero(self.codes == codes[0])
        wanted = np.zeros(len(self.values), np.bool_)
        wanted[codes] = True
        return np.flatnonzero(wanted[self.codes])

    @property
    def points(self) -> bool:
        """Whether the values are ids of records."""
        return self.field.type in POINTING

    def members(self) -> Members | None:
        """What the values hold, of a field that holds many; None where not all of them are such values."""
        members = self._all_members()
        return members if members.plain else None

    def _all_members(self) -> Members:
        for _ in self.member_steps():
            pass
        assert self._members is not None
        return self._members

    def member_steps(self) -> Iterator[None]:
        """Read what the values hold, in steps."""
        if self._members is None:
            self._members = Members(Column(replace(self.path, field=replace(self.field, many=False)), 0))
        pace = Pace()
        while len(self._members) < len(self.values):
            self._members.extend(self.values[len(self._members) : len(self._members) + _PART])
            if pace.due():
                yield

    def firsts(self) -> Codes:
        """By code, the first whose value has the same records in any order: these are one group."""
        for _ in self.first_steps():
            pass
        return np.array(self._firsts, np.int32)

    def first_steps(self) -> Iterator[None]:
        """Find them, in steps."""
        pace = Pace()
        while len(self._firsts) < len(self.values):
            for value in self.values[len(self._firsts) : len(self._firsts) + _PART]:
                same = frozenset(map(identity, value)) if isinstance(value, tuple) else identity(value)
                self._firsts.append(self._first.setdefault(same, len(self._firsts)))
            if pace.due():
                yield

    # Order, numbers and texts

    def amounts(self) -> Amounts | None:
        """The values as numbers; None where their type is not one of numbers, or they cannot be told apart so."""
        if type_of(self.field) not in NUMERIC or self.field.many:
            return None
        if self._amounts is None:
            self._amounts = Amounts(self.field)
        self._amounts.extend(self.values)
        return self._amounts if self._amounts.exact else None

    def amount_steps(self) -> Iterator[None]:
        """Read the values as numbers, in steps."""
        if type_of(self.field) in NUMERIC and not self.field.many:
            self._amounts = self._amounts or Amounts(self.field)
            pace = Pace()
            for stop in range(0, len(self.values), _PART):
                self._amounts.extend(self.values, stop)
                if pace.due():
                    yield

    def rank_steps(self, key: Callable[[object], Key]) -> Iterator[None]:
        """Work out the ranks of all values by ``key``, in steps."""
        if self._ranking is not None:
            return
        yield from self.amount_steps()
        if self._is_numeric():
            yield
            self.ranked(key)
            return
        keys: list[Key] = []
        pace = Pace()
        while len(keys) < len(self.values):
            keys += [key(value) for value in self.values[len(keys) : len(keys) + _PART]]
            if pace.due():
                yield
        ranking = Ranking()
        yield from ranking.fill(keys)
        if self._ranking is None:
            self._ranking = ranking
            # What was renamed meanwhile is placed anew; what came meanwhile is added when it is asked for.
            self._unplaced.update(code for code in self._renamed if code < len(ranking))
        self._renamed.clear()

    def _is_numeric(self) -> bool:
        amounts = self.amounts()
        return amounts is not None and not amounts.odd and len(amounts.currencies) <= 1

    def ranked(self, key: Callable[[object], Key]) -> Ranking | NumberRanking:
        """The ranks of all values by ``key``, brought up to date."""
        if self._is_numeric():
            assert self._amounts is not None
            if self._numbers is None:
                self._numbers = NumberRanking(self._amounts.floats)
            else:
                self._numbers.extend(self._amounts.floats)
            return self._numbers
        for _ in self.rank_steps(key):
            pass
        ranking = self._ranking
        assert ranking is not None
        for value in self.values[len(ranking) :]:
            ranking.add(key(value))
        for code in self._unplaced:
            ranking.move(code, key(self.values[code]))
        self._unplaced.clear()
        return ranking

    @property
    def is_searchable(self) -> bool:
        """Whether words can be looked for in the texts without making them ready first."""
        few = len(self.values) < FEW_TEXTS
        return few or (self._haystack is not None and not self._haystack.is_old(len(self.values)))

    def is_ready(self, need: Need) -> bool:
        """Whether everything that a query needs of this can be given without working it out for many values."""
        every = len(self.values) - _OVERLAY
        if need.counted or need.ranked:
            numeric = type_of(self.field) in NUMERIC and not self.field.many
            if numeric and (self._amounts is None or len(self._amounts) < every):
                return False
            ranking = self._numbers if numeric and self._is_numeric() else self._ranking
            if need.ranked and (ranking is None or len(ranking) < every):
                return False
        if need.grouped and self.points and len(self._firsts) < every:
            return False
        if not need.searched:
            return True
        if not self.field.many:
            return self.is_searchable
        members = self._members
        return members is not None and len(members) >= every and (self.points or members.column.is_searchable)

    def search_steps(self) -> Iterator[None]:
        """Make the texts ready for looking for words in them, in steps."""
        if not self.is_searchable:
            fresh = Haystack()
            yield from fresh.fill(self.values)
            self._haystack = fresh

    def haystack(self) -> Haystack | None:
        """The texts of most values, ready for looking for words in them; None where there are few."""
        for _ in self.search_steps():
            pass
        return self._haystack

    def forget(self, codes: Iterable[int]) -> None:
        """What these codes refer to has another name: they are shown and sorted anew."""
        self.renames += 1
        for code in codes:
            self.texts.pop(code, None)
            if self._ranking is None:
                self._renamed.add(code)
            elif code < len(self._ranking):
                self._unplaced.add(code)

    # Tests

    def meeting(self, test: Test, ask: Callable[[Column, Test, int], Mask]) -> Mask:
        """Which distinct values meet a test; ``ask`` answers for the values from a code on.

        Answers are kept, and only values that came since are asked about.
        """
        known = self._known.pop(test, None)
        first = 0 if known is None else len(known)
        if known is None or first < len(self.values):
            fresh = ask(self, test, first)
            known = fresh if known is None else np.concatenate((known, fresh))
        self._known[test] = known
        if len(self._known) > _MOST_KEPT:
            del self._known[next(iter(self._known))]
        return known


class Members:
    """What the values of a column hold: each distinct one once, and who holds it."""

    def __init__(self, column: Column) -> None:
        """``column`` takes the distinct members as its values; it has no rows."""
        self.column = column
        self.plain = True
        """Whether every value is a tuple without anything empty in it, or nothing."""
        self._members: Codes = np.empty(64, np.int32)
        self._holders: Codes = np.empty(64, np.int32)
        self._pairs = 0
        self._size = 0

    def __len__(self) -> int:
        """How many values were taken in."""
        return self._size

    def extend(self, values: Sequence[object]) -> None:
        """Take in the values of the next codes; one that is no tuple is held by itself."""
        members: list[int] = []
        holders: list[int] = []
        for code, value in enumerate(values, self._size):
            several = value if isinstance(value, tuple) else (value,)
            if value is not None and (several is not value or any(map(is_empty, several))):
                self.plain = False
            members += map(self.column.code_of, several)
            holders += [code] * len(several)
        self._size += len(values)
        stop = self._pairs + len(members)
        if stop > len(self._members):
            more = np.empty(stop // 2 + 64, np.int32)
            self._members = np.concatenate((self._members[: self._pairs], members, more), dtype=np.int32)
            self._holders = np.concatenate((self._holders[: self._pairs], holders, more), dtype=np.int32)
        else:
            self._members[self._pairs : stop] = members
            self._holders[self._pairs : stop] = holders
        self._pairs = stop

    def holding(self, met: Mask) -> Mask:
        """Which values hold a member that meets something, by the codes of both."""
        found = np.zeros(self._size, np.bool_)
        found[self._holders[: self._pairs][met[self._members[: self._pairs]]]] = True
        return found
