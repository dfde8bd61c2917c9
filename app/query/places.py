"""The building, level and room that a location is in."""

from __future__ import annotations

from collections.abc import Mapping

from app.domain.directory import location_paths
from app.domain.names import fold


def places_of(
    names: Mapping[bytes, object],
    parents: Mapping[bytes, object],
    types: Mapping[bytes, object],
    wanted: str,
) -> dict[bytes, object]:
    """The name of the nearest location of a type, from each location upwards, itself included."""
    found: dict[bytes, object] = {}
    for record, entry in location_paths(names, parents).items():
        for each in reversed((*entry.ancestors, record)):
            kind = types.get(each)
            if isinstance(kind, str) and fold(kind.strip()) == wanted:
                found[record] = names[each]
                break
    return found
