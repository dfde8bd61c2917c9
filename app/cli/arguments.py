"""The arguments of ``sitebook``: all commands and their options."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

_MARK = "\0"
"""Put before words that begin with one hyphen (``-label:paint``, ``-due``), which are values here and not
options. No argument of a process can hold this character."""


_KINDS = ("issue", "element", "person", "note")
"""What tables hold."""


class Parser(argparse.ArgumentParser):
    """Says in one line what is wrong and how to see the help."""

    def error(self, message: str) -> NoReturn:
        """Exit with code 2."""
        text = " ".join(message.replace(_MARK, "").split())
        if sys.stderr is not None:
            print(f"sitebook: {text} (see `{self.prog} --help`)", file=sys.stderr)
        sys.exit(2)

    def print_help(self, file: Any = None) -> None:
        """Print the help; unlike some versions of argparse, do not keep quiet where it cannot be written."""
        target = sys.stdout if file is None else file
        if target is not None:
            print(self.format_help(), end="", file=target)
            if sys.stdout is not None:
                sys.stdout.flush()


class _Step(argparse.Action):
    """Collects edits of a text in the order in which they were typed."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: Any,
        option_string: str | None = None,
    ) -> None:
        position, what = values
        try:
            place = int(unmarked(position))
            count = int(unmarked(what)) if option_string == "--delete" else 0
        except ValueError:
            parser.error(f"{option_string} takes positions and counts as whole numbers")
        text = unmarked(what) if option_string == "--insert" else None
        namespace.steps = [*namespace.steps, (place, text, count)]


def read_arguments(argv: Sequence[str]) -> argparse.Namespace:
    """Read the arguments; prints and exits for help (0) and wrong usage (2)."""
    marked = []
    rest = False
    for word in argv:
        rest = rest or word == "--"
        value = len(word) > 1 and word[0] == "-" and word[1] != "-" and word != "-h" and not rest
        marked.append(_MARK + word if value else word)
    found = build_parser().parse_args(marked)
    for name, value in vars(found).items():
        setattr(found, name, unmarked(value))
    return found


def unmarked(value: Any) -> Any:
    """A value without the mark of ``read_arguments``."""
    if isinstance(value, str):
        return value.removeprefix(_MARK)
    if isinstance(value, list):
        return [unmarked(each) for each in value]
    return value


def _natural(text: str) -> int:
    number = int(unmarked(text))
    if number < 0:
        raise ValueError
    return number


_natural.__name__ = "whole number"


def _globals(parser: argparse.ArgumentParser, *, top: bool) -> None:
    # In a subcommand an option that is not given must not undo what stands before the subcommand.
    default: Any = None if top else argparse.SUPPRESS
    group = parser.add_argument_group("global options, before or after the command")
    group.add_argument("--profile", metavar="DIR", default=default, help="or the variable SITEBOOK_PROFILE")
    group.add_argument("--project", metavar="NAME-OR-ID", default=default, help="where there are several")
    group.add_argument(
        "--json",
        action="store_true",
        default=False if top else argparse.SUPPRESS,
        help="one JSON document on stdout",
    )


class _Group:
    """Commands below one parser."""

    def __init__(self, parser: argparse.ArgumentParser, title: str) -> None:
        self._commands: Any = parser.add_subparsers(
            title=title, metavar="COMMAND", parser_class=Parser, required=False
        )

    def add(self, name: str, function: str, text: str) -> argparse.ArgumentParser:
        """One command; ``function`` is ``module:function`` in ``app.cli``."""
        parser: argparse.ArgumentParser = self._commands.add_parser(
            name, help=text, description=text[:1].upper() + text[1:] + "."
        )
        parser.set_defaults(command=function)
        _globals(parser, top=False)
        return parser

    def group(self, name: str, text: str) -> _Group:
        """Commands below a word, such as ``issue``."""
        parser = self.add(name, "helping:incomplete", text)
        parser.set_defaults(incomplete=parser)
        return _Group(parser, text)


def build_parser() -> Parser:
    """The parser of all commands."""
    parser = Parser(
        prog="sitebook",
        description="Notes and issues for construction sites: works with no network, merges later. "
        "Without a command it opens the window.",
    )
    parser.add_argument("--version", action="store_true", default=False, help="print the version")
    parser.set_defaults(command="window:show")
    _globals(parser, top=True)
    commands = _Group(parser, "commands")
    _profile(commands)
    _projects(commands.group("project", "projects and who takes part in them"))
    _issues(commands.group("issue", "issues"))
    _notes(commands.group("note", "notes"))
    _people(commands.group("person", "people"))
    _elements(commands.group("element", "elements: rooms, doors, equipment"))
    _definitions(commands)
    _texts(commands)
    _conflicts(commands)
    _data(commands)
    _server(commands)
    return parser


