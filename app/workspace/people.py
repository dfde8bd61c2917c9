"""Who wrote something: from a device's key to the name of a person."""

from __future__ import annotations

from collections.abc import Sequence

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
    """The name of whoever uses a device; empty where it is not known yet."""
    member = member_of_device(project, device)
    person = None if member is None else person_of_member(project, member)
    name = None if person is None else project.column(PERSON, "name").get(person)
    return name if isinstance(name, str) else ""


def author_names(project: Project) -> dict[bytes, str]:
    """The names of all devices' users, by the first half of the device's key."""
    members = project.column(DEVICE, "member")
    names = project.column(PERSON, "name")
    people = {
        member: record for record, member in sorted(project.column(PERSON, "member").items(), reverse=True)
    }
    return {
        device: name
        for device, member in members.items()
        if isinstance(name := names.get(people.get(member, b"")), str)
    }


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
        PersonEntry(record, text("name", record), text("company", record), text("email", record))
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


def introduce(project: Project, member: bytes, device: bytes, name: str, email: str, machine: str) -> None:
    """Write down who a new device belongs to, and a person record for its user where he has none."""
    bulk = project.bulk()
    bulk.create(DEVICE, {"name": machine or None, "member": member}, record=device_record(device))
    if person_of_member(project, member) is None:
        bulk.create(PERSON, {"name": name or machine, "email": email or None, "member": member})
    bulk.commit()
