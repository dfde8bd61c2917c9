"""Parts of a filter's text that are shown otherwise: what was understood, and what was not."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Mark:
    """A part of the text, in characters: a condition that was understood, or an error with its sentence."""

    start: int
    end: int
    message: str = ""

    @property
    def is_error(self) -> bool:
        """Whether this part was not understood."""
        return bool(self.message)


def utf16(text: str) -> int:
    """How many UTF-16 units, which Qt counts in, a text has."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def characters(text: str, units: int) -> int:
    """How many characters of a text take so many UTF-16 units."""
    if text.isascii():
        return min(units, len(text))
    return len(text.encode("utf-16-le", "surrogatepass")[: 2 * units].decode("utf-16-le", "ignore"))
