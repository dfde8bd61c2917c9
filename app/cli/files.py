"""``sitebook attach``, ``attachment`` and ``attachments``."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from app.cli.ids import resolve
from app.cli.output import size_text
from app.cli.progress import Bar
from app.cli.session import Session
from app.domain.names import counted
from app.domain.schema import ATTACHMENT, COMMENT, ELEMENT, ISSUE, NOTE
from sync.errors import Refused
from sync.ids import id_text

if TYPE_CHECKING:
    from app.store.attachments import AttachedFile, Attachments, Sealed
    from app.store.file_places import Place

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
    documents = [_document(attachments.file(record), None) for record in records]
    session.out.result(documents, *(id_text(record) for record in records))


def _document(file: AttachedFile, place: Place | None) -> dict[str, object]:
    return {
        "id": id_text(file.record),
        "name": file.name,
        "media_type": file.media_type,
        "size": file.size,
        "where": _where(file, place),
        "here": file.held() if place is None else place.held,
    }


def _where(file: AttachedFile, place: Place | None) -> str:
    return str(file.where() if place is None else place)


def _places(session: Session, records: Sequence[bytes]) -> dict[bytes, Place]:
    from app.store.file_places import places

    return places(session.project, records)


def show_all(session: Session, arguments: Namespace) -> None:
    """List the files attached to a record."""
    parent = resolve(session.project, arguments.id, _WITH_FILES)
    files = _attachments(session).of(parent)
    _table(session, files)


def _table(session: Session, files: Sequence[AttachedFile]) -> None:
    places = _places(session, [each.record for each in files])
    rows = [
        (each.name, size_text(each.size), _where(each, places.get(each.record)), id_text(each.record))
        for each in files
    ]
    documents = [_document(each, places.get(each.record)) for each in files]
    session.out.table(documents, ("Name", "Size", "Where", "Id"), rows, "No files.")


def gallery(session: Session, arguments: Namespace) -> None:
    """List all files of the project, the newest first."""
    attachments = _attachments(session)
    files = [attachments.file(record) for record in session.project.records(ATTACHMENT)]
    _table(session, [each for each in files if each.is_image or not arguments.photos])


def get(session: Session, arguments: Namespace) -> None:
    """Fetch a file that is not on this device."""
    from app.workspace.files import fetch_files

    record = resolve(session.project, arguments.id, (ATTACHMENT,))
    file = _attachments(session).file(record)
    if not file.held():
        with Bar(f"Fetching {file.name}") as bar:
            fetch_files(session.workspace, session.entry.project, [record], bar.update)
    session.out.result(_document(file, _places(session, [record]).get(record)), id_text(record))


def keep(session: Session, arguments: Namespace) -> None:
    """Choose, or show, which files this device has at hand."""
    from app.store.file_places import Keep, KeepMode, set_keep
    from app.store.file_places import keep as kept

    before = kept(session.project)
    words = " ".join(arguments.mode)
    if words or arguments.days is not None or arguments.size is not None:
        try:
            mode = KeepMode(words) if words else before.mode
        except ValueError as error:
            raise Refused("Say everything, recent or on demand.") from error
        days = before.days if arguments.days is None else arguments.days
        size = before.size if arguments.size is None else arguments.size * 1_000_000_000
        set_keep(session.project, Keep(mode, days, size))
    now = kept(session.project)
    line = str(now.mode)
    if now.mode is KeepMode.RECENT:
        line += f", {now.days} days" + (f", at most {size_text(now.size)}" if now.size else "")
    session.out.result({"mode": str(now.mode), "days": now.days, "size": now.size}, line)


def show_space(session: Session, arguments: Namespace) -> None:
    """Say how much room the files take here."""
    from app.store.file_places import space

    found = space(session.project)
    session.out.result(
        {
            "files": found.files,
            "used": found.used,
            "spare": found.spare,
            "elsewhere_files": found.files_elsewhere,
            "elsewhere": found.elsewhere,
        },
        f"here: {counted(found.files, 'file')}, {size_text(found.used)};"
        f" {size_text(found.spare)} of it could go, as the server has it",
        f"not here: {counted(found.files_elsewhere, 'file')}, {size_text(found.elsewhere)}",
    )


def free(session: Session, arguments: Namespace) -> None:
    """Let go of what need not be here; the server is asked just before whether it has all of it."""
    from app.store.file_places import free_now, space
    from app.workspace.files import move_files

    before = space(session.project).used
    free_now(session.project)
    with Bar("Freeing space") as bar:
        done = move_files(session.workspace, session.entry.project, bar.update)
    freed = max(0, before - space(session.project).used)
    session.out.result(
        {"files": done.freed, "freed": freed}, f"{counted(done.freed, 'file')}, {size_text(freed)} freed"
    )


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
    files = _attachments(session).of(parent)
    places = _places(session, [each.record for each in files])
    return [
        f"{each.name}, {size_text(each.size)}, {_where(each, places.get(each.record))} ({id_text(each.record)})"
        for each in files
    ]
