from __future__ import annotations

from app.domain.people import PersonEntry, matching_people, people_like, people_named

_ANN = PersonEntry(b"a", "Ann Lee", "ann@example.com")
_ANNE = PersonEntry(b"b", "Anné Marie Lee", "")
_ZOE = PersonEntry(b"z", "Zoë Østergård", "zoe@example.com")
_NOBODY = PersonEntry(b"n", "", "n@example.com")
_ALL = (_ANN, _ANNE, _ZOE, _NOBODY)


def test_a_name_is_found_without_case_accents_and_order() -> None:
    assert people_named("ANN lee", _ALL) == [_ANN]
    assert people_named("Lee, Ann", _ALL) == [_ANN]
    assert people_named("ostergard zoe", _ALL) == [_ZOE]
    assert people_named("ZOE@example.com", _ALL) == [_ZOE]
    assert people_named("Ann", _ALL) == []
    assert people_named("", _ALL) == []


def test_the_exact_name_comes_before_the_same_words() -> None:
    turned = PersonEntry(b"t", "Lee Ann")
    assert people_named("lee ann", [_ANN, turned]) == [turned]


def test_beginnings_of_words_find_people_in_queries() -> None:
    assert people_like("an le", _ALL) == [_ANN, _ANNE]
    assert people_like("øst", _ALL) == [_ZOE]
    assert people_like("  ", _ALL) == []


def test_who_joins_is_offered_the_likeliest_people_first() -> None:
    other = PersonEntry(b"o", "Somebody Else", "Ann@Example.com")
    assert matching_people("Ann Lee", "ann@example.com", [_ZOE, _ANN, other]) == [_ANN, other]
    assert matching_people("Lee, Ann", "", [_ZOE, _ANN]) == [_ANN]
    assert matching_people("Anne Lee", "", [_ANNE, _ANN]) == [_ANNE]
    assert matching_people("", "", _ALL) == []
    assert matching_people("Lee", "", _ALL) == []
