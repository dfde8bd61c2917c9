"""Writing the project into the folder: only files in which the project has something else to say than they do."""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final

from app.domain.schema import ATTACHMENT, ISSUE, NOTE, Field
from app.interchange.files import plain_errors
from app.interchange.folder.front_matter import FrontMatter
from app.interchange.folder.keys import BASE, ID, KINDS_HERE, TITLE
from app.interchange.folder.names import (
    ENDING,
    below_of,
    file_stem,
    files_of,
    folded,
    folder_of,
    is_markdown,
    joined,
    stem_of,
)
from app.interchange.folder.phases import FILES, WRITE
from app.interchange.folder.places import stale_links
from app.interchange.folder.reading import read_file, without_base
from app.interchange.folder.root import Part, Stamp, Walk
from app.interchange.folder.state import HASH, Base, FileRow, base_hash
from app.interchange.folder.tree import Tree
from app.interchange.folder.work import Info, Step, Work
from app.richtext.markdown_patch import patch_markdown
from app.richtext.markdown_write import write_markdown
from app.store.attached_file import AttachedFile
from app.store.touched import Touched
from sync.errors import NotFound, Refused, SitebookError
from sync.ids import id_text

_BATCH: Final = 64
_FLUSHING: Final = 8
"""Files that are brought to the disk at the same time."""
EVERYWHERE: Final = frozenset(
    {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.EMFILE, errno.ENFILE}
)
"""What is not the trouble of one file."""
_PIECE: Final = 1 << 20
_NAMING: Final = ("person", "label", "status", "location", "category", "field", "element")
"""Kinds of which front matter holds names."""


@dataclass
class _Prepared:
    """A file that is to be written, and what will be remembered of it."""

    info: Info
    path: str
    over: Stamp | None
    hashed: bytes
    data: bytes
    base: Base
    first: bool
    problem: str


