"""The operator's commands, on the data of a real server that two devices use."""

from __future__ import annotations

import json
from pathlib import Path

from sync.server.certificates import fingerprint
from tests.app.cli.conftest import Cli
from tests.server.postgres import started
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


def test_a_move_takes_the_chunks_along_and_says_what_is_missing(
    pair: tuple[Cli, Cli], server: ServerProcess, tmp_path: Path
) -> None:
    ann, bob = pair
    (tmp_path / "plan.bin").write_bytes(bytes(range(256)) * 8_000)
    ann.ok("issue", "add", "One")
    ann.ok("attach", "1", str(tmp_path / "plan.bin"))
    ann.ok("sync")
    assert server.stop() == 0
    data, other = tmp_path / "server", tmp_path / "other"
    chunks = sorted(path for path in (data / "chunks").rglob("*") if path.is_file())
    chunks[0].unlink()
    config = tmp_path / "next.toml"
    config.write_text(f"[storage]\ndata = '{data}'\n[objects]\nurl = 'file://{other}'\n")
    with started() as postgres, postgres.database() as dsn:
        words = ("server", "move", "--data", str(data), "--to", dsn, "--chunks", str(config))
        said = ann.ok(*words).out
        assert "are in the other store too" in said
        assert "1 chunk missing: devices that have the files bring them again." in said
        assert len([path for path in other.rglob("*") if path.is_file()]) == len(chunks) - 1
        environment = {"SITEBOOK_SERVER_STORAGE_URL": dsn, "SITEBOOK_SERVER_OBJECTS_URL": f"file://{other}"}
        with ServerProcess(data, "--port", server.url.rpartition(":")[2], environment=environment):
            bob.ok("issue", "add", "Two")
            assert bob.json("sync")["pulled"] == 2
            assert ann.json("sync")["pulled"] == 1
