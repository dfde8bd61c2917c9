"""Searching as somebody types: titles in memory, the first hits in the texts, and their ranking a moment later."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from app.domain.schema import ELEMENT, ISSUE, NOTE, PERSON
from app.query.titles import Titles
from app.store.project import Project
from app.workspace.big_sample import Shape
from tests.benchmarks.desk import Desk, opened
from tests.benchmarks.measure import ms, spread, table

FIRST_GOAL = 0.010
RANKED_GOAL = 0.150
TYPED = (
    *(
        "crack",
        "leaking fire damper",
        "curtain wall",
        "handover certificate",
        "durfix",
        "a-2104",
        "hilti serv",
    ),
    *(
        "brandschutzkonzept",
        "groß",
        "fissure dalle",
        "裂缝",
        "漏水吊顶",
        "ひび割れ",
        "防火戸",
        "รอยร้าว",
        "กันซึม",
    ),
    '"crack gauge reads"',
)
"""What is typed, key by key: common and rare words, several of them, a phrase, scripts without spaces."""
_HITS = 20
_TITLED = (ISSUE, NOTE, PERSON, ELEMENT)


def run(shape: Shape, folder: Path, times: int, typed: Sequence[str] = TYPED) -> str:
    """Measure, as a table, with the size of the index."""
    with opened(folder, shape) as desk:
        titles, first, ranked = _typed(desk, beginnings(typed), times)
        size, texts = _sizes(desk.project)
    rows = [
        _row("title hits, in memory", titles, FIRST_GOAL),
        _row("first hits in the texts, newest first", first, FIRST_GOAL),
        *(
            _row(f"    {said}", {text: found for text, found in first.items() if meant(text)}, FIRST_GOAL)
            for said, meant in _LENGTHS
        ),
        _row("ranked", ranked, RANKED_GOAL),
    ]
    slowest = max(first, key=lambda text: statistics.median(first[text]))
    return (
        table(
            f"Searching {shape.issues:,} issues with their comments, {len(typed)} texts typed key by key: ms (goals: "
            f"p95 {FIRST_GOAL * 1e3:.0f}, ranked within {RANKED_GOAL * 1e3:.0f})",
            ("each key", "texts", "median", "p95", "most", "slowest text", "goal"),
            rows,
        )
        + f"\nThe index takes {size / 1e6:.1f} MB for {texts / 1e6:.1f} MB of texts ({size / texts:.0%}). "
        f"Slowest first hits: “{slowest}”."
    )


_LENGTHS: Sequence[tuple[str, Callable[[str], bool]]] = (
    ("after one letter", lambda text: len(text) == 1),
    ("after two or three", lambda text: len(text) in (2, 3)),
    ("after more", lambda text: len(text) > 3),
)


def beginnings(typed: Iterable[str]) -> list[str]:
    """What stands in the field after each key."""
    return list(dict.fromkeys(text[: at + 1] for text in typed for at in range(len(text)) if text[at] != " "))


def _typed(desk: Desk, texts: Sequence[str], times: int) -> tuple[_Times, _Times, _Times]:
    titles = Titles(desk.frames, _TITLED)
    for _ in titles.load_steps():
        pass
    with desk.project.reader() as reader:
        return (
            _measured(texts, times, lambda text: titles.find(text, _HITS)),
            _measured(texts, times, lambda text: reader.first_hits(text, _HITS)),
            _measured(texts, times, lambda text: reader.ranked(text, _HITS)),
        )


_Times = dict[str, list[float]]
"""Seconds of the runs, by what stood in the field."""


def _measured(texts: Sequence[str], times: int, search: Callable[[str], object]) -> _Times:
    found: _Times = {text: [] for text in texts}
    for _ in range(times):
        for text in texts:
            begun = time.perf_counter()
            search(text)
            found[text].append(time.perf_counter() - begun)
    return found


def _row(name: str, found: _Times, goal: float) -> tuple[str, ...]:
    every = sorted(each for times in found.values() for each in times)
    p95 = every[min(len(every) - 1, int(len(every) * 0.95))]
    slowest = max(found, key=lambda text: statistics.median(found[text]))
    times = spread(every)
    return (
        name,
        str(len(found)),
        ms(times.median),
        ms(p95),
        ms(times.most),
        slowest.strip(),
        "met" if p95 <= goal else "missed",
    )


def _sizes(project: Project) -> tuple[int, int]:
    """Bytes of the index, and of the plain texts that it is of."""
    size = project.db.all("SELECT sum(pgsize) FROM dbstat WHERE name LIKE 'local\\_words%' ESCAPE '\\'")[0][0]
    texts = project.db.all("SELECT sum(length(CAST(plain AS BLOB))) FROM texts")[0][0]
    return int(size), int(texts)
