"""``sitebook serve``: the only module here that may load what the extra ``server`` brings."""

from __future__ import annotations

import os
from argparse import Namespace
from pathlib import Path

from app.cli.session import Session
from sync.errors import SitebookError

NOT_INSTALLED = "The server is not installed; install it with `pip install 'sitebook[server]'`."


def serve(session: Session, arguments: Namespace) -> None:
    """Run a server until it is told to stop, or show its configuration."""
    try:
        from sync.server.config import read_config
        from sync.server.main import serve as run
    except ModuleNotFoundError as error:
        raise SitebookError(NOT_INSTALLED) from error
    file = None if arguments.config is None else Path(arguments.config).expanduser()
    given = {
        ("storage", "data"): arguments.data,
        ("listen", "host"): arguments.host,
        ("listen", "port"): arguments.port,
    }
    config = read_config(file, os.environ, given)
    if not arguments.check_config:
        run(config)
        return
    shown = config.shown()
    lines = []
    for name, section in shown.items():
        lines += [f"[{name}]", *(f"{key} = {_toml(value)}" for key, value in section.items()), ""]
    session.out.result(shown, *lines)


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return f'"{value}"' if isinstance(value, str) else str(value)
