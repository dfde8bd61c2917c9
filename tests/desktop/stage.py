"""A project with something in it, and a session over it, for tests and screenshots of the window."""

from __future__ import annotations

import random as seeded
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLabel, QLineEdit, QVBoxLayout, QWidget

from app.desktop.item.source import Author
from app.desktop.live.lines import Lines
from app.desktop.session import InviteInfo, PersonChoice, ProfileState, ProjectInfo
from app.desktop.widgets import Look
from app.desktop.workspace import Workspace
from app.domain.schema import ISSUE, LABEL, LOCATION, NOTE, PERSON, STATUS
from app.store.device_states import DeviceState
from app.store.health import Health, Progress
from app.store.project import Project
from app.store.touched import Touched
from app.workspace.checking import Checked
from app.workspace.join_watch import JoinWatch
from sync.errors import SitebookError

NOW = datetime(2026, 3, 8, 14, 32, tzinfo=UTC)
KEY = bytes(range(32))
DEVICE = b"d" * 32
WORDS24 = tuple(f"word{number}" for number in range(1, 25))


class StageClock:
    """Stands still unless told."""

    def __init__(self, now: datetime = NOW) -> None:
        self.ms = int(now.timestamp() * 1000)

    def now_ms(self) -> int:
        self.ms += 1
        return self.ms

    def monotonic(self) -> float:
        return self.ms / 1000


def new_project(path: Path, name: str = "Harbour Tower", *, seed: int = 1, furnished: bool = True) -> Project:
    """An empty project."""
    generator = seeded.Random(seed)
    project = Project.make(
        path,
        KEY,
        project=generator.randbytes(32),
        device=DEVICE,
        clock=StageClock(),
        random=generator.randbytes,
        alone=True,
    )
    if furnished:
        project.furnish(name, "GBP")
    return project


TITLES = (
    "Crack in slab at grid B4, 2.1 m, widening towards the column head",
    "Door closer missing, stair 3",
    "Penetration not sealed above ceiling",
    "Sprinkler head painted over",
    "Threshold 22 mm high, trip hazard at entrance to the plant room",
    "Cable tray bracket loose",
    "Water mark on soffit under plant room",
    "Glazing scratched, two panes",
    "Balustrade fixing short by one bolt",
    "Skirting gap at reveal, both sides",
    "Extract grille reversed",
    "Paint splash on distribution board",
    "Ceiling tile broken at access hatch",
    "Leak at basin trap, WC 2.2",
)
GERMAN_TITLES = (
    "Brandschutzklappenüberprüfungsprotokoll für Lüftungszentrale unvollständig",
    "Feuchtigkeitsabdichtung Tiefgaragenzufahrtsrampe undicht",
    "Geländerhöhenunterschreitung Treppenhauspodest",
    "Trittschalldämmungsrandstreifen fehlt",
    "Rauchwärmeabzugsanlagensteuerung ohne Funktion",
)
PEOPLE = (
    ("Priya Kaur", "Kaur Structures", "Structures", "Croydon"),
    ("Jon Tan", "Tan & Partners", "Architecture", "Leeds"),
    ("Mina Okafor", "Okafor Fire Safety", "Fire", "Croydon"),
    ("Luis Bravo", "Bravo Mechanical", "Ventilation", "Bristol"),
    (
        "Annegret Schwarzenberger-Lindemann",
        "Brandschutzsachverständigenbüro Lindemann",
        "Brandschutz",
        "Köln",
    ),
)
PLACES = ("Core B", "Stair 3", "Corridor", "2.14", "2.09", "Riser 2", "Core A", "2.01", "Lobby", "WC 2.2")
LABELS = (
    ("fire", "red"),
    ("structural", "orange"),
    ("before handover", "teal"),
    ("paint", "violet"),
    ("warranty", "green"),
)


