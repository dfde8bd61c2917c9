"""Changes that a member with a valid key makes by hand: nothing crashes, hangs or differs between replicas."""

from __future__ import annotations

import random
import struct
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pycrdt import Doc, merge_updates
from pycrdt import Text as YText

from app.store.texts import document_text, open_document
from app.store.touched import Touched
from sync.change import MAX_OPERATIONS, Change, change_id, decode_change
from sync.errors import Malformed, NewerFormat
from sync.yupdate import neutralise, read_insertion
from tests.app.store.replicas import made_by, replica
from tests.hostile.hostile import (
    EVE,
    ISSUE,
    MALLORY,
    change,
    item,
    judged,
    number,
    pack,
    raw_change,
    read_all,
    seen,
    set_to,
    spread,
    string,
    take,
    text,
    text_item,
    update,
)

OTHER = b"J" * 16

_ENCODED_VALUES = {
    "not a number": b"\xcb\x7f\xf8\0\0\0\0\0\0",
    "another not a number": b"\xcb\xff\xf8\0\0\0\0\0\1",
    "infinity": b"\xcb\x7f\xf0\0\0\0\0\0\0",
    "minus zero": b"\xcb\x80\0\0\0\0\0\0\0",
    "short float": b"\xca\x3f\x80\0\0",
    "greatest integer": b"\xcf" + b"\xff" * 8,
    "least integer": b"\xd3\x80" + b"\0" * 7,
    "integer, long form": b"\xcf" + b"\0" * 7 + b"\5",
    "extension": b"\xd4\x05a",
    "time": b"\xd6\xff\0\0\0\1",
    "time beyond its range": b"\xd7\xff" + b"\xff" * 8,
    "time in the year 10000": b"\xc7\x0c\xff" + struct.pack(">Iq", 999_999_999, 253_402_300_799),
    "time before the year 1": b"\xc7\x0c\xff" + struct.pack(">Iq", 0, -99_999_999_999),
    "integers as keys": b"\x81\x01\x02",
    "arrays as keys": b"\x81\x91\x01\x02",
    "maps as keys": b"\x81\x80\x02",
    "the same key twice": b"\x82\xa1a\x01\xa1a\x02",
    "not UTF-8": b"\xa1\xff",
    "half a surrogate": b"\xa3\xed\xa0\x80",
    "a NUL": b"\xa3a\0b",
    "bytes": b"\xc4\x03\0\xff\0",
    "32 levels": b"\x91" * 32 + b"\xc0",
    "33 levels": b"\x91" * 33 + b"\xc0",
    "as deep as this stack goes": b"\x91" * 900 + b"\xc0",
    "deeper": b"\x91" * 200_000 + b"\xc0",
    "array longer than the memory": b"\xdd\xff\xff\xff\xff",
    "map longer than the memory": b"\xdf\xff\xff\xff\xff",
    "string longer than the memory": b"\xdb\xff\xff\xff\xff",
    "no type": b"\xc1",
}


@pytest.mark.parametrize("name", _ENCODED_VALUES)
def test_any_value_is_taken_everywhere_or_nowhere(name: str) -> None:
    value = _ENCODED_VALUES[name]
    operation = b"\x96\x01" + pack("issue") + pack(ISSUE) + pack("title") + value + b"\x90"
    hostile = judged(raw_change(operation))
    honest = change(set_to("title", "Crack"), author=MALLORY)
    spread([honest, hostile] if hostile else [honest])


def test_whether_a_value_is_too_deep_does_not_depend_on_the_stack_of_the_reader() -> None:
    operation = b"\x96\x01" + pack("issue") + pack(ISSUE) + pack("title") + b"\x91" * 700 + b"\xc0\x90"
    data = raw_change(operation)

    def below(levels: int) -> Change | None:
        return judged(data) if not levels else below(levels - 1)

    assert below(0) is None
    assert below(400) is None


