"""What the command line prints: tables and sentences for people, one JSON document for scripts."""

from __future__ import annotations

import json
import shutil
import sys
import unicodedata
from collections.abc import Sequence
from typing import Any

_GAP = "  "
_WIDEST_CELL = 72
_WIDE = frozenset("WF")


class Usage(Exception):
    """The command was typed in a way that it does not understand: exit code 2."""


def clean(text: str, *, lines: bool = False) -> str:
    """Text of others for a terminal: control characters could steer it, so they are shown as a mark."""
    if text.isprintable():
        return text
    kept = "\n\t" if lines else ""
    return "".join(
        each if each.isprintable() or each in kept else " " if each.isspace() else "�" for each in text
    )


def one_line(text: str) -> str:
    """A sentence in one line, whatever it quotes."""
    return clean(" ".join(text.split()))


def size_text(count: int) -> str:
    """Bytes in the largest unit that keeps them above one: “745 B”, “8.7 MB”."""
    if count < 1000:
        return f"{count} B"
    units = ("kB", "MB", "GB")
    place = min(len(units), (len(str(count)) - 1) // 3)
    return f"{count / 1000**place:.1f} {units[place - 1]}"


class Output:
    """Standard output of one command."""

    def __init__(self, *, as_json: bool) -> None:
        self.as_json = as_json

    def say(self, text: str) -> None:
        """A line for people; with ``--json`` nothing."""
        if not self.as_json:
            print(clean(text, lines=True))

    def now(self, text: str) -> None:
        """A line for people that must not wait in a buffer."""
        if not self.as_json:
            print(clean(text), flush=True)

    def result(self, document: Any, *lines: str) -> None:
        """The outcome of a command: the document with ``--json``, the lines without."""
        if self.as_json:
            print(json.dumps(document, ensure_ascii=False, indent=2))
        else:
            for line in lines:
                print(clean(line, lines=True))

    def table(
        self, document: Any, headings: Sequence[str], rows: Sequence[Sequence[str]], empty: str
    ) -> None:
        """A list: the document with ``--json``, aligned columns without, or a sentence where there is none."""
        if self.as_json:
            self.result(document)
        elif rows:
            for line in aligned([headings, *rows]):
                print(line)
        else:
            print(empty)

    def raw(self, text: str) -> None:
        """Text as it is, without a line end of our own where a script reads it."""
        terminal = sys.stdout is not None and sys.stdout.isatty()
        print(clean(text, lines=True) if terminal else text, end="\n" if terminal else "")


def warn(text: str) -> None:
    """One line on standard error."""
    if sys.stderr is not None:
        print(f"sitebook: {one_line(text)}", file=sys.stderr)


def width(text: str) -> int:
    """Columns that a text takes in a terminal."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(each) else 2 if unicodedata.east_asian_width(each) in _WIDE else 1
        for each in text
    )


def _cut(text: str, most: int) -> str:
    if width(text) <= most:
        return text
    room = most - 1
    kept = []
    for each in text:
        room -= width(each)
        if room < 0:
            break
        kept.append(each)
    return "".join(kept).rstrip() + "…"


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows as lines with aligned columns. In a terminal the widest column gives way to fit its width."""
    cells = [[_cut(clean(cell), _WIDEST_CELL) for cell in row] for row in rows]
    used = [index for index in range(len(cells[0])) if any(row[index] for row in cells[1:])]
    widths = {index: max(width(row[index]) for row in cells) for index in used}
    if sys.stdout is not None and sys.stdout.isatty():
        room = shutil.get_terminal_size().columns
        over = sum(widths.values()) + len(_GAP) * (len(used) - 1) - room
        if over > 0:
            widest = max(widths, key=lambda index: widths[index])
            widths[widest] = max(12, widths[widest] - over)
    lines = []
    for row in cells:
        shown = [_cut(row[index], widths[index]) for index in used]
        padded = [cell + " " * (widths[index] - width(cell)) for cell, index in zip(shown, used, strict=True)]
        lines.append(_GAP.join(padded).rstrip())
    return lines
