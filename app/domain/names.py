"""Comparing names the way people do: ignoring case and accents, in natural order, with near misses found."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable

# Letters that Unicode does not take apart into a base and a mark, but that people type without the mark.
_PLAIN = str.maketrans(
    {"ø": "o", "đ": "d", "ł": "l", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d", "ŧ": "t"}
)
_UNPLAIN = re.compile("[" + "".join(map(chr, _PLAIN)) + "]")
# Only the marks of Latin, Greek and Cyrillic letters are dropped: vowel signs of Thai or Hindi are letters.
_MARKS = re.compile("[\u0300-\u036f]+")
_DIGITS = re.compile("[0-9]+")
_JOINERS = re.compile(r"[\s_\-]+")
_LONGEST_RUN = 0x2000


def fold(text: str) -> str:
    """Make texts comparable: lower case, no accents, compatible forms as one (“Ångström” and “angstrom”)."""
    if text.isascii():
        return text.lower()
    bare = _MARKS.sub("", unicodedata.normalize("NFKD", text.casefold()))
    bare = bare.casefold()
    if bare.isascii():
        return bare
    # Only where there is something to replace: going through all characters takes longer than all the rest.
    plain = bare.translate(_PLAIN) if _UNPLAIN.search(bare) else bare
    return unicodedata.normalize("NFC", plain)


def fold_name(text: str) -> str:
    """Fold the name of a field, where spaces, hyphens and underscores mean the same (“Home base”)."""
    return _JOINERS.sub("_", fold(text.strip()))


def natural_key(text: str) -> str:
    """A key whose order is the natural one: “Room 2” before “Room 10”, case and accents ignored.

    Each run of digits is written as ``0``, one character that tells its length, and the digits without
    leading zeros. Digits appear nowhere else, so two runs compare by length first and then digit by digit.
    """
    folded = fold(text)
    return _DIGITS.sub(_run_key, folded)


def _run_key(match: re.Match[str]) -> str:
    digits = match.group().lstrip("0")
    return f"0{chr(0x21 + min(len(digits), _LONGEST_RUN))}{digits}"


def nearest(name: str, names: Iterable[str]) -> str | None:
    """The one of ``names`` that was probably meant, or None where none is close."""
    by_fold = {fold_name(each): each for each in names}
    wanted = fold_name(name)
    if len(wanted) >= 3:
        begun = [key for key in by_fold if key.startswith(wanted)]
        if len(begun) == 1:
            return by_fold[begun[0]]
    close = difflib.get_close_matches(wanted[:80], list(by_fold), n=1, cutoff=0.7)
    return by_fold[close[0]] if close else None


def listing(names: Iterable[str], limit: int = 40) -> str:
    """Join names for a sentence; beyond ``limit`` it only says how many more there are."""
    every = list(names)
    if not every:
        return "none yet"
    shown = ", ".join(shorten(each, 40) for each in every[:limit])
    return shown if len(every) <= limit else f"{shown} and {len(every) - limit} more"


def counted(count: int, noun: str) -> str:
    """A number and its noun, which takes an s for more than one: “1 file”, “3 files”."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def shorten(text: str, length: int = 60) -> str:
    """Cut text for a sentence or a cell: one line, at most ``length`` characters."""
    # Only the beginning is looked at, so that a text of a megabyte costs nothing.
    line = " ".join(text[: 4 * length].split())
    return line if len(line) <= length and len(text) <= 4 * length else line[: length - 1].rstrip() + "…"


def unknown(what: str, name: str, names: Iterable[str]) -> str:
    """The sentence for a name that does not exist: what was meant, perhaps, and what there is."""
    every = list(names)
    meant = nearest(name, every)
    question = f" Did you mean “{shorten(meant)}”?" if meant is not None else ""
    there = f"There is: {listing(every)}." if every else f"There is no {what} yet."
    return f"There is no {what} “{shorten(name)}”.{question} {there}"
