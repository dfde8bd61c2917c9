"""Who may write what, as far as an operation by itself tells.

The names of kinds and fields are the protocol's: every replica must come to the same verdict about a change.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from sync.change import Delete, Operation
from sync.membership_actions import Role

_CONTRIBUTOR: Final[Mapping[str, frozenset[str] | None]] = {
    "comment": None,
    "attachment": None,
    "issue": frozenset({"status", "completed"}),
    "person": frozenset({"member"}),
    "device": None,
    "numbers": None,
}
"""Kind to the fields that a contributor may write; None: the whole record, deleting it too."""

_MAY_INVITE: Final[Mapping[Role, frozenset[Role]]] = {
    Role.OWNER: frozenset(Role),
    Role.EDITOR: frozenset({Role.EDITOR, Role.CONTRIBUTOR, Role.VIEWER}),
    Role.CONTRIBUTOR: frozenset(),
    Role.VIEWER: frozenset(),
}


def may_invite(inviter: Role, role: Role) -> bool:
    """Whether a member may invite a new member with that role."""
    return role in _MAY_INVITE[inviter]


def may_write(role: Role, operations: Iterable[Operation]) -> bool:
    """Whether a member may make a change of these operations."""
    if role in (Role.OWNER, Role.EDITOR):
        return True
    return role is Role.CONTRIBUTOR and all(_contributor_may(operation) for operation in operations)


def _contributor_may(operation: Operation) -> bool:
    if operation.kind not in _CONTRIBUTOR:
        return False
    fields = _CONTRIBUTOR[operation.kind]
    return fields is None or (not isinstance(operation, Delete) and operation.field in fields)
