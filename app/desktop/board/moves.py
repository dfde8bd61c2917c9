"""What moving cards writes: the field of the lane, and as few ranks as possible. One action, undone as one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.desktop.board.model import BoardModel
from app.store.operations import Edit
from app.workspace.ranks import place


@dataclass(frozen=True, slots=True)
class Drop:
    """Where cards go: a lane that is shown, and the card before which they land; None is the end.

    ``ordered`` is false where only the lane counts.
    """

    lane: int
    before: int | None
    ordered: bool


class _Keys(Sequence[str]):
    """The keys of a lane's cards without those that move, each read when it is asked for."""

    def __init__(self, model: BoardModel, lane: int, without: Sequence[int]) -> None:
        self._model = model
        self._lane = lane
        self._without = without
        self._count = model.count(lane) - len(without)

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, index: int) -> str:  # type: ignore[override]
        return self._model.key(self.record(index))

    def record(self, index: int) -> bytes:
        """The record of one of the cards that stay."""
        for gone in self._without:
            if gone <= index:
                index += 1
        return self._model.record(self._lane, index)


def edits_of(model: BoardModel, cards: Mapping[bytes, int], drop: Drop) -> dict[bytes, list[Edit]]:
    """What to write so that cards (records with the lanes they come from) stand where they were dropped.

    The cards keep the order in which they are given. Empty where all of them stand there already.
    """
    written: dict[bytes, list[Edit]] = {}
    target = model.lane_number(drop.lane)
    if model.can_move:
        for record, lane in cards.items():
            edits = model.all_lanes.edits(model.value(record), model.lane_number(lane), target)
            if edits:
                written[record] = edits
    if drop.ordered and model.can_order:
        for record, key in _ranks(model, list(cards), drop).items():
            written.setdefault(record, []).append(Edit("rank", key))
    return written


def _ranks(model: BoardModel, records: Sequence[bytes], drop: Drop) -> dict[bytes, str]:
    there = {record: index for record in records if (index := model.index(drop.lane, record)) is not None}
    indexes = sorted(there.values())
    before = model.count(drop.lane) if drop.before is None else drop.before
    if len(there) == len(records) and _stand(list(there.values()), before):
        return {}
    rest = _Keys(model, drop.lane, indexes)
    at = before - sum(1 for index in indexes if index < before)
    placing = place(rest, at, len(records))
    ranks = dict(zip(records, placing.fresh, strict=True))
    ranks.update({rest.record(index): key for index, key in placing.moved.items()})
    return ranks


def _stand(indexes: Sequence[int], before: int) -> bool:
    """Whether cards that stand one after the other would land where they are."""
    first = indexes[0]
    return list(indexes) == list(range(first, first + len(indexes))) and first <= before <= indexes[-1] + 1
