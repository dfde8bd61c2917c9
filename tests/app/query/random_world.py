"""Random projects, random changes of them, and random queries that fit their fields."""

from __future__ import annotations

from random import Random

from app.domain.schema import custom_field_name
from app.store.touched import Touched
from tests.app.query.world import World, record_id

_WORDS = ("crack", "slab", "Wand", "Äpfel", "room 2", "room 10", "Room 2", "fire door", "東京", "")
_DATES = ("2026-11-20", "2026-11-22", "2026-12-01", "2027-01-31", "someday", "")
_AMOUNTS = (["600", "GBP"], ["600.00", "GBP"], ["-4.5", "GBP"], ["70", "USD"], ["9", ""], ["x", "GBP"], 500)
_NUMBERS = (0, 1, 2, 2.0, 10, -3.5, 1 << 60, (1 << 60) + 1, 0.1, "7", True)
_ODD = (None, "odd", 7, True, 1.5, ["a", "b"], b"x", b"y" * 16, {"a": 1}, (), "")
_COUNTS = {"status": 5, "person": 5, "label": 3, "location": 6, "element": 5, "note": 2, "issue": 14}

CUSTOM = (
    ("number", {"name": "Reading", "type": "number", "unit": "mm"}),
    ("choice", {"name": "Trade", "type": "choice", "choices": ["Paint", "Tiles", "none"]}),
    ("choices", {"name": "Tags", "type": "several choices"}),
    ("person", {"name": "Inspector", "type": "person"}),
    ("references", {"name": "Doors", "type": "references", "target": "element"}),
    ("moment", {"name": "Seen", "type": "moment"}),
    ("auto", {"name": "Code", "type": "auto_number", "prefix": "DEF-"}),
    ("formula", {"name": "Double", "type": "formula", "formula": "{Reading} * 2"}),
    ("formula", {"name": "Who", "type": "formula", "formula": 'upper({title}) & " " & {assignees.company}'}),
    ("formula", {"name": "Loop", "type": "formula", "formula": "{Loop} + 1"}),
    ("formula", {"name": "Late", "type": "formula", "formula": "due < today()"}),
)

_PATHS = (
    *("number", "title", "status", "priority", "category", "location", "assignees", "watchers", "labels"),
    *("due", "cost", "starred", "archived", "references", "at", "created", "updated", "by", "creator"),
    *("Reading", "Trade", "Tags", "Inspector", "Doors", "Seen", "Code", "Double", "Who", "Loop", "Late"),
    *("assignee.company", "assignees.phone", "assignees.name", "Inspector.company", "location.building"),
    *("location.level", "location.name", "references.status", "references.title", "references.assignees"),
    *("references.count", "references.cost.sum", "references.Reading.max", "references.due.min"),
    *("references.Reading.sum", "at.location.level", "at.Fire rating", "Doors.type", "issues.count"),
    *("issues.cost.sum", "references.references.count", "issues.assignees.company", "at.issues.count"),
    *(
        "text",
        "location.issues.count",
        "location.issues.cost.sum",
        "assignees.issues.count",
        "references.Double",
    ),
)
_VALUES = (
    *(
        "crack",
        "room",
        '"room 2"',
        "none",
        "any",
        "@me",
        "1",
        "2",
        "10..",
        "..2",
        "0..1000000",
        "600",
        "GBP600",
    ),
    *(
        "today",
        "<today",
        "2026-11",
        "+7d",
        "-1d..",
        "open",
        "done",
        "Ann",
        "bo",
        "Hilti",
        "paint",
        "Paint,tiles",
    ),
    *(
        '"Level 2"',
        "Tower",
        "fire",
        "yes",
        "no",
        "high",
        "DEF-0002",
        "#3",
        "1152921504606846977",
        '"Lee Paint"',
    ),
)
_FLAGS = (
    *("is:overdue", "is:open", "is:closed", "is:starred", "is:archived", "is:mine", "is:unassigned"),
    *("is:unsynced", "has:conflict", "has:cost", "has:assignees", "is:review", "changed>-1d", "has:comments"),
)
_SORTS = tuple(path for path in _PATHS if path not in ("Loop", "text"))


