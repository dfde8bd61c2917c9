"""The system's spelling dictionaries, where there are any. What is slow about them happens on a thread of its own."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import Final, Protocol

from PySide6.QtCore import QLocale, QObject, Signal

from app.desktop.workers import Workers
from app.richtext.context import Range
from app.richtext.delta import Insert
from app.richtext.formats import CODE, LINK

_log = logging.getLogger(__name__)
_WORDS: Final = "spelling.words"
_MOST_KNOWN: Final = 50_000
_MOST_SUGGESTED: Final = 6
_LONGEST: Final = 60
_WORD: Final = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_CHUNK: Final = re.compile(r"\S+")
_ADDRESS: Final = re.compile(r"[@/\\]|\w\.\w|[_#]")


class Dictionary(Protocol):
    """A language's words, as enchant has them."""

    def check(self, word: str) -> bool: ...

    def suggest(self, word: str) -> list[str]: ...


class Memory(Protocol):
    """What this device remembers, in its encrypted profile."""

    def setting(self, name: str, default: object) -> object: ...

    def set_setting(self, name: str, value: object) -> None: ...


def load_dictionary(languages: Sequence[str]) -> Dictionary | None:
    """Open the dictionary of the first of these languages (``de_DE``) that there is one for, else of any. Slow.

    None where the system has no dictionary, or not the library that reads them.
    """
    try:
        # The binding is installed everywhere, but the library of the system that it needs is not.
        import enchant
    except ImportError:
        return None
    try:
        known = enchant.list_languages()
        name = _best(languages, known)
        found: Dictionary | None = enchant.Dict(name) if name else None
    except enchant.errors.Error:
        _log.warning("the dictionaries of the system cannot be read", exc_info=True)
        return None
    return found


def _best(languages: Sequence[str], known: Collection[str]) -> str:
    """The best dictionary: that of the language and country, of the language, or any."""
    for language in languages:
        if language in known:
            return language
    for language in languages:
        short = language.partition("_")[0]
        same = sorted(each for each in known if each.partition("_")[0] == short)
        if same:
            return same[0]
    return min(known, default="")


def system_languages() -> list[str]:
    """The user's languages, the first the one that is preferred."""
    return [each.replace("-", "_") for each in QLocale.system().uiLanguages()]


def words_in(pieces: Iterable[Insert]) -> Iterator[tuple[Range, str]]:
    """The words of a stretch of text that are to be checked, with their places counted from its beginning.

    Code, links, objects, addresses, abbreviations in capitals and words with digits are none, nor are scripts
    without spaces between words.
    """
    at = 0
    text = ""
    for content, attributes in pieces:
        if isinstance(content, str):
            hidden = attributes.get(CODE) or attributes.get(LINK)
            text += "\0" * len(content) if hidden else content
        else:
            text += "\0"
    for chunk in _CHUNK.finditer(text):
        if _ADDRESS.search(chunk[0]):
            continue
        for word in _WORD.finditer(chunk[0]):
            at = chunk.start() + word.start()
            if _is_checked(word[0]) and not _beside_hidden(text, at, at + len(word[0])):
                yield (at, at + len(word[0])), word[0]


def _is_checked(word: str) -> bool:
    if not 1 < len(word) <= _LONGEST or word.isupper() or any(each.isdigit() for each in word):
        return False
    return all(each < "\u0e00" or "\u0eff" < each < "\u2e80" for each in word)


def _beside_hidden(text: str, start: int, stop: int) -> bool:
    return (start > 0 and text[start - 1] == "\0") or text[stop : stop + 1] == "\0"


class Speller(QObject):
    """Checks words; one for all texts of the program. Without a dictionary no word is wrong."""

    checked = Signal()
    """More words are known to be right or wrong than before."""

    def __init__(
        self,
        memory: Memory,
        load: Callable[[], Dictionary | None] = lambda: load_dictionary(system_languages()),
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._memory = memory
        self._load = load
        self._workers = Workers(self)
        self._dictionary: Dictionary | None = None
        self._loaded = False
        self._right: dict[str, bool] = {}
        self._asked: set[str] = set()
        self._ignored: set[str] = set()
        given = memory.setting(_WORDS, [])
        self._added = {each for each in given if isinstance(each, str)} if isinstance(given, list) else set()

    def is_wrong(self, word: str) -> bool | None:
        """Whether a word is in no dictionary; None while that is not known yet, and ``ask`` finds out."""
        if word in self._added or word in self._ignored:
            return False
        right = self._right.get(word)
        return None if right is None else not right

    def ask(self, words: Iterable[str]) -> None:
        """Check words that are not known yet, on a thread of its own."""
        if self._loaded and self._dictionary is None:
            return
        new = [each for each in {*words} if each not in self._right and each not in self._asked]
        if not new:
            return
        self._asked.update(new)
        self._workers.run(lambda: self._check(new), self._learn, lambda _sentence: None)

    def _check(self, words: Sequence[str]) -> dict[str, bool]:
        """Runs on the thread, which alone uses the dictionary."""
        if not self._loaded:
            self._dictionary = self._load()
            self._loaded = True
        dictionary = self._dictionary
        if dictionary is None:
            return {}
        return {each: dictionary.check(each.replace("’", "'")) for each in words}

    def _learn(self, known: dict[str, bool]) -> None:
        if len(self._right) > _MOST_KNOWN:
            self._right.clear()
        self._right.update(known)
        self._asked.difference_update(known)
        if known:
            self.checked.emit()

    def suggest(self, word: str, then: Callable[[list[str]], None]) -> None:
        """Look for words that may have been meant, on the thread; ``then`` is given them."""

        def look() -> list[str]:
            dictionary = self._dictionary
            return [] if dictionary is None else list(dictionary.suggest(word))[:_MOST_SUGGESTED]

        self._workers.run(look, then, lambda _sentence: then([]))

    def add(self, word: str) -> None:
        """Take a word for right from now on, on this device."""
        self._added.add(word)
        self._memory.set_setting(_WORDS, sorted(self._added))
        self.checked.emit()

    def ignore(self, word: str) -> None:
        """Take a word for right until the program ends."""
        self._ignored.add(word)
        self.checked.emit()
