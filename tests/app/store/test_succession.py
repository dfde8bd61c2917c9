"""A device whose key is in use elsewhere: it goes on under another, wherever it is killed meanwhile."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import apsw
import pytest
from pycrdt import Doc, Text

from app.domain.schema import ISSUE
from app.store.project import Project
from app.store.succession import is_kept
from app.store.sync_side import SyncSide
from app.store.texts import open_document
from sync.clock import system_random
from sync.cookie import Cookie
from sync.envelope import parse
from sync.epochs import KeyRing
from sync.errors import SitebookError
from sync.identity import DeviceIdentity
from sync.transport.base import Outcome, PushAck
from sync.yupdate import ROOT
from tests.app.store.replicas import picture
from tests.benchmarks import crew
from tests.benchmarks.crew import CLOCK


class Killed(BaseException):
    """The process ended."""


class Server:
    """A log in which everything is taken."""

    def __init__(self) -> None:
        self.wires: list[bytes] = []
        self.known: set[bytes] = set()

    def exchange(self, side: SyncSide) -> None:
        """One round: all is pulled, then all is pushed, then that is pulled."""
        for _ in range(2):
            cookie = Cookie.start(bytes(16))
            for wire in self.wires:
                cookie = cookie.advance(parse(wire).hash)
            side.receive(self.wires, cookie, False)
            side.settle_reset()
            side.prepare_push()
            waiting = side.unpushed(1_000, 1 << 24)
            for name, wire in waiting:
                if name not in self.known:
                    self.known.add(name)
                    self.wires.append(wire)
            side.pushed([PushAck(name, Outcome.ACCEPTED, 1, "") for name, _ in waiting])


@pytest.fixture
def forked(tmp_path: Path) -> tuple[Server, crew.Device, Path]:
    """A device with something unsent in its file, sealed and not, whose key another wrote under meanwhile."""
    server = Server()
    author = crew.found(tmp_path)
    record, _ = author.project.create(ISSUE, {"title": "Before"}, text="words")
    server.exchange(author.side)
    author.project.close()
    copy = tmp_path / "copy.sitebook"
    shutil.copy(author.project.path, copy)
    key = author.project._key
    for path, title in ((author.project.path, "By the original"), (copy, "By the copy")):
        project = Project.open(path, key, device=author.identity.device, clock=CLOCK, random=system_random)
        side = SyncSide(project, author.identity, KeyRing((author.key,)))
        project.create(ISSUE, {"title": title})
        project.insert_text(record, "text", 0, f"{title}, ")
        side.prepare_push()  # sealed in one place of the chain
        project.create(ISSUE, {"title": f"{title}, not sealed"})
        if path != copy:
            server.exchange(side)
        project.close()
    return server, author, copy


def started(
    path: Path, author: crew.Device, told: Callable[[DeviceIdentity], None] | None = None
) -> tuple[Project, SyncSide]:
    project = Project.open(
        path, author.project._key, device=author.identity.device, clock=CLOCK, random=system_random
    )
    return project, SyncSide(project, author.identity, KeyRing((author.key,)), succeeded=told)


def titles(project: Project) -> set[object]:
    return set(project.column(ISSUE, "title").values())


ALL = {
    "Before",
    *(f"By the {who}{what}" for who in ("original", "copy") for what in ("", ", not sealed")),
}


def test_both_branches_stay_and_the_copy_takes_a_new_key(forked: tuple[Server, crew.Device, Path]) -> None:
    server, author, copy = forked
    kept: list[DeviceIdentity] = []
    project, side = started(copy, author, kept.append)
    ids = {bytes(row[0]) for row in project.db.all("SELECT id FROM changes")}
    server.exchange(side)
    assert [each.device for each in kept] == [side.identity.device]
    assert side.identity.device != author.identity.device
    assert not is_kept(project)
    # The same changes under the new key, and none of the unsent envelopes of the old one.
    assert ids <= {bytes(row[0]) for row in project.db.all("SELECT id FROM changes")}
    mine = [parse(wire) for wire in server.wires if parse(wire).header.device == side.identity.device]
    assert mine
    assert [each.header.seq for each in mine] == list(range(1, len(mine) + 1))
    places = [
        (each.header.device, each.header.seq)
        for each in map(parse, server.wires)
        if each.header.device == author.identity.device and each.header.kind == 0
    ]
    assert len(places) == len(set(places)), "the copy's own branch was never sent under the key of both"
    original, other = started(author.project.path, author)
    server.exchange(other)
    server.exchange(side)
    server.exchange(other)
    assert titles(project) == titles(original) == ALL
    assert picture(project) == picture(original)
    assert project.status().waiting == original.status().waiting == 0
    project.close()
    original.close()


def test_typing_that_goes_on_after_the_new_key_does_not_collide(
    forked: tuple[Server, crew.Device, Path],
) -> None:
    server, author, copy = forked
    project, side = started(copy, author)
    [record] = [each for each, title in project.column(ISSUE, "title").items() if title == "Before"]
    numbers = project._text_numbers(record, "text")
    assert numbers is not None
    editor: Doc[Any] = open_document(project.texts_store.state(*numbers), client=77)
    text = editor.get(ROOT, type=Text)

    def typed(words: str) -> None:
        before = editor.get_state()
        text.insert(0, words)
        project.draft_text(record, "text", 77, editor.get_update(before))

    typed("one ")
    server.exchange(side)
    assert side.identity.device != author.identity.device
    typed("two ")
    server.exchange(side)
    assert project.plain_text(record).startswith("two one ")
    lost = project.db.one("SELECT count(*) FROM updates WHERE lost <> 0")
    assert lost is not None
    assert lost[0] == 0
    other, elsewhere = started(author.project.path, author)
    server.exchange(elsewhere)
    assert other.plain_text(record) == project.plain_text(record)
    other.close()
    project.close()


def test_killed_at_every_commit_it_goes_on(forked: tuple[Server, crew.Device, Path], tmp_path: Path) -> None:
    server, author, copy = forked
    wires, known = list(server.wires), set(server.known)
    for commits in range(60):
        server.wires, server.known = list(wires), set(known)
        path = tmp_path / f"killed{commits}.sitebook"
        shutil.copy(copy, path)
        left = [commits]
        kept: list[DeviceIdentity] = []

        def keep(identity: DeviceIdentity, kept: list[DeviceIdentity] = kept, left: list[int] = left) -> None:
            if left[0] == 0:
                raise Killed
            left[0] -= 1
            kept.append(identity)

        def commit(left: list[int] = left) -> bool:
            left[0] -= 1
            return left[0] < 0

        project, side = started(path, author, keep)
        project.db.connection.set_commit_hook(commit)
        try:
            server.exchange(side)
            done = True
        except (Killed, apsw.Error, SitebookError):
            done = False
        project.db.connection.set_commit_hook(None)
        project.close()
        if kept:
            identity = kept[-1]
            author_now = crew.Device.__new__(crew.Device)
            author_now.project, author_now.identity, author_now.key = author.project, identity, author.key
        else:
            author_now = author
        project, side = started(path, author_now, kept.append)
        server.exchange(side)
        assert titles(project) == ALL, commits
        assert side.identity.device == kept[-1].device
        assert side.identity.device != author.identity.device
        assert not is_kept(project)
        keys = [parse(wire).header.device for wire in server.wires]
        assert len(set(keys)) == 2, (commits, "one new key, however often it began")
        project.close()
        if done:
            assert commits > 5
            return
    raise AssertionError("it never came to an end")
