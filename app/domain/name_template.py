"""Names made of fields: ``{location} - {trade} - {number}`` names an issue that has no title of its own.

What stands between two fields is left out together with a field that is empty, so that no name begins, ends or
breaks with a lone hyphen.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache

from app.domain.names import shorten
from sync.errors import SitebookError

LONGEST_TEMPLATE = 1_000
LONGEST_NAME = 500
_PIECE = re.compile(r"\{([^{}]*)\}")


@lru_cache(maxsize=256)
def _pieces(template: str) -> tuple[tuple[str, str], ...]:
    """Each field with the text before it; the last piece is the text at the end, without a field."""
    found: list[tuple[str, str]] = []
    place = 0
    for match in _PIECE.finditer(template[:LONGEST_TEMPLATE]):
        found.append((template[place : match.start()], match[1].strip()))
        place = match.end()
    return (*found, (template[place:LONGEST_TEMPLATE], ""))


def template_paths(template: str) -> Iterator[str]:
    """The fields that a template names."""
    return (path for _, path in _pieces(template) if path)


def check_template(template: str, known: Callable[[str], bool]) -> None:
    """Raises SitebookError where a template cannot name anything."""
    if len(template) > LONGEST_TEMPLATE:
        raise SitebookError(f"A name template may have {LONGEST_TEMPLATE} characters.")
    if _PIECE.sub("", template).strip("{}") != _PIECE.sub("", template) or "{" in _PIECE.sub("", template):
        raise SitebookError("A brace is not closed; write fields as {location} - {number}.")
    paths = list(template_paths(template))
    if template.strip() and not paths:
        raise SitebookError("The template names no field; write, for instance, {location} - {number}.")
    for path in paths:
        if not known(path):
            raise SitebookError(f"There is no field “{shorten(path)}” to name an issue by.")


def rename_template(template: str, rename: Callable[[str], str]) -> str:
    """The same template with other names of fields."""
    return _PIECE.sub(lambda match: f"{{{rename(match[1].strip())}}}", template)


def made_name(template: str, shown: Callable[[str], str]) -> str:
    """The name that a template makes; empty where all its fields are. ``shown`` gives the text of a field."""
    *fields, (end, _) = _pieces(template)
    name = ""
    for place, (before, path) in enumerate(fields):
        text = " ".join(shown(path).split())
        if text:
            # What stands between two fields parts two that are both there.
            name += (before if place and name else "") + text
    return shorten(fields[0][0] + name + end, LONGEST_NAME).strip() if name else ""