@pytest.mark.parametrize(
    "value",
    ["x" * (256 << 10), b"x" * (256 << 10), [0] * (256 << 10), {"k" * 100_000: "v" * 200_000}],
    ids=lambda value: type(value).__name__,
)
def test_a_value_beyond_256_kib_is_refused(value: Any) -> None:
    assert judged(raw_change(set_to("title", value))) is None


@pytest.mark.parametrize(
    ("kind", "field"),
    [("", "title"), ("issue", ""), ("k" * 81, "title"), ("issue", "\u00e9" * 41)],
)
def test_names_have_bounds(kind: str, field: str) -> None:
    assert judged(raw_change(set_to(field, 1, kind=kind))) is None


def test_names_with_anything_in_them_are_kept() -> None:
    odd = [
        "a\0b",
        "a\0c",
        "' OR 1=1 --",
        "é\u0301",
        "%s",
        "\n",
        "f.",
        "f.zz",
        "f." + "0" * 32,
        "deleted\0",
        "rid",
    ]
    changes = [change(set_to(name, name, kind=kind)) for name in odd for kind in ("issue", *odd[:4])]
    found = spread(changes)
    assert len(found["live"]) == len(changes)


@pytest.mark.parametrize("record", [b"", b"I" * 15, b"I" * 17, "I" * 16])
def test_a_record_id_has_16_bytes(record: Any) -> None:
    assert judged(raw_change(set_to("title", 1, record=record))) is None


@pytest.mark.parametrize("clock", [-1, (1 << 47) + 1, 1 << 64, 1.5, None, True])
def test_a_clock_is_in_its_range(clock: Any) -> None:
    value = b"\xcf" + b"\xff" * 8 if clock == 1 << 64 else None
    data = raw_change(set_to("title", 1), clock=0 if value else clock)
    if value:
        data = data.replace(pack(0) + pack(None), value + pack(None), 1)
    assert judged(data) is None


def test_the_first_and_last_clock_read() -> None:
    spread([change(set_to("title", str(clock)), clock=clock) for clock in (0, 1, 1 << 47)])


@pytest.mark.parametrize(
    "group",
    [[b"g" * 16, 0, 0], [b"g" * 16, 5, 5], [b"g" * 16, -1, 5], [b"g", 0, 1], [], 5, [b"g" * 16, 0.0, 1]],
)
def test_a_group_that_is_none_is_refused(group: Any) -> None:
    assert judged(raw_change(set_to("title", 1), group=group)) is None


def test_a_group_may_be_larger_than_what_comes_of_it() -> None:
    far = decode_change(raw_change(set_to("title", 1), group=[b"g" * 16, (1 << 64) - 2, (1 << 64) - 1]))
    spread([far, far])


@pytest.mark.parametrize(
    "operation",
    [
        [1, "issue", ISSUE, "title"],
        [1],
        [],
        5,
        [True, "issue", ISSUE, "title", 1, []],
        [-1, "issue", ISSUE],
        [3, "issue", ISSUE, "title", []],
        [1, "issue", ISSUE, "title", 1, [[b"x" * 31, [0]]]],
        [1, "issue", ISSUE, "title", 1, [[b"x" * 32, []]]],
        [1, "issue", ISSUE, "title", 1, [[b"x" * 32, [0, 0]]]],
        [1, "issue", ISSUE, "title", 1, [[b"x" * 32, [1, 0]]]],
        [1, "issue", ISSUE, "title", 1, [[b"x" * 32, [0]], [b"x" * 32, [1]]]],
        [1, "issue", ISSUE, "title", 1, [[b"x" * 32, [-1]]]],
        [1, "issue", ISSUE, "title", 1, [[b"x" * 32, [MAX_OPERATIONS]]]],
        [4, "issue", ISSUE, [[b"x" * 32, [1 << 63]]], []],
        [5, "issue", ISSUE, "text", b"\0\0", -1],
        [5, "issue", ISSUE, "text", b"\0\0", 1 << 32],
        [5, "issue", ISSUE, "text", "\0\0", 1],
    ],
    ids=str,
)
def test_an_operation_of_a_wrong_form_is_refused(operation: Any) -> None:
    with pytest.raises(Malformed):
        decode_change(raw_change(set_to("title", 1), operation))


