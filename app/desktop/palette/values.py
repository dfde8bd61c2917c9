"""One field of all selected issues, set from a list of its values: as a single action, undone in one step."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from PySide6.QtWidgets import QWidget

from app.desktop.entries import Entry
from app.desktop.filter.speech import field_icon, field_name, offer_entry
from app.desktop.palette.panel import AskPanel
from app.desktop.translate import tr, tr_count
from app.desktop.widgets import Look
from app.desktop.workspace import Workspace
from app.domain import dates
from app.domain.names import fold
from app.domain.schema import Field, FieldType
from app.query.ast import Special
from app.query.completion import Completer
from app.query.matching import rank
from app.query.offers import Offer
from app.store.operations import Edit

_MOST = 100
_CLEAR = Offer("", "", value=Special.NONE)


class ValuesPanel(AskPanel):
    """Offers the values of a field. A field with many values stays open, with a box before each."""

    def __init__(
        self,
        look: Look,
        window: QWidget,
        workspace: Workspace,
        kind: str,
        field: Field,
        records: Sequence[bytes],
        completer: Completer,
    ) -> None:
        name = field_name(field)
        about = tr_count("%n issue", "%n issues", len(records))
        hint = tr("{field} of {records}").format(field=name, records=about) if len(records) > 1 else name
        super().__init__(look, name, window, hint, width=420, icon=field_icon(field))
        self._workspace = workspace
        self._kind = kind
        self._field = field
        self._records = list(records)
        self._completer = completer
        self._typed_name = completer.typed_name(field)

    # What is offered

    def _held(self) -> list[set[object]]:
        """What stands in the field of each record."""
        column = self._workspace.columns.column(self._kind, self._field.name)
        values = [column.get(record) for record in self._records]
        return [
            set(value) if isinstance(value, tuple | list) else set() if value is None else {value}
            for value in values
        ]

    def typed(self, text: str) -> None:
        """Show the values that fit."""
        context = self._workspace.context()
        held = self._held()
        every = set.intersection(*held) if held else set()
        entries: list[Entry] = []
        tree = self._field.type is FieldType.LOCATION and not text.strip()
        for offer in self._offers(text):
            stored = self._stored(offer)
            if stored is None:
                continue
            checked = stored in every if self._field.many else None
            entry = offer_entry(offer, self._field, context, checked=checked, tree=tree)
            stands = not self._field.many and stored in every
            entries.append(entry if not stands else _with_mark(entry))
        if any(held) and rank(fold(text.strip()), fold(tr("Clear"))) is not None:
            clear = Entry(tr("Clear"), sign="icon", mark="x", muted=True, data=_CLEAR)
            entries.append(clear)
        foot = "" if entries else tr("Nothing found")
        self.show_entries(entries, foot)
        if not text.strip() and len(every) == 1 and not self._field.many:
            standing = next((each for each in entries if each.right), None)
            if standing is not None:
                self.list.select_data(standing.data)

    def _offers(self, text: str) -> list[Offer]:
        found = [
            each
            for each in self._completer.values(self._typed_name, text, _MOST)
            if each.value not in (Special.NONE, Special.ANY)
        ]
        typed = text.strip()
        if self._field.type is FieldType.DATE:
            day = dates.find_date(typed, self._workspace.context().today) if typed else None
            if day is not None and all(each.plain != typed for each in found):
                found.insert(0, Offer(typed, typed, day.isoformat(), day))
        own = self._field.type is FieldType.CHOICE and self._field.open_choices and typed
        if own and all(each.plain != typed for each in found):
            found.append(Offer(typed, typed, "", typed))
        return found

    def _stored(self, offer: Offer) -> object:
        """What an offer is in the field; None for what is no value of it."""
        if offer.value is Special.ME:
            return self._workspace.directory.me
        if self._field.type is FieldType.DATE:
            return offer.value.isoformat() if isinstance(offer.value, date) else None
        if self._field.type is FieldType.CHOICE:
            return offer.plain
        return offer.value if isinstance(offer.value, bytes) else None

    # What is chosen

    def take(self, entry: Entry) -> None:
        """Write it into all records; a field of one value is done with that."""
        offer = entry.data
        assert isinstance(offer, Offer)
        name = self._field.name
        if offer.value is Special.NONE:
            self._write(Edit(name, () if self._field.many else None))
            self.leave()
        elif self._field.many:
            self._write(Edit(name, self._stored(offer), "remove" if entry.checked else "add"))
            typed = self.line.text()
            self.line.selectAll()
            self.typed(typed)
            self.list.select_data(offer)
        else:
            self._write(Edit(name, self._stored(offer)))
            self.leave()

    def _write(self, edit: Edit) -> None:
        self._workspace.edit({record: [edit] for record in self._records})


def _with_mark(entry: Entry) -> Entry:
    """The entry that stands in the field now says so."""
    return Entry(
        entry.text, entry.detail, tr("now"), entry.sign, entry.mark, depth=entry.depth, data=entry.data
    )
