"""Token buckets: so many requests a second, with room for a burst."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable

from sync.clock import Clock


class Buckets:
    """One bucket for each key, for a bounded number of keys; who was not seen for long has a full one."""

    def __init__(self, clock: Clock, *, rate: float, burst: float, keys: int) -> None:
        """``rate``: tokens that a bucket regains in a second; ``burst``: tokens in a full one."""
        self._clock = clock
        self._rate = rate
        self._burst = burst
        self._keys = keys
        self._buckets: OrderedDict[Hashable, tuple[float, float]] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, key: Hashable) -> float:
        """Take a token: 0.0 where there was one, else the seconds until there is."""
        now = self._clock.monotonic()
        with self._lock:
            tokens, since = self._buckets.pop(key, (self._burst, now))
            tokens = min(self._burst, tokens + (now - since) * self._rate)
            allowed = tokens >= 1.0
            self._buckets[key] = (tokens - 1.0 if allowed else tokens, now)
            while len(self._buckets) > self._keys:
                self._buckets.popitem(last=False)
        return 0.0 if allowed else (1.0 - tokens) / self._rate

    def __len__(self) -> int:
        return len(self._buckets)
