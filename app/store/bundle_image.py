"""The content of a bundle: the tables of a project file that are not one device's own, as a plain database in memory.

It is never on a disk unencrypted: made in memory from one read transaction on a connection of its own, while the window
and sync go on, and opened in memory again. The wires of envelopes that were applied are left out but for header and
signature, since what was in them is in the tables; those about membership, and all that waits, is set aside or is
refused, stay whole.

Who opens one trusts nothing in it: no statement of its schema is run that is not exactly one of ours, rows are
checked against their tables, every index is made here, and what it says of itself is counted.
"""

from __future__ import annotations

import io
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple, cast
from urllib.parse import quote

import apsw
import msgspec
import zstandard

from app.store.database import Database, Migration, migrate, translate
from app.store.schema import MIGRATIONS
from app.store.word_index import SEARCHED_KINDS
from sync.bundle import Summary, change_sum
from sync.clock import Clock
from sync.cookie import Cookie
from sync.envelope import Head, parse, verify
from sync.errors import Malformed, NewerFormat, SitebookError
from sync.membership import Membership

if TYPE_CHECKING:
    from apsw import SQLiteValue

_FLAGS: Final = apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE | apsw.SQLITE_OPEN_URI
_LEVEL: Final = 1
"""Of zstd: a level of 3 takes three times as long for a bundle that is a twentieth smaller."""
_DERIVED: Final = frozenset({"texts"})
"""Tables that follow from others, and are large: they are made anew where a bundle is taken, and so cannot lie."""
_OWN: Final = "local_"
_WHERE: Final = Path("bundle")
_WRONG: Final = "A bundle on the server does not hold what it should; it was not used."
_Entry = tuple[str, str, str, str | None]
"""A row of a schema: type, name, table, SQL."""


class NotNow(SitebookError):
    """This file holds something that the server does not have yet: no bundle can be made of it."""


@dataclass(frozen=True, slots=True)
class Image:
    """What a bundle is made of. ``data`` is plain: it goes to the disk sealed only."""

    data: bytes
    cookie: Cookie
    schema: int
    summary: Summary

    def compressed(self) -> io.BufferedIOBase | zstandard.ZstdCompressionReader:
        """A stream of the compressed bytes."""
        return zstandard.ZstdCompressor(level=_LEVEL).stream_reader(self.data, size=len(self.data))


class _Shape(NamedTuple):
    """The schema of one version: of what goes into a bundle, and of what each device adds."""

    content: tuple[_Entry, ...]
    added: tuple[str, ...]


@cache
def _shape(version: int) -> _Shape:
    """The schema as our migrations up to a version make it."""
    with closing(apsw.Connection(":memory:")) as connection:
        migrate(Database(connection, _WHERE), MIGRATIONS[:version], _NoClock(), "")
        rows = connection.execute(
            "SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY rowid"
        ).fetchall()
    content: list[_Entry] = []
    added = []
    for kind, name, table, sql in cast("list[_Entry]", rows):
        if kind == "table" and not table.startswith((_OWN, "sqlite_")):
            content.append((kind, name, table, sql))
        elif kind == "index" and sql is None and not table.startswith(_OWN):
            content.append((kind, name, table, None))
        elif sql is not None and not table.startswith("local_words_"):
            added.append(str(sql))
    return _Shape(tuple(content), tuple(added))


class _NoClock:
    def now_ms(self) -> int:
        return 0

    def monotonic(self) -> float:
        return 0.0


def make_image(path: Path, key: bytes, vfs: str | None = None) -> Image:
    """Make the content of a bundle from a project file that others may be writing to.

    Raises NotNow where something in it is not on the server, Damaged, SitebookError.
    """
    address = f"file:{quote(str(path))}?mode=ro&cipher=aegis&key=raw:{key.hex()}"
    if vfs is not None:
        address += f"&vfs={quote(vfs)}"
    with closing(apsw.Connection(":memory:", flags=_FLAGS)) as connection:
        try:
            connection.execute("ATTACH ? AS source", (address,))
            connection.create_scalar_function("bare_wire", _bare_value, 1, deterministic=True)
            for kind, _, _, sql in _shape(MIGRATIONS[-1].version).content:
                if kind == "table" and sql is not None:
                    connection.execute(sql)
            with connection:
                _check_sent(connection)
                _copy(connection)
                _leave_out_dropped(connection)
                row = connection.execute("SELECT value FROM source.meta WHERE name = 'cookie'").fetchone()
            if row is None:
                raise NotNow("This project was never in step with its server.")
            connection.execute("DETACH source")
            database = Database(connection, path)
            summary = summarise(database)
            data = connection.serialize("main")
        except apsw.Error as error:
            raise translate(error, path) from error
    return Image(bytes(data), Cookie.decode(bytes(row[0])), MIGRATIONS[-1].version, summary)


