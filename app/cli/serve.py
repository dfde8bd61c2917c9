"""``sitebook serve``: the only module here that may load what the extra ``server`` brings."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from app.cli.session import Session
from sync.errors import SitebookError


def serve(session: Session, arguments: Namespace) -> None:
    """Run a server until it is told to stop."""
    try:
        from sync.server.main import serve as run
    except ModuleNotFoundError as error:
        raise SitebookError(
            "The server is not installed; install it with `pip install 'sitebook[server]'`."
        ) from error
    if arguments.port > 65_535:
        raise SitebookError("A port is a number up to 65535; give another with --port.")
    run(Path(arguments.data).expanduser().absolute(), arguments.host, arguments.port)
