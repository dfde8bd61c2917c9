"""Finding the person records that a name or an address means."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from app.domain.names import fold

_WORDS = re.compile(r"\w+")


# The same few hundred names are compared again and again while a table or an export is written.
_fold = lru_cache(maxsize=4096)(fold)


@dataclass(frozen=True, slots=True)
class PersonEntry:
    """What is needed of a person record to find it by name."""

    id: bytes
    name: str
    email: str = ""
    company: str = ""

    @property
    def shown(self) -> str:
        """The name, or the address where there is none."""
        return self.name or self.email or "(no name)"


@lru_cache(maxsize=4096)
def name_words(name: str) -> frozenset[str]:
    """The folded words of a name, so that “Doe, Jane” is “Jane Doe”."""
    return frozenset(_WORDS.findall(fold(name)))


def people_named(text: str, people: Iterable[PersonEntry]) -> list[PersonEntry]:
    """Everybody whose name or address is ``text``, ignoring case and accents.

    An exact name comes before the same words in another order; an address counts where ``text`` is one.
    """
    wanted = fold(text.strip())
    words = name_words(text)
    exact: list[PersonEntry] = []
    same_words: list[PersonEntry] = []
    for person in people:
        if (_fold(person.name) == wanted and wanted) or ("@" in wanted and _fold(person.email) == wanted):
            exact.append(person)
        elif words and name_words(person.name) == words:
            same_words.append(person)
    return exact or same_words


def people_like(text: str, people: Iterable[PersonEntry]) -> list[PersonEntry]:
    """Everybody in whose name each word of ``text`` begins a word: “jan do” finds “Jane Doe”."""
    words = name_words(text)
    if not words:
        return []
    return [
        person
        for person in people
        if all(any(own.startswith(word) for own in name_words(person.name)) for word in words)
    ]


def matching_people(name: str, email: str, people: Iterable[PersonEntry]) -> Sequence[PersonEntry]:
    """The person records that somebody who joins may already be, the likeliest first.

    Same address, then same name, then every word of one name in the other (“Jane Doe” and “Jane M. Doe”).
    """
    address = fold(email.strip())
    full = fold(name.strip())
    words = name_words(name)
    ranked: list[tuple[int, PersonEntry]] = []
    for person in people:
        own = name_words(person.name)
        if address and _fold(person.email.strip()) == address:
            ranked.append((0, person))
        elif full and (_fold(person.name.strip()) == full or own == words):
            ranked.append((1, person))
        elif len(words & own) >= 2 and (words <= own or own <= words):
            ranked.append((2, person))
    return [person for _, person in sorted(ranked, key=lambda pair: pair[0])]