def _check_sent(connection: apsw.Connection) -> None:
    """What is in a bundle is all on the server: nobody's unsent work, nothing half applied."""
    unsent = connection.execute(
        "SELECT EXISTS (SELECT 1 FROM source.changes WHERE eid IS NULL)"
        " OR EXISTS (SELECT 1 FROM source.envelopes WHERE pushed <> 1 AND pushed <> 3)"
        " OR EXISTS (SELECT 1 FROM source.envelopes WHERE version IS NULL AND NOT bare AND pushed <> 3)"
        " OR EXISTS (SELECT 1 FROM source.envelopes WHERE state = 4)"
        " OR EXISTS (SELECT 1 FROM source.meta WHERE name = 'rejudge' AND value IS NOT NULL)"
    ).fetchone()
    if unsent is None or unsent[0]:
        raise NotNow("Something on this device is not on the server yet; the next bundle waits for it.")


def _copy(connection: apsw.Connection) -> None:
    for kind, name, _, _ in _shape(MIGRATIONS[-1].version).content:
        if kind != "table" or name in _DERIVED:
            continue
        if name == "meta":
            connection.execute("INSERT INTO meta SELECT * FROM source.meta WHERE name = 'project'")
        elif name == "envelopes":
            columns = [
                row[1]
                for row in connection.execute("SELECT * FROM pragma_table_info('envelopes')").fetchall()
            ]
            # What was applied is in the tables; what is not, a reader has to judge by itself.
            given: dict[str, str] = {
                "wire": "CASE WHEN kind = 0 AND state = 0 THEN bare_wire(wire) ELSE wire END",
                "bare": "bare OR (kind = 0 AND state = 0)",
                "received_ms": "0",
                "reason": "CASE WHEN state = 0 THEN '' ELSE reason END",
            }
            chosen = ", ".join(given.get(column, column) for column in cast("list[str]", columns))
            connection.execute(f"INSERT INTO envelopes SELECT {chosen} FROM source.envelopes")  # noqa: S608
        else:
            # Between tables of one form SQLite copies records as they are.
            connection.execute(f"INSERT INTO main.{name} SELECT * FROM source.{name}")  # noqa: S608


def _leave_out_dropped(connection: apsw.Connection) -> None:
    """Leave out what the server refused and the user dropped: nobody else has it, and a bundle is no way round."""
    if connection.execute("SELECT 1 FROM source.envelopes WHERE pushed = 3 LIMIT 1").fetchone() is None:
        return
    connection.execute(
        "CREATE TEMP TABLE dropped AS SELECT cid FROM changes"
        " WHERE eid IN (SELECT eid FROM source.envelopes WHERE pushed = 3)"
    )
    for table in ("writes", "history", "replacements", "covers", "updates", "changes"):
        connection.execute(f"DELETE FROM {table} WHERE cid IN (SELECT cid FROM dropped)")  # noqa: S608
    connection.execute("DELETE FROM envelopes WHERE pushed = 3")
    # A device whose last envelope was dropped ends, for others, at the one before.
    connection.execute("DELETE FROM heads WHERE hash IN (SELECT hash FROM source.envelopes WHERE pushed = 3)")
    connection.execute(
        "INSERT OR IGNORE INTO heads SELECT e.did, e.seq, e.hash FROM envelopes e"
        " WHERE e.did IN (SELECT did FROM source.envelopes WHERE pushed = 3)"
        " ORDER BY e.did, e.seq DESC, e.hash DESC"
    )
    # What only a dropped change made is no record: nothing is written in it, and nothing names it.
    connection.execute(
        "DELETE FROM records WHERE rid NOT IN (SELECT rid FROM writes UNION SELECT rid FROM history"
        " UNION SELECT rid FROM replacements UNION SELECT rid FROM updates)"
        " AND rid IN (SELECT p.rid FROM source.records p WHERE p.state <> 0)"
    )
    connection.execute("DROP TABLE temp.dropped")


