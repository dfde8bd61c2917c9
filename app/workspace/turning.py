"""Making an issue of a note, a note of an issue, and issues of the unticked lines of a text: each one action.

What is made refers to what it was made of. The old one stays as it is, and says where it went: a note by its field
``became``, an issue by its references, a line by the link that it becomes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.domain.names import fold
from app.domain.schema import ATTACHMENT, ISSUE, KINDS, LABEL, NOTE
from app.richtext.delta import Delete, Document, Insert, Op, Retain
from app.richtext.formats import IMAGE, LIST, UNCHECKED, attached_image, record_of, reference
from app.richtext.lines import Line, split_lines
from app.store.operations import Edit
from app.store.project import Project
from app.store.records import Record
from app.store.touched import Touched
from sync.errors import Refused

_LONGEST_TITLE = 300
_KEPT_OF_FILES = ("name", "media_type", "size", "sha256", "manifest", "key", "captured")


def note_to_issue(project: Project, note: bytes) -> tuple[bytes, Touched]:
    """Make an issue of a note: title, text, files, and its tags as labels.

    Raises NotFound where there is no such note, Refused where it is deleted or became an issue before.
    """
    record = _whole(project, note, NOTE)
    before = record.value("became")
    if isinstance(before, bytes) and project.get(before, ISSUE) is not None:
        raise Refused("This note became an issue before; open that one, or delete it first.")
    made = _Turning(project, record)
    labels = made.labels(record.values("tags"))
    issue = made.make(
        ISSUE,
        {
            "title": record.value("title"),
            "labels": labels,
            "references": _references(record, note),
        },
    )
    made.bulk.update(note, [Edit("became", issue)])
    return issue, made.bulk.commit()


def issue_to_note(project: Project, issue: bytes) -> tuple[bytes, Touched]:
    """Make a note of an issue: title, text, files, and its labels as tags; the issue refers to the note.

    Raises NotFound where there is no such issue, Refused where it is deleted.
    """
    record = _whole(project, issue, ISSUE)
    names = project.column(LABEL, "name")
    tags = [name for each in record.values("labels") if isinstance(name := names.get(each), str)]
    made = _Turning(project, record)
    note = made.make(
        NOTE,
        {"title": record.value("title"), "tags": tags, "references": _references(record, issue)},
    )
    made.bulk.update(issue, [Edit("references", note, "add")])
    return note, made.bulk.commit()


def turn(project: Project, record: bytes) -> tuple[bytes, Touched]:
    """Make an issue of a note, or a note of an issue."""
    if project.record_or_fail(record).kind == ISSUE:
        return issue_to_note(project, record)
    return note_to_issue(project, record)


def _whole(project: Project, record: bytes, kind: str) -> Record:
    found = project.record_or_fail(record)
    if found.kind != kind:
        raise Refused(f"This is no {KINDS[kind].title.lower()}.")
    if found.deleted:
        raise Refused("This is deleted; restore it before changing it.")
    project.finish_typing(record, "text")
    return found


def _references(record: Record, itself: bytes) -> list[bytes]:
    """What something made of a record refers to: the record, and what that refers to."""
    return [itself, *(each for each in record.values("references") if each != itself)]


class _Turning:
    """One record becoming another."""

    def __init__(self, project: Project, record: Record) -> None:
        self._project = project
        self._record = record
        self.bulk = project.bulk()

    def labels(self, tags: Iterable[Any]) -> list[bytes]:
        """The labels with the names of tags; those that are missing are made."""
        known = {fold(name): label for label, name in self._project.column(LABEL, "name").items()}
        found = []
        for tag in tags:
            if isinstance(tag, str) and tag.strip():
                label = known.get(fold(tag)) or self.bulk.create(LABEL, {"name": tag})
                known[fold(tag)] = label
                found.append(label)
        return list(dict.fromkeys(found))

    def make(self, kind: str, fields: Mapping[str, Any]) -> bytes:
        """Plan the new record, with copies of the files: both show the same chunks."""
        copies = {
            file: self._project.new_id() for file in self._project.children(self._record.id, ATTACHMENT)
        }
        text = _with_files(self._project.text_document(self._record.id), copies)
        made = self.bulk.create(kind, fields, text=text)
        for file, copy in copies.items():
            given = self._project.record_or_fail(file)
            values = {name: given.value(name) for name in _KEPT_OF_FILES}
            self.bulk.create(ATTACHMENT, {"parent": made, **values}, record=copy)
        return made


def _with_files(document: Document, copies: Mapping[bytes, bytes]) -> list[Insert]:
    """A text whose images are the copies."""
    found = []
    for content, attributes in document:
        if not isinstance(content, str):
            named = record_of(content)
            if named is not None and named[0] == IMAGE and named[1] in copies:
                content = attached_image(copies[named[1]])
        found.append(Insert(content, attributes))
    return found


@dataclass(frozen=True, slots=True)
class Todo:
    """An unticked line: where it begins in the text, in code points, its length without the line's end, its title."""

    start: int
    length: int
    title: str


