"""``sitebook project members``, ``role``, ``me``, ``invite``, ``invites`` and ``join``."""

from __future__ import annotations

import re
from argparse import Namespace
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from app.cli import profile
from app.cli.bundles import watched
from app.cli.ids import resolve_name
from app.cli.output import Usage
from app.cli.progress import Bar
from app.cli.projects import document as project_document
from app.cli.rows import names_of_devices
from app.cli.session import Session
from app.domain.dates import moment_iso, moment_local
from app.domain.names import fold, unknown
from app.domain.schema import PERSON
from app.keys.vault import Vault
from sync.errors import NotFound, Refused, SitebookError
from sync.ids import id_text
from sync.membership_actions import Role

if TYPE_CHECKING:
    from app.keys.entry import ProjectEntry
    from sync.membership import InviteState, Member

_DAYS = {"h": 1 / 24, "d": 1.0, "w": 7.0}
_LONGEST_DAYS = 3650.0
_TIME = re.compile(r"([0-9]{1,5})\s*([hdw])")


def show_members(session: Session, arguments: Namespace) -> None:
    """List who takes part."""
    members = session.workspace.members(session.entry.project)
    own = session.entry.member
    names = {member.id: _name(session, member) for member in members}
    documents = [
        {
            "id": member.id.hex(),
            "name": names[member.id] or None,
            "role": None if member.role is None else str(member.role),
            "devices": _devices(member),
            "me": member.id == own,
        }
        for member in members
    ]
    rows = [
        (
            (names[member.id] or "(not named yet)") + (" (you)" if member.id == own else ""),
            "no longer" if member.role is None else str(member.role),
            str(_devices(member)),
            member.id.hex()[:16],
        )
        for member in members
    ]
    session.out.table(documents, ("Name", "Role", "Devices", "Id"), rows, "No members.")


def _name(session: Session, member: Member) -> str:
    """The name of the person that a member is; until he is linked to one, that of his device."""
    names = names_of_devices(session)
    found = [names.get(device.device[:16], "") for device in member.devices if not device.recovery]
    return next((name for name in found if name), "")


def _devices(member: Member) -> int:
    return sum(not device.recovery and not device.revoked for device in member.devices)


def _role(typed: str) -> Role:
    for role in Role:
        if role == fold(typed.strip()):
            return role
    raise SitebookError(unknown("role", typed, [str(role) for role in Role]))


def role(session: Session, arguments: Namespace) -> None:
    """Give a member a role."""
    wanted = _role(arguments.role)
    members = session.workspace.members(session.entry.project)
    typed = arguments.member.strip()
    found = [member for member in members if fold(_name(session, member)) == fold(typed)]
    if not found and len(typed) >= 4:
        found = [member for member in members if member.id.hex().startswith(typed.lower())]
    if len(found) != 1:
        names = [_name(session, member) or member.id.hex()[:16] for member in members]
        if found:
            ids = ", ".join(member.id.hex()[:16] for member in found)
            raise NotFound(f"Several members are called “{typed}”; name one by its id: {ids}.")
        raise NotFound(unknown("member", typed, names))
    session.workspace.set_role(session.entry.project, found[0].id, wanted)
    session.out.result({"id": found[0].id.hex(), "role": str(wanted)})


def me(session: Session, arguments: Namespace) -> None:
    """Say which person record the user is, or show it."""
    project = session.entry.project
    if arguments.person is not None:
        session.workspace.choose_person(project, resolve_name(session.project, arguments.person, PERSON))
    person = session.workspace.me(project)
    name = None if person is None else session.project.column(PERSON, "name").get(person)
    session.out.result(
        {"person": None if person is None else id_text(person), "name": name},
        str(name)
        if name
        else "You are no person of this project yet: `sitebook project me PERSON` says which.",
    )


def invite(session: Session, arguments: Namespace) -> None:
    """Make an invite, or take one back."""
    if arguments.cancel is not None:
        _cancel(session, arguments.cancel)
        return
    role = Role.EDITOR if arguments.role is None else _role(arguments.role)
    days = _days(arguments.expires)
    project = session.entry.project
    code = session.workspace.invite(project, role, next_device=arguments.me, days=days)
    why = _published(session)
    state = session.workspace.membership(project).invites[code.invite]
    document = {
        "id": code.invite.hex(),
        "code": code.text(),
        "role": None if arguments.me else str(role),
        "me": arguments.me,
        "expires": None if state.expires_ms is None else moment_iso(state.expires_ms),
        "published": not why,
    }
    lines = [
        f"Invite {code.invite.hex()[:16]} for {'another device of yours' if arguments.me else f'a new {role}'}"
        + ("." if state.expires_ms is None else f", until {moment_local(state.expires_ms, session.zone)}.")
        + " Whoever has the code can join."
    ]
    if why:
        lines.append(f"Not on the server yet, so it cannot be used before the next `sitebook sync`: {why}")
    session.out.result(document, *lines, code.text())


