"""``sitebook server``: what an operator does. Thin: the work is done in ``sync.server``, loaded only here."""

from __future__ import annotations

import os
from argparse import Namespace
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from app.cli.output import size_text
from app.cli.session import Session
from app.domain.names import counted
from sync.clock import SystemClock, system_random
from sync.errors import SitebookError

if TYPE_CHECKING:
    from sync.server.config import ServerConfig
    from sync.server.stats import ProjectStats

_NOT_INSTALLED = "The server is not installed; install it with `pip install 'sitebook[server]'`."


def certificate(session: Session, arguments: Namespace) -> None:
    """Make a certificate and its key; prints the fingerprint for invites."""
    from sync.server.certificates import CERTIFICATE_FILE, KEY_FILE, make_certificate

    folder = _path(arguments.out)
    made = make_certificate(folder, arguments.host, datetime.now(UTC))
    files = {"certificate": str(folder / CERTIFICATE_FILE), "key": str(folder / KEY_FILE)}
    session.out.result(
        files | {"fingerprint": made},
        f"Wrote {files['certificate']} and {files['key']} (a secret).",
        f"Fingerprint: {made}",
    )


def show_fingerprint(session: Session, arguments: Namespace) -> None:
    """Print a certificate's fingerprint."""
    from sync.server.certificates import fingerprint

    found = fingerprint(_path(arguments.file))
    session.out.result({"fingerprint": found}, found)


def backup(session: Session, arguments: Namespace) -> None:
    """Copy a server's data, also while it runs."""
    config = _sqlite_config(arguments)
    from sync.server.backup import back_up
    from sync.server.opening import open_objects

    target = _path(arguments.target)
    _there(config)
    objects = open_objects(config, system_random)
    done = back_up(config.data, objects.get, target, SystemClock().now_ms())
    line = f"{counted(done.chunks, 'chunk')}, {size_text(done.bytes)} in {target}."
    session.out.result({"target": str(target)} | asdict(done), line)


def restore(session: Session, arguments: Namespace) -> None:
    """Make the data of a new server of a backup."""
    config = _sqlite_config(arguments)
    from sync.server.backup import restore as bring_back
    from sync.server.opening import open_objects

    objects = open_objects(config, system_random)
    done = bring_back(_path(arguments.source), config.data, objects.write)
    line = f"{counted(done.chunks, 'chunk')}, {size_text(done.bytes)} in {config.data}. Start the server now."
    session.out.result({"data": str(config.data)} | asdict(done), line)


def gc(session: Session, arguments: Namespace) -> None:
    """Remove what nobody needs any more, now."""
    config = _config(arguments)
    from sync.server.collect import collect
    from sync.server.opening import open_objects, open_storage

    _there(config)
    storage = open_storage(config, SystemClock(), system_random)
    try:
        objects = open_objects(config, system_random)
        done = asdict(collect(storage, objects, SystemClock(), config.limits(), orphans=True))
    finally:
        storage.close()
    session.out.result(done, *(f"{what}: {count}" for what, count in done.items()))


def stats(session: Session, arguments: Namespace) -> None:
    """What a server holds, by project."""
    config = _config(arguments)
    from sync.server.opening import open_storage
    from sync.server.stats import project_stats

    _there(config)
    storage = open_storage(config, SystemClock(), system_random)
    try:
        found = list(project_stats(storage))
    finally:
        storage.close()
    now_ms = SystemClock().now_ms()
    rows = [
        (
            each.project[:8],
            f"{each.envelopes:,}",
            size_text(each.log_bytes),
            f"{each.chunks:,}",
            size_text(each.chunk_bytes),
            str(each.devices),
            f"{each.bundles} (to {each.bundle_version:,}{'' if each.confirmed else ', not confirmed'})"
            if each.bundles
            else "",
            f"{each.floor:,}" if each.floor else "",
            "" if each.oldest_chunk_ms is None else f"{(now_ms - each.oldest_chunk_ms) // 86_400_000} days",
        )
        for each in found
    ]
    total = ("all", *_totals(found))
    headings = (
        "PROJECT",
        "ENVELOPES",
        "LOG",
        "CHUNKS",
        "SIZE",
        "DEVICES",
        "BUNDLES",
        "FLOOR",
        "OLDEST CHUNK",
    )
    document = [asdict(each) for each in found]
    session.out.table(document, headings, [*rows, total] if rows else [], "No projects.")


def move(session: Session, arguments: Namespace) -> None:
    """Copy everything into a PostgreSQL."""
    config = _sqlite_config(arguments)
    from sync.server.config import read_config
    from sync.server.listening import locked
    from sync.server.move import move as copy
    from sync.server.opening import DATA_FILE, database_url, open_objects

    _there(config)
    # The password comes as the server's would: from the configuration, or the environment.
    file = None if arguments.config is None else _path(arguments.config)
    given = {("storage", "data"): arguments.data, ("storage", "url"): arguments.to}
    there = read_config(file, os.environ, given)
    chunks = None if arguments.chunks is None else read_config(_path(arguments.chunks), os.environ, {})
    with locked(config.data):
        done = copy(
            config.data / DATA_FILE,
            database_url(there),
            SystemClock(),
            system_random,
            read_objects=open_objects(config, system_random),
            write_objects=None if chunks is None else open_objects(chunks, system_random),
            progress=lambda part, count: session.out.now(f"{part}: {count:,}"),
        )
    projects, envelopes = counted(done.projects, "project"), counted(done.envelopes, "envelope")
    session.out.result(
        asdict(done),
        f"{projects}, {envelopes} copied and compared. The chunks ({done.chunks:,}) "
        + ("stay where they are." if chunks is None else "are in the other store too."),
        *([_lacking(done.missing)] if done.missing else []),
        "Set [storage] url to the database"
        + ("" if chunks is None else " and [objects] to the other store")
        + " now, and start the server.",
    )


def _lacking(count: int) -> str:
    return f"{counted(count, 'chunk')} missing: devices that have the files bring them again."


def _config(arguments: Namespace) -> ServerConfig:
    try:
        from sync.server.config import read_config
    except ModuleNotFoundError as error:
        raise SitebookError(_NOT_INSTALLED) from error
    file = None if arguments.config is None else _path(arguments.config)
    return read_config(file, os.environ, {("storage", "data"): arguments.data})


def _sqlite_config(arguments: Namespace) -> ServerConfig:
    config = _config(arguments)
    if config.storage.url != "sqlite":
        raise SitebookError(
            "This server's data is in PostgreSQL: use pg_dump and pg_restore, and copy the store of objects after "
            "them, as OPERATING.md says."
        )
    return config


def _there(config: ServerConfig) -> None:
    """Whoever asks about data must not make new data by a wrong name."""
    from sync.server.opening import DATA_FILE

    if config.storage.url == "sqlite" and not (config.data / DATA_FILE).is_file():
        raise SitebookError(
            f"{config.data} holds no data of a Sitebook server; give its directory with --data."
        )


def _totals(found: list[ProjectStats]) -> tuple[str, ...]:
    return (
        f"{sum(each.envelopes for each in found):,}",
        size_text(sum(each.log_bytes for each in found)),
        f"{sum(each.chunks for each in found):,}",
        size_text(sum(each.chunk_bytes for each in found)),
        "",
        "",
        "",
        "",
    )


def _path(text: str) -> Path:
    return Path(text).expanduser().absolute()