def test_an_operation_of_a_newer_version_waits() -> None:
    for operation in ([6, "whatever"], [250], [(1 << 64) - 1, {}]):
        with pytest.raises(NewerFormat):
            decode_change(raw_change(set_to("title", 1), operation))


def test_the_same_content_in_other_bytes_is_another_change_and_harmless() -> None:
    first = change(set_to("title", 5))
    data = first.data
    long_form = data.replace(pack(1) + pack("issue"), b"\xcd\0\1" + pack("issue"), 1)
    assert judged(long_form + b"\0") is None
    assert judged(long_form[:-1]) is None
    second = decode_change(long_form)
    assert second.id == change_id(long_form) != first.id
    spread([first, second])


@settings(max_examples=60)
@given(st.integers(0, 1 << 30), st.binary(min_size=1, max_size=3))
def test_mutated_changes_are_read_or_refused(seed: int, noise: bytes) -> None:
    chance = random.Random(seed)
    whole = raw_change(set_to("title", ["a", {"b": 1.5}]), [4, "issue", ISSUE, [[b"x" * 32, [0, 5]]], []])
    at = chance.randrange(len(whole))
    judged(whole[:at] + noise + whole[at + chance.choice((0, len(noise))) :])
    judged(whole[:at])


_WRONG = (
    5,
    True,
    "text",
    b"b" * 16,
    b"short",
    [1, [2]],
    {"a": [None]},
    1.5,
    float("nan"),
    float("inf"),
    (1 << 64) - 1,
)


def test_values_of_any_type_in_every_field_of_every_kind_read() -> None:
    from app.domain.schema import KINDS

    changes = []
    for index, kind in enumerate(KINDS.values()):
        for turn, value in enumerate(_WRONG):
            record = bytes([index, turn]) * 8
            operations = [
                [2 if field.many else 1, kind.name, record, name, value, []]
                for name, field in kind.fields.items()
            ]
            changes.append(change(*operations))
    found = spread(changes, 2)
    assert len(found["records"]) == len(KINDS) * len(_WRONG)


def test_a_definition_with_a_type_that_is_none_leaves_its_field_readable() -> None:
    custom = "f." + ISSUE.hex()
    wrong: tuple[Any, ...] = ([], {}, 5, "no such type", b"", None, ["labels"])
    for value in wrong:
        spread(
            [
                change(set_to("type", value, kind="field")),
                change(set_to(custom, 1, record=OTHER)),
                change(set_to(custom, 2, record=OTHER), author=MALLORY),
            ]
        )


def test_what_a_custom_field_holds_does_not_depend_on_the_order(tmp_path: Path) -> None:
    """Two types stand beside each other; the one that shows decides, on every device."""
    custom = "f." + ISSUE.hex()
    changes = [
        change(set_to("type", "choices", kind="field"), clock=2),
        change(set_to("type", "text", kind="field"), author=MALLORY, clock=1),
        change(set_to(custom, "a", record=OTHER)),
    ]
    answers = []
    for name, order in enumerate((changes, changes[::-1])):
        project = replica(tmp_path, name)
        take(project, order)
        answers.append(project.column("issue", custom))
        project.close()
    assert answers == [{OTHER: ("a",)}] * 2


def test_parents_in_circles_and_of_nonsense() -> None:
    a, b, c = (bytes([each]) * 16 for each in (1, 2, 3))

    def below(record: bytes, parent: Any, kind: str = "note") -> list[Any]:
        return set_to("parent", parent, kind=kind, record=record)

    spread(
        [
            change(below(a, a)),
            change(below(a, b)),
            change(below(b, c)),
            change(below(c, a)),
            change(below(c, [c]), author=MALLORY),
            change(below(b, 5), below(c, {"x": 1})),
            change([4, "note", a, [], []]),
            change([4, "note", b, [], []], author=MALLORY),
            change([2, "note", c, "parent", a, []], [2, "note", c, "parent", b, []]),
        ],
        6,
    )


