"""Which file is which record: by what its front matter says, by where it lies, by what is in it."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass, field

from app.interchange.folder.keys import KINDS_HERE
from app.interchange.folder.names import below_of, folder_of, is_markdown
from app.interchange.folder.reading import Read
from app.interchange.folder.root import Walk
from app.interchange.folder.state import FileRow
from app.interchange.folder.work import Info, Work


@dataclass
class Matched:
    """``known`` files changed, moved or came back; ``fresh`` ones are nobody's yet; ``missing`` are gone."""

    known: list[tuple[Read, Info]] = field(default_factory=list)
    folders: list[tuple[FileRow, Info, str]] = field(default_factory=list)
    """Notes that are only folders, and have another path now."""
    fresh: list[Read] = field(default_factory=list)
    missing: list[FileRow] = field(default_factory=list)


def match(work: Work, walk: Walk, reads: Sequence[Read], unusable: Container[str]) -> Matched:
    """Find the record of each file that was read. ``unusable``: files that are there and cannot be read."""
    found = Matched()
    read_paths = {read.path for read in reads}
    taken = {
        row.rid
        for row in work.rows.values()
        if is_markdown(row.path) and _stands(row, walk, read_paths, unusable)
    }
    rest: list[Read] = []
    for read in sorted(reads, key=lambda read: (not _in_place(work, read), _order(read.path))):
        info = work.by_id.get(read.claim or b"")
        if info is not None and info.kind in KINDS_HERE and info.rid not in taken:
            taken.add(info.rid)
            found.known.append((read, info))
        else:
            rest.append(read)
    lost = [
        row for row in work.rows.values() if is_markdown(row.path) and row.base and row.path not in walk.files
    ]
    for read in rest:
        info = _by_place(work, read, taken) or _by_content(work, read, lost, taken)
        if info is not None:
            taken.add(info.rid)
            found.known.append((read, info))
        else:
            found.fresh.append(read)
    found.known.sort(key=lambda each: _order(each[0].path))
    found.fresh.sort(key=lambda read: _order(read.path))
    _follow_folders(work, walk, found)
    moved = {row.path for row, _, _ in found.folders}
    for row in work.rows.values():
        there = row.path.rstrip("/") in walk.folders if row.is_folder else row.rid in taken
        if (
            (row.is_folder or is_markdown(row.path))
            and not there
            and not _unread(row.path, walk)
            and row.path not in moved
        ):
            found.missing.append(row)
    return found


def _stands(row: FileRow, walk: Walk, read_paths: Container[str], unusable: Container[str]) -> bool:
    return (
        row.path in unusable
        or (row.path in walk.files and row.path not in read_paths)
        or _unread(row.path, walk)
    )


def _unread(path: str, walk: Walk) -> bool:
    """Whether a file lies where nobody could look."""
    return any(path.startswith(f"{folder}/") for folder in walk.unread) or path in walk.left


def _in_place(work: Work, read: Read) -> bool:
    row = work.rows.get(read.path)
    info = None if row is None else work.infos.get(row.rid)
    return info is not None and info.id == read.claim


def _order(path: str) -> tuple[int, str]:
    """What lies higher comes first: a note before those below it."""
    return path.count("/"), path


def _by_place(work: Work, read: Read, taken: Container[int]) -> Info | None:
    row = work.rows.get(read.path) or work.rows.get(f"{below_of(read.path)}/")
    return work.infos.get(row.rid) if row is not None and row.rid not in taken else None


def _by_content(work: Work, read: Read, lost: Sequence[FileRow], taken: Container[int]) -> Info | None:
    if read.claim is not None:
        return None
    for row in lost:
        info = work.infos.get(row.rid)
        if (
            info is not None
            and row.rid not in taken
            and row.stamp.size == len(read.data)
            and read.hash(info.id) == row.base
        ):
            return info
    return None


def _follow_folders(work: Work, walk: Walk, found: Matched) -> None:
    """A note that is only a folder goes where the notes in it went, where they all went to one place."""
    targets: dict[str, set[str]] = {}
    for read, info in found.known:
        row = work.row_of(info.rid)
        if row is not None and row.path != read.path:
            old, new = folder_of(row.path), folder_of(read.path)
            while old and new and old != new:
                targets.setdefault(f"{old}/", set()).add(new)
                if old.rpartition("/")[2] != new.rpartition("/")[2]:
                    break
                old, new = folder_of(old), folder_of(new)
    for old_folder, places in sorted(targets.items()):
        known = work.rows.get(old_folder)
        note = None if known is None else work.infos.get(known.rid)
        new_folder = next(iter(places))
        if (
            known is not None
            and note is not None
            and len(places) == 1
            and old_folder.rstrip("/") not in walk.folders
            and work.places.at(f"{new_folder}.md") is None
            and f"{new_folder}/" not in work.rows
        ):
            found.folders.append((known, note, new_folder))
