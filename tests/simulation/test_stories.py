"""Runs that are told by hand: each was found by a seed, or is a promise of the design."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.domain.schema import COMMENT, ISSUE, NOTE
from sync.errors import Refused
from sync.membership_actions import Role
from tests.simulation import people
from tests.simulation.device import Device
from tests.simulation.disk import Disk
from tests.simulation.verdict import judge_world
from tests.simulation.world import World


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A calm world with two editors who are in step."""
    disk = Disk()
    disk.remember()
    found = World(1, tmp_path, disk, None)
    # Rights change in some of these stories: what is set aside then is told, and not lost.
    found.troubles = frozenset({"people"})
    try:
        owner = people.found(found)
        _admit(found, owner, Role.EDITOR)
        yield found
        for device in found.devices:
            device.stop()
    finally:
        found.server.close()
        disk.close()


def _admit(world: World, host: Device, role: Role) -> Device:
    code = people.invite(host, role, next_device=False)
    assert code is not None
    world.sync(host)
    device = people.join(world, code)
    assert device is not None
    settle(world)
    return device


def settle(world: World, *, judge: bool = True) -> None:
    """Let everybody sync until there is nothing new, and judge."""
    world._heal()
    for device in world.devices:
        world.take_note(device)
    if judge:
        judge_world(world)


def steps(device: Device, *, until: str) -> None:
    """Let an engine go on until the phase of that name."""
    device.engine.sync_now()
    for _ in range(20):
        device.step()
        if device.engine.phase.name == until:
            return
    raise AssertionError(f"the engine did not come to {until}")


def test_two_write_one_field_and_both_see_both(world: World) -> None:
    one, two = world.devices
    record, _ = one.project.create(ISSUE, {"title": "door"})
    settle(world)
    one.project.set(record, "title", "door jams")
    two.project.set(record, "title", "door sticks")
    settle(world)
    for device in (one, two):
        (conflict,) = device.project.conflicts()
        assert {write.value for write in conflict.live} == {"door jams", "door sticks"}
    two.project.settle(record, "title", take=1)
    settle(world)
    assert not one.project.conflicts()


def test_what_a_server_took_and_forgot_before_it_came_back_is_pushed_again(world: World) -> None:
    one, two = world.devices
    world.server.save()
    record, _ = one.project.create(ISSUE, {"title": "crack"})
    steps(one, until="PULL")
    steps(one, until="PUSH")
    one.step()
    assert not one.side.unpushed(10, 1 << 20), "the push was acknowledged"
    world.server.roll_back()
    two.project.create(NOTE, {"title": "in its place"})
    world.sync(two)
    settle(world)
    assert two.project.get(record) is not None


def test_a_wiped_server_gets_back_the_log_and_the_keys_of_open_invites(world: World) -> None:
    one, two = world.devices
    one.project.create(ISSUE, {"title": "crack"}, text="in the wall")
    code = people.invite(one, Role.EDITOR, next_device=False)
    assert code is not None
    settle(world)
    world.server.wipe()
    world.sync(two)
    world.sync(one)
    joined = people.join(world, code)
    assert joined is not None
    settle(world)
    assert len(joined.project.records(ISSUE)) == 1


def test_a_cancelled_invite_admits_nobody(world: World) -> None:
    one, _ = world.devices
    code = people.invite(one, Role.EDITOR, next_device=False)
    assert code is not None
    people.cancel(one, code.invite)
    settle(world)
    assert people.join(world, code) is None


def test_what_was_made_before_one_learnt_to_be_a_viewer_is_set_aside_and_told(world: World) -> None:
    one, two = world.devices
    kept, _ = two.project.create(ISSUE, {"title": "before"})
    settle(world)
    people.change_role(one, two.passport.identity.member, Role.VIEWER)
    world.sync(one)
    lost, _ = two.project.create(ISSUE, {"title": "too late"}, text="nobody will read it")
    two.project.insert_text(kept, "text", 0, "too late")
    settle(world)
    assert two.project.get(lost) is None
    assert two.project.plain_text(kept) == one.project.plain_text(kept) == ""
    assert two.project.attention()
    with pytest.raises(Refused, match="may read"):
        two.project.set(kept, "title", "no")


