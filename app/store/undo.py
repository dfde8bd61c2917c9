"""Taking back what was done here: a new change that never reverts somebody else's write.

What is remembered of an action is one number, that of its first change; what it did is read from the file when
it is taken back. So a session can be taken back to its beginning, and an import of 200,000 rows costs no more
memory than one key press.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Sequence

from app.store.activity import Activity
from app.store.inverse import Inverse, Undone
from app.store.slices import SLICE_SECONDS, Step, Unit, in_slices
from app.store.touched import Touched
from sync.change import Change, Group, Operation
from sync.errors import Refused

_KEPT = "Somebody else has changed this since, so it was left as it is; delete it if it should go."


class Undo(Activity):
    """Remembers the actions of this run of the program and takes them back."""

    _undo: array[int]
    _redo: array[int]
    undone: Undone

    def remember(self, changes: Sequence[Change]) -> None:
        """Put an action on the list of what can be undone, by its first change; the others are of its group."""
        if changes:
            self._undo.append(self.number_of(changes[0]))
            del self._redo[:]

    @property
    def can_undo(self) -> bool:
        """Whether there is anything to take back."""
        return bool(self._undo)

    @property
    def can_redo(self) -> bool:
        """Whether there is anything to do again."""
        return bool(self._redo)

    def _do(self, build: Callable[[Touched], Sequence[Operation]]) -> Touched:
        touched, change = self.commit(build)
        if change is not None:
            self.remember([change])
        return touched

    def undo(self) -> Touched | None:
        """Take back the last action made here; None where there is none. Never reverts someone else's write.

        Raises Refused where there is nothing left to take back because others have changed all of it.
        """
        return self._step_back(self._undo, self._redo)

    def redo(self) -> Touched | None:
        """Do again what was taken back last."""
        return self._step_back(self._redo, self._undo)

    def undo_steps(self, seconds: float = SLICE_SECONDS) -> Iterator[Step]:
        """Take back the last action in slices. What is left when no more are asked for can be taken back later."""
        return self._steps_back(self._undo, self._redo, seconds)

    def redo_steps(self, seconds: float = SLICE_SECONDS) -> Iterator[Step]:
        """Do again in slices what was taken back last."""
        return self._steps_back(self._redo, self._undo, seconds)

    def undo_size(self) -> int:
        """Of how many changes the last action is: one of many is better taken back in slices."""
        return len(self._members(self._undo[-1])) if self._undo else 0

    def redo_size(self) -> int:
        """Of how many changes the action is that was taken back last."""
        return len(self._members(self._redo[-1])) if self._redo else 0

    def _step_back(self, source: array[int], target: array[int]) -> Touched | None:
        if not source:
            return None
        touched = Touched()
        back = _Back(self, self._members(source[-1]))
        with self.writing(touched):
            for unit in back.units():
                unit(touched)
        source.pop()
        target.extend(back.made[:1])
        back.say_what_was_kept()
        return touched

    def _steps_back(self, source: array[int], target: array[int], seconds: float) -> Iterator[Step]:
        if not source:
            return
        action = source.pop()
        back = _Back(self, self._members(action))
        made: list[int] = []
        over = False
        try:
            for step in in_slices(self, back.units(), len(back.members), seconds):
                made = back.made[:1]  # not what is made in a slice that is rolled back
                yield step
            over = True
        finally:
            if not over:
                source.append(action)
            target.extend(made)
        back.say_what_was_kept()

    def _members(self, first: int) -> array[int]:
        """The changes of an action, the last first."""
        rows = self.db.all(
            "SELECT c.cid FROM changes f JOIN changes c ON c.gid = f.gid AND c.did = f.did WHERE f.cid = ?"
            " ORDER BY c.cid DESC",
            (first,),
        )
        return array("q", (int(cid) for (cid,) in rows)) or array("q", [first])

    def number_of(self, change: Change) -> int:
        """The number of a change that was applied."""
        known = self.applier.known(change.id)
        assert known is not None
        return known[0]


class _Back:
    """One action on its way back."""

    def __init__(self, core: Undo, members: array[int]) -> None:
        self._core = core
        self.members = members
        self.made: list[int] = []
        self._inverse = Inverse(core, core.undone)

    def units(self) -> Iterator[Unit]:
        """The taking back of each change."""
        group = self._core.random(16)
        count = len(self.members)
        for index, cid in enumerate(self.members):

            def take_back(touched: Touched, index: int = index, cid: int = cid) -> int:
                operations = self._inverse.of(cid)
                place = Group(group, index, count) if count > 1 else None
                change = self._core.append(operations, touched, place)
                if change is not None:
                    later = self._core.number_of(change)
                    self._core.undone.note(later, cid)
                    if not self.made:
                        self.made.append(later)
                return 1

            yield take_back

    def say_what_was_kept(self) -> None:
        """Raise Refused where nothing was taken back because of what others wrote."""
        if self._inverse.kept and not self.made:
            raise Refused(_KEPT)
