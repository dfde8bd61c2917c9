from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from app.desktop.board.window import LaneWindow

GAP = 8


@given(
    st.lists(st.integers(40, 160), max_size=40),
    st.integers(200, 500),
    st.lists(
        st.one_of(
            st.tuples(st.just("scroll"), st.integers(-900, 900)),
            st.tuples(st.just("show"), st.integers(0, 60)),
            st.tuples(st.just("jump"), st.integers(-2, 60)),
            st.tuples(st.just("keep"), st.integers(0, 60)),
        ),
        max_size=12,
    ),
)
def test_whatever_is_done_the_lane_stays_full(
    heights: list[int], height: int, steps: list[tuple[str, int]]
) -> None:
    window, count = LaneWindow(), len(heights)
    for what, number in steps:
        index = min(number, count - 1)
        if what == "scroll":
            window.scroll(number)
        elif what == "jump":
            window.jump(number)
        elif count and what == "show":
            window.show(index, count, height, lambda at: heights[at] + GAP)
        elif count:
            window.keep(index, 17)
        spans = window.spans(count, height, lambda at: heights[at] + GAP, GAP)
        if not count:
            assert spans == []
            continue
        assert spans[0].top <= 0 < spans[0].top + spans[0].height + GAP
        assert spans[0].index > 0 or spans[0].top <= 0
        filled = spans[-1].top + spans[-1].height + GAP
        whole = sum(heights) + GAP * count
        assert filled >= min(height, whole)
        for first, second in pairwise(spans):
            assert second.top == first.top + first.height + GAP
        if what == "show":
            seen = next(span for span in spans if span.index == index)
            assert seen.top >= 0
            assert seen.top + seen.height <= height or seen.top == 0


def test_of_forty_thousand_cards_only_a_few_are_measured() -> None:
    asked: list[int] = []

    def measure(index: int) -> int:
        asked.append(index)
        return 100

    window = LaneWindow()
    window.show(39_999, 40_000, 800, measure)
    window.spans(40_000, 800, measure, GAP)
    window.jump(20_000)
    window.spans(40_000, 800, measure, GAP)
    assert len(set(asked)) < 60
