"""Files over a real server process, by the command line."""

from __future__ import annotations

import random
from pathlib import Path

from tests.app.cli.conftest import Cli


def test_files_reach_the_other_person_and_say_where_they_are(pair: tuple[Cli, Cli], tmp_path: Path) -> None:
    ann, bob = pair
    contents = {f"{number}.bin": random.Random(number).randbytes(1_300_000 * number) for number in range(3)}
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    ann.ok("issue", "add", "One")
    ann.ok("attach", "1", *(str(tmp_path / name) for name in contents))
    assert {each["where"] for each in ann.json("attachment", "list", "1")} == {"only on this device"}
    done = ann.json("sync")
    assert done["files"]["sent"] == 3
    assert {each["where"] for each in ann.json("attachment", "list", "1")} == {"on the server"}
    assert "files" not in ann.json("sync")
    bob.ok("sync", "--no-files")
    assert not any(each["here"] for each in bob.json("attachment", "list", "1"))
    bob.ok("attachment", "keep", "on", "demand")
    bob.ok("sync")
    files = bob.json("attachments")
    assert [each["here"] for each in files] == [False] * 3
    largest = max(files, key=lambda each: each["size"])
    assert "not on this device" in bob.fails("attachment", "save", largest["id"], str(tmp_path / "out"))
    bob.ok("attachment", "get", largest["id"])
    bob.ok("attachment", "save", largest["id"], str(tmp_path / "out"))
    assert (tmp_path / "out").read_bytes() == contents[largest["name"]]
    assert bob.json("attachment", "space")["used"] == largest["size"]
    bob.ok("attachment", "keep", "everything")
    assert bob.json("sync")["files"]["got"] == 2
    assert all(each["here"] for each in bob.json("attachments"))
    ann.ok("sync")
    assert {each["where"] for each in ann.json("attachments")} == {"on 2 devices"}
    bob.ok("attachment", "keep", "on", "demand")
    freed = bob.json("attachment", "free")
    assert freed == {"files": 3, "freed": sum(map(len, contents.values()))}
    assert bob.json("attachment", "space")["used"] == 0


def test_a_device_that_lacks_a_file_says_who_has_to_come(pair: tuple[Cli, Cli], tmp_path: Path) -> None:
    ann, bob = pair
    (tmp_path / "a.txt").write_text("a")
    ann.ok("issue", "add", "One")
    ann.ok("attach", "1", str(tmp_path / "a.txt"))
    ann.ok("sync", "--no-files")
    bob.ok("sync")
    file = bob.json("attachments")[0]
    assert file["where"] == "not on the server yet, not here"
    assert "a device that holds it has to come online" in bob.fails("attachment", "get", file["id"])
    ann.ok("sync")
    bob.ok("attachment", "get", file["id"])