def bare_wire(wire: bytes) -> bytes:
    """An envelope's bytes without its body; of what is none, the bytes as they are."""
    try:
        header, signature, _ = msgspec.msgpack.decode(wire, type=tuple[bytes, bytes, bytes | None])
    except msgspec.DecodeError:
        return wire
    return msgspec.msgpack.encode((header, signature, None))


def _bare_value(*values: SQLiteValue) -> bytes:
    return bare_wire(cast("bytes", values[0]))


def summarise(database: Database) -> Summary:
    """What can be said of the state of a whole file."""
    project = database.one("SELECT value FROM meta WHERE name = 'project'")
    digest, count, asides = change_sum(
        (name, bool(aside)) for name, aside in database.connection.execute("SELECT id, aside FROM changes")
    )
    heads = database.all("SELECT d.key, h.seq, h.hash FROM heads h JOIN devices d USING (did) ORDER BY d.key")
    membership = Membership(b"" if project is None else bytes(project[0]))
    wires = database.all("SELECT wire FROM envelopes WHERE kind = 1 AND seq > 0 ORDER BY eid")
    membership.load(parse(wire) for (wire,) in wires)
    return Summary(
        tuple(Head(bytes(device), int(seq), bytes(hashed)) for device, seq, hashed in heads),
        digest,
        count,
        asides,
        membership.heads,
    )


@dataclass(frozen=True, slots=True)
class Opened:
    """A bundle's content that was found to be in order, in memory. Close the connection."""

    database: Database
    membership: Membership


def open_image(
    data: bytes | bytearray, *, project: bytes, schema: int, summary: Summary, publisher: bytes
) -> Opened:
    """Open a bundle's content, trusting nothing in it, and compare it with what its manifest says.

    ``schema``: its number, as the manifest gives it. Raises Malformed, NewerFormat.
    """
    if schema > MIGRATIONS[-1].version:
        raise NewerFormat(
            "The project was published by a newer Sitebook; update Sitebook to join or take it."
        )
    if schema < 1 or len(data) < 512 or data[:16] != b"SQLite format 3\0":
        raise Malformed(_WRONG)
    connection = apsw.Connection(":memory:", flags=_FLAGS)
    try:
        _harden(connection)
        connection.deserialize("main", data)
        _check_schema(connection, schema)
        _check_rows(connection, project)
        # Found by the schema to be our tables: their own indexes are made anew, since a false one passes checks.
        # (A table without row numbers is its own index, whose order the check has looked at.)
        for kind, name, _, _ in _shape(schema).content:
            if kind == "index":
                connection.execute(f"REINDEX {name}")
        database = Database(connection, _WHERE)
        membership = _check_membership(database, project, publisher)
        if summarise(database) != summary:
            raise Malformed(_WRONG)
    except apsw.Error as error:
        connection.close()
        raise Malformed(_WRONG) from error
    except BaseException:
        connection.close()
        raise
    return Opened(database, membership)


def _harden(connection: apsw.Connection) -> None:
    connection.config(apsw.SQLITE_DBCONFIG_DEFENSIVE, 1)
    connection.config(apsw.SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0)
    connection.config(apsw.SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0)
    connection.config(apsw.SQLITE_DBCONFIG_ENABLE_TRIGGER, 0)
    connection.config(apsw.SQLITE_DBCONFIG_ENABLE_VIEW, 0)
    connection.execute("PRAGMA cell_size_check = ON")
    connection.execute("PRAGMA temp_store = memory")
    connection.execute("PRAGMA foreign_keys = OFF")


def _check_schema(connection: apsw.Connection, schema: int) -> None:
    found = connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_schema").fetchall()
    if sorted(found, key=str) != sorted(_shape(schema).content, key=str):
        raise Malformed(_WRONG)
    row = connection.execute("SELECT max(version), count(*) FROM migrations").fetchone()
    if row != (schema, schema):
        raise Malformed(_WRONG)


