"""A bundle over a real server: published, joined by, gone on from; on the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.program import Program, Server


@pytest.mark.timeout(300)
def test_a_new_device_takes_the_bundle_and_then_the_log(tmp_path: Path) -> None:
    with Server(tmp_path / "server") as server:
        ann, bob = Program(tmp_path / "ann"), Program(tmp_path / "bob")
        ann.json("init", "--name", "Ann Archer")
        ann.ok("project", "new", "Harbour", "--server", server.url)
        for number in range(5):
            ann.ok("issue", "add", f"Leak {number}", "--text", "Water on the **floor**")
        ann.ok("sync")
        assert "Published 0.0 MB" not in ann.ok("project", "bundle").out
        done = ann.json("project", "bundle")
        assert done["sent"] >= done["size"] > 0
        ann.ok("issue", "add", "After the bundle")
        code = ann.ok("project", "invite").last
        ann.ok("sync")
        joined = bob.json("project", "join", code, "--name", "Bob", "--email", "bob@example.com")
        assert joined["name"] == "Harbour"
        assert sorted(row["title"] for row in bob.json("issue", "list")) == [
            "After the bundle",
            *(f"Leak {number}" for number in range(5)),
        ]
        assert [row["title"] for row in bob.json("search", "water", "--limit", "9")]
        bob.ok("issue", "set", "1", "title=Leak by Bob")
        bob.ok("sync")
        ann.ok("sync")
        assert "Leak by Bob" in [row["title"] for row in ann.json("issue", "list")]
        assert not list((tmp_path / "bob").rglob("*.bundle"))
        assert "not yet confirmed" in bob.ok("doctor").out
