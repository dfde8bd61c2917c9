from __future__ import annotations

from pathlib import Path

from tests.app.cli.conftest import Cli


def test_a_folder_is_switched_on_kept_up_to_date_and_switched_off(cli: Cli, tmp_path: Path) -> None:
    assert cli.json("folder", "status") == {"folder": None}
    assert "switch one on first" in cli.fails("folder", "sync")
    cli.ok("issue", "add", "Leak", "--text", "Drips")
    note = cli.ok("note", "add", "Diary", "--text", "Dry").last
    path = tmp_path / "copy"
    said = cli.ok("folder", "on", str(path)).out
    assert "NOT encrypted" in said
    assert "2 texts looked at; written: 2" in said
    diary = path / "Diary.md"
    diary.write_text(diary.read_text().replace("Dry", "Wet"))
    done = cli.json("folder", "sync")
    assert (done["taken_in"], done["problems"]) == (1, {})
    assert cli.json("note", "show", note)["text"] == "Wet"
    diary.write_text(diary.read_text().replace("title: Diary", "title: Diary\npinned: maybe"))
    assert "Diary.md has a value under “pinned”" in cli.ok("folder", "sync").out
    status = cli.json("folder", "status")
    assert (status["folder"], status["files"], list(status["problems"])) == (str(path), 2, ["Diary.md"])
    assert "NOT encrypted" in cli.ok("folder", "status").out
    assert "stay" in cli.ok("folder", "off").out
    assert diary.exists()
    assert "another project" not in cli.ok("folder", "on", str(path)).out


def test_a_vault_is_opened_and_many_missing_files_are_asked_about(cli: Cli, tmp_path: Path) -> None:
    vault = tmp_path / "vault"
    assert "no folder" in cli.fails("folder", "open", str(vault))
    vault.mkdir()
    for number in range(8):
        (vault / f"Note {number}.md").write_text(f"[[Note {number + 1}]]\n")
    assert "not empty" in cli.fails("folder", "on", str(vault))
    assert cli.json("folder", "open", str(vault), "--json")["made"] == 8
    for number in range(7):
        (vault / f"Note {number}.md").unlink()
    assert "7 files of the folder are gone at once" in cli.fails("folder", "sync")
    assert cli.json("folder", "sync", "--again")["written"] == 7
    assert (vault / "Note 3.md").read_text() == "[[Note 4]]\n"
    for number in range(7):
        (vault / f"Note {number}.md").unlink()
    assert cli.json("folder", "sync", "--deleted")["trashed"] == 7
    assert len(cli.json("note", "list")) == 1


def test_a_conflict_is_settled(cli: Cli, tmp_path: Path) -> None:
    note = cli.ok("note", "add", "Diary", "--text", "Dry").last
    path = tmp_path / "copy"
    cli.ok("folder", "on", str(path))
    diary = path / "Diary.md"
    diary.write_text(diary.read_text().replace("sitebook-base: ", "sitebook-base: 0").replace("Dry", "Wet"))
    assert "not known here" in cli.ok("folder", "sync").out
    assert "nothing to settle" in cli.fails("folder", "settle", "Other.md", "--take", "file")
    cli.ok("folder", "settle", "Diary.md", "--take", "project")
    assert diary.read_text().endswith("---\nDry\n")
    diary.write_text(diary.read_text().replace("sitebook-base: ", "sitebook-base: 0").replace("Dry", "Wet"))
    cli.ok("folder", "sync")
    cli.ok("folder", "settle", "Diary.md", "--take", "file")
    text = cli.json("note", "show", note)["text"]
    assert "Wet" in text
    assert "Dry" in text
    cli.fails("folder", "settle", "Diary.md", code=2)
