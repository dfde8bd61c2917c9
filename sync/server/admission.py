"""Who may begin a project on a server that is not open to all."""

from __future__ import annotations

from typing import Final

from sync.envelope import Envelope
from sync.errors import Malformed, NewerFormat
from sync.membership_actions import Founding, decode_action
from sync.server.limits import Limits

CLOSED: Final = "This server takes no new projects; ask its operator."


def refusal_to_begin(founding: Envelope, limits: Limits) -> str:
    """Why this founding is refused; empty where it may begin a project. Its signature is checked later.

    A list of keys, not proof of who holds them: a recovery key's public half is known to all its projects. So
    who is in a project with somebody on the list can begin projects in that one's place; what it costs the
    operator is bounded by the quotas.
    """
    if limits.open_creation:
        return ""
    if not limits.creators:
        return CLOSED
    keys = [founding.header.device]
    try:
        action = decode_action(founding.body) if founding.body is not None else None
    except (Malformed, NewerFormat):
        action = None
    if isinstance(action, Founding) and action.recovery is not None:
        # The one to be listed: it is the same in all projects of this person.
        keys.insert(0, action.recovery.sign_public)
    if limits.creators.intersection(keys):
        return ""
    return (
        f"This server takes new projects of listed people only; give its operator your key {keys[0].hex()}."
    )
