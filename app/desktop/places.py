"""The places of a project's window, by name, and their entries in the side bar."""

from __future__ import annotations

from app.desktop.side_bar import SideEntry
from app.desktop.translate import tr
from app.domain.schema import ELEMENT, ISSUE, PERSON

ISSUES = "issues"
NOTES = "notes"
ELEMENTS = "elements"
PEOPLE = "people"
CONFLICTS = "conflicts"
ATTENTION = "attention"
TRASH = "trash"
ARCHIVE = "archive"
SETTINGS = "settings"
INVITE = "invite"
SEARCH = "search"
IMPORT = "import"
WALK = "walk"
REVIEW = "review"
SHAPE = "shape"
FOLDER = "folder"
SYNC = "sync"
INBOX = "inbox"
WORK = "work"
GALLERY = "gallery"

DESK_PLACES = {ISSUE: ISSUES, ELEMENT: ELEMENTS, PERSON: PEOPLE}
"""The places that show records of a kind on a desk, and with it the views of that kind."""

LISTS = (ISSUES, NOTES, ELEMENTS, PEOPLE, CONFLICTS, ATTENTION, ARCHIVE, TRASH)


def side_entries() -> tuple[SideEntry, ...]:
    """The entries of the side bar, from top to bottom."""
    return (
        SideEntry(INBOX, "tray", tr("Inbox")),
        SideEntry(WORK, "user-focus", tr("My work")),
        SideEntry(ISSUES, "list-bullets", tr("Issues")),
        SideEntry(NOTES, "file-text", tr("Notes")),
        SideEntry(WALK, "person-simple-walk", tr("Walk")),
        SideEntry(REVIEW, "eye", tr("Review")),
        SideEntry("", "", tr("Project")),
        SideEntry(ELEMENTS, "cube", tr("Elements")),
        SideEntry(PEOPLE, "users", tr("People")),
        SideEntry(GALLERY, "image-square", tr("Photos")),
        SideEntry(CONFLICTS, "git-merge", tr("Conflicts")),
        SideEntry(ATTENTION, "warning", tr("Needs attention")),
        SideEntry(ARCHIVE, "archive", tr("Archive")),
        SideEntry(TRASH, "trash", tr("Trash")),
    )


def footer_entries() -> tuple[SideEntry, ...]:
    """The entries at the foot of the side bar."""
    return (SideEntry(SETTINGS, "gear-six", tr("Settings")),)
