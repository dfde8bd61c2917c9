"""The arguments of ``sitebook server``."""

from __future__ import annotations

import argparse

from app.cli.parsing import Group


def add_server(server: Group) -> None:
    """The commands of an operator."""
    certificate = server.add(
        "certificate",
        "server:certificate",
        "make a certificate that is signed by itself, for a server of one's own",
    )
    certificate.add_argument(
        "--host", metavar="NAME", action="append", default=[], help="as its users type it; may be given again"
    )
    certificate.add_argument("--out", metavar="DIR", default=".", help="where the two files go (here)")
    show = server.add("fingerprint", "server:show_fingerprint", "print a certificate's fingerprint")
    show.add_argument("file", metavar="CERTIFICATE.pem")
    backup = server.add("backup", "server:backup", "copy a server's data, also while it runs")
    backup.add_argument(
        "target", metavar="FILE.tar|DIR", help="a folder is brought up to date when given again"
    )
    _where(backup)
    restore = server.add("restore", "server:restore", "make the data of a new server of a backup")
    restore.add_argument("source", metavar="FILE.tar|DIR")
    _where(restore)
    _where(server.add("gc", "server:gc", "remove what nobody needs any more, now"))
    _where(server.add("stats", "server:stats", "what a server holds, by project"))
    move = server.add(
        "move", "server:move", "copy everything into a PostgreSQL; the server stands still meanwhile"
    )
    move.add_argument("--to", metavar="URL", required=True, help="postgresql://USER@HOST/DATABASE")
    move.add_argument(
        "--chunks", metavar="FILE", help="copy the chunks too, to where [objects] of this configuration says"
    )
    _where(move)


def _where(command: argparse.ArgumentParser) -> None:
    command.add_argument("--config", metavar="FILE", help="the server's configuration")
    command.add_argument("--data", metavar="DIR", help="its data directory, where there is no configuration")
