"""Errors of the environment: what a person can do something about.

The text of each is one sentence (it may have two halves) that says what happened and what to do; it is
shown as it is. The cause is chained with ``raise ... from`` and goes to the log. Our own mistakes are never
of these classes: they stay ordinary exceptions, so that nothing catches them by accident.
"""

from __future__ import annotations


class SitebookError(Exception):
    """Something outside the program is not as it should be; the text is a sentence for a person."""


class Malformed(SitebookError):
    """Bytes that came from outside do not have the form that they should have."""


class NewerFormat(SitebookError):
    """Bytes or a file of a later version: to be kept, and read after an update."""


class Damaged(SitebookError):
    """A local file was changed or lost bytes."""


class Refused(SitebookError):
    """The server or another device says no, and trying again unchanged will not help."""


class Absent(Refused):
    """The server has no such project, or does not know this device: where it lost the project, others give it back."""


class TooLarge(Refused):
    """More at once than the server, or something on the way to it, takes; less may go through."""


class Unreachable(SitebookError):
    """No answer, or none that makes sense, from the server. Local work is safe."""

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        """``retry_after``: seconds that the server asked us to wait, where it did."""
        super().__init__(message)
        self.retry_after = retry_after


class NotFound(SitebookError):
    """What was named does not exist here."""


class Busy(SitebookError):
    """Another process is using what is needed."""
