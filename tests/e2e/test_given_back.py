"""A server that lost everything gets it back from whoever comes, not only from who founded the project."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.program import Program, Server


@pytest.mark.timeout(300)
@pytest.mark.parametrize("bundle", [False, True])
def test_who_joined_gives_the_project_back_to_an_empty_server(tmp_path: Path, bundle: bool) -> None:
    ann, bob = Program(tmp_path / "ann"), Program(tmp_path / "bob")
    with Server(tmp_path / "server") as server:
        ann.json("init", "--name", "Ann Archer")
        ann.ok("project", "new", "Harbour", "--server", server.url)
        ann.ok("issue", "add", "Leak")
        ann.ok("sync")
        if bundle:
            ann.ok("project", "bundle")
        bob.json("project", "join", ann.ok("project", "invite").last, "--name", "Bob")
        bob.ok("issue", "add", "Crack")
        bob.ok("sync")
    with Server(tmp_path / "empty") as server:
        bob.ok("project", "server", server.url)
        assert bob.json("sync")["pushed"] > 1
        ann.ok("project", "server", server.url)
        ann.ok("sync")
        assert sorted(row["title"] for row in ann.json("issue", "list")) == ["Crack", "Leak"]
