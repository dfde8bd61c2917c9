"""Makes the person, label or place that was named in a picker and is not there yet."""

from __future__ import annotations

from app.desktop.item.desk import Desk
from app.desktop.item.fields.options import Option
from app.desktop.tokens import HUE_NAMES
from app.domain.names import fold
from app.domain.schema import LABEL, LOCATION


def make_option(desk: Desk, option: Option, beside: object) -> bytes:
    """The record that an option stands for, made now. Raises SitebookError.

    ``beside`` is the value that stood in the field: a new place stands beside the one chosen before.
    """
    if option.make == LOCATION and "/" in str(option.value):
        return _make_path(desk, str(option.value))
    fields: dict[str, object] = {"name": option.value}
    if option.make == LABEL:
        fields["color"] = HUE_NAMES[len(desk.column(LABEL, "name")) % len(HUE_NAMES)]
    elif option.make == LOCATION and isinstance(beside, bytes):
        fields["parent"] = desk.column(LOCATION, "parent").get(beside)
    record, touched = desk.source.create(option.make, fields)
    desk.announce(touched)
    return record


def _make_path(desk: Desk, typed: str) -> bytes:
    """The place that a path such as “Level 2 / 2.04” names; the places above it are made where they are not."""
    places = {fold(each.path): each.id for each in desk.context.directory.locations.values()}
    above: bytes | None = None
    path = ""
    for name in filter(None, map(str.strip, typed.split("/"))):
        path = f"{path}/{name}" if path else name
        place = places.get(fold(path))
        if place is None:
            place, touched = desk.source.create(LOCATION, {"name": name, "parent": above})
            desk.announce(touched)
        above = place
    assert above is not None, "an option's name has more than slashes in it"
    return above
