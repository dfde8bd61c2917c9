"""How much a server holds."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Totals:
    """Over all projects."""

    projects: int = 0
    envelopes: int = 0
    log_bytes: int = 0
    chunk_bytes: int = 0
