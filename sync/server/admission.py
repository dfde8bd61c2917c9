"""Who may begin a project on a server that is not open to all, and how much a project may have there."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

from sync.envelope import Envelope, EnvelopeKind
from sync.errors import Malformed, NewerFormat
from sync.membership_actions import Founding, decode_action
from sync.server.judging import Judgement, Offer
from sync.server.limits import Limits
from sync.server.storage import ProjectState
from sync.transport.base import Outcome

CLOSED: Final = "This server takes no new projects; ask its operator."
FULL: Final = "The project has used up its room on the server; ask its operator for more, and try again."


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


def keep_within_quota(
    judgement: Judgement,
    offers: Sequence[Offer],
    known: Collection[bytes],
    state: ProjectState | None,
    limits: Limits,
) -> None:
    """Take from what was admitted the changes for which the project has no room; membership always has.

    So a project that is full can still remove people, and its devices keep what was refused.
    """
    if not limits.project_log_bytes:
        return
    room = limits.project_log_bytes - (0 if state is None else state.log_bytes)
    kept: list[int] = []
    for index in judgement.admitted:
        offer = offers[index]
        change = offer.envelope is not None and offer.envelope.header.kind != EnvelopeKind.MEMBERSHIP
        if change and offer.hash not in known:
            if len(offer.wire) > room:
                judgement.outcomes[index] = Outcome.REFUSED, FULL
                judgement.proven.add(index)
                continue
            room -= len(offer.wire)
        kept.append(index)
    judgement.admitted[:] = kept
