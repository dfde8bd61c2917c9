"""``sitebook folder``: a project as a folder of Markdown files, both ways."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from app.cli.progress import Bar
from app.cli.session import Session
from app.domain.names import counted
from sync.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.domain.directory import Context
    from app.interchange.folder.folder import Folder
    from app.interchange.folder.work import Report, Step

WARNING = "This copy is NOT encrypted: whoever can read the folder can read it."


def switch_on(session: Session, arguments: Namespace) -> None:
    """Keep an empty folder as a copy of the project."""
    folder = _folder(session)
    setting = folder.switch_on(Path(arguments.path))
    session.out.say(WARNING)
    _bring_together(session, folder, {"folder": str(setting.path)})


def open_vault(session: Session, arguments: Namespace) -> None:
    """Take the notes of a folder in, and keep both together from then on."""
    folder = _folder(session)
    setting = folder.switch_on(Path(arguments.path), vault=True)
    session.out.say(WARNING)
    _bring_together(session, folder, {"folder": str(setting.path)})


def switch_off(session: Session, arguments: Namespace) -> None:
    """Leave the folder alone from now on; its files stay."""
    folder = _folder(session)
    path = folder.setting.path
    folder.switch_off()
    session.out.result(
        {"folder": None},
        f"The folder {path} is left alone from now on. Its files stay, and are not encrypted.",
    )


def status(session: Session, arguments: Namespace) -> None:
    """Say which folder it is, and what waits for somebody."""
    folder = _folder(session)
    setting = folder.state.setting
    if setting is None:
        session.out.result({"folder": None}, "No folder is switched on for this project.")
        return
    count = sum(not row.is_folder for row in folder.state.files().values())
    problems = folder.problems()
    lines = [f"{setting.path}: {counted(count, 'file')}. {WARNING}"]
    document = {"folder": str(setting.path), "files": count, "problems": problems}
    session.out.result(document, *lines, *_problem_lines(problems))


def bring_together(session: Session, arguments: Namespace) -> None:
    """Take in what was done in the folder, and write what changed in the project."""
    missing = True if arguments.deleted else False if arguments.again else None
    _bring_together(session, _folder(session), {}, missing=missing)


def settle(session: Session, arguments: Namespace) -> None:
    """End the conflict of one file."""
    folder = _folder(session)
    steps = folder.settle(arguments.file.replace("\\", "/"), take_file=arguments.take == "file")
    _report(session, _run(folder, steps), {})


def _folder(session: Session) -> Folder:
    from app.interchange.folder.folder import Folder
    from app.store.attachments import Attachments

    attachments = Attachments(session.project, session.attachments_directory, zone=session.zone)

    def context() -> Context:
        session.forget_names()
        return session.context

    return Folder(session.project, context, attachments)


def _bring_together(
    session: Session, folder: Folder, document: dict[str, object], *, missing: bool | None = None
) -> None:
    report = _run(folder, folder.steps(missing=missing))
    if report.vanished:
        raise Refused(
            f"{counted(report.vanished, 'file')} of the folder are gone at once, so nothing was done; "
            "say --deleted where they were deleted, or --again to write them again."
        )
    _report(session, report, document)


def _run(folder: Folder, steps: Iterator[Step]) -> Report:
    with Bar("Folder") as bar:
        for step in steps:
            bar.update(step.done, step.total)
    folder.project.remember(folder.made)
    return folder.report


def _report(session: Session, report: Report, document: dict[str, object]) -> None:
    done = {
        "written": report.written,
        "taken_in": report.taken_in,
        "made": report.made,
        "moved": report.moved,
        "removed": report.removed,
        "trashed": report.trashed,
    }
    said = [f"{name.replace('_', ' ')}: {count}" for name, count in done.items() if count]
    line = f"{counted(report.files, 'text')} looked at; {', '.join(said) or 'nothing to do'}."
    session.out.result(
        {**document, **done, "problems": report.problems}, line, *_problem_lines(report.problems)
    )


def _problem_lines(problems: dict[str, str]) -> list[str]:
    return [f"{path} {problem}" for path, problem in sorted(problems.items())]
