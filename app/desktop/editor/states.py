"""A text that is nobody's yet, or an old version, as a state that an editor can be bound to."""

from __future__ import annotations

from app.richtext.delta import Document
from app.richtext.yjs import apply_change
from app.store.texts import document_text, open_document


def state_of(document: Document) -> bytes:
    """The Yjs state of a new text."""
    made = open_document(None)
    text = document_text(made)
    with made.transaction():
        apply_change(text, document)
    return made.get_update()
