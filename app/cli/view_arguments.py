"""The arguments of ``sitebook view``."""

from __future__ import annotations

from app.cli.parsing import Group
from app.domain.schema import LAYOUTS


def add_views(view: Group) -> None:
    """Commands about saved views."""
    view.add("list", "views:show_all", "the saved views, as the side bar has them")
    add = view.add("add", "views:add", "save a view")
    add.add_argument("name", metavar="NAME")
    add.add_argument("query", metavar="QUERY", nargs="*", help="with sort: and group: in it")
    add.add_argument("--kind", metavar="KIND", default="issue", help="issue (usual), note, person, element")
    add.add_argument("--layout", choices=LAYOUTS, default=LAYOUTS[0])
    add.add_argument("--columns", metavar="A,B,…", default="", help="such as title,assignee.company")
    add.add_argument("--board", metavar="FIELD", default="", help="what the board's columns are by")
    add.add_argument("--date", metavar="FIELD", default="", help="what the calendar's days are by")
    add.add_argument("--private", action="store_true", default=False, help="only for you")
    for name, function, text in (
        ("show", "views:show", "what a view shows and how"),
        ("delete", "views:delete", "delete a view"),
    ):
        parser = view.add(name, function, text)
        parser.add_argument("name", metavar="NAME")
