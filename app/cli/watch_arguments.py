"""The arguments of ``sitebook watch``."""

from __future__ import annotations

import math

from app.cli.parsing import Group, natural, unmarked

KINDS = ("issue", "note", "person", "element")
"""What can be watched."""


def _seconds(text: str) -> float:
    """A number of seconds above 0. Raises ValueError."""
    number = float(unmarked(text))
    if not math.isfinite(number) or number <= 0:
        raise ValueError
    return number


_seconds.__name__ = "number of seconds"


def add_watch(commands: Group) -> None:
    """The command that tells what others change."""
    watch = commands.add("watch", "watch:watch", "tell what others change, one line of JSON for each change")
    watch.add_argument(
        "--where", metavar="QUERY", default="", help="only records that meet this after the change"
    )
    watch.add_argument(
        "--kind",
        choices=KINDS,
        action="append",
        help="of which records; may be given several times (all; with --where: issue)",
    )
    watch.add_argument(
        "--exec",
        metavar="COMMAND",
        help="run this for each line instead of printing it, without a shell; the line is its standard input",
    )
    watch.add_argument("--timeout", metavar="SECONDS", type=_seconds, default=60.0, help="of COMMAND (60)")
    watch.add_argument("--retries", metavar="N", type=natural, default=5, help="of COMMAND (%(default)s)")
    watch.add_argument(
        "--retry-wait",
        metavar="SECONDS",
        type=_seconds,
        default=1.0,
        help="before the first retry, then twice as long (1)",
    )
    watch.add_argument(
        "--stop-on-error",
        action="store_true",
        default=False,
        help="end where COMMAND fails after all retries, instead of passing over the line",
    )
    watch.add_argument(
        "--name",
        metavar="NAME",
        default="watch",
        help="of this watcher: each remembers how far it is (%(default)s)",
    )
    start = watch.add_mutually_exclusive_group()
    start.add_argument(
        "--since", metavar="SEQ|TIME", help="begin behind this change, or with what was made since this time"
    )
    start.add_argument("--from-now", action="store_true", default=False, help="pass over what is new so far")
    watch.add_argument("--once", action="store_true", default=False, help="sync, tell what is new, and end")
    watch.add_argument(
        "--own", action="store_true", default=False, help="what this device itself changes too"
    )
