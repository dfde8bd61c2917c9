"""Somebody else in the text that is typed in."""

from __future__ import annotations

from random import Random

from pycrdt import Doc, Text, TransactionEvent


class Other:
    """Somebody else in the same text, who edits all over it."""

    def __init__(self, state: bytes) -> None:
        self._yjs: Doc[Text] = Doc(client_id=99)
        self._text: Text = self._yjs.get("content", type=Text)
        self._yjs.apply_update(state)
        self._made = b""
        self._chance = Random(5)
        self._subscription = self._yjs.observe(self._keep)

    def _keep(self, event: TransactionEvent) -> None:
        self._made = event.update

    def edit(self) -> bytes:
        """One edit: mostly letters, sometimes a format, a new line, or something deleted."""
        length = len(self._text)
        at = self._chance.randrange(length - 20)
        kind = self._chance.random()
        if kind < 0.7:
            self._text.insert(at, "abc")
        elif kind < 0.8:
            self._text.format(at, at + 8, {"bold": True})
        elif kind < 0.9:
            self._text.insert(at, "\n", {"list": "bullet"})
        else:
            del self._text[at : at + 3]
        return self._made
