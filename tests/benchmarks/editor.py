"""The rich text editor: from a key to paint, opening a long text, and a recorded paper typed through the binding."""

from __future__ import annotations

import time
from collections.abc import Sequence

from pycrdt import Doc, Text, TransactionEvent

from app.richtext.positions import TextIndex
from tests.app.richtext.traces import PAPER, SAMPLE, read_trace
from tests.benchmarks.measure import ms, spread, table
from tests.benchmarks.process import answer_of

LENGTH = 100_000
KEYS_A_SECOND = 25
REMOTE_A_SECOND = 50
TYPING_GOAL = 0.016
OPENING_GOAL = 0.060
TRACE_GOAL = 2.0
_MINUTES = 10
_PART = 1_000
Patch = tuple[int, int, str]


def scenes(length: int, keys: int, opened: int) -> dict[str, list[float]]:
    """Seconds of each scene of the editor, in a process of its own."""
    found: dict[str, list[float]] = answer_of(
        "tests.benchmarks.editor_scenes", str(length), str(keys), str(opened), seconds=60 * _MINUTES
    )
    return found


def typing(keys: int, length: int = LENGTH) -> str:
    """From when a key is due to its letter on the screen, as a table."""
    found = scenes(length, keys, 1)
    told = {
        "beginning": "at the beginning",
        "middle": "in the middle",
        "end": "at the end",
        "others": f"in the middle, {REMOTE_A_SECOND} edits a second come in",
    }
    rows = [
        (
            words,
            str(len(found[name])),
            *_times(found[name]),
            *_times(found[f"{name}, spent"])[:2],
            _verdict(spread(found[name]).p99, TYPING_GOAL),
        )
        for name, words in told.items()
    ]
    return table(
        f"Key due to painted, ms, {KEYS_A_SECOND} keys a second in a rich text of {length:,} characters (off-screen; "
        f"goal: p99 at most {TYPING_GOAL * 1e3:.0f})",
        ("where", "keys", "p50", "p99", "most", "p50 of processor", "p99", "goal"),
        rows,
    )


def opening(opened: int, length: int = LENGTH) -> str:
    """How long a long text takes to open, as a table."""
    found = scenes(length, 1, opened)
    first, whole = found["first screen"], found["whole"]
    return table(
        f"Opening a rich text of {length:,} characters, ms ({opened} times)",
        ("until", "p50", "p99", "most", "p50 of processor", "goal"),
        [
            (
                "first screen painted",
                *_times(first),
                _times(found["first screen, spent"])[0],
                _verdict(spread(first).median, OPENING_GOAL),
            ),
            ("all of it there", *_times(whole), "", ""),
        ],
    )


def trace(count: int | None) -> str:
    """The recorded paper, or its first keys: through the binding, and by pycrdt alone, as a table."""
    # Here and not above: the other benchmarks do without Qt.
    from tests.benchmarks.bound_typing import Bound, in_units

    path = PAPER if PAPER.exists() else SAMPLE
    patches = [patch for entry in read_trace(path).entries[:count] for patch in entry.patches]
    in_bytes, units = _in_bytes(patches), in_units(patches)
    heard, unheard, bound = _Alone(heard=True), _Alone(heard=False), Bound()
    taken = [0.0, 0.0, 0.0]
    # A part by each in turn, so that what else the machine does meets all of them alike.
    for at in range(0, len(patches), _PART):
        taken[0] += heard.type(in_bytes[at : at + _PART])
        taken[1] += unheard.type(in_bytes[at : at + _PART])
        taken[2] += bound.type(units[at : at + _PART])
    same = bound.binding.text() == f"{heard.text}\n" == f"{unheard.text}\n"
    assert same, "all end in the same text, the binding with the newline that every text has"
    bound.binding.close()
    times = taken[2] / taken[0]
    rows = [
        ("pycrdt, its updates heard", f"{taken[0]:.1f}", "1.00", ""),
        ("pycrdt, nobody hears of updates", f"{taken[1]:.1f}", f"{taken[1] / taken[0]:.2f}", ""),
        # The goal is for the whole: pycrdt takes the longer for an edit, the longer the text has become.
        ("the binding", f"{taken[2]:.1f}", f"{times:.2f}", "" if count else _verdict(times, TRACE_GOAL)),
    ]
    return table(
        f"{len(patches):,} edits of {path.name} through the binding, on a document that nothing lays out, beside "
        f"pycrdt alone (goal: at most {TRACE_GOAL:.0f} times)",
        ("by", "seconds of processor", "times", "goal"),
        rows,
    )


def _times(seconds: Sequence[float]) -> tuple[str, str, str]:
    found = spread(seconds)
    return ms(found.median), ms(found.p99), ms(found.most)


def _verdict(value: float, goal: float) -> str:
    return "met" if value <= goal else "missed"


class _Alone:
    """A Yjs text in pycrdt. ``heard``: somebody takes its updates, as whoever keeps or sends them does."""

    def __init__(self, *, heard: bool) -> None:
        self._yjs: Doc[Text] = Doc(client_id=1)
        self._text: Text = self._yjs.get("content", type=Text)
        self._sent: list[bytes] = []
        self._subscription = self._yjs.observe(self._keep) if heard else None

    def _keep(self, event: TransactionEvent) -> None:
        self._sent.append(event.update)

    def type(self, patches: Sequence[Patch]) -> float:
        """Make edits, counted in UTF-8 bytes; gives the seconds of processor."""
        yjs, text = self._yjs, self._text
        begun = time.thread_time()
        for at, deleted, inserted in patches:
            with yjs.transaction():
                if deleted:
                    del text[at : at + deleted]
                if inserted:
                    text.insert(at, inserted)
        return time.thread_time() - begun

    @property
    def text(self) -> str:
        """The text that it has become."""
        return str(self._text)


def _in_bytes(patches: Sequence[Patch]) -> list[Patch]:
    """Edits in code points, counted in UTF-8 bytes."""
    index, found = TextIndex(), []
    for at, deleted, inserted in patches:
        first = index.point_to_utf8(at)
        found.append((first, index.point_to_utf8(at + deleted) - first, inserted))
        index.replace(at, at + deleted, inserted)
    return found
