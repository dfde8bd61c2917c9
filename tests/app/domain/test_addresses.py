from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.addresses import KINDS, MOST, address_of, has_address, read_address
from app.richtext.formats import is_opened
from sync.errors import Malformed

PROJECT = bytes(range(32))
RECORD = bytes(range(16, 32))
ADDRESS = "sitebook://0001020304050607/issue/10111213-1415-1617-1819-1a1b1c1d1e1f"


def test_an_address_carries_the_project_and_the_item() -> None:
    assert address_of(PROJECT, "issue", RECORD) == ADDRESS
    found = read_address(ADDRESS)
    assert (found.kind, found.record) == ("issue", RECORD)
    assert found.is_in(PROJECT)
    assert not found.is_in(bytes(32))


@given(st.binary(min_size=32, max_size=32), st.sampled_from(KINDS), st.binary(min_size=16, max_size=16))
def test_every_address_is_read_as_it_was_written(project: bytes, kind: str, record: bytes) -> None:
    written = address_of(project, kind, record)
    assert is_opened(written)
    for text in (written, written.upper().replace("SITEBOOK", "sitebook"), f" {written}/\n"):
        found = read_address(text)
        assert (found.kind, found.record, found.is_in(project)) == (kind, record, True)


def test_longer_project_ids_are_read_too() -> None:
    assert read_address(ADDRESS.replace("0001020304050607", PROJECT.hex())).is_in(PROJECT)
    assert not read_address(ADDRESS.replace("0001020304050607", PROJECT.hex()[:-1] + "0")).is_in(PROJECT)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "sitebook://",
        "https://example.com",
        ADDRESS.removesuffix("1f"),
        ADDRESS + "/more",
        ADDRESS + "?do=delete",
        ADDRESS + "\n" + ADDRESS,
        ADDRESS.replace("issue", "view"),
        ADDRESS.replace("issue", "../issue"),
        ADDRESS.replace("0001020304050607", "00010203040506"),
        ADDRESS.replace("0001020304050607", "٠٠٠١٠٢٠٣٠٤٠٥٠٦٠٧"),
        ADDRESS.replace("10111213-1415", "------------"),
        ADDRESS + " " * MOST,
    ],
)
def test_nothing_else_is_an_address(text: str) -> None:
    with pytest.raises(Malformed, match="is not an"):
        read_address(text)


@given(st.text(max_size=300))
def test_wild_text_is_refused_in_a_sentence(text: str) -> None:
    with pytest.raises(Malformed):
        read_address("sitebook://" + text)


def test_what_stands_in_lists_has_addresses() -> None:
    assert has_address("note")
    assert not has_address("comment")
