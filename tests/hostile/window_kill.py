"""SIGKILL of the window at random moments while somebody types and the sync thread pushes.

``python -m tests.hostile.window_kill --times 40`` prints what it found.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from app.keys.entry import Identity
from app.keys.keyring_slot import NoKeyring
from app.keys.profile import Profile
from app.workspace.workspace import Workspace
from sync.membership_actions import Role

_PASSPHRASE = "killed again and again"


@dataclass
class Outcome:
    """What many kills led to."""

    kills: int = 0
    acknowledged: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)


def run(times: int, seed: int, folder: Path) -> Outcome:
    """Kill the window that often; then compare with a second device."""
    chance = random.Random(seed)
    server = subprocess.Popen(
        [sys.executable, "-m", "sync.server", "--data", str(folder / "server"), "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert server.stdout is not None
        address = next(
            word.rstrip(",") for word in server.stdout.readline().split() if word.startswith("http")
        )
        outcome = Outcome()
        code = _prepare(folder, address)
        for number in range(times):
            outcome.acknowledged += _one_life(folder / "one", f"life{number}", chance.uniform(0.0, 1.2))
            outcome.kills += 1
            with Workspace.open_profile(
                Profile.at(folder / "one"), _PASSPHRASE, keyring=NoKeyring()
            ) as workspace:
                project = workspace.open(workspace.projects()[0].project)
                project.check()
                _compare(outcome, list(project.column("issue", "title").values()))
        _heal(folder, code, outcome)
        return outcome
    finally:
        server.terminate()
        server.wait(10)
        assert server.stdout is not None
        server.stdout.close()


def _prepare(folder: Path, address: str) -> str:
    made, _ = Workspace.create(Profile.at(folder / "one"), Identity("One"), _PASSPHRASE, keyring=NoKeyring())
    with made:
        entry = made.new_project("Killed", address)
        code = made.invite(entry.project, Role.EDITOR).text()
        made.sync(entry.project)
    return code


def _one_life(profile: Path, prefix: str, seconds: float) -> list[str]:
    """Start the window, wait for the first saved title, then kill it after some time."""
    child = subprocess.Popen(
        [sys.executable, "-m", "tests.hostile.window_child", str(profile), _PASSPHRASE, prefix],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    first = child.stdout.readline()
    killer = threading.Timer(seconds, child.kill)
    killer.start()
    rest = child.stdout.read().splitlines()
    child.wait()
    killer.cancel()
    child.stdout.close()
    if not first:
        raise RuntimeError("the window ended before it was killed")
    # The last line may be cut by the kill; whole ones were printed after the title was seen in the file.
    return [first.strip(), *(line for line in rest if line.startswith(prefix))][: 1 + len(rest)]


def _compare(outcome: Outcome, titles: list[object]) -> None:
    count = Counter(titles)
    outcome.lost += [title for title in outcome.acknowledged if not count[title]]
    outcome.doubled += [str(title) for title, times in count.items() if title and times > 1]


def _heal(folder: Path, code: str, outcome: Outcome) -> None:
    with Workspace.open_profile(Profile.at(folder / "one"), _PASSPHRASE, keyring=NoKeyring()) as one:
        one.sync(one.projects()[0].project)
    other, _ = Workspace.create(Profile.at(folder / "two"), Identity("Two"), _PASSPHRASE, keyring=NoKeyring())
    with other:
        project = other.open(other.join(code).project)
        _compare(outcome, list(project.column("issue", "title").values()))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="sitebook-kill-") as folder:
        outcome = run(arguments.times, arguments.seed, Path(folder))
    print(
        f"window killed {outcome.kills} times: {len(outcome.acknowledged)} issues acknowledged, "
        f"{len(set(outcome.lost))} lost, {len(set(outcome.doubled))} doubled"
    )
    return 1 if outcome.lost or outcome.doubled else 0


if __name__ == "__main__":
    sys.exit(main())
