"""Rich texts in the project file."""

from __future__ import annotations

from pathlib import Path

from tests.app.store.replicas import exchange, replica


def test_an_update_larger_than_what_may_wait_beside_the_state_is_merged_in(tmp_path: Path) -> None:
    one, two = replica(tmp_path, 1), replica(tmp_path, 2)
    note, _ = one.create("note", {"title": "Pour"}, text="short")
    long = "a long report " * 400
    one.insert_text(note, "text", 5, long)
    assert one.plain_text(note) == "short" + long
    exchange(one, two)
    assert two.plain_text(note) == "short" + long
    for project in (one, two):
        project.close()
