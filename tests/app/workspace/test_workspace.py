"""Founding, inviting, joining and syncing between profiles, over a relay in this process."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from pathlib import Path

import pytest

from app.domain.schema import PERSON
from app.keys.entry import Identity
from app.keys.keyring_slot import NoKeyring
from app.keys.profile import Profile
from app.keys.slots import ArgonCost, Floors, Strength
from app.keys.vault import Vault
from app.richtext.delta import Insert
from app.richtext.formats import reference
from app.workspace.daily import daily_template
from app.workspace.people import author_name, device_name
from app.workspace.sample import fill_sample
from app.workspace.workspace import Workspace
from sync.clock import SystemClock
from sync.cookie import Cookie
from sync.errors import Malformed, NotFound, Refused, SitebookError, Unreachable
from sync.keys import SigningKey
from sync.membership_actions import Role
from sync.server.relay import Relay
from sync.server.sqlite import SqliteStorage
from sync.transport.base import PullPage, PushAck

WEAK = Strength(ArgonCost(8, 1, 1), Floors(8, 1, 8, 1, 1))
MakeProfile = Callable[[str], Workspace]


class Road:
    """The shortest transport: calls the relay as the key that it was made with."""

    def __init__(self, net: Net, key: SigningKey) -> None:
        self._net = net
        self._key = key.public

    def _relay(self) -> Relay:
        if not self._net.up:
            raise Unreachable("The server cannot be reached.")
        return self._net.relay

    def check(self) -> None:
        self._relay()

    def pull(self, project: bytes, cookie: Cookie | None, limit: int = 1000) -> PullPage:
        return self._relay().pull(project, cookie, limit, by=self._key)

    def push(self, project: bytes, wires: Sequence[bytes]) -> list[PushAck]:
        return self._relay().push(project, wires, by=self._key)

    def put_grants(self, project: bytes, grants: Sequence[bytes]) -> None:
        self._relay().put_grants(project, grants, by=self._key)

    def grants(self, project: bytes, recipient: bytes) -> list[bytes]:
        return self._relay().grants(project, recipient, by=self._key)

    def delete_grants(self, project: bytes, recipient: bytes) -> None:
        self._relay().delete_grants(project, recipient, by=self._key)

    def close(self) -> None:
        pass


class Net:
    """One relay, which can be out of reach."""

    def __init__(self) -> None:
        clock = SystemClock()
        self.storage = SqliteStorage(":memory:", clock, random.Random(1).randbytes)
        self.relay = Relay(self.storage, clock)
        self.up = True


@pytest.fixture
def net() -> Iterator[Net]:
    made = Net()
    yield made
    made.storage.close()


@pytest.fixture
def make(tmp_path: Path, net: Net) -> Iterator[MakeProfile]:
    opened: list[Workspace] = []

    def profile(name: str) -> Workspace:
        vault, _ = Vault.create(
            Profile.at(tmp_path / name),
            "a passphrase",
            identity=Identity(name, f"{name.lower()}@example.org"),
            keyring=NoKeyring(),
            strength=WEAK,
        )
        workspace = Workspace(
            vault, transport=lambda server, key, certificate=None: Road(net, key), machine=f"{name}'s tablet"
        )
        opened.append(workspace)
        return workspace

    yield profile
    for workspace in opened:
        workspace.close()


def test_a_joined_device_has_everything_and_says_who_it_is(make: MakeProfile) -> None:
    anna, ben = make("Anna"), make("Ben")
    entry = anna.new_project("Harbour Tower", "http://relay")
    issue, _ = anna.open(entry.project).create("issue", {"title": "Crack"}, text="Wet")
    code = anna.invite(entry.project, Role.EDITOR).text()
    anna.sync(entry.project)
    joined = ben.join(code)
    theirs = ben.open(joined.project)
    assert joined.name == "Harbour Tower"
    assert theirs.plain_text(issue) == "Wet"
    assert author_name(theirs, anna.open(entry.project).device) == "Anna"
    anna.sync(entry.project)
    ours = anna.open(entry.project)
    assert author_name(ours, theirs.device) == "Ben"
    assert device_name(ours, theirs.device) == "Ben's tablet"
    assert ours.status().waiting == theirs.status().waiting == 0


def test_joining_does_not_wait_for_quiet_work(make: MakeProfile) -> None:
    ann, ben = make("ann"), make("ben")
    entry = ann.new_project("Harbour Tower", "https://sync.example.com")
    ann.open(entry.project).create("issue", {"title": "Crack in the slab"})
    code = ann.invite(entry.project, Role.EDITOR).text()
    ann.sync(entry.project)
    joined = ben.open(ben.join(code).project)
    assert joined.db.all("SELECT count(*) FROM local_unindexed")[0][0] > 0
    with joined.reader() as search:
        assert search.first_hits("slab")
    ben.sync(entry.project)
    assert joined.db.all("SELECT count(*) FROM local_unindexed")[0][0] == 0


def test_a_next_device_of_the_same_person_is_the_same_member(make: MakeProfile) -> None:
    anna, tablet = make("Anna"), make("Anna-2")
    entry = anna.new_project("Harbour Tower", "http://relay")
    code = anna.invite(entry.project, Role.OWNER, next_device=True).text()
    anna.sync(entry.project)
    joined = tablet.join(code)
    assert joined.member == entry.member
    assert tablet.me(joined.project) == anna.me(entry.project)
    assert len(tablet.open(joined.project).records(PERSON)) == 1


def test_a_cancelled_invite_is_refused_and_leaves_nothing(make: MakeProfile, tmp_path: Path) -> None:
    anna, ben = make("Anna"), make("Ben")
    entry = anna.new_project("Harbour Tower", "http://relay")
    code = anna.invite(entry.project, Role.EDITOR)
    anna.sync(entry.project)
    anna.cancel_invite(entry.project, code.invite)
    anna.sync(entry.project)
    with pytest.raises(Refused, match="cancelled"):
        ben.join(code.text())
    assert ben.projects() == []
    assert list((tmp_path / "Ben" / "projects").iterdir()) == []


def test_an_expired_or_mistyped_invite_is_told_in_a_sentence(make: MakeProfile) -> None:
    anna, ben = make("Anna"), make("Ben")
    entry = anna.new_project("Harbour Tower", "http://relay")
    code = anna.invite(entry.project, Role.EDITOR, days=-1).text()
    anna.sync(entry.project)
    with pytest.raises(Refused, match="expired"):
        ben.join(code)
    with pytest.raises(Malformed, match="typing error"):
        ben.join(code[:-3])
    assert ben.projects() == []


def test_a_viewer_reads_and_cannot_write(make: MakeProfile) -> None:
    anna, ben = make("Anna"), make("Ben")
    entry = anna.new_project("Harbour Tower", "http://relay")
    issue, _ = anna.open(entry.project).create("issue", {"title": "Crack"})
    code = anna.invite(entry.project, Role.VIEWER).text()
    anna.sync(entry.project)
    theirs = ben.open(ben.join(code).project)
    with pytest.raises(Refused, match="not change it"):
        theirs.set(issue, "title", "Mine")
    assert theirs.get(issue).value("title") == "Crack"  # type: ignore[union-attr]


def test_work_without_a_network_waits_and_merges(make: MakeProfile, net: Net) -> None:
    anna, ben = make("Anna"), make("Ben")
    entry = anna.new_project("Harbour Tower", "http://relay")
    ours = anna.open(entry.project)
    issue, _ = ours.create("issue", {"title": "Crack"}, text="Wet")
    code = anna.invite(entry.project, Role.EDITOR).text()
    anna.sync(entry.project)
    theirs = ben.open(ben.join(code).project)
    net.up = False
    ours.set(issue, "title", "Anna's")
    theirs.set(issue, "title", "Ben's")
    ours.insert_text(issue, "text", 0, "Very ")
    theirs.insert_text(issue, "text", 3, " and cold")
    with pytest.raises(Unreachable):
        anna.sync(entry.project)
    assert ours.status().waiting == 2
    net.up = True
    for workspace in (anna, ben, anna):
        workspace.sync(entry.project)
    assert ours.plain_text(issue) == theirs.plain_text(issue) == "Very Wet and cold"
    assert {write.value for write in theirs.conflicts()[0].live} == {"Anna's", "Ben's"}
    assert ours.conflicts() == theirs.conflicts()


def test_a_wiped_server_gets_everything_back(make: MakeProfile, net: Net) -> None:
    anna, ben = make("Anna"), make("Ben")
    entry = anna.new_project("Harbour Tower", "http://relay")
    code = anna.invite(entry.project, Role.EDITOR).text()
    anna.sync(entry.project)
    ben.join(code)
    issue, _ = ben.open(entry.project).create("issue", {"title": "Only Ben has it"})
    ben.sync(entry.project)
    net.storage.close()
    net.storage = SqliteStorage(":memory:", SystemClock(), random.Random(2).randbytes)
    net.relay = Relay(net.storage, SystemClock())
    for workspace in (anna, ben, anna):
        workspace.sync(entry.project)
    assert anna.open(entry.project).get(issue).value("title") == "Only Ben has it"  # type: ignore[union-attr]
    assert ben.open(entry.project).records("issue") == [issue]


def test_numbers_are_reserved_and_never_given_twice(make: MakeProfile) -> None:
    anna, ben = make("Anna"), make("Ben")
    entry = anna.new_project("Harbour Tower", "http://relay")
    code = anna.invite(entry.project, Role.EDITOR).text()
    anna.sync(entry.project)
    ben.join(code)
    for workspace in (anna, ben):
        for _ in range(3):
            workspace.open(entry.project).create("issue", {"title": "x"})
    for workspace in (anna, ben, anna):
        workspace.sync(entry.project)
    numbers = sorted(anna.open(entry.project).column("issue", "number").values())
    assert len(set(numbers)) == len(numbers) == 6


def test_a_project_is_found_by_name_or_beginning_of_its_id(make: MakeProfile) -> None:
    anna = make("Anna")
    with pytest.raises(NotFound, match="no project yet"):
        anna.find(None)
    one, two = anna.new_project("One"), anna.new_project("Two")
    assert anna.find("one").project == one.project
    assert anna.find(two.project.hex()[:8]).project == two.project
    with pytest.raises(NotFound, match="“One”, “Two”"):
        anna.find(None)
    with pytest.raises(SitebookError):
        anna.new_project("  ")


def test_the_sample_is_the_same_every_time(make: MakeProfile) -> None:
    anna = make("Anna")
    entries = [anna.new_project(name, currency="GBP") for name in ("One", "Two")]
    projects = [anna.open(entry.project) for entry in entries]
    for project in projects:
        fill_sample(project, date(2026, 3, 8), issues=40)
    titles = [
        [project.column("issue", "title")[record] for record in project.records("issue")]
        for project in projects
    ]
    assert titles[0] == titles[1]
    assert len(titles[0]) == 40
    assert len(projects[0].records("note")) == 25


def test_the_notes_of_the_sample_are_a_tree_of_rich_texts(make: MakeProfile) -> None:
    anna = make("Anna")
    project = anna.open(anna.new_project("One").project)
    fill_sample(project, date(2026, 3, 8), issues=1)
    titles = {title: record for record, title in project.column("note", "title").items()}
    parents, pinned = project.column("note", "parent"), project.column("note", "pinned")
    assert parents[titles["Weekly meeting 31"]] == titles["Meetings"]
    assert pinned[titles["Site diary"]] is True
    assert daily_template(project) == titles["Daily note"]
    diary = project.text_document(titles["Site diary"])
    assert Insert("84 people", {"bold": True}) in diary
    assert Insert(reference(titles["Deliveries this week"])) in diary
    assert any(attributes.get("list") == "unchecked" for _, attributes in diary)
    assert all(project.plain_text(record) for title, record in titles.items())