def unticked(project: Project, document: Document, span: tuple[int, int] | None = None) -> list[Todo]:
    """The unticked lines of a text that something stands in; those that ``span`` touches where it is given.

    Lines that are a link to an issue already are left out: each becomes an issue once.
    """
    found = []
    at = 0
    for line in split_lines(document):
        start, at = at, at + line.length
        if line.attributes.get(LIST) != UNCHECKED or _is_link(line):
            continue
        # A selection that ends where a line begins does not touch that line.
        if span is not None and (
            at <= span[0] or start > span[1] or (start == span[1] and span[0] < span[1])
        ):
            continue
        title = _title(project, line)
        if title:
            found.append(Todo(start, line.length - 1, title))
    return found


def _is_link(line: Line) -> bool:
    """Whether a line is one link and nothing else."""
    parts = [
        each.content for each in line.pieces if not isinstance(each.content, str) or each.content.strip()
    ]
    return len(parts) == 1 and not isinstance(parts[0], str) and record_of(parts[0]) is not None


def _title(project: Project, line: Line) -> str:
    words = []
    for content, _ in line.pieces:
        if isinstance(content, str):
            words.append(content)
            continue
        named = record_of(content)
        words.append(_name(project, content, named[1]) if named is not None else "")
    return " ".join("".join(words).split())[:_LONGEST_TITLE]


def _name(project: Project, embed: Mapping[str, Any], record: bytes) -> str:
    """What a link or a mention in a text shows."""
    inner = next(iter(embed.values()))
    shown = inner.get("text") if isinstance(inner, Mapping) else None
    if isinstance(shown, str) and shown:
        return shown
    kind = project.kind_of(record)
    known = KINDS.get(kind or "")
    value = None if known is None else project.field(record, known.heading, kind).value
    return value if isinstance(value, str) else ""


def lines_to_issues(
    project: Project, record: bytes, span: tuple[int, int] | None = None
) -> tuple[list[bytes], Touched]:
    """Make an issue of each unticked line of a text, or of those that ``span`` (code points) touches.

    Each line becomes a link to its issue, still unticked; each issue refers to what holds the line. Raises
    Refused where there is no such line.
    """
    holder = project.record_or_fail(record)
    if holder.deleted:
        raise Refused("This is deleted; restore it before changing it.")
    touched = project.finish_typing(record, "text")
    todos = unticked(project, project.text_document(record), span)
    if not todos:
        raise Refused(
            "There is no unticked line here. Signs that stand in a text as such do not count: make the line one of a"
            " checklist in the window, or with `sitebook text ID --set FILE --format markdown`."
        )
    bulk = project.bulk()
    issues = [bulk.create(ISSUE, {"title": todo.title, "references": [record]}) for todo in todos]
    change = _links(todos, issues)
    bulk.step(lambda _touched: project.text_change(record, "text", change))
    touched.merge(bulk.commit())
    return issues, touched


def _links(todos: Sequence[Todo], issues: Sequence[bytes]) -> list[Op]:
    change: list[Op] = []
    at = 0
    for todo, issue in zip(todos, issues, strict=True):
        if todo.start > at:
            change.append(Retain(todo.start - at))
        change += [Insert(reference(issue)), Delete(todo.length)]
        at = todo.start + todo.length
    return change


def became(project: Project, note: bytes) -> bytes | None:
    """The issue that was made of a note, where it is there."""
    value = project.field(note, "became", NOTE).value
    found = project.get(value, ISSUE) if isinstance(value, bytes) else None
    return None if found is None or found.deleted else found.id
