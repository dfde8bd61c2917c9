"""Translation of everything that the window says.

Source texts are English; a ``.qm`` file in ``resources/translations`` replaces them. All texts live in one
context, so that a sentence that stands in two places is translated once.
"""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QCoreApplication, QLocale, QTranslator

_CONTEXT = "sitebook"


def tr(text: str) -> str:
    """``text`` in the user's language."""
    return QCoreApplication.translate(_CONTEXT, text)


def tr_count(one: str, many: str, count: int) -> str:
    """``one`` or ``many`` for ``count``, in the user's language; ``%n`` in it stands for the number.

    Translators see both and give every plural form that their language has for ``many``.
    """
    # translate() itself would put the bare number for %n; a stand-in keeps its digits grouped.
    source = (one if count == 1 else many).replace("%n", "{n}")
    text = QCoreApplication.translate(_CONTEXT, source, None, count)
    return text.replace("{n}", number_text(count))


def locale() -> QLocale:
    """The user's locale; English where the system names none."""
    default = QLocale()
    return QLocale(QLocale.Language.English) if default.language() is QLocale.Language.C else default


def number_text(number: int) -> str:
    """``number`` with its digits grouped as the user's locale does: 1,284."""
    return locale().toString(number)


def install_translator(directory: Path, into: QCoreApplication) -> QTranslator | None:
    """Load ``sitebook_<language>.qm`` for the user's languages from ``directory``; None if there is none."""
    translator = QTranslator(into)
    if not translator.load(QLocale(), "sitebook", "_", str(directory)):
        return None
    into.installTranslator(translator)
    return translator
