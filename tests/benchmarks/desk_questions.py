"""What is asked of 40,000 issues: the same of Sitebook's columns and of what it is measured against."""

from __future__ import annotations

from dataclasses import dataclass

STATUS = "open"
PRIORITY = "high"
WORDS = (
    "crack",
    *(
        f"{fault} {part}"
        for fault in ("crack in", "missing", "damaged", "wrong", "leaking", "loose", "stained", "blocked")
        for part in (
            "slab",
            "column",
            "beam",
            "fire door",
            "damper",
            "valve",
            "window",
            "duct",
            "sensor",
            "screed",
        )
    ),
)
"""Another one is looked for each time: nobody keeps the answers to all of them."""
COMPANY = "Hilti Services"
NUMBER = "Reading"
"""A number field of the project's own, in every issue, which nobody would index."""


@dataclass(frozen=True, slots=True)
class Question:
    """One question. ``times``: by how much Sitebook is to be faster than LokiJS.

    ``query`` may hold ``{word}``, which is another word each time.
    """

    key: str
    title: str
    query: str
    times: int = 10
    sums: tuple[str, ...] = ()

    def text(self, run: int) -> str:
        """The query of one run."""
        return self.query.replace("{word}", WORDS[run % len(WORDS)])


QUESTIONS = (
    Question("filter_name", "one filter, sort by name", f"status={STATUS} sort:title"),
    Question(
        "two_filters_date", "two filters, sort by date", f"status={STATUS} priority:{PRIORITY} sort:due"
    ),
    Question("sort_number", "sort all by an unindexed number", f"sort:{NUMBER}", 50),
    Question("two_keys", "sort all by two keys", f"sort:category,-{NUMBER}", 50),
    Question("title_contains", "title contains a word", 'title:"{word}"'),
    Question("related", "filter on the assignee's company", f'assignees.company="{COMPANY}"'),
    Question(
        "group_sum", "group by trade and sum the cost", f"status={STATUS} group:category", sums=("cost",)
    ),
)
EDITED_VIEW = f"status={STATUS} sort:due"
"""The view that is refreshed after an edit of an issue in it."""
EDIT_KEY, EDIT_TITLE = "edit_view", "one edit and the refreshed view"
WINDOW_COLUMNS = (
    *("number", "title", "status", "priority", "category", "assignees", "assignees.company"),
    *("assignees.phone", "location.building", "location.level", "due", "cost"),
)
"""The twelve columns of the table in a window."""
