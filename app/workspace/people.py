"""Who wrote something: from a device's key to the name of a person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from app.domain.people import PersonEntry, matching_people
from app.domain.schema import DEVICE, PERSON
from app.store.project import Project
from app.store.touched import Touched


def person_of_member(project: Project, member: bytes) -> bytes | None:
    """The person record that a member points to; None where it points to none."""
    found = [record for record, value in project.column(PERSON, "member").items() if value == member]
    return min(found) if found else None


def member_of_device(project: Project, device: bytes) -> bytes | None:
    """The member that a device says it belongs to."""
    value = project.column(DEVICE, "member").get(device_record(device))
    return value if isinstance(value, bytes) else None


def device_record(device: bytes) -> bytes:
    """The id of the record that describes a device: the first half of its key."""
    return device[:16]


def author_name(project: Project, device: bytes) -> str:
    """The name of whoever uses a device, else of the device; empty where neither is known yet."""
    member = member_of_device(project, device)
    person = None if member is None else person_of_member(project, member)
    name = None if person is None else project.column(PERSON, "name").get(person)
    return name if isinstance(name, str) else device_name(project, device)


def author_names(project: Project) -> dict[bytes, str]:
    """The names of all devices' users, else of the devices, by the first half of the device's key."""
    members = _ids(project.column(DEVICE, "member"))
    names = project.column(PERSON, "name")
    people = {
        member: record
        for record, member in sorted(_ids(project.column(PERSON, "member")).items(), reverse=True)
    }
    devices = project.column(DEVICE, "name")
    found = {
        device: names.get(people.get(member, b"")) or devices.get(device)
        for device, member in members.items()
    }
    return {device: name for device, name in found.items() if isinstance(name, str)}


def _ids(column: Mapping[bytes, object]) -> dict[bytes, bytes]:
    """The values that can be ids: a device may have written anything."""
    return {record: value for record, value in column.items() if isinstance(value, bytes)}


def device_name(project: Project, device: bytes) -> str:
    """What a device is called; empty where it is not known."""
    value = project.column(DEVICE, "name").get(device_record(device))
    return value if isinstance(value, str) else ""


def person_entries(project: Project) -> list[PersonEntry]:
    """All people of a project, as far as finding them by name or email needs."""
    columns = {name: project.column(PERSON, name) for name in ("name", "company", "email")}

    def text(field: str, record: bytes) -> str:
        value = columns[field].get(record)
        return value if isinstance(value, str) else ""

    return [
        PersonEntry(record, text("name", record), text("email", record), text("company", record))
        for record in project.records(PERSON)
    ]


def candidates(project: Project, name: str, email: str) -> Sequence[PersonEntry]:
    """The person records that may be a member who just joined: same name or email, and nobody's yet."""
    taken = project.column(PERSON, "member")
    free = [entry for entry in person_entries(project) if entry.id not in taken]
    return matching_people(name, email, free)


def link_person(project: Project, member: bytes, person: bytes) -> Touched:
    """Say that a member is a person: this is what ``@me`` means for that member."""
    touched = Touched()
    before = person_of_member(project, member)
    if before is not None and before != person:
        touched.merge(project.set(before, "member", None))
    touched.merge(project.set(person, "member", member))
    return touched


def introduce(
    project: Project,
    member: bytes,
    device: bytes,
    name: str,
    email: str,
    machine: str,
    *,
    add_person: bool = True,
) -> None:
    """Write down who a new device belongs to, and a person record for its user where he has none.

    Who may not add people (``add_person``) is known by the name of his device until he is linked to one.
    """
    bulk = project.bulk()
    known = person_of_member(project, member) is not None
    label = f"{name} ({machine})" if name and machine and not known and not add_person else machine or name
    bulk.create(DEVICE, {"name": label or None, "member": member}, record=device_record(device))
    if not known and add_person:
        bulk.create(PERSON, {"name": name or machine, "email": email or None, "member": member})
    bulk.commit()
