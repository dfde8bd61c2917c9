"""From a configuration to a storage that is open. What only some servers need is loaded by them alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, urlsplit, urlunsplit

from sync.clock import Clock, Random
from sync.errors import SitebookError
from sync.server.config import FOLDER, SQLITE, ServerConfig
from sync.server.hub import Hub
from sync.server.sqlite import SqliteStorage
from sync.server.storage import Storage

if TYPE_CHECKING:
    from sync.server.objects import Objects

DATA_FILE: Final = "relay.db"


def open_storage(config: ServerConfig, clock: Clock, random: Random) -> Storage:
    """The storage that a configuration names.

    Raises:
        SitebookError: it cannot be opened.
    """
    if config.storage.url == SQLITE:
        return SqliteStorage(config.data / DATA_FILE, clock, random)
    try:
        from sync.server.postgres import PostgresStorage
    except ModuleNotFoundError as error:
        raise SitebookError(
            "What PostgreSQL needs is not installed; install it with `pip install 'sitebook[server]'`."
        ) from error
    return PostgresStorage(database_url(config), clock, random)


def open_objects(config: ServerConfig, random: Random) -> Objects:
    """The store of chunks that a configuration names.

    Raises:
        SitebookError: it cannot be used.
    """
    from sync.server import objects

    section = config.objects
    if section.url == FOLDER:
        # Of the folders on the way only this one is for its owner alone.
        with suppress(OSError):
            config.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        return objects.folder_objects(config.data / objects.FOLDER, random)
    return objects.url_objects(
        section.url,
        random,
        endpoint=section.endpoint,
        region=section.region,
        access_key=section.access_key.reveal(),
        secret_key=section.secret_key.reveal(),
        plain_http=section.plain_http,
    )


def database_url(config: ServerConfig) -> str:
    """The address of the database with its password: for whoever connects, and for nobody to see."""
    password = config.storage.password.reveal()
    if not password:
        return config.storage.url
    parts = urlsplit(config.storage.url)
    user, _, host = parts.netloc.rpartition("@")
    return urlunsplit(parts._replace(netloc=f"{user}:{quote(password, safe='')}@{host}"))


def place(config: ServerConfig) -> str:
    """Where the data is, for people."""
    if config.storage.url == SQLITE:
        return str(config.data)
    parts = urlsplit(config.storage.url)
    return f"{parts.path.strip('/')} on {parts.hostname or 'this machine'}"


def connections_in_use(storage: Storage) -> Callable[[], int] | None:
    """What counts them, where there is a pool of connections."""
    if isinstance(storage, SqliteStorage):
        return None
    from sync.server.postgres import PostgresStorage

    assert isinstance(storage, PostgresStorage)
    return lambda: storage.connections_in_use


def shared_secret(storage: Storage) -> bytes | None:
    """What the processes of one server share, where there may be several: a session of one is good for all."""
    if isinstance(storage, SqliteStorage):
        return None
    from sync.server.postgres import PostgresStorage

    assert isinstance(storage, PostgresStorage)
    return storage.secret


@contextmanager
def told_to_others(storage: Storage, hub: Hub, random: Random) -> Iterator[None]:
    """While it lasts, the other processes over one database hear what happens in this one, and it hears them."""
    if isinstance(storage, SqliteStorage):
        yield
        return
    from sync.server.postgres import PostgresStorage
    from sync.server.postgres_bus import PostgresBus

    assert isinstance(storage, PostgresStorage)
    bus = PostgresBus(storage, hub, random)
    try:
        yield
    finally:
        bus.close()
