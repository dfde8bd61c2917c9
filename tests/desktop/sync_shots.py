"""Pictures of what sync and files show: the gallery, tiles, settings, the page of sync, what needs attention."""

from __future__ import annotations

import io
import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from PIL import Image, ImageDraw
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QScrollArea

from app.desktop.app import make_panel
from app.desktop.importing.foot import ProgressLine
from app.desktop.item.panel import ItemPanel
from app.desktop.pages.certificate import CertificateQuestion
from app.desktop.pages.download import Download
from app.desktop.pages.files import FilesPart
from app.desktop.places import ATTENTION, GALLERY, SETTINGS, SYNC
from app.desktop.session import SyncPhase, SyncView
from app.desktop.tokens import Density, ThemeName
from app.desktop.transfer_thread import FileProgress
from app.desktop.widgets import Look
from app.desktop.window import Window
from app.domain.schema import ATTACHMENT
from app.store.attachments import Attachments
from app.store.file_places import KeepMode, Queue
from app.store.project import Project
from app.workspace.join_watch import JoinProgress
from tests.desktop import stage

_LONG = "Brandschutzklappenüberprüfungsprotokoll Lüftungszentrale Untergeschoss.jpg"
_WHOLE = 5_000


class Feed(QObject):
    """Files' way to a server that is never reached; remembers what was wanted."""

    progressed = Signal(object, object)
    changed = Signal(object, object)
    came = Signal(object, object)

    def __init__(self) -> None:
        super().__init__()
        self.wanted: list[tuple[bytes, bool]] = []

    def want(self, project: bytes, files: Sequence[bytes], *, wanted: bool = True) -> None:
        self.wanted += [(file, wanted) for file in files]

    def open_first(self, project: bytes) -> None: ...

    def poke(self, project: bytes) -> None: ...


class FilesSession(stage.StageSession):
    """A session whose projects have files."""

    files: Feed | None = None

    def attachments(self, project: bytes) -> Attachments:  # type: ignore[override]
        return Attachments(self.opened[project], self.directory / f"files-{project.hex()[:8]}")

    def file_feed(self) -> Feed:  # type: ignore[override]
        if self.files is None:
            self.files = Feed()
        return self.files


def photo(number: int, size: tuple[int, int] = (1200, 900)) -> bytes:
    """A picture that looks like one: a gradient, some shapes, its number."""
    seeded = random.Random(number)
    top, bottom = (tuple(seeded.randrange(30, 230) for _ in range(3)) for _ in range(2))
    strip = Image.new("RGB", (1, 2))
    strip.putpixel((0, 0), top)
    strip.putpixel((0, 1), bottom)
    image = strip.resize(size, Image.Resampling.BILINEAR)
    draw = ImageDraw.Draw(image)
    for _ in range(6):
        x, y = seeded.randrange(size[0]), seeded.randrange(size[1])
        colour = tuple(seeded.randrange(256) for _ in range(3))
        draw.rectangle((x, y, x + seeded.randrange(40, 300), y + seeded.randrange(40, 260)), fill=colour)
    draw.text((60, 60), f"Photo {number}", fill="white", font_size=120)
    out = io.BytesIO()
    image.save(out, "JPEG", quality=80)
    return out.getvalue()


def add_photos(
    project: Project, files: Attachments, parents: Sequence[bytes], count: int, now: datetime
) -> list[bytes]:
    """So many photos in different places: here, on the server, elsewhere, refused, on their way."""
    made = []
    for number in range(count):
        shape = ((1200, 900), (900, 1200), (1600, 700))[number % 3]
        name = _LONG if number % 7 == 3 else f"IMG_{4000 + number}.jpg"
        data = photo(number, shape)
        if number % 9 == 8:
            name, data = f"Test certificate {number}.pdf", b"%PDF-1.4 nothing"
        record, _ = files.add_bytes(parents[number % len(parents)], name, data)
        taken = now - timedelta(hours=5 * number)
        project.set(record, "captured", int(taken.timestamp() * 1000))
        made.append(record)
    states = ((1, 1, 2, 0, ""), (1, 0, 0, 0, ""), (0, 1, 1, 0, ""), (1, 1, 0, 0, ""), (0, 1, 0, 1, ""))
    refused = (1, 2, 0, 0, "The server's space for this project is full; ask its owner for more.")
    with project.writing():
        project.db.run("DELETE FROM local_files")
        for number, record in enumerate(made):
            held, served, others, wanted, sentence = refused if number == 6 else states[number % 5]
            project.db.run(
                "INSERT INTO local_files (rid, first, size, made_ms, used_ms,"
                " held, served, others, wanted, sentence)"
                " SELECT rid, x'00', 2400000, ?, 0, ?, ?, ?, ?, ? FROM records WHERE id = ?",
                (int(now.timestamp() * 1000) - 7_000_000, held, served, others, wanted, sentence, record),
            )
    return made


