"""Types whose value is the id of another record (16 bytes): people, statuses, labels, locations, references.

Names are found ignoring case and accents. What is read is always an id; what is shown is the record's name
as it is now, so a renamed person is renamed everywhere.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import islice

from app.domain.categories import CategoryEntry
from app.domain.codecs import Codec
from app.domain.directory import Context, Directory, LocationEntry, StatusEntry
from app.domain.names import fold, natural_key, shorten, unknown
from app.domain.people import PersonEntry, people_named
from app.domain.schema import ISSUE, KINDS, LOCATION, PERSON, Field, Meaning
from sync.errors import Malformed, SitebookError
from sync.ids import ID_LENGTH, id_text, parse_id

_NUMBER = re.compile(r"#?([0-9]{1,18})")
_SLASHES = re.compile(r"\s*/+\s*")
_ME = "@me"
MISSING = "(not here)"
"""What is shown for a record that was deleted or has not arrived."""
_LAST = "\uffff"
_GUESSED = 300
"""Of so many names the one that was meant is looked for: comparing a word with 40,000 titles takes seconds."""


class UnknownName(SitebookError):
    """A person, status, label or location that does not exist; ``name`` is what was typed."""

    def __init__(self, message: str, name: str) -> None:
        """``name`` lets a caller offer to make what is missing."""
        super().__init__(message)
        self.name = name


def is_record(value: object) -> bool:
    """Whether a stored value is the id of a record."""
    return isinstance(value, bytes) and len(value) == ID_LENGTH


def _as_id(text: str) -> bytes | None:
    if len(text) not in (32, 36):
        return None
    try:
        return parse_id(text)
    except Malformed:
        return None


class RecordCodec(Codec):
    """What all references have in common; this base is a reference to a record of any kind."""

    def fits(self, value: object) -> bool:
        """The id of a record."""
        return is_record(value)

    def parse(self, field: Field, text: str, context: Context) -> object:
        """Read ``#214``, ``214``, a record's id, or a name of the kind that the field points to.

        Raises SitebookError.
        """
        name = text.strip()
        if field.target in (PERSON, LOCATION):
            codec: RecordCodec = PersonCodec() if field.target == PERSON else LocationCodec()
            return codec.parse(field, text, context)
        match = _NUMBER.fullmatch(name) if field.target in ("", ISSUE) else None
        if match is not None:
            record: bytes | None = issue_by_number(int(match[1]), context.directory)
        else:
            record = _as_id(name) or (_called(field, name, context.directory) if field.target else None)
        if record is None:
            raise SitebookError(
                f"“{shorten(text)}” names no record; write an issue as #214, others by their id."
            )
        _check_category(field, record, context.directory)
        return record

    def name(self, record: bytes, directory: Directory) -> str | None:
        """The name of the record, None where it is not here."""
        heading = directory.heading(record)
        number = directory.number(record)
        if number is None:
            return heading
        return f"#{number} {heading}" if heading else f"#{number}"

    def text(self, field: Field, value: object, context: Context) -> str:
        """What finds this record again: the number or name where it is unique, else the id."""
        assert isinstance(value, bytes)
        directory = context.directory
        value = directory.resolve(value)
        if field.target in (PERSON, LOCATION):
            codec: RecordCodec = PersonCodec() if field.target == PERSON else LocationCodec()
            return codec.text(field, value, context)
        number = directory.number(value)
        if number is not None and len(directory.numbered(number)) == 1:
            return f"#{number}"
        heading = directory.heading(value) if field.target not in ("", ISSUE) else None
        unique = heading is not None and len(directory.called(field.target, heading)) == 1
        return heading if unique and heading and not _as_id(heading) else id_text(value)

    def shown(self, field: Field, value: object, context: Context) -> str:
        """The name."""
        assert isinstance(value, bytes)
        return shorten(self.name(value, context.directory) or MISSING, 400)

    def json(self, field: Field, value: object, context: Context) -> object:
        """What finds this record again."""
        return self.text(field, value, context)

    def key(self, field: Field, value: object, context: Context) -> object:
        """By number, then by name."""
        assert isinstance(value, bytes)
        number = context.directory.number(value)
        name = self.name(value, context.directory)
        return (
            (0, number, "")
            if number is not None
            else (1, 0, _LAST if name is None else context.collate(name))
        )


def _called(field: Field, name: str, directory: Directory) -> bytes:
    """The one record of the kind that a field points to that has a name. Raises UnknownName or SitebookError."""
    found = list(directory.called(field.target, name))
    wanted = directory.categories.get(field.target_category)
    if wanted is not None and len(found) > 1:
        found = [each for each in found if _is_of(each, wanted, directory)] or found
    if len(found) == 1:
        return found[0]
    title = KINDS[field.target].title.lower() if field.target in KINDS else "record"
    if found:
        ids = ", ".join(id_text(each) for each in found[:4])
        raise SitebookError(f"“{shorten(name)}” may mean {len(found)} records; name one by its id: {ids}.")
    some = islice(directory.headings(field.target).values(), _GUESSED)
    raise UnknownName(unknown(title, name, some), name)


def _is_of(record: bytes, wanted: CategoryEntry, directory: Directory) -> bool:
    found = directory.categories.find(wanted.of, directory.category(record))
    return found is not None and found.id == wanted.id


def _check_category(field: Field, record: bytes, directory: Directory) -> None:
    """Raises SitebookError where a field points to records of a category, and this is of another."""
    wanted = directory.categories.get(field.target_category) if field.target_category else None
    if wanted is not None and not _is_of(record, wanted, directory):
        name = directory.category(record) or "no category"
        raise SitebookError(
            f"{field.title} points to {shorten(wanted.name)}; "
            f"“{shorten(directory.heading(record) or id_text(record))}” is of {shorten(name)}."
        )


class _NamedCodec(RecordCodec):
    """References to records that people know by name."""

    def json(self, field: Field, value: object, context: Context) -> object:
        """The name; the id where the record is not here."""
        assert isinstance(value, bytes)
        return self.name(value, context.directory) or id_text(value)

    def key(self, field: Field, value: object, context: Context) -> object:
        """By name."""
        assert isinstance(value, bytes)
        name = self.name(value, context.directory)
        return _LAST if name is None else context.collate(name)


class PersonCodec(_NamedCodec):
    """A person."""

    def parse(self, field: Field, text: str, context: Context) -> object:
        """Read a name, an address, ``@me`` or an id. Raises SitebookError."""
        return find_person(text, context.directory)

    def name(self, record: bytes, directory: Directory) -> str | None:
        """The person's name."""
        person = directory.people.get(record)
        return None if person is None else person.shown

    def text(self, field: Field, value: object, context: Context) -> str:
        """The name where one person has it."""
        assert isinstance(value, bytes)
        value = context.directory.resolve(value)
        person = context.directory.people.get(value)
        if person is not None and person.name and not _as_id(person.name) and not person.name.startswith("@"):
            found = people_named(person.name, context.directory.people.values())
            if len(found) == 1:
                return person.name
        return id_text(value)


