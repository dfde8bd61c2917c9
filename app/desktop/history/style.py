"""How what was written and what was taken out look in a text of the history: by a tint, and by a line too."""

from __future__ import annotations

from PySide6.QtGui import QColor, QTextCharFormat

from app.desktop.editor.text_style import TextStyle
from app.desktop.tokens import mix
from app.richtext.delta import Attributes, Embed
from app.richtext.marked import CHANGE, DELETED, INSERTED


class HistoryStyle(TextStyle):
    """Like any text; inserted words are underlined on green, deleted ones struck out on red."""

    def char(
        self, attributes: Attributes, line: Attributes, mark: int, embed: Embed | None
    ) -> QTextCharFormat:
        """The format of characters, with what became of them."""
        found = super().char(attributes, line, mark, embed)
        tokens = self.theme.tokens
        change = attributes.get(CHANGE)
        if change == INSERTED:
            found.setBackground(QColor(mix(tokens.success, tokens.surface, 0.22 if tokens.dark else 0.14)))
            found.setUnderlineStyle(QTextCharFormat.UnderlineStyle.SingleUnderline)
            found.setUnderlineColor(self.theme.color("success"))
        elif change == DELETED:
            found.setBackground(QColor(mix(tokens.danger, tokens.surface, 0.2 if tokens.dark else 0.12)))
            found.setFontStrikeOut(True)
            found.setForeground(self.theme.color("muted"))
        return found
