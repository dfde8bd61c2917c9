"""A history in words: what was done, by whom, when and where, and what of it can be put back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

from app.desktop.item.desk import Desk
from app.desktop.item.speech import field_title, value_text
from app.desktop.translate import tr
from app.domain.schema import MERGED_INTO, Field
from app.store.records import Deed, HistoryEntry, Record

VALUE, VALUE_END = "\x02", "\x03"
"""Stand around the values in the words of a deed."""
_BURST_MS = 15 * 60_000
"""What one device does within so long stands together, and its edits of one text are told as one."""
_LONGEST = 80
_RANK = "rank"


@dataclass(frozen=True, slots=True)
class Told:
    """One thing that was done, in words with marks around values.

    ``old`` is what can be put back: the value that stood in ``field`` before, or, of an edit of a text, nothing: then
    ``change`` names the state of the text. ``restorable`` tells whether there is anything to put back.
    """

    key: tuple[bytes, int]
    device: bytes
    at: int
    words: str
    field: str = ""
    old: Any = None
    many: bool = False
    text: bool = False
    restorable: bool = False
    said: str = ""
    """The old value in words."""

    @property
    def change(self) -> bytes:
        """The change that did it."""
        return self.key[0]


@dataclass(frozen=True, slots=True)
class Together:
    """What one device did in one go, the newest first."""

    device: bytes
    at: int
    deeds: tuple[Told, ...]


def grouped(deeds: Iterable[Told]) -> list[Together]:
    """Put together what one device did in one go."""
    found: list[list[Told]] = []
    for deed in deeds:
        last = found[-1][-1] if found else None
        if last is not None and last.device == deed.device and last.at - deed.at < _BURST_MS:
            found[-1].append(deed)
        else:
            found.append([deed])
    return [Together(each[0].device, each[0].at, tuple(each)) for each in found]


def tell(desk: Desk, record: Record, history: Iterable[HistoryEntry]) -> Iterator[Told]:
    """Tell a history, which begins with the newest, one thing after the other."""
    fields = desk.fields(record.kind)
    texts: dict[str, HistoryEntry] = {}
    moved: HistoryEntry | None = None
    for _, group in groupby(history, key=lambda entry: entry.change):
        entries = list(group)
        made = next((each for each in entries if each.deed is Deed.CREATED), None)
        if made is not None:
            yield _plain(made, tr("made this"))
            continue
        for entry in entries:
            if entry.text:
                later = texts.get(entry.field)
                texts[entry.field] = entry
                if later is None or not _same_burst(later, entry):
                    # The newest state of a text is what stands there: there is nothing to put back.
                    yield _typed(entry, restorable=later is not None and not record.deleted)
            elif entry.field == _RANK:
                if moved is None or not _same_burst(moved, entry):
                    yield _plain(entry, tr("moved this on a board"))
                moved = entry
            else:
                stored = None if fields is None else fields.stored(entry.field)
                yield _told(desk, record, entry, stored)


def _same_burst(later: HistoryEntry, entry: HistoryEntry) -> bool:
    return later.device == entry.device and later.at - entry.at < _BURST_MS


def _plain(entry: HistoryEntry, words: str) -> Told:
    return Told((entry.change, entry.index), entry.device, entry.at, words)


def _typed(entry: HistoryEntry, *, restorable: bool) -> Told:
    words = tr("edited the text")
    return replace(
        _plain(entry, words),
        field=entry.field,
        text=True,
        restorable=restorable,
        said=tr("the text as of then"),
    )


def _told(desk: Desk, record: Record, entry: HistoryEntry, field: Field | None) -> Told:
    if entry.field == "deleted":
        deleted = entry.deed is Deed.DELETED
        return _plain(entry, tr("deleted this") if deleted else tr("restored this"))
    title = field_title(field) if field is not None else tr("a field that is gone")
    name = title[:1].lower() + title[1:]
    old, new = _said(desk, field, entry.old), _said(desk, field, entry.value)
    if entry.field == MERGED_INTO:
        words = (
            tr("merged this into {value}").format(value=_bold(new)) if new else tr("took this apart again")
        )
        return _plain(entry, words)
    if entry.deed is Deed.ADDED:
        return _plain(entry, tr("added {value} to {field}").format(value=_bold(new), field=name))
    if entry.deed is Deed.REMOVED:
        words = tr("removed {value} from {field}").format(value=_bold(old), field=name)
    elif entry.deed is Deed.CLEARED:
        words = tr("cleared {field}, which was {old}").format(field=name, old=_bold(old))
    elif old:
        words = tr("changed {field} from {old} to {value}").format(
            field=name, old=_short(old), value=_bold(new)
        )
    else:
        words = tr("set {field} to {value}").format(field=name, value=_bold(new))
    many = field is not None and field.many
    there = record.values(entry.field) if many else (record.value(entry.field),)
    can = field is not None and field.writable and not record.deleted
    return replace(
        _plain(entry, words),
        field=entry.field,
        old=entry.old,
        many=many,
        restorable=can and entry.old is not None and entry.old not in there,
        said=old,
    )


def _said(desk: Desk, field: Field | None, value: object) -> str:
    if value is None:
        return ""
    return value_text(desk, None if field is None else replace(field, many=False), value)


def _short(said: str) -> str:
    line = " ".join(said.replace(VALUE, "").replace(VALUE_END, "").split())
    return line if len(line) < _LONGEST else line[: _LONGEST - 1] + "…"


def _bold(said: str) -> str:
    return f"{VALUE}{_short(said)}{VALUE_END}"
