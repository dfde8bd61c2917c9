"""The saved views of a project and which of them a desk shows: opening, saving, giving up changes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from PySide6.QtCore import QObject, Signal

from app.desktop.desk.page import DeskPage
from app.desktop.workspace import Workspace
from app.domain.schema import DEVICE, KINDS, VIEW
from app.query.frames import Moved
from app.store.operations import Edit
from app.workspace.people import device_record
from app.workspace.views import (
    SavedView,
    ViewSpec,
    free_name,
    new_view,
    read_views,
    reorder,
    seen_by,
    spec_edits,
)


class ViewKeeper(QObject):
    """All views that this member sees. A desk shows one of them, or none: then what it has is its own."""

    changed = Signal()
    """There are other views, or they say something else."""
    state_changed = Signal()
    """A desk shows another view, or what it shows differs from its view now, or no longer does."""

    def __init__(self, workspace: Workspace, kinds: Sequence[str], parent: QObject | None = None) -> None:
        """``kinds`` are those that the window has desks for."""
        super().__init__(parent)
        self._workspace = workspace
        self._kinds = frozenset(kinds)
        self.views: list[SavedView] = []
        self._desks: dict[str, DeskPage] = {}
        self._own: dict[str, tuple[str, ViewSpec]] = {}
        self._opened: dict[str, SavedView] = {}
        self._loaded = False
        workspace.moved.connect(self._follow)
        workspace.run_steps(self._load())

    def _load(self) -> Iterator[None]:
        yield from self._workspace.columns.load_steps(VIEW, KINDS[VIEW].fields)
        yield from self._workspace.columns.load_steps(DEVICE, ("member",))
        self._loaded = True
        self._read()

    def _follow(self, moved: Moved) -> None:
        touched = {kind for kind, _ in moved.cells} | moved.came.keys() | moved.gone.keys()
        if self._loaded and VIEW in touched:
            self._read()

    def _read(self) -> None:
        views = seen_by(read_views(self._workspace.columns), self.member)
        there = set(self._workspace.ids(VIEW))
        self.views = [view for view in views if view.id in there and view.spec.kind in self._kinds]
        for kind, opened in list(self._opened.items()):
            self._renew(kind, opened)
        self.changed.emit()

    def _renew(self, kind: str, opened: SavedView) -> None:
        """An open view was changed, here or elsewhere; changes that were not saved stay on the screen."""
        desk, fresh = self._desks[kind], self.find(opened.id)
        if fresh is None:
            self.leave(kind)
            return
        changed = desk.spec != opened.spec
        self._opened[kind] = fresh
        desk.set_title(fresh.name)
        if not changed:
            desk.spec = fresh.spec
        self.state_changed.emit()

    @property
    def member(self) -> bytes | None:
        """Who uses this device, as the project's members are known; None before he was introduced."""
        value = self._workspace.columns.column(DEVICE, "member").get(
            device_record(self._workspace.source.device)
        )
        return value if isinstance(value, bytes) else None

    def find(self, view: bytes) -> SavedView | None:
        """A view by its id."""
        return next((each for each in self.views if each.id == view), None)

    # Desks

    def attach(self, desk: DeskPage) -> None:
        """Look after a desk."""
        self._desks[desk.kind] = desk
        self._own[desk.kind] = desk.title, desk.spec
        desk.spec_changed.connect(lambda _spec: self.state_changed.emit())

    def opened(self, kind: str) -> SavedView | None:
        """The view that the desk of a kind shows."""
        return self._opened.get(kind)

    def open(self, view: SavedView) -> None:
        """Show a view on the desk of its kind."""
        kind = view.spec.kind
        desk = self._desks[kind]
        if kind not in self._opened:
            self._own[kind] = desk.title, desk.spec
        self._opened[kind] = view
        desk.set_title(view.name)
        desk.spec = view.spec
        self.state_changed.emit()

    def leave(self, kind: str) -> None:
        """Show again on a desk what it showed before a view was opened."""
        if kind in self._opened:
            del self._opened[kind]
            title, spec = self._own[kind]
            self._desks[kind].set_title(title)
            self._desks[kind].spec = spec
            self.state_changed.emit()

    def is_changed(self, kind: str) -> bool:
        """Whether a desk shows something else than its view says, or than a desk of its own begins with."""
        desk = self._desks.get(kind)
        if desk is None:
            return False
        opened = self._opened.get(kind)
        return desk.spec != (ViewSpec(kind) if opened is None else opened.spec)

    # Changing views

    def create(self, kind: str, name: str, *, shared: bool = False) -> SavedView | None:
        """Save what a desk shows as a new view, and show that."""
        owner = None if shared else self.member
        made = self._workspace.create(VIEW, new_view(self.views, name, self._desks[kind].spec, owner))
        view = None if made is None else self.find(made)
        if view is not None:
            fresh = kind not in self._opened
            self.open(view)
            if fresh:
                # The desk goes back to the beginning: what was on it is the view now.
                self._own[kind] = self._own[kind][0], ViewSpec(kind)
        return view

    def save(self, kind: str) -> None:
        """Let the view of a desk say what is shown."""
        opened = self._opened.get(kind)
        if opened is not None:
            edits = spec_edits(opened.spec, self._desks[kind].spec)
            self._workspace.edit({opened.id: edits} if edits else {})

    def discard(self, kind: str) -> None:
        """Show what the view of a desk says."""
        opened = self._opened.get(kind)
        self._desks[kind].spec = ViewSpec(kind) if opened is None else opened.spec

    def rename(self, view: bytes, name: str) -> None:
        """Call a view something else."""
        self._workspace.edit({view: [Edit("name", name)]})

    def share(self, view: bytes, *, shared: bool) -> None:
        """Show a view to everybody, or to this member alone."""
        self._workspace.edit({view: [Edit("owner", None if shared else self.member)]})

    def duplicate(self, view: SavedView) -> SavedView | None:
        """Make a view that says the same."""
        values = new_view(self.views, free_name(self.views, view.name), view.spec, view.owner)
        made = self._workspace.create(VIEW, values)
        return None if made is None else self.find(made)

    def move(self, view: bytes, before: bytes | None) -> None:
        """Put a view before another, or last."""
        orders = reorder(self.views, view, before)
        self._workspace.edit({record: [Edit("order", order)] for record, order in orders.items()})

    def delete(self, view: bytes) -> None:
        """Delete a view; undo brings it back."""
        self._workspace.delete([view])
