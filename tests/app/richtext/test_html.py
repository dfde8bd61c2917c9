from __future__ import annotations

from hypothesis import given, settings

from app.richtext.delta import Insert
from app.richtext.formats import is_opened
from app.richtext.html_read import read_html
from app.richtext.html_write import write_html
from tests.app.richtext.samples import Names, documents, known


def sayable(document: list[Insert]) -> list[Insert]:
    """Without what HTML never carries: links that open nothing, colours that are none."""
    found = []
    for content, attributes in document:
        kept = dict(attributes)
        if not is_opened(kept.get("link", "http:")):
            del kept["link"]
        if kept.get("background") == '"><b>':
            kept["background"] = "#ffe58f"
        found.append(Insert(content, kept))
    return known(found)


@settings(max_examples=300)
@given(documents)
def test_every_document_reads_back(document: list[Insert]) -> None:
    assert read_html(write_html(document, Names())) == sayable(document)
