"""The tabs of statuses, labels and locations."""

from __future__ import annotations

from collections.abc import Sequence

from app.desktop.item.fields.options import Option
from app.desktop.item.fields.pieces import capital
from app.desktop.merging.uses import Uses
from app.desktop.shaping.entries import ShapeEntry
from app.desktop.shaping.rows import Choosing, FormRow, PickRow, option
from app.desktop.shaping.shape import Shape
from app.desktop.tokens import HUE_NAMES
from app.desktop.translate import tr
from app.desktop.widgets import Look
from app.desktop.workspace import Workspace
from app.domain.directory import LocationEntry
from app.domain.names import fold, natural_key
from app.domain.schema import (
    ISSUE,
    KINDS,
    LABEL,
    LOCATION,
    ONE_STEP,
    PROJECT,
    STATUS,
    TWO_STEPS,
    Meaning,
)


def meaning_title(meaning: str) -> str:
    """What a status means, in the user's language."""
    return {
        Meaning.OPEN: tr("Open"),
        Meaning.PROGRESS: tr("In progress"),
        Meaning.REVIEW: tr("In review"),
        Meaning.DONE: tr("Done"),
        Meaning.VOID: tr("Void"),
    }.get(Meaning(meaning) if meaning in set(Meaning) else Meaning.OPEN, meaning)


def free_name(name: str, taken: Sequence[str]) -> str:
    """A name that is not taken."""
    known = {fold(each) for each in taken}
    found, count = name, 1
    while fold(found) in known:
        count += 1
        found = f"{name} {count}"
    return found


class StatusShape(Shape):
    """The statuses that issues go through, and how a project closes them."""

    kind = STATUS

    @property
    def title(self) -> str:
        return tr("Statuses")

    @property
    def new_title(self) -> str:
        return tr("New status")

    @property
    def lead(self) -> str:
        return tr("The states that an issue goes through, in their order.")

    def entries(self) -> list[ShapeEntry]:
        directory = self.workspace.columns.directory
        counts = self.uses.every(self.kind)
        return [
            ShapeEntry(
                each.id,
                capital(each.name),
                "" if fold(each.name) == fold(meaning_title(each.meaning)) else meaning_title(each.meaning),
                self.used(each.id, counts),
                "status",
                str(each.meaning),
            )
            for each in directory.statuses.values()
        ]

    def head(self) -> list[FormRow]:
        project = self.workspace.source.record
        ways = [
            option(
                TWO_STEPS, tr("Two steps"), detail=tr("who does the work resolves, who asked for it closes")
            ),
            option(ONE_STEP, tr("One step"), detail=tr("whoever is done closes")),
        ]

        def chosen() -> Sequence[object]:
            return [self.column("closing", PROJECT).get(project) or TWO_STEPS]

        choosing = Choosing(lambda: ways, chosen, lambda value: self.set(project, "closing", value))
        return [PickRow(self.look, tr("Closing"), choosing, explains=True)]

    def form(self, record: bytes) -> list[FormRow]:
        meanings = [option(str(each), meaning_title(each), "status", str(each)) for each in Meaning]
        return [
            self.line(tr("Name"), record, "name", lambda typed: self._rename(record, typed)),
            self.pick(
                tr("Means"),
                record,
                "meaning",
                lambda: meanings,
                hint=tr("What the program takes it for: done and void ask for nothing more."),
            ),
            self.hue(record),
            self.scope(record, lambda: ISSUE),
        ]

    def _rename(self, record: bytes, typed: str) -> str:
        others = {fold(str(name)) for each, name in self.column("name").items() if each != record}
        if fold(" ".join(typed.split())) in others:
            return tr("There is a status of this name already; the two can be merged.")
        return self.rename(record, typed, tr("status"))

    def new_fields(self) -> dict[str, object]:
        names = [str(each) for each in self.column("name").values()]
        return {"name": free_name(tr("New status"), names), "meaning": str(Meaning.OPEN)}


