"""Taking in what was done to the files: edits, new files, moves; each as a person's edit of the document."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from app.domain.schema import ISSUE, NOTE
from app.interchange.folder.front_matter import FrontMatter, Value
from app.interchange.folder.images import Images
from app.interchange.folder.keys import NUMBER, TITLE
from app.interchange.folder.names import below_of, file_stem, folder_of, stem_of
from app.interchange.folder.reading import Read
from app.interchange.folder.state import NOT_THERE, Base, FileRow
from app.interchange.folder.work import Info, Work
from app.richtext.delta import Delete, Delta, Document, Retain, applied, difference
from app.richtext.markdown_read import read_markdown
from app.richtext.merge import merge
from app.store.operations import Edit
from app.store.touched import Touched
from sync.change import Operation
from sync.errors import NotFound, Refused, SitebookError

UNKNOWN: Final = (
    "comes from an export that is not known here; it was left as it is: take its text in, or write over it."
)
DELETED_HERE: Final = (
    "was deleted in the project and changed here; take its text in to bring it back, or write over it."
)
_NUMBERED: Final = re.compile(r"\d+ +")
BELOW_ITSELF: Final = "lay below itself, so it goes back to where it was."
UNTITLED: Final = "Untitled"

_Write = Callable[[Touched], None]


@dataclass
class _Fields:
    """What the front matter of a changed file asks for: edits, their keys, and the keys that make no sense."""

    edits: list[Edit]
    keys: set[str]
    failed: list[str]
    problem: str = ""
    unsaid: set[str] = field(default_factory=set)
    """Keys that the file is to say otherwise: what they stand for was changed by its place."""
    placed: bytes | None = None
    """The note in whose folder the file lies, where its note cannot stand below that one."""


class TakeIn:
    """Takes files in, one after the other. Each gives what is then called inside a transaction."""

    def __init__(self, work: Work, images: Images) -> None:
        self._work = work
        self._images = images
        self._fresh: dict[str, bytes] = {}

    # Files of records that are known

    def known(self, read: Read, info: Info) -> _Write | None:
        """A file that changed, moved or came back; None where there is nothing to do but to remember it."""
        work = self._work
        row = work.row_of(info.rid)
        base = self._base(read, info, row)
        if info.gone:
            return self._gone(read, info, row, base)
        if base is None:
            return self._unknown(read, info)
        return self._merging(read, info, row, base)

    def _base(self, read: Read, info: Info, row: FileRow | None) -> Base | None:
        """What the file was made of: as it was last seen, unless it names another base than that one did."""
        state = self._work.state
        last = state.base(row.base) if row is not None and row.base else None
        if row is not None and last is not None and (not read.named or read.named == last.named):
            # A file that was found to say all of a later state had seen that one.
            return replace(last, mark=max(last.mark, row.mark))
        if read.named:
            named = state.base(read.named)
            return named if named is not None and named.rid == info.rid else None
        if row is not None and row.is_folder:
            return Base(info.rid, b"", mark=row.mark)
        return None

    def _gone(self, read: Read, info: Info, row: FileRow | None, base: Base | None) -> _Write:
        """A file of a record that lies in the trash: it came back, or is to be removed, or was changed."""
        work = self._work
        if row is None and base is not None:
            merging = self._merging(read, info, None, base, restored=True)

            def restore(touched: Touched) -> None:
                work.project.append(work.project.restoration(info.id), touched)
                work.learn(info.kind, info.id)
                merging(touched)

            return restore
        untouched = row is not None and row.base and read.hash(info.id) == row.base
        problem = "" if untouched else DELETED_HERE
        if problem:
            work.say(read.path, problem)
        kept = self._row(read, info, row.base if row is not None else b"", problem)
        return lambda touched: work.put_row(kept)

    def _unknown(self, read: Read, info: Info) -> _Write:
        """A file of which nobody knows what it was made of: left as it is, unless it says what the document says."""
        work = self._work
        names = work.names(read.path)
        document, text = work.document(info), read_markdown(read.front.body, names)
        rendered = work.rendered(info)
        same = not difference(document, text) and all(
            read.front.get(key) == rendered.get(key) for key in work.keys[info.kind].fields if key != TITLE
        )
        if not same:
            work.say(read.path, UNKNOWN)
            row = self._row(read, info, b"", UNKNOWN)
            return lambda touched: work.put_row(row)
        return self._remember(read, info, rendered, dict(names.used))

    def _remember(
        self, read: Read, info: Info, rendered: dict[str, Value], links: dict[str, bytes]
    ) -> _Write:
        work = self._work

        def write(touched: Touched) -> None:
            mark = work.state.mark
            hashed = read.hash(info.id)
            work.state.put_base(hashed, Base(info.rid, read.data, rendered, links, mark, read.named))
            work.put_row(self._row(read, info, hashed, "", mark=mark))

        return write

    def _merging(
        self, read: Read, info: Info, row: FileRow | None, base: Base, *, restored: bool = False
    ) -> _Write:
        """Merge what was done to a file since its base into the document."""
        work = self._work
        old = FrontMatter.split(base.file.decode("utf-8", "surrogateescape"))
        names = work.names(read.path, base.links)
        theirs: Document | None = None
        common: Document = ()
        if old.body != read.front.body:
            self._images.note(read.front.body, read.path, info.id)
            theirs = read_markdown(read.front.body, names)
            common = read_markdown(old.body, work.names(read.path, base.links))

        def write(touched: Touched) -> None:
            inside = restored or work.learn(info.kind, info.id).updated > base.mark
            self._images.attach_noted(info.id, touched)
            fields = self._fields(read, info, row, base, old, touched)
            operations: list[Operation] = (
                list(work.project.edits(info.id, fields.edits)) if fields.edits else []
            )
            if theirs is not None:
                delta: Delta = merge(common, theirs, work.document(info))
                if delta:
                    operations.extend(work.project.text_change(info.id, "text", delta))
            try:
                changed = work.project.append(operations, touched) is not None
            except (Refused, NotFound) as error:
                # What could not be taken in stays in the file: nothing is written over it.
                work.say(read.path, str(error))
                work.put_row(self._row(read, info, b"", str(error)))
                return
            work.report.taken_in += changed
            self._write_base(read, info, base, old, names.used, fields, inside=inside)

        return write

    def _write_base(
        self,
        read: Read,
        info: Info,
        base: Base,
        old: FrontMatter,
        links: dict[str, bytes],
        fields: _Fields,
        *,
        inside: bool,
    ) -> None:
        """Remember the file as the new base; what made no sense in it is left out, so that it is asked again."""
        work = self._work
        now = work.rendered(work.learn(info.kind, info.id))
        rendered: dict[str, Value] = {}
        for key in work.keys[info.kind].fields:
            if not inside and key not in fields.unsaid:
                value = now.get(key)
            else:
                # What the project says otherwise than the file is written into it.
                value = read.front.get(key) if key in fields.keys else base.fields.get(key)
            if value is not None:
                rendered[key] = value
        inside = inside or bool(fields.unsaid)
        file, hashed = read.data, read.hash(info.id)
        if fields.failed:
            front = FrontMatter.split(read.data.decode())
            for key in fields.failed:
                front.put_lines(key, old.lines_of(key))
            kept = Read.of(read.path, front.text().encode(), read.stamp)
            file, hashed = kept.data, kept.hash(info.id)
        if fields.problem:
            work.say(read.path, fields.problem)
        mark = work.state.mark
        all_links = {**base.links, **links}
        work.state.put_base(hashed, Base(info.rid, file, rendered, all_links, mark, read.named))
        row = self._row(read, info, hashed, fields.problem, mark=0 if inside else mark)
        # What a file's place was made of tells the export that it is to lie elsewhere.
        work.put_row(row if fields.placed is None else row.with_(parent=fields.placed))

    def _row(self, read: Read, info: Info, hashed: bytes, problem: str, *, mark: int = 0) -> FileRow:
        work = self._work
        parent = work.project.field(info.id, "parent", info.kind).value
        old = work.row_of(info.rid)
        stays = old is not None and old.path == read.path
        return FileRow(
            read.path,
            info.rid,
            hashed,
            read.stamp,
            mark,
            # A file that stays where it is was named by what the title was; the export renames it.
            old.title if old is not None and stays else work.title(info),
            parent if isinstance(parent, bytes) else b"",
            problem,
            read.aliases,
        )

    # Fields

    def _fields(
        self, read: Read, info: Info, row: FileRow | None, base: Base, old: FrontMatter, touched: Touched
    ) -> _Fields:
        """What the front matter and the place of a file ask for."""
        found = _Fields([], set(), [])
        front = read.front
        for key, each in self._work.keys[info.kind].fields.items():
            if not each.writable or front.lines_of(key) == old.lines_of(key):
                continue
            now, was = front.get(key), old.get(key)
            if front.is_opaque(key):
                found.failed.append(key)
                found.problem = found.problem or f"has something under “{key}” that makes no sense here."
            elif now != was:
                self._edit(found, info, base, each.name, key, now, was)
        self._place(found, read, info, row, base, touched)
        return found

    def folder(self, row: FileRow, info: Info, folder: str) -> _Write:
        """A note that is only a folder got another name or place outside."""
        work = self._work

        def write(touched: Touched) -> None:
            parent = self.parent_of(folder_of(folder), touched)
            title = folder.rpartition("/")[2]
            edits = []
            if title != stem_of(row.path.rstrip("/")):
                edits.append(Edit(TITLE, title, "set", work.state.seen(NOTE, info.id, TITLE, row.mark)))
            if folder_of(folder) != folder_of(row.path.rstrip("/")) and not self._leads_to(info.id, parent):
                seen = work.state.seen(NOTE, info.id, "parent", row.mark)
                edits.append(Edit("parent", parent or None, "set", seen))
            try:
                work.project.append(work.project.edits(info.id, edits), touched)
            except (Refused, NotFound) as error:
                work.say(folder, str(error))
                return
            work.learn(info.kind, info.id)
            work.report.moved += 1
            changed = {"title": work.title(info), "parent": parent, "mark": work.state.mark}
            work.put_row(row.with_(path=f"{folder}/", **changed))

        return write

    def _leads_to(self, record: bytes, parent: bytes) -> bool:
        """Whether a note stands above another one, or is that one: it cannot go below it then."""
        over: set[bytes] = set()
        here: object = parent
        while isinstance(here, bytes) and here and here not in over:
            if here == record:
                return True
            over.add(here)
            here = self._work.project.field(here, "parent", NOTE).value
        return False

    def _edit(
        self, found: _Fields, info: Info, base: Base, name: str, key: str, now: Value, was: Value
    ) -> None:
        work = self._work
        keys = work.keys[info.kind]
        each = keys.fields[key]
        seen = work.state.seen(info.kind, info.id, name, base.mark)
        try:
            value = keys.parse(each, now)
        except SitebookError as error:
            found.failed.append(key)
            found.problem = found.problem or f"has a value under “{key}” that was not taken in: {error}"
            return
        found.keys.add(key)
        if not each.many:
            found.edits.append(Edit(name, value, "set", seen))
            return
        try:
            before = keys.parse(each, was)
        except SitebookError:  # a name in the base may be another one by now
            before = ()
        found.edits.extend(Edit(name, one, "add") for one in value if one not in before)
        found.edits.extend(Edit(name, one, "remove", seen) for one in before if one not in value)

    def _place(
        self, found: _Fields, read: Read, info: Info, row: FileRow | None, base: Base, touched: Touched
    ) -> None:
        """A file that got another name or folder outside: so did the record."""
        work = self._work
        if row is None or row.path == read.path or row.is_folder:
            return
        stem = stem_of(read.path)
        if stem_of(row.path) != stem and TITLE not in found.keys and TITLE not in found.failed:
            stem = _NUMBERED.sub("", stem, count=1) if info.kind == ISSUE else stem
            current = work.title(info)
            if stem and stem not in (current, file_stem(current, UNTITLED)):
                seen = work.state.seen(info.kind, info.id, TITLE, base.mark)
                found.edits.append(Edit(TITLE, stem, "set", seen))
                found.unsaid.add(TITLE)
            work.report.moved += 1
        if info.kind == NOTE and folder_of(row.path) != folder_of(read.path):
            parent = self.parent_of(folder_of(read.path), touched)
            if self._leads_to(info.id, parent):
                work.say(read.path, BELOW_ITSELF)
                found.placed = parent
            else:
                seen = work.state.seen(info.kind, info.id, "parent", base.mark)
                found.edits.append(Edit("parent", parent or None, "set", seen))
            work.report.moved += 1

    # New files

    def expect(self, reads: Sequence[Read]) -> None:
        """Give new files their ids and tell where they lie, so that links between them are found."""
        work = self._work
        titles = dict(work.places.titles)
        for read in reads:
            record = self._fresh[read.path] = work.project.new_id()
            titles[record] = _title_of(read, issue=self._kind(read.path) == ISSUE)
            work.places.put(record, FileRow(read.path, 0, b"", NOT_THERE, aliases=read.aliases))
        work.places.titles = titles

    def fresh(self, read: Read) -> _Write:
        """A new file becomes a note; in the folder of the issues, an issue."""
        work = self._work
        record, kind = self._fresh[read.path], self._kind(read.path)
        self._images.note(read.front.body, read.path, record)
        names = work.names(read.path)
        document = read_markdown(read.front.body, names)
        given = {key: read.front.get(key) for key in work.keys[kind].fields if key not in (TITLE, NUMBER)}
        values, problem = work.keys[kind].first_values(given)
        values["title"] = _title_of(read, issue=kind == ISSUE)

        def write(touched: Touched) -> None:
            fields: dict[str, Any] = dict(values)
            if kind == NOTE:
                fields["parent"] = self.parent_of(folder_of(read.path), touched) or None
            try:
                work.project.append(work.project.creation(kind, record, fields, document), touched)
            except Refused as error:
                work.say(read.path, str(error))
                return
            info = work.learn(kind, record)
            self._images.attach_noted(record, touched)
            if problem:
                work.say(read.path, f"has a value that was not taken in: {problem}")
            work.report.made += 1
            mark = work.state.mark
            hashed = read.hash(record)
            base = Base(info.rid, read.data, work.rendered(info), dict(names.used), mark, read.named)
            work.state.put_base(hashed, base)
            # A copy of another file says that it is that one: its mark is before everything, so it is written.
            row = self._row(read, info, hashed, problem, mark=0 if read.claim is not None else mark)
            work.put_row(row)

        return write

    def _kind(self, path: str) -> str:
        return ISSUE if folder_of(path) == self._work.setting.issues else NOTE

    def parent_of(self, folder: str, touched: Touched) -> bytes:
        """The note that a folder stands for, made where there is none; empty for the outermost."""
        work = self._work
        if not folder or folder == work.setting.issues:
            return b""
        known = work.places.at(f"{folder}.md") or work.places.at(f"{folder}/")
        if known is not None:
            return known
        above = self.parent_of(folder_of(folder), touched)
        title = folder.rpartition("/")[2]
        record = work.project.new_id()
        fields = {"title": title, "parent": above or None}
        work.project.append(work.project.creation(NOTE, record, fields, None), touched)
        info = work.learn(NOTE, record)
        work.put_row(FileRow(f"{folder}/", info.rid, b"", NOT_THERE, work.state.mark, title, above))
        return record

    # Ways out of a conflict

    def both(self, read: Read, info: Info) -> _Write:
        """Take in the text of a file of which nobody knows the base, beside what is in the document: both stay."""
        work = self._work
        rendered = work.rendered(info)
        names = work.names(read.path)
        self._images.note(read.front.body, read.path, info.id)
        theirs = read_markdown(read.front.body, names)

        def write(touched: Touched) -> None:
            if info.gone:
                work.project.append(work.project.restoration(info.id), touched)
                work.learn(info.kind, info.id)
            self._images.attach_noted(info.id, touched)
            ours = work.document(info)
            delta = merge(_common(ours, theirs), theirs, ours)
            operations = work.project.text_change(info.id, "text", delta) if delta else []
            edits = []
            for key, each in work.keys[info.kind].fields.items():
                value = read.front.get(key)
                if each.writable and value is not None and value != rendered.get(key):
                    try:
                        parsed = work.keys[info.kind].parse(each, value)
                    except SitebookError:
                        continue  # the file keeps what it says, and the project what it has
                    edits.extend(
                        [Edit(each.name, one, "add") for one in parsed]
                        if each.many
                        else [Edit(each.name, parsed)]
                    )
            work.project.append([*work.project.edits(info.id, edits), *operations], touched)
            work.report.taken_in += 1
            now = work.learn(info.kind, info.id)
            hashed = read.hash(info.id)
            links = dict(names.used)
            base = Base(info.rid, read.data, {}, links, work.state.mark, read.named)
            work.state.put_base(hashed, base)
            work.put_row(self._row(read, now, hashed, ""))

        return write

    def over(self, read: Read, info: Info) -> _Write:
        """Remember a file as one over which the document is to be written."""
        work = self._work
        links = work.names(read.path)
        read_markdown(read.front.body, links)

        def write(touched: Touched) -> None:
            hashed = read.hash(info.id)
            said = {key: read.front.get(key) for key in work.keys[info.kind].fields}
            base = Base(info.rid, read.data, said, dict(links.used), 0, read.named)
            work.state.put_base(hashed, base)
            work.put_row(self._row(read, info, hashed, ""))

        return write


def _common(ours: Document, theirs: Document) -> Document:
    """What two documents have in common, as a document."""
    deletions = [
        each if isinstance(each, Delete) else Retain(each.length)
        for each in difference(ours, theirs)
        if isinstance(each, Delete | Retain)
    ]
    return applied(ours, deletions)


def _title_of(read: Read, *, issue: bool) -> str:
    value = read.front.get(TITLE)
    if isinstance(value, str) and value.strip():
        return value.strip()
    stem = below_of(read.path).rpartition("/")[2]
    return (_NUMBERED.sub("", stem, count=1) or stem) if issue else stem