def test_deleted_with_other_values_than_true() -> None:
    spread(
        [
            change(set_to("title", "a"), clock=1),
            change(set_to("deleted", False), [4, "issue", ISSUE, [], []]),
            change(set_to("deleted", 5)),
            change(set_to("deleted", True), author=MALLORY),
            change([2, "issue", ISSUE, "deleted", True, []]),
            change(text(update(1, 0, text_item("x")), 1, field="deleted")),
        ],
        6,
    )


def test_the_same_id_under_two_kinds_keeps_both_and_deletes_each_alone() -> None:
    """The parent of a comment is the issue of that id, not whatever else took the id."""
    issue = change(set_to("title", "Crack"))
    below = change(set_to("parent", ISSUE, kind="comment", record=OTHER), author=MALLORY)
    names = [[issue.id, [0]], [below.id, [0]]]
    spread(
        [
            issue,
            below,
            change([4, "issue", ISSUE, sorted(names), []]),
            change(set_to("name", "Impostor", kind="aaa")),
            change(set_to("text", "Impostor", kind="comment")),
        ],
        12,
    )


def test_a_contributor_cannot_hide_an_issue_behind_a_comment_of_its_id(tmp_path: Path) -> None:
    project = replica(tmp_path, 1)
    take(project, [change(set_to("title", "Crack")), change(set_to("resolved", True, kind="comment"))])
    record = project.get(ISSUE)
    assert record is not None
    assert record.kind == "issue"
    project.close()


def test_names_of_other_fields_other_records_and_the_future() -> None:
    target = change(set_to("title", "Crack"), set_to("priority", "high"), author=MALLORY)
    future = change(set_to("title", "Later"), clock=5)
    spread(
        [
            target,
            future,
            change(set_to("priority", "low", [[target.id, [0]]])),
            change(set_to("title", "Mine", sorted([[target.id, [0, 1, 19_999]], [future.id, [0]]]))),
            change(set_to("title", "Elsewhere", [[target.id, [0]]], record=OTHER)),
            change([3, "issue", ISSUE, "title", [[b"\0" * 32, [0]]]]),
            change(
                [3, "issue", ISSUE, "title", [[future.id, [0]]]],
                [3, "issue", ISSUE, "title", [[future.id, [0]]]],
            ),
            change([3, "note", OTHER, "title", [[b"\1" * 32, [7]]]]),
        ],
        8,
    )


def test_a_record_of_which_nothing_stands_is_none_in_any_order(tmp_path: Path) -> None:
    """Set aside or withdrawn: what is left decides, not the way there."""
    first = change(set_to("title", "a"))
    second = change(set_to("title", "b"), author=MALLORY)
    gone = change([3, "issue", ISSUE, "title", [[second.id, [0]]]], author=MALLORY)
    pictures = []
    for name, aside_first in enumerate((True, False)):
        project = replica(tmp_path, name)
        for turn in (aside_first, not aside_first):
            if turn:
                take(project, [] if aside_first else [first])
                with project.writing():
                    project.applier.set_aside(first, Touched(), eid=1)
            else:
                take(project, [second, gone] if aside_first else [first, second, gone])
        pictures.append((seen(project), project.records("issue"), project.get(ISSUE)))
        project.close()
    assert pictures[0] == pictures[1]


def _seconds(changes: list[Change]) -> float:
    with_start = time.perf_counter()
    spread(changes, 1)
    return time.perf_counter() - with_start


def test_thousands_of_operations_on_one_field_are_applied_in_seconds() -> None:
    replaces = [[b"z" * 32, [0]]]
    assert _seconds([change(*[set_to("title", 0, replaces) for _ in range(4_000)])]) < 15
    assert _seconds([change(*[set_to("labels", 0) for _ in range(4_000)])]) < 15


def test_one_change_with_thousands_of_colliding_texts_is_applied_in_seconds() -> None:
    same = update(1, 0, text_item("x"))
    assert _seconds([change(*[text(same, 1) for _ in range(2_000)])]) < 15