class Export:
    """Brings the folder up to the project; what was done in the folder has been taken in before."""

    def __init__(self, work: Work, walk: Walk) -> None:
        self._work = work
        self._taken = work.taken | {folded(path) for path in (*walk.files, *walk.folders, *walk.left)}
        self._titles: dict[bytes, Any] = {}
        self._parents: dict[bytes, Any] = {}
        self._numbers: dict[bytes, Any] = {}
        self._tree = Tree({})
        self._based: set[int] = set()
        """The records that had a file before."""

    def steps(self) -> Iterator[Step]:
        """Remove, move, write."""
        work = self._work
        for kind in KINDS_HERE:
            self._titles |= work.project.column(kind, "title")
        self._parents = work.project.column(NOTE, "parent")
        notes = {info.id for info in work.by_id.values() if info.kind == NOTE and not info.gone}
        self._tree = Tree.of(notes, self._parents)
        self._based = work.state.based()
        self._numbers = work.project.column(ISSUE, "number")
        yield from self._remove()
        yield from self._move()
        yield from self._follow()
        wanted = self._wanted()
        for info in wanted:
            self._path_of(info)
        yield from self._attachments()
        with ThreadPoolExecutor(_FLUSHING) as self._flushing:
            yield from self._write(wanted)
        work.root.settle()

    # Removing

    def _remove(self) -> Iterator[Step]:
        work = self._work
        gone = [row for row in work.rows.values() if row.rid not in work.infos or work.infos[row.rid].gone]
        emptied = set()
        for row in sorted(gone, key=lambda row: row.path.count("/"), reverse=True):
            if row.problem or (not row.is_folder and not row.base):
                continue
            if row.is_folder or self._removed(row):
                with work.project.writing(Touched()):
                    work.drop_row(row)
                work.report.removed += not row.is_folder
                self._taken.discard(folded(row.path.rstrip("/")))
                emptied.add(row.path.rstrip("/") if row.is_folder else folder_of(row.path))
                yield Step(WRITE)
        for folder in sorted(emptied, key=len, reverse=True):
            if folder:
                work.root.remove_empty(folder)

    def _removed(self, row: FileRow) -> bool:
        work = self._work
        try:
            if work.root.remove(row.path, row.stamp):
                return True
        except SitebookError as error:
            self._tell(row.path, "was not removed", error)
            return False
        with work.project.writing(Touched()):
            work.put_row(row.with_(stamp=row.stamp.doubted()))
        return False

    def _tell(self, path: str, what: str, error: SitebookError) -> None:
        """Tell what went wrong with one file, so that the others go on. Raises the error where it is not of one."""
        if isinstance(error.__cause__, OSError) and error.__cause__.errno in EVERYWHERE:
            raise error
        self._work.say(path, f"{what}: {error}")

    # Paths

    def _move(self) -> Iterator[Step]:
        """Give files the names and folders of records that got others since."""
        work = self._work
        waiting = [
            info
            for row in work.rows.values()
            if (row.base or row.is_folder)
            and (info := work.infos.get(row.rid)) is not None
            and not info.gone
            and info.kind in KINDS_HERE
            and (self._title(info.id), self._parent(info)) != (row.title, row.parent)
        ]
        for info in self._from_above(waiting):
            current = work.row_of(info.rid)
            if current is None:
                continue
            title, parent = self._title(info.id), self._parent(info)
            path = self._moved_path(info, current, title, parent)
            renamed = current.with_(title=title, parent=parent)
            if path != current.path:
                self._move_to(renamed, path)
            else:
                with work.project.writing(Touched()):
                    work.put_row(renamed)
            yield Step(WRITE)

    def _from_above(self, infos: Iterable[Info]) -> list[Info]:
        """What is above goes first, so that what is below it follows."""
        return sorted(infos, key=lambda info: (self._tree.depth(info.id), info.id))

    def _moved_path(self, info: Info, row: FileRow, title: str, parent: bytes) -> str:
        folder = folder_of(row.path.rstrip("/"))
        if parent != row.parent and info.kind == NOTE:
            folder = self._folder_for(info)
        stem, before = self._stem(info, title), self._stem(info, row.title)
        old = stem_of(row.path.rstrip("/"))
        named = old == before or (old.startswith(f"{before} (") and old.endswith(")"))
        if stem == before or not named:
            stem = old  # a name that somebody gave to the file stays
        if folder == folder_of(row.path.rstrip("/")) and stem == old:
            return row.path
        own = {folded(each) for each in (row.path.rstrip("/"), below_of(row.path), files_of(row.path))}
        back = joined(folder, stem)
        if folded(back) in self._taken and self._waits_for(back, info):
            own.add(folded(back))
        path = self._free(folder, stem, own)
        return f"{below_of(path)}/" if row.is_folder else path

    def _waits_for(self, folder: str, info: Info) -> bool:
        """Whether a folder is what a note left behind with those below it in there."""
        if not self._is_nobodys(folder):
            return False
        inside = [row for row in self._work.rows.values() if folder_of(row.path.rstrip("/")) == folder]
        records = [self._work.infos[row.rid].id for row in inside if row.rid in self._work.infos]
        return any(self._tree.above(record) == info.id for record in records)

    def _move_to(self, row: FileRow, path: str) -> None:
        work = self._work
        moves = [(below_of(row.path), below_of(path)), (files_of(row.path), files_of(path))]
        if not row.is_folder and not self._moved(row.path, path):
            return
        stamp = row.stamp if row.is_folder else work.root.renewed(path, row.stamp)
        moves = [(old, new) for old, new in moves if self._carried(old, new)]
        with work.project.writing(Touched()):
            work.put_row(row.with_(path=path, stamp=stamp))
            for old, new in moves:
                self._rewrite(old, new)
        for old, new in moves:
            self._taken.discard(folded(old))
            self._taken.add(folded(new))
        self._taken.discard(folded(row.path))
        self._taken.add(folded(path))
        if row.path in work.report.problems:
            work.say(path, work.report.problems.pop(row.path))
        work.report.moved += 1

    def _moved(self, old: str, new: str) -> bool:
        """Give a file or a folder another path; False where it has the old one still."""
        try:
            return self._work.root.move(old, new)
        except SitebookError as error:
            self._tell(old, "was not moved", error)
        return False

    def _carried(self, old: str, new: str) -> bool:
        """Whether what was in a folder is in another one now: it was moved, or is not there any more."""
        return self._moved(old, new) or not self._work.root.has(old)

    def _follow(self) -> Iterator[Step]:
        """What lies below a note goes where its file is now: somebody moved that, or the program ended in between."""
        work = self._work
        notes = [info for info in work.infos.values() if info.kind == NOTE and not info.gone]
        for info in self._from_above(notes):
            row = work.row_of(info.rid)
            if row is None or not (row.base or row.is_folder):
                continue
            above = self._tree.above(info.id)
            path = None if above is None else work.places.path(above)
            old = folder_of(row.path.rstrip("/"))
            new = "" if info.id in self._tree.cut else below_of(path or "")
            if (path is None and info.id not in self._tree.cut) or new == old:
                continue
            if (
                old
                and new
                and self._is_nobodys(old)
                and folded(new) not in self._taken
                and not new.startswith(f"{old}/")
            ):
                if self._moved(old, new):
                    with work.project.writing(Touched()):
                        self._rewrite(old, new)
                    self._taken.discard(folded(old))
                    self._taken.add(folded(new))
            else:
                target = self._free(new, stem_of(row.path.rstrip("/")))
                self._move_to(row, f"{below_of(target)}/" if row.is_folder else target)
            yield Step(WRITE)

    def _is_nobodys(self, folder: str) -> bool:
        """Whether no note's file or folder goes by the name of a folder."""
        places = self._work.places
        return places.at(f"{folder}{ENDING}") is None and places.at(f"{folder}/") is None

    def _rewrite(self, old: str, new: str) -> None:
        """All that lay in a folder lies in another one now; the caller has a transaction open."""
        for each in list(self._work.rows.values()):
            if each.path.startswith(f"{old}/"):
                self._work.put_row(each.with_(path=new + each.path[len(old) :]))

    def _path_of(self, info: Info) -> str:
        """Where the file of a record lies, or is to lie."""
        work = self._work
        known = work.places.path(info.id)
        if known is None:
            folder = work.setting.issues if info.kind == ISSUE else self._folder_for(info)
            known = self._free(folder, self._stem(info, self._title(info.id)))
            self._taken |= {folded(known), folded(below_of(known))}
            work.places.move(info.id, known)
        return known

    def _folder_for(self, info: Info) -> str:
        """The folder of a note: that of what lies below its parent."""
        above = self._tree.above(info.id)
        return "" if above is None else below_of(self._path_of(self._work.by_id[above]))

    def _free(self, folder: str, stem: str, own: Set[str] = frozenset()) -> str:
        """A path that nothing has, nor the folders that would belong to it."""
        count = 1
        while True:
            path = joined(folder, (stem if count == 1 else f"{stem} ({count})") + ENDING)
            wanted = {folded(each) for each in (path, below_of(path), files_of(path))}
            if not (wanted & self._taken) - own:
                return path
            count += 1

    def _stem(self, info: Info, title: str) -> str:
        number = self._numbers.get(info.id)
        stem = file_stem(title, "Untitled")
        return f"{number} {stem}" if info.kind == ISSUE and isinstance(number, int) else stem

    def _title(self, record: bytes) -> str:
        value = self._titles.get(record)
        return value if isinstance(value, str) else ""

    def _parent(self, info: Info) -> bytes:
        value = self._parents.get(info.id)
        return value if isinstance(value, bytes) else b""

    # Files beside the texts

    def _attachments(self) -> Iterator[Step]:
        work = self._work
        if work.attachments is None:
            return
        parents = work.project.column(ATTACHMENT, "parent")
        waiting = [
            info
            for info in work.infos.values()
            if info.kind == ATTACHMENT and not info.gone and info.rid not in work.by_rid
        ]
        for count, info in enumerate(sorted(waiting, key=lambda info: info.id)):
            parent = work.by_id.get(parents.get(info.id) or b"")
            path = None if parent is None or parent.gone else work.places.path(parent.id)
            if path is None or not is_markdown(path):
                continue
            file = work.attachments.file(info.id)
            if file.held():
                self._write_attached(info, file, path)
                yield Step(FILES, count, len(waiting))

    def _write_attached(self, info: Info, file: AttachedFile, beside: str) -> None:
        work = self._work
        stem, dot, ending = file.name.rpartition(".")
        name = file_stem(stem if dot else ending, "file")
        suffix = f".{file_stem(ending, 'bin')}" if dot else ""
        if suffix.lower() == ENDING:
            suffix += ".txt"  # it is a file of somebody's, and no note
        folder, count = files_of(beside), 1
        while (
            folded(path := joined(folder, (name if count == 1 else f"{name} ({count})") + suffix))
            in self._taken
        ):
            count += 1
        try:
            with work.root.replacing(path, work.project.random, over=None) as part, file.open() as source:
                while piece := source.read(_PIECE):
                    part.write(piece)
        except SitebookError as error:
            work.say(path, f"was not written: {error}")
            return
        if part.stamp is None:
            return
        self._taken.add(folded(path))
        row = FileRow(path, info.rid, file.sha256[:HASH], part.stamp, work.state.mark)
        with work.project.writing(Touched()):
            work.put_row(row)
        work.report.written += 1

    # Texts

    def _wanted(self) -> list[Info]:
        """The records whose files may say something else than they do."""
        work = self._work
        row = work.project.db.one(
            f"SELECT max(updated) FROM records WHERE kind IN ({','.join('?' * len(_NAMING))})",  # noqa: S608
            _NAMING,
        )
        renamed_values = row is not None and int(row[0] or 0) > work.setting.mark
        linking = self._linking()
        found = []
        for info in work.infos.values():
            if info.gone or info.kind not in KINDS_HERE:
                continue
            file = work.row_of(info.rid)
            if file is None or (
                (info.updated > file.mark or info.rid in linking or (renamed_values and info.kind == ISSUE))
                and (file.base or file.is_folder)
            ):
                found.append(info)
        return found

    def _linking(self) -> set[int]:
        """The records with links to those whose files have another path than before."""
        work = self._work
        found: set[int] = set()
        for rid in work.renamed:
            info = work.infos.get(rid)
            if info is not None:
                rows = work.project.db.all(
                    "SELECT DISTINCT rid FROM local_links WHERE target = ?", (info.id,)
                )
                found.update(int(row[0]) for row in rows)
        return found

    def _write(self, wanted: Sequence[Info]) -> Iterator[Step]:
        work = self._work
        value_of = work.values(wanted)
        done = 0
        for start in range(0, len(wanted), _BATCH):
            batch = wanted[start : start + _BATCH]
            mark = work.state.mark
            prepared = []
            unchanged = []
            for info in batch:
                row = work.row_of(info.rid)
                try:
                    found = self._prepare(info, row, mark, value_of)
                except (Refused, NotFound) as error:  # what waits for somebody cannot be read now
                    self._tell(self._path_of(info), "was not written", error)
                    continue
                if found is not None:
                    prepared.append(found)
                elif row is not None:
                    unchanged.append(row.with_(mark=mark))
            self._write_batch(prepared, unchanged, mark)
            done += len(batch)
            yield Step(WRITE, done, len(wanted))

    def _write_batch(self, prepared: Sequence[_Prepared], unchanged: Sequence[FileRow], mark: int) -> None:
        """Bases first, then files, then what is remembered of them: the end of the program may come in between."""
        work = self._work
        with work.project.writing(Touched()):
            for each in prepared:
                work.state.put_base(each.hashed, each.base, first=each.first)
        written: list[FileRow] = []
        doubted: list[FileRow] = []
        parts: list[Part] = []
        try:
            begun = [each for each in prepared if self._begin(each, parts)]
            with plain_errors(work.root.path):
                # A disk brings many files to rest together in little more time than one.
                for _ in self._flushing.map(Part.flush, parts):
                    pass
            for each, part in zip(begun, parts, strict=True):
                try:
                    work.root.finish(part)
                except SitebookError as error:
                    self._tell(each.path, "was not written", error)
                    continue
                row = work.rows.get(each.path)
                if part.stamp is not None:
                    written.append(self._row(each, part.stamp, mark))
                elif row is not None:  # somebody was faster: the next pass looks at what he wrote
                    doubted.append(row.with_(stamp=row.stamp.doubted()))
        finally:
            for part in parts:
                work.root.give_up(part)
            with work.project.writing(Touched()):
                for row in (*written, *unchanged, *doubted):
                    work.put_row(row)
            work.report.written += len(written)

    def _begin(self, each: _Prepared, parts: list[Part]) -> bool:
        """Begin to write a file; where only this one cannot be written, the others go on."""
        work = self._work
        try:
            parts.append(work.root.begin(each.path, work.project.random, over=each.over))
        except SitebookError as error:
            self._tell(each.path, "was not written", error)
            return False
        with plain_errors(work.root.path / each.path):
            parts[-1].write(each.data)
        return True

    def _row(self, each: _Prepared, stamp: Stamp, mark: int) -> FileRow:
        old = self._work.row_of(each.info.rid)
        return FileRow(
            each.path,
            each.info.rid,
            each.hashed,
            stamp,
            mark,
            # Where its path could not follow, it is still made of what it was.
            self._title(each.info.id) if old is None else old.title,
            self._parent(each.info) if old is None else old.parent,
            each.problem,
            () if old is None else old.aliases,
        )

    def _prepare(
        self, info: Info, row: FileRow | None, mark: int, value_of: Callable[[Info, Field], Any] | None
    ) -> _Prepared | None:
        """What the file of a record is to be; None where it is that already."""
        work = self._work
        path = self._path_of(info)
        rendered = work.rendered(info, value_of)
        document = work.document(info)
        fresh = row is None or row.is_folder
        if row is not None and row.is_folder:
            if set(rendered) <= {TITLE} and write_markdown(document, work.names(path)).strip() == "":
                return None
            path = f"{below_of(path)}{ENDING}"
        found = work.state.last_base(info.rid) if row is None and info.rid in self._based else None
        last = found[1] if found is not None else None
        if row is not None and not row.is_folder:
            last = work.state.base(row.base)
            assert last is not None, "a file that is known has a base"
        text = "" if last is None else last.file.decode()
        if row is not None and row.problem:
            text = read_file(work.root, row.path).data.decode()
        front = FrontMatter.split(text)
        asked, answered = self._asked(info, row, front, last), False
        before = {} if last is None else last.fields
        for key in work.keys[info.kind].fields:
            if key not in rendered and key not in before:
                continue
            same = last is not None and rendered.get(key) == before.get(key)
            unsaid = key == TITLE and not fresh and not front.has(TITLE) and self._says_title(path, info)
            if not same and not unsaid:
                front.set(key, rendered.get(key))
                answered |= asked.pop(key, None) is not None
        names = work.names(path, {} if last is None else last.links)
        if last is None:
            front.body = write_markdown(document, names)
        else:
            names.stale = stale_links(last.links, work.places, names.folder)
            front.body = patch_markdown(front.body, document, names)
        problem = "" if row is None else row.problem
        if row is not None and answered and not asked:
            problem = ""
            work.report.problems.pop(row.path, None)
        made = Base(info.rid, b"", rendered, names.used, mark)
        return self._finished(info, row, path, front, text, made, last, asked, problem)

    def _asked(
        self, info: Info, row: FileRow | None, front: FrontMatter, last: Base | None
    ) -> dict[str, list[str]]:
        """The keys in a file that made no sense, with their lines in the base: they are asked for again."""
        if row is None or not row.problem or last is None:
            return {}
        old = FrontMatter.split(last.file.decode())
        lines = {key: old.lines_of(key) for key in self._work.keys[info.kind].fields}
        return {key: each for key, each in lines.items() if front.lines_of(key) != each}

    def _says_title(self, path: str, info: Info) -> bool:
        """Whether the name of a file is the title of its record, so that no line has to say it."""
        return stem_of(path) == (
            f"{self._numbers.get(info.id)} {self._title(info.id)}"
            if info.kind == ISSUE
            else self._title(info.id)
        )

    def _finished(
        self,
        info: Info,
        row: FileRow | None,
        path: str,
        front: FrontMatter,
        text: str,
        base: Base,
        last: Base | None,
        asked: Mapping[str, Sequence[str]],
        problem: str,
    ) -> _Prepared | None:
        """The file with its two keys, where anything in it is to be another."""
        claim = front.get(ID)
        there = row is not None and not row.is_folder and row.stamp.size >= 0
        named = b"" if last is None else last.named
        if front.text() != text or last is None or claim not in (None, id_text(info.id)):
            front.set(ID, id_text(info.id))
            standing = front.lines_of(BASE)
            hashed = named = base_hash(info.id, without_base(front.text()) if standing else front.text())
            front.set(BASE, named.hex())
        elif there:
            return None
        else:
            hashed = base_hash(info.id, without_base(text))
        data = front.text().encode()
        links = {**({} if last is None else last.links), **base.links}
        if problem:
            for key, lines in asked.items():
                front.put_lines(key, lines)
        made = Base(info.rid, front.text().encode(), base.fields, links, base.mark, named)
        over = row.stamp if row is not None and there else None
        return _Prepared(info, path, over, hashed, data, made, last is None, problem)
