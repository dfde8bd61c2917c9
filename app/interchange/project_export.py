"""A whole project in an open format, for any program to read, and for ``project_import`` to bring back.

``README.txt`` in the ZIP (the constant ``README`` here) describes it in full. Nothing in it is encrypted.
"""

from __future__ import annotations

import base64
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import msgspec

from app.domain.directory import Context
from app.domain.fields import FieldSet, load_fields
from app.domain.schema import ATTACHMENT, KINDS
from app.domain.values import to_json
from app.interchange.files import writing_whole
from app.interchange.history import stored_changes
from app.interchange.open_json import open_change, open_moment, open_value
from app.interchange.text_names import TextNames
from app.richtext.markdown_write import write_markdown
from app.store.attachments import AttachedFile, Attachments
from app.store.log import State
from app.store.origins import ORIGIN
from app.store.project import Project
from app.store.records import FieldState, Record, Stamp
from sync.attachments import pieces
from sync.change import decode_change
from sync.chunks import ChunkDirectory
from sync.clock import Random, system_random
from sync.epochs import KeyRing
from sync.ids import id_text

FORMAT: Final = "sitebook-project"
VERSION: Final = 1
CONTENTS: Final = "export.json"
CHANGES: Final = "history/changes.jsonl"
ENVELOPES: Final = "history/envelopes.jsonl"
Progress = Callable[[int, int], None]
_SAFE: Final = re.compile(r"[a-z0-9_.-]{1,60}")
_FORBIDDEN: Final = re.compile(r'[<>:"|?*]')
_MOMENT: Final = (1980, 1, 1, 0, 0, 0)
_encode = msgspec.json.Encoder().encode

README: Final = """\
A Sitebook project, exported in an open format. Format "sitebook-project", version 1.

All text is UTF-8. A .jsonl file holds one JSON object a line. Ids are UUIDs. Moments stand twice: "at" in
ISO 8601 (UTC), "at_ms" in milliseconds since 1970. Nothing here is encrypted.

export.json              what this is: format, version, the project's id and name, counts, and under "files"
                         the member of this ZIP for each attachment (null: its file was not on the device)
records/KIND.jsonl       every record of a kind (issue, note, person, comment, location ...), the oldest first:
                         id; deleted; disputed (deleted by one, changed by another); created and updated, each
                         by (a name), device and at; and its fields. A field has its name as people type it,
                         its value (names for people, ISO 8601 for dates), whether it is conflicted, and all
                         its writes that stand: the one that shows first, then the conflicts, or the members
                         of a set. "texts" names the files of its texts.
texts/KIND/ID.md         a text as Markdown; its images are those under files
texts/KIND/ID.yjs        the same with its formats and its merging history: one Yjs update (encoding v1) of a
                         document whose root text is called "content"
files/ID/NAME            the attachments, by the ids of their records
history/changes.jsonl    every change that anybody made: who, when, its operations, and under "raw" its exact
                         bytes (base64): msgpack [1, device, random, clock, group, operations]. "aside": it was
                         set aside and does not count; "lost": operations whose text does not count;
                         "cut": [operation, how many units its text begins with that do not count].
history/envelopes.jsonl  the signed and encrypted envelopes as they came (base64), for evidence

Values in "writes" and "operations": bytes of 16 are {"id": UUID}, other bytes {"hex": ...}, a map {"map":
[[key, value], ...]}, what JSON has no form for {"other": text}.

`sitebook project import THIS-FILE` makes a new project of it, from history/changes.jsonl and files/.
"""


class ExportContents(msgspec.Struct, frozen=True):
    """``export.json``."""

    format: str
    version: int
    project: str
    name: str
    exported_ms: int
    changes: int
    records: dict[str, int]
    files: dict[str, str | None]


@dataclass(frozen=True, slots=True)
class Exported:
    """What went out. ``missing``: names of attachments whose files are not on this device."""

    records: int
    changes: int
    files: int
    missing: tuple[str, ...]


