"""Links are opened here and nowhere else: after a click, a few schemes only, everything else is refused.

``sitebook://`` addresses go to the window that is open; the others go to the system, which has a program for each.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QUrl, Slot
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QApplication

from app.desktop.editor.hints import shown_address
from app.desktop.palette.items import Goal
from app.desktop.translate import tr
from app.domain.addresses import Address, address_of, has_address, read_address
from app.richtext.formats import APP_SCHEME, is_opened
from sync.errors import Malformed

if TYPE_CHECKING:
    from app.desktop.project_page import ProjectPage
    from app.desktop.window import Window


def open_link(address: str) -> str:
    """Open what a link leads to; gives a sentence where that is not done, else nothing."""
    url = QUrl(address.strip())
    if not is_opened(address) or not url.isValid() or not is_opened(url.toString()):
        return tr(
            "This link is not opened: only web, mail, phone and Sitebook addresses are ({address})."
        ).format(address=shown_address(address))
    if not QDesktopServices.openUrl(url):
        return tr("The system has no program that opens {address}.").format(address=shown_address(address))
    return ""


def copy_links(page: ProjectPage) -> None:
    """Put the addresses of what is selected, or open, on the clipboard, one in a line."""
    opened = [] if page.open_record is None else [page.open_record]
    source, project = page.workspace.source, page.workspace.info.id
    addresses = []
    for record in page.selected_records() or opened:
        kind = source.kind_of(record)
        if kind is not None and has_address(kind):
            addresses.append(address_of(project, kind, record))
    if not addresses:
        page.say(tr("Select issues, notes, elements or people first."))
        return
    QGuiApplication.clipboard().setText("\n".join(addresses))
    told = (
        tr("The link is on the clipboard.") if len(addresses) == 1 else tr("The links are on the clipboard.")
    )
    page.tell(told)


class AddressOpener(QObject):
    """Opens addresses of items in a window, also those that come before there is a project."""

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self._window = window
        self._waiting: Address | None = None
        window.project_opened.connect(self._go)
        QDesktopServices.setUrlHandler(APP_SCHEME, self, "open_url")  # type: ignore[arg-type] # takes a name

    def close(self) -> None:
        """Open nothing more."""
        QDesktopServices.unsetUrlHandler(APP_SCHEME)

    @Slot(QUrl)
    def open_url(self, url: QUrl) -> None:
        """Open the address of a link that was clicked."""
        self.open(bytes(url.toEncoded().data()).decode("ascii"))

    def open(self, text: str) -> None:
        """Open an address, now or when a project is open; without one, only show the window."""
        if text:
            try:
                self._waiting = read_address(text)
            except Malformed as error:
                self._window.say(str(error))
                return
        self._raise()
        if self._window.project_page is not None:
            self._go()

    def _raise(self) -> None:
        window = self._window
        window.setWindowState(window.windowState() & ~Qt.WindowState.WindowMinimized)
        window.show()
        window.raise_()
        window.activateWindow()
        QApplication.alert(window)

    def _go(self) -> None:
        address, window = self._waiting, self._window
        page = window.project_page
        if address is None or page is None:
            return
        if not address.is_in(page.workspace.info.id):
            info = next((each for each in window.projects() if address.is_in(each.id)), None)
            if info is None:
                self._waiting = None
                window.say(tr("This link leads into a project that is not on this device."))
                return
            window.open_project(info)  # which comes back here when it is open
            return
        self._waiting = None
        if page.workspace.source.kind_of(address.record) != address.kind:
            window.say(tr("What this link leads to is not here; it may come with the next sync."))
            return
        window.go_to(Goal(address.record, address.kind))
