"""A bundle of the large sample: publishing it to a real server, and from its last byte to a project that is searchable.

Beside it, the same project taken from the log row by row, as where no bundle is.
"""

from __future__ import annotations

import tempfile
import time
from contextlib import closing
from pathlib import Path

from app.domain.schema import ISSUE
from app.keys.entry import Identity, ProjectEntry
from app.keys.profile import Profile
from app.store.bundle_files import Arriving, bundle_path
from app.store.bundle_image import Origin, settle_image, write_file
from app.store.project import Project
from app.workspace.big_sample import Shape, make_sample
from app.workspace.bundling import publish_now
from app.workspace.workspace import Workspace, identity_of, keys_of
from sync.bundle import open_contents, read_manifest
from sync.bundle_fetch import Fetcher
from sync.chunks import ChunkDirectory
from sync.clock import SystemClock, system_random
from sync.engine import Engine, run_until_idle
from sync.transport.http import HttpTransport
from tests.benchmarks.measure import file_system, table
from tests.server.process import ServerProcess

_LIMIT = 3_600.0
_CLOCK = SystemClock()


class _Phases:
    """How long each phase took: by the clock, and of the processor."""

    def __init__(self) -> None:
        self.rows: list[tuple[str, str, str]] = []
        self._begin()

    def _begin(self) -> None:
        self._wall, self._busy = time.perf_counter(), time.process_time()

    def note(self, what: str) -> float:
        """A phase ended; the next begins."""
        taken = time.perf_counter() - self._wall
        self.rows.append((what, f"{taken:.2f}", f"{time.process_time() - self._busy:.2f}"))
        self._begin()
        return taken


def run(shape: Shape, folder: Path) -> str:
    """Measure, as a table."""
    with tempfile.TemporaryDirectory(dir=folder) as place, ServerProcess(Path(place) / "data") as server:
        workspace, _ = Workspace.create(
            Profile(Path(place) / "author"), Identity("A. Author", ""), "benchmark pass"
        )
        with workspace:
            entry = make_sample(workspace, "Sample", shape, server=server.url)
            workspace.sync(entry.project)
            phases = _Phases()
            published = publish_now(workspace, entry.project)
            phases.note("published: made, compressed, sealed, sent")
            _take(workspace, entry, Path(place), phases)
            _replay(workspace, entry, Path(place), phases)
    title = (
        f"A bundle of {shape.issues:,} issues: {published.size / 1e6:.1f} MB to download"
        f" ({file_system(folder)}; server, author and reader on this machine)"
    )
    return table(title, ("phase", "seconds", "of this process"), phases.rows)


def _take(workspace: Workspace, entry: ProjectEntry, place: Path, phases: _Phases) -> None:
    transport = workspace.transport(entry)
    with closing(transport):
        assert isinstance(transport, HttpTransport)
        manifest = read_manifest(transport.bundles(entry.project)[0].manifest)
        contents = open_contents(manifest, keys_of(entry))
        assert contents is not None
        path, key = place / "taken.sitebook", system_random(32)
        chunks = ChunkDirectory(bundle_path(path))
        fetcher = Fetcher(transport, manifest, chunks, _CLOCK)
        with closing(Arriving(manifest, contents, chunks)) as arriving:
            while not fetcher.step():
                arriving.came()
            phases.note("downloaded, and decompressed meanwhile")
            begun = time.perf_counter()
            opened = arriving.open()
    phases.note("last byte to checked in memory")
    with closing(opened.database):
        settle_image(
            opened,
            schema=contents.schema,
            device=identity_of(entry).device,
            origin=Origin(manifest.hash, manifest.cookie),
            clock=_CLOCK,
        )
        phases.note("its own tables and indexes made")
        write_file(opened, path, key)
    phases.note("written as an encrypted file")
    with closing(_open(path, key, entry)) as project:
        with project.reader() as search:
            assert search.first_hits("door") or search.first_hits("a")
        phases.note("opened, and a word found")
        phases.rows.append(("last byte to searchable, together", f"{time.perf_counter() - begun:.2f}", ""))


def _replay(workspace: Workspace, entry: ProjectEntry, place: Path, phases: _Phases) -> None:
    path, key = place / "replayed.sitebook", system_random(32)
    identity = identity_of(entry)
    project = Project.make(
        path,
        key,
        project=entry.project,
        device=identity.device,
        clock=_CLOCK,
        random=system_random,
        alone=False,
    )
    phases.note("")
    phases.rows.pop()
    transport = workspace.transport(entry)
    with closing(transport), closing(project):
        engine = Engine(workspace.side(entry, project), transport, _CLOCK, system_random)
        run_until_idle(engine, _CLOCK, _LIMIT)
        assert project.records(ISSUE)
    phases.note("the same from the log, row by row, download included")


def _open(path: Path, key: bytes, entry: ProjectEntry) -> Project:
    return Project.open(path, key, device=identity_of(entry).device, clock=_CLOCK, random=system_random)