def export_project(
    project: Project,
    attachments: Attachments,
    path: Path,
    *,
    keys: KeyRing,
    context: Context,
    author: Callable[[bytes], str] = lambda device: "",
    random: Random = system_random,
    progress: Progress | None = None,
) -> Exported:
    """Write everything that a project holds to a ZIP at ``path``: all of it, or nothing.

    What is typed becomes changes first; then everything is read from one state of the file. ``author`` tells
    the name of whoever uses a device. Raises Damaged where a byte of history or of a file is not as it was
    written, and SitebookError where the disk says no.
    """
    project.finish_drafts(leave=False)
    with writing_whole(path, random=random) as file:
        project.db.run("BEGIN")
        try:
            with zipfile.ZipFile(
                file, "w", zipfile.ZIP_DEFLATED, allowZip64=True, compresslevel=6
            ) as archive:
                return _Export(project, attachments, keys, context, author, progress, archive).run()
        finally:
            project.db.run("ROLLBACK")


@dataclass
class _Export:
    project: Project
    attachments: Attachments
    keys: KeyRing
    context: Context
    author: Callable[[bytes], str]
    progress: Progress | None
    archive: zipfile.ZipFile
    _names: dict[bytes, str] = field(default_factory=dict)
    _done: int = 0

    def run(self) -> Exported:
        row = self.project.db.one("SELECT (SELECT count(*) FROM changes), (SELECT count(*) FROM records)")
        assert row is not None
        self._whole = int(row[0]) + int(row[1])
        self.archive.writestr(self._info("README.txt"), README)
        attached = (*self.project.records(ATTACHMENT), *self.project.records(ATTACHMENT, deleted=True))
        self._text_names = TextNames(
            self.project, {each: f"../../{self._member(self.attachments.file(each))}" for each in attached}
        )
        records = {kind: self._records(kind) for kind in self._kinds()}
        changes = self._lines(CHANGES, self._changes())
        self._lines(ENVELOPES, self._envelopes())
        files, missing = self._files()
        contents = ExportContents(
            FORMAT,
            VERSION,
            self.project.id.hex(),
            self.project.name,
            self.project.clock.now_ms(),
            changes,
            records,
            files,
        )
        self.archive.writestr(self._info(CONTENTS), msgspec.json.format(_encode(contents)))
        held = len(files) - len(missing)
        return Exported(sum(records.values()), changes, held, tuple(missing))

    def _info(self, name: str, *, stored: bool = False) -> zipfile.ZipInfo:
        info = zipfile.ZipInfo(name, _MOMENT)
        info.compress_type = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
        return info

    def _lines(self, name: str, lines: Iterator[dict[str, Any]]) -> int:
        count = 0
        with self.archive.open(self._info(name), "w", force_zip64=True) as member:
            for line in lines:
                member.write(_encode(line) + b"\n")
                count += 1
        return count

    def _step(self) -> None:
        self._done += 1
        if self.progress is not None and self._done % 50 == 0:
            self.progress(self._done, self._whole)

    def _kinds(self) -> list[str]:
        rows = self.project.db.all(
            "SELECT DISTINCT kind FROM records WHERE kind <> ? ORDER BY kind", (ORIGIN,)
        )
        return [str(kind) for (kind,) in rows]

    def _records(self, kind: str) -> int:
        fields = load_fields(kind, self.project) if kind in KINDS else None
        ids = sorted([*self.project.records(kind), *self.project.records(kind, deleted=True)])
        name = _safe(kind)
        texts: list[tuple[str, int, int]] = []

        def lines() -> Iterator[dict[str, Any]]:
            for record in ids:
                found = self.project.get(record, kind)
                assert found is not None
                yield self._record(found, fields, texts)
                self._step()

        count = self._lines(f"records/{name}.jsonl", lines())
        for stem, rid, fid in texts:
            store = self.project.texts_store
            written = write_markdown(store.document(rid, fid), self._text_names, self._text_names)
            self.archive.writestr(self._info(f"{stem}.md"), written.encode())
            self.archive.writestr(self._info(f"{stem}.yjs"), store.state(rid, fid) or b"")
        return count

    def _record(
        self, found: Record, fields: FieldSet | None, texts: list[tuple[str, int, int]]
    ) -> dict[str, Any]:
        names = sorted(name for name in found.fields if name != "created")
        return {
            "id": id_text(found.id),
            "kind": found.kind,
            "deleted": found.deleted,
            "disputed": "deleted" in found.conflicts,
            "created": self._stamp(found.created),
            "updated": self._stamp(found.updated),
            "fields": {name: self._field(found.fields[name], fields) for name in names},
            "texts": self._texts(found, texts),
        }

    def _stamp(self, stamp: Stamp) -> dict[str, Any]:
        by = stamp.name or self._by(stamp.device)
        return {"by": by, "device": stamp.device.hex(), **open_moment(stamp.at)}

    def _by(self, device: bytes) -> str:
        if device not in self._names:
            self._names[device] = self.author(device)
        return self._names[device]

    def _field(self, state: FieldState, fields: FieldSet | None) -> dict[str, Any]:
        known = None if fields is None else fields.stored(state.name)
        found: dict[str, Any] = {}
        if known is not None:
            value = state.values if state.many else state.value
            found = {"name": known.typed_name, "value": to_json(known, value, self.context)}
        live = state.live
        if state.many:
            live = tuple(sorted(live, key=lambda write: (write.clock, _encode(open_value(write.value)))))
        writes = [
            {
                "value": open_value(write.value),
                "by": self._by(write.author),
                "device": write.author.hex(),
                **open_moment(write.clock),
            }
            for write in live
        ]
        return {**found, "conflicted": state.conflicted and state.name != "deleted", "writes": writes}

    def _texts(self, found: Record, texts: list[tuple[str, int, int]]) -> dict[str, str]:
        rid = self.project.numbers.known_record(found.kind, found.id)
        rows = self.project.db.all(
            "SELECT f.name FROM texts t JOIN fields f USING (fid) WHERE t.rid = ? ORDER BY f.name", (rid,)
        )
        named = {}
        for (name,) in rows:
            ending = "" if name == "text" else f".{_safe(str(name))}"
            stem = f"texts/{_safe(found.kind)}/{id_text(found.id)}{ending}"
            fid = self.project.numbers.known_field(found.kind, str(name))
            assert rid is not None
            assert fid is not None
            texts.append((stem, rid, fid))
            named[str(name)] = f"{stem}.md"
        return named

    def _changes(self) -> Iterator[dict[str, Any]]:
        for stored in stored_changes(self.project, self.keys):
            change = decode_change(stored.data)
            yield {
                "by": self._by(change.author),
                **open_change(change),
                "aside": stored.aside,
                "lost": list(stored.lost),
                **({"cut": stored.cut} if stored.cut else {}),
                "raw": base64.b64encode(stored.data).decode(),
            }
            self._step()

    def _envelopes(self) -> Iterator[dict[str, Any]]:
        rows = self.project.db.connection.execute(
            "SELECT e.hash, d.key, e.seq, e.kind, e.state, e.reason, e.wire FROM envelopes e"
            " JOIN devices d USING (did) ORDER BY e.eid"
        )
        for hashed, device, seq, kind, state, reason, wire in rows:
            yield {
                "hash": bytes(hashed).hex(),
                "device": bytes(device).hex(),
                "sequence": seq,
                "membership": kind == 1,
                "state": State(state).name.lower(),
                "reason": reason,
                "raw": base64.b64encode(bytes(wire)).decode(),
            }

    def _files(self) -> tuple[dict[str, str | None], list[str]]:
        files: dict[str, str | None] = {}
        missing = []
        for deleted in (False, True):
            for record in sorted(self.project.records(ATTACHMENT, deleted=deleted)):
                file = self.attachments.file(record)
                member = self._member(file)
                held = file.held()
                files[id_text(record)] = member if held else None
                if held:
                    self._file(member, file)
                else:
                    missing.append(file.name)
        return files, missing

    def _member(self, file: AttachedFile) -> str:
        return f"files/{id_text(file.record)}/{member_name(file.name)}"

    def _file(self, member: str, file: AttachedFile) -> None:
        manifest = file.manifest
        assert manifest is not None
        store = ChunkDirectory(file.directory / "chunks")
        with self.archive.open(self._info(member, stored=True), "w", force_zip64=True) as target:
            for piece in pieces(store, file.key, manifest):
                target.write(piece)


def member_name(name: str) -> str:
    """The name of a file as every system can unpack it; ``name`` has no folders in it."""
    safe = _FORBIDDEN.sub("_", name).rstrip(". ") or "file"
    stem = safe.split(".")[0].upper()
    reserved = stem in {"CON", "PRN", "AUX", "NUL"} or (len(stem) == 4 and stem[:3] in {"COM", "LPT"})
    return f"_{safe}" if reserved else safe


def _safe(name: str) -> str:
    """A kind or a field, which may be a later version's, as part of a member's name."""
    return (
        name if _SAFE.fullmatch(name) and ".." not in name and name[0] != "." else name.encode().hex()[:120]
    )


__all__ = ["CHANGES", "CONTENTS", "FORMAT", "VERSION", "ExportContents", "Exported", "export_project"]
