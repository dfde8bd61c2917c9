"""``sitebook text``, ``comment`` and ``links``."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from app.cli.editing import as_document, checked_text, written
from app.cli.ids import resolve
from app.cli.output import Usage
from app.cli.rows import names_of_devices
from app.cli.session import Session
from app.domain.dates import moment_iso, moment_local
from app.domain.schema import ATTACHMENT, COMMENT, ELEMENT, ISSUE, NOTE, PERSON
from sync.errors import Refused, SitebookError
from sync.ids import id_text

if TYPE_CHECKING:
    from app.richtext.delta import Insert

_WITH_TEXT = (ISSUE, NOTE, COMMENT)
_WITH_COMMENTS = (ISSUE, NOTE, ELEMENT)
_LINKED = (ISSUE, NOTE, COMMENT, PERSON)
_MOST_UPDATE = 64 << 20


def edit(session: Session, arguments: Namespace) -> None:
    """Insert into and delete from a text, all or nothing, or replace it; without that, print it."""
    if arguments.set is not None:
        _check_replacing(arguments)
    project = session.project
    record = resolve(project, arguments.id, _WITH_TEXT)
    for _, inserted, _ in arguments.steps:
        checked_text(inserted or "")
    export = None if arguments.export_yjs is None else Path(arguments.export_yjs)
    if export is not None and export.exists():
        raise Refused(f"There is a file {export} already; give another name.")
    if arguments.apply_yjs is not None:
        project.apply_yjs(record, "text", _read_update(Path(arguments.apply_yjs)))
    if arguments.set is not None:
        files = _file_names(session, record)
        whole = written(session, _read_file(arguments.set), arguments.format or "plain", files)
        project.replace_text(record, "text", as_document(whole))
    if arguments.steps:
        project.edit_text(record, "text", arguments.steps)
    if export is not None:
        from app.interchange.files import writing_whole

        with writing_whole(export) as file:
            file.write(project.text_state(record) or b"\0\0")
    text = project.plain_text(record)
    if session.out.as_json:
        session.out.result({"id": id_text(record), "text": text})
    elif arguments.format is not None and arguments.set is None:
        session.out.raw(_written(session, record, arguments.format))
    elif not (arguments.steps or arguments.set is not None or arguments.apply_yjs or export):
        session.out.result(None, text)


def _check_replacing(arguments: Namespace) -> None:
    """Raises Usage where more is asked for at once than another text."""
    if arguments.steps or arguments.apply_yjs is not None:
        raise Usage("--set replaces the whole text; leave out --insert, --delete and --apply-yjs.")
    if arguments.format not in (None, "markdown", "plain"):
        raise Usage("--set reads Markdown or plain text; give --format markdown or --format plain.")


def _read_file(name: str) -> str:
    """The text of a file, or what comes by the standard input for ``-``. Raises SitebookError."""
    from app.interchange.files import plain_errors

    if name == "-":
        data = sys.stdin.buffer.read()
    else:
        with plain_errors(Path(name)):
            data = Path(name).read_bytes()
    try:
        return data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        what = "The standard input" if name == "-" else Path(name).name
        raise SitebookError(f"{what} is not UTF-8; nothing was changed.") from error


def _read_update(path: Path) -> bytes:
    from app.interchange.files import plain_errors

    with plain_errors(path), path.open("rb") as file:
        data = file.read(_MOST_UPDATE + 1)
    if len(data) > _MOST_UPDATE:
        raise SitebookError(f"{path.name} is larger than 64 MiB; nothing was changed.")
    return data


def _written(session: Session, record: bytes, form: str) -> str:
    """A text as Markdown, HTML, JSON of a Quill delta, or plain."""
    from app.interchange.text_names import TextNames

    document = session.project.text_document(record)
    if form == "plain":
        return session.project.plain_text(record)
    if form == "delta":
        import msgspec

        from app.richtext.delta import document_to_json

        return msgspec.json.encode({"ops": document_to_json(document)}).decode()
    files = _file_names(session, record)
    names = TextNames(session.project, files)
    if form == "html":
        from app.richtext.html_write import write_html

        return write_html(_with_names(document, files), names)
    from app.richtext.markdown_write import write_markdown

    return write_markdown(document, names, names)


def _with_names(document: Sequence[Insert], files: Mapping[bytes, str]) -> list[Insert]:
    """A document whose pictures say their files' names where they say nothing else."""
    from app.richtext.delta import Insert
    from app.richtext.formats import IMAGE, record_of
    from app.richtext.known import ALT

    found = []
    for content, attributes in document:
        kind, record = (None if isinstance(content, str) else record_of(content)) or ("", b"")
        named = {ALT: files[record]} if kind == IMAGE and record in files else {}
        found.append(Insert(content, {**named, **attributes}))
    return found


