"""``sitebook attach`` and ``attachment``."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from app.cli.ids import resolve
from app.cli.progress import Bar
from app.cli.session import Session
from app.domain.schema import ATTACHMENT, COMMENT, ELEMENT, ISSUE, NOTE
from sync.errors import Refused
from sync.ids import id_text

if TYPE_CHECKING:
    from app.store.attachments import AttachedFile, Attachments, Sealed

_WITH_FILES = (ISSUE, NOTE, COMMENT, ELEMENT)


def _attachments(session: Session) -> Attachments:
    from app.store.attachments import Attachments

    return Attachments(session.project, session.attachments_directory, zone=session.zone)


def attach(session: Session, arguments: Namespace) -> None:
    """Attach files, all or none; prints their ids."""
    from app.store.attachments import forget, seal_file

    parent = resolve(session.project, arguments.id, _WITH_FILES)
    attachments = _attachments(session)
    sealed: list[Sealed] = []
    try:
        for name in arguments.files:
            path = Path(name)
            with Bar(f"Encrypting {path.name}") as bar:
                sealed.append(
                    seal_file(
                        path,
                        attachments.directory,
                        session.project.random,
                        zone=session.zone,
                        progress=bar.update,
                    )
                )
    except BaseException:
        for each in sealed:
            forget(each, attachments.directory)
        raise
    records = [attachments.attach(parent, each)[0] for each in sealed]
    documents = [_document(attachments.file(record)) for record in records]
    session.out.result(documents, *(id_text(record) for record in records))


def _document(file: AttachedFile) -> dict[str, object]:
    return {
        "id": id_text(file.record),
        "name": file.name,
        "media_type": file.media_type,
        "size": file.size,
        "where": str(file.where()),
    }


def show_all(session: Session, arguments: Namespace) -> None:
    """List the files attached to a record."""
    parent = resolve(session.project, arguments.id, _WITH_FILES)
    files = _attachments(session).of(parent)
    rows = [(each.name, _size(each.size), str(each.where()), id_text(each.record)) for each in files]
    session.out.table([_document(each) for each in files], ("Name", "Size", "Where", "Id"), rows, "No files.")


def save(session: Session, arguments: Namespace) -> None:
    """Write an attached file somewhere else, decrypted."""
    record = resolve(session.project, arguments.id, (ATTACHMENT,))
    path = Path(arguments.file)
    if path.exists():
        raise Refused(f"There is a file {path} already; give another name.")
    with Bar(f"Writing {path.name}") as bar:
        _attachments(session).file(record).save_to(path, progress=bar.update)
    session.out.result({"id": id_text(record), "file": str(path)})


def file_lines(session: Session, parent: bytes) -> list[str]:
    """The files of a record for people."""
    if not session.project.children(parent, ATTACHMENT):
        return []
    return [
        f"{each.name}, {_size(each.size)}, {each.where()} ({id_text(each.record)})"
        for each in _attachments(session).of(parent)
    ]


def _size(count: int) -> str:
    if count < 1000:
        return f"{count} B"
    units = ("kB", "MB", "GB")
    place = min(len(units), (len(str(count)) - 1) // 3)
    return f"{count / 1000**place:.1f} {units[place - 1]}"
