from __future__ import annotations

from hypothesis import given, settings

from app.richtext.delta import Insert
from app.richtext.markdown_read import read_markdown
from app.richtext.markdown_write import write_markdown
from tests.app.richtext.samples import Names, documents

NAMES = Names()


@settings(max_examples=400)
@given(documents)
def test_every_document_reads_back(document: list[Insert]) -> None:
    source = write_markdown(document, NAMES, NAMES)
    assert read_markdown(source, NAMES) == document
