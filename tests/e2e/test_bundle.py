"""A bundle over a real server: published, joined by, gone on from; on the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.program import Program, Server


@pytest.mark.timeout(300)
def test_a_new_device_takes_the_bundle_and_then_the_log(tmp_path: Path) -> None:
    with Server(tmp_path / "server") as server:
        ann, bob = Program(tmp_path / "ann"), Program(tmp_path / "bob")
        # A recovery key is not stretched, as a passphrase is at each start.
        ann.recovery = ann.json("init", "--name", "Ann Archer")["recovery_key"]
        ann.ok("project", "new", "Harbour", "--server", server.url)
        ann.ok("issue", "add", "Leak", "--text", "Water on the **floor**")
        code = ann.ok("project", "invite").last
        ann.ok("sync")
        published = ann.ok("project", "bundle").out
        assert published.startswith("Published ")
        assert "Published 0.0 MB" not in published
        ann.ok("issue", "add", "After the bundle")
        ann.ok("sync")
        joined = bob.json("project", "join", code, "--name", "Bob", "--email", "bob@example.com")
        assert joined["name"] == "Harbour"
        bob.recovery = joined["recovery_key"]
        assert sorted(row["title"] for row in bob.json("issue", "list")) == ["After the bundle", "Leak"]
        assert [row["title"] for row in bob.json("search", "water", "--limit", "9")]
        assert not list((tmp_path / "bob").rglob("*.bundle"))
        assert "not yet confirmed" in bob.ok("doctor").out