def test_a_deep_chain_of_deleted_records_is_settled_in_seconds(tmp_path: Path) -> None:
    ids = [index.to_bytes(16, "big") for index in range(1, 1_500)]
    chain = [set_to("parent", above, kind="note", record=below) for above, below in pairwise(ids)]
    gone = [[4, "note", record, [], []] for record in ids]
    project = replica(tmp_path, 1)
    start = time.perf_counter()
    assert not take(project, [change(*chain), change(*gone)])
    assert time.perf_counter() - start < 20
    assert set(project.records("note")) == set(ids)
    project.close()


# Texts


def _whole(pieces: list[bytes]) -> str:
    return str(document_text(open_document(merge_updates(*pieces))))


def _edits(seed: int) -> tuple[int, list[bytes]]:
    """What an honest editor makes: text, astral characters, formats, embeds, deletions, long transactions."""
    chance = random.Random(seed)
    client = chance.choice([1, 127, 128, 1 << 31, (1 << 32) - 1])
    document: Doc[Any] = Doc(client_id=client)
    target: YText = document.get("content", type=YText)
    made: list[bytes] = []
    subscription = document.observe(lambda event: made.append(event.update))
    target.insert(0, "hello 🌍 wörld\n")
    target.insert(3, "abc")
    del target[2:5]
    target.format(0, 4, {"bold": True})
    target.insert_embed(2, {"image": "x"})
    target.insert(1, "zz", {"b": None})
    with document.transaction():
        target.insert(0, "q")
        target.insert(4, "r" * chance.randrange(1, 9))
        del target[0:1]
    document.unobserve(subscription)
    return client, made


def test_every_honest_update_is_read() -> None:
    for seed in range(5):
        client, made = _edits(seed)
        for each in (*made, merge_updates(*made)):
            read_insertion(each, client)


@pytest.mark.parametrize("seed", range(3))
def test_no_damaged_update_gets_past_the_reader_and_breaks_the_library(seed: int) -> None:
    """Each byte in turn: refused with Malformed, or read, merged in any order and shown."""
    client, made = _edits(seed)
    for each in made:
        others = [other for other in made if other is not each]
        for at in range(len(each)):
            for byte in {
                0,
                1,
                10,
                0x7F,
                0xFF,
                each[at] ^ 1,
                each[at] ^ 0x20,
                each[at] ^ 0x40,
                each[at] ^ 0x80,
            }:
                damaged = each[:at] + bytes([byte]) + each[at + 1 :]
                try:
                    found = read_insertion(damaged, client)
                    Doc().apply_update(damaged)
                except (Malformed, ValueError):
                    continue
                _whole([*others, neutralise(damaged, found)])
                _whole([damaged, *others])
            with pytest.raises(Malformed):
                read_insertion(each[:at], client)


def _random_item(chance: random.Random) -> bytes:
    def place() -> tuple[int, int] | None:
        if chance.random() < 0.4:
            return None
        return chance.choice([1, 2, 3]), chance.choice([0, 1, 2, 3, 4, 5, 6, 1 << 31, 1 << 32])

    content = chance.choice(
        [
            b"\x04" + string(chance.choice(["a", "bc", "🌍", "a🌍b", "\n", "\0", ""])),
            b"\x04" + string("xyz"),
            b"\x01" + number(chance.choice([0, 1, 2, 1 << 31, 1 << 50])),
            b"\x05" + string(chance.choice(['{"a":1}', "null", "1e999", '"\\ud800"', "undefined"])),
            b"\x06"
            + string(chance.choice(["bold", ""]))
            + string(chance.choice(["true", "null", "[" * 300])),
            bytes([chance.choice([0, 10])]) + number(chance.choice([1, 3, 1 << 50])),
            bytes([chance.choice([2, 3, 7, 8, 9, 11])]) + number(1),
        ]
    )
    if content[0] in (0, 10):
        return content
    found = item(content, origin=place(), right=place(), root=chance.choice(["content"] * 9 + ["other"]))
    return bytes([found[0] | (0x20 if chance.random() < 0.05 else 0)]) + found[1:]


