"""What the page of sync says, in words."""

from __future__ import annotations

from datetime import datetime

from app.desktop.translate import number_text, tr, tr_count
from app.desktop.words import clock_text, day_text, local
from app.store.sync_log import Happened, LogLine


def happened_words(line: LogLine) -> str:
    """One entry of the log."""
    if line.what is Happened.ROUND:
        parts = []
        result = line.result
        if result.pulled:
            parts.append(tr_count("%n change came", "%n changes came", result.pulled))
        if result.pushed:
            parts.append(tr_count("%n package of changes sent", "%n packages of changes sent", result.pushed))
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
