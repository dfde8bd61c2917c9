"""A command that is not complete, such as ``sitebook issue``."""

from __future__ import annotations

from argparse import Namespace

from app.cli.output import Usage
from app.cli.session import Session


def incomplete(session: Session, arguments: Namespace) -> int:
    """Say what may follow. Raises Usage."""
    parser = arguments.incomplete
    raise Usage(f"{parser.prog.partition(' ')[2]} needs a command (see `{parser.prog} --help`)")
