"""How the window says dates, times and the state of sync. Every sentence about sync is made here.

Moments come as UTC milliseconds; *today* is the device's. ``now`` is handed in, with the device's time zone.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta, tzinfo

from PySide6.QtCore import QDate, QTime

from app.desktop.session import SyncPhase, SyncView
from app.desktop.translate import locale, number_text, tr, tr_count


def local(moment_ms: int, zone: tzinfo | None) -> datetime:
    """The moment on the wall clock of ``zone``."""
    return datetime.fromtimestamp(moment_ms / 1000, zone)


def clock_text(moment: datetime) -> str:
    """14:32."""
    return locale().toString(QTime(moment.hour, moment.minute), "HH:mm")


def day_text(day: date, today: date) -> str:
    """A day as people say it: today, yesterday, tomorrow, Fri 6 Mar, or 6 Mar 2025 in another year."""
    if day == today:
        return tr("today")
    if day == today - timedelta(days=1):
        return tr("yesterday")
    if day == today + timedelta(days=1):
        return tr("tomorrow")
    return weekday_text(day, today)


def weekday_text(day: date, today: date) -> str:
    """Fri 6 Mar; with the year, and without the weekday, in another year."""
    pattern = "ddd d MMM" if day.year == today.year else "d MMM yyyy"
    return locale().toString(QDate(day.year, day.month, day.day), pattern)


def moment_text(moment_ms: int, now: datetime) -> str:
    """A moment as people say it: today 14:32, yesterday 16:40, Fri 6 Mar, 6 Mar 2025."""
    moment = local(moment_ms, now.tzinfo)
    day = day_text(moment.date(), now.date())
    if abs((moment.date() - now.date()).days) <= 1:
        return tr("{day} {time}").format(day=day, time=clock_text(moment))
    return day


def exact_text(moment_ms: int, zone: tzinfo | None) -> str:
    """The moment to the minute, for the hint over a spoken date."""
    moment = local(moment_ms, zone)
    day = locale().toString(QDate(moment.year, moment.month, moment.day), "dddd d MMMM yyyy")
    return tr("{day}, {time}").format(day=day, time=clock_text(moment))


def overdue_text(due: date, today: date) -> str:
    """How late it is, for a due date that has passed: overdue 2 days."""
    return tr_count("overdue %n day", "overdue %n days", (today - due).days)


def waiting_text(count: int) -> str:
    """12 changes waiting."""
    return tr_count("%n change waiting", "%n changes waiting", count)


def photos_text(count: int) -> str:
    """3 photos only here."""
    return tr_count("%n file only here", "%n files only here", count)


def sync_sentence(view: SyncView, now: datetime) -> str:
    """Where the user's work is, in words; what needs a person comes first."""
    sentence = _phase_sentence(view, now)
    if view.photos and view.phase is not SyncPhase.ALONE:
        sentence = f"{sentence} · {photos_text(view.photos)}"
    if view.attention:
        needs = tr("Needs attention: {count}").format(count=number_text(view.attention))
        return f"{needs} · {sentence}"
    return sentence


def _phase_sentence(view: SyncView, now: datetime) -> str:
    if view.phase is SyncPhase.ALONE:
        return tr("Only on this device: no server set")
    if view.phase is SyncPhase.SYNCING:
        return tr("Syncing")
    if view.phase is SyncPhase.OFFLINE:
        if view.waiting:
            return tr("Offline, {waiting}").format(waiting=waiting_text(view.waiting))
        return tr("Offline, nothing waiting")
    if view.waiting:
        return waiting_text(view.waiting)
    if view.last_success_ms is None:
        return tr("Waiting for a connection")
    moment = local(view.last_success_ms, now.tzinfo)
    if moment.date() == now.date():
        return tr("Synced {time}").format(time=clock_text(moment))
    return tr("Synced {time}").format(time=moment_text(view.last_success_ms, now))


def sync_icon(view: SyncView) -> str:
    """The icon beside the sentence."""
    if view.attention:
        return "warning"
    return {
        SyncPhase.ALONE: "hard-drive",
        SyncPhase.OFFLINE: "cloud-slash",
        SyncPhase.SYNCING: "arrows-clockwise",
        SyncPhase.SYNCED: "cloud-check",
    }[view.phase]


def sync_hint(view: SyncView, now: datetime) -> str:
    """What stands over the sentence when the pointer rests on it: when, why, and what to do."""
    parts = []
    if view.problem:
        parts.append(view.problem)
    if view.last_success_ms is not None:
        exact = exact_text(view.last_success_ms, now.tzinfo)
        parts.append(tr("Last in step with the server: {when}.").format(when=exact))
    if view.phase is SyncPhase.ALONE:
        parts.append(tr("Set a server in the project's settings to share this project."))
    elif view.phase is SyncPhase.OFFLINE:
        parts.append(tr("Your work is safe here and goes out when there is a connection."))
    return "\n".join(parts)


def record_sync_text(sync: str) -> str:
    """What a record's dot means, for the hint and the screen reader."""
    if sync == "attention":
        return tr("Needs attention")
    if sync == "pending":
        return tr("Only on this device")
    return tr("On the server")