def test_a_contributor_again_keeps_what_a_contributor_may(world: World) -> None:
    one, two = world.devices
    record, _ = one.project.create(ISSUE, {"title": "stays"})
    settle(world)
    people.change_role(one, two.passport.identity.member, Role.CONTRIBUTOR)
    two.project.set(record, "title", "goes")
    two.project.create(COMMENT, {"parent": record}, text="stays too")
    world.sync(two)
    settle(world)
    for device in (one, two):
        assert device.project.column(ISSUE, "title")[record] == "stays"
        (comment,) = device.project.children(record, COMMENT)
        assert device.project.plain_text(comment) == "stays too"


def test_a_draft_that_the_role_no_longer_allows_stays_a_draft_and_stops_nothing(world: World) -> None:
    one, two = world.devices
    record, _ = one.project.create(ISSUE, {"title": "door"})
    settle(world)
    people.change_role(one, two.passport.identity.member, Role.VIEWER)
    world.sync(one)
    two.project.draft_value(record, "title", "half a word", two.project.field(record, "title").seen)
    settle(world)
    two.crash(power_cut=False)
    assert two.project.open_drafts() == 1
    people.change_role(one, two.passport.identity.member, Role.EDITOR)
    settle(world)
    assert one.project.column(ISSUE, "title")[record] == "half a word"


def test_devices_that_were_offline_number_their_issues_without_a_clash(world: World) -> None:
    one, two = world.devices
    for device in (one, two):
        for _ in range(40):
            device.project.create(ISSUE, {"title": device.name})
    settle(world)
    numbers = list(one.project.column(ISSUE, "number").values())
    assert len(set(numbers)) == len(numbers) == 80


def test_a_power_cut_loses_no_finished_action(world: World) -> None:
    one, _ = world.devices
    for number in range(12):
        record, _ = one.project.create(ISSUE, {"title": f"number {number}"}, text="a" * 5_000)
        one.project.draft_value(record, "title", "typing", ())
        one.crash(power_cut=True)
        assert len(one.project.records(ISSUE)) == number + 1
    settle(world)


def test_a_draft_in_a_record_that_was_set_aside_stops_nothing(world: World) -> None:
    one, two = world.devices
    people.change_role(one, two.passport.identity.member, Role.VIEWER)
    world.sync(one)
    record, _ = two.project.create(ISSUE, {"title": "too late"})
    two.side.prepare_push()
    two.project.draft_value(record, "title", "later still", two.project.field(record, "title").seen)
    settle(world)
    assert two.project.get(record) is None
    two.crash(power_cut=False)
    people.change_role(one, two.passport.identity.member, Role.EDITOR)
    settle(world)


def test_who_joined_by_an_invite_that_was_being_cancelled_leaves_nothing_anywhere(world: World) -> None:
    one, two = world.devices
    code = people.invite(one, Role.EDITOR, next_device=False)
    assert code is not None
    settle(world)
    people.cancel(one, code.invite)
    guest = people.join(world, code)
    assert guest is not None
    guest.project.create(ISSUE, {"title": "uninvited"}, text="and its text")
    world.sync(guest)
    world.sync(two)
    assert len(two.project.records(ISSUE)) == 1
    settle(world)
    assert one.project.records(ISSUE) == two.project.records(ISSUE) == []


def test_a_record_of_which_only_what_others_cleared_counts_is_the_same_everywhere(world: World) -> None:
    one, two = world.devices
    three = _admit(world, one, Role.EDITOR)
    people.change_role(one, two.passport.identity.member, Role.VIEWER)
    record, _ = two.project.create(ISSUE, {"external_id": "too late"})
    world.sync(two)
    world.sync(three)
    three.project.set(record, "title", "in time")
    three.project.set(record, "title", None)
    world.sync(three)
    settle(world)
    assert one.project.column(ISSUE, "external_id") == {}
    assert one.project.records(ISSUE) == two.project.records(ISSUE) == three.project.records(ISSUE)
