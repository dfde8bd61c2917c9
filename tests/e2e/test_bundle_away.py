"""The log is dropped by a real server: new devices and those that were away go on by the bundle, and lose nothing."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from app.domain.schema import ISSUE
from app.keys.entry import Identity
from app.keys.keyring_slot import NoKeyring
from app.keys.profile import Profile
from app.keys.vault import Vault
from app.store.bundle_image import summarise
from app.workspace.bundling import publish_now, tend
from app.workspace.workspace import Workspace
from sync.membership_actions import Role
from tests.app.store.replicas import picture
from tests.app.workspace.test_workspace import WEAK
from tests.e2e.program import ROOT, Server


class _Site:
    """A server and profiles of one project."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self._folder = folder
        self._stack = stack
        self.server = stack.enter_context(Server(folder / "server"))
        self.ann = self.profile("Ann")
        self.id = self.ann.new_project("Harbour", self.server.url).project

    def profile(self, name: str) -> Workspace:
        vault, _ = Vault.create(
            Profile.at(self._folder / name),
            "a passphrase",
            identity=Identity(name, ""),
            keyring=NoKeyring(),
            strength=WEAK,
        )
        return self._stack.enter_context(Workspace(vault))

    def joined(self, name: str) -> Workspace:
        """Somebody who joins now."""
        code = self.ann.invite(self.id, Role.EDITOR).text()
        self.ann.sync(self.id)
        workspace = self.profile(name)
        workspace.join(code)
        return workspace

    def sync(self, *all_of: Workspace) -> None:
        for _ in range(2):
            for each in all_of:
                each.sync(self.id)

    def titles(self, workspace: Workspace) -> set[str]:
        project = workspace.open(self.id)
        found = (project.get(each) for each in project.records(ISSUE))
        return {str(each.value("title")) for each in found if each is not None}

    def drop_log(self) -> int:
        """``sitebook server gc`` with no grace; how many envelopes it dropped."""
        config = self._folder / "server.toml"
        config.write_text(f'[storage]\ndata = "{self.server.data}"\n[gc]\nlog_days = 0\nbundle_days = 0\n')
        done = subprocess.run(
            [sys.executable, "-m", "app", "server", "gc", "--config", str(config), "--json"],
            cwd=ROOT,
            capture_output=True,
            check=False,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        return int(json.loads(done.stdout)["envelopes"])


@pytest.fixture
def site(tmp_path: Path) -> Iterator[_Site]:
    with ExitStack() as stack:
        yield _Site(tmp_path, stack)


@pytest.mark.timeout(120)
def test_nothing_is_lost_where_the_log_was_dropped_and_the_server_wiped(site: _Site) -> None:
    ann, project = site.ann, site.id
    issue, _ = ann.open(project).create(ISSUE, {"title": "First"}, text="Water")
    ben, cleo, dan = (site.joined(name) for name in ("Ben", "Cleo", "Dan"))
    site.sync(ann, ben, cleo, dan)

    # Two are away, with work that nobody has.
    cleo.open(project).create(ISSUE, {"title": "Of Cleo, away"}, text="Only here")
    cleo.open(project).draft_value(issue, "priority", "high", [])
    dan.open(project).set(issue, "title", "First, said Dan")

    ann.open(project).create(ISSUE, {"title": "Meanwhile"}, text="Fire")
    site.sync(ann, ben)
    publish_now(ann, project)
    assert site.drop_log() == 0, "nobody has confirmed it yet"
    assert tend(ben, project).problem == ""
    assert site.drop_log() > 0

    eve = site.joined("Eve")
    assert site.titles(eve) == {"First", "Meanwhile"}
    cleo.sync(project)
    assert site.titles(cleo) == {"First", "Meanwhile", "Of Cleo, away"}
    assert cleo.open(project).db.one("SELECT count(*) FROM local_drafts") == (1,)
    site.sync(dan, ann, ben, cleo, eve, dan)
    everyone = (ann, ben, cleo, dan, eve)
    for each in everyone:
        assert site.titles(each) == {"First, said Dan", "Meanwhile", "Of Cleo, away"}
        assert picture(each.open(project)) == picture(ann.open(project))

    # The server loses all. What devices hold comes back, and a bundle is published anew.
    port = site.server.port
    site.server.stop()
    shutil.rmtree(site.server.data)
    site.server.port = port
    site.server.start()
    site.sync(*everyone, *everyone)
    publish_now(eve, project)
    fay = site.joined("Fay")
    site.sync(fay, *everyone, fay, *everyone)
    for each in (*everyone, fay):
        assert site.titles(each) == {"First, said Dan", "Meanwhile", "Of Cleo, away"}
        assert summarise(each.open(project).db).digest == summarise(ann.open(project).db).digest
