"""What goes wrong, one function a kind. Which kinds a run has is drawn from its seed."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from sync.errors import SitebookError
from sync.membership_actions import Role
from tests.simulation import files, people
from tests.simulation.bundles import confirm, publish
from tests.simulation.check import CheckError
from tests.simulation.device import Device, Interrupted
from tests.simulation.network import LOG_GRACE

if TYPE_CHECKING:
    from tests.simulation.world import World

_MOST_DEVICES: Final = 6


def kinds() -> tuple[str, ...]:
    """The names of all kinds of trouble."""
    return ("weather", "clocks", *_KINDS)


def draw(chance: random.Random) -> frozenset[str]:
    """The kinds of trouble of one run: about half of them."""
    drawn = frozenset(kind for kind in kinds() if chance.random() < 0.5)
    # What came by a bundle has no raw envelopes to give a server back that forgot them.
    return drawn - {"bundle", "log drop"} if drawn & {"wipe", "roll back"} else drawn


def strike(world: World) -> None:
    """Let one thing go wrong, or come right again."""
    found = sorted(world.troubles & _KINDS.keys())
    if found:
        try:
            _KINDS[world.chance.choice(found)](world)
        except Interrupted as interruption:
            interrupted(world, interruption.device)


def _partition(world: World) -> None:
    device = world.chance.choice(world.devices)
    cut_off = world.chance.random() < 0.5
    world.network.partition(device.name, cut_off)
    world.trace(f"{device.name} is {'cut off' if cut_off else 'back'}")
    if not cut_off:
        device.engine.network_changed()


def _stray(world: World) -> None:
    world.network.deliver_stray()


def _sleep(world: World) -> None:
    device = world.chance.choice(world.devices)
    device.asleep_until = world.now + world.chance.choice((10.0, 1_000.0, 200_000.0))
    world.trace(f"{device.name} sleeps until {device.asleep_until:.0f}")


def _kill(world: World) -> None:
    device = world.chance.choice(world.devices)
    typed = device.typed()
    _crash(world, device, power_cut=False)
    lost = typed - device.written() - device.typed()
    if lost:
        raise CheckError(f"{device.name} was killed and lost what was typed: {sorted(lost)}")


def _power_cut(world: World) -> None:
    _crash(world, world.chance.choice(world.devices), power_cut=True)


def _crash(world: World, device: Device, *, power_cut: bool) -> None:
    # What came from others may go with the power: its page counts as pulled only when all of it is on the disk.
    own = {change for change, name in world.acknowledged.items() if name == device.name}
    before = device.held() & (own if power_cut else world.acknowledged.keys())
    device.crash(power_cut=power_cut)
    lost = before - device.held()
    what = "has its power cut" if power_cut else "is killed"
    world.trace(f"{device.name} {what}")
    world.take_note(device)
    if lost:
        raise CheckError(f"{device.name} {what} and loses {len(lost)} acknowledged changes")


def _interruption(world: World) -> None:
    """Let a device end in the middle of one of its next actions, before one of their commits."""
    device = world.chance.choice(world.devices)
    device.commits_left = world.chance.randint(1, 15)


def interrupted(world: World, device: Device) -> None:
    """The process ended just now: by itself, or with the power."""
    _crash(world, device, power_cut="power cut" in world.troubles and world.chance.random() < 0.5)


def _checkpoint(world: World) -> None:
    device = world.chance.choice(world.devices)
    device.project.maintain()
    device.project.checkpoint()
    world.trace(f"{device.name} tidies up")


def _restore(world: World) -> None:
    """Take a copy of a device's files, or put it back."""
    device = world.chance.choice(world.devices)
    if device.copy is None or world.chance.random() < 0.3:
        device.save()
        files.copy_files(device.files, device.files_copy)
        world.trace(f"{device.name} is copied")
        return
    world.note_sealed()
    device.restore()
    if world.chance.random() < 0.5:
        # Else only the project file is put back, and its files are as they were.
        files.copy_files(device.files_copy, device.files)
    world.trace(f"{device.name} is put back to its copy")
    world.take_note(device)
    world.forget_lost()


