"""The server's log: one JSON object a line, on standard error. Never tokens, bodies, or keys in full."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, Final

REQUEST: Final[ContextVar[str]] = ContextVar("sitebook-request", default="")
"""The name of the request that is being worked on: it is in all lines of it, also those of its threads."""

LEVELS: Final = {
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warning": logging.WARNING,
    "error": logging.ERROR,
}
"""As the configuration names them; below info there is nothing yet that info leaves out."""


def log(logger: logging.Logger, level: int, event: str, **fields: Any) -> None:
    """Log an event with its facts."""
    logger.log(level, "%s", event, extra={"fields": fields})


class _Lines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
            **({"request": REQUEST.get()} if REQUEST.get() else {}),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


@contextmanager
def to_standard_error(level: int = logging.INFO) -> Iterator[None]:
    """While it lasts, send what this server and what carries it log to standard error, in this form."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Lines())
    # Every request has a line of ours, so of uvicorn's only what is wrong.
    levels = {logging.getLogger("sitebook"): level, logging.getLogger("uvicorn"): logging.WARNING}
    before = {logger: logger.level for logger in levels}
    for logger, wanted in levels.items():
        logger.addHandler(handler)
        logger.setLevel(wanted)
    try:
        yield
    finally:
        for logger, previous in before.items():
            logger.removeHandler(handler)
            logger.setLevel(previous)
