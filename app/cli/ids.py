"""Finding the record that somebody means on the command line.

An id is given in full, as the beginning of one (at least four characters), for issues as ``#214`` or ``214``, or
for notes by a title that only one has.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from app.domain.schema import ISSUE, KINDS, NOTE
from sync.errors import NotFound
from sync.ids import ID_LENGTH, id_text

if TYPE_CHECKING:
    from app.store.project import Project

_NUMBER = re.compile(r"#?([0-9]{1,9})")
_HEX = re.compile(r"[0-9a-f]{4,32}")
_FEWEST = 4


def resolve(project: Project, typed: str, kinds: Sequence[str], *, deleted: bool = False) -> bytes:
    """The record of one of ``kinds`` that ``typed`` names. Raises NotFound.

    ``deleted``: look among the deleted ones too.
    """
    found = _meant(project, typed, kinds, deleted=deleted)
    if len(found) == 1:
        return found[0]
    what = " or ".join(KINDS[kind].title.lower() for kind in kinds)
    if found:
        ids = ", ".join(id_text(each) for each in found[:4])
        raise NotFound(f"“{typed}” may mean {len(found)} of them; give one by its whole id: {ids}.")
    if not deleted and _meant(project, typed, kinds, deleted=True):
        back = ("note", "a note") if NOTE in kinds and ISSUE not in kinds else ("issue", "an issue")
        raise NotFound(
            f"The {what} “{typed}” is deleted; `sitebook {back[0]} restore` brings {back[1]} back."
        )
    ways = ["its id", "the first characters of it"]
    ways += ["its number"] if ISSUE in kinds else []
    ways += ["a title that only one note has"] if NOTE in kinds else []
    names = f"{', '.join(ways[:-1])}, or {ways[-1]}" if len(ways) > 2 else ", ".join(ways)
    raise NotFound(f"There is no {what} “{typed}” in this project; give {names}.")


def _meant(project: Project, typed: str, kinds: Sequence[str], *, deleted: bool) -> list[bytes]:
    """All that what is typed may mean."""
    number = _NUMBER.fullmatch(typed.strip())
    found: list[bytes] = []
    if number is not None and ISSUE in kinds:
        found = _numbered(project, int(number[1]), deleted=deleted)
    exact = bool(found)
    if not found and not typed.strip().startswith("#"):
        found = _beginning(project, typed, kinds, deleted=deleted)
        exact = bool(found) and len(_digits(typed)) == 2 * ID_LENGTH
    # A title that is the beginning of another one's id as well may mean either.
    if NOTE in kinds and not exact:
        found = list(dict.fromkeys([*found, *_titled(project, typed, deleted=deleted)]))
    return found


def _numbered(project: Project, number: int, *, deleted: bool) -> list[bytes]:
    found = [record for record, value in project.column(ISSUE, "number").items() if value == number]
    if not found and deleted:
        found = [
            record
            for record in project.records(ISSUE, deleted=True)
            if project.field(record, "number", ISSUE).value == number
        ]
    return found


def _titled(project: Project, typed: str, *, deleted: bool) -> list[bytes]:
    """The notes that have a title; the deleted ones only where there are no others."""
    from app.domain.names import fold

    wanted = fold(typed.strip())
    if not wanted:
        return []
    titles = project.column(NOTE, "title")
    found = [note for note, title in titles.items() if isinstance(title, str) and fold(title) == wanted]
    if not found and deleted:
        for note in project.records(NOTE, deleted=True):
            title = project.field(note, "title", NOTE).value
            if isinstance(title, str) and fold(title) == wanted:
                found.append(note)
    return found


def _digits(typed: str) -> str:
    return typed.strip().lower().replace("-", "")


def _beginning(project: Project, typed: str, kinds: Sequence[str], *, deleted: bool) -> list[bytes]:
    digits = _digits(typed)
    if not _HEX.fullmatch(digits):
        return []
    records = [record for kind in kinds for record in project.records(kind)]
    if deleted:
        records += [record for kind in kinds for record in project.records(kind, deleted=True)]
    if len(digits) == 2 * ID_LENGTH:
        whole = bytes.fromhex(digits)
        return [whole] if whole in records else []
    return sorted({record for record in records if record.hex().startswith(digits)})


def resolve_name(project: Project, typed: str, kind: str) -> bytes:
    """A record of a kind that has a name, by that or by its id. Raises NotFound."""
    from app.domain.names import fold, unknown

    names = project.column(kind, "name")
    wanted = fold(typed.strip())
    found = [record for record, name in names.items() if isinstance(name, str) and fold(name) == wanted]
    if not found:
        found = _beginning(project, typed, (kind,), deleted=False)
    if len(found) == 1:
        return found[0]
    title = KINDS[kind].title.lower()
    if found:
        ids = ", ".join(id_text(each) for each in found[:4])
        raise NotFound(f"“{typed}” may mean {len(found)} of them; give one by its id: {ids}.")
    raise NotFound(unknown(title, typed, sorted(str(name) for name in names.values())))
