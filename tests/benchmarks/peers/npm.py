"""Programs from npm, in a folder that is removed afterwards, and processes of node that run with them."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

_SECONDS: Final = 900


def install(scratch: Path, *packages: str) -> None:
    """Bring packages into a folder."""
    command = ["npm", "install", "--prefix", str(scratch), "--no-save", "--no-package-lock"]
    command += ["--no-audit", "--no-fund", "--loglevel=error", *packages]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, timeout=_SECONDS)


def answer(script: str, *arguments: str) -> Any:
    """Run a script that stands beside this module; gives the JSON in the last line that it prints."""
    done = subprocess.run(
        ["node", str(Path(__file__).with_name(script)), *arguments],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        timeout=_SECONDS,
    )
    return json.loads(done.stdout.splitlines()[-1])


@contextmanager
def serving(script: str, scratch: Path) -> Iterator[int]:
    """Run the server of a script; gives its port on loopback."""
    with (scratch / f"{script}.log").open("wb") as log:
        process = subprocess.Popen(
            ["node", str(Path(__file__).with_name(script)), "serve", str(scratch)],
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
    try:
        assert process.stdout is not None
        yield int(process.stdout.readline())
    finally:
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()
