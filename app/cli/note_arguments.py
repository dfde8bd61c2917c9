"""The arguments of ``sitebook note``."""

from __future__ import annotations

from app.cli.parsing import Group, add_assignments, add_list, add_one, add_set, add_text


def add_notes(note: Group) -> None:
    """Add the commands about notes."""
    add = note.add("add", "notes:add", "make a note")
    add.add_argument("title", metavar="TITLE")
    add_text(add)
    add.add_argument("--parent", metavar="ID", help="the note that it belongs below")
    add_set(add)
    add_list(note, "notes:show_all", "notes that a query finds, the newest first")
    add_one(note, "show", "notes:show", "one note")
    add_assignments(add_one(note, "set", "notes:change", "change fields of a note"))
    add_one(note, "delete", "notes:delete", "delete a note")
    add_one(note, "restore", "notes:restore", "bring a deleted note back")
    _tree(note)
    _making(note)


def _tree(note: Group) -> None:
    tree = note.add("tree", "note_tree:show_tree", "the notes by who stands below whom")
    tree.add_argument("id", metavar="ID", nargs="?", help="only this one and what is below it")
    move = note.add("move", "note_tree:move", "move notes, with all that is below them")
    move.add_argument("ids", metavar="ID", nargs="+")
    move.add_argument("--below", metavar="NOTE", help="last below this note")
    move.add_argument("--before", metavar="NOTE", help="right before this note")
    move.add_argument("--after", metavar="NOTE", help="right behind this note")
    move.add_argument("--top", action="store_true", default=False, help="last at the top")
    pin = note.add("pin", "note_tree:pin", "pin notes: they stand first")
    pin.add_argument("ids", metavar="ID", nargs="+")
    pin.add_argument("--off", action="store_true", default=False, help="unpin them")
    tag = add_one(note, "tag", "note_tree:tag", "give a note tags, or show those it has")
    tag.add_argument("tags", metavar="TAG", nargs="*", help="-TAG takes one away")


def _making(note: Group) -> None:
    daily = note.add("daily", "note_tree:daily", "the note of a day, made where there is none; prints its id")
    daily.add_argument("day", metavar="DAY", nargs="?", help="2026-03-08, tomorrow, fri (today)")
    make = note.add("from-template", "note_tree:from_template", "make a note from a template")
    make.add_argument("template", metavar="TEMPLATE", help="the title of the template")
    make.add_argument("title", metavar="TITLE", nargs="?", help="another title than the template's")
    make.add_argument(
        "--issue", action="store_true", default=False, help="an issue, from an issue's template"
    )
    add_set(make)
    turn = add_one(note, "to-issue", "note_tree:to_issue", "make an issue of a note")
    turn.add_argument(
        "--lines", action="store_true", default=False, help="issues of its unticked lines, which link to them"
    )
