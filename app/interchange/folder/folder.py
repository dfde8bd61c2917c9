"""A project and its folder of Markdown files: one pass brings them together, both ways.

A pass looks at what lies in the folder, takes in what was done there, and then writes what the project has to say. It
can end anywhere, by a full disk or a power cut: the next one goes on from what it finds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from app.domain.directory import Context
from app.interchange.folder.export import Export
from app.interchange.folder.images import Images
from app.interchange.folder.keys import KINDS_HERE
from app.interchange.folder.matching import Matched, match
from app.interchange.folder.names import folded, is_markdown
from app.interchange.folder.phases import LOOK, READ, TAKE
from app.interchange.folder.reading import Read, read_file
from app.interchange.folder.root import Root, Stamp, Walk
from app.interchange.folder.state import NOT_THERE, FileRow, Setting, State
from app.interchange.folder.take_in import DELETED_HERE, TakeIn
from app.interchange.folder.work import Report, Step, Work
from app.store.attachments import Attachments
from app.store.deletion import DELETED, EMPTY
from app.store.project import Project
from app.store.touched import Touched
from sync.change import Change
from sync.errors import NotFound, Refused, SitebookError

MARKER: Final = ".sitebook"
"""The file by which a folder is known: it names the project, so that an empty place of mounting is not taken for it."""
ISSUES: Final = "Issues"
_TOGETHER: Final = 200
_FEW: Final = 5
_SHARE: Final = 4
"""Where more than a quarter of the files is missing at once, and more than a few, it is more likely a mishap."""


@dataclass
class Folder:
    """The folder of one project. Belongs to the thread of the project's connection.

    ``context`` gives what reading and showing values depends on, as it is now.
    """

    project: Project
    context: Callable[[], Context]
    attachments: Attachments | None = None

    def __post_init__(self) -> None:
        self.state = State(self.project)
        self.report = Report()
        self.made: list[Change] = []
        """The first change of the last pass that moved something to the trash: to be taken back as one."""

    # Switching on and off

    def switch_on(self, path: Path, *, vault: bool = False) -> Setting:
        """Say which folder it is; an empty or new one, unless it is a vault whose notes come into the project.

        Raises SitebookError where it cannot be used.
        """
        path = path.expanduser().absolute()
        if vault and not path.is_dir():
            raise NotFound(f"There is no folder {path}; check its name.")
        try:
            path.mkdir(parents=True, exist_ok=True)
            path = path.resolve()
        except OSError as error:
            raise SitebookError(
                f"The folder {path} cannot be used ({error.strerror or 'the system says no'}); choose another one."
            ) from error
        root = Root(path, self.project.clock)
        owner = _owner(root)
        if owner is not None and owner != self.project.id.hex():
            raise Refused(f"The folder {path} belongs to another project; choose another folder.")
        last = self.state.setting
        walk = _walked(root)
        if owner is None and not vault and (walk.files or walk.folders):
            raise Refused(
                f"The folder {path} is not empty; choose an empty one, or open it as a vault to take its notes in."
            )
        same = last is not None and last.path == path
        if same and last is not None:
            issues = last.issues
        else:
            taken = set() if owner is not None else {folded(each) for each in walk.folders}
            issues, count = ISSUES, 1
            while folded(issues) in taken or folded(f"{issues}.md") in {folded(each) for each in walk.files}:
                count += 1
                issues = f"{ISSUES} ({count})"
        setting = Setting(path, issues, 0)
        _mark(root, self.project)
        with self.project.writing():
            if not same:
                self.state.forget_files()
            self.state.put_setting(setting)
        return setting

    def switch_off(self) -> None:
        """Write and read nothing there any more. The files stay."""
        with self.project.writing():
            self.state.put_setting(None)
            self.state.forget_files()

    @property
    def setting(self) -> Setting:
        """Which folder it is. Raises Refused where none is."""
        found = self.state.setting
        if found is None:
            raise Refused("No folder is switched on for this project; switch one on first.")
        return found

    def problems(self) -> dict[str, str]:
        """What waits for somebody, as of the last pass: by path, the end of a sentence about the file."""
        return {row.path: row.problem for row in self.state.files().values() if row.problem}

    # A pass

    def steps(self, *, missing: bool | None = None) -> Iterator[Step]:
        """Bring folder and project together; ``report`` says then what was done.

        ``missing``: where many files are gone at once, nothing is done, unless this says that they were deleted
        (True), or are to be written again (False). Raises SitebookError.
        """
        self.report = Report()
        self.made = []
        setting = self.setting
        root = Root(setting.path, self.project.clock)
        self._check(root)
        try:
            walk = Walk()
            for walk in root.walk():
                yield Step(LOOK, len(walk.files))
            yield from self._pass(root, setting, walk, missing)
        finally:
            root.forget()

    def _check(self, root: Root) -> None:
        owner = _owner(root) if root.is_there() else None
        if owner is None:
            raise Refused(
                f"The folder {root.path} is not there, or is another one than it was; nothing was done. "
                "Attach its disk, or switch the folder off and on again."
            )
        if owner != self.project.id.hex():
            raise Refused(f"The folder {root.path} belongs to another project; nothing was done.")

    def _pass(self, root: Root, setting: Setting, walk: Walk, missing: bool | None) -> Iterator[Step]:
        rows = self.state.files()
        yield from self._look_again(root, rows, walk)
        self.report.files = sum(is_markdown(path) for path in walk.files)
        self.report.problems.update(walk.left)
        self.report.problems.update({row.path: row.problem for row in rows.values() if row.problem})
        mark = self.state.mark
        changed = [
            path
            for path, stamp in walk.files.items()
            if is_markdown(path) and (_differs(rows.get(path), stamp) or self._came_back(rows.get(path)))
        ]
        if not changed and mark == setting.mark and not self._anything_else(rows, walk):
            return
        work = Work(self.project, root, setting, self.context(), self.attachments)
        work.report = self.report
        reads: list[Read] = []
        unusable: set[str] = set()
        for count, path in enumerate(changed):
            self.report.problems.pop(path, None)
            try:
                reads.append(read_file(root, path))
            except Refused as error:
                unusable.add(path)
                work.say(path, str(error))
            yield Step(READ, count, len(changed))
        matched = match(work, walk, reads, unusable)
        gone = [*matched.missing, *_lost_files(work, walk)]
        if self._vanished(rows, gone, missing):
            return
        yield from self._take_in(work, walk, matched, gone, again=missing is False)
        self.made = work.made
        if work.report.changed or mark != self.state.mark:
            # What was taken in may have given names and places to others.
            work = self._renewed(work)
        yield from Export(work, walk).steps()
        self.report.files = sum(is_markdown(path) for path in work.rows)
        with self.project.writing(Touched()):
            self.state.put_setting(setting._replace(mark=self.state.mark))

    def _look_again(self, root: Root, rows: dict[str, FileRow], walk: Walk) -> Iterator[Step]:
        """Look into files that may hold something else though they look the same, or the same though they do not.

        Those that hold what they did are as remembered from then on; the stamps of others are no longer known.
        """
        doubtful = [
            row
            for path, stamp in walk.files.items()
            if (row := rows.get(path)) is not None
            and row.stamp.size == stamp.size
            and (row.stamp.young or row.stamp != stamp)
        ]
        for start in range(0, len(doubtful), _TOGETHER):
            looked = []
            for row in doubtful[start : start + _TOGETHER]:
                try:
                    found = root.digested(row.path)
                except (Refused, NotFound):
                    continue  # what cannot be read now is told of when it is to be taken in
                if row.stamp.digest and found.digest == row.stamp.digest:
                    walk.files[row.path] = found
                    if row.stamp != found or not found.young:
                        looked.append(row.with_(stamp=found))
                elif row.stamp == walk.files[row.path]:
                    looked.append(row.with_(stamp=row.stamp.doubted()))
            if looked:
                rows.update((row.path, row) for row in looked)
                self.state.write(looked)
            yield Step(LOOK, len(walk.files))

    def _renewed(self, work: Work) -> Work:
        renewed = Work(self.project, work.root, work.setting, self.context(), self.attachments)
        renewed.report, renewed.renamed, renewed.made = work.report, work.renamed, work.made
        return renewed

    def _anything_else(self, rows: dict[str, FileRow], walk: Walk) -> bool:
        """Whether anything is missing, or lies there that is no text and was not there before."""
        if any(
            row.path.rstrip("/") not in walk.folders if row.is_folder else row.path not in walk.files
            for row in rows.values()
        ):
            return True
        return any(
            not is_markdown(path) and path in rows and _differs(rows[path], stamp)
            for path, stamp in walk.files.items()
        ) or any(".files/" in path and path not in rows for path in walk.files)

    def _came_back(self, row: FileRow | None) -> bool:
        """Whether a file waits because its record was in the trash, and that is there again."""
        if row is None or row.problem != DELETED_HERE:
            return False
        found = self.project.db.one("SELECT state FROM records WHERE rid = ?", (row.rid,))
        return found is not None and found[0] not in (DELETED, EMPTY)

    def _vanished(self, rows: dict[str, FileRow], gone: list[FileRow], missing: bool | None) -> bool:
        files = [row for row in gone if not row.is_folder]
        total = sum(not row.is_folder for row in rows.values())
        if missing is None and len(files) > _FEW and len(files) * _SHARE > total:
            self.report.vanished = len(files)
            return True
        return False

    def _take_in(
        self, work: Work, walk: Walk, matched: Matched, gone: list[FileRow], *, again: bool
    ) -> Iterator[Step]:
        images = Images(work, walk)
        taking = TakeIn(work, images)
        taking.expect(matched.fresh)
        folders = [lambda each=each: taking.folder(*each) for each in matched.folders]
        yield from work.slices(TAKE, folders, len(folders))
        known = [lambda read=read, info=info: taking.known(read, info) for read, info in matched.known]
        yield from work.slices(TAKE, known, len(known))
        fresh = [lambda read=read: taking.fresh(read) for read in matched.fresh]
        yield from work.slices(TAKE, fresh, len(fresh))
        yield from work.slices(TAKE, images.changes(), 0)
        # What is above goes last, when what was below it is gone.
        gone.sort(key=lambda row: row.path.count("/"), reverse=True)
        units = [
            lambda row=row: lambda touched: self._missing(work, row, touched, again=again) for row in gone
        ]
        yield from work.slices(TAKE, units, len(units))

    def _missing(self, work: Work, row: FileRow, touched: Touched, *, again: bool) -> None:
        """A file is gone: so is its record, if nothing else was done to it; else the file is written again."""
        info = work.infos.get(row.rid)
        if info is None or info.gone or (row.problem and not row.base):
            work.drop_row(row)
            return
        now = work.learn(info.kind, info.id)
        if not again and not row.problem and now.updated <= row.mark and not self._has_below(work, info.id):
            try:
                work.trash(info.id, touched)
            except (Refused, NotFound) as error:
                work.say(row.path, str(error))
            else:
                work.report.trashed += not row.is_folder
                work.learn(info.kind, info.id)
                work.drop_row(row)
                return
        there = work.rows.get(row.path)
        if row.is_folder or not is_markdown(row.path) or (there is not None and there.rid != row.rid):
            work.drop_row(row)
        else:
            work.put_row(row.with_(stamp=NOT_THERE, mark=0, problem=""))

    def _has_below(self, work: Work, record: bytes) -> bool:
        return any(self.project.children(record, kind) for kind in KINDS_HERE)

    # Ways out

    def settle(self, path: str, *, take_file: bool) -> Iterator[Step]:
        """End the conflict of a file: take what it says in beside what the project has, or write over it."""
        setting = self.setting
        root = Root(setting.path, self.project.clock)
        self._check(root)
        work = Work(self.project, root, setting, self.context(), self.attachments)
        row = work.rows.get(path)
        info = None if row is None else work.infos.get(row.rid)
        if row is None or info is None or not row.problem:
            raise NotFound(
                f"There is nothing to settle about {path}; name a file that the folder's status lists."
            )
        read = read_file(root, path)
        walk = Walk()
        for walk in root.walk():
            yield Step(LOOK, len(walk.files))
        taking = TakeIn(work, Images(work, walk))
        if info.gone and not take_file:
            with self.project.writing(Touched()):
                work.put_row(
                    row.with_(
                        base=read.hash(info.id),
                        problem="",
                        stamp=read.stamp,
                    )
                )
        else:
            unit = taking.both(read, info) if take_file else taking.over(read, info)
            yield from work.slices(TAKE, [lambda: unit], 1)
        with self.project.writing(Touched()):
            self.state.put_setting(setting._replace(mark=-1))
        yield from self.steps()


def _walked(root: Root) -> Walk:
    try:
        *_, found = root.walk()
    finally:
        root.forget()
    return found


def _differs(row: FileRow | None, stamp: Stamp) -> bool:
    return row is None or row.stamp != stamp


def _lost_files(work: Work, walk: Walk) -> list[FileRow]:
    """Files beside texts that are gone."""
    return [
        row
        for row in work.rows.values()
        if not row.is_folder
        and not is_markdown(row.path)
        and row.path not in walk.files
        and not any(row.path.startswith(f"{folder}/") for folder in walk.unread)
    ]


def _owner(root: Root) -> str | None:
    """The project that a folder says it belongs to; None where it says nothing."""
    try:
        data, _ = root.read(MARKER, 4096)
    except SitebookError:
        return None
    finally:
        root.forget()
    return data.decode(errors="replace").split("\n", 1)[0].strip()


def _mark(root: Root, project: Project) -> None:
    text = f"{project.id.hex()}\nThis folder is a copy of a Sitebook project, which is not encrypted.\n"
    try:
        root.write(MARKER, text.encode(), project.random, over=root.stamp(MARKER))
        root.settle()
    finally:
        root.forget()
