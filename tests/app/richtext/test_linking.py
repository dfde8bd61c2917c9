from __future__ import annotations

from app.richtext.delta import Insert, applied
from app.richtext.formats import reference
from app.richtext.linking import linked

NOTE = bytes(range(16))


def test_words_become_a_link_that_shows_the_title() -> None:
    document = [
        Insert("See 😀 "),
        Insert("Concrete pour", {"bold": True, "link": "https://x.example"}),
        Insert(".\n"),
    ]
    found = applied(document, linked(document, 6, "Concrete pour", NOTE, "Concrete pour"))
    assert found == [Insert("See 😀 "), Insert(reference(NOTE), {"bold": True}), Insert(".\n")]


def test_words_of_another_case_stay_as_they_are() -> None:
    document = [Insert("the CONCRETE pour\n")]
    found = applied(document, linked(document, 4, "CONCRETE pour", NOTE, "Concrete pour"))
    assert found[1] == Insert(reference(NOTE, "CONCRETE pour"))


def test_words_that_are_not_there_any_more_are_left_alone() -> None:
    assert linked([Insert("all new\n")], 4, "Concrete pour", NOTE, "Concrete pour") == []
    assert linked([Insert("all new\n")], 0, "", NOTE, "") == []
