"""The operator's commands, on the data of a real server that two devices use."""

from __future__ import annotations

import json
from pathlib import Path

from sync.server.certificates import fingerprint
from tests.app.cli.conftest import Cli
from tests.server.process import ServerProcess


def test_a_server_from_an_old_backup_gets_back_what_it_lacks_from_the_devices(
    pair: tuple[Cli, Cli], server: ServerProcess, tmp_path: Path
) -> None:
    ann, bob = pair
    data = tmp_path / "server"
    ann.ok("issue", "add", "Before the backup")
    ann.ok("sync")
    copied = ann.json("server", "backup", str(tmp_path / "backup.tar"), "--data", str(data))
    assert copied["missing"] == 0
    for each, title in ((ann, "By Ann, after it"), (bob, "By Bob, after it")):
        each.ok("issue", "add", title)
        each.ok("sync")
    bob.ok("issue", "add", "By Bob, not sent yet")
    assert server.stop() == 0
    data.rename(tmp_path / "lost")
    # Bob's device brings what Ann has not seen, and Ann's what Bob has not.
    restored = ann.ok("server", "restore", str(tmp_path / "backup.tar"), "--data", str(data)).out
    assert "Start the server now." in restored
    assert data.stat().st_mode & 0o077 == 0
    port = server.url.rpartition(":")[2]
    with ServerProcess(data, "--port", port):
        for each in (bob, ann, bob, ann):
            each.ok("sync")
        titles = sorted(each["title"] for each in ann.json("issue", "list"))
        assert titles == ["Before the backup", "By Ann, after it", "By Bob, after it", "By Bob, not sent yet"]
        assert sorted(each["title"] for each in bob.json("issue", "list")) == titles
        assert "already" in ann.fails("server", "restore", str(tmp_path / "backup.tar"), "--data", str(data))
        found = ann.json("server", "stats", "--data", str(data))
        assert len(found) == 1
        assert found[0]["devices"] == 2
        assert found[0]["envelopes"] >= 6
        assert "ENVELOPES" in ann.ok("server", "stats", "--data", str(data)).out


def test_stats_of_a_wrong_directory_make_none(cli: Cli, tmp_path: Path) -> None:
    for words in (["stats"], ["gc"], ["backup", str(tmp_path / "x.tar")]):
        assert "holds no data" in cli.fails("server", *words, "--data", str(tmp_path / "nothing"))
    assert not (tmp_path / "nothing").exists()


def test_a_certificate_is_made_and_told(cli: Cli, tmp_path: Path) -> None:
    made = cli.json("server", "certificate", "--host", "notes.example.com", "--out", str(tmp_path / "tls"))
    assert made["fingerprint"] == fingerprint(Path(made["certificate"]))
    assert cli.ok("server", "fingerprint", made["certificate"]).last == made["fingerprint"]
    assert "is there already" in cli.fails(
        "server", "certificate", "--host", "x", "--out", str(tmp_path / "tls")
    )
    assert "Name the hosts" in cli.fails("server", "certificate", "--out", str(tmp_path / "other"))


def test_a_configuration_is_checked_and_shows_no_secret(cli: Cli, tmp_path: Path) -> None:
    config = tmp_path / "server.toml"
    config.write_text("[storage]\nurl = 'postgresql://u@h/d'\npassword = 'p4ss'\n[objects]\nurl = 's3://b'\n")
    shown = cli.ok("serve", "--config", str(config), "--check-config").out
    assert "[storage]" in shown
    assert 'password = "(set)"' in shown
    document = cli.json("serve", "--config", str(config), "--port", "5", "--check-config")
    assert document["listen"]["port"] == 5
    assert "p4ss" not in shown + json.dumps(document)
    assert "pg_dump" in cli.fails("server", "backup", "x.tar", "--config", str(config))
    assert "no option" in cli.fails("serve", "--config", str(_wrong(tmp_path)))
    assert "keeps its data" in cli.fails("serve")


def _wrong(tmp_path: Path) -> Path:
    path = tmp_path / "wrong.toml"
    path.write_text("[listen]\nprot = 1\n")
    return path