class StatusCodec(_NamedCodec):
    """A status."""

    def parse(self, field: Field, text: str, context: Context) -> object:
        """Read a name, or a meaning (the first status of it is taken). Raises SitebookError."""
        return find_status(text, context.directory).id

    def name(self, record: bytes, directory: Directory) -> str | None:
        """The status's name."""
        status = directory.statuses.get(record)
        return None if status is None else status.name

    def text(self, field: Field, value: object, context: Context) -> str:
        """The name where one status has it."""
        return _unique_name(
            value, context.directory, [(each.id, each.name) for each in context.directory.statuses.values()]
        )

    def key(self, field: Field, value: object, context: Context) -> object:
        """In the project's order of statuses."""
        assert isinstance(value, bytes)
        status = context.directory.statuses.get(value)
        return len(context.directory.statuses) if status is None else status.rank


class LabelCodec(_NamedCodec):
    """A label."""

    def parse(self, field: Field, text: str, context: Context) -> object:
        """Read a name. Raises UnknownName."""
        labels = context.directory.labels
        wanted = fold(text.strip())
        found = [each for each in labels.values() if fold(each.name) == wanted]
        record = _as_id(text.strip())
        if found:
            # Two devices may have made one label at the same time: the older is taken by both.
            return min(each.id for each in found)
        if record in labels:
            return record
        raise UnknownName(unknown("label", text, [each.name for each in labels.values()]), text.strip())

    def name(self, record: bytes, directory: Directory) -> str | None:
        """The label's name."""
        label = directory.labels.get(record)
        return None if label is None else label.name

    def text(self, field: Field, value: object, context: Context) -> str:
        """The name where one label has it."""
        return _unique_name(
            value, context.directory, [(each.id, each.name) for each in context.directory.labels.values()]
        )


