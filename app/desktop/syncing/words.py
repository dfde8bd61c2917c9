"""What the page of sync says, in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from app.desktop.translate import number_text, tr, tr_count
from app.desktop.words import clock_text, day_text, local, moment_text
from app.domain.schema import DEVICE
from app.store.sync_log import Happened, LogLine
from app.workspace.people import author_names

if TYPE_CHECKING:
    from app.store.device_states import DeviceState
    from app.store.project import Project
    from app.workspace.checking import Checked


@dataclass(frozen=True, slots=True)
class Standing:
    """One device of the project: its name, how far it is in a sentence, whether something is to be looked at."""

    name: str
    state: str
    behind: bool = False


def happened_words(line: LogLine) -> str:
    """One entry of the log."""
    if line.what is Happened.ROUND:
        parts = []
        result = line.result
        if result.pulled:
            parts.append(tr_count("%n change came", "%n changes came", result.pulled))
        if result.pushed:
            # Counted in envelopes, which mean nothing to a person.
            parts.append(tr("your changes were sent") if parts else tr("Your changes were sent"))
        if result.conflicts:
            parts.append(tr_count("%n field has two values", "%n fields have two values", result.conflicts))
        if result.refused:
            parts.append(tr("the server refused {count}").format(count=number_text(result.refused)))
        return ", ".join(parts)
    if line.what is Happened.RECOVERED:
        return tr("In step with the server again")
    return line.sentence


def log_moment(line: LogLine, now: datetime) -> tuple[str, str]:
    """The day and the time of an entry, on the device's wall clock."""
    moment = local(line.at_ms, now.tzinfo)
    return day_text(moment.date(), now.date()), clock_text(moment)


def size_text(count: int) -> str:
    """Bytes as people say them: 12 kB, 3.4 MB."""
    if count < 1_000:
        return tr("{count} B").format(count=number_text(count))
    amount, unit = float(count), "B"
    for unit in ("kB", "MB", "GB", "TB"):  # noqa: B007 - the last one is what is said
        amount /= 1_000
        if amount < 999.5:
            break
    digits = f"{amount:.1f}" if amount < 99.95 and unit != "kB" else f"{amount:.0f}"
    return f"{digits} {unit}"


def files_words(count: int, size: int) -> str:
    """So many files of so many bytes."""
    return tr("{files} ({size})").format(files=tr_count("%n file", "%n files", count), size=size_text(size))


def speed_words(up: float, down: float) -> str:
    """Bytes a second in both directions; empty where nothing moves."""
    parts = []
    if up >= 1:
        parts.append(tr("{size} a second to the server").format(size=size_text(round(up))))
    if down >= 1:
        parts.append(tr("{size} a second from it").format(size=size_text(round(down))))
    return ", ".join(parts)


def progress_words(done: int, total: int) -> str:
    """How far the check is."""
    if not total:
        return tr("Checking …")
    return tr("Checking {done} of {total} …").format(done=number_text(done), total=number_text(total))


def checked_words(checked: Checked) -> tuple[str, str]:
    """What a check found, as sentences and their tone."""
    health = checked.health
    looked = tr_count("%n change was looked at.", "%n changes were looked at.", health.changes)
    parts = [looked]
    tone = "success"
    broken = health.missing + health.damaged + health.lost
    if broken:
        parts.append(
            tr_count(
                "%n was missing or damaged here and was brought back.",
                "%n were missing or damaged here and were brought back.",
                broken,
            )
        )
    if checked.differing:
        tone = "danger"
        parts.append(
            tr_count(
                "%n device holds other changes at the same place: check everything there too.",
                "%n devices hold other changes at the same place: check everything there too.",
                len(checked.differing),
            )
        )
    parts += health.problems
    if health.problems:
        tone = "danger"
    if checked.away:
        tone = "warning" if tone == "success" else tone
        parts.append(tr("The server could not be asked: {why}").format(why=checked.away))
    elif checked.well:
        parts.append(tr("Everything is in order."))
    return " ".join(parts), tone


def device_lines(
    own: DeviceState | None, devices: Sequence[DeviceState], project: Project, now: datetime
) -> tuple[Standing, ...]:
    """How far each device is, this one first, then by name."""
    people, machines = author_names(project), project.column(DEVICE, "name")
    lines = []
    for each in devices:
        key = each.device[:16]
        person, machine = people.get(key, ""), machines.get(key)
        machine = machine if isinstance(machine, str) else ""
        name = " · ".join(dict.fromkeys(part for part in (person, machine) if part)) or tr("A device")
        is_own = own is not None and each.device == own.device
        agrees = None if own is None or is_own else each.agrees(own)
        lines.append((not is_own, name.casefold(), _standing(name, each, is_own, agrees, now)))
    return tuple(standing for *_, standing in sorted(lines, key=lambda line: line[:2]))


def _standing(name: str, state: DeviceState, is_own: bool, agrees: bool | None, now: datetime) -> Standing:
    seen = tr("seen {when}").format(when=moment_text(state.at_ms, now))
    parts = [tr("this device") if is_own else seen]
    if agrees:
        parts.append(tr("holds the same as this one"))
    elif agrees is False:
        parts.append(tr("holds something else at the same place"))
    if state.waiting:
        parts.append(tr_count("%n change waits there", "%n changes wait there", state.waiting))
    if state.attention:
        parts.append(tr_count("%n thing needs attention", "%n things need attention", state.attention))
    if state.app:
        parts.append(f"Sitebook {state.app}")
    text = ", ".join(parts)
    return Standing(name, text[:1].upper() + text[1:], agrees is False or state.attention > 0)
