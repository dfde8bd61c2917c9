"""Names of files: made of titles, good on every system, and which names that others made may be touched."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container
from typing import Final

ENDING: Final = ".md"
FILES: Final = ".files"
"""What the name of the folder with a record's files ends in."""
_MOST_BYTES: Final = 160
"""File systems take 255 bytes; a number, an ending and the name of a file that is being written need room too."""
_DEVICES: Final = re.compile(
    r"(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)\s*(?:\.|$)", re.IGNORECASE
)
_REPLACED: Final = str.maketrans({**dict.fromkeys('<>:"/\\|?*#^', "-"), "[": "(", "]": ")"})
"""What Windows forbids, and what would end a link to the file in other programs."""
_HIDDEN_KINDS: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_JOINERS: Final = frozenset("\u200c\u200d")
"""Invisible characters that words and emoji are written with; all others only mislead."""


def file_stem(title: str, otherwise: str) -> str:
    """The name of a file for a title, without ending: ``otherwise`` where nothing of the title can be used."""
    shown = "".join(
        " " if each.isspace() else each
        for each in unicodedata.normalize("NFC", title[:400])
        if each.isspace() or each in _JOINERS or unicodedata.category(each) not in _HIDDEN_KINDS
    )
    name = _cut(" ".join(shown.translate(_REPLACED).split()).lstrip(". ")).rstrip(". ")
    if not name.strip("-()\u200c\u200d"):
        return otherwise
    if name.lower().endswith((FILES, ENDING)):
        name = f"{name}_"
    return f"_{name}" if _DEVICES.match(name) else name


def _cut(name: str) -> str:
    data = name.encode()
    return name if len(data) <= _MOST_BYTES else data[:_MOST_BYTES].decode(errors="ignore")


def folded(path: str) -> str:
    """A path as a file system compares it that ignores case and how accents are written."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", path).casefold())


def free_path(folder: str, stem: str, taken: Container[str], ending: str = ENDING) -> str:
    """A path in a folder that nothing has, by ``folded``: with a number behind the name where it must be."""
    path, count = joined(folder, stem + ending), 1
    while folded(path) in taken:
        count += 1
        path = joined(folder, f"{stem} ({count}){ending}")
    return path


def joined(folder: str, name: str) -> str:
    """The path of a name in a folder; the whole folder's name is empty."""
    return f"{folder}/{name}" if folder else name


def folder_of(path: str) -> str:
    """The folder that a file or a folder lies in."""
    return path.rpartition("/")[0]


def stem_of(path: str) -> str:
    """The name of a file without its folder and without ``.md``."""
    name = path.rpartition("/")[2]
    return name[: -len(ENDING)] if is_markdown(name) else name


def is_markdown(path: str) -> bool:
    """Whether a file is one of those that are read."""
    return path.lower().endswith(ENDING)


def below_of(path: str) -> str:
    """The folder of what lies below a note, by the path of its file."""
    return path[: -len(ENDING)] if is_markdown(path) else path.rstrip("/")


def files_of(path: str) -> str:
    """The folder of the files that belong to a note or an issue, by the path of its file."""
    return below_of(path) + FILES


def is_inside(path: str) -> bool:
    """Whether a relative path stays where it begins, on every system: no ``..``, drive, device or stream."""
    if not path or len(path) > 4_000 or "\0" in path or "\\" in path or ":" in path:
        return False
    parts = path.split("/")
    return all(
        part and part not in (".", "..") and not part.endswith((" ", ".")) and not _DEVICES.match(part)
        for part in parts
    )


def resolved(folder: str, address: str) -> str | None:
    """The path that a relative address in a file of ``folder`` names; None where it leads out or elsewhere."""
    if address.startswith("/") or not address:
        return None
    parts = folder.split("/") if folder else []
    for part in address.split("/"):
        if part == "..":
            if not parts:
                return None
            parts.pop()
        elif part not in ("", "."):
            parts.append(part)
    path = "/".join(parts)
    return path if is_inside(path) else None


def relative(folder: str, path: str) -> str:
    """The address by which a file in ``folder`` names another file."""
    here, there = (folder.split("/") if folder else []), path.split("/")
    same = 0
    while same < min(len(here), len(there) - 1) and here[same] == there[same]:
        same += 1
    return "/".join([".."] * (len(here) - same) + there[same:])
