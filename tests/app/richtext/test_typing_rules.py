from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.richtext.context import DocumentContext, Edit
from app.richtext.delta import Attributes, Insert, Op, Retain, applied, length, normal_document
from app.richtext.editing import enter
from app.richtext.typing_rules import converted, full_address
from tests.app.richtext.texts import document, documents, marked


class Typist:
    """Types letter by letter, as an editor does; each conversion is a step of its own."""

    def __init__(self, text: str = "|") -> None:
        self.context, self.at, _ = marked(text)
        self.before: list[list[Insert]] = []

    def apply(self, edit: Edit) -> None:
        self.context = DocumentContext(applied(self.context.document, edit.change))
        self.at = edit.select[1]

    def type(self, text: str) -> Typist:
        formats: Attributes = {}
        for character in text:
            if character == "\n":
                self.apply(enter(self.context, self.at, self.at))
            else:
                place = self.at + 1
                change: list[Op] = [Retain(self.at), Insert(character, formats)]
                self.apply(Edit(change, (place, place)))
            typed = self.context.document
            edit = converted(self.context, self.at, character)
            if edit is not None:
                self.before.append(typed)
                self.apply(edit)
                formats = edit.typing or {}
        return self


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        ("# Title", "# Title"),
        ("## Title", "## Title"),
        ("- item\nnext", "- item\n- next"),
        ("* item", "- item"),
        ("1. item", "1. item"),
        ("[] item", "[ ] item"),
        ("[ ] item", "[ ] item"),
        ("- [ ] item", "[ ] item"),
        ("- [x] item", "[x] item"),
        ("[x] item", "[x] item"),
        ("> said", "> said"),
        ("``` code", "` code"),
        ("```\ncode", "` code"),
        ("---\nafter", "---\nafter"),
        ("a **b** c", "a *b* c"),
        ("a __b__ c", "a *b* c"),
        ("a *i* c", "a _i_ c"),
        ("a _i_ c", "a _i_ c"),
        ("(*i*)", "(_i_)"),
        ("漢*字*", "漢_字_"),
    ],
)
def test_signs_become_formats(typed: str, wanted: str) -> None:
    assert Typist().type(typed).context.document == normal_document(document(wanted))


@pytest.mark.parametrize(
    ("typed", "formats"),
    [
        ("~~gone~~", {"strike": True}),
        ("`code`", {"code": True}),
        ("==seen==", {"background": "#ffe58f"}),
        ("[word](https://a.example)", {"link": "https://a.example"}),
        ("[word](a.example/b_(c))", {"link": "https://a.example/b_(c)"}),
        ("https://a.example/b. ", {"link": "https://a.example/b"}),
        ("www.a.example ", {"link": "https://www.a.example"}),
        ("me@a.example\n", {"link": "mailto:me@a.example"}),
        ("https://a.example/(b) ", {"link": "https://a.example/(b)"}),
    ],
)
def test_signs_become_letters_formats(typed: str, formats: dict[str, object]) -> None:
    typist = Typist().type(typed).type("x")
    first = typist.context.document[0]
    assert first.attributes == formats
    # What is typed next is as it was before.
    assert all(not each.attributes for each in typist.context.document[1:])


@pytest.mark.parametrize(
    "typed",
    [
        "2*3*4",
        "a * b * c",
        "snake_case_name",
        "if a == b ==",
        "**",
        "****",
        "` `",
        "####### seven",
        "8. March",
        "word # one",
        "![a](https://a.example/b.png)",
        "[a](javascript:alert)",
        "file:///etc/passwd ",
        "a.b ",
        "http:// ",
    ],
)
def test_what_is_meant_as_it_is_stays(typed: str) -> None:
    assert Typist().type(typed).context.document == [Insert(typed + "\n")]


@pytest.mark.parametrize("typed", ["# ", "- ", "**b**", "https://a.example ", "`c`"])
def test_code_is_left_alone(typed: str) -> None:
    typist = Typist("` |").type(typed)
    assert typist.before == []
    assert typist.context.slice(0, len(typed)) == [Insert(typed)]


def test_nothing_is_found_within_inline_code() -> None:
    context = DocumentContext([Insert("**b**", {"code": True}), Insert("\n")])
    assert converted(context, 5, "*") is None


def test_what_was_typed_stays_when_the_conversion_is_taken_back() -> None:
    typist = Typist("a|\nb").type(" **b**")
    assert typist.before == [[Insert("a **b**\nb\n")]]


def test_a_sign_before_words_takes_them_along() -> None:
    assert Typist("|*word*").type("## ").context.document == document("## *word*")


def test_only_boxes_come_into_a_list_and_levels_into_a_heading() -> None:
    assert Typist("- |a").type("# ").before == []
    assert Typist("> |a").type("- ").before == []
    assert Typist("→- |a").type("[ ] ").context.document == document("→[ ] a")
    assert Typist("# |a").type("## ").context.document == document("## a")


def test_code_takes_the_formats_within_it_away() -> None:
    context = DocumentContext([Insert("`a"), Insert("b", {"bold": True}), Insert("`"), Insert("\n")])
    edit = converted(context, 4, "`")
    assert edit is not None
    assert applied(context.document, edit.change) == [Insert("ab", {"code": True}), Insert("\n")]


@pytest.mark.parametrize(
    ("word", "address"),
    [
        ("example.org", "https://example.org"),
        ("example.org:8080/a?b=1", "https://example.org:8080/a?b=1"),
        ("a@example.org", "mailto:a@example.org"),
        ("tel:+44123", "tel:+44123"),
        ("javascript:alert(1)", None),
        ("file:///etc", None),
        ("data:text/html,x", None),
        ("3.5", None),
        ("word", None),
        ("two words.org", None),
        ("https://", None),
    ],
)
def test_an_address_is_given_its_scheme(word: str, address: str | None) -> None:
    assert full_address(word) == address


@settings(max_examples=150)
@given(documents, st.text("#->*_~=`[]() 1.ax\n", max_size=14), st.data())
def test_a_text_stays_a_text(document: list[Insert], typed: str, data: st.DataObject) -> None:
    typist = Typist()
    typist.context = DocumentContext(document)
    typist.at = data.draw(st.integers(0, typist.context.length() - 1))
    typist.type(typed)
    after = typist.context.document
    assert normal_document(after) == after
    assert 0 <= typist.at < length(after)
