"""Bundles of a project on the command line: published when they are due or asked for, in one go."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import cast

from app.keys.entry import ProjectEntry
from app.store.bundle_publish import BundleFile, Published, Publisher, PublishRoad
from app.workspace.workspace import Workspace, identity_of, keys_of
from sync.errors import Refused
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


def publish_now(
    workspace: Workspace, project: bytes, sleep: Callable[[float], None] = time.sleep
) -> Published:
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


def publish_if_due(workspace: Workspace, entry: ProjectEntry, transport: Transport) -> Published | None:
    """After a round of sync: publish a bundle where one is due. What stands in the way is tried again another time."""
    made = publisher(workspace, entry, transport)
    _run(made)
    return made.published


def _run(made: Publisher) -> None:
    while not made.looked:
        made.step()
