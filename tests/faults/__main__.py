"""The long form: ``python -m tests.faults --rounds N --seed S [--only NAME …]``.

Every fault at every request, every length of an answer, every write of a disk, many kills. Each kind prints
one line, or what went wrong and how to repeat it.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tests.faults.contention import contend
from tests.faults.disk import KINDS, faulty_disk
from tests.faults.disks import VFS, ReceivingDisk, ServerDisk, every_write
from tests.faults.killing import Killing
from tests.faults.network import Scene, every_fault, every_length, other_servers, strays
from tests.faults.proxy import Proxy
from tests.faults.server import Server
from tests.server.process import ServerProcess


@contextmanager
def _scene(folder: Path, seed: int) -> Iterator[Scene]:
    with Server(folder / "server") as server, Proxy(server.port) as proxy:
        scene = Scene(folder, server, proxy, seed)
        yield scene
        scene.crew.stop()


def _network(folder: Path, seed: int) -> str:
    with _scene(folder, seed) as scene:
        once, lasting = every_fault(scene, lasting=False), every_fault(scene, lasting=True)
        return f"{once.total() + lasting.total()} rounds under faults"


def _lengths(folder: Path, seed: int) -> str:
    tried = 0
    with _scene(folder, seed) as scene:
        for path in ("/v1/pull", "/v1/push"):
            for measured in (True, False):
                tried += every_length(scene, path, measured=measured)
    return f"{tried} lengths of answers"


def _servers(folder: Path, seed: int) -> str:
    with _scene(folder, seed) as scene:
        other_servers(scene, folder, seed)
    return "another server, and an older copy, each twice"


def _strays(folder: Path, seed: int) -> str:
    with _scene(folder, seed) as scene:
        return f"{strays(scene, 5)} requests arrived long after"


def _kills(folder: Path, seed: int) -> str:
    killing = Killing(folder, seed)
    try:
        killing.run(40)
    finally:
        killing.close()
    return killing.figures()


def _server_disk(folder: Path, seed: int) -> str:
    disk = ServerDisk(folder)
    with faulty_disk(VFS) as faults:
        counts = every_write(lambda *case: disk.try_one(faults, case[0], case[1], lasting=case[2]), KINDS)
    return f"struck at {dict(counts)}"


def _device_disk(folder: Path, seed: int) -> str:
    with faulty_disk(VFS) as faults, Server(folder / "server") as server:
        disk = ReceivingDisk(folder, server.url, seed)
        counts = every_write(lambda *case: disk.try_one(faults, *case), KINDS)
    return f"struck at {dict(counts)}"


def _contention(folder: Path, seed: int) -> str:
    with ServerProcess(folder / "server") as server:
        return contend(server.url, devices=100, pushes=10, size=5, seed=seed).line()


_CASES: Final[dict[str, Callable[[Path, int], str]]] = {
    "network": _network,
    "lengths": _lengths,
    "servers": _servers,
    "strays": _strays,
    "kills": _kills,
    "server disk": _server_disk,
    "device disk": _device_disk,
    "contention": _contention,
}


def main() -> int:
    """Run what is asked for; 0 where everything holds."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 30))
    parser.add_argument("--only", action="append", choices=sorted(_CASES), help="may be given more than once")
    arguments = parser.parse_args()
    failures = 0
    for seed in range(arguments.seed, arguments.seed + arguments.rounds):
        for name in arguments.only or _CASES:
            begun = time.monotonic()
            with tempfile.TemporaryDirectory(prefix="sitebook-faults-") as folder:
                try:
                    said = _CASES[name](Path(folder), seed)
                except Exception:  # noqa: BLE001 - whatever went wrong is what the caller wants to see
                    traceback.print_exc()
                    said = f'FAILED; to repeat: python -m tests.faults --seed {seed} --only "{name}"'
                    failures += 1
            print(f"{name}: {said} ({time.monotonic() - begun:.0f} s)", flush=True)
    print(f"{arguments.rounds} rounds from seed {arguments.seed}, {failures} failures")
    return min(failures, 1)


if __name__ == "__main__":
    sys.exit(main())
