"""Who may leave, read and remove sealed keys. The server cannot open them; it keeps strangers out."""

from __future__ import annotations

import hashlib

from sync.errors import Malformed, NewerFormat, Refused
from sync.grants import Grant, parse_grant
from sync.membership_actions import Role
from sync.server.roster import Roster


def read_grant(wire: bytes, project: bytes, roster: Roster) -> Grant | None:
    """Check a grant that somebody leaves; None where its invite no longer counts, so that nobody needs it.

    Editors may give keys to whoever is in the project or invited; everyone to his own devices and invites.

    Raises:
        Refused: it is not to be kept.
    """
    try:
        grant = parse_grant(wire)
    except (Malformed, NewerFormat) as error:
        raise Refused(str(error)) from error
    if grant.project != project:
        raise Refused("A key grant is for another project.")
    device = roster.membership.device(grant.granter)
    if device is None or device.revoked:
        raise Refused("A key grant is not by a device of a member.")
    invite = roster.invited_recipients.get(grant.recipient)
    owner = roster.recipients.get(grant.recipient, invite.inviter if invite is not None else None)
    if owner is None:
        raise Refused("A key grant is for nobody in the project.")
    granter = roster.membership.member_of(grant.granter)
    editor = granter is not None and granter.role in (Role.OWNER, Role.EDITOR)
    if not editor and owner != device.member:
        raise Refused("A key grant is by somebody who may not give keys to others.")
    return None if invite is not None and not invite.usable else grant


def grant_key(grant: Grant) -> bytes:
    """What a grant lies under for its recipient: a later one for the same by the same granter replaces it."""
    place = grant.compartment.to_bytes(4, "big") + grant.epoch + grant.granter
    return hashlib.sha256(place).digest()


def may_read(roster: Roster, recipient: bytes, by: bytes) -> bool:
    """Whether grants are for this key: its own, or those of the invite that it holds or joined by."""
    invite = roster.invited_recipients.get(recipient)
    if invite is not None:
        return by == invite.sign_public or by in invite.joined
    return recipient in roster.recipients_of(by)


def may_delete(roster: Roster, recipient: bytes, by: bytes) -> bool:
    """Whether a key may remove a recipient's grants: owners, whoever they are for, and who invited."""
    member = roster.membership.member_of(by)
    if may_read(roster, recipient, by) or (member is not None and member.role is Role.OWNER):
        return True
    if member is None:
        return False
    invite = roster.invited_recipients.get(recipient)
    if invite is not None:
        return not invite.usable or invite.inviter == member.id
    return roster.recipients.get(recipient) in (None, member.id)
