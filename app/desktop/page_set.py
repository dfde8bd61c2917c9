"""The lists that a project has: which rows, and what each says when it is empty."""

from __future__ import annotations

from collections.abc import Callable

from app.desktop.commands import key_text
from app.desktop.desk.page import DeskPage
from app.desktop.filtering import QueryFilter
from app.desktop.item.authors import ProjectAuthors
from app.desktop.item.project_desk import project_desk
from app.desktop.lists.attention import DROP_KEY, RETRY_KEY, AttentionPage
from app.desktop.lists.conflicts import ConflictPage
from app.desktop.lists.empty import EmptyWords
from app.desktop.lists.page import ListPage, PageWords
from app.desktop.lists.special import ArchiveRows, TrashRows
from app.desktop.notes.model import NotesModel
from app.desktop.notes.page import NotesPage
from app.desktop.places import ARCHIVE, ATTENTION, CONFLICTS, ELEMENTS, ISSUES, NOTES, PEOPLE, TRASH
from app.desktop.translate import tr, tr_count
from app.desktop.widgets import Look
from app.desktop.workspace import Workspace
from app.domain.schema import ELEMENT, ISSUE, PERSON

AnyPage = ListPage | DeskPage | NotesPage


class PageSet:
    """Makes the list pages of one project, each when it is first shown."""

    def __init__(self, look: Look, workspace: Workspace, notes: NotesModel) -> None:
        self._look = look
        self._workspace = workspace
        self._tree = notes
        self._filter = QueryFilter(workspace)
        self._builders: dict[str, Callable[[], AnyPage]] = {
            ISSUES: self._issues,
            NOTES: self._notes,
            ELEMENTS: self._elements,
            PEOPLE: self._people,
            CONFLICTS: self._conflicts,
            ATTENTION: self._attention,
            ARCHIVE: self._archive,
            TRASH: self._trash,
        }

    def build(self, name: str) -> AnyPage:
        """A new page."""
        return self._builders[name]()

    def _issues(self) -> DeskPage:
        words = PageWords(
            tr("Issues"),
            EmptyWords(
                "list-bullets",
                tr("No issues yet"),
                tr("What is wrong or still to do on the site stands here, one line each."),
                tr("New issue"),
                "N",
            ),
            action=tr("New issue"),
            action_key="N",
            filter_hint=tr("Filter, for example: status:open crack"),
            count=lambda count: tr_count("%n issue", "%n issues", count),
        )
        return DeskPage(self._look, self._workspace, ISSUE, words)

    def _notes(self) -> NotesPage:
        words = PageWords(
            tr("Notes"),
            EmptyWords(
                "file-text",
                tr("No notes yet"),
                tr("Site diaries, minutes and checklists stand here."),
                tr("New note"),
                "Shift+N",
            ),
            action=tr("New note"),
            action_key="Shift+N",
            filter_hint=tr("Filter, for example: tag:weekly concrete"),
            count=lambda count: tr_count("%n note", "%n notes", count),
        )
        return NotesPage(self._look, self._tree, words)

    def _elements(self) -> DeskPage:
        words = PageWords(
            tr("Elements"),
            EmptyWords(
                "cube",
                tr("No elements yet"),
                tr("Rooms, doors and equipment stand here, with the issues at each of them."),
                tr("New element"),
            ),
            action=tr("New element"),
            filter_hint=tr("Filter, for example: type:door issues.count>0"),
            count=lambda count: tr_count("%n element", "%n elements", count),
        )
        return DeskPage(self._look, self._workspace, ELEMENT, words)

    def _people(self) -> DeskPage:
        words = PageWords(
            tr("People"),
            EmptyWords(
                "users",
                tr("No people yet"),
                tr("Everyone who has to do with the site stands here: for assigning, and for calling."),
                tr("New person"),
            ),
            action=tr("New person"),
            filter_hint=tr("Filter, for example: company:Kaur"),
            count=lambda count: tr_count("%n person", "%n people", count),
        )
        return DeskPage(self._look, self._workspace, PERSON, words)

    def _conflicts(self) -> ConflictPage:
        words = PageWords(
            tr("Conflicts"),
            EmptyWords(
                "git-merge",
                tr("No conflicts"),
                tr(
                    "When two people change the same field without knowing of each other, "
                    "both values stand here."
                ),
            ),
            count=lambda count: tr_count("%n conflict", "%n conflicts", count),
        )
        workspace = self._workspace
        desk = project_desk(self._look, workspace)
        return ConflictPage(self._look, workspace, desk, words)

    def _attention(self) -> AttentionPage:
        words = PageWords(
            tr("Needs attention"),
            EmptyWords(
                "check-circle",
                tr("Nothing needs attention"),
                tr("What the server refuses, and what cannot be read, is set aside and stands here."),
            ),
        )
        return AttentionPage(self._look, self._workspace, words, (key_text(RETRY_KEY), key_text(DROP_KEY)))

    def _archive(self) -> ListPage:
        words = PageWords(
            tr("Archive"),
            EmptyWords(
                "archive",
                tr("Nothing is archived"),
                tr("Archived issues are kept, and stay out of lists, boards and counts."),
            ),
            action=tr("Bring back"),
            action_icon="arrow-counter-clockwise",
            action_key="R",
            filter_hint=tr("Filter, for example: status:done crack"),
            primary=False,
            count=lambda count: tr_count("%n archived issue", "%n archived issues", count),
        )
        return ListPage(self._look, self._workspace, ArchiveRows(self._workspace), words, self._filter)

    def _trash(self) -> ListPage:
        words = PageWords(
            tr("Trash"),
            EmptyWords(
                "trash", tr("The trash is empty"), tr("What you delete stays here and can be restored.")
            ),
            action=tr("Restore"),
            action_icon="arrow-counter-clockwise",
            action_key="R",
            filter_hint=tr("Filter by words, for example: note diary"),
            primary=False,
            count=lambda count: tr_count("%n entry in the trash", "%n entries in the trash", count),
        )
        workspace = self._workspace
        rows = TrashRows(workspace, ProjectAuthors(workspace.columns, workspace.source.device))
        workspace.read_trash()
        return ListPage(self._look, workspace, rows, words, rows.filter)