def _clone(world: World) -> None:
    """Let two devices go on from one: the same keys, the same files, each by itself from now on."""
    device = world.chance.choice(world.devices)
    if len(world.devices) >= _MOST_DEVICES or any(each.name.endswith("'") for each in world.devices):
        return
    name = device.name + "'"
    twin = Device(world, name, world.folder / f"{device.name}-twin", device.passport, device.clock.skew_ms)
    twin.folder.mkdir()
    world.disk.put(twin.folder, world.disk.after_kill(device.folder))
    files.copy_files(device.files, twin.files)
    twin.start()
    world.devices.append(twin)
    world.take_note(twin)
    world.trace(f"{device.name} is cloned")


def _server_restart(world: World) -> None:
    world.server.restart()
    world.trace("the server restarts")


def _roll_back(world: World) -> None:
    if world.chance.random() < 0.5:
        world.server.save()
        world.trace("the server is copied")
        return
    world.note_sealed()
    if world.server.roll_back():
        world.trace("the server goes on from its copy")
        world.forget_lost()


def _wipe(world: World) -> None:
    if world.chance.random() < 0.3:
        world.note_sealed()
        world.server.wipe()
        world.trace("the server is wiped")
        world.forget_lost()


def _clock_jump(world: World) -> None:
    device = world.chance.choice(world.devices)
    device.clock.skew_ms += world.chance.randint(-40, 40) * 86_400_000
    world.trace(f"{device.name} sets its clock to {device.clock.skew_ms}")


def _people(world: World) -> None:
    """Somebody is invited, joins, gets another role, or an invite is cancelled."""
    chance = world.chance
    host = chance.choice(world.devices)
    match chance.randrange(4):
        case 0:
            role = chance.choice((Role.EDITOR, Role.CONTRIBUTOR, Role.VIEWER))
            code = people.invite(host, role, next_device=chance.random() < 0.3)
            if code is not None:
                world.codes.append(code)
        case 1:
            if world.codes and len(world.devices) < _MOST_DEVICES:
                people.join(world, chance.choice(world.codes))
        case 2:
            open_invites = sorted(
                key
                for key, each in host.side.membership.invites.items()
                if not (each.cancelled or each.joined)
            )
            if open_invites:
                people.cancel(host, chance.choice(open_invites))
        case _:
            others = sorted(host.side.membership.members.keys() - {host.passport.identity.member})
            if others:
                people.change_role(host, chance.choice(others), chance.choice(list(Role)))
    world.take_note(host)


def _bundle(world: World) -> None:
    """A device publishes a bundle, or somebody joins, mostly by it."""
    chance = world.chance
    host = chance.choice(world.devices)
    if chance.random() < 0.5 or len(world.devices) >= _MOST_DEVICES:
        if chance.random() < 0.6:
            world.sync(host)
        publish(host)
        return
    code = people.invite(host, Role.EDITOR, next_device=chance.random() < 0.3)
    if code is not None:
        world.sync(host)
        people.join(world, code)
    world.take_note(host)


def _log_drop(world: World) -> None:
    """A bundle is published and confirmed, somebody goes to sleep, and the server gives up the log."""
    chance = world.chance
    host = chance.choice(world.devices)
    away = chance.choice(world.devices)
    if chance.random() < 0.5:
        away.asleep_until = max(away.asleep_until, world.now + chance.choice((100.0, 5_000.0)))
    world.sync(host)
    if publish(host):
        for each in world.devices:
            if each is not host and each is not away and world.sync(each):
                try:
                    world.trace(f"{each.name} confirms: {confirm(each)}")
                except SitebookError as error:
                    world.trace(f"{each.name} cannot confirm: {error}")
    world.now += chance.choice((0.0, 2.0 * LOG_GRACE))
    done = world.server.collect()
    world.trace(f"the server gives up {done.envelopes} envelopes and {done.chunks} chunks")


_KINDS: Final[dict[str, Callable[[World], None]]] = {
    "partition": _partition,
    "stray": _stray,
    "sleep": _sleep,
    "kill": _kill,
    "power cut": _power_cut,
    "interruption": _interruption,
    "checkpoint": _checkpoint,
    "restore": _restore,
    "clone": _clone,
    "server restart": _server_restart,
    "roll back": _roll_back,
    "wipe": _wipe,
    "clock jump": _clock_jump,
    "people": _people,
    "bundle": _bundle,
    "log drop": _log_drop,
    files.KIND: files.strike,
}
