from __future__ import annotations

import csv
import zipfile
from pathlib import Path

import pytest

from tests.app.cli.conftest import Cli

TABLE = """title,due,assignees,cost,location
Crack in slab,2027-01-31,Ada Lovelace,12 GBP,Level 2
Bad date,2027-02-31,,,
Short
Leak at basin,2027-02-01,Ada Lovelace,30 GBP,Level 3
"""


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "in.csv"
    path.write_text(TABLE)
    return path


def sheet(path: Path) -> str:
    with zipfile.ZipFile(path) as file:
        return file.read("xl/worksheets/sheet1.xml").decode()


def test_rows_that_do_not_fit_are_left_out_and_listed_where_asked(cli: Cli, table: Path) -> None:
    assert "Row 4 of in.csv has 1 cells" in cli.fails("import", str(table), "--add-people")
    said = cli.ok("import", str(table), "--add-people", "--skip-wrong-rows").out.splitlines()
    assert said[0] == "2 made, 0 changed, 0 unchanged"
    assert "2 rows do not fit and were left out:" in said
    assert said[-2].startswith("  Row 3, column “due”: “2027-02-31” is not a date")
    assert [each["title"] for each in cli.json("issue", "list")] == ["Leak at basin", "Crack in slab"]


def test_a_dry_run_says_what_would_be_done(cli: Cli, table: Path) -> None:
    said = cli.ok("import", str(table), "--add-people", "--skip-wrong-rows", "--dry-run").out.splitlines()
    assert said[0] == "2 would be made, 0 would be changed, 0 unchanged"
    assert "Column “title” goes to title" in said
    assert "New people: Ada Lovelace" in said
    assert said[-1] == "Nothing was written."
    document = cli.json("import", str(table), "--add-people", "--skip-wrong-rows", "--dry-run")
    assert document["written"] is False
    assert [each["row"] for each in document["problems"]] == [3, 4]
    assert cli.json("issue", "list") == []


def test_other_kinds_come_in(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text("name,company\nMina,Okafor\n")
    assert cli.ok("import", str(path), "--kind", "person").out.startswith("1 made")
    assert "Mina" in [each["name"] for each in cli.json("person", "list")]


@pytest.mark.parametrize(
    ("text", "words", "says"),
    [
        ("title,found\na,3/4/2026\nb,5/6/2026\n", (), "Give the form with --date-format"),
        ("title,b\na,b\n", ("--map", "b=title", "--map", "title=title"), "Leave it out with --map “title=-”"),
        ("title,b\na,b\n", ("--map", "b=Colour"), "Write it as --map “b=Colour:text”"),
    ],
)
def test_what_is_to_be_decided_comes_with_the_words_to_type(
    cli: Cli, tmp_path: Path, text: str, words: tuple[str, ...], says: str
) -> None:
    path = tmp_path / "in.csv"
    path.write_text(text)
    assert says in cli.fails("import", str(path), *words)


def test_a_workbook_is_written_as_a_view_shows_it(cli: Cli, table: Path, tmp_path: Path) -> None:
    cli.ok("import", str(table), "--add-people", "--skip-wrong-rows")
    out = tmp_path / "out.xlsx"
    said = cli.ok("export", str(out), "--where", "cost>5 sort:-cost", "--columns", "title,cost,location")
    assert said.last == f"2 issues written to {out}."
    text = sheet(out)
    assert text.index("Leak at basin") < text.index("Crack in slab")
    assert "<v>30</v>" in text
    assert "Ada" not in text
    assert "is there already" in cli.fails("export", str(out))
    cli.ok("export", str(out), "--force")
    assert "Ada Lovelace" in sheet(out)
    assert "There is no view “Nothing”" in cli.fails("export", str(tmp_path / "b.xlsx"), "--view", "Nothing")
    assert "nonsense" in cli.fails("export", str(tmp_path / "b.xlsx"), "nonsense:3")
    assert "give the query once" in cli.fails("export", str(out), "a", "--where", "b", code=2)


def test_columns_as_shown_go_into_a_csv_file_too(cli: Cli, table: Path, tmp_path: Path) -> None:
    cli.ok("import", str(table), "--add-people", "--skip-wrong-rows")
    out = tmp_path / "out.csv"
    cli.ok("export", str(out), "group:location", "--columns", "title,assignees.name")
    with out.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0][:2] == ["Location", "Title"]
    assert rows[1] == ["Level 2", "Crack in slab", "Ada Lovelace"]
    assert "is there already" in cli.fails("export", str(out))
    cli.ok("export", str(out), "--force")
    with out.open(encoding="utf-8", newline="") as file:
        assert next(csv.reader(file))[0] == "id"