class LocationCodec(_NamedCodec):
    """A location."""

    def parse(self, field: Field, text: str, context: Context) -> object:
        """Read a path, or the end of one where it is the only such. Raises SitebookError."""
        found = find_locations(text, context.directory)
        if len(found) > 1:
            paths = ", ".join(shorten(each.path) for each in found[:5])
            raise SitebookError(f"“{shorten(text)}” may mean any of: {paths}. Write more of the path.")
        return found[0].id

    def name(self, record: bytes, directory: Directory) -> str | None:
        """The path."""
        location = directory.locations.get(record)
        return None if location is None else location.path

    def text(self, field: Field, value: object, context: Context) -> str:
        """The path where one location has it."""
        return _unique_name(
            value, context.directory, [(each.id, each.path) for each in context.directory.locations.values()]
        )

    def key(self, field: Field, value: object, context: Context) -> object:
        """By path, a location's parts right after it."""
        assert isinstance(value, bytes)
        location = context.directory.locations.get(value)
        return _LAST if location is None else context.collate(location.path.replace("/", "\0"))


def _unique_name(value: object, directory: Directory, named: Sequence[tuple[bytes, str]]) -> str:
    """The name of the record where it is the only one of that name, else its id."""
    assert isinstance(value, bytes)
    value = directory.resolve(value)
    name = next((name for record, name in named if record == value), None)
    if name is None or name != name.strip() or _as_id(name) is not None:
        return id_text(value)
    wanted = fold(name)
    return name if sum(fold(other) == wanted for _, other in named) == 1 else id_text(value)


def issue_by_number(number: int, directory: Directory) -> bytes:
    """The issue of a number. Raises SitebookError where there is none, or two."""
    found = directory.numbered(number)
    if not found:
        raise SitebookError(f"There is no issue #{number} here.")
    if len(found) > 1:
        ids = ", ".join(id_text(each) for each in found[:4])
        raise SitebookError(f"#{number} was given to {len(found)} issues; name one by its id: {ids}.")
    return found[0]


def find_person(text: str, directory: Directory) -> bytes:
    """The person of a name or address, or ``@me``. Raises SitebookError."""
    name = text.strip()
    people = directory.people
    if fold(name) == _ME:
        if directory.me is None:
            raise SitebookError("@me points to no person of this project yet; name the person instead.")
        return directory.me
    found = people_named(name.removeprefix("@"), people.values())
    if len(found) == 1:
        return found[0].id
    if not found:
        record = _as_id(name)
        if record is not None and record in people:
            return record
        raise UnknownName(unknown("person", name, sorted(each.shown for each in people.values())), name)
    raise SitebookError(f"{len(found)} people are called “{shorten(name)}”: {_apart(found)}.")


def _apart(people: Sequence[PersonEntry]) -> str:
    """What tells people of one name apart."""
    every = [each.email or each.company or id_text(each.id) for each in people]
    return ", ".join(every[:5]) + "; name one by address or id"


def find_status(text: str, directory: Directory) -> StatusEntry:
    """The status of a name; without one, the first of that meaning. Raises UnknownName."""
    wanted = fold(text.strip())
    statuses = list(directory.statuses.values())
    for status in statuses:
        if fold(status.name) == wanted:
            return status
    record = _as_id(text.strip())
    for status in statuses:
        if status.meaning.value == wanted or status.id == record:
            return status
    raise UnknownName(unknown("status", text, [each.name for each in statuses]), text.strip())


def statuses_matching(text: str, directory: Directory) -> list[StatusEntry]:
    """Every status of that name or of that meaning."""
    wanted = fold(text.strip())
    meaning = next((each for each in Meaning if each.value == wanted), None)
    return [
        each for each in directory.statuses.values() if fold(each.name) == wanted or each.meaning is meaning
    ]


def find_locations(text: str, directory: Directory) -> list[LocationEntry]:
    """The locations of that path; without one, those whose path ends so. Raises UnknownName."""
    wanted = fold(_SLASHES.sub("/", text.strip()).strip("/"))
    every = list(directory.locations.values())
    paths = [(each, fold(_SLASHES.sub("/", each.path.strip()))) for each in every]
    found = [each for each, path in paths if path == wanted]
    found = found or [each for each, path in paths if path.endswith(f"/{wanted}")]
    record = _as_id(text.strip())
    if not found and record is not None and record in directory.locations:
        found = [directory.locations[record]]
    if not found or not wanted:
        some = sorted((each.path for each in every[:_GUESSED]), key=natural_key)
        raise UnknownName(unknown("location", text, some), text.strip())
    return found
