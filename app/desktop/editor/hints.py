"""Where a link in a text leads, told before it is pressed."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QTextEdit, QToolTip

from app.desktop.translate import tr
from app.richtext.formats import is_opened

_LONGEST = 300
_HIDDEN = dict.fromkeys(
    [0x61C, 0x200B, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2060, 0x206A), 0xFEFF]
)
"""Characters that turn or hide what stands around them: they are not shown in an address."""


def hint_of(address: str, *, editable: bool) -> str:
    """One sentence about an address, as plain text."""
    shown = address.translate(_HIDDEN)
    shown = shown if len(shown) <= _LONGEST else shown[:_LONGEST] + "…"
    if not is_opened(address):
        return tr("{address} is no address that can be opened").format(address=shown)
    if editable:
        return tr("Ctrl and a click open {address}").format(address=shown)
    return tr("Opens {address}").format(address=shown)


def show_hint(editor: QTextEdit, goal: str | bytes | None, at: QPoint) -> None:
    """Show the hint of a link, or none."""
    if isinstance(goal, str):
        # Escaped, since a tip shows what looks like HTML as such.
        text = escape(hint_of(goal, editable=not editor.isReadOnly()))
        QToolTip.showText(at, f"<p>{text}</p>", editor)
    else:
        QToolTip.hideText()
