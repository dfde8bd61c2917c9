"""Project entries as rows of the vault."""

from __future__ import annotations

from app.keys.entry import ProjectEntry
from app.keys.vault_file import VaultFile


def read_projects(file: VaultFile) -> list[ProjectEntry]:
    """All of them, the oldest first."""
    with file.reading():
        found = file.read("SELECT project FROM project ORDER BY created_ms, project")
        return [entry for (project,) in found if (entry := _read(file, project)) is not None]


def read_project(file: VaultFile, project: bytes) -> ProjectEntry | None:
    """One of them, None where there is none of that id."""
    with file.reading():
        return _read(file, project)


def write_project(file: VaultFile, entry: ProjectEntry) -> None:
    """Adds the entry, or replaces all of the one with its id."""
    with file.transaction():
        remove_project(file, entry.project)
        file.write(
            "INSERT INTO project (project, name, server, file_key, sign_seed, kem_private, member,"
            " created_ms, recovery_device, certificate) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                entry.project,
                entry.name,
                entry.server,
                entry.file_key,
                entry.sign_seed,
                entry.kem_private,
                entry.member,
                entry.created_ms,
                entry.recovery_device,
                entry.certificate,
            ),
        )
        for position, epoch_key in enumerate(entry.epoch_keys):
            file.write(
                "INSERT INTO epoch_key (project, position, compartment, epoch, key) VALUES (?, ?, ?, ?, ?)",
                (entry.project, position, *epoch_key),
            )


def remove_project(file: VaultFile, project: bytes) -> None:
    """Removes the entry and its epoch keys, where there is one."""
    file.write("DELETE FROM project WHERE project = ?", (project,))


def _read(file: VaultFile, project: bytes) -> ProjectEntry | None:
    rows = file.read(
        "SELECT name, server, file_key, sign_seed, kem_private, member, created_ms, recovery_device,"
        " certificate FROM project WHERE project = ?",
        (project,),
    )
    keys = file.read(
        "SELECT compartment, epoch, key FROM epoch_key WHERE project = ? ORDER BY position", (project,)
    )
    if not rows:
        return None
    (
        name,
        server,
        file_key,
        sign_seed,
        kem_private,
        member,
        created_ms,
        recovery_device,
        certificate,
    ) = rows[0]
    return ProjectEntry(
        project=project,
        name=name,
        server=server,
        file_key=file_key,
        sign_seed=sign_seed,
        kem_private=kem_private,
        member=member,
        epoch_keys=tuple((compartment, epoch, key) for compartment, epoch, key in keys),
        created_ms=created_ms,
        recovery_device=recovery_device,
        certificate=certificate,
    )
