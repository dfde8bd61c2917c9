from __future__ import annotations

from typing import Any

import pytest

from app.richtext.delta import Insert, document_to_json
from app.richtext.formats import HIGHLIGHT_COLOR, attached_image, divider, mention, reference
from app.richtext.lines import split_lines
from app.richtext.markdown_read import decode_markdown, encode_markdown, read_markdown
from sync.ids import id_text
from tests.app.richtext.samples import RECORDS, TITLES, Names

NAMES = Names()


def attributes(source: str) -> list[dict[str, Any]]:
    return [dict(line.attributes) for line in split_lines(read_markdown(source, NAMES))]


def texts(source: str) -> list[str]:
    return [line.text for line in split_lines(read_markdown(source, NAMES))]


def pieces(source: str) -> list[Any]:
    """The only line of a source as Quill writes it, without the newline."""
    *found, last = document_to_json(read_markdown(source, NAMES))
    if last["insert"] != "\n":
        found.append({**last, "insert": last["insert"].removesuffix("\n")})
    return found


@pytest.mark.parametrize(
    ("source", "line", "text"),
    [
        ("# A", {"header": 1}, "A"),
        ("###### A ##", {"header": 6}, "A"),
        ("#", {"header": 1}, ""),
        ("####### A", {}, "####### A"),
        ("#tag", {}, "#tag"),
        ("- a", {"list": "bullet"}, "a"),
        ("* a", {"list": "bullet"}, "a"),
        ("+ a", {"list": "bullet"}, "a"),
        ("-a", {}, "-a"),
        ("12) a", {"list": "ordered"}, "a"),
        ("1. a", {"list": "ordered"}, "a"),
        ("- [ ] a", {"list": "unchecked"}, "a"),
        ("- [x] a", {"list": "checked"}, "a"),
        ("- [X]", {"list": "checked"}, ""),
        ("- [/] a", {"list": "bullet"}, "[/] a"),
        ("> a", {"blockquote": True}, "a"),
        (">", {"blockquote": True}, ""),
        (">> a", {"blockquote": True}, "> a"),
        ("> - # a", {"blockquote": True, "list": "bullet", "header": 1}, "a"),
        ("&emsp;&emsp;a", {"indent": 2}, "a"),
        ("    a  ", {}, "    a  "),
    ],
)
def test_a_line_says_what_it_is(source: str, line: dict[str, Any], text: str) -> None:
    assert attributes(source) == [line]
    assert texts(source) == [text]


@pytest.mark.parametrize("step", ["\t", "  ", "   ", "    "])
def test_each_step_to_the_right_is_a_level(step: str) -> None:
    levels = [
        each.get("indent", 0)
        for each in attributes(f"- a\n{step}- b\n{step * 2}- c\n{step}- d\n\n{step}- e\n- f")
        if each
    ]
    assert levels == [0, 1, 2, 1, 1, 0]


def test_numbered_lists_nest_below_their_text() -> None:
    assert [each.get("indent", 0) for each in attributes("1. a\n   - b\n     - c\n2. d")] == [0, 1, 2, 0]


def test_ten_thousand_levels_are_eight() -> None:
    assert attributes("\n".join(" " * (2 * level) + "- a" for level in range(3000)))[-1]["indent"] == 8


def test_fences_are_no_lines() -> None:
    source = (
        "a\n```py\n\tx = 1\n\n# no heading\n```\n~~~\ny\n~~~\n> ```\n> z\n- a\n  ```\n  b\n  ```\n```\nopen"
    )
    assert list(zip(texts(source), attributes(source), strict=True)) == [
        ("a", {}),
        ("\tx = 1", {"code-block": "py"}),
        ("", {"code-block": "py"}),
        ("# no heading", {"code-block": "py"}),
        ("y", {"code-block": True}),
        ("z", {"code-block": True, "blockquote": True}),
        ("a", {"list": "bullet"}),
        ("b", {"code-block": True, "indent": 1}),
        ("open", {"code-block": True}),
    ]


@pytest.mark.parametrize("source", ["---", "***", "_____", "- - -", " * * * "])
def test_dividers(source: str) -> None:
    assert read_markdown(source) == [Insert(divider()), Insert("\n")]


@pytest.mark.parametrize(
    "source",
    [
        "Title\n---",
        "Title\n===",
        "| a | **b** |\n|---|---|\n| 1 \\| 2 | [x](y) |",
        "> [!note] A *title*\n> **text**\n> - item",
        "$$\n*a*_b_\n\n$$",
        "%%\n- *x*\n%%",
        "<!-- *x*\n\n# y -->",
        "<div align='x'>\n*x*\n</div>",
        "<pre>\n\n*x*\n</pre>",
        "a $x*y*z$ b, %%*r*%% and [[No *such* title]]",
        "[^1]: A footnote, see [^2] and [text][ref].",
        "[ref]: http://a.b 'title'",
        "![far](http://a.b/c.png) ![[nothing.png]] [x](http://a.b 'title')",
        "<span style='color:red'>x</span> <b>no end",
        "a line below\n14. that is no list",
        "$ 5 * 3 = 15, snake_case_name, a & b",
    ],
)
def test_what_has_no_equivalent_is_literal_text(source: str) -> None:
    assert "\n".join(texts(source)) == source
    assert all(not each for each in attributes(source))
    assert all(not each.attributes for each in read_markdown(source, NAMES))


