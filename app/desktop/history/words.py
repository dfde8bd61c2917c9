"""A session of a text in words: who wrote, when and where, and how much."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.desktop.entries import Entry
from app.desktop.item.speech import author_name
from app.desktop.translate import number_text, tr
from app.desktop.words import clock_text, day_text, local, moment_text

if TYPE_CHECKING:
    from app.desktop.item.desk import Desk
    from app.store.text_history import TextSession


def session_name(desk: Desk, session: TextSession) -> str:
    """Who wrote."""
    return session.name or author_name(desk.author(session.device))


def session_entry(desk: Desk, session: TextSession) -> Entry:
    """The line of a session in the time line."""
    author = desk.author(session.device)
    where = author.device or (tr("this device") if author.own else "")
    when = moment_text(session.until, desk.now())
    return Entry(
        session_name(desk, session),
        right=amount_text(session.inserted, session.deleted),
        sign="avatar",
        below=tr("{when} on {device}").format(when=when, device=where) if where else when,
        data=session,
    )


def session_words(desk: Desk, session: TextSession) -> str:
    """When somebody wrote, and how much: today 14:10 to 14:32 · +12 −3."""
    now = desk.now()
    began, until = local(session.at, now.tzinfo), local(session.until, now.tzinfo)
    span = clock_text(until)
    if began.date() == until.date() and clock_text(began) != span:
        span = tr("{begin} to {end}").format(begin=clock_text(began), end=span)
    when = tr("{day} {time}").format(day=day_text(until.date(), now.date()), time=span)
    return " · ".join(filter(None, (when, amount_text(session.inserted, session.deleted))))


def amount_text(inserted: int, deleted: int) -> str:
    """How much was written and taken out: +12 −3."""
    parts = []
    if inserted:
        parts.append(f"+{number_text(inserted)}")
    if deleted:
        parts.append(f"−{number_text(deleted)}")
    return " ".join(parts)
