"""The road from a bare start to a project: welcome, form, recovery key, who one is; or the passphrase."""

from __future__ import annotations

from importlib import import_module

from PySide6.QtCore import QObject, Signal

from app.desktop.key_hold import KeyHold
from app.desktop.pages.entry import Entered, EntryForm, Way
from app.desktop.pages.person import PersonPage
from app.desktop.pages.recovery import RecoveryPage
from app.desktop.pages.unlock import UnlockPage
from app.desktop.pages.welcome import WelcomePage
from app.desktop.session import ProjectInfo, Session
from app.desktop.widgets import Look
from app.desktop.workers import Workers
from sync.errors import SitebookError

_PROJECT_PAGE = (
    "app.desktop.workspace",
    "app.desktop.project_page",
    "app.desktop.project_commands",
    "app.desktop.item.panel",
)


class Entrance(QObject):
    """Makes the pages one after the other and says which to show."""

    shown = Signal(object)
    """Emits the page that is to be shown now."""
    entered = Signal(object)
    """Emits the ``ProjectInfo`` that the road led to."""
    unlocked = Signal()
    left = Signal()
    """The user went back from a form."""

    def __init__(
        self, look: Look, session: Session, workers: Workers, person: str, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._look = look
        self._session = session
        self._workers = workers
        self._person = person
        self._keys = KeyHold(self)

    def unlock(self) -> None:
        """Ask for what opens the vault."""
        page = UnlockPage(self._look, self._session, self._workers)
        page.unlocked.connect(self.unlocked)
        self.shown.emit(page)

    def welcome(self) -> None:
        """Offer the three ways in."""
        page = WelcomePage(self._look)
        page.way_chosen.connect(self.enter)
        self.shown.emit(page)

    def new_project(self) -> None:
        """Show the form of a new project."""
        self.enter(Way.NEW)

    def join(self) -> None:
        """Show the form for joining."""
        self.enter(Way.JOIN)

    def enter(self, way: Way, problem: str = "") -> None:
        """Show the form of a way in, with what went wrong the last time."""
        form = EntryForm(self._look, self._session, self._workers, way, person=self._person)
        form.back_asked.connect(self.left)
        form.entered.connect(lambda entered: self.follow(way, entered))
        self.shown.emit(form)
        form.problem.say(problem)

    def follow(self, way: Way, entered: Entered) -> None:
        """Show the recovery key of a vault just made; then go on."""
        if not entered.words:
            self._go_on(way, entered)
            return
        page = RecoveryPage(self._look, entered.words)
        page.kept.connect(lambda: self._prepare(way, entered))
        self.shown.emit(page)

    def _prepare(self, way: Way, entered: Entered) -> None:
        """Read what the project's page needs from the disk, on the worker, before making it."""
        self._keys.begin()
        self._workers.run(
            load_project_page,
            lambda _nothing: self._go_on(way, entered),
            lambda sentence: self._go_on(way, Entered(None, problem=sentence)),
        )

    def _go_on(self, way: Way, entered: Entered) -> None:
        self._keys.end()
        project = entered.project
        if project is None:
            self.enter(way, entered.problem)
            return
        try:
            choices = self._session.join_candidates(project.id) if way is Way.JOIN else ()
        except SitebookError as error:
            self.enter(way, str(error))
            return
        if not choices:
            self._enter_project(project)
            return
        page = PersonPage(self._look, choices)
        page.chosen.connect(lambda person: self._person_chosen(project, person))
        self.shown.emit(page)

    def _person_chosen(self, project: ProjectInfo, person: bytes | None) -> None:
        if person is not None:
            try:
                self._session.choose_person(project.id, person)
            except SitebookError as error:
                self.enter(Way.JOIN, str(error))
                return
        self._enter_project(project)

    def _enter_project(self, project: ProjectInfo) -> None:
        """The road ends; keys pressed until the project is there are not for it."""
        self._keys.begin()
        try:
            self.entered.emit(project)
        finally:
            self._keys.end()


def load_project_page() -> None:
    """Import the modules behind a project's page: they are many, and come from the disk the first time."""
    for name in _PROJECT_PAGE:
        import_module(name)
