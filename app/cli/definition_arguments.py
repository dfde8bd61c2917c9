"""The arguments of the commands about what issues are described with: fields, categories, elements and others."""

from __future__ import annotations

from app.cli.parsing import Group, add_assignments, add_list, add_one, add_set


def add_merge(group: Group, kind: str, what: str) -> None:
    """The command that makes one of two."""
    merge = group.add("merge", "naming:merge", f"make one {what} of two")
    merge.add_argument("keep", metavar="KEEP", help="the one that stays")
    merge.add_argument("gone", metavar="OTHER", nargs="?", help="left out: all others of the same name")
    merge.set_defaults(kind=kind)


def add_elements(element: Group) -> None:
    """``sitebook element``."""
    add = element.add("add", "elements:add", "add an element")
    add.add_argument("name", metavar="NAME")
    add_set(add)
    add_list(element, "elements:show_all", "elements that a query finds, with their issues counted")
    add_one(element, "show", "elements:show", "one element")
    add_assignments(add_one(element, "set", "elements:change", "change fields of an element"))
    add_one(element, "delete", "elements:delete", "delete an element")
    add_one(element, "restore", "elements:restore", "bring a deleted element back")
    add_merge(element, "element", "element")


def add_definitions(commands: Group) -> None:
    """``sitebook field``, ``location``, ``label``, ``status`` and ``category``."""
    field = commands.group("field", "fields of your own")
    add = field.add("add", "definitions:add_field", "add a field")
    add.add_argument("name", metavar="NAME")
    add.add_argument("--type", metavar="TYPE", required=True, help="text, number, money, date, choice, …")
    add.add_argument("--choices", metavar="A,B,…", default="", help="of a choice; without, any")
    add.add_argument("--unit", default="", help="of a number")
    add.add_argument("--currency", metavar="CODE", default="", help="of an amount of money")
    add.add_argument("--of", metavar="KIND", default="issue", help="issue (usual), note, person, element")
    add.add_argument("--category", metavar="A,B,…", default="", help="of these categories only")
    add.add_argument("--formula", metavar="TEXT", default="", help="such as “{Cost} * 1.2”")
    add.add_argument("--prefix", metavar="TEXT", default="", help="of an auto-number, such as DEF-####")
    add.add_argument("--target", metavar="KIND", default="", help="what a reference points to")
    add.add_argument(
        "--target-category", metavar="NAME", default="", help="the category of what it points to"
    )
    field.add("list", "definitions:list_fields", "the fields of your own")
    add_assignments(
        add_one(field, "set", "definitions:change_field", "change a field: name, type, choices, …")
    )
    add_one(field, "delete", "definitions:delete_field", "take a field away, with its values")
    add_one(field, "restore", "definitions:restore_field", "bring a field back, with its values")
    add_merge(field, "field", "field")
    location = commands.group("location", "locations")
    add = location.add("add", "definitions:add_location", "add a location and the levels above it")
    add.add_argument("path", metavar="PATH", help="such as “Level 2/Core B”")
    location.add("list", "definitions:list_locations", "all locations")
    label = commands.group("label", "labels")
    add = label.add("add", "definitions:add_label", "add a label")
    add.add_argument("name", metavar="NAME")
    add.add_argument("--color", metavar="COLOUR", default="")
    label.add("list", "definitions:list_labels", "all labels")
    add_assignments(
        add_one(location, "set", "definitions:change_location", "change a location: name, type, parent")
    )
    add_merge(location, "location", "location")
    add_assignments(add_one(label, "set", "definitions:change_label", "change a label: name, color"))
    add_merge(label, "label", "label")
    _statuses(commands.group("status", "statuses"))
    _categories(commands.group("category", "categories of issues and of elements"))


def _statuses(status: Group) -> None:
    status.add("list", "categories:list_statuses", "all statuses, in their order")
    add = status.add("add", "categories:add_status", "add a status")
    add.add_argument("name", metavar="NAME")
    add.add_argument(
        "--meaning", metavar="MEANING", required=True, help="open, progress, review, done or void"
    )
    add.add_argument("--color", metavar="COLOUR", default="")
    add.add_argument("--category", metavar="A,B,…", default="", help="of these categories only")
    add.add_argument(
        "--after", metavar="STATUS", default="", help="its place; usually behind those of its meaning"
    )
    change = add_one(status, "set", "categories:change_status", "change a status, or move it")
    change.add_argument("assignments", metavar="FIELD=VALUE", nargs="*")
    change.add_argument("--after", metavar="STATUS", default="", help="move it behind this one")
    add_merge(status, "status", "status")


def _categories(category: Group) -> None:
    add = category.add("add", "categories:add_category", "define a category")
    add.add_argument("name", metavar="NAME")
    add.add_argument("--of", metavar="KIND", default="issue", help="issue (usual) or element")
    add.add_argument("--template", metavar="TEXT", default="", help="such as “{location} - {number}”")
    add.add_argument("--color", metavar="COLOUR", default="")
    add.add_argument("--aliases", metavar="A,B,…", default="", help="other names of it")
    category.add("list", "categories:list_categories", "all that are defined, with their counts")
    add_assignments(
        add_one(category, "set", "categories:change_category", "change a category: name, template, …")
    )
    add_one(category, "delete", "categories:delete_category", "take the definition away; names stay")
    add_merge(category, "category", "category")
