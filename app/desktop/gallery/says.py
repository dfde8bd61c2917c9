"""What a gallery says of a shot: to a screen reader, and to a pointer that rests."""

from __future__ import annotations

from datetime import datetime

from app.desktop.file_desk import place_words
from app.desktop.gallery.model import Shot
from app.desktop.translate import number_text, tr
from app.desktop.words import day_text, moment_text
from app.store.file_places import Place


def spoken(shot: Shot, place: Place | None, index: int, count: int, now: datetime) -> str:
    """Everything about a shot in one line."""
    when = day_text(shot.day, now.date())
    at = tr("{number} of {count}").format(number=number_text(index + 1), count=number_text(count))
    parts = (shot.name, shot.title, shot.person, when, "" if place is None else place_words(place)[1], at)
    return ", ".join(part for part in parts if part)


def hint(shot: Shot, place: Place | None, now: datetime) -> str:
    """The same in lines, with the time."""
    when = moment_text(round(shot.at.timestamp() * 1000), now)
    by = f"{shot.person}, {when}" if shot.person else when
    parts = (shot.name, shot.title, by, "" if place is None else place_words(place)[1])
    return "\n".join(part for part in parts if part)
