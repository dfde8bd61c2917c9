"""The container's file and the service's unit name what is there, and run as nobody in particular.

No container engine is needed: the file is parsed, and its one step that needs no network is run.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from sync.server.config import read_config

ROOT = Path(__file__).resolve().parents[2]
CONTAINERFILE = ROOT / "packaging" / "container" / "Containerfile"
UNIT = ROOT / "packaging" / "server" / "sitebook.service"


def steps() -> list[tuple[str, str]]:
    """The instructions, by name and argument."""
    text = CONTAINERFILE.read_text("utf-8").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [(name, argument) for name, _, argument in (line.partition(" ") for line in lines)]


def test_it_copies_what_is_there_and_names_places_that_can_be_had() -> None:
    for name, argument in steps():
        if name == "COPY" and "--from" not in argument:
            *sources, _ = argument.split()
            assert all((ROOT / source).exists() for source in sources), argument
        if name == "FROM":
            assert re.match(r"docker\.io/library/python:3\.\d+-slim-\w+( AS build)?$", argument)


def test_packages_are_pinned_with_hashes_and_nothing_else_is_fetched() -> None:
    runs = [argument for name, argument in steps() if name == "RUN"]
    installs = [run for run in runs if "pip install" in run]
    assert len(installs) == 2
    assert "--require-hashes" in installs[0]
    assert "--no-index" in installs[1]
    assert not [run for run in runs if re.search("curl|wget|apt", run)]


def test_it_runs_as_nobody_in_particular_on_a_volume() -> None:
    last = dict(steps())
    assert last["USER"] == "10001"
    assert last["VOLUME"] == "/data"
    command = json.loads(last["ENTRYPOINT"])
    assert command[1:3] == ["serve", "--config"]
    health = json.loads(last["HEALTHCHECK"].partition(" CMD ")[2])
    assert "--check-health" in health
    config = read_config(ROOT / "packaging" / "container" / "server.toml", {})
    assert (config.listen.host, config.listen.port, str(config.data)) == ("0.0.0.0", 8750, "/data")
    assert f"EXPOSE {config.listen.port}" in CONTAINERFILE.read_text("utf-8")


def test_what_it_copies_is_enough_to_build_a_server(tmp_path: Path) -> None:
    source = tmp_path / "build"
    source.mkdir()
    for name, argument in steps():
        if name == "COPY" and "--from" not in argument and "/etc/" not in argument:
            *sources, _ = argument.split()
            for each in sources:
                if (ROOT / each).is_dir():
                    ignored = shutil.ignore_patterns("__pycache__")
                    shutil.copytree(ROOT / each, source / each, ignore=ignored)
                else:
                    (source / each).parent.mkdir(parents=True, exist_ok=True)
                    shutil.copy(ROOT / each, source / each)
    # What pip does without isolation, and without pip, which takes ten seconds for it.
    build = "import sys; from hatchling.build import build_wheel; print(build_wheel(sys.argv[1]))"
    command = [sys.executable, "-c", build, str(tmp_path)]
    done = subprocess.run(command, cwd=source, check=True, capture_output=True, text=True, timeout=60)
    wheel = tmp_path / done.stdout.splitlines()[-1]
    check = [sys.executable, "-m", "sync.server", "--check-config", "--data", str(tmp_path / "data")]
    environment = {**os.environ, "PYTHONPATH": str(wheel)}
    done = subprocess.run(
        check, cwd=tmp_path, env=environment, check=True, capture_output=True, text=True, timeout=30
    )
    assert json.loads(done.stdout)["storage"]["url"] == "sqlite"


def test_the_unit_is_sound() -> None:
    text = UNIT.read_text("utf-8")
    assert "\nUser=sitebook\n" in text
    assert "serve --config /etc/sitebook/server.toml" in text
    if shutil.which("systemd-analyze"):
        done = subprocess.run(
            ["systemd-analyze", "verify", str(UNIT)], capture_output=True, text=True, timeout=30, check=False
        )
        # Only the program itself may be missing here.
        said = [line for line in done.stderr.splitlines() if "sitebook.service" in line]
        assert all("is not executable" in line for line in said), said