def _file_names(session: Session, record: bytes) -> dict[bytes, str]:
    """The names of the files of a record, and of what it comments on, by which pictures in its text are told."""
    project = session.project
    found: dict[bytes, str] = {}
    parent = project.field(record, "parent").value
    for holder in (record, *((parent,) if isinstance(parent, bytes) else ())):
        for attachment in project.children(holder, ATTACHMENT):
            name = project.field(attachment, "name", ATTACHMENT).value
            if isinstance(name, str) and name not in found.values():
                found[attachment] = name
    return found


def _read_text(session: Session, arguments: Namespace, holder: bytes) -> str | Sequence[Insert]:
    """The text of a comment as it was typed, plain or as Markdown. Raises SitebookError where it is empty.

    ``holder``: whose files its pictures are.
    """
    if not arguments.text.strip():
        raise SitebookError("Give the comment a text.")
    return written(session, arguments.text, arguments.format, _file_names(session, holder))


def add_comment(session: Session, arguments: Namespace) -> None:
    """Comment on a record."""
    parent = resolve(session.project, arguments.id, _WITH_COMMENTS)
    text = _read_text(session, arguments, parent)
    record, _ = session.project.create(COMMENT, {"parent": parent}, text=text)
    shown = session.project.plain_text(record)
    document = {"id": id_text(record), "parent": id_text(parent), "text": shown}
    session.out.result(document, id_text(record))


def edit_comment(session: Session, arguments: Namespace) -> None:
    """Give a comment another text; what is the same in both is left alone."""
    project = session.project
    record = resolve(project, arguments.id, (COMMENT,))
    text = _read_text(session, arguments, record)
    bulk = project.bulk()
    bulk.replace_text(record, text)
    bulk.commit()
    session.out.result({"id": id_text(record), "text": project.plain_text(record)})


def resolve_comment(session: Session, arguments: Namespace) -> None:
    """Say that what a comment asks for is settled."""
    _set_resolved(session, arguments, True)


def reopen_comment(session: Session, arguments: Namespace) -> None:
    """Say that what a comment asks for is open again."""
    _set_resolved(session, arguments, None)


def _set_resolved(session: Session, arguments: Namespace, value: bool | None) -> None:
    record = resolve(session.project, arguments.id, (COMMENT,))
    session.project.set(record, "resolved", value)
    session.out.result({"id": id_text(record), "resolved": value is True})


def list_comments(session: Session, arguments: Namespace) -> None:
    """List the comments on a record."""
    parent = resolve(session.project, arguments.id, _WITH_COMMENTS)
    names = names_of_devices(session)
    documents = []
    for record in session.project.children(parent, COMMENT):
        found = session.project.record_or_fail(record)
        created = found.created
        documents.append(
            {
                "id": id_text(record),
                "text": session.project.plain_text(record),
                "by": created.name or names.get(created.device[:16]) or None,
                "at": moment_iso(created.at),
                "resolved": found.value("resolved") is True,
                "sync": str(found.sync),
            }
        )
    session.out.result(documents, *(comment_lines(session, parent) or ["No comments."]))


def comment_lines(session: Session, parent: bytes) -> list[str]:
    """The comments on a record for people, the oldest first."""
    names = names_of_devices(session)
    lines = []
    for record in session.project.children(parent, COMMENT):
        created = session.project.record_or_fail(record).created
        by = created.name or names.get(created.device[:16], "")
        text = session.project.plain_text(record)
        at = moment_local(created.at, session.zone)
        lines.append(f"{at} {by}: {text}" if by else f"{at}: {text}")
    return lines


def back_links(session: Session, arguments: Namespace) -> None:
    """List the places in texts that point to a record, and on demand those that say its title without a link."""
    project = session.project
    record = resolve(project, arguments.id, _LINKED)
    found = project.unlinked_mentions(record) if arguments.unlinked else project.links_to(record)
    documents = []
    rows = []
    for link in found:
        holder = link.parent or link.record
        title = project.texts_store.values.name_of(holder)
        documents.append(
            {
                "id": id_text(link.record),
                "kind": link.kind,
                "on": None if link.parent is None else id_text(link.parent),
                "title": title,
                "sentence": link.sentence,
            }
        )
        rows.append((link.kind, title, link.sentence, id_text(link.record)))
    nothing = "Nothing says its title without a link." if arguments.unlinked else "Nothing points to it."
    session.out.table(documents, ("Where", "Title", "Sentence", "Id"), rows, nothing)
