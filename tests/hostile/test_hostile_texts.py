"""Rich texts that a hostile member makes: formats and objects of any size, depth and number, and what they say."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from app.richtext.delta import Insert
from app.richtext.html_write import write_html
from app.richtext.markdown_write import write_markdown
from app.store.project import Project
from sync.change import Change
from tests.app.store.replicas import picture, replica
from tests.hostile.hostile import (
    EVE,
    ISSUE,
    MALLORY,
    change,
    item,
    read_all,
    set_to,
    spread,
    string,
    take,
    text,
    text_item,
    update,
)


def embed(value: str | bytes, **where: Any) -> bytes:
    return item(b"\x05" + string(value), **where)


def give(name: str, value: str | bytes, **where: Any) -> bytes:
    return item(b"\x06" + string(name) + string(value), **where)


def written(*items: bytes, client: int = 1) -> Change:
    return change(text(update(client, 0, *items), client))


def shown(project: Project) -> list[Insert]:
    document = project.text_document(ISSUE)
    assert write_markdown(document).endswith("\n")
    assert write_html(document) is not None
    return document


REFUSED = [
    embed('"an object that is text"'),
    embed('{"a":' * 5_000 + "1" + "}" * 5_000),
    embed("[" * 200 + "]" * 200),
    embed('{"ref":{"id":"\\ud800"}}'),
    embed(b'{"ref":{"id":"\xed\xa0\x80"}}'),
    embed('{"a":NaN}'),
    embed('{"a":1e999}'),
    embed("undefined"),
    embed(""),
    give("bold", '"\\udfff"'),
    give("k" * 81, "true"),
    give("link", json.dumps("https://example.org/" + "x" * 4_096)),
    give("link", "[" * 300 + "]" * 300),
]


@pytest.mark.parametrize("bad", range(len(REFUSED)))
def test_what_no_reader_may_see_is_refused_and_the_rest_goes_on(bad: int) -> None:
    good = written(text_item("good\n"), client=2)
    found = spread([change(set_to("title", "a")), written(REFUSED[bad]), good], 2, refused=1)
    assert found["texts"] == [(ISSUE, "text", "good")]


ODD = [
    embed('{"a":' * 32 + "1" + "}" * 32),
    embed("5"),
    embed("null"),
    embed("[1,2]"),
    embed("{}"),
    embed('{"":{"":""}}'),
    embed('{"a":1,"a":2}'),
    embed('{"a":123456789012345678901234567890}'),
    embed(json.dumps({f"k{at}": at for at in range(10_000)})),
    embed(json.dumps({"image": "data:image/png;base64," + "x" * 500_000})),
    embed('{"ref":{"id":5}}'),
    embed('{"ref":"../../etc/passwd"}'),
    embed('{"mention":{"id":"not an id"}}'),
    embed('{"ref":{"id":"00000000-0000-7000-8000-000000000000","text":{"a":1}}}'),
    give("link", '{"a":[1]}'),
    give("link", '"javascript:alert(1)"'),
    give("header", "[1]"),
    give("header", "1e300"),
    give("list", "null"),
    give("indent", "-99999999999"),
    give("a\0b", "true"),
    give("", "true"),
]


@pytest.mark.parametrize("odd", range(len(ODD)))
def test_what_makes_no_sense_is_kept_and_shown_as_well_as_it_can_be(tmp_path: Path, odd: int) -> None:
    project = replica(tmp_path, 1)
    inside = [ODD[odd], text_item("behind\n", origin=(1, 0))]
    assert not take(project, [change(set_to("title", "a")), written(*inside)])
    read_all(project)
    project.maintain()
    assert "behind\n" in [content for content, _ in shown(project)]
    project.insert_text(ISSUE, "text", 0, "before ")
    project.delete_text(ISSUE, "text", 0, 7)
    assert project.plain_text(ISSUE).endswith("behind")
    project.close()


def test_objects_that_point_to_what_is_no_record_are_no_links(tmp_path: Path) -> None:
    project = replica(tmp_path, 1)
    take(project, [change(set_to("title", "a")), written(ODD[10], text_item("\n", origin=(1, 0)))])
    project.maintain()
    assert project.links_from(ISSUE) == []
    assert project.db.all("SELECT * FROM local_links") == []
    project.close()


def _staircase(count: int, client: int) -> Change:
    """Letters each of which has one format more than the one before: as many sorts as letters."""
    items = [give(f"{client} 0", "true")]
    for at in range(1, count):
        items.append(text_item("x", origin=(client, 2 * at - 2)))
        items.append(give(f"{client} {at}", "true", origin=(client, 2 * at - 1)))
    return change(text(update(client, 0, *items), client), author=EVE if client % 2 else MALLORY)


def test_thousands_of_sorts_of_formats_take_neither_the_time_nor_the_memory(tmp_path: Path) -> None:
    changes = [change(set_to("title", "a")), *(_staircase(4_000, client) for client in (1, 2))]
    start = time.perf_counter()
    found = spread(changes, 2)
    assert found["texts"] == [(ISSUE, "text", "x" * 7_998)]
    project = replica(tmp_path, 1)
    take(project, changes)
    assert shown(project) == [Insert("x" * 7_998 + "\n")]
    project.close()
    assert time.perf_counter() - start < 30


def test_a_few_formats_that_nobody_knows_stay_until_they_become_many(tmp_path: Path) -> None:
    few, more = _staircase(10, 1), _staircase(10, 2)
    for order, changes in enumerate(([few, more], [more, few])):
        project = replica(tmp_path, order)
        take(project, [change(set_to("title", "a")), changes[0]])
        assert len(shown(project)[-1].attributes) <= 10
        assert any(attributes for _, attributes in shown(project))
        take(project, [changes[1]])
        assert shown(project) == [Insert("x" * 18 + "\n")]
        assert picture(project)["texts"] == [(ISSUE, "text", "x" * 18)]
        project.close()


def test_one_line_of_a_million_characters_and_ten_thousand_lists(tmp_path: Path) -> None:
    project = replica(tmp_path, 1)
    lines = [give("list", '"bullet"'), give("indent", "8", origin=(1, 0))]
    for at in range(10_000):
        lines.append(text_item("\n", origin=(1, at + 1)))
    changes = [
        change(set_to("title", "a")),
        written(*lines),
        change(text(update(2, 0, text_item("wide " * 100_000)), 2)),
        change(text(update(2, 500_000, text_item("wide " * 100_000, origin=(2, 499_999))), 2)),
    ]
    assert not take(project, changes)
    start = time.perf_counter()
    assert len(project.plain_text(ISSUE)) > 1_000_000
    project.maintain()
    assert project.unlinked_mentions(ISSUE) == []
    assert len(project.text_sessions(ISSUE)) == 1
    assert time.perf_counter() - start < 20
    project.close()
