"""Bundles of a project on the command line: published when they are due or asked for, in one go."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from app.keys.entry import ProjectEntry
from app.store.bundle_confirm import Confirmer, ConfirmRoad
from app.store.bundle_publish import BundleFile, Published, Publisher, PublishRoad
from app.store.project import Project
from app.workspace.workspace import Workspace, identity_of, keys_of
from sync.errors import Malformed, Refused
from sync.transport.base import Transport


def bundle_file(workspace: Workspace, entry: ProjectEntry) -> BundleFile:
    """A project's file, as what makes bundles sees it."""
    return BundleFile(
        workspace.vault.profile.project_path(entry.project),
        entry.file_key,
        identity_of(entry),
        keys_of(entry),
    )


def publisher(workspace: Workspace, entry: ProjectEntry, transport: Transport) -> Publisher:
    """What publishes the bundles of a project, step by step."""
    return Publisher(
        cast("PublishRoad", transport), bundle_file(workspace, entry), workspace.clock, workspace.random
    )


def publish_now(workspace: Workspace, project: bytes) -> Published:
    """Publish a bundle, be it due or not. Raises Refused, Unreachable, or what else stood in the way."""
    entry = workspace.entry(project)
    transport = workspace.transport(entry)
    try:
        made = publisher(workspace, entry, transport)
        made.force()
        _run(made)
        if made.published is None:
            raise made.error or Refused("No bundle was published; try again later.")
        return made.published
    finally:
        transport.close()


def confirmer(workspace: Workspace, entry: ProjectEntry, project: Project, transport: Transport) -> Confirmer:
    """What confirms what others published, step by step, over the connection of ``project``."""
    return Confirmer(
        cast("ConfirmRoad", transport),
        project,
        identity_of(entry),
        keys_of(entry),
        entry.file_key,
        workspace.clock,
        workspace.random,
    )


@dataclass(frozen=True, slots=True)
class Tended:
    """What was done about bundles after a round of sync. ``problem``: a sentence for a person, where there is one."""

    published: Published | None = None
    problem: str = ""


def tend(workspace: Workspace, project: bytes) -> Tended:
    """After a round of sync: publish a bundle where one is due, and confirm what another device published.

    What stands in the way is tried again another time.
    """
    entry = workspace.entry(project)
    transport = workspace.transport(entry)
    try:
        made = publisher(workspace, entry, transport)
        _run(made)
        checks = confirmer(workspace, entry, workspace.open(project), transport)
        try:
            _run(checks)
        finally:
            checks.close()
    finally:
        transport.close()
    different = isinstance(checks.error, Malformed)
    return Tended(made.published, str(checks.error) if different else "")


def _run(made: Publisher | Confirmer) -> None:
    while not made.looked:
        made.step()
