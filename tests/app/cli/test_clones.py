"""A profile that was restored or copied: nothing is lost, and no two go on under one key."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from app.keys.profile import Profile
from app.workspace.workspace import Workspace, identity_of
from tests.app.cli.conftest import Cli, MemoryKeyring


def copied(cli: Cli, name: str) -> Cli:
    target = cli.profile.with_name(name)
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(cli.profile, target)
    return Cli(target, cli.capture)


def key_of(cli: Cli) -> bytes:
    with Workspace.open_profile(Profile(cli.profile), keyring=MemoryKeyring()) as workspace:
        [entry] = workspace.projects()
        return identity_of(entry).device


def titles(cli: Cli) -> list[str]:
    return sorted(each["title"] for each in cli.json("issue", "list"))


def devices(cli: Cli) -> int:
    return sum(each["devices"] for each in cli.json("project", "members"))


def meet(*everyone: Cli) -> None:
    for _ in range(2):
        for each in everyone:
            each.ok("sync")


def test_a_copied_profile_and_its_original_both_go_on(pair: tuple[Cli, Cli]) -> None:
    ann, bob = pair
    ann.ok("issue", "add", "Before")
    ann.ok("issue", "add", "Waits in both", "--text", "a text that both have")
    twin = copied(ann, "twin")
    for number in range(3):
        ann.ok("issue", "add", f"By the original {number}")
        twin.ok("issue", "add", f"By the copy {number}")
    ann.ok("issue", "set", "1", "title=Before, by the original")
    twin.ok("issue", "set", "1", "priority=high")
    meet(ann, twin, bob)
    expected = sorted(
        ["Before, by the original", "Waits in both"]
        + [f"By the {who} {number}" for who in ("original", "copy") for number in range(3)]
    )
    assert titles(ann) == titles(twin) == titles(bob) == expected
    assert key_of(ann) != key_of(twin)
    # Both go on: no further device comes of it.
    before = devices(bob)
    for each in (ann, twin):
        each.ok("issue", "add", f"Later {each.profile.name}")
    meet(ann, twin, bob)
    assert titles(ann) == titles(twin) == titles(bob) == sorted([*expected, "Later ann", "Later twin"])
    bob.ok("sync")
    assert devices(bob) == before
    for each in (ann, twin, bob):
        assert each.run("doctor").code == 0, each.run("doctor")
    assert {issue["fields"]["priority"] for issue in bob.json("issue", "list", "Before")} == {"high"}


def test_different_content_for_one_place_in_the_chain(pair: tuple[Cli, Cli]) -> None:
    ann, bob = pair
    ann.ok("sync")
    twin = copied(ann, "twin")
    ann.ok("issue", "add", "Sealed and sent by the original")
    ann.ok("sync")
    twin.ok("issue", "add", "Sealed by the copy")
    # The copy seals without having looked at the server: an invite that is made offline does so.
    twin.ok("project", "invite")
    meet(twin, ann, bob)
    wanted = ["Sealed and sent by the original", "Sealed by the copy"]
    assert titles(ann) == titles(twin) == titles(bob) == wanted
    assert key_of(ann) != key_of(twin)


def test_a_restored_backup_goes_on(pair: tuple[Cli, Cli]) -> None:
    ann, bob = pair
    ann.ok("issue", "add", "Before")
    ann.ok("sync")
    old = copied(ann, "old")
    ann.ok("issue", "add", "After the backup")
    ann.ok("sync")
    ann.ok("issue", "add", "Never sent: lost with the disk")
    restored = copied(old, "ann")
    restored.ok("issue", "add", "Made before the first sync")
    meet(restored, bob)
    restored.ok("issue", "add", "And after")
    meet(restored, bob)
    wanted = sorted(["Before", "After the backup", "Made before the first sync", "And after"])
    assert titles(restored) == titles(bob) == wanted
    numbers = [each["number"] for each in bob.json("issue", "list")]
    assert None not in numbers


def test_an_idle_copy_leaves_the_key_and_the_original_keeps_it(
    pair: tuple[Cli, Cli], make_cli: Callable[[str], Cli], tmp_path: Path
) -> None:
    ann, bob = pair
    key = key_of(ann)
    twin = copied(ann, "twin")
    ann.ok("issue", "add", "One")
    ann.ok("sync")
    twin.ok("sync")
    assert key_of(twin) != key
    meet(ann, twin, bob)
    assert key_of(ann) == key
    twin.ok("issue", "add", "Two")
    ann.ok("issue", "add", "Three")
    meet(ann, twin, bob)
    assert titles(ann) == titles(twin) == titles(bob) == ["One", "Three", "Two"]
    assert key_of(ann) == key
