from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.lists import join_list, split_list
from app.domain.names import fold, fold_name, listing, natural_key, nearest, shorten, unknown
from sync.errors import SitebookError


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ÅNGSTRÖM", "angstrom"),
        ("Østergård", "ostergard"),
        ("STRASSE", "straße"),
        ("Łódź", "lodz"),
        ("ﬁre", "FIRE"),
        ("İstanbul", "istanbul"),
    ],
)
def test_names_are_the_same_without_case_and_accents(one: str, other: str) -> None:
    assert fold(one) == fold(other)


def test_signs_that_are_letters_stay() -> None:
    assert fold("กิน") != fold("กน")
    assert fold("裂缝") == "裂缝"


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


def test_field_names_ignore_how_words_are_joined() -> None:
    assert fold_name("Home base") == fold_name("home-base") == fold_name(" HOME_BASE ") == "home_base"


def test_natural_order() -> None:
    rooms = ["Room 10", "room 2", "Room 2a", "Room 007", "Room", "Attic", "Room 10.2", "Room 10.10"]
    assert sorted(rooms, key=natural_key) == [
        "Attic",
        "Room",
        "room 2",
        "Room 2a",
        "Room 007",
        "Room 10",
        "Room 10.2",
        "Room 10.10",
    ]


@given(st.integers(0, 10**30), st.integers(0, 10**30))
def test_numbers_in_text_sort_as_numbers(one: int, other: int) -> None:
    assert (natural_key(f"A{one}b") < natural_key(f"A{other}b")) == (one < other)


def test_a_run_of_very_many_digits_has_a_key() -> None:
    assert natural_key("9" * 10_000) > natural_key("9" * 9_999)
    assert natural_key("9" * 10_000).encode()


def test_what_was_probably_meant() -> None:
    assert nearest("asignee", ["assignee", "due"]) == "assignee"
    assert nearest("desc", ["description", "due"]) == "description"
    assert nearest("xyz", ["assignee", "due"]) is None
    assert unknown("field", "duee", ["due", "cost"]) == (
        "There is no field “duee”. Did you mean “due”? There is: due, cost."
    )


def test_long_lists_and_texts_are_shortened() -> None:
    assert listing(str(number) for number in range(43)).endswith("39 and 3 more")
    assert listing([]) == "none yet"
    assert shorten("a\n b   c") == "a b c"
    assert len(shorten("x" * 1_000_000)) == 60
    assert shorten("x" * 60) == "x" * 60


@given(st.lists(st.text(max_size=12), max_size=6))
def test_a_joined_list_splits_into_the_same_items(items: list[str]) -> None:
    assert split_list(join_list(items)) == items


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("a, b,, c,", ["a", "b", "c"]),
        ('fire, "wet, cold"', ["fire", "wet, cold"]),
        ('5" pipe, x', ['5" pipe', "x"]),
        ("", []),
        ('""', [""]),
    ],
)
def test_splitting_what_people_type(text: str, items: list[str]) -> None:
    assert split_list(text) == items


@pytest.mark.parametrize("text", ['"a', '"a" b', 'x, "y'])
def test_a_quote_left_open_is_an_error(text: str) -> None:
    with pytest.raises(SitebookError, match="quote"):
        split_list(text)


@given(st.text(st.sampled_from('a ,"\\\n'), max_size=20))
def test_splitting_any_text_ends_in_items_or_in_a_sentence(text: str) -> None:
    try:
        items = split_list(text)
    except SitebookError:
        return
    assert split_list(join_list(items)) == items
