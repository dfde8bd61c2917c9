"""From the key of a device to the person who uses it."""

from __future__ import annotations

from collections.abc import Mapping

from app.domain.columns import Columns
from app.domain.schema import DEVICE, PERSON


def people_of_devices(columns: Columns) -> dict[bytes, bytes]:
    """The person record of each device's user, by the first half of the device's key."""
    people: dict[object, bytes] = {}
    for person, member in columns.column(PERSON, "member").items():
        # Two devices may have pointed one member to two people: the older counts everywhere.
        if isinstance(member, bytes) and person < people.get(member, b"\xff" * 17):
            people[member] = person
    members: Mapping[bytes, object] = columns.column(DEVICE, "member")
    return {
        device: people[member]
        for device, member in members.items()
        if isinstance(member, bytes) and member in people
    }
