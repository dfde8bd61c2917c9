from __future__ import annotations

from hypothesis import given

from app.richtext.delta import Insert
from app.richtext.formats import attached_image, divider, mention, reference
from app.richtext.markdown_read import read_markdown
from app.richtext.plain import write_plain
from tests.app.richtext.samples import RECORDS, Names, documents

SOURCE = """# Title
Some **bold** text
- a
  1. one
  2. two
     - deep
  3. three
- [x] done
- [ ] open
4. again
> said
---
```
x = 1
```
"""

PLAIN = """Title
Some bold text
- a
  1. one
  2. two
    - deep
  3. three
[x] done
[ ] open
1. again
> said
――――――――
x = 1
"""


def test_marks_and_numbers_are_written() -> None:
    assert write_plain(read_markdown(SOURCE)) == PLAIN


def test_what_a_text_points_to_is_named() -> None:
    document = [
        Insert(reference(RECORDS[0])),
        Insert(" "),
        Insert(reference(RECORDS[0], "the leak")),
        Insert(" "),
        Insert(mention(RECORDS[1])),
        Insert(" "),
        Insert(attached_image(RECORDS[0]), {"alt": "the roof"}),
        Insert(divider()),
        Insert({"later": 1}),
        Insert("\n"),
    ]
    assert write_plain(document, Names()) == "Leak in the roof the leak @Bob the roof――――――――\n"


@given(documents)
def test_every_line_is_a_line(document: list[Insert]) -> None:
    written = write_plain(document, Names())
    assert written.count("\n") == sum(
        str(each.content).count("\n") for each in document if isinstance(each.content, str)
    )
