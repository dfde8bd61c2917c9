"""The judge notices: each test breaks one promise of the store and expects a world to fail soon."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from app.store.apply import Applier
from app.store.database import Database
from app.store.deletion import DELETED, THERE, Deletions
from app.store.log import Log
from app.store.project import Project
from app.store.texts import TextStore
from sync.change import Names
from sync.membership import Membership
from tests.simulation.device import Device
from tests.simulation.world import run_seed


def _some_worlds_fail(most: int, first: int = 0) -> str:
    for seed in range(first, first + most):
        try:
            run_seed(seed)
        except Exception as error:  # noqa: BLE001 - a broken store may break in any way
            return f"{type(error).__name__}: {error}"
    return ""


def test_replaced_writes_that_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    replace = Applier._replace

    def spare_one(self: Applier, rid: int, fid: int, cid: int, named: Names) -> tuple[int, int]:
        return replace(self, rid, fid, cid, named[1:])

    monkeypatch.setattr(Applier, "_replace", spare_one)
    assert "live differ" in _some_worlds_fail(3)


def test_text_that_is_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    extend = TextStore._extend
    dropped = []

    def extend_most(self: TextStore, rid: int, fid: int, uid: int, update: bytes) -> None:
        if uid % 7:
            extend(self, rid, fid, uid, update)
        else:
            dropped.append(uid)

    monkeypatch.setattr(TextStore, "_extend", extend_most)
    assert _some_worlds_fail(5)
    assert dropped


def test_deletions_that_ask_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    def own(self: Deletions, rid: int) -> int:
        return DELETED if self._deletes(rid) else THERE

    monkeypatch.setattr(Deletions, "_own", own)
    assert "records differ" in _some_worlds_fail(20)


def test_acknowledgements_that_are_trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Log, "anything_missing", lambda self: False)
    assert _some_worlds_fail(30)


def test_actions_that_are_not_synced(monkeypatch: pytest.MonkeyPatch) -> None:
    run = Database.run

    def careless(self: Database, sql: str, values: Sequence[Any] = ()) -> None:
        run(self, "PRAGMA synchronous = NORMAL" if "synchronous" in sql else sql, values)

    start = Device._run

    def careless_start(self: Device, project: Project) -> None:
        start(self, project)
        project.db.run("PRAGMA synchronous = NORMAL")

    monkeypatch.setattr(Database, "run", careless)
    monkeypatch.setattr(Device, "_run", careless_start)
    assert "loses" in _some_worlds_fail(20)


def test_changes_that_are_lost_on_the_way(monkeypatch: pytest.MonkeyPatch) -> None:
    apply = Applier.apply

    def forgetful(self: Applier, change: Any, *rest: Any, **more: Any) -> Any:
        if more.get("eid") is not None and change.id[0] < 8:
            return None
        return apply(self, change, *rest, **more)

    monkeypatch.setattr(Applier, "apply", forgetful)
    assert _some_worlds_fail(5)


def test_devices_that_see_other_members(monkeypatch: pytest.MonkeyPatch) -> None:
    add = Membership.add
    count = [0]

    def hard_of_hearing(self: Membership, *rest: Any, **more: Any) -> Any:
        count[0] += 1
        if count[0] % 29 == 0:
            return add(Membership(self.project), *rest, **more)
        return add(self, *rest, **more)

    monkeypatch.setattr(Membership, "add", hard_of_hearing)
    assert _some_worlds_fail(10)