@pytest.mark.parametrize("block", range(4))
def test_updates_put_together_at_random_end_in_one_text_or_are_refused(block: int) -> None:
    for seed in range(block * 600, block * 600 + 600):
        chance = random.Random(seed)
        pieces: list[bytes] = []
        reached: dict[int, int] = {}
        for _ in range(chance.randrange(1, 8)):
            client = chance.choice([1, 2, 3])
            start = (
                reached.get(client, 0) if chance.random() < 0.9 else chance.choice([1, 5, 1 << 30, 1 << 32])
            )
            items = [_random_item(chance) for _ in range(chance.randrange(4))]
            deletes = [
                (c, chance.choice([0, 1, 5]), chance.choice([1, 2, (1 << 31) - 9, 1 << 40])) for c in (1, 2)
            ]
            data = update(client, start, *items, deletes=deletes[: chance.randrange(3)])
            try:
                found = read_insertion(data, client)
                Doc().apply_update(data)
            except (Malformed, ValueError):
                continue
            if found.inserts:
                if start < reached.get(client, 0):
                    continue
                reached[client] = start + found.inserts[0].length
            pieces.append(neutralise(data, found) if chance.random() < 0.1 else data)
        if not pieces:
            continue
        texts = set()
        for _ in range(3):
            chance.shuffle(pieces)
            texts.add(_whole(pieces))
            state = pieces[0]
            for piece in pieces[1:]:
                state = merge_updates(state, piece)
            texts.add(_whole([state]))
        assert len(texts) == 1, (seed, pieces)


@pytest.mark.parametrize(
    "data",
    [
        update(1, 0, b"\0" + number(5)),
        update(1, 0, text_item("a"), b"\x0a" + number(5), text_item("b")),
        update(1, 0, b"\x01" + number(1) + string("content") + number(1 << 50)),
        update(1, 1 << 31, text_item("a")),
        update(1, (1 << 31) - 1, text_item("a")),
        update(1, 0, text_item("a", origin=(1, 0))),
        update(1, 0, text_item("a", right=(1, 5))),
        update(1, 0, b"\x04" + number(0) + number(1) + number(0) + string("a")),
        update(1, 0, text_item("a", root="other")),
        update(1, 0, bytes([0xA4]) + number(2) + number(0) + string("a")),
        update(2, 0, text_item("a")),
        update(1, 0, text_item("a")) + b"\0",
        b"",
        b"\xff" * 20,
        b"\xff" * 5 + b"\x07\0",
    ],
    ids=bytes.hex,
)
def test_an_update_that_no_editor_makes_is_refused(data: bytes) -> None:
    with pytest.raises(Malformed):
        read_insertion(data, 1)
    spread([change(text(data, 1)), change(set_to("title", "stays"))], 2, refused=1)


def test_two_devices_that_claim_the_same_characters_end_in_one_text() -> None:
    changes = [
        change(text(update(7, 0, text_item("honest ")), 7)),
        change(text(update(7, 7, text_item("goes on", origin=(7, 6))), 7)),
        change(text(update(7, 0, text_item("stolen")), 7), author=MALLORY),
        change(text(update(7, 3, text_item("overlap", origin=(7, 2))), 7)),
        change(text(update(7, 3, text_item("OTHER", origin=(7, 2))), 7), author=MALLORY),
        change(text(update(8, 0, text_item("behind", origin=(7, 5))), 8), author=b"h" * 32),
        change(text(update(8, 0, deletes=[(7, 0, 3)]), 8), author=b"h" * 32),
        change(text(update(7, 0, text_item("a")), 7), text(update(7, 0, text_item("b")), 7)),
    ]
    spread(changes, 12)


