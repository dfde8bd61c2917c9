"""What whoever counts is told by the server, as an interface: the server knows nothing of metrics."""

from __future__ import annotations

from collections.abc import Sized
from typing import Protocol

from sync.transport.http_messages import Message


class Watch(Protocol):
    """Is told what happens. Called from any thread, and must neither block nor fail."""

    def sessions(self, sessions: Sized) -> None:
        """These are the sessions of this process, for as long as it runs."""
        ...

    def replied(self, reply: Message) -> None:
        """A request was worked on, and this is the answer."""
        ...


class Nobody:
    """Does not count."""

    def sessions(self, sessions: Sized) -> None:
        """Nothing."""

    def replied(self, reply: Message) -> None:
        """Nothing."""
