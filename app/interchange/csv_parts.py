"""Small decisions about the rows of a table: their numbers, their titles, and what is there already."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

TITLE_LENGTH: Final = 80
"""Most characters of a title that is made from the first line of a text."""


@dataclass
class Numbers:
    """Which issue numbers of a table can be kept: those that nobody has, and no device may give out."""

    taken: set[int]
    reserved: list[range]

    def take(self, number: object) -> bool:
        """Take a number; False where it is not free."""
        if (
            not isinstance(number, int)
            or number in self.taken
            or any(number in each for each in self.reserved)
        ):
            return False
        self.taken.add(number)
        return True


def is_block(value: object) -> bool:
    """Whether a value is a block of reserved numbers: the first, and how many."""
    return isinstance(value, list) and len(value) == 2 and all(type(part) is int for part in value)


def same(new: object, old: object) -> bool:
    """Whether a cell says what is there already."""
    if isinstance(new, tuple) or isinstance(old, tuple):
        members = old if isinstance(old, tuple) else ()
        return set(new if isinstance(new, tuple) else ()) == set(members)
    return new == old and isinstance(new, bool) == isinstance(old, bool)


def title_of(text: str) -> str:
    """The first line of a text that says something, cut at a word."""
    line = next((line.strip() for line in text.split("\n") if line.strip()), "")
    line = " ".join(line.split())
    if len(line) <= TITLE_LENGTH:
        return line
    cut = line[: TITLE_LENGTH - 1]
    words = cut.rsplit(" ", 1)[0]
    return (words if len(words) > TITLE_LENGTH // 2 else cut).rstrip(" ,;:.-") + "…"