def test_text_behind_what_never_comes_waits_and_text_behind_what_comes_late_shows() -> None:
    changes = [
        change(text(update(1, 0, text_item("first ")), 1)),
        change(text(update(1, 6, text_item("second ", origin=(1, 5))), 1)),
        change(text(update(2, 0, text_item("answer ", origin=(1, 12))), 2), author=MALLORY),
        change(text(update(3, 0, deletes=[(1, 0, 6), (2, 0, 2), (99, 0, 1 << 30)]), 3)),
        change(text(update(5, 0, text_item("lost", origin=(9, 9))), 5)),
    ]
    found = spread(changes, 12)
    assert found["texts"] == [(ISSUE, "text", "second swer ")]


def test_a_text_where_no_kind_has_one() -> None:
    spread(
        [
            change(text(update(1, 0, text_item("odd\n")), 1, kind="status", field="name")),
            change(set_to("name", "Open", kind="status")),
            change(text(update(1, 0, text_item("new\n")), 1, kind="plan", field="body")),
        ]
    )


def test_a_text_of_half_a_million_characters() -> None:
    long = "wörd " * 100_000
    found = spread(
        [
            change(text(update(1, 0, text_item(long)), 1)),
            change(text(update(2, 0, text_item("end", origin=(1, len(long) - 1))), 2), author=MALLORY),
        ],
        2,
    )
    assert found["texts"] == [(ISSUE, "text", long + "end")]


def test_setting_aside_and_accepting_in_random_order_and_over_restarts(tmp_path: Path) -> None:
    """Whatever was set aside and counted again in between: the verdicts at the end decide."""
    author = replica(tmp_path, 9)
    issue, _ = author.create("issue", {"title": "Crack", "labels": [b"l" * 16]}, text="wide")
    author.insert_text(issue, "text", 4, " and wet")
    below, _ = author.create("comment", {"parent": issue}, text="seen")
    author.delete_text(issue, "text", 0, 2)
    author.set(issue, "title", "Crack in slab")
    author.delete(issue)
    author.restore(issue)
    author.insert_text(below, "text", 4, " today")
    author.remove(issue, "labels", b"l" * 16)
    author.delete(below)
    changes = made_by(author)
    author.close()
    aside = {each.id for each in random.Random(1).sample(changes, 4)}
    pictures = []
    for name in range(8):
        chance = random.Random(name)
        project = replica(tmp_path, name)
        for turn in range(50):
            each = chance.choice(changes)
            with project.writing():
                if chance.random() < 0.5:
                    project.applier.apply(each, Touched(), eid=1)
                else:
                    project.applier.set_aside(each, Touched(), eid=1)
            if turn % 20 == 10:
                project.close()
                project = type(project).open(
                    tmp_path / f"replica{name}.sitebook",
                    bytes(range(32)),
                    device=bytes([name]) * 32,
                    clock=project.clock,
                    random=project.random,
                )
        for each in changes:
            with project.writing():
                if each.id in aside:
                    project.applier.set_aside(each, Touched(), eid=1)
                else:
                    project.applier.apply(each, Touched(), eid=1)
        read_all(project)
        pictures.append(seen(project))
        project.close()
    for other in pictures[1:]:
        assert other == pictures[0]


def test_one_bad_text_refuses_its_change_whole_and_no_other() -> None:
    assert EVE != MALLORY
    bad = change(set_to("title", "half"), text(b"\1\1", 1))
    found = spread([bad, change(set_to("priority", "high"))], 3, refused=1)
    assert [row[2] for row in found["live"]] == ["priority"]


def test_claims_of_nonsense_leave_numbers_small_and_distinct(tmp_path: Path) -> None:
    project = replica(tmp_path, 1, alone=True)
    odd = ([(1 << 40) - 1, 1_000_000], [-5, 10], [0, 1 << 64 - 1], [5], "x", [1.5, 2], [True, 1], [40, 0])
    claims = [
        change(set_to("block", block, kind="numbers", record=bytes([turn]) * 16))
        for turn, block in enumerate(odd)
    ]
    assert not take(project, claims)
    made = [project.create("issue", {"title": "x", "number": None})[0] for _ in range(150)]
    numbers = [project.field(each, "number").value for each in made]
    assert len(set(numbers)) == 150
    assert all(isinstance(each, int) and 0 < each < 1_000 for each in numbers)
    project.close()
