"""The same rich text and the same typing in Sitebook's editor and in Quill with y-quill in headless Chromium.

What is counted is the work of the program, and no waiting for a screen: Sitebook paints off-screen, and Chromium makes
its frames without a limit to their rate. Sitebook's time goes from when a key is due to the painted window, Quill's
from the browser's stamp of the key to a task behind the frame's painting; what the browser's other processes do after
that (rasterising, putting together) is not in it. Both get what others write as small updates.
"""

from __future__ import annotations

import base64
import tempfile
import time
from pathlib import Path
from random import Random

from tests.benchmarks.editor import KEYS_A_SECOND, LENGTH, REMOTE_A_SECOND, scenes
from tests.benchmarks.editor_other import Other
from tests.benchmarks.measure import ms, spread, table
from tests.benchmarks.rich_text import long_document, state_of
from tests.e2e.quill import packages
from tests.e2e.quill.browser import Browser, chromium

GOAL = 2.0
_UNLIMITED = ("--disable-frame-rate-limit", "--disable-gpu-vsync")
_PAGE = Path(__file__).with_name("quill_page.js")


def run(folder: Path, keys: int, opened: int, length: int = LENGTH) -> str:
    """Measure both, as a table. Raises FileNotFoundError without a browser."""
    program = chromium()
    if program is None:
        raise FileNotFoundError("Chromium is not installed.")
    ours = scenes(length, keys, opened)
    with tempfile.TemporaryDirectory(dir=folder) as place:
        packages.install(Path(place))
        page = packages.bundle(Path(place), _PAGE)
        with Browser(program, Path(place) / "profile", page, _UNLIMITED) as browser:
            theirs = _theirs(browser, keys, opened, length)
            version = browser.run("navigator.userAgent.match(/Chrome.([0-9.]+)/)[1]")
    rows = []
    for name, words in (
        ("beginning", "key to paint, at the beginning"),
        ("middle", "key to paint, in the middle"),
        ("end", "key to paint, at the end"),
        ("others", f"key to paint, {REMOTE_A_SECOND} edits a second come in"),
        ("first screen", "opening to the first paint"),
    ):
        mine, its = spread(ours[name]), spread(theirs[name])
        times = min(its.median / mine.median, its.p99 / mine.p99)
        rows.append(
            (
                words,
                *(ms(each) for each in (mine.median, mine.p99, its.median, its.p99)),
                f"{its.median / mine.median:.1f}",
                f"{its.p99 / mine.p99:.1f}",
                "" if name == "first screen" else ("met" if times >= GOAL else "missed"),
            )
        )
    return table(
        f"A rich text of {length:,} characters, {KEYS_A_SECOND} keys a second: Sitebook beside {packages.PINNED[0]} "
        f"with {packages.PINNED[3]} in Chromium {version}; ms (goal: {GOAL:.0f} times faster at p50 and p99)",
        ("", "p50", "p99", "Quill's p50", "p99", "times at p50", "at p99", "goal"),
        rows,
    )


def _theirs(browser: Browser, keys: int, opened: int, length: int) -> dict[str, list[float]]:
    state = state_of(long_document(length))
    encoded = base64.b64encode(state).decode("ascii")
    browser.ask("clock.open", encoded, 7)
    found = {"first screen": [browser.ask("clock.open", encoded, 7) / 1e3 for _ in range(opened)]}
    whole = browser.run("document.querySelector('.ql-editor').textContent.length")
    for name, share in (("beginning", 0.001), ("middle", 0.5), ("end", 0.999)):
        found[name] = _type(browser, round(whole * share), keys)
    other = Other(base64.b64decode(browser.ask("peer.state")))
    found["others"] = _type(browser, whole // 2, keys, other)
    assert not browser.errors, browser.errors
    return found


def _type(browser: Browser, place: int, count: int, other: Other | None = None) -> list[float]:
    browser.ask("clock.stand", place)
    browser.ask("clock.take")
    chance = Random(count)
    begun = time.perf_counter() + 0.1
    dues = [(begun + number / KEYS_A_SECOND, True) for number in range(count)]
    if other is not None:
        several = count * REMOTE_A_SECOND // KEYS_A_SECOND
        dues += [(begun + number / REMOTE_A_SECOND, False) for number in range(several)]
    for due, is_key in sorted(dues):
        time.sleep(max(0.0, due - time.perf_counter()))
        if is_key:
            browser.type(chance.choice("etaoin shrdlu "))
        elif other is not None:
            browser.ask("peer.receive", [base64.b64encode(other.edit()).decode("ascii")])
    browser.run("new Promise((done) => setTimeout(done, 300))")
    times = [each / 1e3 for each in browser.ask("clock.take")]
    assert len(times) == count, "every key was painted"
    return times
