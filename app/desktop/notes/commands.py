"""The commands about notes, for the one list of commands."""

from __future__ import annotations

from functools import partial

from app.desktop.commands import Command
from app.desktop.notes.actions import NoteActions
from app.desktop.project_page import ProjectPage
from app.desktop.translate import tr

NOTE_MENU = "note"


def note_commands(page: ProjectPage) -> list[Command]:
    """What can be done with notes in a project's page."""
    actions = NoteActions(page)
    make, item, tree = tr("Make"), tr("Item"), tr("Notes")
    select = tr("Select a note first.")
    one = tr("Open a note or an issue first.")
    moves = (
        ("in", tr("Move the note in"), "Alt+Shift+Right"),
        ("out", tr("Move the note out"), "Alt+Shift+Left"),
        ("up", tr("Move the note up"), "Alt+Shift+Up"),
        ("down", tr("Move the note down"), "Alt+Shift+Down"),
    )
    return [
        Command("today", tr("Today's note"), actions.today, ("Shift+D", "Ctrl+T"), "calendar-blank", section=make),
        Command(
            "new-child", tr("New note below this one"), actions.new_child, ("Ctrl+Shift+N",),
            "arrow-elbow-down-right", NOTE_MENU, section=make,
        ),
        Command(
            "from-template", tr("New from template …"), actions.choose_template, ("Shift+T",), "copy",
            section=make,
        ),
        Command(
            "pin", tr("Pin, or unpin"), actions.pin, ("Shift+P",), "push-pin", NOTE_MENU,
            actions.has_notes, item, select,
        ),
        Command(
            "mark-template", tr("Make it a template, or a note again"), actions.mark_template, (), "copy",
            NOTE_MENU, actions.has_notes, item, select,
        ),
        Command(
            "turn", tr("Make an issue of the note, or a note of the issue"), actions.turn, ("Shift+I",),
            "arrow-bend-up-right", NOTE_MENU, actions.can_turn, item, one,
        ),
        Command(
            "split", tr("Make issues of the unticked lines"), actions.split, ("Ctrl+Shift+I",), "checks",
            NOTE_MENU, actions.can_split, item, tr("Open a note or an issue with unticked lines first."),
        ),
        *(
            Command(
                f"note-{way}", title, partial(actions.shift, way), (key,), "", NOTE_MENU, actions.can_move,
                tree, select, hidden=True, repeats=True,
            )
            for way, title, key in moves
        ),
        Command(
            "close-notes", tr("Close all notes of the tree"), partial(actions.fold, closed=True), (),
            "caret-right", enabled=lambda: actions.notes is not None, section=tree,
            why=tr("Show the notes first."),
        ),
        Command(
            "open-notes", tr("Open all notes of the tree"), partial(actions.fold, closed=False), (),
            "caret-down", enabled=lambda: actions.notes is not None, section=tree,
            why=tr("Show the notes first."),
        ),
    ]  # fmt: skip
