"""Typing into a field: kept key by key as a draft, made a change after a pause or on leaving."""

from __future__ import annotations

from app.desktop.item.desk import Desk
from app.store.records import FieldState
from sync.change import WriteId
from sync.errors import SitebookError


class Typing:
    """One user typing into one field of one value."""

    def __init__(self, desk: Desk, record: bytes, name: str) -> None:
        self._desk = desk
        self._record = record
        self._name = name
        self._seen: tuple[WriteId, ...] | None = None
        self._original: object = None
        self._changed = False

    @property
    def begun(self) -> bool:
        """Whether the user is in the field."""
        return self._seen is not None

    @property
    def changed(self) -> bool:
        """Whether anything was typed since the user came."""
        return self._changed

    @property
    def original(self) -> object:
        """The value that stood in the field when the user came."""
        return self._original

    def begin(self, state: FieldState) -> None:
        """The user enters the field and sees ``state``: what he writes replaces that, and nothing newer."""
        self._seen = state.seen
        self._original = state.value
        self._changed = False

    def put(self, value: object) -> str:
        """Keep what stands in the field now; gives the sentence of a refusal, or an empty text."""
        assert self._seen is not None
        try:
            self._desk.source.draft_value(self._record, self._name, value, self._seen)
        except SitebookError as error:
            return str(error)
        self._changed = True
        self._desk.typed()
        return ""

    def finish(self) -> str:
        """The user leaves: what was typed becomes a change."""
        changed, self._seen, self._changed = self._changed, None, False
        return self._desk.leave() if changed else ""

    def cancel(self) -> bool:
        """Restore what stood there when the user came; False where nothing was typed."""
        if not self._changed or self._seen is None:
            return False
        source = self._desk.source
        source.discard_draft(self._record, self._name)
        own = self._own_and_seen()
        if own != self._seen:
            # A pause has made a change of it already: another one puts the value back.
            self._desk.do(lambda: source.set(self._record, self._name, self._original, seen=own))
            self._seen = self._own_and_seen()
        self._changed = False
        return True

    def _own_and_seen(self) -> tuple[WriteId, ...]:
        """The writes that stand in the field, without those of others that came since the user entered."""
        source = self._desk.source
        live = source.field(self._record, self._name).live
        return tuple(
            write.id for write in live if write.author == source.device or write.id in (self._seen or ())
        )
