"""What the tests of the server share."""

from __future__ import annotations

import random
from dataclasses import dataclass, field


@dataclass
class FakeClock:
    """Stands still until it is moved."""

    wall_ms: int = 1_800_000_000_000
    seconds: float = 1_000.0

    def now_ms(self) -> int:
        return self.wall_ms

    def monotonic(self) -> float:
        return self.seconds

    def pass_seconds(self, seconds: float) -> None:
        self.wall_ms += int(seconds * 1_000)
        self.seconds += seconds


@dataclass
class Seeded:
    """Random bytes from a seed."""

    seed: int = 0
    _source: random.Random = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._source = random.Random(self.seed)

    def __call__(self, count: int) -> bytes:
        return self._source.randbytes(count)
