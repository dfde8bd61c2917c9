"""``FIELD=VALUE``, ``FIELD+=VALUE`` and ``FIELD-=VALUE``: from what is typed to edits of a record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from app.cli.output import Usage
from app.domain.lists import split_list
from app.domain.names import fold
from app.domain.references import UnknownName
from app.domain.schema import LABEL, Field, FieldType
from app.domain.values import parse, parse_all
from app.store.operations import Bulk, Edit
from sync.errors import SitebookError

if TYPE_CHECKING:
    from app.cli.session import Session
    from app.domain.fields import FieldSet
    from app.richtext.delta import Insert


@dataclass(slots=True)
class Assignments:
    """What is to be written: edits, the new text where one is given, and labels that do not exist yet."""

    edits: list[Edit] = field(default_factory=list)
    text: str | None = None
    labels: dict[str, bytes] = field(default_factory=dict)

    def plan_labels(self, bulk: Bulk) -> None:
        """Plan the labels that are new."""
        for name, record in self.labels.items():
            bulk.create(LABEL, {"name": name}, record=record)

    def values(self) -> dict[str, Any]:
        """The edits as the fields of a new record."""
        found: dict[str, Any] = {}
        for edit in self.edits:
            if edit.do == "set":
                found[edit.field] = edit.value
            elif edit.do == "add":
                found[edit.field] = (*found.get(edit.field, ()), edit.value)
            else:
                found[edit.field] = tuple(each for each in found.get(edit.field, ()) if each != edit.value)
        return found


def checked_text(text: str) -> str:
    """A text as it came from the command line. Raises SitebookError where it is not UTF-8."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise SitebookError("The text holds bytes that are no text; use UTF-8.") from error
    return text


def read_assignments(session: Session, fields: FieldSet, typed: Sequence[str]) -> Assignments:
    """Read them all before anything is written. Raises Usage or SitebookError."""
    reader = _Reader(session, fields)
    for each in typed:
        reader.read(each)
    return reader.found


class _Reader:
    def __init__(self, session: Session, fields: FieldSet) -> None:
        self._session = session
        self._fields = fields
        self.found = Assignments()

    def read(self, typed: str) -> None:
        name, equals, value = typed.partition("=")
        if not equals or not name:
            raise Usage(f"“{typed}” is not of the form FIELD=VALUE.")
        do = {"+": "add", "-": "remove"}.get(name[-1], "set")
        # A field of the user's own may be called so that its name ends in the sign.
        if do != "set" and self._fields.find(name) is None:
            name = name[:-1]
        else:
            do = "set"
        target = self._fields.resolve(name)
        if target.type is FieldType.RICH and do == "set":
            self.found.text = checked_text(value)
        elif do == "set":
            many = self._many(target, value) if target.many else None
            one = None if target.many else parse(target, value, self._session.context)
            self.found.edits.append(Edit(target.name, many if target.many else one))
        else:
            self._step(target, do, value)

    def _step(self, target: Field, do: str, value: str) -> None:
        sign = "+" if do == "add" else "-"
        if not target.many:
            raise SitebookError(
                f"{target.title} holds one value, so {sign}= does not fit; "
                f"write {target.typed_name}=VALUE, or {target.typed_name}= to clear it."
            )
        elements = self._many(target, value)
        if not elements:
            raise SitebookError(f"Say what to {do} after {target.typed_name}{sign}=.")
        self.found.edits.extend(Edit(target.name, each, do) for each in elements)

    def _many(self, target: Field, value: str) -> tuple[object, ...]:
        if target.type is not FieldType.LABELS:
            return parse_all(target, value, self._session.context)
        found = [self._label(target, item) for item in split_list(value)]
        return tuple(dict.fromkeys(each for each in found if each is not None))

    def _label(self, target: Field, item: str) -> object:
        """A label by its name; one that does not exist is made together with the record that carries it."""
        try:
            return parse(target, item, self._session.context)
        except UnknownName as error:
            wanted = fold(error.name)
            for name, record in self.found.labels.items():
                if fold(name) == wanted:
                    return record
            self.found.labels[error.name] = self._session.project.new_id()
            return self.found.labels[error.name]


def written(
    session: Session, text: str, form: str, files: Mapping[bytes, str] | None = None
) -> str | list[Insert]:
    """A text as it was typed: plain, or the document that Markdown says. Raises SitebookError.

    ``files``: the names of attached files, by which pictures are told.
    """
    checked = checked_text(text)
    if form != "markdown":
        return checked
    from app.interchange.text_names import TextNames
    from app.richtext.markdown_read import read_markdown

    return read_markdown(checked, TextNames(session.project, files))


def as_document(text: str | list[Insert]) -> list[Insert]:
    """A text as a document; one that is given as such is left as it is."""
    from app.richtext.delta import Insert, normal_document

    return normal_document([Insert(text)]) if isinstance(text, str) else text
