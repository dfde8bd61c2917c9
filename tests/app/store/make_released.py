"""Make the fixture of the schema that is about to be released: ``python -m tests.app.store.make_released``.

Run once per schema version, when it is released; what was made is never made again. The file is an encrypted
project with the key of ``replicas``, kept gzipped; beside it stands what every later version must read from it.
"""

from __future__ import annotations

import gzip
import tempfile
from pathlib import Path
from typing import Any

import msgspec

from app.domain.schema import COMMENT, CUSTOM_PREFIX, FIELD, ISSUE, LABEL, LOCATION, NOTE, PERSON
from app.richtext.delta import Insert, Retain, document_to_json
from app.richtext.formats import divider, mention, reference
from app.store.project import Project
from app.store.schema import MIGRATIONS
from tests.app.store.replicas import KEY, SetClock, exchange, replica

FOLDER = Path(__file__).with_name("released")


def fill(left: Project, right: Project) -> None:
    """A bit of everything: each kind of operation, a conflict, a deletion, a disputed one, undo, a draft."""
    left.furnish("Released", "GBP")
    person, _ = left.create(PERSON, {"name": "Ada", "email": "ada@example.org"})
    label, _ = left.create(LABEL, {"name": "fire", "color": "red"})
    level, _ = left.create(LOCATION, {"name": "Level 2"})
    room, _ = left.create(LOCATION, {"name": "2.01", "parent": level})
    custom, _ = left.create(FIELD, {"name": "Fire rating", "type": "number", "of": ISSUE})
    issue, _ = left.create(
        ISSUE,
        {
            "title": "Crack",
            "assignees": [person],
            "labels": [label],
            "location": room,
            "cost": ["4200.00", "GBP"],
            "due": "2026-03-06",
            CUSTOM_PREFIX + custom.hex(): 60,
        },
        text="Runs from B4 🌍",
    )
    other, _ = left.create(ISSUE, {"title": "Deleted"}, text="gone")
    third, _ = left.create(ISSUE, {"title": "Disputed"})
    left.create(NOTE, {"title": "Diary"}, text="Rain until ten.\n\nThen sun.")
    left.create(COMMENT, {"parent": issue}, text="Seen today.")
    rich, _ = left.create(
        NOTE,
        {"title": "Walk"},
        text=[
            Insert("Level 2"),
            Insert("\n", {"header": 2}),
            Insert("Ask "),
            Insert(mention(person)),
            Insert(" about "),
            Insert(reference(issue)),
            Insert(" today", {"bold": True, "link": "https://example.org/"}),
            Insert("\n", {"list": "unchecked", "indent": 1}),
            Insert(divider()),
            Insert("\n"),
        ],
    )
    left.create(
        COMMENT,
        {"parent": rich},
        text=[Insert("Done", {"italic": True}), Insert(mention(person)), Insert("\n")],
    )
    exchange(left, right)
    right.change_text(rich, "text", [Retain(8), Retain(3, {"strike": True})])
    left.change_text(rich, "text", [Retain(8), Insert("Do ", {"bold": True})])
    left.set(issue, "title", "Crack in slab")
    right.set(issue, "title", "Crack in wall")
    left.insert_text(issue, "text", 0, "Left. ")
    right.delete_text(issue, "text", 0, 5)
    left.delete(other)
    right.delete(third)
    left.set(third, "priority", "high")
    left.remove(issue, "labels", label)
    left.undo()
    exchange(left, right)
    left.draft_value(issue, "priority", "low", left.field(issue, "priority").seen)


def describe(project: Project) -> dict[str, Any]:
    """What a later version must still read, in JSON's types."""
    records: dict[str, dict[str, Any]] = {}
    for kind in (ISSUE, NOTE, PERSON, LABEL, LOCATION, FIELD, COMMENT, "status", "project"):
        for deleted in (False, True):
            for record in project.records(kind, deleted=deleted):
                found = project.get(record, kind)
                assert found is not None
                records[record.hex()] = {
                    "kind": kind,
                    "deleted": deleted,
                    "fields": {
                        name: [_json(write.value) for write in state.live]
                        for name, state in sorted(found.fields.items())
                    },
                    "conflicts": list(found.conflicts),
                    "text": project.plain_text(record),
                    "writes": sum(entry.index >= 0 for entry in project.history(record)),
                }
                document = document_to_json(project.text_document(record))
                if len(document) > 1:
                    links = [link.target.hex() for link in project.links_from(record)]
                    records[record.hex()] |= {"document": document, "links": links}
    return {"project": project.id.hex(), "name": project.name, "records": records}


def _json(value: Any) -> Any:
    if isinstance(value, bytes):
        return {"hex": value.hex()}
    return [_json(each) for each in value] if isinstance(value, list | tuple) else value


def main() -> None:
    version = MIGRATIONS[-1].version
    FOLDER.mkdir(exist_ok=True)
    target = FOLDER / f"project-{version}.sitebook.gz"
    if target.exists():
        raise SystemExit(f"{target.name} is released already; a released schema never changes.")
    with tempfile.TemporaryDirectory() as folder:
        left, right = replica(Path(folder), 1), replica(Path(folder), 2)
        fill(left, right)
        left.maintain()
        path = left.path
        left.close()
        right.close()
        target.write_bytes(gzip.compress(path.read_bytes(), mtime=0))
        again = Project.open(path, KEY, device=b"\1" * 32, clock=SetClock(), random=bytes)
        described = msgspec.json.encode(describe(again), order="sorted")
        again.close()
    (FOLDER / f"project-{version}.json").write_bytes(msgspec.json.format(described) + b"\n")


if __name__ == "__main__":
    main()
