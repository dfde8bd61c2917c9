"""The tree of notes: who stands below whom and in which order, and what must be written to move one.

A note names the one above it; its place among those beside it is a fractional index. Whatever devices wrote at the
same time, every note stands in the tree once: one whose parent is not there stands at the top, and of a circle
that two devices closed together, the note with the least id does.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from app.domain.columns import Columns
from app.domain.schema import NOTE
from app.query.pace import Pace
from app.store.operations import Edit
from app.workspace.ranks import place, rank_of
from sync.errors import Refused

FIELDS = ("title", "parent", "order", "pinned", "template")
"""The columns that the tree is made of."""
PINNED, NOTES, TEMPLATES = "pinned", "notes", "templates"
GROUPS = (PINNED, NOTES, TEMPLATES)
"""What stands at the top, from top to bottom: pinned notes, the others, and what new ones are made from."""
_PART = 200
"""So many notes are taken in between two looks at the clock."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A place in the tree: below a note, or at the top of a group, before another note; None is behind all."""

    group: str = NOTES
    parent: bytes | None = None
    before: bytes | None = None


@dataclass(frozen=True, slots=True)
class _Stored:
    """What a note says of itself."""

    parent: bytes | None
    rank: str
    pinned: bool
    template: bool


class NoteTree:
    """All notes that are there, by who stands below whom. ``fill`` it once, then ``follow`` what changes."""

    def __init__(self, columns: Columns) -> None:
        self._columns = columns
        self._stored: dict[bytes, _Stored] = {}
        self._above: dict[bytes, bytes | str] = {}
        """Where each note stands: below another note, or in a group."""
        self._below: dict[bytes | str, list[tuple[str, bytes]]] = {}
        self._waiting: dict[bytes, set[bytes]] = {}
        """By a note that may not be there: those that name it as the one above them."""
        self._cut: set[bytes] = set()
        """Notes that stand at the top because of a circle."""
        self._templates = 0
        """How many notes are templates."""

    # Reading

    def fill(self, records: Iterable[bytes]) -> None:
        """Take in all notes that are there."""
        for _ in self.fill_steps(records):
            pass

    def fill_steps(self, records: Iterable[bytes]) -> Iterator[None]:
        """Take in all notes that are there, in steps of a few milliseconds."""
        pace = Pace()
        stored: dict[bytes, _Stored] = {}
        read = self._reader()
        for number, record in enumerate(records):
            stored[record] = read(record)
            if not number % _PART and pace.due():
                yield
        yield from self._build(stored)

    def _build(self, stored: dict[bytes, _Stored]) -> Iterator[None]:
        pace = Pace()
        above: dict[bytes, bytes | str] = {}
        below: dict[bytes | str, list[tuple[str, bytes]]] = {}
        waiting: dict[bytes, set[bytes]] = {}
        circles = _Circles(stored)
        for number, record in enumerate(stored):
            circles.look(record)
            if not number % _PART and pace.due():
                yield
        cut = circles.found
        for number, (record, note) in enumerate(stored.items()):
            if note.parent is not None:
                waiting.setdefault(note.parent, set()).add(record)
            home = _home(record, note, stored, cut)
            above[record] = home
            below.setdefault(home, []).append((note.rank, record))
            if not number % _PART and pace.due():
                yield
        for number, each in enumerate(below.values()):
            each.sort()
            if not number % _PART and pace.due():
                yield
        self._stored, self._above, self._below, self._waiting, self._cut = stored, above, below, waiting, cut
        self._templates = sum(each.template for each in stored.values())

    def _reader(self) -> _Reader:
        return _Reader(self._columns)

    def follow(self, changed: Collection[bytes], there: Collection[bytes]) -> bool:
        """Take in what these notes say now; ``there`` are those of them that are there. Whether anything moved."""
        read = self._reader()
        touched: set[bytes] = set()
        for record in changed:
            old = self._stored.get(record)
            new = read(record) if record in there else None
            if old == new:
                continue
            touched.add(record)
            self._templates += (new is not None and new.template) - (old is not None and old.template)
            if old is not None and old.parent is not None:
                self._waiting[old.parent].discard(record)
            if new is None:
                del self._stored[record]
            else:
                self._stored[record] = new
                if new.parent is not None:
                    self._waiting.setdefault(new.parent, set()).add(record)
            if (old is None) != (new is None):
                touched.update(each for each in self._waiting.get(record, ()) if each in self._stored)
        if not touched:
            return False
        # A circle that is new, or is one no more, has a note that changed on it, or one that was cut.
        before = self._cut
        circles = _Circles(self._stored)
        for record in [*touched, *before]:
            circles.look(record)
        self._cut = circles.found
        for record in touched | before | self._cut:
            self._stand(record)
        return True

    def _stand(self, record: bytes) -> None:
        """Put one note where it stands now."""
        old = self._above.pop(record, None)
        if old is not None:
            siblings = self._below[old]
            # Its rank may be another now, so it is looked for by its id where it is not found by both.
            note = self._stored.get(record)
            at = bisect_left(siblings, (note.rank, record)) if note is not None else len(siblings)
            if at >= len(siblings) or siblings[at][1] != record:
                at = next(place for place, (_, each) in enumerate(siblings) if each == record)
            del siblings[at]
            if not siblings:
                del self._below[old]
        note = self._stored.get(record)
        if note is not None:
            home = _home(record, note, self._stored, self._cut)
            self._above[record] = home
            insort(self._below.setdefault(home, []), (note.rank, record))

    # What there is

    def __contains__(self, record: object) -> bool:
        return record in self._stored

    def __len__(self) -> int:
        """How many notes there are, templates not counted."""
        return len(self._stored) - self._templates

    @property
    def size(self) -> int:
        """How many notes there are, templates among them."""
        return len(self._stored)

    def is_template(self, record: bytes) -> bool:
        """Whether new notes are made from a note."""
        note = self._stored.get(record)
        return note is not None and note.template

    def is_pinned(self, record: bytes) -> bool:
        """Whether a note is pinned."""
        note = self._stored.get(record)
        return note is not None and note.pinned

    def templates(self) -> list[bytes]:
        """The notes that new ones are made from, in their order."""
        return self.children(TEMPLATES)

    def children(self, above: bytes | str) -> list[bytes]:
        """The notes right below another, or at the top of a group, in their order."""
        return [record for _, record in self._below.get(above, ())]

    def has_children(self, record: bytes) -> bool:
        """Whether any note stands below another."""
        return record in self._below

    def child_count(self, above: bytes | str) -> int:
        """How many notes stand right below another, or at the top of a group."""
        return len(self._below.get(above, ()))

    def parent(self, record: bytes) -> bytes | None:
        """The note that another stands below; None at the top."""
        above = self._above.get(record)
        return above if isinstance(above, bytes) else None

    def named_parent(self, record: bytes) -> bytes | None:
        """The note that another belongs to, though it may stand elsewhere: a pinned one stands at the top."""
        note = self._stored.get(record)
        return note.parent if note is not None and note.parent in self._stored else None

    def ancestors(self, record: bytes) -> list[bytes]:
        """The notes above one, the nearest first."""
        found = []
        above = self._above.get(record)
        while isinstance(above, bytes):
            found.append(above)
            above = self._above.get(above)
        return found

    def group(self, record: bytes) -> str:
        """The group that a note stands in."""
        above: bytes | str | None = self._above.get(record)
        while isinstance(above, bytes):
            above = self._above.get(above)
        return NOTES if above is None else above

    def below(self, record: bytes) -> list[bytes]:
        """A note and all that stands below it, from top to bottom."""
        return [each for each, _ in self.lines([record])]

    def lines(
        self, tops: Iterable[bytes], closed: Collection[bytes] = (), among: Collection[bytes] | None = None
    ) -> list[tuple[bytes, int]]:
        """These notes and what stands below them, with their depth, from top to bottom.

        What stands below ``closed`` ones is left out, and what is not ``among`` some.
        """
        below = self._below
        found: list[tuple[bytes, int]] = []
        waiting = [(0, iter([("", each) for each in tops]))]
        while waiting:
            depth, siblings = waiting[-1]
            for _, record in siblings:
                if among is not None and record not in among:
                    continue
                found.append((record, depth))
                if record in below and record not in closed:
                    waiting.append((depth + 1, iter(below[record])))
                    break
            else:
                waiting.pop()
        return found

    def outermost(self, records: Iterable[bytes]) -> list[bytes]:
        """Those of some notes that stand below none of the others; the others go along with them."""
        chosen = list(dict.fromkeys(each for each in records if each in self._stored))
        among = set(chosen)
        return [each for each in chosen if among.isdisjoint(self.ancestors(each))]

    # Moving

    def spot_of(self, record: bytes) -> Spot:
        """Where a note stands now."""
        above = self._above[record]
        siblings = self.children(above)
        at = siblings.index(record) + 1
        before = siblings[at] if at < len(siblings) else None
        parent = above if isinstance(above, bytes) else None
        return Spot(self.group(record), parent, before)

    def rank_at(self, spot: Spot) -> tuple[str, dict[bytes, str]]:
        """The order of a new note at a place, and the new orders of neighbours that stand in its way."""
        above = spot.group if spot.parent is None else spot.parent
        siblings = self._below.get(above, [])
        at = _position(siblings, spot.before)
        placing = place([rank for rank, _ in siblings], at)
        return placing.fresh[0], {siblings[index][1]: rank for index, rank in placing.moved.items()}

    def may_stand(self, records: Iterable[bytes], parent: bytes | None) -> bool:
        """Whether notes can go below another: none goes below itself, or below what stands below it."""
        return parent is None or {parent, *self.ancestors(parent)}.isdisjoint(records)

    def move(self, records: Sequence[bytes], spot: Spot) -> dict[bytes, list[Edit]]:
        """What must be written so that notes, and all that stands below them, stand at a place in this order.

        Raises Refused where one would stand below itself.
        """
        moved = self.outermost(records)
        if not self.may_stand(moved, spot.parent):
            raise Refused("A note cannot stand below itself; choose another place for it.")
        above = spot.group if spot.parent is None else spot.parent
        among = set(moved)
        siblings = [each for each in self._below.get(above, []) if each[1] not in among]
        before = self._next_left(spot, among)
        placing = place([rank for rank, _ in siblings], _position(siblings, before), len(moved))
        edits: dict[bytes, list[Edit]] = {}
        for record, rank in zip(moved, placing.fresh, strict=True):
            edits[record] = [*self._homing(record, spot), Edit("order", rank)]
        for index, rank in placing.moved.items():
            edits[siblings[index][1]] = [Edit("order", rank)]
        return edits

    def _next_left(self, spot: Spot, moved: Collection[bytes]) -> bytes | None:
        """The note to stand before: not one of those that move themselves."""
        if spot.before not in moved:
            return spot.before
        siblings = self.children(spot.group if spot.parent is None else spot.parent)
        at = siblings.index(spot.before) if spot.before in siblings else len(siblings)
        return next((each for each in siblings[at:] if each not in moved), None)

    def _homing(self, record: bytes, spot: Spot) -> list[Edit]:
        """What makes a note one of a group, or of what stands below another note."""
        note = self._stored[record]
        wanted = replace(
            note,
            # At the top of the pinned ones a note still belongs to where it was.
            parent=note.parent if spot.parent is None and spot.group == PINNED else spot.parent,
            pinned=spot.parent is None and spot.group == PINNED,
            template=spot.parent is None and spot.group == TEMPLATES,
        )
        edits = []
        if wanted.parent != note.parent:
            edits.append(Edit("parent", wanted.parent))
        if wanted.pinned != note.pinned:
            edits.append(Edit("pinned", wanted.pinned or None))
        if wanted.template != note.template:
            edits.append(Edit("template", wanted.template or None))
        return edits

    def indented(self, record: bytes) -> Spot | None:
        """Where a note stands one level deeper: last below the one before it; None where there is none."""
        siblings = self.children(self._above[record])
        at = siblings.index(record)
        return None if at == 0 else Spot(self.group(record), siblings[at - 1])

    def outdented(self, record: bytes) -> Spot | None:
        """Where a note stands one level higher: right behind the one above it; None at the top."""
        parent = self.parent(record)
        return None if parent is None else self.spot_of(parent)

    def stepped(self, record: bytes, step: int) -> Spot | None:
        """Where a note stands one place further up (-1) or down (1) among those beside it; None at the end."""
        siblings = self.children(self._above[record])
        at = siblings.index(record) + step
        if not 0 <= at < len(siblings):
            return None
        at += step > 0
        before = siblings[at] if at < len(siblings) else None
        return replace(self.spot_of(record), before=before)