def _published(session: Session) -> str:
    """Sync at once, where that is possible; else why not, in a sentence."""
    try:
        session.workspace.sync(session.entry.project)
    except SitebookError as error:
        return str(error)
    return ""


def _days(typed: str) -> float | None:
    if fold(typed.strip()) == "never":
        return None
    match = _TIME.fullmatch(typed.strip().lower())
    days = 0.0 if match is None else int(match[1]) * _DAYS[match[2]]
    if not 0 < days <= _LONGEST_DAYS:
        raise Usage(f"--expires takes 7d, 12h, 2w or never, not “{typed}”")
    return days


def _cancel(session: Session, typed: str) -> None:
    found = [
        each
        for each in session.workspace.invites(session.entry.project)
        if len(typed.strip()) >= 4 and each.id.hex().startswith(typed.strip().lower())
    ]
    if len(found) != 1:
        raise NotFound(f"There is no single invite “{typed}”; `sitebook project invites` lists them.")
    session.workspace.cancel_invite(session.entry.project, found[0].id)
    why = _published(session)
    lines = (
        [f"The server does not know yet; run `sitebook sync` when it can be reached: {why}"] if why else []
    )
    session.out.result({"id": found[0].id.hex(), "state": "cancelled", "published": not why}, *lines)


def invites(session: Session, arguments: Namespace) -> None:
    """List the invites."""
    found = session.workspace.invites(session.entry.project)
    documents = [_invite_document(session, each) for each in found]
    rows = [
        (
            each["id"][:16],
            "your device" if each["me"] else str(each["role"]),
            each["state"],
            "never" if state.expires_ms is None else moment_local(state.expires_ms, session.zone),
        )
        for each, state in zip(documents, found, strict=True)
    ]
    session.out.table(documents, ("Id", "For", "State", "Expires"), rows, "No invites.")


def _invite_document(session: Session, invite: InviteState) -> dict[str, Any]:
    if invite.cancelled:
        state = "cancelled"
    elif invite.joined:
        state = "used"
    elif not invite.usable:
        state = "void"
    elif invite.expires_ms is not None and invite.expires_ms <= session.workspace.clock.now_ms():
        state = "expired"
    else:
        state = "open"
    return {
        "id": invite.id.hex(),
        "role": None if invite.member is not None else str(invite.role),
        "me": invite.member is not None,
        "state": state,
        "expires": None if invite.expires_ms is None else moment_iso(invite.expires_ms),
    }


def join(session: Session, arguments: Namespace) -> None:
    """Join by a code. On a new profile the vault is made too; where joining fails, it goes again."""
    from sync.invite import parse_code

    text = "".join(arguments.code)
    parse_code(text)
    recovery = None
    if not Vault.exists(session.profile):
        recovery = profile.make(session, arguments.name, arguments.email)
    try:
        with Bar("Downloading the project") as bar:
            entry = session.workspace.join(text, watched(bar))
    except BaseException:
        if recovery is not None:
            session.workspace.vault.discard()
        raise
    document: dict[str, Any] = project_document(entry)
    lines = [f"Joined “{entry.name}”."]
    document["person"], said = _become(session, entry)
    lines.append(said)
    if recovery is not None:
        document["recovery_key"] = recovery.words()
        lines += profile.recovery_lines(recovery)
    session.out.result(document, *lines, entry.project.hex())


def _become(session: Session, entry: ProjectEntry) -> tuple[str | None, str]:
    """Link the member to the one person that he must be; else say who he may be."""
    workspace = session.workspace
    project = workspace.open(entry.project)
    member = workspace.membership(entry.project).members[entry.member]
    now = workspace.me(entry.project)
    names = project.column(PERSON, "name")
    if _devices(member) > 1 or member.role is Role.VIEWER:
        said = "" if now is None else f"You are “{names.get(now, '')}” here."
        return _name_of(names, now), said or "You are no person of this project yet."
    found = workspace.candidates(entry.project)
    if len(found) == 1:
        try:
            workspace.choose_person(entry.project, found[0])
        except Refused:
            return _name_of(names, now), "Ask an editor to link you to your person record."
        with suppress(SitebookError):  # linked here; the next sync tells the others
            workspace.sync(entry.project)
        return _name_of(
            names, found[0]
        ), f"You are “{names[found[0]]}”, who was there by that name or address."
    if found:
        listed = ", ".join(f"“{names.get(each, '')}” ({id_text(each)})" for each in found)
        return _name_of(names, now), (
            f"These people may be you: {listed}. Say which with `sitebook project me PERSON`."
        )
    if now is None:
        # Who may not add people has no record of his own, and nobody would see his name.
        return None, (
            "You are no person of this project yet, so others see this device's name instead of yours: ask an editor "
            "to add you to its people, sync, then type `sitebook project me PERSON`."
        )
    return _name_of(names, now), f"You are “{names.get(now, '')}” here."


def _name_of(names: dict[bytes, Any], person: bytes | None) -> str | None:
    value = None if person is None else names.get(person)
    return value if isinstance(value, str) else None
