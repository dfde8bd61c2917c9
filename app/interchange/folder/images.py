"""Files beside texts: images that a text shows become attachments, and so does what is put into a record's folder."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from app.domain.schema import ATTACHMENT, KINDS
from app.interchange.folder.names import FILES, folded, folder_of, is_markdown
from app.interchange.folder.places import Places
from app.interchange.folder.root import Stamp, Walk
from app.interchange.folder.state import HASH, FileRow
from app.interchange.folder.work import Info, Work
from app.store.attachments import Sealed, described, forget, seal_bytes
from app.store.operations import Edit
from app.store.touched import Touched
from sync.errors import Refused, SitebookError

MOST_FILE: Final = 100 << 20
"""Bytes of a file beside a text beyond which it is left alone."""
_IMAGES: Final = (".png", ".jpg", ".jpeg", ".gif", ".webp", ".heic", ".svg", ".bmp", ".avif")
_SHOWN: Final = re.compile(r"!\[\[([^\[\]|#\n]{1,400})|!\[[^\]\n]{0,400}\]\(<?([^)>\n]{1,800})")


@dataclass
class _Noted:
    """A file that is encrypted and has no record yet."""

    path: str
    stamp: Stamp
    record: bytes
    sealed: Sealed


class Images:
    """Makes attachments of files in the folder."""

    def __init__(self, work: Work, walk: Walk) -> None:
        self._work = work
        self._files = {folded(path): path for path in walk.files if not is_markdown(path)}
        self._stamps = walk.files
        self._named: dict[str, list[str]] = {}
        for path in self._files.values():
            self._named.setdefault(folded(path.rpartition("/")[2]), []).append(path)
        self._noted: dict[bytes, list[_Noted]] = {}

    def note(self, body: str, path: str, record: bytes) -> None:
        """Encrypt the images that a text shows and that are nobody's yet; the text can then be read with them."""
        if "![" not in body or self._work.attachments is None:
            return
        folder = folder_of(path)
        for match in _SHOWN.finditer(body):
            address = (match[1] or match[2].split(' "')[0]).strip()
            found = self._find(address, folder)
            if found is not None and self._work.places.at(found) is None and found.lower().endswith(_IMAGES):
                self._seal(found, record)

    def _find(self, address: str, folder: str) -> str | None:
        path = Places.image_path(address, folder, self._files)
        if path is not None:
            return self._files[folded(path)]
        found = self._named.get(folded(address.rpartition("/")[2]), ())
        return min(found, key=lambda each: (folder_of(each) != folder, each.count("/"), each), default=None)

    def _seal(self, path: str, parent: bytes) -> bool:
        work = self._work
        assert work.attachments is not None
        try:
            data, stamp = work.root.read(path, MOST_FILE)
            sealed = seal_bytes(
                path.rpartition("/")[2],
                data,
                work.attachments.directory,
                work.project.random,
                zone=work.attachments.zone,
            )
        except SitebookError as error:
            work.say(path, f"was not taken in: {error}")
            return False
        record = work.project.new_id()
        self._noted.setdefault(parent, []).append(_Noted(path, stamp, record, sealed))
        work.places.move(record, path)
        return True

    def attach_noted(self, parent: bytes, touched: Touched) -> None:
        """Make the records of what was noted for a record; the caller has a transaction open."""
        work = self._work
        for each in self._noted.pop(parent, []):
            try:
                fields = described(parent, each.sealed)
                work.project.append(work.project.creation(ATTACHMENT, each.record, fields, None), touched)
            except Refused as error:
                assert work.attachments is not None
                forget(each.sealed, work.attachments.directory)
                work.say(each.path, f"was not taken in: {error}")
                continue
            self._remember(work.learn(ATTACHMENT, each.record), each.path, each.stamp, each.sealed)

    def _remember(self, info: Info, path: str, stamp: Stamp, sealed: Sealed) -> None:
        work = self._work
        hashed = sealed.manifest.sha256[:HASH]
        work.put_row(FileRow(path, info.rid, hashed, stamp, work.state.mark))

    def changes(self) -> Iterator[Callable[[], Callable[[Touched], None] | None]]:
        """Files that were put into the folder of a record, and those whose content is another one now."""
        work = self._work
        if work.attachments is None:
            return
        for path in list(self._files.values()):
            row = work.rows.get(path)
            stamp = self._stamps[path]
            if row is not None and row.stamp != stamp:
                yield lambda path=path, row=row: self._replaced(path, row)  # type: ignore[misc]
            elif row is None and folder_of(path).lower().endswith(FILES):
                owner = work.places.at(folder_of(path)[: -len(FILES)] + ".md")
                info = None if owner is None else work.by_id.get(owner)
                if info is not None and not info.gone and info.kind in KINDS[ATTACHMENT].child_of:
                    yield lambda path=path, owner=info.id: self._put(path, owner)  # type: ignore[misc]

    def _put(self, path: str, owner: bytes) -> Callable[[Touched], None] | None:
        if self._work.places.at(path) is not None or not self._seal(path, owner):
            return None
        self._work.report.made += 1
        return lambda touched: self.attach_noted(owner, touched)

    def _replaced(self, path: str, row: FileRow) -> Callable[[Touched], None] | None:
        """A file has another content: so has the attachment."""
        work = self._work
        info = work.infos.get(row.rid)
        if info is None or info.gone or not self._seal(path, info.id):
            return None
        noted = self._noted.pop(info.id)[-1]
        work.places.move(info.id, path)

        def write(touched: Touched) -> None:
            same = noted.sealed.manifest.sha256[:HASH] == row.base
            fields = described(b"", noted.sealed)
            edits = [Edit(name, fields[name]) for name in ("manifest", "key", "sha256", "size", "captured")]
            try:
                if not same:
                    work.project.append(work.project.edits(info.id, edits), touched)
                    work.report.taken_in += 1
            except Refused as error:
                work.say(path, f"was not taken in: {error}")
                return
            self._remember(work.learn(ATTACHMENT, info.id), path, noted.stamp, noted.sealed)

        return write
