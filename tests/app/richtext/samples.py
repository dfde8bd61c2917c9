"""Documents made of every known format, with text that looks like something else."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from app.richtext.delta import Insert
from app.richtext.formats import HIGHLIGHT_COLOR, attached_image, divider, mention, reference
from app.richtext.known import known_lines
from app.richtext.lines import join_lines
from sync.ids import id_text

RECORDS = tuple(bytes([kind]) * 16 for kind in range(1, 6))
TITLES = {
    RECORDS[0]: "Leak in the roof",
    RECORDS[1]: "Door [2] | #4",
    RECORDS[2]: "**Bold** title",
    RECORDS[3]: "*",
}
PATHS = {RECORDS[0]: "files/a photo (1).jpg", RECORDS[1]: "b.png", RECORDS[2]: "<c>\\d.png"}
PEOPLE = {RECORDS[0]: "Ann [boss]", RECORDS[1]: "Bob"}


class Names:
    """The names of the records above, both ways."""

    def record(self, title: str) -> bytes | None:
        return next((record for record, known in TITLES.items() if known == title), None)

    def attachment(self, path: str) -> bytes | None:
        return next((record for record, known in PATHS.items() if known == path), None)

    def title(self, record: bytes) -> str | None:
        return TITLES.get(record)

    def path(self, attachment: bytes) -> str | None:
        return PATHS.get(attachment)

    def person(self, person: bytes) -> str | None:
        return PEOPLE.get(person)


SIGNS = (
    *"*_`~=[]()<>!#-+.|\\&$%@:;\"'/{}^ \t1xa",
    *(
        "**",
        "~~",
        "==",
        "```",
        "---",
        "$$",
        "%%",
        "<!--",
        "-->",
        "<u>",
        "</u>",
        "<b>",
        "</b>",
        "<div>",
        "<pre>",
    ),
    *("[[Leak in the roof]]", "[x](y)", "![x](b.png)", "&amp;", "&emsp;", "http://a.b/c_d"),
    *("- [ ] ", "1. ", "> ", "> [!note]", "# ", "    ", "word", " two words "),
    *("é", "\u2028", "\x0c", "\xa0", "\u202e", "😀", "\ufeff", "\r"),
)
texts = st.lists(st.sampled_from(SIGNS), min_size=1, max_size=5).map("".join)
formats: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {},
    optional={
        "bold": st.just(True),
        "italic": st.just(True),
        "underline": st.just(True),
        "strike": st.just(True),
        "code": st.just(True),
        "background": st.sampled_from([HIGHLIGHT_COLOR, "#ff0000", '"><b>']),
        "link": st.sampled_from(["http://a.b/c d", "mailto:x@y.z", "x(y)\\&lt;", "http://a.b/c_d", 'a"\r\n']),
    },
)
embeds = st.one_of(
    st.sampled_from(RECORDS).map(reference),
    st.tuples(st.sampled_from(RECORDS), st.sampled_from(["shown", "a|b", "[x]", "*"])).map(
        lambda pair: reference(*pair)
    ),
    st.sampled_from(RECORDS).map(lambda each: {"ref": {"id": id_text(each), "heading": "Part"}}),
    st.sampled_from(RECORDS).map(mention),
    st.sampled_from(RECORDS).map(attached_image),
    st.just(divider()),
    st.just({"later": {"value": "--> \u2028", "list": [1, None, True]}}),
)
images = st.builds(
    lambda image, alt: Insert(attached_image(image), {"alt": alt} if alt else {}),
    st.sampled_from(RECORDS),
    st.sampled_from(["", "in *words*", "]("]),
)
pieces = st.one_of(
    texts.map(Insert),
    st.builds(Insert, texts, formats),
    st.builds(Insert, embeds, formats),
    images,
)
line_formats: st.SearchStrategy[dict[str, Any]] = st.one_of(
    st.just({}),
    st.fixed_dictionaries(
        {},
        optional={
            "header": st.integers(1, 6),
            "list": st.sampled_from(["bullet", "ordered", "checked", "unchecked"]),
            "indent": st.integers(1, 8),
            "blockquote": st.just(True),
        },
    ),
    st.fixed_dictionaries(
        {"code-block": st.sampled_from([True, "python", "a `b`", "~~~"])},
        optional={"indent": st.integers(1, 8), "blockquote": st.just(True)},
    ),
)
lines = st.tuples(
    st.one_of(st.lists(pieces, max_size=4), st.lists(pieces, max_size=1), st.just([Insert(divider())])),
    line_formats,
).map(lambda pair: [*pair[0], Insert("\n", pair[1])])


def known(document: list[Insert]) -> list[Insert]:
    """A document reduced to what is known."""
    return join_lines(known_lines(document))


documents = st.lists(lines, max_size=7).map(lambda found: known([each for line in found for each in line]))
