from __future__ import annotations

from typing import Any

import pytest

from app.richtext.delta import document_to_json
from app.richtext.formats import HIGHLIGHT_COLOR, is_opened
from app.richtext.html_clean import LARGEST
from app.richtext.html_read import read_html
from app.richtext.html_write import write_html
from app.richtext.lines import split_lines
from app.richtext.markdown_read import read_markdown
from app.richtext.markdown_write import write_markdown
from tests.app.richtext.samples import Names

WORD = """<html xmlns:o="urn:schemas-microsoft-com:office:office"><head><title>T</title>
<style>p {color: red}</style></head>
<body lang=EN-GB><!--StartFragment-->
<h1>Report<o:p></o:p></h1>
<p class=MsoNormal><b style='mso-bidi-font-weight:normal'>Bold</b> and
plain<span style='mso-spacerun:yes'>&nbsp;</span><span style='background:yellow;mso-highlight:yellow'>marked</span></p>
<p class=MsoListParagraphCxSpFirst style='text-indent:-18.0pt;mso-list:l0 level1 lfo1'><![if !supportLists]><span
style='font-family:Symbol'><span style='mso-list:Ignore'>·<span style='font:7.0pt "Times New Roman"'>&nbsp;&nbsp;&nbsp;
</span></span></span><![endif]>One</p>
<p class=MsoListParagraphCxSpLast style='mso-list:l0 level2 lfo1'><![if !supportLists]><span
style='mso-list:Ignore'>a)<span>&nbsp; </span></span><![endif]>Two</p>
<p class=MsoNormal><o:p>&nbsp;</o:p></p>
<p class=MsoNormal style='mso-hide:all'>hidden</p><!--EndFragment--></body></html>"""

DOCS = """<meta charset="utf-8"><b style="font-weight:normal;" id="docs-internal-guid-1"><p dir="ltr"><span
style="font-weight:700;white-space:pre-wrap">Bold </span><span
style="font-style:italic;text-decoration:underline">it</span></p>
<ul><li role="checkbox" aria-checked="true"><p>done</p></li></ul><ol><li>
<p>first</p></li><ul><li><p>deep</p></li></ul></ol></b>
<br class="Apple-interchange-newline">"""


@pytest.mark.parametrize(
    ("html", "markdown"),
    [
        (WORD, "# Report\n**Bold** and plain ==marked==\n- One\n  1. Two\n\n"),
        (DOCS, "<b>Bold </b>*<u>it</u>*\n- [x] done\n1. first\n   - deep\n"),
        ("<table><tr><td>A<td>B<tr><th>1<th><p>x<p>y</table>", "A\tB\n1\tx y\n"),
        ("<table><tr><td><p>lay<p>out</table>", "lay\nout\n"),
        ("<ul><li>a<ul><li>b</ul><li></ul>c", "- a\n  - b\n- \nc\n"),
        ("<ul><li><input type=checkbox> a<li><input type=checkbox checked>b</ul>", "- [ ] a\n- [x] b\n"),
        ("<pre><code class='language-py'>a\n  b\n</code></pre>", "```py\na\n  b\n```\n"),
        (
            "<blockquote><p>a<ol><li>b</ol></blockquote>c<hr>d",
            "> a\n> 1. b\nc\n***\nd\n",
        ),
        (" a \n b&nbsp;c <b> d</b><br>e<br><br>f", "a b c **d**\ne\n\nf\n"),
        ("<del>a</del> <mark>b</mark> <code>c</code> <u>d</u>", "~~a~~ ==b== `c` <u>d</u>\n"),
        (
            "<b>a<span style='font-weight:400'>b</span></b><a href='tel:1' style='text-decoration:underline'>c</a>",
            "**a**b[c](tel:1)\n",
        ),
    ],
)
def test_what_is_pasted_becomes_lines(html: str, markdown: str) -> None:
    assert write_markdown(read_html(html)) == markdown