def _set(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--set",
        metavar="FIELD=VALUE",
        action="append",
        default=[],
        dest="assignments",
        help="may be given several times; FIELD+=VALUE adds, FIELD-=VALUE takes away, FIELD= clears",
    )


def _assignments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("assignments", metavar="FIELD=VALUE", nargs="+")


def _who(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--name", metavar="PERSON", help="your name, as others see it")
    parser.add_argument("--email", metavar="ADDRESS", default="", help="your mail address")


def _profile(commands: _Group) -> None:
    init = commands.add(
        "init", "profile:init", "make the vault of this profile; prints the recovery key once"
    )
    _who(init)
    commands.add("doctor", "doctor:examine", "check file, keys, log and server, and say what is wrong")


def _projects(project: _Group) -> None:
    new = project.add("new", "projects:new", "found a project")
    new.add_argument("name", metavar="NAME")
    new.add_argument("--server", metavar="URL", default="", help="the server to sync with")
    new.add_argument("--currency", metavar="CODE", default="", help="of amounts without one, such as GBP")
    project.add("list", "projects:show_all", "the projects of this profile")
    server = project.add("server", "projects:server", "set the server of the project")
    server.add_argument("address", metavar="ADDRESS", nargs="?", help="empty: none; left out: show it")
    project.add("members", "members:show_members", "who takes part, with which role")
    role = project.add("role", "members:role", "give a member a role")
    role.add_argument("member", metavar="MEMBER", help="a name or the beginning of an id")
    role.add_argument("role", metavar="ROLE", help="owner, editor, contributor or viewer")
    closing = project.add("closing", "categories:closing", "close in two steps or one, or show it")
    closing.add_argument("way", metavar="WAY", nargs="*", help="two steps, one step")
    me = project.add("me", "members:me", "say which person you are, or show it")
    me.add_argument("person", metavar="PERSON", nargs="?")
    invite = project.add("invite", "members:invite", "make an invite; prints its code, a secret")
    what = invite.add_mutually_exclusive_group()
    what.add_argument("--role", metavar="ROLE", help="owner, editor (usual), contributor or viewer")
    what.add_argument("--me", action="store_true", default=False, help="for another device of your own")
    what.add_argument("--cancel", metavar="ID", help="take an invite back")
    invite.add_argument("--expires", metavar="TIME", default="7d", help="7d, 12h, 2w or never")
    project.add("invites", "members:invites", "the invites that were made")
    join = project.add("join", "members:join", "join by the code of an invite")
    join.add_argument("code", metavar="CODE", nargs="+")
    _who(join)
    export = project.add("export", "copies:export_project", "write everything into an open format")
    export.add_argument("file", metavar="FILE.zip")
    take = project.add("import", "copies:import_project", "make a new project of an export")
    take.add_argument("file", metavar="FILE.zip")
    take.add_argument("--name", metavar="NAME", help="another name than the one in the file")
    take.add_argument("--server", metavar="URL", default="")


def _issues(issue: _Group) -> None:
    add = issue.add("add", "issues:add", "make an issue")
    add.add_argument("title", metavar="TITLE")
    _set(add)
    add.add_argument("--text", metavar="TEXT", default="")
    _list(issue, "issues:show_all", "issues that a query finds, the newest first")
    _one(issue, "show", "issues:show", "one issue with all its fields")
    _assignments(_one(issue, "set", "issues:change", "change fields of an issue"))
    _one(issue, "delete", "issues:delete", "delete an issue")
    _one(issue, "restore", "issues:restore", "bring a deleted issue back")
    steps = (
        ("resolve", "closing:resolve_issues", "the work is done: who asked for it looks at it"),
        ("close", "closing:close_issues", "it is done and accepted"),
        ("send-back", "closing:send_back", "back to who does the work, with a reason"),
        ("reopen", "closing:reopen", "open closed issues again"),
    )
    for name, function, text in steps:
        step = issue.add(name, function, text)
        step.add_argument("ids", metavar="ID", nargs="+")
        step.add_argument(
            "--reason",
            metavar="TEXT",
            default="",
            required=name == "send-back",
            help="becomes a comment",
        )


def _merge(group: _Group, kind: str, what: str) -> None:
    merge = group.add("merge", "naming:merge", f"make one {what} of two")
    merge.add_argument("keep", metavar="KEEP", help="the one that stays")
    merge.add_argument("gone", metavar="OTHER", nargs="?", help="left out: all others of the same name")
    merge.set_defaults(kind=kind)


def _elements(element: _Group) -> None:
    add = element.add("add", "elements:add", "add an element")
    add.add_argument("name", metavar="NAME")
    _set(add)
    _list(element, "elements:show_all", "elements that a query finds, with their issues counted")
    _one(element, "show", "elements:show", "one element")
    _assignments(_one(element, "set", "elements:change", "change fields of an element"))
    _one(element, "delete", "elements:delete", "delete an element")
    _one(element, "restore", "elements:restore", "bring a deleted element back")
    _merge(element, "element", "element")


def _one(group: _Group, name: str, function: str, text: str) -> argparse.ArgumentParser:
    parser = group.add(name, function, text)
    parser.add_argument("id", metavar="ID")
    return parser


def _list(group: _Group, function: str, text: str) -> None:
    parser = group.add("list", function, text)
    parser.add_argument("query", metavar="QUERY", nargs="*")
    parser.add_argument("--sort", metavar="FIELD,-FIELD", default="")
    parser.add_argument("--limit", metavar="N", type=_natural)
    parser.add_argument("--deleted", action="store_true", default=False, help="the deleted ones")


def _notes(note: _Group) -> None:
    add = note.add("add", "notes:add", "make a note")
    add.add_argument("title", metavar="TITLE")
    add.add_argument("--text", metavar="TEXT", default="")
    add.add_argument("--parent", metavar="ID", help="the note that it belongs below")
    _set(add)
    _list(note, "notes:show_all", "notes that a query finds, the newest first")
    _one(note, "show", "notes:show", "one note")
    _assignments(_one(note, "set", "notes:change", "change fields of a note"))
    _one(note, "delete", "notes:delete", "delete a note")
    _one(note, "restore", "notes:restore", "bring a deleted note back")


def _people(person: _Group) -> None:
    add = person.add("add", "people:add", "add a person")
    add.add_argument("name", metavar="NAME")
    _set(add)
    _list(person, "people:show_all", "people that a query finds")
    _one(person, "show", "people:show", "one person")
    _assignments(_one(person, "set", "people:change", "change fields of a person"))
    _one(person, "delete", "people:delete", "delete a person")
    _one(person, "restore", "people:restore", "bring a deleted person back")
    _merge(person, "person", "person")


def _definitions(commands: _Group) -> None:
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
    _assignments(_one(field, "set", "definitions:change_field", "change a field: name, type, choices, …"))
    _one(field, "delete", "definitions:delete_field", "take a field away, with its values")
    _one(field, "restore", "definitions:restore_field", "bring a field back, with its values")
    _merge(field, "field", "field")
    location = commands.group("location", "locations")
    add = location.add("add", "definitions:add_location", "add a location and the levels above it")
    add.add_argument("path", metavar="PATH", help="such as “Level 2/Core B”")
    location.add("list", "definitions:list_locations", "all locations")
    label = commands.group("label", "labels")
    add = label.add("add", "definitions:add_label", "add a label")
    add.add_argument("name", metavar="NAME")
    add.add_argument("--color", metavar="COLOUR", default="")
    label.add("list", "definitions:list_labels", "all labels")
    _merge(location, "location", "location")
    _merge(label, "label", "label")
    _statuses(commands.group("status", "statuses"))
    _categories(commands.group("category", "categories of issues and of elements"))


def _statuses(status: _Group) -> None:
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
    change = _one(status, "set", "categories:change_status", "change a status, or move it")
    change.add_argument("assignments", metavar="FIELD=VALUE", nargs="*")
    change.add_argument("--after", metavar="STATUS", default="", help="move it behind this one")
    _merge(status, "status", "status")


def _categories(category: _Group) -> None:
    add = category.add("add", "categories:add_category", "define a category")
    add.add_argument("name", metavar="NAME")
    add.add_argument("--of", metavar="KIND", default="issue", help="issue (usual) or element")
    add.add_argument("--template", metavar="TEXT", default="", help="such as “{location} - {number}”")
    add.add_argument("--color", metavar="COLOUR", default="")
    add.add_argument("--aliases", metavar="A,B,…", default="", help="other names of it")
    category.add("list", "categories:list_categories", "all that are defined, with their counts")
    _assignments(_one(category, "set", "categories:change_category", "change a category: name, template, …"))
    _one(category, "delete", "categories:delete_category", "take the definition away; names stay")
    _merge(category, "category", "category")


def _texts(commands: _Group) -> None:
    comment = commands.group("comment", "comments on issues and notes")
    add = _one(comment, "add", "texts:add_comment", "comment on an issue or a note")
    add.add_argument("text", metavar="TEXT")
    _one(comment, "list", "texts:list_comments", "the comments on an issue or a note")
    text = commands.add("text", "texts:edit", "show or edit the text of an issue, a note or a comment")
    text.add_argument("id", metavar="ID")
    text.set_defaults(steps=[])
    text.add_argument(
        "--insert", nargs=2, metavar=("POS", "TEXT"), action=_Step, help="positions count code points"
    )
    text.add_argument("--delete", nargs=2, metavar=("POS", "COUNT"), action=_Step)
    text.add_argument("--format", choices=["plain"], help="print the text, without its last line end")
    attach = commands.add("attach", "files:attach", "attach files to an issue, a note or a comment")
    attach.add_argument("id", metavar="ID")
    attach.add_argument("files", metavar="FILE", nargs="+")
    attachment = commands.group("attachment", "attached files")
    _one(attachment, "list", "files:show_all", "the files attached to an issue or a note")
    save = _one(attachment, "save", "files:save", "write an attached file, decrypted, somewhere else")
    save.add_argument("file", metavar="FILE")


def _conflicts(commands: _Group) -> None:
    commands.add("conflicts", "conflicts:show_all", "fields where two people wrote different things")
    settle = commands.add(
        "settle", "conflicts:settle", "settle a conflict, with a value or one of those there"
    )
    settle.add_argument("record", metavar="RECORD")
    settle.add_argument("field", metavar="FIELD", help="a deletion's field is “deleted”")
    settle.add_argument("value", metavar="VALUE", nargs="?")
    settle.add_argument("--take", metavar="N", type=_natural, help="0 is the value that shows")


def _data(commands: _Group) -> None:
    take = commands.add("import", "tables:import_csv", "take issues, or other records, in from a CSV file")
    take.add_argument("file", metavar="FILE.csv")
    take.add_argument("--map", metavar="COLUMN=FIELD", action="append", default=[], dest="mapping")
    take.add_argument("--key", metavar="COLUMN", help="importing again updates by this column")
    take.add_argument("--date-format", metavar="FORMAT", default="", help="in the letters of strptime")
    take.add_argument("--add-people", action="store_true", default=False, help="make people that are unknown")
    take.add_argument("--kind", choices=_KINDS, default="issue", help="what the rows are (%(default)s)")
    take.add_argument(
        "--skip-wrong-rows",
        action="store_true",
        default=False,
        help="leave out rows that do not fit, and list them; without it one such row stops the import",
    )
    take.add_argument(
        "--dry-run", action="store_true", default=False, help="say what would be done, and do nothing"
    )
    give = commands.add(
        "export",
        "tables:export_table",
        "write issues, or other records, into a table: .csv with everything, which can be imported again, or .xlsx",
    )
    give.add_argument("file", metavar="FILE.csv|FILE.xlsx")
    give.add_argument("query", metavar="QUERY", nargs="*")
    give.add_argument("--where", metavar="QUERY", default="", help="the query in one word")
    give.add_argument("--view", metavar="NAME", default="", help="as this saved view shows it")
    give.add_argument(
        "--columns", metavar="A,B,C", default="", help="these columns, such as title,assignees.company"
    )
    give.add_argument("--kind", choices=_KINDS, default="issue", help="what is written (%(default)s)")
    give.add_argument("--force", action="store_true", default=False, help="replace a file that is there")
    _sample(commands)
    backup = commands.add("backup", "copies:back_up", "write an encrypted copy of the whole profile")
    backup.add_argument("file", metavar="FILE")
    restore = commands.add("restore", "copies:restore", "make a profile of a backup")
    restore.add_argument("file", metavar="FILE")


def _sample(commands: _Group) -> None:
    sample = commands.add("sample", "samples:make", "add a large project to try things on")
    sample.add_argument("name", metavar="NAME")
    sample.add_argument("--issues", metavar="N", type=_natural, default=40_000, help="(%(default)s)")
    sample.add_argument("--people", metavar="N", type=_natural, default=500, help="(%(default)s)")
    sample.add_argument(
        "--seed", metavar="N", type=_natural, default=1, help="the same seed makes the same project"
    )
    sample.add_argument("--today", metavar="DATE", default="", help="its dates lie around this day")
    sample.add_argument("--server", metavar="URL", default="", help="push it to this server")


def _server(commands: _Group) -> None:
    sync = commands.add("sync", "syncing:sync", "exchange with the server now")
    sync.add_argument("--follow", action="store_true", default=False, help="go on until interrupted")
    serve = commands.add("serve", "serve:serve", "run a server")
    serve.add_argument("--data", metavar="DIR", required=True, help="where the server keeps its data")
    serve.add_argument("--host", default="127.0.0.1", help="the address to listen at (%(default)s)")
    serve.add_argument("--port", type=_natural, default=8750, help="the port to listen at (%(default)s)")