class LabelShape(Shape):
    """Labels."""

    kind = LABEL
    movable = False

    @property
    def title(self) -> str:
        return tr("Labels")

    @property
    def new_title(self) -> str:
        return tr("New label")

    @property
    def lead(self) -> str:
        return tr("Words to find issues by, with a colour.")

    def entries(self) -> list[ShapeEntry]:
        labels = sorted(
            self.workspace.columns.directory.labels.values(), key=lambda each: natural_key(each.name)
        )
        counts = self.uses.every(self.kind)
        return [
            ShapeEntry(each.id, each.name, "", self.used(each.id, counts), "hue", each.color)
            for each in labels
        ]

    def form(self, record: bytes) -> list[FormRow]:
        return [
            self.line(tr("Name"), record, "name", lambda typed: self.rename(record, typed, tr("label"))),
            self.hue(record),
        ]

    def new_fields(self) -> dict[str, object]:
        names = [str(each) for each in self.column("name").values()]
        return {
            "name": free_name(tr("New label"), names),
            "color": HUE_NAMES[len(names) % len(HUE_NAMES)],
        }


class LocationShape(Shape):
    """The tree of places."""

    kind = LOCATION
    movable = False

    @property
    def title(self) -> str:
        return tr("Locations")

    @property
    def new_title(self) -> str:
        return tr("New location")

    @property
    def lead(self) -> str:
        return tr(
            "Buildings, levels and rooms. Alt+Right puts a place into the one above it, Alt+Left takes it out."
        )

    def __init__(self, look: Look, workspace: Workspace, uses: Uses) -> None:
        super().__init__(look, workspace, uses)
        self._sorted: tuple[object, list[LocationEntry]] = (None, [])
        self._options: tuple[object, list[Option]] = (None, [])

    def _places(self) -> list[LocationEntry]:
        """The tree, each part after its whole; kept, since there may be thousands."""
        locations = self.workspace.columns.directory.locations
        if self._sorted[0] is not locations:
            places = sorted(locations.values(), key=lambda each: natural_key(each.path.replace("/", "\0")))
            self._sorted = locations, places
        return self._sorted[1]

    def entries(self) -> list[ShapeEntry]:
        places = self._places()
        counts = self.uses.every(self.kind)
        signs = {"building": "buildings", "level": "stack", "room": "door"}
        return [
            ShapeEntry(
                each.id,
                each.path.rpartition("/")[2],
                each.type,
                self.used(each.id, counts),
                "icon",
                signs.get(fold(each.type), "map-pin"),
                len(each.ancestors),
            )
            for each in places
        ]

    def form(self, record: bytes) -> list[FormRow]:
        return [
            self.line(tr("Name"), record, "name", lambda typed: self._rename(record, typed)),
            self.pick(tr("Type"), record, "type", self._types, clear=tr("No type")),
            self.pick(
                tr("Part of"),
                record,
                "parent",
                lambda: self._above(record),
                clear=tr("Of nothing: it stands by itself"),
                invitation=tr("Stands by itself"),
            ),
        ]

    def _types(self) -> list[Option]:
        used = {each.type for each in self.workspace.columns.directory.locations.values() if each.type}
        names = dict.fromkeys([*KINDS[LOCATION].fields["type"].choices, *sorted(used)])
        return [option(each, each[:1].upper() + each[1:]) for each in names]

    def _above(self, record: bytes) -> list[Option]:
        """The places that it may be a part of: not itself, and nothing in it."""
        places = self._places()
        if self._options[0] is not places:
            every = [option(each.id, each.path.replace("/", " / "), "icon", "map-pin") for each in places]
            self._options = places, every
        return [
            each
            for each, place in zip(self._options[1], places, strict=True)
            if place.id != record and record not in place.ancestors
        ]

    def _rename(self, record: bytes, typed: str) -> str:
        if "/" in typed:
            return tr("A location's name has no slashes; they stand between the parts of a path.")
        return self.rename(record, typed, tr("location"))

    def lean(self, record: bytes, step: int) -> bool:
        places = self.workspace.columns.directory.locations
        own = places.get(record)
        if own is None:
            return False
        if step < 0:
            above = own.ancestors[-2] if len(own.ancestors) > 1 else None
            return bool(own.ancestors) and not self.set(record, "parent", above)
        lines = [each.record for each in self.entries()]
        for other in reversed(lines[: lines.index(record)]):
            if places[other].ancestors == own.ancestors:
                return not self.set(record, "parent", other)
        return False

    def new_fields(self) -> dict[str, object]:
        names = [str(each) for each in self.column("name").values()]
        return {"name": free_name(tr("New location"), names)}
