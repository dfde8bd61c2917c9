from __future__ import annotations

from app.richtext.context import DocumentContext
from app.richtext.delta import applied
from app.richtext.finding import find_all, replaced
from tests.app.richtext.texts import document


def test_finds_words_whatever_signs_they_have_and_none_over_another() -> None:
    assert find_all("aaa a.a A", "a.a") == [(4, 7)]
    assert find_all("aaaa", "aa") == [(0, 2), (2, 4)]
    assert find_all("Äpfel äpfel", "äpf") == [(0, 3), (6, 9)]
    assert find_all("Äpfel äpfel", "äpf", case=True) == [(6, 9)]
    assert find_all("abc", "") == []


def test_objects_are_counted_and_not_found() -> None:
    assert find_all("a\ufffc😀b", "\ufffc") == []
    assert find_all("a\ufffc😀b", "b") == [(3, 4)]


def test_what_is_replaced_keeps_the_format_it_begins_with() -> None:
    context = DocumentContext(document("*ab*cd ab"))
    edit = replaced(context, [(0, 4), (5, 7)], "x")
    assert applied(context.document, edit.change) == document("*x* x")
    assert edit.select == (2, 3)
    assert replaced(context, [], "x").change == []
