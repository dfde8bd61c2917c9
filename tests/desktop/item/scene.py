"""An issue with everything on it: a conflict, people, labels, files, comments; for tests and pictures."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QSize, Qt
from PySide6.QtGui import QColor, QImage, QImageWriter, QLinearGradient, QPainter

from app.desktop.item.authors import ProjectAuthors
from app.desktop.item.desk import Desk
from app.desktop.item.panel import ItemPanel
from app.desktop.widgets import Look
from app.domain.schema import (
    COMMENT,
    DEVICE,
    FIELD,
    ISSUE,
    LABEL,
    LOCATION,
    PERSON,
    STATUS,
    custom_field_name,
)
from app.store.attachments import Attachments
from app.store.project import Project
from app.store.touched import Touched
from sync.change import Change, decode_change
from tests.desktop import stage

OTHER_DEVICE = b"o" * 32
THIRD_DEVICE = b"t" * 32
PEOPLE = ("Priya Kaur", "Jon Tan", "Mina Okafor", "Luis Bravo")


@dataclass
class Scene:
    """A project on this device and the same one on another's."""

    here: Project
    there: Project
    issue: bytes
    people: dict[str, bytes]
    statuses: dict[str, bytes]
    labels: dict[str, bytes]
    custom: dict[str, str]
    files: Attachments
    given: dict[int, set[bytes]]

    def close(self) -> None:
        self.here.close()
        self.there.close()

    def bring(self, to: Project | None = None) -> Touched:
        """Apply on this device (or on ``to``) what the other made since."""
        target = self.here if to is None else to
        source = self.there if target is self.here else self.here
        touched = Touched()
        known = self.given.setdefault(id(target), set())
        with target.writing():
            for change in made_by(source):
                if change.id not in known:
                    known.add(change.id)
                    target.applier.apply(change, touched, eid=1)
        return touched


def made_by(project: Project) -> list[Change]:
    """The changes that were made on a device, in its order."""
    rows = project.db.all(
        "SELECT data FROM changes JOIN devices USING (did) WHERE data IS NOT NULL AND key = ? ORDER BY cid",
        (project.device,),
    )
    return [decode_change(bytes(data)) for (data,) in rows]


def build(directory: Path) -> Scene:
    """Make the scene."""
    here = stage.new_project(directory / "here.sitebook")
    there = Project.make(
        directory / "there.sitebook",
        stage.KEY,
        project=here.id,
        device=OTHER_DEVICE,
        clock=here.clock,
        random=random.Random(2).randbytes,
        alone=False,
    )
    stage.fill(here, 3)
    people = {str(name): record for record, name in here.column(PERSON, "name").items()}
    statuses = {str(name): record for record, name in here.column(STATUS, "name").items()}
    labels = {str(name): record for record, name in here.column(LABEL, "name").items()}
    places = {str(name): record for record, name in here.column(LOCATION, "name").items()}
    for number, (device, name, machine) in enumerate(
        ((stage.DEVICE, "Jon Tan", "Surface-3"), (OTHER_DEVICE, "Mina Okafor", "Toughbook"))
    ):
        member = bytes([number]) * 32
        here.create(DEVICE, {"name": machine, "member": member}, record=device[:16])
        here.set(people[name], "member", member)
    custom = {}
    for title, kind, more in (
        ("Trade", "choice", {"choices": ["Concrete", "Steel", "Finishes"]}),
        ("Depth", "number", {"unit": "mm"}),
        ("Survey point", "coordinates", {}),
        ("Drawing", "link", {}),
    ):
        record, _ = here.create(FIELD, {"name": title, "type": kind, "of": ISSUE, **more})
        custom[title] = custom_field_name(record)
    issue, _ = here.create(
        ISSUE,
        {
            "number": 1847,
            "title": "Crack in slab at grid B4, 2.1 m, widening",
            "status": statuses["open"],
            "priority": "high",
            "location": places["Core B"],
            "assignees": [people["Priya Kaur"]],
            "labels": [labels["structural"], labels["before handover"]],
            "due": "2026-03-06",
            "cost": ["4200.00", "GBP"],
            "category": "Concrete and structure",
            custom["Trade"]: "Concrete",
            custom["Depth"]: 12.5,
        },
        text="Runs from the north face of column B4 towards C4. Hairline on Monday, 0.4 mm today at the "
        "widest point. See the concrete pour checklist.\n\nTell-tale fixed, dated and photographed.",
    )
    scene = Scene(
        here, there, issue, people, statuses, labels, custom, Attachments(here, directory / "files"), {}
    )
    scene.bring(there)
    return scene


def make_conflict(scene: Scene) -> Touched:
    """Two people set the status without having seen each other."""
    scene.there.set(scene.issue, "status", scene.statuses["in review"])
    scene.here.set(scene.issue, "status", scene.statuses["in progress"])
    return scene.bring()


def furnish(scene: Scene) -> None:
    """Add comments, files and a conflict."""
    scene.there.create(
        COMMENT, {"parent": scene.issue}, text="Tell-tale reads 0.4 mm. Propping stays until Friday."
    )
    scene.bring()
    scene.here.create(
        COMMENT, {"parent": scene.issue}, text="Agreed. Kaur Structures send a method statement."
    )
    for number, (dark, light) in enumerate((("#5d6670", "#a9b2bb"), ("#8a8073", "#cfc6b8"))):
        scene.files.add_bytes(scene.issue, f"IMG_{number + 1:04}.jpg", picture(dark, light))
    scene.files.add_bytes(scene.issue, "Prüfprotokoll Deckenplatte.pdf", b"%PDF-1.7 nothing")
    make_conflict(scene)


def picture(dark: str, light: str, size: tuple[int, int] = (640, 480)) -> bytes:
    """A photo of nothing much, as JPEG."""
    image = QImage(QSize(*size), QImage.Format.Format_RGB32)
    painter = QPainter(image)
    gradient = QLinearGradient(0, 0, *size)
    for at, color in ((0, dark), (0.45, light), (0.5, dark), (1, light)):
        gradient.setColorAt(at, QColor(color))
    painter.fillRect(image.rect(), gradient)
    painter.setPen(QColor(dark))
    painter.drawLine(0, size[1] // 3, size[0], size[1] // 2)
    painter.end()
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    QImageWriter(buffer, QByteArray(b"jpeg")).write(image)
    return bytes(buffer.data().data())


def make_panel(scene: Scene, look: Look, now: Callable[[], datetime] = stage.stage_now) -> ItemPanel:
    """The item panel over this device's project."""
    desk = Desk(look, scene.here, authors=ProjectAuthors(scene.here, scene.here.device), now=now)
    panel = ItemPanel(desk, scene.files, scene.here)
    panel.touched.connect(panel.apply_touched, Qt.ConnectionType.DirectConnection)
    return panel
