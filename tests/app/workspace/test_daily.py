"""The note of a day: one for everybody, whoever made it first."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from app.richtext.delta import Insert, Retain, plain_text
from app.store.project import Project
from app.workspace.daily import daily_record, day_of, open_daily
from app.workspace.templates import Moment
from tests.app.store.replicas import exchange, picture, replica

DAY = date(2026, 3, 8)
SIGNS = "①②③④⑤⑥"
TEMPLATE = [
    Insert("Diary of {{date}}", {"bold": True}),
    Insert("\n", {"header": 2}),
    Insert("Weather"),
    Insert("\n", {"list": "unchecked"}),
    Insert({"divider": True}),
    Insert("\n"),
    Insert("By {{person}} at {{time}}\n"),
]


def moment(person: str = "Priya Kaur", hour: int = 9) -> Moment:
    return Moment(datetime(2026, 3, 8, hour, 12, tzinfo=UTC), "Harbour Tower", person)


def template(project: Project, text: list[Insert] | None = None) -> bytes:
    made, _ = project.create(
        "note",
        {"title": "Daily note", "template": True, "tags": ["diary"]},
        text=TEMPLATE if text is None else text,
    )
    return made


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Project, Project]:
    return replica(tmp_path, 1), replica(tmp_path, 2)


def both(pair: tuple[Project, Project], seed: int = 0) -> None:
    """Give both what the other has, in some order, and close the books on equal replicas."""
    exchange(*pair, order=random.Random(seed))
    assert picture(pair[0]) == picture(pair[1])


def test_a_day_has_one_id_in_a_project_and_another_in_others() -> None:
    assert daily_record(b"p" * 32, DAY) == daily_record(b"p" * 32, DAY)
    assert daily_record(b"p" * 32, DAY) != daily_record(b"q" * 32, DAY)
    assert daily_record(b"p" * 32, DAY) != daily_record(b"p" * 32, date(2026, 3, 9))
    assert day_of(daily_record(b"p" * 32, DAY), b"p" * 32, "2026-03-08") == DAY
    assert day_of(b"x" * 16, b"p" * 32, "2026-03-08") is None
    assert day_of(daily_record(b"p" * 32, DAY), b"p" * 32, "Diary") is None


def test_without_a_template_a_day_begins_empty_and_is_opened_again(pair: tuple[Project, Project]) -> None:
    one, _ = pair
    note, touched = open_daily(one, DAY, moment())
    assert note in touched.created
    assert one.plain_text(note) == ""
    again, touched = open_daily(one, DAY, moment())
    assert again == note
    assert not touched
    one.undo()
    assert one.get(note).deleted  # type: ignore[union-attr]
    open_daily(one, DAY, moment())
    assert not one.get(note).deleted  # type: ignore[union-attr]


def test_what_two_devices_make_of_one_day_comes_together_once(pair: tuple[Project, Project]) -> None:
    one, two = pair
    template(one)
    both(pair)
    note = daily_record(one.id, DAY)
    for project, words in ((one, "dry, "), (two, "wind, ")):
        assert open_daily(project, DAY, moment())[0] == note
        at = project.plain_text(note).index("By Priya")
        project.change_text(note, "text", [Retain(at + 1), Insert(words)])
    both(pair, 3)
    assert one.text_document(note) == two.text_document(note)
    text = plain_text(one.text_document(note), "-")
    assert (
        text.count("Diary of 2026-03-08")
        == text.count("Weather")
        == text.count("By Priya Kaur at 09:12")
        == 1
    )
    assert "dry, " in text
    assert "wind, " in text
    assert one.text_document(note)[0] == Insert("Diary of 2026-03-08", {"bold": True})
    assert one.get(note).conflicts == ()  # type: ignore[union-attr]
    # Both go on typing behind what either of them made.
    for project, words in ((one, "cold "), (two, "north ")):
        project.change_text(note, "text", [Retain(5), Insert(words)])
    both(pair, 4)
    text = plain_text(one.text_document(note))
    assert "cold " in text
    assert "north " in text


@pytest.mark.parametrize("seed", range(4))
def test_who_comes_later_and_types_at_once_loses_nothing(pair: tuple[Project, Project], seed: int) -> None:
    one, two = pair
    template(one)
    both(pair)
    note, _ = open_daily(one, DAY, moment())
    open_daily(two, DAY, moment())
    generator = random.Random(seed)
    for number in range(6):
        project = pair[number % 2]
        size = len(plain_text(project.text_document(note), "-"))
        project.change_text(note, "text", [Retain(generator.randrange(size)), Insert(SIGNS[number])])
    both(pair, seed)
    text = plain_text(one.text_document(note), "-")
    assert sorted(each for each in text if each in SIGNS) == sorted(SIGNS)
    assert (
        "".join(each for each in text if each not in SIGNS)
        == "Diary of 2026-03-08\nWeather\n-\nBy Priya Kaur at 09:12\n"
    )


def test_what_differs_by_person_and_time_stands_beside_each_other(pair: tuple[Project, Project]) -> None:
    one, two = pair
    template(one)
    both(pair)
    note, _ = open_daily(one, DAY, moment("Priya Kaur", 9))
    open_daily(two, DAY, moment("Jon Tan", 14))
    both(pair)
    text = one.plain_text(note)
    assert text.count("Weather") == 1
    assert all(text.count(each) == 1 for each in ("Priya Kaur", "Jon Tan", "09:12", "14:12"))
    assert "{{" not in text


def test_two_templates_that_differ_leave_both_texts(pair: tuple[Project, Project]) -> None:
    one, two = pair
    template(one, [Insert("Visitors\n")])
    template(two, [Insert("Deliveries\n")])
    note, _ = open_daily(one, DAY, moment())
    open_daily(two, DAY, moment())
    both(pair)
    assert {"Visitors", "Deliveries"} <= set(one.plain_text(note).split("\n"))
