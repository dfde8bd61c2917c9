"""Who listens to which project, in this process: what happens here is passed on to open streams.

What is told may come from any thread; listeners belong to one event loop. A listener that reads slowly costs
no memory: of changes it gets the newest version of each project only, and what does not fit its queue
of other events is dropped, and it is told to look.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import threading
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Protocol

import msgspec

LOOK: Final = 0
"""The version of a ``changed`` that says no more than: look."""
_QUEUE: Final = 64
"""Most events beside changes that wait for one listener."""
_INBOX: Final = 10_000
"""Most of them that wait for the event loop."""


class Elsewhere(Protocol):
    """Passes on to the other processes of this server what happened in this one. Must not block."""

    def changed(self, project: bytes, version: int, membership: int) -> None:
        """Something was stored."""
        ...

    def presence(self, project: bytes, wire: bytes, sender: bytes) -> None:
        """Somebody who is there said so."""
        ...

    def mark(self, project: bytes, event: str, kind: str) -> None:
        """A bundle or a notice came."""
        ...


@dataclass(frozen=True, slots=True)
class _Item:
    """One event beside changes, for all who listen to a project but its sender."""

    project: bytes
    frame: bytes
    sender: bytes = b""
    mark: bool = False
    """Whether saying it once is enough."""


class Listener:
    """One stream's end of the hub. Used on the event loop only."""

    __slots__ = ("_changed", "_items", "checked", "doubtful", "ended", "key", "projects", "woken")

    def __init__(self, key: bytes, projects: Iterable[bytes]) -> None:
        self.key = key
        self.projects = set(projects)
        """What it gets events of, as far as they are not doubtful."""
        self.doubtful = set(self.projects)
        """Projects whose membership changed, or was never looked at: whether it may listen is to be checked."""
        self.checked: dict[bytes, int] = {}
        """Up to which version of each project's membership it was looked at."""
        self.woken = asyncio.Event()
        self.ended = False
        self._changed: dict[bytes, int] = {}
        self._items: deque[_Item] = deque()

    def end(self) -> None:
        """Make its stream end."""
        self.ended = True
        self.woken.set()

    def look(self, project: bytes, version: int) -> None:
        """Say that a project changed; a later version takes the place of one that was not sent yet."""
        self._changed[project] = max(version, self._changed.get(project, LOOK))
        self.woken.set()

    def offer(self, item: _Item) -> None:
        """Put an event into the queue, or drop it where that is full."""
        if item.sender == self.key or (item.mark and item in self._items):
            return
        if len(self._items) >= _QUEUE:
            self.look(item.project, LOOK)
            return
        self._items.append(item)
        self.woken.set()

    def take(self) -> bytes:
        """Everything that waits and whose project is not doubtful, as the stream has it."""
        self.woken.clear()
        sent = self.projects - self.doubtful
        frames = [
            changed_frame(project, version) for project, version in self._changed.items() if project in sent
        ]
        frames += [item.frame for item in self._items if item.project in sent]
        self._changed = {project: at for project, at in self._changed.items() if project in self.doubtful}
        self._items = deque(item for item in self._items if item.project in self.doubtful)
        return b"".join(frames)


