"""``sitebook search``."""

from __future__ import annotations

from tests.app.cli.conftest import Cli


def test_search_finds_what_is_written_with_its_place(cli: Cli) -> None:
    issue = cli.ok("issue", "add", "Leak in roof", "--text", "It drips by the Straße.").last
    note = cli.ok("note", "add", "Diary", "--text", "Rain, 東京都の壁").last
    person = cli.ok("person", "add", "Bob Builder", "--set", "company=Dripping Ltd").last
    comment = cli.ok("comment", "add", issue, "Still dripping").last
    found = cli.json("search", "drip")
    assert {each["id"] for each in found} == {issue, person, comment}
    hit = next(each for each in found if each["id"] == comment)
    assert (hit["parent"], hit["title"], hit["kind"]) == (issue, "Leak in roof", "comment")
    assert hit["found"] == {"title": [], "text": [[6, 10]]}
    assert [each["id"] for each in cli.json("search", "--newest", "drip")] == [comment, person, issue]
    assert [each["id"] for each in cli.json("search", "京都")] == [note]
    assert [each["id"] for each in cli.json("search", '"by the strasse"', "--limit", "1")] == [issue]
    shown = cli.ok("search", "strasse").out
    assert "by the [Straße]." in shown
    assert issue in shown
    assert cli.ok("search", "-nothing", "at", "all").out == "Nothing has these words.\n"
    assert cli.run("search", " ").code == 1
