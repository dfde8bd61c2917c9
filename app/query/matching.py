"""How well a name fits what was typed: the same, its beginning, the beginning of a word, a part, letters in order.

Everything is compared folded (``app.domain.names.fold``), so case and accents do not matter.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from heapq import nsmallest
from typing import TypeVar

from app.domain.names import fold

T = TypeVar("T")

SAME, BEGINS, WORD_BEGINS, CONTAINS, LETTERS = range(5)
"""The ranks of a match, the best first."""

_ENOUGH = 8
"""With so many better matches nobody looks for letters scattered over a name."""


def rank(wanted: str, name: str) -> int | None:
    """The rank of a folded name for folded words; None where it does not contain them all."""
    if not wanted:
        return BEGINS
    if name.startswith(wanted):
        return SAME if len(name) == len(wanted) else BEGINS
    if wanted in name:
        return WORD_BEGINS if _begins_word(wanted, name) else CONTAINS
    words = wanted.split()
    if len(words) < 2 or not all(word in name for word in words):
        return None
    return WORD_BEGINS if all(_begins_word(word, name) for word in words) else CONTAINS


def _begins_word(wanted: str, name: str) -> bool:
    place = name.find(wanted)
    while place >= 0:
        if place == 0 or not name[place - 1].isalnum():
            return True
        place = name.find(wanted, place + 1)
    return False


def letters(wanted: str) -> Callable[[str], bool]:
    """Whether a folded name has these letters in this order, the first at the beginning of a word."""
    bare = "".join(wanted.split())
    pattern = re.compile(r"(?:^|(?<=[\W_]))" + ".*?".join(map(re.escape, bare)), re.DOTALL)
    return lambda name: pattern.search(name) is not None


def best(
    typed: str, names: Iterable[tuple[str, T]], limit: int, *, scattered: bool = True
) -> list[tuple[int, T]]:
    """The things whose folded names fit best, with their ranks, equals in the order given.

    ``scattered`` looks for letters in order too, where little else is found.
    """
    wanted = fold(typed.strip())
    every = names if isinstance(names, list | tuple) else list(names)
    if not wanted:
        return [(BEGINS, thing) for _, thing in every[:limit]]
    found: list[tuple[int, int, T]] = []
    for place, (name, thing) in enumerate(every):
        # The commonest answer, that one word is not in the name, costs no call.
        if wanted not in name and " " not in wanted:
            continue
        how = rank(wanted, name)
        if how is not None:
            found.append((how, place, thing))
    if scattered and len(found) < _ENOUGH and len(wanted) > 1:
        fits, known = letters(wanted), {place for _, place, _ in found}
        found.extend(
            (LETTERS, place, thing)
            for place, (name, thing) in enumerate(every)
            if place not in known and fits(name)
        )
    return [(how, thing) for how, _, thing in nsmallest(limit, found, key=lambda each: each[:2])]
