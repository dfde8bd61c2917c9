"""How texts are cut into words for searching, and where in a text the words of a search stand.

Texts are folded as names are (``app.domain.names.fold``: no case, no accents). Scripts that are written without
spaces between words (Chinese, Japanese, Korean, Thai, Lao, Khmer, Burmese) are cut into overlapping pairs of
characters, the last one of a run also by itself: ``東京都`` is indexed as ``東京 京都 都``. So a word of two
characters is one entry, a longer one is a phrase of pairs, and a single character is a prefix.

``Words.matches`` finds in a text exactly what the index finds in it; a test holds that.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import islice, pairwise
from typing import NamedTuple

from app.domain.names import fold

_UNSPACED = (
    "\u0e01-\u0e3a\u0e40-\u0e4e\u0e81-\u0eff\u1000-\u103f\u1050-\u109f\u1100-\u11ff\u1780-\u17d3\u3005-\u3007"
    "\u3021-\u3029\u3041-\u3096\u3099\u309a\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u3105-\u312f\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff\U00020000-\U0003ffff"
)
_RUN = re.compile(f"[{_UNSPACED}]+")
_UNIT = re.compile(f"([{_UNSPACED}]+)|[^ {_UNSPACED}]+")
_ASCII = "a-z0-9"
_SPACED = "^ "
_MIXED = f"^ {_UNSPACED}"
"""What words are made of in a folded text: of ASCII, without scripts that need no spaces, and with them."""
_MOST_TERMS = 30
_WHITE = re.compile(r"\s")
_WIDTH = 160
_BEFORE = 48
_FEW_MARKS = 12


class _Spacing(dict[int, str | int]):
    """Character by character: itself where words are made of it, else a space."""

    def __missing__(self, code: int) -> str | int:
        known = self[code] = code if unicodedata.category(chr(code))[0] in "LNM" else " "
        return known


_SPACING = _Spacing()
_DOUBTFUL = re.compile(r"[^\w ]+|_+")
"""What may have to become spaces: of letters and digits ``\\w`` is sure, and going through them all is slow."""


def normal(text: str) -> str:
    """A text folded, with a space for every character that no word is made of."""
    return _spaced(fold(text))


def _spaced(folded: str) -> str:
    return _DOUBTFUL.sub(lambda match: match.group().translate(_SPACING), folded)


def spread(text: str) -> str:
    """A text as the index takes it; its tokenizer cuts at all that is neither a letter nor a digit of ASCII."""
    folded = fold(text)
    if folded.isascii():
        return folded
    return _RUN.sub(_pairs, _spaced(folded))


def _pairs(match: re.Match[str]) -> str:
    run = match.group()
    return f" {' '.join(run[at : at + 2] for at in range(len(run)))} "


@dataclass(frozen=True, slots=True)
class Term:
    """One word of a search, or one phrase. ``units``: its words and runs without spaces, folded.

    ``whole``: what the last unit begins is not enough. A run without spaces is found inside others anyway.
    """

    units: tuple[str, ...]
    whole: bool = False

    @property
    def prefix(self) -> int:
        """Length of the beginning of a word that is looked for at the end of this term; 0: a whole word is."""
        last = self.units[-1]
        if _RUN.fullmatch(last):
            return 1 if len(last) == 1 else 0
        return 0 if self.whole else len(last)

    @property
    def expression(self) -> str:
        """This term in the syntax of FTS5. Nothing in it but letters, digits and marks comes from outside."""
        tokens: list[str] = []
        for at, unit in enumerate(self.units):
            if not _RUN.fullmatch(unit):
                tokens.append(unit)
                continue
            tokens.extend("".join(pair) for pair in pairwise(unit))
            if at < len(self.units) - 1 or len(unit) == 1:
                tokens.append(unit[-1])
        return f'"{" ".join(tokens)}"{" *" if self.prefix else ""}'

    def pattern(self, letters: str) -> str:
        """This term as a regular expression over a folded text, in which ``letters`` is what words are made of.

        Each unit comes before what has to stand around it: the engine then looks for it as it is, which is fast.
        """
        parts = []
        for at, unit in enumerate(self.units):
            run = _RUN.fullmatch(unit) is not None
            last = at == len(self.units) - 1
            kind = f"[{_UNSPACED}]" if run else f"[{letters}]"
            literal = re.escape(unit)
            before = f"(?<!{kind}{literal})" if not run or at else ""
            after = f"(?!{kind})" if (not last if run else not last or self.whole) else ""
            parts.append(f"{literal}{before}{after}")
        return f"[^{letters}]*".join(parts) if letters == _ASCII else " *".join(parts)


@dataclass(frozen=True)
class Words:
    """What somebody looks for: every term has to be in a record."""

    terms: tuple[Term, ...]

    @classmethod
    def read(cls, text: str) -> Words:
        """Read what was typed: words, each found by its beginning, and “phrases” in quotes, found whole.

        A phrase whose quote is still open is found by the beginning of its last word.
        """
        found: dict[Term, None] = {}
        parts = re.sub("[“”„«»]", '"', text[:1_000]).split('"')
        for at, part in enumerate(parts):
            quoted = at % 2 == 1
            for piece in [part] if quoted else part.split():
                units = tuple(match.group() for match in _UNIT.finditer(normal(piece)))
                if units:
                    found[Term(units, whole=quoted and at < len(parts) - 1)] = None
        return cls(tuple(found)[:_MOST_TERMS])

    def __bool__(self) -> bool:
        """Whether anything is looked for."""
        return bool(self.terms)

    @property
    def expression(self) -> str:
        """All of it in the syntax of FTS5."""
        return " AND ".join(term.expression for term in self.terms)

    def matches(self, *texts: str) -> bool:
        """Whether every term stands in one of the texts."""
        return self.stand_in([Folded.of(text) for text in texts])

    def stand_in(self, texts: Sequence[Folded]) -> bool:
        """Whether every term stands in one of some texts that are folded already."""
        return all(any(self.finds(at, text) for text in texts) for at in range(len(self.terms)))

    def finds(self, term: int, text: Folded) -> bool:
        """Whether one of the terms, by its place, stands in a text."""
        pattern = self._patterns(text.letters)[term]
        return pattern is not None and pattern.search(text.text) is not None

    def marks(self, text: str, folded: Folded | None = None) -> Iterator[tuple[int, int]]:
        """Where terms stand in a text, as (start, stop) in its characters; at most some tens each."""
        folded = folded or Folded.of(text)
        spans = self._spans(folded)
        if not spans or text.isascii():
            yield from spans
            return
        told, places = _placed(text, folded)
        for start, stop in spans if told is folded else self._spans(told):
            yield (start, stop) if places is None else (places[start], places[stop - 1] + 1)

    def _spans(self, text: Folded) -> list[tuple[int, int]]:
        return [
            match.span()
            for pattern in self._patterns(text.letters)
            if pattern is not None
            for match in islice(pattern.finditer(text.text), _FEW_MARKS)
        ]

    def _patterns(self, letters: str) -> tuple[re.Pattern[str] | None, ...]:
        """The terms as expressions for one sort of text; None for what cannot stand in it."""
        if letters not in self._compiled:
            self._compiled[letters] = tuple(
                re.compile(term.pattern(letters))
                if letters != _ASCII or "".join(term.units).isascii()
                else None
                for term in self.terms
            )
        return self._compiled[letters]

    @cached_property
    def _compiled(self) -> dict[str, tuple[re.Pattern[str] | None, ...]]:
        return {}


class Folded(NamedTuple):
    """A text folded for being searched, and what words are made of in it.

    Large sets of letters take milliseconds to compile, so they are only used where a text asks for them.
    """

    text: str
    letters: str

    @classmethod
    def of(cls, text: str) -> Folded:
        """Fold a text."""
        if text.isascii():
            return cls(text.lower(), _ASCII)
        folded = fold(text)
        if folded.isascii():
            return cls(folded, _ASCII)
        folded = _spaced(folded)
        return cls(folded, _MIXED if _RUN.search(folded) else _SPACED)


@dataclass(frozen=True, slots=True)
class Snippet:
    """A piece of a text on one line, with the ranges (start, stop, in its characters) that were looked for."""

    text: str
    ranges: tuple[tuple[int, int], ...] = ()


def snippet(text: str, words: Words, folded: Folded | None = None, width: int = _WIDTH) -> Snippet:
    """The piece of a text in which most of the words stand near each other, or its beginning.

    ``folded``: the text folded, where that is known.
    """
    marks = _joined(words.marks(text, folded))
    start = _best_start(marks, len(text), width)
    if start:
        space = max(text.find(" ", start, start + 20), text.find("\n", start, start + 20))
        start = (
            space + 1 if space >= 0 and all(space < mark[0] for mark in marks if mark[0] >= start) else start
        )
    stop = min(len(text), start + width)
    head, tail = ("…" if start else ""), ("…" if stop < len(text) else "")
    shift = len(head) - start
    piece = _WHITE.sub(" ", text[start:stop])
    ranges = tuple((max(a, start) + shift, min(b, stop) + shift) for a, b in marks if a < stop and b > start)
    return Snippet(f"{head}{piece}{tail}", ranges)


def _joined(marks: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for start, stop in sorted(marks):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(stop, found[-1][1]))
        else:
            found.append((start, stop))
    return found


def _best_start(marks: list[tuple[int, int]], length: int, width: int) -> int:
    """Where a piece begins that holds as many of the marks as fit; of several, the first."""
    best, most, past = 0, 0, 0
    for at, (start, _) in enumerate(marks):
        while past < len(marks) and marks[past][1] <= start - _BEFORE + width:
            past += 1
        if past - at > most:
            best, most = start, past - at
    return 0 if best <= _BEFORE or length <= width else min(best - _BEFORE, length - width)


class _Places:
    """From places in a folded text to those in the text, where some characters fold to none or to several."""

    def __init__(self, text: str, odd: Iterable[str]) -> None:
        self._starts: list[int] = []
        self._found: list[tuple[int, int]] = []
        """Of each such character, its place in the text, and the first place in the folded text behind it."""
        shift = 0
        for match in re.finditer("[" + re.escape("".join(odd)) + "]", text):
            size = len(_folded(match.group()))
            start = match.start() + shift
            self._starts.append(start)
            self._found.append((match.start(), start + size))
            shift += size - 1

    def __getitem__(self, place: int) -> int:
        at = bisect_right(self._starts, place) - 1
        if at < 0:
            return place
        own, behind = self._found[at]
        return own if place < behind else own + 1 + place - behind


def _placed(text: str, folded: Folded) -> tuple[Folded, _Places | list[int] | None]:
    """A text folded, and for each of its characters the place in the text; None: the same place."""
    odd = [each for each in set(text) if each > "\x7f" and len(_folded(each)) != 1]
    grown = sum(text.count(each) * (len(_folded(each)) - 1) for each in odd)
    if len(folded.text) == len(text) + grown:
        return folded, _Places(text, odd) if odd else None
    # Characters fold otherwise together than alone: then each is folded alone.
    pieces = [_folded(each) for each in text]
    places = [at for at, piece in enumerate(pieces) for _ in piece]
    return Folded(_spaced("".join(pieces)), folded.letters), places


@lru_cache(maxsize=20_000)
def _folded(character: str) -> str:
    return fold(character)
