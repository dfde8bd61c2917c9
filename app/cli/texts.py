"""``sitebook text`` and ``comment``."""

from __future__ import annotations

from argparse import Namespace

from app.cli.editing import checked_text
from app.cli.ids import resolve
from app.cli.rows import names_of_devices
from app.cli.session import Session
from app.domain.dates import moment_iso, moment_local
from app.domain.schema import COMMENT, ELEMENT, ISSUE, NOTE
from sync.errors import SitebookError
from sync.ids import id_text

_WITH_TEXT = (ISSUE, NOTE, COMMENT)
_WITH_COMMENTS = (ISSUE, NOTE, ELEMENT)


def edit(session: Session, arguments: Namespace) -> None:
    """Insert into and delete from a text, all or nothing; without steps, print it."""
    project = session.project
    record = resolve(project, arguments.id, _WITH_TEXT)
    for _, inserted, _ in arguments.steps:
        checked_text(inserted or "")
    if arguments.steps:
        project.edit_text(record, "text", arguments.steps)
    text = project.plain_text(record)
    if session.out.as_json:
        session.out.result({"id": id_text(record), "text": text})
    elif arguments.format == "plain":
        session.out.raw(text)
    elif not arguments.steps:
        session.out.result(None, text)


def add_comment(session: Session, arguments: Namespace) -> None:
    """Comment on a record."""
    parent = resolve(session.project, arguments.id, _WITH_COMMENTS)
    text = checked_text(arguments.text)
    if not text.strip():
        raise SitebookError("Give the comment a text.")
    record, _ = session.project.create(COMMENT, {"parent": parent}, text=text)
    document = {"id": id_text(record), "parent": id_text(parent), "text": text}
    session.out.result(document, id_text(record))


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
