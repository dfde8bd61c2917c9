"""``sitebook search``."""

from __future__ import annotations

from argparse import Namespace
from typing import Any

from app.cli.session import Session
from app.domain.schema import KINDS
from app.store.search import Hit
from app.store.words import Snippet
from sync.errors import SitebookError
from sync.ids import id_text


def search(session: Session, arguments: Namespace) -> None:
    """Search titles, texts, comments, people and elements."""
    text = " ".join(arguments.words)
    if not text.strip():
        raise SitebookError("Give a word to search for.")
    project = session.project
    while project.maintain():
        pass
    with project.reader() as reader:
        ask = reader.first_hits if arguments.newest else reader.ranked
        hits = ask(text, max(1, arguments.limit))
    titles = [hit.title.text or _title(session, hit) for hit in hits]
    session.out.table(
        [_document(hit, title) for hit, title in zip(hits, titles, strict=True)],
        ("Kind", "Title", "Text", "Id"),
        [
            (KINDS[hit.kind].title, title, _marked(hit.text), id_text(hit.parent or hit.record))
            for hit, title in zip(hits, titles, strict=True)
        ],
        "Nothing has these words.",
    )


def _title(session: Session, hit: Hit) -> str:
    """Of a comment, the title of what it is on."""
    above = None if hit.parent is None else session.project.get(hit.parent)
    found = None if above is None or above.kind not in KINDS else above.value(KINDS[above.kind].heading)
    return found if isinstance(found, str) else ""


def _document(hit: Hit, title: str) -> dict[str, Any]:
    return {
        "id": id_text(hit.record),
        "kind": hit.kind,
        "parent": None if hit.parent is None else id_text(hit.parent),
        "title": title,
        "text": hit.text.text,
        "found": {"title": hit.title.ranges, "text": hit.text.ranges},
    }


def _marked(piece: Snippet) -> str:
    """A snippet for a terminal, with what was found between brackets; nothing where it is not in the text."""
    if not piece.ranges:
        return ""
    shown = piece.text
    for start, stop in reversed(piece.ranges):
        shown = f"{shown[:start]}[{shown[start:stop]}]{shown[stop:]}"
    return shown
