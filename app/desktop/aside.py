"""Putting issues aside and taking things back: the archive and the trash, for the selected rows of a page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.desktop.desk.writes import FieldWrite
from app.desktop.translate import tr_count
from app.domain.schema import ISSUE, KINDS
from app.query.archive import ARCHIVED

if TYPE_CHECKING:
    from app.desktop.project_page import ProjectPage


def archive_selected(page: ProjectPage) -> None:
    """Put the selected issues, or the open one, into the archive; where all of them lie there, bring them back."""
    frame = page.workspace.columns.frame(ISSUE)
    opened = [] if page.open_record is None else [page.open_record]
    records = [each for each in page.selected_records() or opened if frame.row(each) is not None]
    column = page.workspace.columns.column(ISSUE, ARCHIVED)
    _put(page, records, into=any(column.get(each) is not True for each in records))


def bring_back(page: ProjectPage) -> None:
    """Take the selected issues out of the archive."""
    _put(page, page.selected_records(), into=False)


def _put(page: ProjectPage, records: list[bytes], *, into: bool) -> None:
    if not records:
        return
    if page.open_record in records:
        # An open item keeps its row, wherever it lies; this one is done with.
        page.close_item()
    field = KINDS[ISSUE].fields[ARCHIVED]
    write = FieldWrite(page.workspace, ISSUE, field, records, page.status.set_notice)
    sentence = write.put(True if into else None)
    if sentence:
        page.say(sentence)
    elif into:
        page.tell(tr_count("%n issue archived", "%n issues archived", len(records)))
    else:
        page.tell(tr_count("%n issue brought back", "%n issues brought back", len(records)))