def test_nothing_hidden_or_running_comes_in() -> None:
    html = (
        "<script>alert(1)</script><style>x</style><svg><text>x</text></svg><p onclick='x()'>a"
        "<span style='display:none'>b</span><span hidden>c</span><iframe src='http://e.vil'>d</iframe>"
        "<img src='http://e.vil/x.png' alt='words'><img src='data:image/png;base64,AAAA'>"
        "<a href='javascript:alert(1)'>e</a><a href='/relative'>f</a><a href='data:text/html,x'>g</a><!-- h -->"
    )
    assert document_to_json(read_html(html)) == [{"insert": "awordsefg\n"}]


def test_a_link_shows_where_it_leads() -> None:
    (text, link), *_ = (
        (each.content, each.attributes.get("link"))
        for each in read_html("<a href='http://a.b/\u202egpj.exe'>x\u202ey</a>")
    )
    assert text == "x\u202ey"
    assert link == "http://a.b/%E2%80%AEgpj.exe"
    assert is_opened(link)


def test_what_is_copied_is_plain_tags() -> None:
    source = "# A & B\n- [ ] <u>x</u>\n  1. [l](http://a.b)\n- y\n\n> ==h==\n```py\n<x>\n```\n---\n[z](javascript:x)"
    assert write_html(read_markdown(source)) == (
        "<h1>A &amp; B</h1>"
        '<ul><li><input type="checkbox" disabled> <u>x</u><ol><li><a href="http://a.b">l</a></li></ol></li>'
        "<li>y</li></ul><p><br></p><blockquote><p><mark>h</mark></p></blockquote>"
        '<pre data-language="py"><code>&lt;x&gt;\n</code></pre><hr><p>z</p>'
    )


def test_what_a_text_points_to_is_named_and_comes_back() -> None:
    document = read_markdown("[[Leak in the roof]] ![in *words*](b.png)", Names())
    html = write_html(document, Names(), lambda _image: "data:image/png;base64,AAAA")
    assert f'<a href="sitebook://record/{"01" * 4}-' in html
    assert ">Leak in the roof</a>" in html
    assert 'alt="in *words*" src="data:image/png;base64,AAAA"' in html
    assert read_html(html) == document


@pytest.mark.parametrize(
    "data", ["x", "[]", "{}", '{"a":1,"b":2}', '{"a":"\\ud800"}', '{"a":NaN}', "[" * 5_000]
)
def test_a_carried_object_that_is_none_is_text(data: str) -> None:
    html = f"<span data-embed='{data}'>x</span>"
    assert read_html(html) == read_html("x")


def test_too_much_is_refused() -> None:
    with pytest.raises(ValueError, match="is not read"):
        read_html("x" * (LARGEST + 1))


@pytest.mark.parametrize(
    "html",
    [
        "<ul><li>" * 10_000 + "x",
        "<blockquote>" * 10_000 + "x",
        "<div>" * 100_000 + "x",
        "<b>" * 100_000 + "x",
        "<p><b a=1>x" * 10_000,
        "<table><tr><td>" * 10_000 + "x",
        "<" * 500_000,
        "<!--" * 100_000,
        '<a href="' * 100_000,
        "<p>" + "x " * 500_000,
        "&amp;" * 200_000,
        "<li>x" * 20_000,
        "<p style='" + "a:b;" * 100_000 + "'>x",
    ],
)
@pytest.mark.timeout(20)
def test_hostile_html_is_read_in_time(html: str) -> None:
    assert read_html(html)


def test_levels_end_at_eight() -> None:
    lines = split_lines(read_html("<ul><li>x" * 50))
    found: list[Any] = [line.attributes.get("indent", 0) for line in lines]
    assert found[:10] == [0, 1, 2, 3, 4, 5, 6, 7, 8, 8]


def test_a_colour_that_is_none_is_the_usual_highlight() -> None:
    assert read_html("<mark style='background:url(x)'>a</mark>")[0].attributes == {
        "background": HIGHLIGHT_COLOR
    }
