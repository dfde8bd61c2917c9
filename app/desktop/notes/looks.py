"""What a line of the tree says: made when it is first seen, kept until something about it changes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from app.desktop.notes.model import NotesModel
from app.desktop.translate import tr, tr_count
from app.desktop.words import exact_text, moment_text, record_sync_text
from app.domain.schema import ISSUE, NOTE
from app.workspace.daily import day_of
from app.workspace.notes import PINNED, TEMPLATES

CHIPS = 3
"""How many tags stand in a line; more are counted."""


@dataclass(frozen=True, slots=True)
class NoteLook:
    """One note as its line shows it. ``beside`` stands behind the title: where it belongs, what became of it."""

    title: str
    icon: str
    tone: str
    hint: str
    tags: tuple[str, ...]
    beside: str
    changed: str
    exact: str
    sync: str
    muted: bool
    untitled: bool


class NoteLooks:
    """The looks of the notes of one model."""

    def __init__(self, model: NotesModel) -> None:
        self._model = model
        self._workspace = model.workspace
        self._project = model.workspace.source.id
        self._known: dict[bytes, NoteLook] = {}

    def forget(self, records: Iterable[bytes] | None = None) -> None:
        """Make these anew when they are next seen; None is all."""
        if records is None:
            self._known.clear()
            return
        for record in records:
            self._known.pop(record, None)

    def of(self, record: bytes) -> NoteLook:
        """The look of a note."""
        found = self._known.get(record)
        if found is None:
            found = self._known[record] = self._make(record)
        return found

    def title(self, record: bytes) -> str:
        """What a note is called."""
        value = self._workspace.columns.column(NOTE, "title").get(record)
        title = " ".join(value.split()) if isinstance(value, str) else ""
        return title or tr("Untitled")

    def _make(self, record: bytes) -> NoteLook:
        workspace = self._workspace
        columns = workspace.columns
        title = columns.column(NOTE, "title").get(record)
        tags = columns.column(NOTE, "tags").get(record, ())
        names = [each for each in tags if isinstance(each, str)] if isinstance(tags, tuple | list) else []
        became = self._became(record)
        icon, tone, hint = self.sign(record)
        changed = exact = ""
        view = workspace.view(record, NOTE)
        if view is not None:
            now = workspace.now()
            changed, exact = moment_text(view.updated.at, now), exact_text(view.updated.at, now.tzinfo)
        shown = self.title(record)
        return NoteLook(
            shown,
            icon,
            tone,
            hint,
            tuple(sorted(names, key=str.casefold)),
            became or self._place(record),
            changed,
            exact,
            workspace.sync_of(record),
            bool(became),
            not isinstance(title, str) or not title.strip(),
        )

    def sign(self, record: bytes) -> tuple[str, str, str]:
        """The icon of a note, the colour of it, and what it means."""
        tree = self._model.tree
        if record in self._workspace.conflicted:
            return "git-merge", "warning", tr("Two people changed this")
        if became := self._became(record):
            return "arrow-bend-up-right", "muted", became
        if tree.is_template(record):
            return "copy", "muted", tr("Template")
        if tree.is_pinned(record):
            return "push-pin", "accent", tr("Pinned")
        title = self._workspace.columns.column(NOTE, "title").get(record)
        if day_of(record, self._project, title) is not None:
            return "calendar-blank", "muted", tr("Note of a day")
        return "file-text", "muted", ""

    def _became(self, record: bytes) -> str:
        """Which issue was made of a note."""
        columns = self._workspace.columns
        issue = columns.column(NOTE, "became").get(record)
        if not isinstance(issue, bytes) or columns.frame(ISSUE).row(issue) is None:
            return ""
        number = columns.column(ISSUE, "number").get(issue)
        return tr("now issue #{number}").format(number=number) if number is not None else tr("now an issue")

    def _place(self, record: bytes) -> str:
        """Where a pinned note belongs."""
        tree = self._model.tree
        parent = tree.named_parent(record)
        if parent is None or tree.parent(record) is not None:
            return ""
        return tr("in {note}").format(note=self.title(parent))

    # What a screen reader says

    def spoken(self, record: bytes) -> str:
        """A note's line in words."""
        look, tree = self.of(record), self._model.tree
        depth = len(tree.ancestors(record))
        below = tree.child_count(record)
        words = [
            tr("Note"),
            look.title,
            look.hint,
            look.beside if look.beside != look.hint else "",
            *look.tags,
        ]
        words.append(tr("level {level}").format(level=depth + 1))
        if below:
            words.append(tr_count("%n note below", "%n notes below", below))
            words.append(tr("closed") if self._model.is_closed(record) else tr("open"))
        words += [look.changed, record_sync_text(look.sync)]
        return ", ".join(each for each in words if each)

    def group(self, group: str) -> str:
        """What a group is called."""
        names = {PINNED: tr("Pinned"), TEMPLATES: tr("Templates")}
        return names.get(group, tr("Notes"))

    def group_spoken(self, group: str) -> str:
        """The head of a group in words."""
        count = self._model.tree.child_count(group)
        state = tr("closed") if self._model.is_closed(group) else tr("open")
        return f"{self.group(group)}, {tr_count('%n note', '%n notes', count)}, {state}"
