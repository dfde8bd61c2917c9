"""What a query needs of columns."""

from __future__ import annotations


class Need(str):
    """The path of a column that a query needs, and what of it."""

    __slots__ = ("counted", "grouped", "ranked", "searched")
    counted: bool
    grouped: bool
    ranked: bool
    searched: bool

    def __new__(
        cls,
        path: str,
        *,
        ranked: bool = False,
        searched: bool = False,
        counted: bool = False,
        grouped: bool = False,
    ) -> Need:
        """Ask for a column whose order is needed (``ranked``), in whose texts words are looked for (``searched``),
        whose numbers are compared or added up (``counted``), or by which records are grouped (``grouped``).
        """
        found = super().__new__(cls, path)
        found.ranked = ranked
        found.searched = searched
        found.counted = counted
        found.grouped = grouped
        return found
