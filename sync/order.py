"""Fractional index keys: strings that order a list, so that putting one item between two writes one item.

After D. Greenspan, *Implementing Fractional Indexing* (2022): digits in base 62 read as a fraction in (0, 1),
compared byte by byte, never ending in the lowest digit.
"""

from __future__ import annotations

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_VALUE = {digit: index for index, digit in enumerate(_DIGITS)}
_BASE = len(_DIGITS)


def is_key(text: object) -> bool:
    """Tell whether a value, perhaps from another device, is a usable key."""
    return (
        isinstance(text, str) and 0 < len(text) <= 200 and all(c in _VALUE for c in text) and text[-1] != "0"
    )


def key_between(before: str | None, after: str | None) -> str:
    """Give a key between two keys; ``None`` is the open end. Raises ValueError where nothing fits between."""
    low, high = before or "", after
    if high is not None and low >= high:
        raise ValueError("no key fits between these")
    return _between(low, high)


def _between(low: str, high: str | None) -> str:
    prefix: list[str] = []
    position = 0
    while True:
        below = _VALUE[low[position]] if position < len(low) else 0
        above = _VALUE[high[position]] if high is not None and position < len(high) else _BASE
        if below == above:
            prefix.append(_DIGITS[below])
        elif above - below > 1:
            return "".join(prefix) + _DIGITS[(below + above) // 2]
        else:
            prefix.append(_DIGITS[below])
            high = None
        position += 1


def keys_between(before: str | None, after: str | None, count: int) -> list[str]:
    """Give ``count`` keys between two, evenly spread so that they stay short."""
    if count <= 0:
        return []
    middle = key_between(before, after)
    left = count // 2
    return [*keys_between(before, middle, left), middle, *keys_between(middle, after, count - left - 1)]
