"""The operator's page names only commands, options, metrics and files that there are."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from app.cli.arguments import read_arguments
from sync.server.config import ServerConfig
from sync.server.metrics import Metrics
from sync.server.storage import Totals
from tests.server.support import FakeClock

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "packaging" / "server" / "OPERATING.md").read_text("utf-8")


def test_every_command_on_it_is_one(capsys: pytest.CaptureFixture[str]) -> None:
    commands = re.findall(r"^ +\$ .*?/bin/sitebook (.+)$", PAGE, flags=re.MULTILINE)
    commands += [each.replace("\n", " ") for each in re.findall(r"`sitebook ([^`]+)`", PAGE)]
    assert len(commands) > 8
    for command in commands:
        if "…" in command.split()[-1] and "--certificate" not in command:
            continue
        if command == "--version":
            continue
        assert read_arguments(command.split()).command != "helping:incomplete", command


def test_every_metric_on_it_is_one() -> None:
    metrics = Metrics(FakeClock())
    metrics.totals(Totals)
    metrics.gauge("open_streams", "", lambda: 0)
    metrics.gauge("database_connections", "", lambda: 0)
    metrics.sessions(())
    known = set(re.findall(r"^# HELP (\w+)", metrics.text().decode(), flags=re.MULTILINE))
    known |= {f"{name}_bucket" for name in known}
    named = set(re.findall(r"sitebook_[a-z_]+", PAGE))
    assert len(named) > 8
    assert named <= known, named - known


def test_every_section_and_file_on_it_is_there() -> None:
    for section in re.findall(r"`?\[([a-z]+)\]`?(?!\()", PAGE):
        assert hasattr(ServerConfig(), section), section
    for path in re.findall(r"packaging/[\w./-]+|sync/[\w./-]+\.py", PAGE):
        assert (ROOT / path.rstrip(".")).exists(), path
    anchors = {
        re.sub("[^a-z0-9 ]", "", line.lower()).strip().replace(" ", "-")
        for line in re.findall(r"^## (.+)$", PAGE, re.M)
    }
    for anchor in re.findall(r"\]\(#([^)]+)\)", PAGE):
        assert anchor in anchors, anchor
