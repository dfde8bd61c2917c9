"""Collecting every so often, beside the requests of a server."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from dataclasses import asdict
from typing import Final

from sync.clock import Clock
from sync.errors import SitebookError
from sync.server.collect import Collected, collect
from sync.server.limits import Limits
from sync.server.log import log
from sync.server.objects import Objects
from sync.server.storage import Storage

_ORPHANS_MS: Final = 86_400_000
"""How often the store of objects is gone through."""
_LOGGER: Final = logging.getLogger("sitebook.server")


async def collecting(
    storage: Storage,
    objects: Objects,
    clock: Clock,
    limits: Limits,
    told: Callable[[Collected | None], None] = lambda done: None,
) -> None:
    """Collect until cancelled; not at all where ``collect_seconds`` is 0. A failure is logged, and tried again.

    ``told``: what went after each time, or None after a failure.
    """
    stopped = threading.Event()
    orphans_ms = clock.now_ms()

    def once(orphans: bool) -> Collected:
        return collect(storage, objects, clock, limits, orphans=orphans, stopped=stopped.is_set)

    try:
        while limits.collect_seconds:
            await asyncio.sleep(limits.collect_seconds)
            orphans = clock.now_ms() - orphans_ms >= _ORPHANS_MS
            try:
                done = await asyncio.to_thread(once, orphans)
            except SitebookError as error:
                log(_LOGGER, logging.ERROR, "collect", sentence=str(error), cause=repr(error.__cause__))
                told(None)
                continue
            told(done)
            if orphans:
                orphans_ms = clock.now_ms()
            log(_LOGGER, logging.INFO, "collect", **asdict(done))
    finally:
        # The thread ends at its next step; whoever closes the loop waits for it, and closes the storage after that.
        stopped.set()
