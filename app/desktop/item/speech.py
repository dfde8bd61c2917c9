"""How the item says values, people and what happened to it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from app.desktop.item.desk import Desk
from app.desktop.item.source import Author
from app.desktop.lists.rows import cost_text
from app.desktop.translate import tr
from app.desktop.words import clock_text, day_text, exact_text, local, moment_text, overdue_text
from app.domain.codecs import plain
from app.domain.schema import CLOSED_MEANINGS, Field, FieldType, Meaning
from app.domain.values import display, valid


def field_title(field: Field) -> str:
    """What a field is called: the program's own fields in the user's language, the users' as they named them."""
    return field.title if field.custom or field.key else tr(field.title)


def value_text(desk: Desk, field: Field | None, value: object) -> str:
    """A value in one line, as people say it; empty for none. Never raises, whatever the value is."""
    if field is None:
        return plain(value)
    if value is None or value == ():
        return ""
    if field.many:
        members = value if isinstance(value, list | tuple) else (value,)
        return ", ".join(value_text(desk, replace(field, many=False), each) for each in members)
    if valid(field, value):
        if field.type is FieldType.DATE:
            return day_text(date.fromisoformat(str(value)), desk.now().date())
        if field.type is FieldType.MOMENT and isinstance(value, int):
            return moment_text(value, desk.now())
        if field.type is FieldType.MONEY:
            return cost_text(value)
        if field.type is FieldType.CHECKBOX:
            return tr("yes") if value else tr("no")
        if field.type is FieldType.CHOICE and not field.custom and isinstance(value, str):
            return value[:1].upper() + value[1:]
        if field.type is FieldType.LOCATION:
            return display(field, value, desk.context).replace("/", " / ")
    return display(field, value, desk.context)


def due_text(desk: Desk, due: str, meaning: Meaning | None) -> tuple[str, bool]:
    """A due date with how late it is, and whether it is late: a closed issue never is."""
    today = desk.now().date()
    day = date.fromisoformat(due)
    text = day_text(day, today)
    if day >= today or meaning in CLOSED_MEANINGS:
        return text, False
    return tr("{day}, {late}").format(day=text, late=overdue_text(day, today)), True


def author_name(author: Author) -> str:
    """The person, for a sentence about what was done."""
    if author.person:
        return author.person
    return tr("You") if author.own else tr("Someone")


def author_phrase(desk: Desk, device: bytes, at: int) -> str:
    """Who, when and on which device: “Mina, 09:20 on Toughbook”."""
    author = desk.author(device)
    now = desk.now()
    moment = local(at, now.tzinfo)
    when = clock_text(moment) if moment.date() == now.date() else moment_text(at, now)
    name = author_name(author)
    where = author.device or (tr("this device") if author.own else "")
    if where:
        return tr("{person}, {when} on {device}").format(person=name, when=when, device=where)
    return tr("{person}, {when}").format(person=name, when=when)


def exact(desk: Desk, at: int) -> str:
    """A moment to the minute, for a hint."""
    return exact_text(at, desk.now().tzinfo)