def add_many(project: Project, files: Attachments, parents: Sequence[bytes], now: datetime) -> None:
    """As many photos as a long job has; they are one and the same file."""
    first, _ = files.add_bytes(parents[0], "IMG_1.jpg", photo(1))
    view = project.get(first, ATTACHMENT)
    assert view is not None
    fields = {name: view.value(name) for name in ("media_type", "size", "sha256", "manifest", "key")}
    bulk = project.bulk()
    for number in range(_WHOLE):
        bulk.create(
            ATTACHMENT,
            {
                **fields,
                "parent": parents[number % len(parents)],
                "name": f"IMG_{number}.jpg",
                "captured": int((now - timedelta(minutes=50 * number)).timestamp() * 1000),
            },
        )
    bulk.commit()


class SyncShots:
    """Windows with files, and pictures of them."""

    def __init__(self, shots: object, look: Look, directory: Path) -> None:
        from tests.desktop.screenshots import Shots

        assert isinstance(shots, Shots)
        self.shots = shots
        self.look = look
        self.directory = directory
        self.session = FilesSession(directory)

    def window(self, count: int, *, german: bool = False, many: bool = False) -> Window:
        """A window over a project with so many photos."""
        self.shots.made += 1
        project = stage.new_project(
            self.directory / f"{self.shots.made}.sitebook",
            "Krankenhauserweiterungsbau Süd" if german else "Harbour Tower",
            seed=self.shots.made,
        )
        issues = stage.fill(project, 12, german=german)
        self.session = FilesSession(self.directory)
        self.session.add(project, server="https://sync.example")
        files = self.session.attachments(project.id)
        if many:
            add_many(project, files, issues, stage.NOW)
        else:
            add_photos(project, files, issues[:3], count, stage.NOW)
        stage.settle_sync(project, keep=3)
        window = Window(self.look, now=stage.stage_now, version="0.1.0")
        session = self.session
        window.use(session, lambda look, workspace: make_panel(look, workspace, session))
        page = window.project_page
        assert page is not None
        page.workspace.finish_steps()
        page.set_sync(
            SyncView(SyncPhase.OFFLINE, last_success_ms=int(stage.NOW.timestamp() * 1000) - 4_000_000)
        )
        return window

    def gallery(self, window: Window, name: str, size: tuple[int, int] = (1440, 900)) -> None:
        """The gallery with its pictures."""
        from app.desktop.gallery.page import GalleryPage

        page = window.project_page
        assert page is not None
        page.show_page(GALLERY)
        gallery = page.stack.currentWidget()
        assert isinstance(gallery, GalleryPage)
        window.resize(*size)
        window.show()
        page.workspace.finish_steps()
        application = self.shots.application
        while not gallery.view.is_at_rest:
            application.processEvents()
        self.shots.grab(window, name, size)

    def everything(self) -> None:
        """All of it at usual scale."""
        window = self.window(34)
        page = window.project_page
        assert page is not None
        for theme in (ThemeName.LIGHT, ThemeName.DARK, ThemeName.SUN):
            self.look.theme.choose(theme)
            self.gallery(window, f"gallery-{theme}")
        self.look.theme.choose(ThemeName.LIGHT, Density.TOUCH)
        self.gallery(window, "gallery-touch", (1366, 768))
        self.look.theme.choose(ThemeName.LIGHT, Density.NORMAL)
        self.tiles(window, "tiles")
        for theme in (ThemeName.LIGHT, ThemeName.DARK):
            self.look.theme.choose(theme)
            self.sync(window, f"sync-{theme}")
            page.show_page(ATTENTION)
            self.shots.grab(window, f"attention-{theme}", (1366, 768))
            self.settings(window, f"settings-files-{theme}")
        self.look.theme.choose(ThemeName.LIGHT)
        self.shots.close(window)
        for count, name in ((0, "empty"), (1, "one")):
            window = self.window(count)
            self.gallery(window, f"gallery-{name}", (1366, 768))
            self.shots.close(window)
        window = self.window(20, german=True)
        self.gallery(window, "gallery-german", (1366, 768))
        self.tiles(window, "tiles-german")
        self.shots.close(window)
        window = self.window(0, many=True)
        self.gallery(window, "gallery-5000")
        self.shots.close(window)
        self.parts()

    def scaled(self) -> None:
        """What 150 % does to it."""
        window = self.window(34)
        self.gallery(window, "scaled-gallery-light", (960, 600))
        self.look.theme.choose(ThemeName.DARK)
        self.tiles(window, "scaled-tiles-dark", (960, 600))
        self.look.theme.choose(ThemeName.LIGHT)
        self.shots.close(window)

    def tiles(self, window: Window, name: str, size: tuple[int, int] = (1366, 768)) -> None:
        """An issue with files, some of them on their way."""
        page = window.project_page
        assert page is not None
        from app.domain.schema import ISSUE

        page.show_page("issues")
        record = page.workspace.ids(ISSUE)[-1]
        page.open_item(record)
        panel = page.panel
        assert isinstance(panel, ItemPanel)
        tiles = panel.files.tiles.values()
        while any(tile._image is None and tile.name.endswith(".jpg") for tile in tiles):
            self.shots.application.processEvents()
        feed = self.session.files
        wanted = [tile for tile in tiles if tile.place.wanted]
        if feed is not None and wanted:
            feed.progressed.emit(page.workspace.info.id, FileProgress(file=wanted[0].attachment, got=9_000))
        area = panel._scroll
        area.ensureWidgetVisible(panel.files, 0, 0)
        self.shots.grab(window, name, size)
        page.close_item()

    def sync(self, window: Window, name: str) -> None:
        """The page of sync with files under way."""
        page = window.project_page
        assert page is not None
        page.show_page(SYNC)
        feed = self.session.files
        if feed is not None:
            feed.progressed.emit(
                page.workspace.info.id,
                FileProgress(queue=Queue(12, 48_000_000, 340, 1_200_000_000), up_speed=800_000.0),
            )
        self.shots.grab(window, name, (1366, 768))

    def settings(self, window: Window, name: str) -> None:
        """Which files this device has at hand."""
        page = window.project_page
        assert page is not None
        page.show_page(SETTINGS)
        self.shots.grab(window, f"{name}-top", (1366, 768))
        part = page.findChild(FilesPart)
        shown = page.stack.currentWidget()
        assert shown is not None
        area = shown.findChild(QScrollArea)
        assert part is not None
        part._buttons[KeepMode.RECENT].click()
        if area is not None:
            area.ensureWidgetVisible(part, 0, 200)
        self.shots.grab(window, name, (1366, 768))
        if area is not None:
            question = page.findChild(CertificateQuestion)
            if question is not None:
                question.ask(bytes(range(32)))
                self.shots.grab(window, f"{name}-certificate", (1366, 768))
                question.hide()

    def parts(self) -> None:
        """The download of a project, by itself."""
        for theme in (ThemeName.LIGHT, ThemeName.DARK):
            self.look.theme.choose(theme)
            download = Download(self.look)
            assert isinstance(download.line, ProgressLine)
            download.show_progress(JoinProgress(31_000_000, 84_000_000, 220.0))
            download.resize(420, 80)
            for _ in range(4):
                self.shots.application.processEvents()
            download.grab().save(str(self.shots.target / f"download-{theme}.png"))
            download.deleteLater()
        self.look.theme.choose(ThemeName.LIGHT)
