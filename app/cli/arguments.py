"""The arguments of ``sitebook``: all commands and their options."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any

from app.cli.definition_arguments import add_definitions, add_elements, add_merge
from app.cli.folder_arguments import add_folder
from app.cli.note_arguments import add_notes
from app.cli.parsing import (
    MARK,
    Group,
    Parser,
    add_assignments,
    add_globals,
    add_list,
    add_one,
    add_set,
    add_text,
    natural,
    unmarked,
)
from app.cli.server_arguments import add_server
from app.cli.view_arguments import add_views
from app.cli.watch_arguments import add_watch

__all__ = ["build_parser", "read_arguments", "unmarked"]


_KINDS = ("issue", "element", "person", "note")
"""What tables hold."""


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
        marked.append(MARK + word if value else word)
    found = build_parser().parse_args(marked)
    for name, value in vars(found).items():
        setattr(found, name, unmarked(value))
    return found


def build_parser() -> Parser:
    """The parser of all commands."""
    parser = Parser(
        prog="sitebook",
        description="Notes and issues for construction sites: works with no network, merges later. "
        "Without a command it opens the window.",
    )
    parser.add_argument("--version", action="store_true", default=False, help="print the version")
    parser.set_defaults(command="window:show")
    add_globals(parser, top=True)
    commands = Group(parser, "commands")
    _profile(commands)
    _projects(commands.group("project", "projects and who takes part in them"))
    _issues(commands.group("issue", "issues"))
    add_notes(commands.group("note", "notes"))
    _people(commands.group("person", "people"))
    add_elements(commands.group("element", "elements: rooms, doors, equipment"))
    add_definitions(commands)
    add_views(commands.group("view", "saved views: filters with their layout, columns and order"))
    _texts(commands)
    _search(commands)
    _conflicts(commands)
    _data(commands)
    add_folder(commands.group("folder", "the project as a folder of Markdown files"))
    _server(commands)
    return parser


def _who(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--name", metavar="PERSON", help="your name, as others see it")
    parser.add_argument("--email", metavar="ADDRESS", default="", help="your mail address")


def _profile(commands: Group) -> None:
    init = commands.add(
        "init", "profile:init", "make the vault of this profile; prints the recovery key once"
    )
    _who(init)
    opening = commands.add("open", "window:open_item", "open the window, and in it the item of an address")
    opening.add_argument(
        "address", metavar="ADDRESS", nargs="?", help="as “Copy link” gives it: sitebook://…"
    )
    commands.add("doctor", "doctor:examine", "check file, keys, log and server, and say what is wrong")
    commands.add(
        "check", "checking:check", "compare with server and other devices, and repair what is missing here"
    )


def _projects(project: Group) -> None:
    new = project.add("new", "projects:new", "found a project")
    new.add_argument("name", metavar="NAME")
    new.add_argument("--server", metavar="URL", default="", help="the server to sync with")
    new.add_argument("--currency", metavar="CODE", default="", help="of amounts without one, such as GBP")
    project.add("list", "projects:show_all", "the projects of this profile")
    server = project.add("server", "projects:server", "set the server of the project")
    server.add_argument("address", metavar="ADDRESS", nargs="?", help="empty: none; left out: show it")
    server.add_argument(
        "--certificate",
        metavar="SHA256",
        help="accept the server's certificate of this fingerprint and no other",
    )
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
    project.add("bundle", "bundles:publish", "publish the project for new devices now")
    export = project.add("export", "copies:export_project", "write everything into an open format")
    export.add_argument("file", metavar="FILE.zip")
    take = project.add("import", "copies:import_project", "make a new project of an export")
    take.add_argument("file", metavar="FILE.zip")
    take.add_argument("--name", metavar="NAME", help="another name than the one in the file")
    take.add_argument("--server", metavar="URL", default="")


def _issues(issue: Group) -> None:
    add = issue.add("add", "issues:add", "make an issue")
    add.add_argument("title", metavar="TITLE")
    add_set(add)
    add_text(add)
    add_list(issue, "issues:show_all", "issues that a query finds, the newest first")
    add_one(issue, "show", "issues:show", "one issue with all its fields")
    add_assignments(add_one(issue, "set", "issues:change", "change fields of an issue"))
    add_one(issue, "delete", "issues:delete", "delete an issue")
    add_one(issue, "restore", "issues:restore", "bring a deleted issue back")
    add_one(issue, "to-note", "note_tree:to_note", "make a note of an issue")
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


def _people(person: Group) -> None:
    add = person.add("add", "people:add", "add a person")
    add.add_argument("name", metavar="NAME")
    add_set(add)
    add_list(person, "people:show_all", "people that a query finds")
    add_one(person, "show", "people:show", "one person")
    add_assignments(add_one(person, "set", "people:change", "change fields of a person"))
    add_one(person, "delete", "people:delete", "delete a person")
    add_one(person, "restore", "people:restore", "bring a deleted person back")
    add_merge(person, "person", "person")


def _texts(commands: Group) -> None:
    comment = commands.group("comment", "comments on issues and notes")
    writing = (
        ("add", "add_comment", "comment on an issue or a note"),
        ("edit", "edit_comment", "give a comment another text"),
    )
    for name, function, what in writing:
        write = add_one(comment, name, f"texts:{function}", what)
        write.add_argument("text", metavar="TEXT")
        write.add_argument(
            "--format", choices=["markdown", "plain"], default="plain", help="how TEXT is written"
        )
    add_one(comment, "list", "texts:list_comments", "the comments on an issue or a note")
    add_one(comment, "resolve", "texts:resolve_comment", "what a comment asks for is settled")
    add_one(comment, "reopen", "texts:reopen_comment", "what a comment asks for is open again")
    links = commands.add(
        "links", "texts:back_links", "the places in texts that point to an issue, note or person"
    )
    links.add_argument("id", metavar="ID")
    links.add_argument(
        "--unlinked", action="store_true", default=False, help="those that say its title without a link"
    )
    text = commands.add("text", "texts:edit", "show or edit the text of an issue, a note or a comment")
    text.add_argument("id", metavar="ID")
    text.set_defaults(steps=[])
    text.add_argument(
        "--insert", nargs=2, metavar=("POS", "TEXT"), action=_Step, help="positions count code points"
    )
    text.add_argument("--delete", nargs=2, metavar=("POS", "COUNT"), action=_Step)
    text.add_argument("--set", metavar="FILE", help="another text, of a file or (-) of the standard input")
    text.add_argument(
        "--format",
        choices=["markdown", "html", "plain", "delta"],
        help="print the text so; plain without its last line end, delta as JSON in Quill's form",
    )
    text.add_argument(
        "--export-yjs", metavar="FILE", help="write its whole state as one Yjs update (version 1)"
    )
    text.add_argument("--apply-yjs", metavar="FILE", help="merge an update, or a state, from any Yjs program")
    attach = commands.add("attach", "files:attach", "attach files to an issue, a note or a comment")
    attach.add_argument("id", metavar="ID")
    attach.add_argument("files", metavar="FILE", nargs="+")
    attachment = commands.group("attachment", "attached files")
    add_one(attachment, "list", "files:show_all", "the files attached to an issue or a note")
    add_one(attachment, "get", "files:get", "fetch an attached file that is not on this device")
    keep = attachment.add(
        "keep", "files:keep", "which files this device has at hand without a network, or show it"
    )
    keep.add_argument("mode", metavar="MODE", nargs="*", help="everything, recent, on demand")
    keep.add_argument("--days", metavar="N", type=natural, help="recent: of the last N days")
    keep.add_argument("--size", metavar="GB", type=natural, help="recent: at most N gigabytes; 0: no limit")
    attachment.add("space", "files:show_space", "the room that the files take on this device")
    attachment.add("free", "files:free", "let go now of files that need not be here and are on the server")
    files = commands.add(
        "attachments", "files:gallery", "all photos and files of the project, the newest first"
    )
    files.add_argument("--photos", action="store_true", default=False, help="only photos")
    save = add_one(attachment, "save", "files:save", "write an attached file, decrypted, somewhere else")
    save.add_argument("file", metavar="FILE")


def _search(commands: Group) -> None:
    search = commands.add(
        "search", "searching:search", "search titles, texts, comments, people and elements, the best first"
    )
    search.add_argument(
        "words", metavar="WORD", nargs="+", help='each by its beginning; "phrases" as they are'
    )
    search.add_argument("--newest", action="store_true", default=False, help="the newest first")
    search.add_argument("--limit", metavar="COUNT", type=natural, default=30)


def _conflicts(commands: Group) -> None:
    commands.add("conflicts", "conflicts:show_all", "fields where two people wrote different things")
    settle = commands.add(
        "settle", "conflicts:settle", "settle a conflict, with a value or one of those there"
    )
    settle.add_argument("record", metavar="RECORD")
    settle.add_argument("field", metavar="FIELD", help="a deletion's field is “deleted”")
    settle.add_argument("value", metavar="VALUE", nargs="?")
    settle.add_argument("--take", metavar="N", type=natural, help="0 is the value that shows")


def _data(commands: Group) -> None:
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


def _sample(commands: Group) -> None:
    sample = commands.add("sample", "samples:make", "add a large project to try things on")
    sample.add_argument("name", metavar="NAME")
    sample.add_argument("--issues", metavar="N", type=natural, default=40_000, help="(%(default)s)")
    sample.add_argument("--people", metavar="N", type=natural, default=500, help="(%(default)s)")
    sample.add_argument(
        "--seed", metavar="N", type=natural, default=1, help="the same seed makes the same project"
    )
    sample.add_argument("--today", metavar="DATE", default="", help="its dates lie around this day")
    sample.add_argument("--server", metavar="URL", default="", help="push it to this server")


def _server(commands: Group) -> None:
    sync = commands.add("sync", "syncing:sync", "exchange with the server now")
    sync.add_argument("--follow", action="store_true", default=False, help="go on until interrupted")
    sync.add_argument(
        "--no-files", action="store_true", default=False, help="changes only, no photos and files"
    )
    add_watch(commands)
    add_server(commands.group("server", "what an operator does with a server's data"))
    serve = commands.add("serve", "serve:serve", "run a server")
    serve.add_argument("--config", metavar="FILE", help="TOML, see packaging/server/sitebook-server.toml")
    serve.add_argument("--data", metavar="DIR", help="where the server keeps its data")
    serve.add_argument("--host", help="the address to listen at (127.0.0.1)")
    serve.add_argument("--port", type=natural, help="the port to listen at (8750)")
    serve.add_argument(
        "--check-config",
        action="store_true",
        default=False,
        help="print what counts, without secrets, and end",
    )