def _check_rows(connection: apsw.Connection, project: bytes) -> None:
    if connection.execute("PRAGMA quick_check(1)").fetchall() != [("ok",)]:
        raise Malformed(_WRONG)
    for name in _DERIVED:
        if connection.execute(f"SELECT 1 FROM {name} LIMIT 1").fetchone() is not None:  # noqa: S608
            raise Malformed(_WRONG)
    if connection.execute("SELECT name, value FROM meta").fetchall() != [("project", project)]:
        raise Malformed(_WRONG)


def _check_membership(database: Database, project: bytes, publisher: bytes) -> Membership:
    """The membership of the envelopes inside, whose signatures are checked; the publisher may publish by it."""
    membership = Membership(project)
    for hashed, wire in database.all(
        "SELECT hash, wire FROM envelopes WHERE kind = 1 AND seq > 0 ORDER BY eid"
    ):
        envelope = parse(wire)
        verify(envelope)
        if envelope.hash != hashed:
            raise Malformed(_WRONG)
        membership.add(envelope, verified=True)
    member = membership.member_of(publisher)
    if member is None or not may_publish(membership, publisher):
        raise Malformed("A bundle on the server was published by somebody who may not; it was not used.")
    return membership


def may_publish(membership: Membership, device: bytes) -> bool:
    """Whether a device's bundles count: owners' and editors' do."""
    member = membership.member_of(device)
    return member is not None and str(member.role) in ("owner", "editor")


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a file came from, which it keeps: hash of the manifest, and its place in the server's order."""

    manifest: bytes
    cookie: Cookie


def settle_image(opened: Opened, *, schema: int, device: bytes, origin: Origin, clock: Clock) -> None:
    """Make the content a device's own file, in memory still: its own tables, newer versions' steps, its indexes."""
    database = opened.database
    connection = database.connection
    try:
        connection.config(apsw.SQLITE_DBCONFIG_DEFENSIVE, 0)
        connection.config(apsw.SQLITE_DBCONFIG_ENABLE_TRIGGER, 1)
        with database.transaction():
            for sql in _shape(schema).added:
                connection.execute(sql)
            if schema >= 2:
                _begin_words(connection)
            if schema >= 4:
                connection.execute(
                    "INSERT INTO local_read SELECT rid, (SELECT coalesce(max(cid), 0) FROM changes) FROM records"
                    " WHERE kind IN ('issue', 'note', 'element')"
                )
            # All updates of each text wait behind an empty state (a Yjs update of nothing).
            connection.execute(
                "INSERT INTO texts SELECT DISTINCT rid, fid, x'0000', 0, 1, NULL FROM updates WHERE lost <= 0"
            )
            meta = {
                "device": device,
                "alone": 0,
                "cookie": origin.cookie.encode(),
                "rejudge": 1,
                "bundle": origin.manifest,
                "bundle_confirmed": 0,
            }
            connection.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", list(meta.items()))
        steps: tuple[Migration, ...] = MIGRATIONS
        migrate(database, steps, clock, "The bundle")
    except apsw.Error as error:
        raise Malformed(_WRONG) from error


def _begin_words(connection: apsw.Connection) -> None:
    connection.execute(
        "INSERT INTO local_words (local_words, rank) VALUES ('automerge', 0), ('crisismerge', 100)"
    )
    marks = ", ".join("?" for _ in SEARCHED_KINDS)
    connection.execute(
        f"INSERT OR IGNORE INTO local_unindexed SELECT rid FROM records WHERE kind IN ({marks})",  # noqa: S608
        SEARCHED_KINDS,
    )


def write_file(opened: Opened, target: Path, key: bytes) -> None:
    """Write what is in memory as an encrypted file. Raises SitebookError, and leaves nothing then."""
    address = f"file:{quote(str(target))}?cipher=aegis&key=raw:{key.hex()}"
    try:
        # What the copy becomes: pages that become free in it can be given back beside a window.
        opened.database.connection.execute("PRAGMA main.auto_vacuum = INCREMENTAL")
        opened.database.connection.execute("VACUUM main INTO ?", (address,))
    except apsw.Error as error:
        target.unlink(missing_ok=True)
        raise translate(error, target) from error