def fill(project: Project, count: int, *, german: bool = False) -> list[bytes]:
    """Give a project people, places, labels and ``count`` issues; gives the issues, the first made first."""
    generator = seeded.Random(7)
    bulk = project.bulk()
    people = [
        bulk.create(
            PERSON, {"name": n, "company": c, "specialty": s, "home_base": h, "phone": "+44 20 7946 0123"}
        )
        for n, c, s, h in PEOPLE
    ]
    level = bulk.create(LOCATION, {"name": "Untergeschoss Technikzentrale" if german else "Level 2"})
    places = [bulk.create(LOCATION, {"name": place, "parent": level}) for place in PLACES]
    labels = [bulk.create(LABEL, {"name": name, "color": color}) for name, color in LABELS]
    bulk.commit()
    statuses = list(project.column(STATUS, "name"))
    by_name = {project.column(STATUS, "name")[each]: each for each in statuses}
    weights = ("open", "open", "open", "in progress", "in review", "done", "void")
    titles = GERMAN_TITLES if german else TITLES
    bulk = project.bulk()
    issues = []
    for index in range(count):
        due = date(2026, 3, 8) + timedelta(days=generator.randrange(-6, 40))
        issues.append(
            bulk.create(
                ISSUE,
                {
                    "number": index + 1,
                    "title": titles[index % len(titles)],
                    "status": by_name[generator.choice(weights)],
                    "location": generator.choice(places),
                    "assignees": generator.sample(people, generator.choice((0, 1, 1, 1, 2))),
                    "labels": generator.sample(labels, generator.choice((0, 0, 0, 1, 2, 3))),
                    "due": due.isoformat() if generator.random() < 0.7 else None,
                    "cost": [str(generator.randrange(5, 900) * 5), "GBP"]
                    if generator.random() < 0.6
                    else None,
                },
                text="Runs from the north face of column B4 towards C4.",
            )
        )
    for title in ("Site diary", "Weekly meeting", "Concrete pour checklist") if count else ():
        bulk.create(NOTE, {"title": title}, text="Dry, 6 degrees, wind from the west.")
    bulk.commit()
    return issues


def disagree(project: Project, records: Sequence[bytes]) -> None:
    """Two values in one field, as if two people had written without knowing of each other."""
    for record in records:
        project.set(record, "priority", "high")
        project.set(record, "priority", "low", seen=())


def settle_sync(project: Project, *, keep: int = 0) -> None:
    """Pretend that all but the last ``keep`` changes went to the server."""
    with project.writing():
        project.db.run(
            "DELETE FROM local_pending WHERE cid NOT IN"
            " (SELECT cid FROM local_pending GROUP BY cid ORDER BY cid DESC LIMIT ?)",
            (keep,),
        )


class Feed(QObject):
    """A sync thread that does what the test says."""

    state_changed = Signal(bytes, object)
    touched = Signal(bytes, object)
    failed = Signal(bytes, str)

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[str] = []
        self.lines = Lines(self)

    def open_first(self, project: bytes) -> None:
        self.calls.append("open_first")

    def poke(self, project: bytes) -> None:
        self.calls.append("poke")

    def drop(self, project: bytes, hashed: bytes) -> None:
        self.calls.append(f"drop {hashed.hex()}")

    def sync_now(self, project: bytes) -> None:
        self.calls.append("sync_now")

    def stop(self) -> None:
        self.calls.append("stop")


class Names:
    """Knows only this device."""

    def author(self, device: bytes) -> Author:
        return Author("Priya Kaur", "Toughbook", device == DEVICE)


