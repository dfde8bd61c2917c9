"""Resolving, closing, sending back and reopening issues: each as one action, undone at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.domain.closing import Action, Stake, Step, find_step, statuses_for, steps_after
from app.domain.directory import Directory
from app.domain.schema import CATEGORY, COMMENT, ISSUE, PROJECT, STATUS
from app.store.operations import Edit
from app.store.project import Project
from app.store.touched import Touched
from sync.errors import SitebookError

KINDS_READ = (STATUS, CATEGORY, PROJECT)
"""What decides about the steps beside the issue: after changes to these, ask anew."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What steps are decided with: the project and its names as they are now."""

    project: Project
    directory: Directory

    @property
    def closing(self) -> object:
        """How the project closes."""
        return self.project.field(self.project.record, "closing", PROJECT).value

    def steps(self, issue: bytes, creator: bytes | None = None) -> list[Step]:
        """The steps that an issue can take; ``creator`` is the person who made it, where that is known."""
        record = self.project.record_or_fail(issue)
        assignees = [
            self.directory.resolve(each) for each in record.values("assignees") if isinstance(each, bytes)
        ]
        stake = Stake.of(self.directory.me, assignees, creator)
        category, status = record.value("category"), record.value("status")
        every = statuses_for(self.directory.statuses.values(), self.directory.categories, category)
        current = self.directory.statuses.get(status) if isinstance(status, bytes) else None
        return steps_after(current, every, self.closing, stake)

    def find(self, issue: bytes, action: Action) -> Step:
        """One step of an issue. Raises SitebookError with what can be done instead."""
        record = self.project.record_or_fail(issue)
        category, status = record.value("category"), record.value("status")
        every = statuses_for(self.directory.statuses.values(), self.directory.categories, category)
        current = self.directory.statuses.get(status) if isinstance(status, bytes) else None
        return find_step(action, current, every, self.closing)

    def take(self, issues: Sequence[bytes], action: Action, *, reason: str = "") -> Touched:
        """Let issues take a step, each to the status of its category; the reason becomes a comment on each.

        Raises SitebookError, and does nothing, where one of them cannot, or a reason is missing.
        """
        steps = [(issue, self.find(issue, action)) for issue in issues]
        reason = reason.strip()
        if any(step.needs_reason for _, step in steps) and not reason:
            raise SitebookError("Say why it is sent back; who does the work reads it as a comment.")
        bulk = self.project.bulk()
        for issue, step in steps:
            edits = [Edit("status", step.status)]
            if action is Action.CLOSE:
                edits.append(Edit("completed", self.project.clock.now_ms()))
            elif self.project.field(issue, "completed", ISSUE).live:
                edits.append(Edit("completed", None))
            bulk.update(issue, edits)
            if reason:
                bulk.create(COMMENT, {"parent": issue}, text=reason)
        return bulk.commit()
