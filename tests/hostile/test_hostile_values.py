"""Values of a wrong shape in every field: the command line shows them as what they are and never fails."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

from app.cli.session import Options, Session
from app.domain.fieldtypes import CUSTOM_TYPES
from app.domain.schema import KINDS, PROJECT
from app.store.touched import Touched
from sync.change import Change
from sync.ids import id_text
from tests.app.cli.conftest import Cli, MemoryKeyring
from tests.hostile.hostile import MALLORY, change, item, string, text, text_item, update

_WRONG: tuple[Any, ...] = (
    5,
    True,
    "text",
    b"b" * 16,
    [1, [2]],
    {"a": [None]},
    math.nan,
    (1 << 64) - 1,
    "9" * 400,
    ["1e999999999", "EUR"],
    ["NaN", "GBP"],
    "2026-99-99",
    [math.nan, math.inf],
    "\0\x1b[31m",
    ["name", 1 << 62],
)
_TEXT = update(
    5,
    0,
    item(b"\x05" + string('{"a":1}')),
    text_item("x\0y", right=(5, 0)),
    item(b"\x06" + string("bold") + string("[[1],{}]"), right=(5, 0)),
)


def _record(kind: int, turn: int) -> bytes:
    return bytes([kind, turn]) * 8


def wrong_changes() -> list[Change]:
    """Changes of two authors that put each wrong value into each field of each kind, and of each type."""
    made = []
    for index, kind in enumerate(KINDS.values()):
        for turn, value in enumerate(_WRONG if kind.name != PROJECT else ()):
            record = _record(index, turn)

            def writes(value: Any, kind: Any = kind, record: bytes = record) -> list[Any]:
                return [
                    [2 if field.many else 1, kind.name, record, name, value, []]
                    for name, field in kind.fields.items()
                ]

            texts = [text(_TEXT, 5, kind=kind.name, record=record)] if kind.text_fields else []
            made.append(change(*writes(value), *texts, clock=(0, 1 << 47)[turn % 2]))
            made.append(change(*writes(_WRONG[turn - 1]), author=MALLORY, clock=5))
    issue = list(KINDS).index("issue")
    for number, custom in enumerate(CUSTOM_TYPES):
        record = bytes([200, number]) * 8
        about = {"type": str(custom), "name": f"custom {number}", "of": "issue"}
        made.append(change(*[[1, "field", record, name, value, []] for name, value in about.items()]))
        made.extend(
            change([1, "issue", _record(issue, turn), f"f.{record.hex()}", value, []])
            for turn, value in enumerate(_WRONG)
        )
    return made


def test_the_command_line_shows_values_of_any_shape(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(MemoryKeyring, "entries", {})
    monkeypatch.setattr("app.keys.vault.SystemKeyring", MemoryKeyring)
    cli = Cli(tmp_path / "profile", capsys)
    cli.ok("init", "--name", "Ann")
    cli.ok("project", "new", "Harbour")
    session = Session(Options(profile=str(cli.profile)))
    with session.project.writing():
        for each in wrong_changes():
            session.project.applier.apply(each, Touched(), eid=1)
    session.close()
    kinds = list(KINDS)
    for flags in ([], ["--json"]):
        cli.ok("issue", "list", "--sort", "cost,-due,title,number,status,assignees,created", *flags)
        cli.ok("issue", "list", "cost>5 or due<2027-01-01 or status:open or number>3 or words", *flags)
        for kind in ("note", "person", "field", "location"):
            cli.ok(kind, "list", *flags)
        cli.ok("conflicts", *flags)
        for turn in range(0, len(_WRONG), 2):
            cli.ok("issue", "show", id_text(_record(kinds.index("issue"), turn)), *flags)
        cli.ok("note", "show", id_text(_record(kinds.index("note"), 1)), *flags)
    cli.ok("export", str(tmp_path / "out.csv"))
