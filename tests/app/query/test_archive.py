from __future__ import annotations

import pytest

from app.domain.schema import ISSUE, NOTE
from app.query.archive import outside_archive
from app.query.parser import parse


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        ("", "-is:archived"),
        ("crack due<+7d", "-is:archived (crack due<+7d)"),
        ("a or b sort:due", "-is:archived (a or b) sort:due"),
        ("is:archived", "is:archived"),
        ("-is:archived crack", "-is:archived crack"),
        ("is:open,Archived", "is:open,Archived"),
        ("archived:yes or crack", "archived:yes or crack"),
    ],
)
def test_the_archive_is_left_out_unless_it_is_asked_for(asked: str, answered: str) -> None:
    assert outside_archive(parse(asked), ISSUE).to_text() == answered


def test_only_issues_have_an_archive() -> None:
    query = parse("crack")
    assert outside_archive(query, NOTE) is query
