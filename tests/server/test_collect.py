"""What the server gives up, when, and that nothing goes that somebody leaves meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence

import pytest

from sync.bundle import read_manifest
from sync.cookie import Cookie
from sync.errors import Refused
from sync.membership_actions import Role
from sync.notice import NoticeKind
from sync.server.collect import Collected, collect
from sync.server.collecting import collecting
from sync.server.limits import Limits
from sync.server.objects import MemoryObjects
from sync.server.relay import Relay
from sync.server.sqlite import SqliteStorage
from sync.server.storage import Storage
from sync.transport.base import Outcome
from tests.server.bundling import cookie_of, name_of, note, publish
from tests.server.people import Person, Site, begin
from tests.server.support import FakeClock, Seeded

DAY = 86_400.0


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture(params=["sqlite", "postgres"])
def storage(request: pytest.FixtureRequest, clock: FakeClock) -> Iterator[Storage]:
    if request.param == "postgres":
        yield request.getfixturevalue("postgres_storage")
        return
    made = SqliteStorage(":memory:", clock, Seeded(7))
    yield made
    made.close()


class Slow(MemoryObjects):
    """Lets something happen before bytes are removed."""

    def __init__(self, clock: FakeClock) -> None:
        super().__init__(clock)
        self.before_delete: Callable[[], object] = lambda: None

    def delete(self, places: Sequence[str]) -> None:
        self.before_delete()
        super().delete(places)


class Setting:
    """A project with two editors, and a collector."""

    def __init__(self, storage: Storage, clock: FakeClock) -> None:
        self.storage, self.clock, self.objects = storage, clock, Slow(clock)
        self.site: Site = begin(Relay(storage, clock, objects=self.objects), clock)
        self.founder: Person = self.site.founder
        self.editor: Person = self.site.member(Role.EDITOR)

    def collect(self) -> Collected:
        return collect(self.storage, self.objects, self.clock, Limits())

    def write(self, count: int) -> list[bytes]:
        wires = [self.founder.write() for _ in range(count)]
        self.site.push(self.founder, *wires)
        return wires

    def confirm(self, wire: bytes, number: int = 1) -> None:
        note(self.site, self.editor, NoticeKind.CONFIRM, read_manifest(wire).hash, number)

    def put(self, data: bytes) -> bytes:
        self.site.relay.put_chunk(self.site.project, data, purpose="file", by=self.founder.device)
        return name_of(data)

    def has(self, name: bytes) -> bool:
        relay, by = self.site.relay, self.founder.device
        return relay.get_chunk(self.site.project, name, by=by) is not None


@pytest.fixture
def setting(storage: Storage, clock: FakeClock) -> Setting:
    return Setting(storage, clock)


def test_the_log_goes_only_under_a_confirmed_bundle_and_after_the_grace(setting: Setting) -> None:
    site, clock = setting.site, setting.clock
    wires = setting.write(250)
    end = cookie_of(site, setting.founder)
    bundle = publish(site, setting.founder, [b"bundle"])
    clock.pass_seconds(31 * DAY)
    later = setting.write(3)
    assert setting.collect().envelopes == 0
    setting.confirm(bundle)
    assert setting.collect().envelopes == 250
    assert setting.collect().envelopes == 0
    by = setting.editor.device
    page = site.relay.pull(site.project, None, by=by)
    assert (page.wires, page.more, page.floor, page.needs_bundle) == ((), False, end.version, True)
    assert page.cookie == Cookie.start(setting.storage.generation)
    assert page.bundle == read_manifest(bundle).hash
    assert page.since == sum(map(len, later))
    with pytest.raises(Refused, match="update"):
        site.relay.pull(site.project, None, by=by, bundles=False)
    after = site.relay.pull(site.project, end, by=by, bundles=False)
    assert (list(after.wires), after.needs_bundle, after.reset) == (later, False, False)
    # What was given up is known all the same, and membership is whole.
    acks = site.push(setting.founder, *wires[:3])
    assert [ack.outcome for ack in acks] == [Outcome.KNOWN] * 3
    with setting.storage.read() as view:
        membership = view.membership(site.project, 0)
        state = view.project(site.project)
    assert [bool(each.wire) for each in membership] == [True] * 3
    assert state is not None
    assert state.log_bytes == sum(len(each.wire) for each in membership) + sum(map(len, later))
    fresh = Relay(setting.storage, clock)
    assert fresh.pull(site.project, end, by=by).wires == tuple(later)


def test_only_what_is_old_enough_goes(setting: Setting) -> None:
    setting.write(5)
    setting.clock.pass_seconds(20 * DAY)
    setting.write(5)
    setting.confirm(publish(setting.site, setting.founder, [b"bundle"]))
    setting.clock.pass_seconds(15 * DAY)
    assert setting.collect().envelopes == 5
    setting.clock.pass_seconds(16 * DAY)
    assert setting.collect().envelopes == 5


def test_a_bundle_that_somebody_needs_stays(setting: Setting) -> None:
    first = publish(setting.site, setting.founder, [b"first"])
    setting.confirm(first)
    setting.clock.pass_seconds(DAY)
    setting.write(1)
    second = publish(setting.site, setting.founder, [b"second"])
    setting.clock.pass_seconds(2 * DAY)
    setting.write(1)
    third = publish(setting.site, setting.founder, [b"third"])
    assert setting.collect().bundles == 0
    setting.clock.pass_seconds(2 * DAY)
    done = setting.collect()
    assert (done.bundles, done.chunks) == (1, 1)
    names = [name_of(each) for each in (b"first", b"second", b"third")]
    assert [setting.has(name) for name in names] == [True, False, True]
    offered = setting.site.relay.bundles(setting.site.project, by=setting.founder.device)
    assert [each.manifest for each in offered] == [first, third]
    assert second not in (first, third)
    setting.confirm(third, 2)
    setting.clock.pass_seconds(2 * DAY)
    assert setting.collect().chunks == 1
    assert [setting.has(name) for name in names] == [False, False, True]


def test_a_chunk_goes_when_every_list_lacks_it(setting: Setting) -> None:
    site, clock = setting.site, setting.clock
    gone, kept = setting.put(b"gone"), setting.put(b"kept")
    clock.pass_seconds(8 * DAY)
    # No list is newer than it: nobody said anything about it.
    assert setting.collect().chunks == 0
    note(site, setting.founder, NoticeKind.LIVE, gone + kept, 1)
    note(site, setting.editor, NoticeKind.LIVE, kept, 1)
    assert setting.collect().chunks == 0
    note(site, setting.founder, NoticeKind.LIVE, b"", 2)
    done = setting.collect()
    assert (done.chunks, done.bytes) == (1, 4)
    assert [setting.has(gone), setting.has(kept)] == [False, True]
    assert [each.name for each in setting.objects.list()] == [kept]


def test_by_the_list_of_a_viewer_chunks_stay_and_none_goes(setting: Setting) -> None:
    site, viewer = setting.site, setting.site.member(Role.VIEWER)
    unlisted, listed = setting.put(b"unlisted"), setting.put(b"listed")
    setting.clock.pass_seconds(8 * DAY)
    note(site, viewer, NoticeKind.LIVE, listed, 1)
    assert setting.collect().chunks == 0
    note(site, setting.editor, NoticeKind.LIVE, b"", 1)
    assert setting.collect().chunks == 1
    assert [setting.has(unlisted), setting.has(listed)] == [False, True]


def test_a_young_chunk_stays_though_no_list_has_it(setting: Setting) -> None:
    name = setting.put(b"young")
    note(setting.site, setting.founder, NoticeKind.LIVE, b"", 1)
    setting.clock.pass_seconds(6 * DAY)
    assert setting.collect().chunks == 0
    setting.clock.pass_seconds(2 * DAY)
    # Who asks for it is about to refer to it.
    assert setting.site.relay.have_chunks(setting.site.project, [name], by=setting.founder.device) == [True]
    assert setting.collect().chunks == 0


def test_a_chunk_left_again_while_it_goes_survives(setting: Setting) -> None:
    name = setting.put(b"photo")
    setting.clock.pass_seconds(8 * DAY)
    note(setting.site, setting.founder, NoticeKind.LIVE, b"", 1)
    # Its row is gone, its bytes are about to.
    setting.objects.before_delete = lambda: setting.put(b"photo")
    assert setting.collect().chunks == 1
    assert setting.has(name)
    assert len(list(setting.objects.list())) == 1


def test_a_list_that_comes_while_others_are_read_counts(
    setting: Setting, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = setting.put(b"photo")
    setting.clock.pass_seconds(8 * DAY)
    note(setting.site, setting.founder, NoticeKind.LIVE, b"", 1)
    before = setting.storage.write

    def write(project: bytes) -> object:
        monkeypatch.undo()
        note(setting.site, setting.editor, NoticeKind.LIVE, name, 1)
        return before(project)

    monkeypatch.setattr(setting.storage, "write", write)
    assert setting.collect().chunks == 0
    assert setting.has(name)


def test_bytes_without_a_row_go_after_a_day(setting: Setting) -> None:
    kept = setting.put(b"kept")
    setting.objects.put(setting.site.project, b"n" * 32, b"lost")
    setting.objects.put(b"o" * 32, b"n" * 32, b"of no project")
    setting.objects.write("what else lies there", b"not ours")
    assert setting.collect().orphans == 0
    setting.clock.pass_seconds(1.1 * DAY)
    assert setting.collect().orphans == 2
    assert setting.has(kept)
    assert setting.objects.get("what else lies there") is not None


def test_a_server_that_runs_collects(setting: Setting) -> None:
    setting.write(5)
    setting.confirm(publish(setting.site, setting.founder, [b"bundle"]))
    setting.clock.pass_seconds(31 * DAY)

    async def run() -> None:
        limits = Limits(collect_seconds=0.01)
        task = asyncio.create_task(collecting(setting.storage, setting.objects, setting.clock, limits))
        async with asyncio.timeout(10):
            while not setting.site.relay.pull(setting.site.project, None, by=setting.founder.device).floor:
                await asyncio.sleep(0.01)
        task.cancel()

    asyncio.run(run())
