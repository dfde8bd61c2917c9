from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.interchange.folder.names import file_stem, folded, free_path, is_inside, relative, resolved


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Level 2: core/shaft?", "Level 2- core-shaft-"),
        ("  two   spaces ", "two spaces"),
        ("CON", "_CON"),
        ("nul.txt", "_nul.txt"),
        ("lpt¹", "_lpt¹"),
        ("...", "Untitled"),
        ("../../etc/passwd", "-..-etc-passwd"),
        (".hidden", "hidden"),
        ("ends in dots...", "ends in dots"),
        ("a\u202ecod.exe", "acod.exe"),
        ("tab\tand\nline", "tab and line"),
        ("null\0byte", "nullbyte"),
        ("???", "Untitled"),
        ("[draft] #1 ^x", "(draft) -1 -x"),
        ("Plans.files", "Plans.files_"),
        ("notes.md", "notes.md_"),
        ("日本語のメモ", "日本語のメモ"),
        ("👩‍🔧 visit", "👩‍🔧 visit"),
        ("cafe\u0301", "café"),
    ],
)
def test_a_title_becomes_a_name_that_every_system_takes(title: str, name: str) -> None:
    assert file_stem(title, "Untitled") == name


@given(st.text(max_size=300))
def test_no_title_makes_a_bad_name(title: str) -> None:
    name = file_stem(title, "Untitled")
    assert is_inside(f"{name}.md")
    assert is_inside(name)
    assert len(name.encode()) <= 170
    assert not re.search(r'[<>:"/\\|?*\x00-\x1f\u202a-\u202e\u2066-\u2069]', name)
    assert name == file_stem(name, "Untitled") or name.endswith("_") or name.startswith("_")


def test_a_name_that_differs_in_case_only_gets_a_number() -> None:
    taken = {folded("Site/Note.md"), folded("Site/note (2).md")}
    assert free_path("Site", "NOTE", taken) == "Site/NOTE (3).md"
    assert free_path("", "NOTE", taken) == "NOTE.md"
    assert folded("Cafe\u0301") == folded("CAFÉ")


@pytest.mark.parametrize(
    "path",
    [
        "",
        "..",
        "../x",
        "a/../b",
        "/etc",
        "C:/x",
        "a//b",
        "a\\b",
        "con.md",
        "a/NUL",
        "x.md:stream",
        "a /b",
        "a./b",
        "\0",
    ],
)
def test_what_leads_out_is_not_inside(path: str) -> None:
    assert not is_inside(path)


def test_addresses_stay_in_the_folder() -> None:
    assert resolved("Site/Notes", "../photo.png") == "Site/photo.png"
    assert resolved("Site", "../../photo.png") is None
    assert resolved("", "/etc/passwd") is None
    assert resolved("", "C:\\x") is None
    assert relative("Site/Notes", "Site/A.files/x.png") == "../A.files/x.png"
    assert relative("", "A.files/x.png") == "A.files/x.png"
    assert resolved("Site/Notes", relative("Site/Notes", "Other/x.png")) == "Other/x.png"