class _Reader:
    """Reads what notes say of themselves."""

    def __init__(self, columns: Columns) -> None:
        self._parents = columns.column(NOTE, "parent")
        self._orders = columns.column(NOTE, "order")
        self._pinned = columns.column(NOTE, "pinned")
        self._templates = columns.column(NOTE, "template")

    def __call__(self, record: bytes) -> _Stored:
        parent = self._parents.get(record)
        return _Stored(
            parent if isinstance(parent, bytes) else None,
            rank_of(self._orders.get(record), record),
            self._pinned.get(record) is True,
            self._templates.get(record) is True,
        )


def _home(record: bytes, note: _Stored, stored: Collection[bytes], cut: Collection[bytes]) -> bytes | str:
    """Where a note stands: below another, or in a group."""
    if note.template:
        return TEMPLATES
    if note.pinned:
        return PINNED
    if note.parent is None or note.parent not in stored or record in cut:
        return NOTES
    return note.parent


class _Circles:
    """Finds circles on the way up from notes: of each the note with the least id is the one to stand at the top."""

    def __init__(self, stored: dict[bytes, _Stored]) -> None:
        self._stored = stored
        self._over: set[bytes] = set()
        self.found: set[bytes] = set()

    def look(self, start: bytes) -> None:
        """Go up from a note until the top, a circle, or where one has been before."""
        stored, over = self._stored, self._over
        way: dict[bytes, None] = {}
        here: bytes | None = start
        while here is not None and here not in over and here not in way:
            way[here] = None
            note = stored.get(here)
            # Pinned ones and templates stand at the top, so that no circle goes through them.
            here = None if note is None or note.template or note.pinned else note.parent
        if here is not None and here in way:
            steps = list(way)
            self.found.add(min(steps[steps.index(here) :]))
        over.update(way)


def _position(siblings: Sequence[tuple[str, bytes]], before: bytes | None) -> int:
    """How many stand before a note; None is behind all."""
    return next((at for at, (_, each) in enumerate(siblings) if each == before), len(siblings))
