"""A part of a benchmark in a process of its own, off-screen."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any


class PartFailed(Exception):
    """The process of a part ended badly; the text has what it wrote to the end, a crash's stacks among it."""


def answer_of(module: str, *arguments: str, seconds: float) -> Any:
    """Run a module, for ``seconds`` at most; gives the JSON in the last line that it prints."""
    done = subprocess.run(
        [sys.executable, "-X", "faulthandler", "-m", module, *arguments],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )
    if done.returncode:
        raise PartFailed(f"{module} ended with {done.returncode}:\n{done.stderr}")
    return json.loads(done.stdout.splitlines()[-1])
