"""Kills the command line, sync and server with SIGKILL at random moments, and counts what is left.

``python -m tests.hostile.kill --times 200 [--seed N]`` prints the figures. Two people work in one project. An
edit whose command exited with 0, or whose id came out, is acknowledged: it must be there exactly once, on the
device after each kill and on both after healing. One that was cut must be there once or not at all, whole or
not at all. A failure names the seed.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.e2e.program import Program, Server

ROWS = 25
HEAL_EVERY = 20


@dataclass
class Device:
    """One person's device, and what is known to have been done on it."""

    name: str
    program: Program
    own_field: str
    acknowledged: set[str] = field(default_factory=set)
    """Words that stand in a title or in the shared text."""
    cut: set[str] = field(default_factory=set)
    value: str = ""
    """The last acknowledged value of the field that only this device writes."""
    cut_values: set[str] = field(default_factory=set)
    tables: dict[str, bool] = field(default_factory=dict)
    """By key: whether the import of that table was acknowledged."""
    projects: dict[str, bool] = field(default_factory=dict)


@dataclass
class Attempt:
    """One command that may be killed."""

    what: str
    device: Device
    words: tuple[str, ...]
    done: Callable[[bool], None]


class Wrong(AssertionError):
    """What must not be."""


class Kills:
    """Two devices and a server, and somebody who pulls plugs."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder = folder
        self.seed = seed
        self.chance = random.Random(seed)
        self.counts: Counter[str] = Counter()
        self._serial = 0
        self._took: dict[str, float] = {}
        self._there: set[str] = set()
        self.server = Server(folder / "server")
        ann, bob = Program(folder / "ann"), Program(folder / "bob")
        ann.recovery = ann.json("init", "--name", "Ann")["recovery_key"]
        ann.ok("project", "new", "Site", "--server", self.server.url)
        ann.ok("issue", "add", "Shared", "--text", "begin")
        code = ann.ok("project", "invite").last
        bob.recovery = bob.json("project", "join", code, "--name", "Bob")["recovery_key"]
        self.devices = (Device("ann", ann, "external_id"), Device("bob", bob, "category"))
        self._shared: str = ann.json("issue", "list")[0]["id"]

    def close(self) -> None:
        """Stop the server."""
        self.server.kill()

    def run(self, times: int) -> None:
        """Kill so many times, heal, and look at everything."""
        while self.counts["killed"] < times:
            self._once()
            if self.counts["killed"] % HEAL_EVERY == 0:
                self.heal()
        self.heal()
        for device in self.devices:
            self._expect(device.program.run("doctor").code == 0, f"doctor complains on {device.name}")

    def _once(self) -> None:
        device = self.chance.choice(self.devices)
        choices = (
            (self._add, 4),
            (self._set, 2),
            (self._text, 3),
            (self._table, 2),
            (self._project, 1),
            (self._sync, 4),
            (self._follow, 1),
        )
        if self.chance.random() < 0.15:
            self._kill_server(device)
        else:
            make = self.chance.choices([each for each, _ in choices], [weight for _, weight in choices])[0]
            self._attempt(make(device))
        self.check(device)

    # What is tried

    def _word(self, device: Device) -> str:
        self._serial += 1
        return f"{device.name}{self._serial:04d}x"

    def _noted(self, device: Device, word: str) -> Callable[[bool], None]:
        return lambda fine: (device.acknowledged if fine else device.cut).add(word)

    def _add(self, device: Device) -> Attempt:
        word = self._word(device)
        words = ("issue", "add", word, "--text", f"about {word}", "--set", f"label={word[-3:]}")
        return Attempt("add", device, ("--project", "Site", *words), self._noted(device, word))

    def _text(self, device: Device) -> Attempt:
        word = self._word(device)
        words = ("--project", "Site", "text", self._shared, "--insert", "0", f"{word} ")
        return Attempt("text", device, words, self._noted(device, word))

    def _set(self, device: Device) -> Attempt:
        word = self._word(device)

        def done(fine: bool) -> None:
            if fine:
                device.value = word
                device.cut_values.clear()
            else:
                device.cut_values.add(word)

        words = ("--project", "Site", "issue", "set", self._shared, f"{device.own_field}={word}")
        return Attempt("set", device, words, done)

    def _table(self, device: Device) -> Attempt:
        word = self._word(device)
        path = self.folder / f"{word}.csv"
        lines = ["Title,Due", *(f"{word} row {row},2027-01-{row % 28 + 1:02d}" for row in range(ROWS))]
        path.write_text("\n".join(lines) + "\n")
        words = ("--project", "Site", "import", str(path))
        return Attempt("import", device, words, lambda fine: device.tables.update({word: fine}))

    def _project(self, device: Device) -> Attempt:
        word = self._word(device)
        return Attempt(
            "project", device, ("project", "new", word), lambda fine: device.projects.update({word: fine})
        )

    def _sync(self, device: Device) -> Attempt:
        return Attempt("sync", device, ("--project", "Site", "sync"), lambda fine: None)

    def _follow(self, device: Device) -> Attempt:
        return Attempt("follow", device, ("--project", "Site", "sync", "--follow"), lambda fine: None)

    # Pulling plugs

    def _attempt(self, attempt: Attempt) -> None:
        self.counts[f"{attempt.what} tried"] += 1
        process = attempt.device.program.start(*attempt.words)
        killed = not self._ends_by_itself(process, attempt.device, attempt.what, self.chance.uniform(0, 1.4))
        if killed:
            process.kill()
            self.counts["killed"] += 1
            self.counts[f"{attempt.what} killed"] += 1
        out, err = process.communicate()
        if not killed:
            self._expect(process.returncode == 0, f"{attempt.words} failed: {err}")
        attempt.done(not killed or out.endswith("\n"))

    def _ends_by_itself(
        self, process: subprocess.Popen[str], device: Device, what: str, share: float
    ) -> bool:
        """Wait for a share of what such a command usually takes; whether it ended in that time.

        Mostly that is counted from when it has the profile, since before that it only loads itself.
        """
        usual = self._took.setdefault(what, 0.5)
        if self.chance.random() < 0.85:
            holder = device.program.profile / "profile.pid"
            while process.poll() is None and holder.read_text() != f"{process.pid}\n":
                time.sleep(0.002)
        begun = time.monotonic()
        try:
            process.wait(usual * share)
        except subprocess.TimeoutExpired:
            self._took[what] = min(10.0, usual * 1.04)  # it may take longer than was thought
            return False
        self._took[what] = (usual + time.monotonic() - begun) / 2
        return True

    def _kill_server(self, device: Device) -> None:
        process = device.program.start("--project", "Site", "sync")
        self._ends_by_itself(process, device, "sync", self.chance.uniform(0, 1))
        self.server.kill()
        self.counts["killed"] += 1
        self.counts["server killed"] += 1
        _, err = process.communicate(timeout=60)
        self._expect(
            process.returncode in (0, 3), f"sync without a server exited {process.returncode}: {err}"
        )
        self.server.start()

    # Looking

    def check(self, device: Device) -> list[dict[str, Any]]:
        """What one device must hold now."""
        ran = device.program.run("--project", "Site", "issue", "list", "--json")
        self._expect(ran.code == 0, f"{device.name} cannot list its issues: {ran.err}")
        issues: list[dict[str, Any]] = json.loads(ran.out)
        titles = Counter(each["title"] for each in issues)
        [shared] = [each for each in issues if each["id"] == self._shared]
        in_text = Counter(shared["text"].split())
        for each in self.devices:
            own = each is device
            for word in each.acknowledged | each.cut:
                there = titles[word] + in_text[word]
                least = 1 if own and word in each.acknowledged else 0
                self._expect(least <= there <= 1, f"{word} is there {there} times on {device.name}")
            for word, fine in each.tables.items():
                rows = [titles[f"{word} row {row}"] for row in range(ROWS)]
                wanted = {ROWS} if own and fine else {0, ROWS}
                self._expect(
                    max(rows) <= 1 and sum(rows) in wanted, f"{word}: {sum(rows)} rows on {device.name}"
                )
        self._expect(all(count == 1 for count in titles.values()), f"something is doubled on {device.name}")
        value = shared["fields"][device.own_field] or ""
        self._expect(
            value == device.value or value in device.cut_values,
            f"{device.own_field} is “{value}” on {device.name}, and “{device.value}” was acknowledged",
        )
        numbers = [each["number"] for each in issues if each["number"] is not None]
        self._expect(len(set(numbers)) == len(numbers), f"two issues have one number on {device.name}")
        self._projects(device)
        return issues

    def _projects(self, device: Device) -> None:
        if not device.projects:
            return
        listed = Counter(each["name"] for each in device.program.json("project", "list"))
        for word, fine in device.projects.items():
            self._expect(int(fine) <= listed[word] <= 1, f"project {word} is there {listed[word]} times")
            if listed[word]:
                self._expect(
                    device.program.run("--project", word, "issue", "list").code == 0,
                    f"project {word} does not open",
                )
        device.projects.clear()  # looked at once: what is durable stays so, and opening each again takes long

    def heal(self) -> None:
        """Sync both until nothing is left to do, and compare."""
        ann, bob = self.devices
        for device in (ann, bob, ann, bob):
            ran = device.program.run("--project", "Site", "sync")
            self._expect(ran.code == 0, f"sync of {device.name} failed: {ran.err}")
        lists = [self.check(device) for device in self.devices]
        self._expect(lists[0] == lists[1], "the two devices differ after healing")
        titles = {each["title"] for each in lists[0]}
        self._there = titles
        shared = next(each for each in lists[0] if each["id"] == self._shared)
        for device in self.devices:
            missing = device.acknowledged - titles - set(shared["text"].split())
            self._expect(not missing, f"lost on the way: {sorted(missing)}")
            for word, fine in device.tables.items():
                self._expect(not fine or f"{word} row 0" in titles, f"the table {word} was lost on the way")
        self._expect(
            {each["sync"] for each in lists[0]} == {"synced"}, "something is not synced after healing"
        )
        self.counts["healings"] += 1

    def _expect(self, fine: bool, what: str) -> None:
        if not fine:
            raise Wrong(f"seed {self.seed}, after {self.counts['killed']} kills: {what}")

    def figures(self) -> str:
        """What was done, as lines."""
        kinds = sorted(key.removesuffix(" killed") for key in self.counts if key.endswith(" killed"))
        lines = [
            f"killed {self.counts['killed']} times, healed {self.counts['healings']} times, seed {self.seed}"
        ]
        lines += [f"  {kind:<8} killed {self.counts[f'{kind} killed']}" for kind in kinds]
        for device in self.devices:
            tables = sum(device.tables.values())
            cut = [f"{word} row 0" for word, fine in device.tables.items() if not fine] + sorted(device.cut)
            saved = len(self._there.intersection(cut))
            lines.append(
                f"  {device.name}: {len(device.acknowledged)} edits and {tables} imports acknowledged, "
                f"{len(device.cut)} edits and {len(device.tables) - tables} imports cut "
                f"(of issues made so, {saved} are there)"
            )
        return "\n".join(lines)


def main() -> int:
    """Run it from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=200)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 31))
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="sitebook-kill-") as folder:
        kills = Kills(Path(folder), arguments.seed)
        try:
            kills.run(arguments.times)
        finally:
            kills.close()
            print(kills.figures())
    print("No acknowledged edit was lost, none was doubled.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
