"""``sitebook doctor``: looks at the vault, every project file, its log, its attachments and its server."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from app.cli.output import warn
from app.cli.progress import Bar
from app.cli.session import Session
from app.domain.names import counted
from sync.errors import Malformed, NewerFormat, SitebookError, Unreachable

if TYPE_CHECKING:
    from app.keys.entry import ProjectEntry
    from app.store.project import Project

_AWAY = 3


@dataclass(slots=True)
class _Report:
    """What was looked at: (about, whether it is well, sentence)."""

    findings: list[tuple[str, bool, str]] = field(default_factory=list)
    away: int = 0

    def well(self, about: str, text: str) -> None:
        self.findings.append((about, True, text))

    def wrong(self, about: str, text: str) -> None:
        self.findings.append((about, False, text))

    def unreachable(self, about: str, text: str) -> None:
        self.away += 1
        self.wrong(about, text)


def examine(session: Session, arguments: Namespace) -> int:
    """Look at everything; the exit code is 1 where something is wrong, 3 where only a server is away."""
    report = _Report()
    entries = _vault(session, report)
    for entry in entries:
        _project(session, entry, report)
    wrong = sum(not well for _, well, _ in report.findings)
    if session.out.as_json:
        findings = [{"about": about, "ok": well, "message": text} for about, well, text in report.findings]
        session.out.result({"ok": not wrong, "findings": findings})
    else:
        for about, well, text in report.findings:
            session.out.say(f"{'well ' if well else 'WRONG'}  {about}: {text}")
    if wrong:
        warn(
            f"{wrong} of {len(report.findings)} things that were looked at are not well; see above what to do."
        )
        return _AWAY if wrong == report.away else 1
    return 0


def _vault(session: Session, report: _Report) -> list[ProjectEntry]:
    """Look at the vault; gives the projects to go on with."""
    vault = session.workspace.vault
    about = "vault"
    try:
        vault.check()
        report.well(about, f"{session.profile.vault_path} can be read whole.")
    except SitebookError as error:
        report.wrong(about, str(error))
    keyring = vault.keyring_state
    ways = ["the system keyring"] if keyring == "in use" else []
    if vault.has_passphrase:
        ways.append("the passphrase")
    ways.append("the recovery key")
    report.well(
        "keys", f"{' and '.join(ways)} open it" + ("." if keyring == "in use" else f"; keyring: {keyring}.")
    )
    entries = session.workspace.projects()
    if session.options.project is not None:
        return [session.entry]
    if not entries:
        report.well("projects", "There is none yet.")
    return entries


def _project(session: Session, entry: ProjectEntry, report: _Report) -> None:
    about = f"project “{entry.name}”"
    try:
        project = session.workspace.open(entry.project)
        project.check()
        report.well(about, "The file can be read whole.")
    except SitebookError as error:
        report.wrong(about, str(error))
        return
    _log(project, about, report)
    _bundle(project, about, report)
    _sync_state(project, about, report)
    _files(session, entry, project, about, report)
    _server(session, entry, about, report)


def _bundle(project: Project, about: str, report: _Report) -> None:
    """Whether somebody vouched for what came from another device's bundle."""
    state = project.bundle_state()
    if state.bundle is not None:
        report.well(
            about,
            "It was made from a bundle that another device confirmed."
            if state.confirmed
            else "It was made from a bundle of another device, not yet confirmed by a third.",
        )


def _log(project: Project, about: str, report: _Report) -> None:
    """Every envelope still has its hash and signature, and each device's chain has no gap."""
    from sync.envelope import parse, verify

    count = bad = 0
    chains: dict[bytes, dict[int, set[bytes]]] = {}
    links: list[tuple[bytes, int, bytes | None]] = []
    rows = project.db.all("SELECT eid, hash FROM envelopes WHERE seq > 0 AND state <> 2 ORDER BY eid")
    with Bar("Checking the log") as bar:
        for eid, hashed in rows:
            count += 1
            bar.update(count, len(rows))
            row = project.db.one("SELECT wire FROM envelopes WHERE eid = ?", (eid,))
            try:
                envelope = parse(bytes(row[0]) if row is not None else b"")
                verify(envelope)
            except (Malformed, NewerFormat):
                bad += 1
                continue
            bad += envelope.hash != bytes(hashed)
            header = envelope.header
            chains.setdefault(header.device, {}).setdefault(header.seq, set()).add(envelope.hash)
            links.append((header.device, header.seq, header.prev))
    if bad:
        report.wrong(
            f"{about}, log", f"{bad} of {count} envelopes are not as they were signed; restore a backup."
        )
    gaps = [
        (device, seq)
        for device, seq, prev in links
        if prev is not None and prev not in chains[device].get(seq - 1, set())
    ]
    forks = sum(len(hashes) > 1 for chain in chains.values() for hashes in chain.values())
    if gaps:
        missing = ", ".join(f"{device.hex()[:8]} before {seq}" for device, seq in gaps[:5])
        report.wrong(
            f"{about}, log",
            f"{len(gaps)} gaps ({missing}): what came before has not arrived; sync again, or ask who wrote it to.",
        )
    if forks:
        report.wrong(
            f"{about}, log",
            f"{forks} envelopes have a twin of the same number: a device was cloned or restored from a copy.",
        )
    if not (bad or gaps or forks):
        report.well(
            f"{about}, log",
            f"{counted(count, 'envelope')} of {counted(len(chains), 'device')}, signed and without gaps.",
        )


def _sync_state(project: Project, about: str, report: _Report) -> None:
    status = project.status()
    items = project.attention()
    for item in items[:10]:
        whose = (
            "The server refused work of this device" if item.own else "Something that came in is set aside"
        )
        report.wrong(f"{about}, attention", f"{whose}: {item.reason}")
    if len(items) > 10:
        report.wrong(f"{about}, attention", f"{len(items) - 10} more of this kind.")
    if status.held:
        report.wrong(
            f"{about}, waiting",
            f"{status.held} envelopes wait for a key, a predecessor or a newer Sitebook; sync again or update.",
        )
    conflicts = len(project.conflicts())
    report.well(f"{about}, work", f"{status.waiting} changes only on this device, {conflicts} conflicts.")


def _files(session: Session, entry: ProjectEntry, project: Project, about: str, report: _Report) -> None:
    from app.domain.schema import ATTACHMENT
    from app.store.attachments import Attachments

    records = project.records(ATTACHMENT)
    if not records:
        return
    attachments = Attachments(
        project, session.workspace.vault.profile.attachments_path(entry.project), zone=session.zone
    )
    lost = [
        record
        for record, stamp in project.created(ATTACHMENT).items()
        if stamp.device == project.device and not attachments.held(record)
    ]
    if lost:
        report.wrong(
            f"{about}, files",
            f"{len(lost)} files that were attached here are gone or damaged; restore them from a backup.",
        )
    else:
        report.well(f"{about}, files", f"{len(records)} attached; those added here are here.")


def _server(session: Session, entry: ProjectEntry, about: str, report: _Report) -> None:
    about = f"{about}, server"
    if not entry.server:
        report.well(about, "None is set: the project is on this device only.")
        return
    try:
        transport = session.workspace.transport(entry)
        try:
            transport.check()
            transport.pull(entry.project, None, 1)
        finally:
            transport.close()
        report.well(about, f"{entry.server} answers, and knows this device.")
    except Unreachable as error:
        report.unreachable(about, str(error))
    except SitebookError as error:
        report.wrong(about, str(error))
