"""Who may write and invite what."""

from __future__ import annotations

import pytest

from sync.change import Add, Delete, Operation, Remove, Set, Text
from sync.membership_actions import Role
from sync.permissions import may_invite, may_write

RECORD = bytes(16)
MINE: list[Operation] = [
    Set("comment", RECORD, "created", None),
    Text("comment", RECORD, "text", b"", 1),
    Delete("comment", RECORD, ()),
    Set("attachment", RECORD, "name", "a.jpg"),
    Set("issue", RECORD, "status", b"s" * 16),
    Set("issue", RECORD, "completed", 5),
    Remove("issue", RECORD, "status", ()),
    Set("person", RECORD, "member", bytes(32)),
    Set("device", RECORD, "name", "Laptop"),
    Add("numbers", RECORD, "claim", [1, 50]),
]
OTHERS: list[Operation] = [
    Set("issue", RECORD, "title", "x"),
    Add("issue", RECORD, "assignees", RECORD),
    Text("issue", RECORD, "text", b"", 1),
    Delete("issue", RECORD, ()),
    Set("issue", RECORD, "created", None),
    Set("person", RECORD, "name", "x"),
    Delete("person", RECORD, ()),
    Set("note", RECORD, "title", "x"),
    Set("status", RECORD, "name", "x"),
    Set("unheard-of", RECORD, "status", "x"),
]


@pytest.mark.parametrize("role", [Role.OWNER, Role.EDITOR])
def test_editors_and_owners_write_everything(role: Role) -> None:
    assert may_write(role, MINE + OTHERS)


@pytest.mark.parametrize("operation", MINE)
def test_contributor_may(operation: Operation) -> None:
    assert may_write(Role.CONTRIBUTOR, [operation])
    assert not may_write(Role.VIEWER, [operation])


@pytest.mark.parametrize("operation", OTHERS)
def test_contributor_may_not(operation: Operation) -> None:
    assert not may_write(Role.CONTRIBUTOR, [operation])
    assert not may_write(Role.CONTRIBUTOR, [MINE[0], operation])
    assert not may_write(Role.VIEWER, [operation])


def test_nobody_invites_above_himself() -> None:
    for inviter in Role:
        for role in Role:
            assert not may_invite(inviter, role) or role.rank <= inviter.rank
    assert may_invite(Role.OWNER, Role.OWNER)
    assert may_invite(Role.EDITOR, Role.EDITOR)
    assert not any(may_invite(role, Role.VIEWER) for role in (Role.CONTRIBUTOR, Role.VIEWER))
