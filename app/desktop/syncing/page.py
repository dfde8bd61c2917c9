"""How the project stands with its server: what waits, when it was last in step, and what happened."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from app.desktop.pages.frame import PageFrame, Problem
from app.desktop.reporter import single_shot
from app.desktop.session import SyncPhase, SyncView
from app.desktop.syncing.checker import CheckView
from app.desktop.syncing.words import Standing, files_words, happened_words, log_moment, speed_words
from app.desktop.transfer_thread import FileProgress
from app.desktop.translate import tr, tr_count
from app.desktop.widgets import Button, ButtonKind, IconButton, Line, Look, Text
from app.desktop.words import moment_text, sync_icon, sync_sentence
from app.store.sync_log import LogLine

WIDTH = 640
_FIRST = 20
"""Entries of the log that are shown before somebody asks for more."""
_MORE = 100
_LOG_PAUSE_MS = 300
_WHEN, _NAME = 120, 240
"""Widths of the left columns, in pixels: a day with its time, a device."""


class SyncPage(PageFrame):
    """Follows the sync of the open project. Reading the log takes a millisecond, so it is read here."""

    sync_asked = Signal()
    check_asked = Signal()
    cancel_asked = Signal()
    attention_asked = Signal()
    settings_asked = Signal()

    def __init__(
        self,
        look: Look,
        server: str,
        read_log: Callable[[int], Sequence[LogLine]],
        now: Callable[[], datetime],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(
            look,
            tr("Sync"),
            tr(
                "Your work is saved on this device first. Here is how it stands with the server and the others."
            ),
            width=WIDTH,
            parent=parent,
        )
        self._server = server
        self._read_log = read_log
        self._now = now
        self._count = _FIRST
        self._view = SyncView(SyncPhase.OFFLINE if server else SyncPhase.ALONE)
        self._files = FileProgress()
        self._shown: tuple[LogLine, ...] | None = None
        self._devices: tuple[Standing, ...] = ()
        self._build_state()
        self._build_facts()
        self._build_check()
        self._devices_box, self._devices_title = self._titled(tr("Devices"))
        self._log_box, _ = self._titled(tr("What happened"))
        self.more = Button(look, tr("Show more"), kind=ButtonKind.PLAIN)
        self.more.clicked.connect(lambda _checked=False: self._show_more())
        self.row(self.more)
        self.column.addStretch(1)
        self._log_soon = single_shot(self, _LOG_PAUSE_MS, self._show_log)
        self.show_view(self._view)
        self.show_devices(())
        self._show_log()

    def start(self) -> None:
        """Put the focus on what can be done first."""
        (self.now_button if self._server else self.set_server).setFocus()

    # Building

    def _build_state(self) -> None:
        look = self._look
        self._icon = IconButton(look, "cloud", tr("Sync"))
        self._icon.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._icon.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.sentence = Text(look, strong=True, wrap=True)
        line = QHBoxLayout()
        line.setSpacing(0)
        line.setContentsMargins(-look.theme.metrics.gap, 0, 0, 0)
        line.addWidget(self._icon)
        line.addWidget(self.sentence, 1)
        self.column.addLayout(line)
        self.problem = Problem(look)
        self.column.addWidget(self.problem)
        self.now_button = Button(look, tr("Sync now"), kind=ButtonKind.PRIMARY, icon="arrows-clockwise")
        self.now_button.clicked.connect(lambda _checked=False: self.sync_asked.emit())
        self.set_server = Button(look, tr("Set a server"), kind=ButtonKind.PRIMARY, icon="cloud")
        self.set_server.clicked.connect(lambda _checked=False: self.settings_asked.emit())
        self.attention = Button(look, tr("See what needs attention"), icon="warning")
        self.attention.clicked.connect(lambda _checked=False: self.attention_asked.emit())
        self.row(self.now_button, self.set_server, self.attention)
        self.now_button.setVisible(bool(self._server))
        self.set_server.setVisible(not self._server)

    def _build_facts(self) -> None:
        grid = QGridLayout()
        metrics = self._look.theme.metrics
        grid.setHorizontalSpacing(metrics.gap_large)
        grid.setVerticalSpacing(metrics.gap_small)
        grid.setColumnStretch(1, 1)
        self._facts: dict[str, Text] = {}
        self._titles: dict[str, Text] = {}
        for row, (name, title) in enumerate(
            (
                ("last", tr("Last in step")),
                ("out", tr("Waits to be sent")),
                ("in", tr("Waits to come")),
                ("speed", tr("Speed")),
                ("server", tr("Server")),
            )
        ):
            value = Text(self._look, wrap=True)
            value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            self._titles[name] = Text(self._look, title, tone="muted")
            self._facts[name] = value
            grid.addWidget(self._titles[name], row, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(value, row, 1)
        self.column.addLayout(grid)
        self._facts["server"].setText(self._server or tr("None: this project is only on this device"))

    def _build_check(self) -> None:
        look = self._look
        self.section(tr("Check everything"))
        self.column.addWidget(
            Text(
                look,
                tr(
                    "Compares all changes of this device with the server and with what the other devices told, "
                    "and mends what is missing. It takes a moment; you can go on working."
                )
                if self._server
                else tr(
                    "Looks through all changes of this device and mends what is missing. It takes a moment; "
                    "you can go on working."
                ),
                tone="muted",
                wrap=True,
            )
        )
        self.check = Button(look, tr("Check everything"), icon="check-circle")
        self.check.clicked.connect(lambda _checked=False: self.check_asked.emit())
        self.cancel = Button(look, tr("Stop"), kind=ButtonKind.PLAIN)
        self.cancel.clicked.connect(lambda _checked=False: self.cancel_asked.emit())
        self.row(self.check, self.cancel)
        self.checked = Text(look, wrap=True)
        self.column.addWidget(self.checked)
        self.show_check_view(CheckView())

    def _titled(self, title: str) -> tuple[QVBoxLayout, Text]:
        self.section(title)
        item = self.column.itemAt(self.column.count() - 1)
        heading = item.widget() if item is not None else None
        assert isinstance(heading, Text)
        box = QVBoxLayout()
        box.setSpacing(0)
        self.column.addLayout(box)
        return box, heading

    # Following

    def show_view(self, view: SyncView) -> None:
        """Tell how sync stands."""
        self._view = view
        now = self._now()
        self._icon.show_icon(sync_icon(view))
        self.sentence.setText(sync_sentence(view, now))
        self.problem.say(view.problem)
        self.attention.setVisible(view.attention > 0)
        last = view.last_success_ms
        when = tr("Never yet") if last is None else moment_text(last, now)
        self._tell("last", when if self._server else "")
        self._tell_queue()
        if not self._log_soon.isActive():
            self._log_soon.start()

    def show_files(self, progress: FileProgress) -> None:
        """Tell what of files waits in both directions, and how fast they travel."""
        self._files = progress
        self._tell_queue()

    def _tell_queue(self) -> None:
        queue, waiting = self._files.queue, self._view.waiting
        out = []
        if waiting:
            out.append(tr_count("%n change", "%n changes", waiting))
        if queue.up:
            out.append(files_words(queue.up, queue.up_bytes))
        self._tell("out", (", ".join(out) or tr("Nothing")) if self._server else "")
        self._tell("in", files_words(queue.down, queue.down_bytes) if queue.down else "")
        speed = speed_words(self._files.up_speed, self._files.down_speed)
        self._tell("speed", speed if queue.up or queue.down else "")
        if self._files.problem and not self._view.problem:
            self.problem.say(self._files.problem)

    def _tell(self, fact: str, words: str) -> None:
        """Show a fact where there is something to say of it."""
        self._facts[fact].setText(words)
        for each in (self._facts[fact], self._titles[fact]):
            each.setVisible(bool(words))

    def show_check_view(self, view: CheckView) -> None:
        """Tell how the check stands, or what it found."""
        self.checked.set_tone(view.tone)
        self.checked.setText(view.words)
        self.checked.setAccessibleName(view.words)
        self.checked.setVisible(bool(view.words))
        self.check.setEnabled(not view.busy)
        self.cancel.setVisible(view.busy)

    def show_devices(self, devices: Sequence[Standing]) -> None:
        """Tell how far each device is."""
        if tuple(devices) == self._devices and devices:
            return
        self._devices = tuple(devices)
        _clear(self._devices_box)
        self._devices_title.setVisible(bool(devices))
        for place, device in enumerate(devices):
            if place:
                self._devices_box.addWidget(Line(self._look))
            state = Text(self._look, device.state, tone="warning" if device.behind else "muted", wrap=True)
            self._devices_box.addWidget(
                _pair(self._look, Text(self._look, device.name, wrap=True), state, 240)
            )

    def _show_more(self) -> None:
        self._count += _MORE
        self._show_log()

    def _show_log(self) -> None:
        lines = tuple(self._read_log(self._count + 1))
        self.more.setVisible(len(lines) > self._count)
        lines = lines[: self._count]
        if lines == self._shown:
            return
        self._shown = lines
        _clear(self._log_box)
        if not lines:
            self._log_box.addWidget(Text(self._look, tr("Nothing yet."), tone="muted"))
        now, before = self._now(), ""
        for line in lines:
            day, time = log_moment(line, now)
            words = happened_words(line)
            when = Text(self._look, f"{day} {time}" if day != before else time, tone="muted")
            when.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
            before = day
            self._log_box.addWidget(_pair(self._look, when, Text(self._look, words, wrap=True), _WHEN))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._show_log()


def _pair(look: Look, left: Text, right: Text, width: int) -> QWidget:
    row = QWidget()
    layout = QHBoxLayout(row)
    metrics = look.theme.metrics
    layout.setContentsMargins(0, metrics.gap_small, 0, metrics.gap_small)
    layout.setSpacing(metrics.gap_large)
    left.setFixedWidth(width)
    layout.addWidget(left)
    layout.addWidget(right, 1)
    row.setAccessibleName(f"{left.text()}: {right.text()}")
    return row


def _clear(box: QVBoxLayout) -> None:
    while (item := box.takeAt(0)) is not None:
        widget = item.widget()
        if widget is not None:
            widget.hide()
            widget.deleteLater()
