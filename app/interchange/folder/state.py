"""What is remembered of a project's folder: its place, each file as it was last written or read, and the bases.

A *base* is what file and document had in common when one was last made of the other. It is found by a hash over the
record and the file without the line that names the hash, so a file can name its own. ``mark`` is the number of the
last change that was in the project then: writes up to it are what somebody who edits the file has seen.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Self

import zstandard

from app.interchange.folder.root import Stamp
from app.store.core import pack, unpack
from app.store.project import Project
from app.store.touched import Touched
from sync.change import WriteId
from sync.errors import Damaged

if TYPE_CHECKING:
    from app.interchange.folder.front_matter import Value

_SETTING: Final = "local_folder"
_MOST_BASE: Final = 32 << 20
_BASES_KEPT: Final = 30
"""Bases that are kept of each record: so many exports back a file may be that comes from somewhere."""
HASH: Final = 16
NOT_THERE: Final = Stamp(-1, -1)
"""The stamp of a file that is to be written again."""


class Setting(NamedTuple):
    """The folder of a project. ``issues`` is the name of the folder with the issues; ``mark``: see ``State.mark``."""

    path: Path
    issues: str
    mark: int = 0


@dataclass(frozen=True, slots=True)
class FileRow:
    """A file as it was last seen: of which record, with which base (empty: of none), and how it looked.

    The path of a note that is only a folder ends in a slash. ``title`` and ``parent`` are what its path was made of.
    ``problem`` says what waits for somebody, ``aliases`` are other names by which links find it.
    """

    path: str
    rid: int
    base: bytes
    stamp: Stamp
    mark: int = 0
    title: str = ""
    parent: bytes = b""
    problem: str = ""
    aliases: tuple[str, ...] = ()

    @property
    def is_folder(self) -> bool:
        """Whether it is a note that has no file, only a folder."""
        return self.path.endswith("/")

    def with_(self, **changes: Any) -> FileRow:
        """The same with something else in it."""
        return replace(self, **changes)


@dataclass(frozen=True, slots=True)
class Base:
    """What file and document had in common: the file, the fields as they were written then, and its links.

    ``links`` are the records that names in the text stood for; ``named`` is the hash that the file itself names.
    """

    rid: int
    file: bytes
    fields: Mapping[str, Value] = field(default_factory=dict)
    links: Mapping[str, bytes] = field(default_factory=dict)
    mark: int = 0
    named: bytes = b""

    def encoded(self) -> bytes:
        """As it is kept."""
        fields = {
            name: list(value) if isinstance(value, tuple) else value for name, value in self.fields.items()
        }
        return _compress(pack([self.file, fields, dict(self.links), self.mark, self.named]))

    @classmethod
    def decoded(cls, rid: int, data: bytes) -> Self:
        """Read what is kept. Raises Damaged."""
        try:
            file, fields, links, mark, named = unpack(
                zstandard.ZstdDecompressor().decompress(data, max_output_size=_MOST_BASE)
            )
        except (zstandard.ZstdError, ValueError) as error:
            raise Damaged(
                "What is remembered of the folder is damaged; switch it off and on again."
            ) from error
        values = {name: tuple(value) if isinstance(value, list) else value for name, value in fields.items()}
        return cls(rid, file, values, links, mark, named)


def _compress(data: bytes) -> bytes:
    return zstandard.ZstdCompressor(level=1).compress(data)


def base_hash(record: bytes, content: str) -> bytes:
    """The hash of a base, by the file without the line that names it."""
    return hashlib.blake2b(record + content.encode("utf-8", "surrogateescape"), digest_size=HASH).digest()


class State:
    """Reads and writes what is remembered, on the connection of a project."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._db = project.db

    # Where the folder is

    @property
    def setting(self) -> Setting | None:
        """The folder; None where it is off."""
        value = self._project.get_meta(_SETTING)
        if value is None:
            return None
        path, issues, mark = unpack(bytes(value))
        return Setting(Path(path), issues, mark)

    def put_setting(self, setting: Setting | None) -> None:
        """Switch the folder on, or off; the caller has a transaction open."""
        if setting is None:
            self._db.run("DELETE FROM meta WHERE name = ?", (_SETTING,))
            return
        self._project.put_meta(_SETTING, pack([str(setting.path), setting.issues, setting.mark]))

    def forget_files(self) -> None:
        """Forget all files, as for another folder; the bases stay. The caller has a transaction open."""
        self._db.run("DELETE FROM local_folder_files")

    @property
    def mark(self) -> int:
        """The number of the last change in the project."""
        row = self._db.one("SELECT max(cid) FROM changes")
        return int(row[0] or 0) if row is not None else 0

    # Files

    def files(self) -> dict[str, FileRow]:
        """All files, by path."""
        found = {}
        for path, rid, base, size, mtime_ns, seen in self._db.all(
            "SELECT path, rid, base, size, mtime_ns, seen FROM local_folder_files"
        ):
            mark, title, parent, problem, aliases, *more = unpack(bytes(seen))
            # Rows of earlier versions have no more: their files are looked into once.
            stamp = Stamp(size, mtime_ns, *(more or (0, 0, True)))
            found[path] = FileRow(path, rid, bytes(base), stamp, mark, title, parent, problem, tuple(aliases))
        return found

    def put_files(self, rows: Iterable[FileRow]) -> None:
        """Remember files; the caller has a transaction open."""
        for row in rows:
            stamp = row.stamp
            more = [stamp.inode, stamp.ctime_ns, stamp.young, stamp.digest]
            seen = pack([row.mark, row.title, row.parent, row.problem, list(row.aliases), *more])
            self._db.run(
                "INSERT OR REPLACE INTO local_folder_files VALUES (?, ?, ?, ?, ?, ?)",
                (row.path, row.rid, row.base, stamp.size, stamp.mtime_ns, seen),
            )

    def drop_files(self, paths: Iterable[str]) -> None:
        """Forget files; the caller has a transaction open."""
        for path in paths:
            self._db.run("DELETE FROM local_folder_files WHERE path = ?", (path,))

    def write(self, rows: Iterable[FileRow] = (), dropped: Iterable[str] = ()) -> None:
        """Forget and remember files, in a transaction of its own."""
        with self._project.writing(Touched()):
            self.drop_files(dropped)
            self.put_files(rows)

    # Bases

    def base(self, hashed: bytes) -> Base | None:
        """A base by its hash."""
        row = self._db.one("SELECT rid, data FROM local_folder_bases WHERE hash = ?", (hashed,))
        return None if row is None else Base.decoded(int(row[0]), bytes(row[1]))

    def based(self) -> set[int]:
        """The records that have a base."""
        return {int(rid) for (rid,) in self._db.all("SELECT DISTINCT rid FROM local_folder_bases")}

    def last_base(self, rid: int) -> tuple[bytes, Base] | None:
        """The newest base of a record, with its hash."""
        row = self._db.one(
            "SELECT hash, data FROM local_folder_bases WHERE rid = ? ORDER BY made DESC LIMIT 1", (rid,)
        )
        return None if row is None else (bytes(row[0]), Base.decoded(rid, bytes(row[1])))

    def put_base(self, hashed: bytes, base: Base, *, first: bool = False) -> None:
        """Keep a base, and forget the oldest of its record; the caller has a transaction open.

        ``first``: the record had none before.
        """
        newest, count = 0, 0
        if not first:
            row = self._db.one(
                "SELECT coalesce(max(made), 0), count(*) FROM local_folder_bases WHERE rid = ?", (base.rid,)
            )
            assert row is not None
            newest, count = int(row[0]), int(row[1])
        self._db.run(
            "INSERT OR REPLACE INTO local_folder_bases VALUES (?, ?, ?, ?)",
            (hashed, base.rid, newest + 1, base.encoded()),
        )
        if count >= _BASES_KEPT:
            # Files may still stand at an old one: those of files there are stay.
            self._db.run(
                "DELETE FROM local_folder_bases WHERE rid = ? AND made <= ?"
                " AND hash NOT IN (SELECT base FROM local_folder_files WHERE rid = local_folder_bases.rid)",
                (base.rid, newest + 1 - _BASES_KEPT),
            )

    # What stood at a mark

    def seen(self, kind: str, record: bytes, name: str, mark: int) -> list[WriteId]:
        """The writes that stood in a field when the change ``mark`` was the last: what replaces them names them."""
        rid, fid = (
            self._project.numbers.known_record(kind, record),
            self._project.numbers.known_field(kind, name),
        )
        if rid is None or fid is None:
            return []
        named = {
            bytes(target) + int(index).to_bytes(4, "big")
            for target, index in self._db.all(
                "SELECT target, idx FROM replacements WHERE rid = ? AND fid = ? AND cid <= ?",
                (rid, fid, mark),
            )
        }
        rows = self._db.all(
            "SELECT c.id, w.idx FROM (SELECT cid, idx FROM writes WHERE rid = ?1 AND fid = ?2"
            " UNION SELECT cid, idx FROM history WHERE rid = ?1 AND fid = ?2) w JOIN changes c USING (cid)"
            " WHERE w.cid <= ?3",
            (rid, fid, mark),
        )
        return [
            (bytes(change), int(index))
            for change, index in rows
            if bytes(change) + int(index).to_bytes(4, "big") not in named
        ]
