"""``sitebook note tree``, ``move``, ``pin``, ``tag``, ``daily``, ``from-template`` and ``to-issue``."""

from __future__ import annotations

from argparse import Namespace
from datetime import date, datetime

from app.cli.editing import read_assignments
from app.cli.ids import resolve
from app.cli.output import Usage
from app.cli.session import Session
from app.domain.dates import parse_date
from app.domain.names import counted
from app.domain.schema import ISSUE, NOTE
from app.store.operations import Edit
from app.workspace.daily import daily_title, open_daily
from app.workspace.notes import GROUPS, NOTES, PINNED, TEMPLATES, NoteTree, Spot
from app.workspace.templates import Moment, find_template, person_name, plan_from
from app.workspace.turning import issue_to_note, lines_to_issues, note_to_issue
from sync.errors import SitebookError
from sync.ids import id_text

_HEADS = {PINNED: "Pinned", NOTES: "", TEMPLATES: "Templates"}
_UNTITLED = "Untitled"


def read_tree(session: Session) -> NoteTree:
    """The tree of the chosen project's notes."""
    found = NoteTree(session.frames)
    found.fill(session.project.records(NOTE))
    return found


def _moment(session: Session) -> Moment:
    project = session.project
    me = person_name(project, session.workspace.me(session.entry.project))
    return Moment(datetime.now(session.zone), project.name, me)


def show_tree(session: Session, arguments: Namespace) -> None:
    """Print the tree, or a note with what is below it."""
    tree = read_tree(session)
    titles = session.project.column(NOTE, "title")
    documents: list[dict[str, object]] = []
    rows: list[tuple[str, str]] = []
    top = resolve(session.project, arguments.id, (NOTE,)) if arguments.id else None
    for group in GROUPS if top is None else (tree.group(top),):
        tops = tree.children(group) if top is None else [top]
        if tops and _HEADS[group] and top is None:
            rows.append((f"{_HEADS[group]}:", ""))
        for record, depth in tree.lines(tops):
            title = titles.get(record)
            named = tree.named_parent(record)
            documents.append(
                {
                    "id": id_text(record),
                    "title": title,
                    "depth": depth,
                    "group": group,
                    "parent": None if named is None else id_text(named),
                }
            )
            indent = "  " * (depth + (top is None and bool(_HEADS[group])))
            rows.append((f"{indent}{title or _UNTITLED}", id_text(record)))
    session.out.table(documents, ("Title", "Id"), rows, "No notes.")


def move(session: Session, arguments: Namespace) -> None:
    """Move notes, with all that is below them, as one action."""
    project = session.project
    notes = [resolve(project, typed, (NOTE,)) for typed in arguments.ids]
    if sum(bool(each) for each in (arguments.below, arguments.before, arguments.after, arguments.top)) != 1:
        raise Usage("Say where to: one of --below, --before, --after and --top.")
    tree = read_tree(session)
    edits = tree.move(notes, _spot(session, tree, arguments))
    bulk = project.bulk()
    for record, each in edits.items():
        bulk.update(record, each)
    bulk.commit()
    session.out.result([id_text(each) for each in notes], f"{counted(len(notes), 'note')} moved.")


def _spot(session: Session, tree: NoteTree, arguments: Namespace) -> Spot:
    project = session.project
    if arguments.below:
        parent = resolve(project, arguments.below, (NOTE,))
        return Spot(tree.group(parent), parent)
    if arguments.before:
        record = resolve(project, arguments.before, (NOTE,))
        return Spot(tree.group(record), tree.parent(record), record)
    if arguments.after:
        return tree.spot_of(resolve(project, arguments.after, (NOTE,)))
    return Spot(NOTES)


def pin(session: Session, arguments: Namespace) -> None:
    """Pin notes, or unpin them."""
    value = None if arguments.off else True
    notes = _each(session, arguments.ids, Edit("pinned", value))
    said = "unpinned" if arguments.off else "pinned"
    session.out.result([id_text(each) for each in notes], f"{counted(len(notes), 'note')} {said}.")


def _each(session: Session, typed: list[str], *edits: Edit) -> list[bytes]:
    """Edit notes as one action."""
    notes = list(dict.fromkeys(resolve(session.project, each, (NOTE,)) for each in typed))
    bulk = session.project.bulk()
    for note in notes:
        bulk.update(note, edits)
    bulk.commit()
    return notes


def tag(session: Session, arguments: Namespace) -> None:
    """Give a note tags, or take them away, or show them."""
    note = resolve(session.project, arguments.id, (NOTE,))
    edits = []
    for typed in arguments.tags:
        name = typed.removeprefix("-").strip()
        if not name:
            raise SitebookError("A tag has a name; “-name” takes one away.")
        edits.append(Edit("tags", name, "remove" if typed.startswith("-") else "add"))
    if edits:
        session.project.update(note, edits)
    tags = sorted(map(str, session.project.field(note, "tags", NOTE).values), key=str.casefold)
    session.out.result({"id": id_text(note), "tags": tags}, ", ".join(tags) or "No tags.")


def daily(session: Session, arguments: Namespace) -> None:
    """Open the note of a day; it is made where there is none. Prints its id."""
    today = session.context.today
    day = date.fromisoformat(parse_date(arguments.day, today)) if arguments.day else today
    note, touched = open_daily(session.project, day, _moment(session))
    made = note in touched.created
    document = {"id": id_text(note), "title": daily_title(day), "made": made}
    session.out.result(document, id_text(note))


def from_template(session: Session, arguments: Namespace) -> None:
    """Make a note, or an issue, from a template. Prints its id."""
    kind = ISSUE if arguments.issue else NOTE
    template = find_template(session.project, kind, arguments.template)
    found = read_assignments(session, session.fields(kind), arguments.assignments)
    more: dict[str, object] = dict(found.values())
    if arguments.title:
        more["title"] = arguments.title
    bulk = session.project.bulk()
    found.plan_labels(bulk)
    made = plan_from(session.project, bulk, template, _moment(session), more)
    bulk.commit()
    title = session.project.field(made, "title", kind).value
    session.out.result({"id": id_text(made), "title": title}, id_text(made))


def to_issue(session: Session, arguments: Namespace) -> None:
    """Make an issue of a note, or issues of its unticked lines. Prints their ids."""
    note = resolve(session.project, arguments.id, (NOTE, ISSUE) if arguments.lines else (NOTE,))
    if arguments.lines:
        issues, _ = lines_to_issues(session.project, note)
    else:
        issues = [note_to_issue(session.project, note)[0]]
    session.out.result([{"id": id_text(each)} for each in issues], *map(id_text, issues))


def to_note(session: Session, arguments: Namespace) -> None:
    """Make a note of an issue. Prints its id."""
    note, _ = issue_to_note(session.project, resolve(session.project, arguments.id, (ISSUE,)))
    session.out.result({"id": id_text(note)}, id_text(note))
