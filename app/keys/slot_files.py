"""The slots' file and its copy: reading whichever is whole, mending the other."""

from __future__ import annotations

from pathlib import Path

from app.keys import slots
from app.keys.files import damaged, plain_errors, write_durably
from app.keys.profile import Profile
from app.keys.slots import SlotTable
from sync.errors import Malformed


def load(profile: Profile) -> SlotTable:
    """The slots of the profile: of the whole copies the newer one.

    :raises Damaged: neither copy is whole, or they are of two vaults.
    :raises NewerFormat: written by a later version.
    """
    whole = [table for path in _paths(profile) if (table := _read(path)) is not None]
    if len({table.vault_id for table in whole}) != 1:
        raise damaged(profile.slots_path)
    return max(whole, key=lambda table: table.generation)


def mend(profile: Profile, table: SlotTable) -> None:
    """Writes ``table`` over a copy that is damaged, missing or older.

    :raises SitebookError: the disk said no.
    """
    for path in _paths(profile):
        if _read(path) != table:
            _write(path, table)


def store(profile: Profile, table: SlotTable) -> None:
    """Writes both copies, one after the other: at every moment one of them is whole.

    :raises SitebookError: the disk said no.
    """
    for path in _paths(profile):
        _write(path, table)


def _paths(profile: Profile) -> tuple[Path, Path]:
    return profile.slots_path, profile.slots_copy_path


def _read(path: Path) -> SlotTable | None:
    with plain_errors(path):
        try:
            return slots.decode(path.read_bytes())
        except (FileNotFoundError, Malformed):
            return None


def _write(path: Path, table: SlotTable) -> None:
    with plain_errors(path):
        write_durably(path, slots.encode(table))