@dataclass
class StageSession:
    """A session over projects that the test made."""

    directory: Path
    profile: ProfileState = ProfileState.OPEN
    keyring: bool = True
    opened: dict[bytes, Project] = field(default_factory=dict)
    infos: list[ProjectInfo] = field(default_factory=list)
    feed: Feed | None = None
    problem: str = ""
    certificate: bytes | None = None
    settings: dict[str, Any] = field(default_factory=dict)
    given: list[tuple[Any, ...]] = field(default_factory=list)
    given_out: list[InviteInfo] = field(default_factory=list)
    candidates: list[PersonChoice] = field(default_factory=list)
    downloads: Callable[[JoinWatch], None] | None = None
    """What joining does while it downloads."""
    checked: Checked = field(default_factory=lambda: Checked(Health(3, 12), None, (), (), "", Touched()))
    """What a check finds."""
    go_on: threading.Event | None = None
    """A check waits for it."""

    def add(self, project: Project, *, server: str = "") -> ProjectInfo:
        info = ProjectInfo(project.id, project.name, server)
        self.opened[info.id] = project
        self.infos.append(info)
        return info

    def state(self) -> ProfileState:
        return self.profile

    def has_keyring(self) -> bool:
        return self.keyring

    def create_vault(self, name: str, passphrase: str | None) -> Sequence[str]:
        self.given.append(("create_vault", name, passphrase))
        self.profile = ProfileState.OPEN
        return WORDS24

    def unlock(self, secret: str) -> None:
        if secret != "correct horse":
            raise SitebookError("This passphrase does not open the vault; try again.")
        self.profile = ProfileState.OPEN

    def person_name(self) -> str:
        return "Priya Kaur"

    def projects(self) -> Sequence[ProjectInfo]:
        return self.infos

    def new_project(self, name: str, server: str = "") -> ProjectInfo:
        self._fail()
        self.given.append(("new_project", name, server))
        return ProjectInfo(b"new:" + name.encode(), name, server)

    def join(self, code: str, watch: JoinWatch | None = None) -> ProjectInfo:
        self._fail()
        if self.downloads is not None and watch is not None:
            self.downloads(watch)
        self.given.append(("join", code))
        return ProjectInfo(b"joined", "Joined", "https://sync.example")

    def join_candidates(self, project: bytes) -> Sequence[PersonChoice]:
        return self.candidates

    def choose_person(self, project: bytes, person: bytes) -> None:
        self.given.append(("choose_person", person))

    def open_sample(self) -> ProjectInfo:
        self._fail()
        return ProjectInfo(b"sample", "Harbour Tower")

    def _fail(self) -> None:
        if self.problem:
            raise SitebookError(self.problem)

    def open(self, project: bytes) -> Project:
        found = self.opened.get(project)
        if found is None:
            path = self.directory / f"{project.hex()}.sitebook"
            found = new_project(path, next((i.name for i in self.infos if i.id == project), "New"))
            self.opened[project] = found
        return found

    def opener(self, project: bytes) -> Callable[[], Project]:
        return self.opened[project].second

    def me(self, project: bytes) -> bytes | None:
        return None

    def authors(self, project: bytes) -> Names:
        return Names()

    def attachments(self, project: bytes) -> None:
        return None

    def sync_feed(self) -> Feed | None:
        return self.feed

    def file_feed(self) -> None:
        return None

    def server_certificate(self, project: bytes) -> bytes | None:
        return self.certificate

    def set_server(self, project: bytes, address: str, certificate: bytes | None = None) -> None:
        if address and not address.startswith("http"):
            raise SitebookError("A server's address begins with https://.")
        self.given.append(
            ("set_server", address) if certificate is None else ("accept", address, certificate)
        )

    def check_everything(
        self, project: bytes, progress: Callable[[Progress], None], stopped: Callable[[], bool]
    ) -> Checked:
        self._fail()
        progress(Progress(1, 2))
        if self.go_on is not None:
            self.go_on.wait(10)
        if stopped():
            raise SitebookError("The check was stopped; what it repaired stays so.")
        return self.checked

    def device_states(self, project: bytes) -> tuple[DeviceState | None, tuple[DeviceState, ...]]:
        return self.checked.own, self.checked.devices

    def invite(self, project: bytes, role: str, *, me: bool, days: int) -> str:
        self._fail()
        self.given_out.append(
            InviteInfo(b"i1", role, "waiting", int(NOW.timestamp() * 1000) + days * 86_400_000)
        )
        return "SB1-7Q2M-9XKD-4TRW-ZP5H-LC8N-V3JG-Y6FA"

    def invites(self, project: bytes) -> Sequence[InviteInfo]:
        return self.given_out

    def cancel_invite(self, project: bytes, invite: bytes) -> None:
        self.given_out.clear()

    def export_project(self, project: bytes, file: Path) -> None:
        file.write_text("export")

    def backup(self, file: Path) -> None:
        file.write_text("backup")

    def setting(self, name: str, default: Any) -> Any:
        return self.settings.get(name, default)

    def set_setting(self, name: str, value: Any) -> None:
        self.settings[name] = value

    def close(self) -> None:
        for project in self.opened.values():
            project.close()
        self.opened.clear()


class PlainPanel(QWidget):
    """Stands in for the item panel where a test is about the rest of the window."""

    closed = Signal()
    previous_requested = Signal()
    next_requested = Signal()
    record_opened = Signal(bytes)

    def __init__(self, look: Look, workspace: Workspace) -> None:
        super().__init__()
        self.record: bytes | None = None
        self.title = QLineEdit()
        self.title.setAccessibleName("Title")
        self._words = QLabel()
        layout = QVBoxLayout(self)
        layout.addWidget(self.title)
        layout.addWidget(self._words)
        layout.addStretch(1)

    def show_record(self, record: bytes | None) -> None:
        self.record = record
        self._words.setText("" if record is None else record.hex())

    def focus_title(self) -> None:
        self.title.setFocus()

    def show_history(self) -> None:
        self._words.setText("history")

    def write_comment(self) -> None:
        self._words.setText("comment")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.closed.emit()


def stage_now() -> datetime:
    """The time in every test."""
    return NOW
