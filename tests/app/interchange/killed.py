"""A process that begins an import, a backup or a restore and kills itself in the middle of it."""

from __future__ import annotations

import os
import random
import signal
import sys
from pathlib import Path

from app.interchange.backup import backup
from app.interchange.csv_import import plan_import
from app.interchange.project_import import import_project
from app.interchange.restore import restore
from app.keys.profile import Profile
from app.store.project import Project
from app.workspace.workspace import Workspace
from sync.clock import SystemClock
from tests.app.interchange.tables import context
from tests.app.keys.helpers import reopen
from tests.app.store.replicas import KEY, SetClock


def die(done: int, whole: int) -> None:
    if done * 2 > whole:
        os.kill(os.getpid(), signal.SIGKILL)


def main(what: str, source: Path, target: Path) -> None:
    if what == "table":
        made = Project.open(
            target, KEY, device=bytes([1]) * 32, clock=SetClock(), random=random.Random(1).randbytes
        )
        plan_import(source, made, context=context(made), date_format="%m/%d/%Y").commit(die)
    elif what == "project":
        with Workspace(reopen(Profile(target))) as away:
            import_project(source, away, progress=die)
    elif what == "backup":
        with reopen(Profile(source), exclusive=False) as vault:
            backup(vault, target, clock=SystemClock(), progress=die)
    else:
        restore(source, Profile(target), progress=die)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
