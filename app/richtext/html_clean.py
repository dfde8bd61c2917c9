"""HTML from elsewhere, reduced to what a text could mean: an allow-list of tags and attributes, nothing that runs.

``nh3`` does the reducing. Before it sees the text, tags that nest deeper than any page does are left out: its time
grows with the square of the depth.
"""

from __future__ import annotations

import re
from typing import Final

import nh3

LARGEST: Final = 4_000_000
"""Characters of HTML that are read."""
DEEPEST: Final = 100
"""Elements inside each other, those aside that end by themselves (paragraphs, items, cells)."""

BLOCKS: Final = frozenset(
    "p div h1 h2 h3 h4 h5 h6 ul ol li blockquote pre table caption thead tbody tfoot tr td th section article header "  # noqa: SIM905
    "footer main aside nav address figure figcaption dl dt dd center form fieldset details summary".split()
)
"""What begins and ends lines."""
_WITHIN: Final = frozenset(
    "br hr b strong i em cite dfn var u ins s strike del code kbd samp tt mark a span font input img".split()  # noqa: SIM905
)
_DROPPED: Final = frozenset(
    [
        "script",
        "style",
        "head",
        "title",
        "template",
        "noscript",
        "svg",
        "math",
        "select",
        "textarea",
        "object",
        "iframe",
        "audio",
        "video",
        "canvas",
    ]
)
_ATTRIBUTES: Final = {
    "*": {"style", "hidden", "class"},
    "a": {"href", "data-embed"},
    "span": {"data-embed"},
    "img": {"alt", "data-embed"},
    "input": {"type", "checked"},
    "li": {"role", "aria-checked", "data-list"},
    "pre": {"data-language"},
}
_CLASS: Final = re.compile(r"(?:ql-indent-\d|language-[\w+#-]{1,40}|Apple-interchange-newline)", re.ASCII)
_TAG: Final = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9]*)(?:[^<>\"']|\"[^\"]*\"|'[^']*')*>")
_ENDS_BY_ITSELF: Final = frozenset(
    [
        "p",
        "li",
        "dt",
        "dd",
        "tr",
        "td",
        "th",
        "tbody",
        "thead",
        "tfoot",
        "option",
        "area",
        "base",
        "br",
        "col",
        "embed",
        "hr",
        "img",
        "input",
        "link",
        "meta",
        "source",
        "track",
        "wbr",
    ]
)


def clean_html(html: str) -> str:
    """HTML of known tags and attributes only. Raises ValueError beyond ``LARGEST`` characters."""
    if len(html) > LARGEST:
        raise ValueError(f"HTML of more than {LARGEST} characters is not read")
    return nh3.clean(
        _flattened(html),
        tags=set(BLOCKS | _WITHIN),
        clean_content_tags=set(_DROPPED),
        attributes={name: set(allowed) for name, allowed in _ATTRIBUTES.items()},
        attribute_filter=_filtered,
        url_schemes={"http", "https", "mailto", "tel", "sitebook"},
        link_rel=None,
        strip_comments=True,
    )


def _filtered(tag: str, attribute: str, value: str) -> str | None:
    if attribute == "class":
        return " ".join(_CLASS.findall(value)) or None
    return value


def _flattened(html: str) -> str:
    """The same without tags that nest too deep."""
    if html.count("<") <= DEEPEST:
        return html
    found: list[str] = []
    depth = at = 0
    for tag in _TAG.finditer(html):
        if tag[2].lower() in _ENDS_BY_ITSELF:
            continue
        if tag[1]:
            depth = max(0, depth - 1)
            left_out = depth >= DEEPEST
        else:
            depth += 1
            left_out = depth > DEEPEST
        if left_out:
            found.append(html[at : tag.start()])
            at = tag.end()
    found.append(html[at:])
    return "".join(found)
