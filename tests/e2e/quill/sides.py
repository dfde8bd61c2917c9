"""The two that edit one text: Quill in a browser, and Sitebook's side of it, with a network of delays between."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from random import Random
from typing import Any, Final, Protocol

from pycrdt import Doc, Text, TransactionEvent, UndoManager, merge_updates

from app.desktop.editor.document_reader import line_mark, read
from app.desktop.editor.rich import RichTextEditor
from app.richtext.delta import Attributes, Delta, Document, Insert, document_from_json, normal_document
from app.richtext.formats import INLINE, LINE
from app.richtext.lines import Line, join_lines, split_lines
from app.richtext.rich_index import RichIndex
from app.richtext.yjs import apply_change, read_document
from tests.e2e.quill.browser import Browser

NAMES: Final = {"titles": {"a1": "Crack"}, "people": {"b1": "Ann"}, "files": {"c1": "north.jpg"}}
_KIND_NAMES = ("header", "list", "blockquote", "code-block")


class Here(Protocol):
    """Sitebook's side of a text."""

    def document(self) -> list[Insert]: ...
    def change(self, delta: Delta) -> None: ...
    def undo(self) -> None: ...
    def take(self) -> list[bytes]: ...
    def receive(self, updates: Sequence[bytes]) -> None: ...


class Plain:
    """A Yjs text and the changes of ``app.richtext``, without a window."""

    def __init__(self, state: bytes, client: int) -> None:
        self._yjs: Doc[Text] = Doc(client_id=client)
        self._text: Text = self._yjs.get("content", type=Text)
        self._held = [state]
        self._sent: list[bytes] = []
        self._quiet = True
        self._subscription = self._yjs.observe(self._observe)
        self._yjs.apply_update(state)
        self._quiet = False
        self._undo = UndoManager(scopes=[self._text], capture_timeout_millis=0)
        self._undo.include_origin("here")

    def _observe(self, event: TransactionEvent) -> None:
        if not self._quiet:
            self._sent.append(event.update)
            self._held.append(event.update)

    def document(self) -> list[Insert]:
        return read_document(self._text)

    def change(self, delta: Delta) -> None:
        with self._yjs.transaction(origin="here"):
            apply_change(self._text, delta)

    def undo(self) -> None:
        self._undo.undo()

    def take(self) -> list[bytes]:
        sent, self._sent = self._sent, []
        return sent

    def receive(self, updates: Sequence[bytes]) -> None:
        self._held += updates
        self._quiet = True
        self._yjs.apply_update(merge_updates(*self._held))
        self._quiet = False


class Window:
    """The editor of the window, with the text as its QTextDocument has it."""

    def __init__(self, editor: RichTextEditor, state: bytes, client: int) -> None:
        self._editor = editor
        self._held = [state]
        self._sent: list[bytes] = []
        editor.bind(state, client, self._sent.append)
        assert editor.binding is not None
        self._binding = editor.binding

    def document(self) -> list[Insert]:
        found = self._binding.document()
        assert self._shown() == found, "the window shows the text"
        return found

    def change(self, delta: Delta) -> None:
        self._editor.change(delta)

    def undo(self) -> None:
        self._binding.undo()

    def take(self) -> list[bytes]:
        sent = list(self._sent)
        self._sent.clear()
        self._held += sent
        return sent

    def receive(self, updates: Sequence[bytes]) -> None:
        self._held += [*updates, *self._sent]
        self._editor.receive(merge_updates(*self._held))

    def _shown(self) -> list[Insert]:
        """What stands in the QTextDocument, read from its characters and formats alone."""
        document, marks = self._editor.document(), self._binding.marks
        stretch = read(document, 0, document.characterCount() - 1, marks)
        found = RichIndex((), marks).pieces_of(stretch.text, stretch.signs)
        end = marks.attributes(line_mark(document.lastBlock()))
        return normal_document([*found, Insert("\n", end)])


class There:
    """Quill in the browser. ``resolvers``: what the page knows of records; None for stock Quill."""

    def __init__(
        self,
        browser: Browser,
        state: bytes,
        client: int,
        resolvers: dict[str, dict[str, str]] | None = NAMES,
    ) -> None:
        self._browser = browser
        browser.ask("peer.open", _encoded(state), client, resolvers)

    def edit(self, edits: Sequence[dict[str, Any]]) -> None:
        self._browser.ask("peer.edit", edits)

    def take(self) -> list[bytes]:
        return [base64.b64decode(each) for each in self._browser.ask("peer.take")]

    def receive(self, updates: Sequence[bytes]) -> None:
        self._browser.ask("peer.receive", [_encoded(each) for each in updates])

    def state(self) -> bytes:
        return base64.b64decode(self._browser.ask("peer.state"))

    def look(self) -> tuple[list[Insert], list[Insert]]:
        """What Quill shows, and the Yjs text under it."""
        found = self._browser.ask("peer.look")
        return document_from_json(found["quill"]), document_from_json(found["yjs"])


class Wire:
    """One way of the network: what is sent arrives later, and in any order."""

    def __init__(self, chance: Random) -> None:
        self._chance = chance
        self._under_way: list[bytes] = []

    def send(self, updates: Sequence[bytes]) -> None:
        self._under_way += updates

    def arrive(self, share: float = 1.0) -> list[bytes]:
        """What arrives now: about a share of what is under way, in any order."""
        self._chance.shuffle(self._under_way)
        count = round(len(self._under_way) * share)
        arrived, self._under_way = self._under_way[:count], self._under_way[count:]
        return arrived


def as_shown(document: Document) -> list[Insert]:
    """A document without what shows nowhere: formats of letters on line breaks, and formats of lines on letters.

    Quill and Yjs leave both behind where formats and edits cross.
    """
    lines = []
    for pieces, attributes in split_lines(document):
        letters = tuple(Insert(each.content, _without(each.attributes, LINE)) for each in pieces)
        lines.append(Line(letters, _without(attributes, INLINE)))
    return join_lines(lines)


def _without(attributes: Attributes, names: Sequence[str]) -> Attributes:
    return {name: value for name, value in attributes.items() if name not in names}


def kinds_of(line: Line) -> set[str]:
    """What a line is: a heading, of a list and so on; more than one where two people said so at once."""
    return {name for name in _KIND_NAMES if name in line.attributes}


def _encoded(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
