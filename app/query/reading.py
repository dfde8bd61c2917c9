"""Reading columns from where they lie, a slice at a time."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol

import msgspec
import numpy as np
import numpy.typing as npt

from app.domain.columns import Columns
from app.domain.schema import Field
from app.query.authors import people_of_devices
from app.query.column import Column
from app.query.frame import Frame
from app.query.pace import Pace
from app.query.paths import BY, CREATOR
from app.query.project import ProjectReader
from app.store.column_slices import ColumnSlices
from app.store.search import Search, TextSearch
from app.store.words import Words

_SLICE = 2_000
_WAIT = 0.003
"""Seconds that a step waits for the thread that searches."""
_decode = msgspec.msgpack.Decoder().decode
Change = Callable[[object], object]
"""What is made of a stored value before it stands in a column."""


class Reader(Protocol):
    """Where the records and values of a project are read."""

    def records(self, kind: str) -> Iterator[Sequence[tuple[bytes, int]]]:
        """The records of a kind that are there, with their numbers, in slices and no order."""
        ...

    def fill(self, frame: Frame, column: Column, field: Field, change: Change | None) -> Iterator[None]:
        """Read a field into a column, in steps."""
        ...

    def person(self, device: bytes) -> bytes | None:
        """The person who uses a device."""
        ...

    def texts(self, kind: str) -> Iterator[Iterable[tuple[bytes, str]]]:
        """The plain texts of the records of a kind, a few at a time."""
        ...

    def with_words(self, kind: str, words: Words) -> Generator[None, None, set[bytes] | None]:
        """The records whose text has all the words, found in steps; None where only reading them all tells."""
        ...


class WholeReader:
    """Reads from what gives whole columns at once."""

    def __init__(self, source: ProjectReader, columns: Columns) -> None:
        self._source = source
        self._columns = columns

    def records(self, kind: str) -> Iterator[Sequence[tuple[bytes, int]]]:
        """The records of a kind, all at once; they have no numbers."""
        yield [(record, 0) for record in self._source.records(kind)]

    def person(self, device: bytes) -> bytes | None:
        """The person who uses a device."""
        return people_of_devices(self._columns).get(device[:16])

    def texts(self, kind: str) -> Iterator[Iterable[tuple[bytes, str]]]:
        """The plain texts of the records of a kind."""
        yield self._source.texts(kind).items()

    def with_words(self, kind: str, words: Words) -> Generator[None, None, set[bytes] | None]:
        """Nothing is known without reading the texts."""
        yield
        return None

    def fill(self, frame: Frame, column: Column, field: Field, change: Change | None) -> Iterator[None]:
        """Read a field into a column."""
        values = self._values(frame.kind, field)
        yield
        for start in range(0, frame.size, _SLICE):
            found = [values.get(record) for record in frame.records[start : start + _SLICE]]
            if change is not None:
                found = [None if value is None else change(value) for value in found]
            codes = [column.code_of(value) for value in found]
            column.put(np.arange(start, start + len(codes)), codes)
            yield

    def _values(self, kind: str, field: Field) -> Mapping[bytes, object]:
        if field.name not in (BY, CREATOR):
            return self._source.column(kind, field.name)
        stamps = self._source.updated(kind) if field.name == BY else self._source.created(kind)
        people = people_of_devices(self._columns)
        return {record: people.get(stamp.device[:16]) for record, stamp in stamps.items()}


class SlicedReader:
    """Reads a project file: undecoded, since most values repeat, and by the numbers of its records."""

    def __init__(self, slices: ColumnSlices, columns: Columns, search: Callable[[], Search]) -> None:
        """``search`` opens a connection that the index of words is asked on."""
        self._slices = slices
        self._columns = columns
        self._search = search

    def records(self, kind: str) -> Iterator[Sequence[tuple[bytes, int]]]:
        """The records of a kind, in slices."""
        return self._slices.records(kind)

    def _rows(self, frame: Frame) -> npt.NDArray[np.int32]:
        """The row of each record by its number, -1 where it has none."""
        for record in frame.records[len(frame.numbers) :]:
            number = self._slices.number(frame.kind, record)
            assert number is not None, "a record of a frame is in the file"
            frame.numbers.append(number)
        return frame.rows_by_number()

    def person(self, device: bytes) -> bytes | None:
        """The person who uses a device."""
        return people_of_devices(self._columns).get(device[:16])

    def texts(self, kind: str) -> Iterator[Iterable[tuple[bytes, str]]]:
        """The plain texts of the records of a kind, a few at a time."""
        return self._slices.texts(kind)

    def with_words(self, kind: str, words: Words) -> Generator[None, None, set[bytes] | None]:
        """Ask the index, on a thread: common words take it longer than a frame."""
        search = TextSearch(self._search, kind, words)
        try:
            while not search.wait(_WAIT):
                yield
        finally:
            search.stop()
        return search.result()

    def fill(self, frame: Frame, column: Column, field: Field, change: Change | None) -> Iterator[None]:
        """Read a field into a column, in steps."""
        rows = self._rows(frame)
        if not len(rows):
            return  # deleted records alone still have values in the file
        yield
        known = _Codes(column, self._decoder(field), change)
        pace = Pace()
        for numbers, keys in self._keys(frame.kind, field):
            if pace.due():
                yield
            codes = known.of(keys)
            places = np.array(numbers, np.int64)
            inside = places < len(rows)
            places = np.where(inside, rows[np.where(inside, places, 0)], -1)
            there = places >= 0
            column.put(places[there], np.array(codes, np.int32)[there])
            if pace.due():
                yield

    def _keys(self, kind: str, field: Field) -> Iterator[tuple[list[int], list[Any]]]:
        if field.name in ("created", "updated"):
            for numbers, stamps in self._slices.stamps(kind, created=field.name == "created"):
                yield numbers, [at for at, _ in stamps]
        elif field.name in (BY, CREATOR):
            for numbers, stamps in self._slices.stamps(kind, created=field.name == CREATOR):
                yield numbers, [device for _, device in stamps]
        else:
            yield from self._slices.values(kind, field.name, many=field.many)

    def _decoder(self, field: Field) -> Callable[[Any], object]:
        if field.name in ("created", "updated"):
            return lambda at: at
        if field.name in (BY, CREATOR):
            people = people_of_devices(self._columns)
            return lambda device: people.get(device[:16])
        if field.many:
            return _members
        return _decode


class _Codes(dict[Any, int]):
    """The codes of what stands in the file, read when it is come by for the first time."""

    def __init__(self, column: Column, decode: Callable[[Any], object], change: Change | None) -> None:
        super().__init__()
        self._column = column
        self._decode = decode
        self._change = change

    def __missing__(self, key: Any) -> int:
        """Take in a value."""
        value = self._decode(key)
        if self._change is not None and value is not None:
            value = self._change(value)
        code = self[key] = self._column.code_of(value)
        return code

    def of(self, keys: Sequence[Any]) -> list[int]:
        """The codes of many. Nearly every title and number is another one: those are taken in together."""
        if self._change is None and self._decode is _decode:
            fresh = [key for key in dict.fromkeys(keys) if key not in self]
            if len(fresh) > len(keys) // 2:
                self.update(zip(fresh, self._column.codes_of(map(_decode, fresh)), strict=True))
        return [self[key] for key in keys]


def _members(packed: Sequence[bytes]) -> object:
    values = [_decode(each) for each in packed]
    found: list[object] = []
    for value in values:
        if value is not None and value not in found:
            found.append(value)
    return tuple(found)
