"""``sitebook check``: compares a project with its server and the other devices, and repairs what is missing here."""

from __future__ import annotations

from argparse import Namespace
from typing import TYPE_CHECKING, Any

from app.cli.output import warn
from app.cli.progress import Bar
from app.cli.session import Session
from app.domain.dates import moment_local
from app.domain.names import counted
from app.domain.schema import DEVICE
from app.workspace.checking import check_everything
from app.workspace.people import author_names

if TYPE_CHECKING:
    from app.store.device_states import DeviceState
    from app.store.project import Project
    from app.workspace.checking import Checked

_AWAY = 3


def check(session: Session, arguments: Namespace) -> int:
    """Check everything; the exit code is 1 where something is still wrong, 3 where only the server is away."""
    workspace, entry = session.workspace, session.entry
    with Bar("Checking") as bar:
        found = check_everything(
            workspace, entry.project, lambda each: bar.update(each.done, each.total), opened=session.project
        )
    names = _names(session.project)
    health = found.health
    problems = [
        *health.problems,
        *(
            f"The device {names.get(each.device[:16], 'without a name')} holds other changes than this one "
            "at the same place; run `sitebook check` there too."
            for each in found.differing
        ),
    ]
    session.out.result(_document(session, found, names, problems), _lines(session, found, names))
    for problem in problems:
        warn(problem)
    if found.away:
        warn(found.away)
    return 1 if problems else _AWAY if found.away else 0


def _names(project: Project) -> dict[bytes, str]:
    """Whose each device is and what it is called: several may be called alike."""
    people = author_names(project)
    names = {}
    for key, name in project.column(DEVICE, "name").items():
        parts = (people.get(key, ""), name if isinstance(name, str) else "")
        names[key] = " · ".join(dict.fromkeys(part for part in parts if part))
    return names


def _document(
    session: Session, found: Checked, names: dict[bytes, str], problems: list[str]
) -> dict[str, Any]:
    health = found.health
    return {
        "envelopes": health.envelopes,
        "changes": health.changes,
        "damaged": health.damaged,
        "missing": health.missing,
        "lost": health.lost,
        "repaired": health.repaired,
        "problems": problems,
        "devices": [
            {
                "name": names.get(each.device[:16]),
                "own": found.own is not None and each.device == found.own.device,
                "version": each.app,
                "told": moment_local(each.at_ms, session.zone),
                "waiting": each.waiting,
                "attention": each.attention,
                "agrees": None if found.own is None else each.agrees(found.own),
            }
            for each in found.devices
        ],
    }


def _lines(session: Session, found: Checked, names: dict[bytes, str]) -> str:
    health = found.health
    lines = [
        f"{counted(health.changes, 'change')} in {counted(health.envelopes, 'envelope')} were looked at; "
        f"{health.missing + health.damaged + health.lost or 'nothing'} was missing or damaged"
        + (f", {counted(health.repaired, 'change')} were applied again." if health.repaired else ".")
    ]
    lines += [_device_line(session, found, each, names) for each in found.devices]
    return "\n".join(lines)


def _device_line(session: Session, found: Checked, each: DeviceState, names: dict[bytes, str]) -> str:
    agrees = None if found.own is None else each.agrees(found.own)
    how = {True: "holds the same", False: "DIFFERS", None: "not to be compared yet"}[agrees]
    if found.own is not None and each.device == found.own.device:
        how = "this device"
    name = names.get(each.device[:16]) or "a device"
    return f"{name}: {how}, {counted(each.waiting, 'change')} waiting, told {moment_local(each.at_ms, session.zone)}"
