"""An Obsidian vault: opened, linked, and given back byte for byte."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.interchange.folder.front_matter import FrontMatter
from app.richtext.delta import Insert, plain_text
from sync.ids import id_text
from tests.app.interchange.folder.desk import Desk

HOME = """---
aliases: [Start, "First page"]
tags:
  - home # the first one
  - 'site/north'
cssclasses: wide
created: 2024-01-05T10:00
rating: 5
nested: {a: 1}
---
# Home\t

See [[Daily/2026-03-08|today]], [[Daily/2026-03-08]], [[Plan#Ground floor]], [[Start]] and [[Nobody]].

![[roof.png]] ![[roof.png|300]] ![[Plan]] ![[Plan#^block]]
![A roof](pictures/roof.png "title")

> [!warning]- Mind the edge
> No rail yet.
> > [!note] nested

* star
\t* tab
\t\t1) deep
- [ ] open #tag/nested
- [x] done
- [-] cancelled

| a | b |
|---|:-:|
| 1 | [[Plan\\|p]] |

%% a remark %%
$x^2$ ==marked== ^block-id{two}
trailing spaces{two}
```dataview
LIST FROM #tag
```
Setext
======
<div class="x">html</div>

Footnote[^1].

[^1]: there""".replace("{two}", "  ")

FILES: dict[str, str | bytes] = {
    "Home.md": HOME,
    "Plan.md": "\ufeff# Ground floor\r\nline\r\n\r\n- a\r\n- b\r\n^block\r\n",
    "Daily/2026-03-08.md": "Rain. [[Home]]\n",
    "Daily/Old/2025.md": "---\ntitle: The year\n---\n\n\nback to [[../../Plan]] [[Home|x]]\n\n",
    "empty.md": "",
    "only front.md": "---\nx: 1\n---\n",
    "pictures/roof.png": b"\x89PNG\r\n\x1a\n not really",
    ".obsidian/app.json": "{}",
    ".obsidian/plugins/x/main.js": "x",
    ".trash/Gone.md": "gone",
    "board.canvas": "{}",
}


@pytest.fixture
def vault(tmp_path: Path) -> Desk:
    desk = Desk.at(tmp_path, on=False)
    for path, content in FILES.items():
        desk.write(path, content)
    desk.folder.switch_on(desk.path, vault=True)
    desk.sync()
    return desk


def unchanged(desk: Desk, *but: str) -> bool:
    return all(
        (desk.path / path).read_bytes() == (content.encode() if isinstance(content, str) else content)
        for path, content in FILES.items()
        if path not in but
    )


def added(desk: Desk) -> set[str]:
    return desk.files() - FILES.keys()


def test_a_vault_becomes_notes_and_no_byte_of_it_changes(vault: Desk) -> None:
    titles = vault.titles()
    assert titles.keys() == {"Home", "Plan", "Daily", "2026-03-08", "Old", "The year", "empty", "only front"}
    assert vault.value(titles["2026-03-08"], "parent") == titles["Daily"]
    assert vault.value(titles["Old"], "parent") == titles["Daily"]
    assert set(vault.project.field(titles["Home"], "tags").values) == {"home", "site/north"}
    assert unchanged(vault)
    assert added(vault) == set()
    stamps = {path: (vault.path / path).stat().st_mtime_ns for path in FILES}
    assert not vault.sync().changed
    assert stamps == {path: (vault.path / path).stat().st_mtime_ns for path in FILES}


def test_links_aliases_and_pictures_are_known(vault: Desk) -> None:
    titles = vault.titles()
    pointed = [
        each.content["ref"]
        for each in vault.document(titles["Home"])
        if not isinstance(each.content, str) and "ref" in each.content
    ]
    day, plan, home = (id_text(titles[name]) for name in ("2026-03-08", "Plan", "Home"))
    assert [each["id"] for each in pointed[:4]] == [day, day, plan, home]
    assert pointed[0]["text"] == "today"
    text = plain_text(vault.document(titles["Home"]), "@")
    for kept in (
        "[[Nobody]]",
        "![[Plan]]",
        "> [!warning]- Mind the edge",
        "#tag/nested",
        "%% a remark %%",
        "| 1 |",
    ):
        assert kept in text
    photo = vault.attachments.of(titles["Home"])
    assert [each.name for each in photo] == ["roof.png"]
    shown = [each.content for each in vault.document(titles["Home"]) if not isinstance(each.content, str)]
    assert {"image": f"attachment:{id_text(photo[0].record)}"} in shown


def test_an_edit_here_changes_only_its_line(vault: Desk) -> None:
    titles = vault.titles()
    vault.project.change_text(titles["Plan"], "text", [Insert("The ")])
    vault.project.remove(titles["Home"], "tags", "home")
    vault.project.add(titles["Home"], "tags", "new one")
    vault.sync()
    assert unchanged(vault, "Plan.md", "Home.md")
    plan = (vault.path / "Plan.md").read_bytes().decode()
    head, body = plan.split("---\r\n")[1:]
    assert plan.startswith("\ufeff---\r\nsitebook-id: ")
    assert [line.split(":")[0] for line in head.splitlines()] == ["sitebook-id", "sitebook-base"]
    assert body == "# The Ground floor\r\nline\r\n\r\n- a\r\n- b\r\n^block\r\n"
    home = vault.file("Home.md").splitlines(keepends=True)
    keys = [line for line in home if not line.startswith("sitebook-")]
    wanted = HOME.replace("  - home # the first one\n", "").replace(
        "site/north'\n", "site/north'\n  - new one\n"
    )
    assert "".join(keys) == wanted
    assert not vault.sync().changed


def test_an_edit_outside_comes_in_and_the_file_is_left(vault: Desk) -> None:
    titles = vault.titles()
    vault.edit("Home.md", "No rail yet.", "No rail at all.")
    vault.edit("Home.md", "[[Nobody]]", "[[empty]]")
    vault.edit("Home.md", "cssclasses: wide", "cssclasses: narrow")
    before = vault.file("Home.md")
    assert vault.sync().taken_in == 1
    assert "> No rail at all." in vault.text(titles["Home"])
    assert vault.file("Home.md") == before
    assert unchanged(vault, "Home.md")


def test_a_file_without_keys_is_followed_by_what_is_in_it(vault: Desk) -> None:
    titles = vault.titles()
    (vault.path / "Daily" / "2026-03-08.md").rename(vault.path / "Sunday.md")
    (vault.path / "Daily" / "Old").rename(vault.path / "Archive")
    vault.sync()
    assert vault.titles().keys() == (titles.keys() - {"2026-03-08", "Old"}) | {"Sunday", "Archive"}
    assert vault.titles()["Sunday"] == titles["2026-03-08"]
    assert vault.value(titles["2026-03-08"], "parent") is None
    assert vault.value(titles["The year"], "parent") == vault.titles()["Archive"] == titles["Old"]
    assert (vault.path / "Sunday.md").read_text() == "Rain. [[Home]]\n"
    assert not vault.sync().changed


def test_issues_and_new_notes_go_beside_the_vault(vault: Desk) -> None:
    titles = vault.titles()
    vault.project.create("issue", {"title": "Leak"})
    vault.note("Below", "text\n", parent=titles["Old"])
    vault.note("Home", "another\n")
    vault.sync()
    assert added(vault) == {"Issues/1 Leak.md", "Daily/Old/Below.md", "Home (2).md"}
    assert unchanged(vault)


def test_a_folder_that_has_a_text_gets_a_file(vault: Desk) -> None:
    titles = vault.titles()
    vault.project.change_text(titles["Daily"], "text", [Insert("What happened")])
    vault.sync()
    assert added(vault) == {"Daily.md"}
    assert vault.file("Daily.md").endswith("---\nWhat happened\n")
    assert unchanged(vault)
    assert not vault.sync().changed


def test_the_folder_of_a_vault_that_is_called_as_ours_stays_what_it_is(tmp_path: Path) -> None:
    desk = Desk.at(tmp_path, on=False)
    desk.write("Issues/Mine.md", "a note\n")
    desk.folder.switch_on(desk.path, vault=True)
    desk.project.create("issue", {"title": "Leak"})
    desk.sync()
    assert desk.files() == {"Issues/Mine.md", "Issues (2)/1 Leak.md"}
    assert "Mine" in desk.titles()


_LINES = st.lists(
    st.one_of(
        st.sampled_from(
            [*HOME.split("\n"), "---", "> quote", "1. one", "   - x", "\\*", "&amp;", "[[Home]]", "\t"]
        ),
        st.text(alphabet="ab *_`#>[]()!-=|\\~$%^:&;\t<>éß中", max_size=20),
    ),
    max_size=12,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(files=st.lists(_LINES, min_size=1, max_size=4), end=st.sampled_from(["\n", "\r\n"]))
def test_any_vault_comes_back_byte_for_byte(
    tmp_path_factory: pytest.TempPathFactory, files: list[list[str]], end: str
) -> None:
    desk = Desk.at(tmp_path_factory.mktemp("vault"), on=False)
    written = {f"Note {number}.md": end.join(lines).encode() for number, lines in enumerate(files)}
    for path, data in written.items():
        desk.write(path, data)
    desk.folder.switch_on(desk.path, vault=True)
    desk.sync()
    for record in desk.project.records("note"):
        desk.project.set(record, "pinned", True)
    desk.sync()
    desk.sync()
    for path, data in written.items():
        now, before = (FrontMatter.split(each.decode()) for each in ((desk.path / path).read_bytes(), data))
        assert now.body == before.body
        for key in ("sitebook-id", "sitebook-base", "pinned"):
            now.put_lines(key, [])
        assert [now.lines_of(key) for key in now.keys] == [before.lines_of(key) for key in before.keys]
    desk.project.close()
