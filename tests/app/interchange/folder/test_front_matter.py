from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from app.interchange.folder.front_matter import FrontMatter, written

FILE = """---
# who wrote this
title: "My: note"   # shown above
tags:
- a  # first
- "b c"
due: 2027-01-31
'quoted key': x
map:
  x: 1
  y: [1, 2]
list: [x, y, 'z w']
empty:
multi: |
  line
  two
---
# Body

---
"""


def test_a_file_is_cut_and_put_together_again() -> None:
    front = FrontMatter.split(FILE)
    assert front.text() == FILE
    assert front.body == "# Body\n\n---\n"
    assert front.get("title") == "My: note"
    assert front.get("tags") == ("a", "b c")
    assert front.get("due") == "2027-01-31"
    assert front.get("list") == ("x", "y", "z w")
    assert front.get("quoted key") == "x"
    assert front.get("multi") == "line\ntwo\n"
    assert front.get("empty") is None
    assert not front.is_opaque("empty")
    assert front.get("map") is None
    assert front.is_opaque("map")
    assert front.get("none") is None


def test_only_the_lines_of_a_changed_key_change() -> None:
    front = FrontMatter.split(FILE)
    front.set("title", 'A "new" one')
    front.set("tags", ("b c", "d"))
    front.set("list", ("x", "q, r"))
    front.set("due", "2027-01-31")
    front.set("new", "yes")
    expected = (
        FILE.replace('"My: note"', '"A \\"new\\" one"')
        .replace("- a  # first\n", "")
        .replace('- "b c"\n', '- "b c"\n- d\n')
        .replace("[x, y, 'z w']", '[x, "q, r"]')
        .replace("  two\n---", '  two\nnew: "yes"\n---')
    )
    assert front.text() == expected
    front.set("new", None)
    assert front.text() == expected.replace('new: "yes"\n', "")


def test_line_ends_and_a_byte_order_mark_stay() -> None:
    front = FrontMatter.split("\ufeff---\r\na: 1\r\n---\r\nbody\r\n")
    front.set("a", "2")
    front.set("b", ("x",))
    assert front.text() == "\ufeff---\r\na: 2\r\nb:\r\n  - x\r\n---\r\nbody\r\n"
    bare = FrontMatter.split("body\r\n")
    bare.set("id", "x")
    assert bare.text() == "---\r\nid: x\r\n---\r\nbody\r\n"


@pytest.mark.parametrize("text", ["---\nnever closed\n", "--- \nx", "----\na: 1\n---\n", "", "a: 1\n---\n"])
def test_what_only_looks_like_front_matter_is_body(text: str) -> None:
    front = FrontMatter.split(text)
    assert (front.keys, front.body) == ([], text)


def test_no_alias_is_followed_and_no_object_made() -> None:
    bomb = "a: &a [x, x]\n" + "".join(f"k{n}: &k{n} [*a, *a, *a, *a]\n" for n in range(200))
    text = f"---\n{bomb}o: !!python/object/apply:os.system [x]\nbad: [1, 2\ndeep: {'[' * 2000}\n---\nbody"
    front = FrontMatter.split(text)
    assert [front.get(key) for key in ("a", "k7", "bad", "deep")] == [None] * 4
    front.set("title", "T")
    assert front.text() == text.replace("\n---\nbody", "\ntitle: T\n---\nbody")


@given(st.text(max_size=60))
def test_any_text_reads_back_as_it_was(text: str) -> None:
    front = FrontMatter("body\n")
    try:
        text.encode()
    except UnicodeEncodeError:
        return
    front.set("key", text)
    again = FrontMatter.split(front.text())
    assert again.get("key") == (text or None) or (text == "" and again.get("key") is None)
    node = yaml.compose(f"x: {written(text)}")
    assert node is not None
    assert node.value[0][1].value == text
    front.set("key", (text, "other"))
    assert FrontMatter.split(front.text()).get("key") == (text, "other")


@given(st.text(alphabet="ab:-#'\"[]{},&*!|>\n \t\r\\%@`", max_size=120))
def test_any_front_matter_stays_byte_for_byte(inner: str) -> None:
    text = f"---\n{inner}\n---\nbody"
    front = FrontMatter.split(text)
    for key in front.keys:
        front.get(key)
        front.is_opaque(key)
    assert front.text() == text
