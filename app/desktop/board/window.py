"""Which cards of one lane are seen. Cards have different heights, and a lane may have tens of thousands: only those
that are seen are ever measured.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

Measure = Callable[[int], int]
"""The height of the card at an index, with the gap below it, in pixels."""


@dataclass(frozen=True, slots=True)
class Span:
    """A card that is seen: its index, its top edge below the lane's, its height without the gap."""

    index: int
    top: int
    height: int


class LaneWindow:
    """The first card that is seen (``index``) and how much of it is scrolled away (``offset`` in pixels)."""

    def __init__(self) -> None:
        self.index = 0
        self.offset = 0

    def spans(self, count: int, height: int, measure: Measure, gap: int) -> list[Span]:
        """The cards that are seen in ``height`` pixels."""
        self.settle(count, height, measure)
        found = []
        top, index = -self.offset, self.index
        while index < count and top < height:
            tall = measure(index)
            found.append(Span(index, top, tall - gap))
            top += tall
            index += 1
        return found

    def settle(self, count: int, height: int, measure: Measure) -> None:
        """Stay within the lane: no room above the first card, and none below the last while there are more above."""
        self.index = max(0, min(self.index, count - 1))
        if not count:
            self.offset = 0
            return
        while self.offset >= (tall := measure(self.index)) and self.index < count - 1:
            self.offset -= tall
            self.index += 1
        filled, below = -self.offset, self.index
        while below < count and filled < height:
            filled += measure(below)
            below += 1
        if filled < height:
            self.offset -= height - filled
        while self.offset < 0 and self.index > 0:
            self.index -= 1
            self.offset += measure(self.index)
        self.offset = max(0, self.offset)

    def scroll(self, by: int) -> None:
        """Scroll down by so many pixels."""
        self.offset += by

    def jump(self, index: int) -> None:
        """Let a card be the first that is seen."""
        self.index, self.offset = index, 0

    def show(self, index: int, count: int, height: int, measure: Measure) -> None:
        """Scroll no more than needed to see a whole card."""
        if index < self.index or (index == self.index and self.offset > 0):
            self.jump(index)
        else:
            top, at = -self.offset, self.index
            # Far below, the card is put at the lower edge without measuring all that lies between.
            while at < index and top < height:
                top += measure(at)
                at += 1
            bottom = top + measure(index)
            if at < index or bottom > height:
                room, first = height - measure(index), index
                while first > 0 and room > 0:
                    first -= 1
                    room -= measure(first)
                self.index, self.offset = first, max(0, -room)
        self.settle(count, height, measure)

    def keep(self, index: int, top: int) -> None:
        """Let a card stand where it stood: its top edge ``top`` pixels below the lane's."""
        self.index, self.offset = index, -top
