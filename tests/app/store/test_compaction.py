"""A project file gives back what nobody needs any more."""

from __future__ import annotations

from pathlib import Path

from app.domain.schema import ISSUE
from app.store.bundle_state import note_confirmed
from app.store.compaction import drop_covered, free_bytes, give_back, give_back_slices
from app.store.health import Check
from sync.cookie import Cookie
from tests.app.store.bundles import Order, busy, found, join
from tests.app.store.replicas import picture, replica


def test_bytes_that_a_confirmed_bundle_covers_go_and_nothing_else_changes(tmp_path: Path) -> None:
    host = found(tmp_path)
    order = Order()
    order.exchange(host)
    other = join(host, tmp_path, "other")
    order.exchange(host, other)
    busy(host, other, order)
    assert drop_covered(host.project, 1_000) == 0

    def shown() -> list[object]:
        project = host.project
        return [
            picture(project),
            host.side.heads(),
            [(project.history(each), project.text_sessions(each)) for each in project.records(ISSUE)],
        ]

    cookie = host.side.cookie()
    assert cookie is not None
    place = Cookie.start(cookie.generation)
    for hashed in [row[0] for row in host.project.db.all("SELECT hash FROM envelopes ORDER BY version")][:-1]:
        place = place.advance(bytes(hashed))
    note_confirmed(host.project, b"m" * 32, place)
    host.project.create(ISSUE, {"title": "Not sent yet"})
    host.side.prepare_push()

    def whole() -> int:
        row = host.project.db.one("SELECT count(*) FROM envelopes WHERE bare = 0 AND kind = 0")
        assert row is not None
        return int(row[0])

    had, before = whole(), shown()
    dropped = drop_covered(host.project, 1_000)
    assert 0 < dropped == had - whole()
    assert whole() >= 1
    assert shown() == before
    assert len(host.side.unpushed(10, 1 << 20)) == 1
    host.project.delete(host.project.records(ISSUE)[-1])
    order.exchange(host, other)
    assert picture(host.project) == picture(other.project)
    check = Check(host.side)
    for _ in check.slices():
        pass
    assert check.health.well, check.health
    host.project.close()
    other.project.close()


def test_free_pages_are_given_back_unless_somebody_waits(tmp_path: Path) -> None:
    project = replica(tmp_path, 1)
    record, _ = project.create(ISSUE, {"title": "Stays"})
    with project.writing():
        project.db.run("CREATE TABLE ballast (data BLOB)")
        for _ in range(200):
            project.db.run("INSERT INTO ballast VALUES (randomblob(20000))")
    with project.writing():
        project.db.run("DROP TABLE ballast")
    free, size = free_bytes(project)
    assert free > size / 2
    assert not give_back(project), "it is too little to be worth it"
    project.lock._urgent = 1
    assert not give_back(project, worth_bytes=1)
    project.lock._urgent = 0
    assert give_back(project, worth_bytes=1)
    assert free_bytes(project)[0] == 0
    assert free_bytes(project)[1] < size / 2
    assert project.field(record, "title", ISSUE).value == "Stays"
    project.check()
    project.close()


def test_free_pages_go_a_few_at_a_time_and_the_window_writes_in_between(tmp_path: Path) -> None:
    project = replica(tmp_path, 1)
    assert project.db.one("PRAGMA auto_vacuum") == (2,)
    with project.writing():
        project.db.run("CREATE TABLE ballast (data BLOB)")
        for _ in range(100):
            project.db.run("INSERT INTO ballast VALUES (randomblob(20000))")
    record, _ = project.create(ISSUE, {"title": "Stays"})
    with project.writing():
        project.db.run("DROP TABLE ballast")
    free, size = free_bytes(project)
    assert not give_back_slices(project, 50), "it is too little to be worth it"
    project.lock._urgent = 1
    assert not give_back_slices(project, 50, worth_bytes=1), "somebody waits to write"
    project.lock._urgent = 0
    assert give_back_slices(project, 50, worth_bytes=1) == 50
    assert free_bytes(project) == (free - 50 * 4096, size - 50 * 4096)
    assert project.field(record, "title", ISSUE).value == "Stays"
    project.check()
    project.close()


def test_an_older_file_gives_pages_back_after_it_was_copied(tmp_path: Path) -> None:
    project = replica(tmp_path, 1)
    project.db.run("PRAGMA auto_vacuum = NONE")
    project.db.run("VACUUM")
    assert project.db.one("PRAGMA auto_vacuum") == (0,)
    with project.writing():
        project.db.run("CREATE TABLE ballast (data BLOB)")
        project.db.run("INSERT INTO ballast VALUES (randomblob(4000000))")
    with project.writing():
        project.db.run("DROP TABLE ballast")
    assert not give_back_slices(project, 50, worth_bytes=1)
    assert give_back(project, worth_bytes=1)
    assert project.db.one("PRAGMA auto_vacuum") == (2,)
    project.check()
    project.close()