class Hub:
    """The listeners of one process."""

    def __init__(self, *, streams: int, per_key: int) -> None:
        self._streams = streams
        self._per_key = per_key
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._scheduled = False
        self._news: dict[bytes, tuple[int, int]] = {}
        self._inbox: deque[_Item] = deque(maxlen=_INBOX)
        self._all = False
        # From here on: touched on the event loop only.
        self._listeners: dict[bytes, dict[Listener, None]] = {}
        self._of_key: dict[bytes, list[Listener]] = {}
        self._count = 0
        self._closed = False
        self.elsewhere: Elsewhere | None = None
        """The way to the other processes, where there are any."""

    def __len__(self) -> int:
        return self._count

    def listen(self, key: bytes, projects: Iterable[bytes]) -> Listener | None:
        """Begin to listen; None where too many do. A key's oldest stream ends where it has too many.

        A device that lost its network comes again before the server knows that its old stream is dead.
        """
        if self._count >= self._streams or self._closed:
            return None
        self._loop = asyncio.get_running_loop()
        listener = Listener(key, projects)
        own = self._of_key.setdefault(key, [])
        own.append(listener)
        self._count += 1
        for project in listener.projects:
            self._listeners.setdefault(project, {})[listener] = None
        if len(own) > self._per_key:
            self.leave(own[0])
        return listener

    def leave(self, listener: Listener) -> None:
        """End a listener; again is as once."""
        listener.end()
        own = self._of_key.get(listener.key, [])
        if listener not in own:
            return
        own.remove(listener)
        self._count -= 1
        if not own:
            del self._of_key[listener.key]
        self.drop(listener, set(listener.projects))

    def drop(self, listener: Listener, projects: set[bytes]) -> None:
        """Tell a listener no more of these projects."""
        for project in projects:
            listener.projects.discard(project)
            listener.doubtful.discard(project)
            listener.checked.pop(project, None)
            listeners = self._listeners.get(project)
            if listeners is not None:
                listeners.pop(listener, None)
                if not listeners:
                    del self._listeners[project]

    def close(self) -> None:
        """End all streams, and begin none. On the event loop."""
        self._closed = True
        for own in list(self._of_key.values()):
            for listener in list(own):
                self.leave(listener)

    def changed(self, project: bytes, version: int, membership: int) -> None:
        """A project's log has grown to this version; its membership's last change stands at that one."""
        self.changed_elsewhere(project, version, membership)
        if self.elsewhere is not None:
            self.elsewhere.changed(project, version, membership)

    def presence(self, project: bytes, wire: bytes, sender: bytes) -> None:
        """Pass a message on to who listens to a project, but not to the streams of its sender's key."""
        self.presence_elsewhere(project, wire, sender)
        if self.elsewhere is not None:
            self.elsewhere.presence(project, wire, sender)

    def mark(self, project: bytes, event: str, kind: str = "") -> None:
        """A ``bundle`` or a ``notice`` (of a kind) came; said once to who did not take it yet."""
        self.mark_elsewhere(project, event, kind)
        if self.elsewhere is not None:
            self.elsewhere.mark(project, event, kind)

    def changed_elsewhere(self, project: bytes, version: int, membership: int) -> None:
        """As :meth:`changed`, of another process: not passed on to the others."""

        def note() -> None:
            known = self._news.get(project, (LOOK, 0))
            self._news[project] = (max(known[0], version), max(known[1], membership))

        self._post(note)

    def presence_elsewhere(self, project: bytes, wire: bytes, sender: bytes) -> None:
        """As :meth:`presence`, of another process."""
        text = base64.b64encode(wire).decode()
        item = _Item(project, _frame("presence", {"project": project.hex(), "wire": text}), sender)
        self._post(lambda: self._inbox.append(item))

    def mark_elsewhere(self, project: bytes, event: str, kind: str) -> None:
        """As :meth:`mark`, of another process."""
        data = {"project": project.hex()} | ({"kind": kind} if kind else {})
        item = _Item(project, _frame(event, data), mark=True)
        self._post(lambda: self._inbox.append(item))

    def look_everywhere(self) -> None:
        """What happened in other processes may have been missed: everybody is to look, and is checked again."""

        def note() -> None:
            self._all = True

        self._post(note)

    def _post(self, note: Callable[[], object]) -> None:
        """Leave something for the event loop; where nobody ever listened there is none."""
        with self._lock:
            loop = self._loop
            if loop is None:
                return
            note()
            if self._scheduled:
                return
            # A loop that was closed is one of a server that has stopped.
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(self._deliver)
                self._scheduled = True

    def _deliver(self) -> None:
        with self._lock:
            news, self._news = self._news, {}
            items = list(self._inbox)
            self._inbox.clear()
            everywhere, self._all = self._all, False
            self._scheduled = False
        if everywhere:
            for project, listeners in self._listeners.items():
                for listener in listeners:
                    listener.doubtful.add(project)
                    listener.look(project, LOOK)
        for project, (version, membership) in news.items():
            for listener in self._listeners.get(project, {}):
                if membership > listener.checked.get(project, 0):
                    listener.doubtful.add(project)
                listener.look(project, version)
        for item in items:
            for listener in self._listeners.get(item.project, {}):
                listener.offer(item)


def _frame(event: str, data: Mapping[str, str | int]) -> bytes:
    return b"event: %s\ndata: %s\n\n" % (event.encode(), msgspec.json.encode(data))


def changed_frame(project: bytes, version: int) -> bytes:
    """What a stream says where a project's log has grown."""
    return _frame("changed", {"project": project.hex(), "version": version})
