"""What was used last, the newest first, remembered on this device."""

from __future__ import annotations

from collections.abc import Callable, Sequence

_MOST = 12


class Recent:
    """A list of names. ``load`` and ``save`` read and write what the device remembers."""

    def __init__(self, load: Callable[[], object], save: Callable[[list[str]], None]) -> None:
        self._save = save
        stored = load()
        self._names = [each for each in stored if isinstance(each, str)] if isinstance(stored, list) else []

    @property
    def names(self) -> Sequence[str]:
        """The names, the one used last first."""
        return self._names

    def note(self, name: str) -> None:
        """This one was used now."""
        self._names = [name, *(each for each in self._names if each != name)][:_MOST]
        self._save(list(self._names))

    def place(self, name: str) -> int:
        """How long ago a name was used, in others; larger than all for one that is not remembered."""
        return self._names.index(name) if name in self._names else _MOST
