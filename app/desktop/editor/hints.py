"""Where a link in a text leads, told before it is pressed."""

from __future__ import annotations

from html import escape
from typing import Final

from PySide6.QtCore import QPoint, QUrl
from PySide6.QtWidgets import QTextEdit, QToolTip

from app.desktop.translate import tr
from app.richtext.formats import is_opened

_SHOWN: Final = 120


def shown_address(address: str) -> str:
    """Where a link leads, as it can be shown: one line of plain letters, in which nothing can pose as something else.

    Letters that are not ASCII are written as the system sends them (``xn--``, ``%``): they may look like others,
    or turn the direction of reading. What is left out in the middle of a long one is never the host's name.
    """
    url = QUrl(address.strip())
    if url.isValid():
        text = bytes(url.toEncoded().data()).decode("ascii")
    else:
        text = "".join(each if " " < each < "\x7f" else "?" for each in address.strip())
    if len(text) <= _SHOWN:
        return text
    encoded = QUrl.ComponentFormattingOption.FullyEncoded
    head = len(url.scheme()) + 3 + len(url.authority(encoded))
    if head > _SHOWN * 2 // 3:
        return f"{url.scheme()[:20]}://… {url.host(encoded)[-_SHOWN // 2 :]} …"
    return f"{text[: _SHOWN * 2 // 3]} … {text[-_SHOWN // 4 :]}"


def hint_of(address: str, *, editable: bool) -> str:
    """One sentence about an address, as plain text."""
    shown = shown_address(address)
    if not is_opened(address):
        return tr("{address} is no address that can be opened").format(address=shown)
    if editable:
        return tr("Ctrl and a click open {address}").format(address=shown)
    return tr("Opens {address}").format(address=shown)


def title_hint(title: str, *, editable: bool) -> str:
    """One sentence about a title in brackets that leads nowhere."""
    if editable:
        return tr("Nothing is called “{title}” yet; Ctrl and a click make the note").format(title=title)
    return tr("Nothing is called “{title}” yet").format(title=title)


def show_hint(editor: QTextEdit, sentence: str, at: QPoint) -> None:
    """Show a hint; none for an empty one."""
    if sentence:
        # Escaped, since a tip shows what looks like HTML as such.
        QToolTip.showText(at, f"<p>{escape(sentence)}</p>", editor)
    else:
        QToolTip.hideText()
