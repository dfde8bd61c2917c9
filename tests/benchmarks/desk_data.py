"""The large sample for the benchmarks of the desk: made once, kept between runs, copied where it is written to."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date
from pathlib import Path

from app.domain.columns import Columns
from app.domain.directory import Context, ProjectDirectory
from app.keys.entry import Identity
from app.keys.profile import Profile
from app.store.project import Project
from app.workspace.big_sample import TODAY, Shape, make_sample
from app.workspace.workspace import Workspace
from tests.benchmarks.keyring import FileKeyring

NAME = "Quayside Hospital"
_FOLDER = "sitebook-benchmarks"
_SOURCES = (
    *(
        "app/workspace/big_sample.py",
        "app/workspace/big_sample_fields.py",
        "app/workspace/big_sample_places.py",
    ),
    *("app/workspace/big_sample_words.py", "app/store/schema.py", "resources/sample/quayside_hospital.json"),
)


def cached_profile(folder: Path, shape: Shape) -> Path:
    """A profile whose only project is the large sample of this shape; to be read only. Made where there is none."""
    place = folder / _FOLDER / _key(shape)
    if not place.exists():
        being_made = place.with_name(f"{place.name}.{os.getpid()}")
        being_made.mkdir(parents=True)
        try:
            _make(being_made, shape)
            if not place.exists():  # else another run has made the same meanwhile
                being_made.rename(place)
        finally:
            shutil.rmtree(being_made, ignore_errors=True)
        _tidy(place)
    return place


def _tidy(kept: Path) -> None:
    """Remove samples of the same shape that another version of the program made: each takes nearly a gigabyte."""
    shape = kept.name.rpartition("-")[0]
    for each in kept.parent.glob(f"{shape}-*"):
        if each != kept and "." not in each.name:
            shutil.rmtree(each, ignore_errors=True)


@contextmanager
def own_profile(folder: Path, shape: Shape) -> Iterator[Path]:
    """A copy of it that may be written to, for as long as this lasts."""
    cached = cached_profile(folder, shape)
    place = cached.with_name(f"{cached.name}.copy{os.getpid()}")
    shutil.rmtree(place, ignore_errors=True)
    shutil.copytree(cached, place)
    try:
        yield place
    finally:
        shutil.rmtree(place)


def open_workspace(profile: Path) -> Workspace:
    """The vault of such a profile, open."""
    return Workspace.open_profile(Profile.at(profile), keyring=FileKeyring(profile / "keyring.json"))


def only_project(workspace: Workspace) -> Project:
    """The project of such a profile, open."""
    return workspace.open(workspace.find(None).project)


def context_of(columns: Columns, me: bytes | None = None, today: date = TODAY) -> Context:
    """Names and the day, as values need them."""
    return Context(ProjectDirectory(columns, me), today, UTC, "GBP")


def _key(shape: Shape) -> str:
    """Named after the shape and all that says what such a project holds."""
    root = Path(__file__).resolve().parents[2]
    digest = hashlib.sha256(b"".join((root / each).read_bytes() for each in _SOURCES)).hexdigest()
    return f"{shape.issues}-{shape.people}-{shape.seed}-{shape.today.isoformat()}-{digest[:16]}"


def _make(place: Path, shape: Shape) -> None:
    keyring = FileKeyring(place / "keyring.json")
    workspace, _ = Workspace.create(Profile.at(place), Identity("Priya Kaur", ""), None, keyring=keyring)
    with workspace:
        entry = make_sample(workspace, NAME, shape)
        project = workspace.open(entry.project)
        with project.writing():
            # As if it had been pushed: otherwise every row is marked as being only here.
            project.db.run("DELETE FROM local_pending")
            project.db.run("UPDATE envelopes SET pushed = 1")
        while project.maintain(1_000):
            pass
        project.checkpoint()
