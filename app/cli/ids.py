"""Finding the record that somebody means on the command line.

An id is given in full, as the beginning of one (at least four characters), or for issues as ``#214`` or
``214``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from app.domain.schema import ISSUE, KINDS
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
    number = _NUMBER.fullmatch(typed.strip())
    found: list[bytes] = []
    if number is not None and ISSUE in kinds:
        found = _numbered(project, int(number[1]), deleted=deleted)
    if not found and not typed.strip().startswith("#"):
        found = _beginning(project, typed, kinds, deleted=deleted)
    if len(found) == 1:
        return found[0]
    what = " or ".join(KINDS[kind].title.lower() for kind in kinds)
    if found:
        ids = ", ".join(id_text(each) for each in found[:4])
        raise NotFound(f"“{typed}” may mean {len(found)} of them; give one by its whole id: {ids}.")
    if not deleted and _anywhere(project, typed, kinds):
        raise NotFound(f"The {what} “{typed}” is deleted; `sitebook issue restore` brings an issue back.")
    raise NotFound(
        f"There is no {what} “{typed}” in this project; give its id, the first characters of it"
        + (", or its number." if ISSUE in kinds else ".")
    )


def _anywhere(project: Project, typed: str, kinds: Sequence[str]) -> bool:
    try:
        resolve(project, typed, kinds, deleted=True)
    except NotFound:
        return False
    return True


def _numbered(project: Project, number: int, *, deleted: bool) -> list[bytes]:
    found = [record for record, value in project.column(ISSUE, "number").items() if value == number]
    if not found and deleted:
        found = [
            record
            for record in project.records(ISSUE, deleted=True)
            if project.field(record, "number", ISSUE).value == number
        ]
    return found


def _beginning(project: Project, typed: str, kinds: Sequence[str], *, deleted: bool) -> list[bytes]:
    digits = typed.strip().lower().replace("-", "")
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
