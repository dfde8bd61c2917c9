"""A process that has a profile open and makes issues until it is killed: a title in two places of each."""

from __future__ import annotations

import sys

from app.keys.profile import Profile
from sync.clock import SystemClock
from tests.app.keys.helpers import reopen


def main() -> None:
    from tests.app.interchange.test_backup import opened

    with reopen(Profile.at(sys.argv[1])) as vault:
        project = opened(vault, 1)
        project.clock = SystemClock()
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        while True:
            word = project.random(8).hex()
            project.create("issue", {"title": "x", "external_id": word}, text=word)


if __name__ == "__main__":
    main()