def test_formats_inside_a_line() -> None:
    assert pieces("**b** __b__ *i* _i_ ~~s~~ ==h== `c` <u>u</u> \\*") == [
        {"insert": "b", "attributes": {"bold": True}},
        {"insert": " "},
        {"insert": "b", "attributes": {"bold": True}},
        {"insert": " "},
        {"insert": "i", "attributes": {"italic": True}},
        {"insert": " "},
        {"insert": "i", "attributes": {"italic": True}},
        {"insert": " "},
        {"insert": "s", "attributes": {"strike": True}},
        {"insert": " "},
        {"insert": "h", "attributes": {"background": HIGHLIGHT_COLOR}},
        {"insert": " "},
        {"insert": "c", "attributes": {"code": True}},
        {"insert": " "},
        {"insert": "u", "attributes": {"underline": True}},
        {"insert": " *"},
    ]


def test_words_that_touch_signs_are_read_as_commonmark_has_it() -> None:
    assert pieces("snake_case_name 2*3*4 **a**b __c__d **e**, *f*!") == [
        {"insert": "snake_case_name 2"},
        {"insert": "3", "attributes": {"italic": True}},
        {"insert": "4 "},
        {"insert": "a", "attributes": {"bold": True}},
        {"insert": "b __c__d "},
        {"insert": "e", "attributes": {"bold": True}},
        {"insert": ", "},
        {"insert": "f", "attributes": {"italic": True}},
        {"insert": "!"},
    ]


def test_links() -> None:
    assert pieces("[a **b**](<http://a b>) <http://x.y> <a href='no'>") == [
        {"insert": "a ", "attributes": {"link": "http://a b"}},
        {"insert": "b", "attributes": {"link": "http://a b", "bold": True}},
        {"insert": " "},
        {"insert": "http://x.y", "attributes": {"link": "http://x.y"}},
        {"insert": " <a href='no'>"},
    ]


def test_names_are_looked_up() -> None:
    title = TITLES[RECORDS[0]]
    person = id_text(RECORDS[4])
    assert read_markdown(f"[[{title}]]**[[{title}|it]]**[@Ann](sitebook://person/{person})", NAMES)[:-1] == [
        Insert(reference(RECORDS[0])),
        Insert(reference(RECORDS[0], "it"), {"bold": True}),
        Insert(mention(RECORDS[4])),
    ]
    assert read_markdown(f"[[{title}#Part one]]", NAMES)[0].content == {
        "ref": {"id": id_text(RECORDS[0]), "heading": "Part one"}
    }
    assert read_markdown("![[b.png|100]]![in \\*words\\*](b.png)![](<files/a photo (1).jpg>)", NAMES)[
        :-1
    ] == [
        Insert(attached_image(RECORDS[1]), {"alt": "100"}),
        Insert(attached_image(RECORDS[1]), {"alt": "in *words*"}),
        Insert(attached_image(RECORDS[0])),
    ]


def test_each_line_is_a_line_whatever_ends_it() -> None:
    assert texts("\ufeffa\r\nb\rc\n\nd\u2028e\x0cf\x85g") == ["a", "b", "c", "", "d\u2028e\x0cf\x85g"]
    assert read_markdown("") == read_markdown("\n") == [Insert("\n")]


def test_bytes_that_are_no_text_come_back() -> None:
    data = b"\xef\xbb\xbf\xff **\x80** \xed\xa0\x80\r\n| \xfe |"
    source = decode_markdown(data)
    assert encode_markdown(source) == data
    assert texts(source) == ["\ufffd \ufffd \ufffd\ufffd\ufffd", "| \ufffd |"]


@pytest.mark.parametrize(
    "source",
    [
        "*a " * 100_000,
        "[" * 1_000_000,
        "![[" * 100_000,
        "<b>" * 100_000,
        "`" * 1_000_000,
        "<!--sitebook:" * 80_000,
        "$" * 1_000_000,
        "#" + " " * 1_000_000 + "#",
        "-" + " -" * 500_000 + "x",
        "\n".join(["<!-- open"] * 5_000),
        "\n".join(["<div>"] * 50_000),
        "\n".join(["$$x"] * 50_001),
        "\n".join(["> [!x]", "```"] * 30_000),
        "\n".join([f"{' ' * level}- x" for level in range(1000)]),
    ],
)
@pytest.mark.timeout(20)
def test_hostile_source_is_read_in_time(source: str) -> None:
    assert read_markdown(source)
