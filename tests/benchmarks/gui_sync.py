"""Writes on the GUI's connection while everything else goes on, beside the same writes without sync.

In the process of a window, with its own threads: a bundle is being made by the thread of files, over and over; a
bundle of a large project is taken by a worker, over and over; its photos upload; and another process brings in changes
through the server as fast as the goal says. What is timed is an edit of a person, made durable, as the window makes it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple

from app.domain.schema import ISSUE
from app.keys.entry import Identity
from app.keys.profile import Profile
from app.workspace.big_sample import Shape, make_sample
from app.workspace.bundling import publish_now
from app.workspace.workspace import Workspace, identity_of, keys_of
from sync.keys import SigningKey
from sync.membership_actions import Role
from sync.transport.http import HttpTransport
from tests.benchmarks import crew
from tests.benchmarks.keyring import FileKeyring
from tests.benchmarks.measure import file_system, ms, spread, table
from tests.benchmarks.process import PartFailed
from tests.benchmarks.sync_scene import attach_photos
from tests.benchmarks.work import Worker
from tests.server.process import ServerProcess

GOAL: Final = 0.005
"""Seconds above the p99 without sync."""
RATE: Final = 3_000
"""Changes a second that come in."""
_AT_ONCE: Final = 50
"""Changes in an envelope."""
_REQUEST: Final = 6
"""Envelopes in a request."""


class Scene(NamedTuple):
    """How much."""

    seconds: float = 20.0
    """Of each phase."""
    issues: int = 2_000
    """Of the project that is written in."""
    sample: Shape = Shape()
    """Of the project whose bundle is made and taken."""
    photos: int = 400
    photo_bytes: int = 1_500_000
    rate: int = RATE


def run(scene: Scene, folder: Path) -> str:
    """Measure, as a table."""
    with tempfile.TemporaryDirectory(dir=folder) as place, ServerProcess(Path(place) / "data") as server:
        scratch = Path(place)
        wires, project, key, codes = _prepare(scratch, server.url, scene)
        arguments = (str(scratch / "reader"), str(scratch), project.hex(), str(scene.seconds), *codes)
        with _part("tests.benchmarks.gui_sync_part", *arguments) as part:
            assert part.stdout is not None
            heading = part.stdout.readline()
            if heading != "flood\n":
                raise PartFailed(f"the window's part said {heading!r}:\n{(scratch / 'part.log').read_text()}")
            sent = _flood(server.url, project, key, wires, scene, part)
            last = part.stdout.readline()
            if part.wait(60) or not last:
                raise PartFailed(f"the window's part ended:\n{(scratch / 'part.log').read_text()}")
        where = file_system(scratch)
    said: dict[str, Any] = json.loads(last)
    return _shown(scene, said, sent, where)


def _shown(scene: Scene, said: dict[str, Any], sent: int, where: str) -> str:
    without = spread(said["without"]).p99
    rows = []
    for key, what in (
        ("without", "(a) no sync"),
        ("idle", "sync is on, nothing to do"),
        ("beside", "(b) with all of it"),
    ):
        times = spread(said[key])
        met = ""
        if key == "beside":
            above = times.p99 - without
            met = f"{ms(above)} above (a); at most {GOAL * 1e3:.0f}: {'met' if above <= GOAL else 'missed'}"
        rows.append((what, f"{len(said[key]):,}", ms(times.median), ms(times.p99), ms(times.most), met))
    title = f"Writing one field on the GUI's connection, durable, ms ({where}; server and other device on this machine)"
    note = (
        f"Meanwhile in {said['lasted']:.0f} s: {sent / said['lasted']:,.0f} changes/s came to the server and "
        f"{said['applied'] / said['lasted']:,.0f} a second were applied; {said['made']} bundles of "
        f"{scene.sample.issues:,} issues were made and published, {said['taken']} taken; {said['photos']} photos "
        f"of {scene.photo_bytes / 1e6:.1f} MB were uploaded."
    )
    return f"{table(title, ('writing', 'writes', 'p50', 'p99', 'at most', 'goal'), rows)}\n{note}"


@contextmanager
def _part(module: str, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    with (Path(arguments[1]) / "part.log").open("wb") as log:
        part = subprocess.Popen(
            [sys.executable, "-X", "faulthandler", "-m", module, *arguments],
            env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
    try:
        yield part
    finally:
        part.kill()
        part.wait()
        if part.stdout is not None:
            part.stdout.close()


def _prepare(scratch: Path, url: str, scene: Scene) -> tuple[list[bytes], bytes, SigningKey, tuple[str, ...]]:
    """Two projects on the server; the reader's profile has both, and photos that wait.

    Gives the envelopes that are to come in, their project, the key of who sends them, and codes to join the large
    project by.
    """
    author, reader = profile_at(scratch / "author", "A. Author"), profile_at(scratch / "reader", "B. Reader")
    with author, reader:
        project = author.new_project("Harbour Tower", url).project
        worker = Worker(author.open(project))
        worker.furnish()
        worker.make_issues(scene.issues)
        large = make_sample(author, "Sample", scene.sample, server=url).project
        # Enough for whoever takes it over and over: each join takes a second at least.
        codes = [author.invite(large, Role.EDITOR).text() for _ in range(1 + int(scene.seconds))]
        own = author.invite(project, Role.EDITOR).text()
        for each in (project, large):
            author.sync(each)
        publish_now(author, large)
        reader.join(own)
        reader.join(codes.pop())
        # Photos of a project wait while changes to the same one are under way; those of another do not.
        opened = reader.open(large)
        attach_photos(
            opened,
            reader.vault.profile.attachments_path(large),
            opened.records(ISSUE),
            scene.photos,
            scene.photo_bytes,
        )
        reader.sync(large)
        reader.sync(project)
        author.sync(project)
        wires = _to_come(author, worker, project, int(scene.seconds * scene.rate))
        signing = identity_of(author.entry(project)).signing
    (scratch / "large").write_bytes(large)
    return wires, project, signing, tuple(codes)


def profile_at(place: Path, name: str) -> Workspace:
    """A new profile."""
    place.mkdir()
    keyring = FileKeyring(place / "keyring.json")
    return Workspace.create(Profile.at(place), Identity(name, ""), None, keyring=keyring)[0]


def _to_come(author: Workspace, worker: Worker, project: bytes, count: int) -> list[bytes]:
    entry = author.entry(project)
    worker.edit_much(count)
    device = crew.Device(author.open(project), identity_of(entry), keys_of(entry).current())
    return list(crew.sealed(device, crew.unsealed(device), _AT_ONCE))


def _flood(
    url: str,
    project: bytes,
    key: SigningKey,
    wires: Sequence[bytes],
    scene: Scene,
    part: subprocess.Popen[str],
) -> int:
    """Push at the wanted speed until all is sent or the other part is through; gives the changes that were sent."""
    transport = HttpTransport(url, key)
    pause = threading.Event()
    begun = time.perf_counter()
    sent = 0
    for at in range(0, len(wires), _REQUEST):
        pause.wait(max(0.0, begun + at * _AT_ONCE / scene.rate - time.perf_counter()))
        if part.poll() is not None or time.perf_counter() - begun > scene.seconds:
            break
        batch = wires[at : at + _REQUEST]
        acks = transport.push(project, batch)
        assert all(ack.outcome == "accepted" for ack in acks), acks
        sent += len(batch) * _AT_ONCE
    transport.close()
    return sent
