from __future__ import annotations

import csv
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.app.cli.conftest import Cli


def _filled(cli: Cli, tmp_path: Path) -> Cli:
    cli.ok("issue", "add", "One", "--text", "Text of one", "--set", "label=wet")
    cli.ok("issue", "set", "1", "due=2027-01-01")
    cli.ok("comment", "add", "1", "A comment")
    photo = tmp_path / "photo.bin"
    photo.write_bytes(b"photo" * 1_000)
    cli.ok("attach", "1", str(photo))
    cli.ok("issue", "add", "Two")
    cli.ok("issue", "delete", "2")
    return cli


def _everything(cli: Cli) -> list[object]:
    found = cli.json("issue", "list") + cli.json("issue", "list", "--deleted") + cli.json("label", "list")
    return [*found, *cli.json("comment", "list", "1"), *cli.json("conflicts")]


def test_a_backup_comes_back_in_an_empty_profile_only(
    cli: Cli, make_cli: Callable[[str], Cli], tmp_path: Path
) -> None:
    _filled(cli, tmp_path)
    before = _everything(cli)
    file = tmp_path / "copy.backup"
    assert cli.json("backup", str(file))["projects"] == 1
    assert "is not empty" in cli.fails("restore", str(file))
    other = make_cli("other")
    assert "1 project of " in other.ok("restore", str(file)).out
    assert _everything(other) == before
    cut = tmp_path / "cut.backup"
    cut.write_bytes(file.read_bytes()[:-500])
    third = make_cli("third")
    assert "damaged" in third.fails("restore", str(cut))
    assert "check its name" in third.fails("restore", str(tmp_path / "none"))
    assert not third.profile.exists()
    assert "check its name" in cli.fails("backup", str(tmp_path / "missing" / "x"))


def test_a_backup_is_made_beside_a_running_sitebook(cli: Cli, tmp_path: Path) -> None:
    from app.keys.profile import Profile

    holder = Profile(cli.profile)
    holder.acquire()
    try:
        cli.ok("backup", str(tmp_path / "copy.backup"))
    finally:
        holder.release()


def test_a_restore_with_a_wrong_passphrase_is_refused(
    make_cli: Callable[[str], Cli], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cli = make_cli("one")
    monkeypatch.setenv("SITEBOOK_PASSPHRASE", "right")
    cli.ok("init")
    cli.ok("backup", str(tmp_path / "copy"))
    monkeypatch.setenv("SITEBOOK_PASSPHRASE", "wrong")
    other = make_cli("other")
    assert "The passphrase is wrong" in other.fails("restore", str(tmp_path / "copy"))
    assert not other.profile.exists()


def test_an_export_becomes_a_project_that_is_equal(
    cli: Cli, make_cli: Callable[[str], Cli], tmp_path: Path
) -> None:
    _filled(cli, tmp_path)
    before = _everything(cli)
    file = tmp_path / "out.zip"
    done = cli.json("project", "export", str(file))
    assert (done["files"], done["missing"]) == (1, [])
    with zipfile.ZipFile(file) as archive:
        assert "README.txt" in archive.namelist()
    other = make_cli("other")
    other.ok("init", "--name", "Ann Archer")
    made = other.ok("project", "import", str(file), "--name", "Copy").last
    assert other.json("project", "list") == [{"id": made, "name": "Copy", "server": ""}]
    after = _everything(other)
    assert [_still(each) for each in after] == [_still(each) for each in before]
    back = other.json("attachment", "list", "1")
    other.ok("attachment", "save", back[0]["id"], str(tmp_path / "back.bin"))
    assert (tmp_path / "back.bin").read_bytes() == b"photo" * 1_000
    damaged = tmp_path / "damaged.zip"
    damaged.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    assert "damaged" in other.fails("project", "import", str(damaged))
    assert len(other.json("project", "list")) == 1


def _still(document: object) -> object:
    """Without where the work is."""
    if isinstance(document, dict):
        return {name: value for name, value in document.items() if name != "sync"}
    return document


TABLE = 'Title,Due,Colour,Note\nOne,01/31/2027,red,a\nTwo,02/28/2027,blue,"b, c"\n'


def test_a_table_comes_in_and_goes_out(cli: Cli, tmp_path: Path) -> None:
    table = tmp_path / "in.csv"
    table.write_text(TABLE)
    done = cli.json("import", str(table), "--date-format", "%m/%d/%Y", "--map", "Note=text", "--key", "Title")
    assert (done["created"], done["new_fields"]) == (2, ["Colour"])
    shown = {each["title"]: each for each in cli.json("issue", "list")}
    assert shown["Two"]["text"] == "b, c"
    assert shown["One"]["fields"]["due"] == "2027-01-31"
    table.write_text(TABLE.replace("blue", "green"))
    again = cli.ok("import", str(table), "--date-format", "%m/%d/%Y", "--map", "Note=text", "--key", "Title")
    assert again.out.splitlines()[0] == "0 made, 1 changed, 1 unchanged"
    out = tmp_path / "out.csv"
    assert cli.json("export", str(out), "due<2027-02-01")["exported"] == 1
    with out.open(encoding="utf-8-sig", newline="") as file:
        assert [row["title"] for row in csv.DictReader(file)] == ["One"]
    assert "2 issues written" in cli.ok("export", str(out), "--force").out


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"Title,Due\nOne,2027-01-01\nTw\xff\xfeo,x\xe9\n", "line 3"),
        (b"Title,Due\nOne,2027-01-01\nTwo\n", "row 3"),
        (b"Title,Due\nOne,2027-01-01\nTwo,2027-13-45\nThree,2027-01-02\nFour,2027-01-03\n", "2027-13-45"),
        (b"", "empty"),
        (b'Title,Due\n"One,2027-01-01\n', ""),
    ],
)
def test_a_wrong_table_changes_nothing(cli: Cli, tmp_path: Path, data: bytes, says: str) -> None:
    table = tmp_path / "in.csv"
    table.write_bytes(data)
    said = cli.fails("import", str(table), "--date-format", "%Y-%m-%d")
    assert says.lower() in said.lower()
    assert cli.json("issue", "list") == []
    assert cli.json("field", "list") == []


def test_a_missing_table_and_a_wrong_column(cli: Cli, tmp_path: Path) -> None:
    assert "check its name" in cli.fails("import", str(tmp_path / "no.csv"))
    table = tmp_path / "in.csv"
    table.write_text(TABLE)
    cli.fails("import", str(table), "--map", "Nothing=title")
    cli.fails("import", str(table), "--key", "Nothing")
    cli.fails("import", str(table), "--map", "Title")
    assert cli.json("issue", "list") == []