def random_world(random: Random) -> World:
    """A project with some of everything."""
    world = World()
    world.add("device", 0, name="Laptop")
    for number, (_, values) in enumerate(CUSTOM):
        assert isinstance(values, dict)
        world.add("field", number, of="issue", order=f"a{number:02}", **values)
    for kind, count in _COUNTS.items():
        for number in range(random.randint(count // 2, count)):
            world.put(kind, record_id(kind, number), _values(random, kind, number))
    world.put("element", record_id("element", 0), {"parameters": {"Fire rating": 60}})
    world.put("device", world.device[:16], {"member": b"m" * 16})
    world.plain = {
        record: random.choice(("see the crack", "nothing", "slab. Crack!"))
        for record in world.records("issue")
        if random.random() < 0.4
    }
    for flag in ("unsynced", "conflict", "attention"):
        world.flags[flag] = {record for record in world.records("issue") if random.random() < 0.3}
    return world


def change(random: Random, world: World) -> Touched:
    """Change something: values, what is there, or what was merged."""
    touched = Touched()
    for _ in range(random.choice((1, 1, 1, 2, 5, 40))):
        kind = random.choice(tuple(_COUNTS))
        number = random.randrange(_COUNTS[kind] + 2)
        record = record_id(kind, number)
        known = world.get(record, kind)
        act = random.random()
        if known is None:
            touched.merge(world.put(kind, record, _values(random, kind, number)))
        elif act < 0.08 and kind == "issue":
            world.plain[record] = random.choice(("a crack", "", "slab"))
            touched.merge(world.put(kind, record, {}))
            touched.note(kind, record, "text")
        elif act < 0.15 and kind != "status":
            touched.merge(world.bury(kind, record, not known.deleted))
        elif act < 0.2 and kind in ("person", "label", "location", "element"):
            world.put(kind, record, {"merged_into": record_id(kind, random.randrange(_COUNTS[kind]))})
            touched.merge(world.put(kind, record, {}))
            touched.note(kind, record, "merged_into")
            touched.merge(world.bury(kind, record))
        else:
            values = _values(random, kind, number)
            names = random.sample(sorted(values), random.randint(1, len(values)))
            touched.merge(world.put(kind, record, {name: values[name] for name in names}))
    return touched


def random_query(random: Random) -> str:
    """A query in the language, with conditions that mostly make sense."""
    parts = [_part(random, 2) for _ in range(random.choice((0, 1, 1, 2, 3)))]
    text = random.choice((" ", " or ")).join(parts)
    if random.random() < 0.6:
        keys = [random.choice(("", "-")) + _name(random.choice(_SORTS)) for _ in range(random.randint(1, 3))]
        text = f"({text}) sort:{','.join(keys)}" if text else f"sort:{','.join(keys)}"
    return text


def random_group(random: Random) -> str:
    """What to group by."""
    return _name(random.choice(_SORTS))


def all_paths() -> tuple[str, ...]:
    """The paths that queries ask for."""
    return _PATHS


def _name(path: str) -> str:
    return f'"{path}"' if " " in path else path


def _part(random: Random, depth: int) -> str:
    choice = random.random()
    if depth and choice < 0.15:
        return f"-({_part(random, depth - 1)} {random.choice(('', 'or '))}{_part(random, depth - 1)})"
    if choice < 0.3:
        return random.choice(("crack", "slab", '"room 2"', "-Wand", "#3", "東", "apfel"))
    if choice < 0.45:
        return random.choice(("", "-")) + random.choice(_FLAGS)
    sign = random.choice((":", ":", ":", "=", "!=", "<", ">", "<=", ">="))
    return f"{random.choice(('', '', '-'))}{_name(random.choice(_PATHS))}{sign}{random.choice(_VALUES)}"


def _values(random: Random, kind: str, number: int) -> dict[str, object]:
    one = random.choice

    def some(of: str) -> tuple[bytes, ...]:
        ids = [record_id(of, random.randrange(_COUNTS[of] + 1)) for _ in range(one((0, 1, 1, 2, 3)))]
        return tuple(dict.fromkeys(ids))

    def single(of: str) -> bytes:
        return record_id(of, random.randrange(_COUNTS[of] + 1))

    values: dict[str, object]
    if kind == "issue":
        values = {
            "number": number,
            "title": one(_WORDS),
            "status": single("status"),
            "due": one(_DATES),
            "priority": one(("urgent", "high", "none", "HIGH")),
            "category": one(("Paint", "paint", "Tiles")),
            "location": single("location"),
            "assignees": some("person"),
            "watchers": some("person"),
            "labels": some("label"),
            "cost": one(_AMOUNTS),
            "starred": one((True, False, None)),
            "archived": one((True, None)),
            "references": some("issue") + some("element"),
            "at": some("element"),
        }
        for place, (type, _) in enumerate(CUSTOM):
            made = {
                "number": one(_NUMBERS),
                "choice": one(("Paint", "Tiles", "none", "Other")),
                "choices": one((("a", "b"), ("b", "a"), ("A",), ())),
                "person": single("person"),
                "references": some("element"),
                "moment": one((0, 1_795_000_000_000, 1_795_300_000_000)),
            }
            if type in made:
                values[custom_field_name(record_id("field", place))] = made[type]
    elif kind == "person":
        values = {
            "name": one(("Ann Lee", "Bo Chen", "Zoë", "ann lee")),
            "company": one(("Hilti", "Lee Paint", "")),
            "phone": str(number),
            "email": one(("a@b.c", "")),
            "member": one((b"m" * 16, None)),
        }
    elif kind == "location":
        values = {
            "name": one(("Tower", "Level 2", "Level 10", "Core B")),
            "parent": single("location"),
            "type": one(("building", "level", "room", None)),
        }
    elif kind == "element":
        parameters = one(({"Fire rating": 60}, {"Fire rating": "30 min"}, {"Maker": True}, {}))
        values = {
            "name": one(_WORDS),
            "type": one(("Door", "Wall")),
            "parameters": parameters,
            "location": single("location"),
            "within": single("element"),
        }
    elif kind == "status":
        meaning = ("open", "progress", "review", "done", "void")[number % 5]
        values = {"name": meaning, "meaning": meaning, "order": f"a{one('0123')}{number}"}
    else:
        values = {"name": f"{one(('fire', 'wet'))} {number}", "title": one(_WORDS)}
    if kind in ("issue", "element") and random.random() < 0.15:
        values[one(sorted(values.keys() - {"number", "parameters"}))] = one(_ODD)
    return values
