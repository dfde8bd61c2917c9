"""The columns of a view as texts (``path`` or ``path=width``), and what choosing, moving and resizing make of them."""

from __future__ import annotations

from collections.abc import Sequence

from app.workspace.views import read_column


def _at(texts: Sequence[str], path: str) -> int | None:
    return next((at for at, each in enumerate(texts) if read_column(each)[0] == path), None)


def with_width(texts: Sequence[str], path: str, width: int) -> tuple[str, ...]:
    """One column as wide as this, in pixels at the base font; 0 for as wide as it is by itself."""
    return tuple(
        (f"{path}={width}" if width else path) if read_column(each)[0] == path else each for each in texts
    )


def moved(texts: Sequence[str], path: str, before: str) -> tuple[str, ...]:
    """One column before another one; at the end where ``before`` is not among them."""
    at = _at(texts, path)
    if at is None or path == before:
        return tuple(texts)
    rest = [each for place, each in enumerate(texts) if place != at]
    target = _at(rest, before)
    rest.insert(len(rest) if target is None else target, texts[at])
    return tuple(rest)


def without(texts: Sequence[str], path: str) -> tuple[str, ...]:
    """All columns but one."""
    return tuple(each for each in texts if read_column(each)[0] != path)


def with_column(texts: Sequence[str], path: str, last: str) -> tuple[str, ...]:
    """One column more: at the end, but before the column ``last`` where that stands there."""
    if _at(texts, path) is not None:
        return tuple(texts)
    if texts and read_column(texts[-1])[0] == last and path != last:
        return (*texts[:-1], path, texts[-1])
    return (*texts, path)
