"""The commands for what asks for somebody: conflicts, and changes that the server refused."""

from __future__ import annotations

from functools import partial

from app.desktop.commands import Command
from app.desktop.lists.attention import DROP_KEY, RETRY_KEY, AttentionPage
from app.desktop.lists.conflicts import BOTH_KEY, MOST, ConflictPage
from app.desktop.project_page import ProjectPage
from app.desktop.translate import tr


class _Troubles:
    def __init__(self, page: ProjectPage) -> None:
        self._page = page

    @property
    def conflicts(self) -> ConflictPage | None:
        page = self._page.list_page
        return page if isinstance(page, ConflictPage) else None

    @property
    def attention(self) -> AttentionPage | None:
        page = self._page.list_page
        return page if isinstance(page, AttentionPage) else None

    def can_settle(self, place: int) -> bool:
        page = self.conflicts
        return page is not None and page.can_settle(place)

    def settle(self, place: int) -> None:
        page = self.conflicts
        if page is not None:
            page.settle(place)

    def can_keep_both(self) -> bool:
        page = self.conflicts
        return page is not None and page.can_keep_both

    def keep_both(self) -> None:
        page = self.conflicts
        if page is not None:
            page.keep_both()

    def can_retry(self) -> bool:
        page = self.attention
        return page is not None and page.is_refused

    def retry(self) -> None:
        page = self.attention
        if page is not None:
            page.retry()

    def drop(self) -> None:
        page = self.attention
        if page is not None:
            page.drop()


def trouble_commands(page: ProjectPage) -> list[Command]:
    """Keep a value of a conflict; try to send again what was refused, or drop it."""
    troubles = _Troubles(page)
    conflicts, attention = tr("Conflicts"), tr("Needs attention")
    first, refused = tr("Go to the conflicts first."), tr("Choose something that could not be sent first.")
    return [
        *(
            Command(
                f"settle-{place + 1}",
                tr("Keep value {number}").format(number=place + 1),
                partial(troubles.settle, place),
                (str(place + 1),),
                enabled=partial(troubles.can_settle, place),
                section=conflicts,
                why=first,
                hidden=True,
            )
            for place in range(MOST)
        ),
        Command(
            "settle-both", tr("Keep both texts"), troubles.keep_both, (BOTH_KEY,),
            enabled=troubles.can_keep_both, section=conflicts, why=first, hidden=True,
        ),
        Command(
            "retry-refused", tr("Try to send again what was refused"), troubles.retry, (RETRY_KEY,),
            icon="arrows-clockwise", enabled=troubles.can_retry, section=attention, why=refused,
        ),
        Command(
            "drop-refused", tr("Drop what was refused"), troubles.drop, (DROP_KEY,),
            icon="trash", enabled=troubles.can_retry, section=attention, why=refused,
        ),
    ]  # fmt: skip
