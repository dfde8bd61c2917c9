"""Which parts of two sequences are the same, in bounded time: for lines and words that changed.

What both begin and end with is matched first. A middle of few parts is compared exactly; in a large one few differences
are searched for; where there are many, the parts that occur just once on each side hold it together, and what lies
between those is compared again.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from difflib import SequenceMatcher
from typing import Final

_EXACT: Final = 40_000
"""The product of two lengths up to which they are compared exactly."""
_MOST_DIFFERENCES: Final = 200
_MOST_STEPS: Final = 1_000_000
"""Parts that a search for few differences looks at before it gives up."""


def aligned(old: Sequence[Hashable], new: Sequence[Hashable]) -> Iterator[tuple[int, int, int]]:
    """Stretches that are the same: where in the old, where in the new, how long; in order, none touching the last."""
    joined: tuple[int, int, int] | None = None
    for first, second, count in _stretches(old, new):
        if joined is not None and joined[0] + joined[2] == first and joined[1] + joined[2] == second:
            joined = (joined[0], joined[1], joined[2] + count)
            continue
        if joined is not None:
            yield joined
        joined = (first, second, count)
    if joined is not None:
        yield joined


def _stretches(old: Sequence[Hashable], new: Sequence[Hashable]) -> Iterator[tuple[int, int, int]]:
    # A stack instead of recursion: hostile input could nest as deep as it is long.
    waiting: list[tuple[int, int, int, int, bool]] = [(0, len(old), 0, len(new), False)]
    budget = True
    while waiting:
        first, last, second, stop, same = waiting.pop()
        if same:
            yield first, second, last - first
            continue
        head = 0
        while first + head < last and second + head < stop and old[first + head] == new[second + head]:
            head += 1
        if head:
            yield first, second, head
        first, second = first + head, second + head
        tail = 0
        while first < last - tail and second < stop - tail and old[last - 1 - tail] == new[stop - 1 - tail]:
            tail += 1
        if tail:
            waiting.append((last - tail, last, stop - tail, stop, True))
        last, stop = last - tail, stop - tail
        if first == last or second == stop:
            continue
        if (last - first) * (stop - second) <= _EXACT:
            matcher = SequenceMatcher(None, old[first:last], new[second:stop], autojunk=False)
            for one, two, count in matcher.get_matching_blocks():
                if count:
                    yield first + one, second + two, count
            continue
        found = _few_differences(old, new, first, last, second, stop) if budget else None
        if found is not None:
            yield from found
            continue
        budget = False
        anchors = _anchors(old, new, first, last, second, stop)
        edges = [(first, second), *anchors, (last, stop)]
        parts: list[tuple[int, int, int, int, bool]] = []
        for place, (one, two) in enumerate(edges[:-1]):
            if place:
                parts.append((one, one + 1, two, two + 1, True))
                one, two = one + 1, two + 1
            after = edges[place + 1]
            if anchors and one < after[0] and two < after[1]:
                parts.append((one, after[0], two, after[1], False))
        waiting.extend(reversed(parts))


def _few_differences(
    old: Sequence[Hashable], new: Sequence[Hashable], first: int, last: int, second: int, stop: int
) -> list[tuple[int, int, int]] | None:
    """The stretches that are the same by the fewest differences (Myers); None where there are many.

    On each diagonal it is noted how far a number of differences leads in the old sequence.
    """
    goal = (last - first) - (stop - second)
    reached: dict[int, int] = {1: first}
    rounds: list[dict[int, int]] = []
    steps = 0
    for differences in range(_MOST_DIFFERENCES + 1):
        rounds.append(dict(reached))
        for diagonal in range(-differences, differences + 1, 2):
            at = _before(reached, diagonal, differences)
            while (
                at < last
                and at - diagonal - first + second < stop
                and old[at] == new[at - diagonal - first + second]
            ):
                at += 1
                steps += 1
            reached[diagonal] = at
            if diagonal == goal and at >= last:
                return _way_back(rounds, differences, goal, first, last, second)
        if steps > _MOST_STEPS:
            return None
    return None


def _before(reached: dict[int, int], diagonal: int, differences: int) -> int:
    """Where one more difference arrives on a diagonal, from the neighbour that leads further."""
    left, right = reached.get(diagonal - 1, -1), reached.get(diagonal + 1, -1)
    if diagonal == -differences or (diagonal != differences and left < right):
        return right
    return left + 1


def _way_back(
    rounds: list[dict[int, int]], differences: int, goal: int, first: int, last: int, second: int
) -> list[tuple[int, int, int]]:
    found: list[tuple[int, int, int]] = []
    end, diagonal = last, goal
    for count in range(differences, -1, -1):
        start = _before(rounds[count], diagonal, count)
        if end > start:
            found.append((start, start - diagonal - first + second, end - start))
        left, right = rounds[count].get(diagonal - 1, -1), rounds[count].get(diagonal + 1, -1)
        down = diagonal == -count or (diagonal != count and left < right)
        diagonal += 1 if down else -1
        end = right if down else left
    return found[::-1]


def _anchors(
    old: Sequence[Hashable], new: Sequence[Hashable], first: int, last: int, second: int, stop: int
) -> list[tuple[int, int]]:
    """The parts that occur once on each side, as many as are in the same order."""
    once = Counter(old[first:last])
    twice = Counter(new[second:stop])
    places = {part: at for at, part in enumerate(new[second:stop], second) if twice[part] == 1}
    pairs = [
        (at, places[part])
        for at, part in enumerate(old[first:last], first)
        if once[part] == 1 and part in places
    ]
    # The longest increasing run of places in the new.
    tops: list[int] = []
    ends: list[int] = []
    before: list[int] = []
    for index, (_, place) in enumerate(pairs):
        rank = bisect_left(tops, place)
        before.append(ends[rank - 1] if rank else -1)
        if rank == len(tops):
            tops.append(place)
            ends.append(index)
        else:
            tops[rank], ends[rank] = place, index
    found: list[tuple[int, int]] = []
    at = ends[-1] if ends else -1
    while at >= 0:
        found.append(pairs[at])
        at = before[at]
    return found[::-1]
