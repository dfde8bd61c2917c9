"""Files on their way to a server and back: a plain object that is asked for its next step.

Like ``sync.engine`` it has no threads, no sleeping, no time or chance of its own, and makes at most one round
trip a step. A file is chunks that are named by their content, so nothing about an unfinished transfer needs to
be remembered: after any cut the server is asked what it has, and the disk is looked at for what is here.

In this order, looked at anew before each chunk:

1. while changes are under way (``busy``) it waits, though never longer than :data:`LONGEST_YIELD` in one go, so
   that changes which cannot get through do not hold files back for ever;
2. what a person waits for is fetched;
3. what only this device has is given to the server;
4. what the device tells beside the log, and what others told (``tell``, at most one message a step);
5. what the device is to keep is fetched;
6. what it need not keep is let go, after the server said that it has all of it;
7. of what lies on the server for long, it is asked whether it still does.

One file never holds back another: a chunk that the server does not have is asked for again later, with growing
gaps; a refused file waits for a person; a damaged one is told of. Failures of the way itself wait as in
``sync.backoff``.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum, auto
from typing import TYPE_CHECKING, Final, Protocol

from sync.backoff import Backoff
from sync.errors import Absent, Damaged, Malformed, NotFound, Refused, SitebookError, Unreachable
from sync.transport.base import ChunkRoad, NoticeRoad

if TYPE_CHECKING:
    from sync.clock import Clock, Random

REST: Final = 30.0
"""Seconds until it looks again when there was nothing to do."""
YIELD: Final = 0.2
"""Seconds until it looks again whether changes are still under way."""
LONGEST_YIELD: Final = 20.0
"""After so many seconds of waiting for changes one step is done all the same."""
ASK_AT_ONCE: Final = 1_000
"""Most chunks that the server is asked about in one round trip."""
FILES_AT_ONCE: Final = 100
"""Most files that it is asked about in one round trip."""
NO_ROOM: Final = 60.0
"""Seconds without fetching after the disk refused what came."""


class Way(Enum):
    """What is done with a file."""

    WANTED = auto()
    """A person waits for it."""
    UPLOAD = auto()
    BACKGROUND = auto()
    """It is to be kept on this device."""
    FREE = auto()
    """It need not be kept on this device."""
    RECHECK = auto()
    """It lies on the server for long."""


@dataclass(frozen=True, slots=True)
class Moved:
    """What a step did. Call again in ``next_in`` seconds, or after a poke.

    ``sent`` and ``got`` count bytes of chunks; ``came``, ``left``, ``freed`` are the files whose last chunk that
    was; ``failed`` are files with the sentence that says why; ``error`` is what stands in the way of all.
    """

    next_in: float
    sent: int = 0
    got: int = 0
    came: tuple[bytes, ...] = ()
    left: tuple[bytes, ...] = ()
    freed: tuple[bytes, ...] = ()
    failed: tuple[tuple[bytes, str], ...] = ()
    error: SitebookError | None = None
    file: bytes | None = None
    """What the bytes belong to."""

    @property
    def idle(self) -> bool:
        """Whether nothing was done."""
        return self.next_in > 0.0 and not (self.sent or self.got or self.came or self.left or self.freed)


class FileRoad(ChunkRoad, NoticeRoad, Protocol):
    """Carries chunks and notices."""


_EMPTY_WORDS: Final = (
    "The server says that it has this file and does not give it back, so it stays here; "
    "ask whoever runs the server."
)


class FileStore(Protocol):
    """What is here, what is wanted, and what became of it; ``app.store.transfers`` fulfils it."""

    @property
    def project(self) -> bytes:
        """The project's id."""
        ...

    def look(self) -> None:
        """Take in what the project's records say now; called when there was something new, and after a rest."""
        ...

    def next_file(self, way: Way, beyond: int = 1) -> Sequence[bytes]:
        """The first files to go a way now, at most so many, the most urgent first."""
        ...

    def names(self, file: bytes) -> Sequence[bytes]:
        """The names of all chunks of a file that is here. Raises NotFound, Damaged where it is not, or not whole."""
        ...

    def missing(self, file: bytes) -> Sequence[bytes]:
        """The names of chunks to be fetched next; none when all are here. Raises Damaged."""
        ...

    def read(self, name: bytes) -> bytes:
        """The bytes of a chunk. Raises NotFound, Damaged."""
        ...

    def write(self, data: bytes) -> None:
        """Keep a chunk. Raises SitebookError where the disk says no."""
        ...

    def came(self, file: bytes) -> None:
        """All of a file is here now. Raises Damaged where it is not what its author sealed."""
        ...

    def served(self, files: Sequence[bytes]) -> None:
        """The server said that it has all of these."""
        ...

    def unserved(self, file: bytes) -> None:
        """The server does not have all of a file that it was thought to have."""
        ...

    def absent(self, file: bytes) -> None:
        """The server does not have all of a file that is wanted here: ask later."""
        ...

    def refused(self, file: bytes, sentence: str) -> None:
        """The server does not take a file: a person has to look at it."""
        ...

    def broken(self, file: bytes, sentence: str) -> None:
        """What is here of a file is not what was sealed."""
        ...

    def free(self, file: bytes) -> bool:
        """Remove a file from this device, unless it is wanted meanwhile. Raises SitebookError."""
        ...

    def message(self) -> Callable[[FileRoad], None] | None:
        """Something to be told or asked beside the log now: a call that makes one round trip; else None."""
        ...

    def due_in(self) -> float:
        """Seconds until something that waits for its time has its turn."""
        ...


class Transfers:
    """Moves the files of one project. Used by one thread."""

    def __init__(
        self,
        store: FileStore,
        road: FileRoad,
        clock: Clock,
        random: Random,
        busy: Callable[[], bool] = lambda: False,
    ) -> None:
        self._store = store
        self._road = road
        self._clock = clock
        self._random = random
        self._busy = busy
        self._backoff = Backoff(random)
        self._due = clock.monotonic()
        self._stale = True
        self._yields_since: float | None = None
        self._lacking: deque[tuple[bytes, deque[bytes]]] = deque()
        self._question: _Question | None = None
        self._no_room_until = clock.monotonic()
        self._error: SitebookError | None = None
        self._shown: bytes | None = None
        """The file of which the server gave a chunk just now, so that it may go from here."""
        self._doubted: set[bytes] = set()
        """Files that the server said it had, and gave nothing of."""

    @property
    def next_in(self) -> float:
        """Seconds until the next step has something to do."""
        return max(0.0, self._due - self._clock.monotonic())

    @property
    def error(self) -> SitebookError | None:
        """What stood in the way last, until something got through."""
        return self._error

    def poke(self) -> None:
        """There may be something to do: look at once. A wait after a failure goes on."""
        self._stale = True
        if not self._backoff.failures:
            self._due = self._clock.monotonic()

    def network_changed(self) -> None:
        """There may be a way to the server now."""
        self._stale = True
        self._backoff.reset()
        self._due = self._clock.monotonic()

    def step(self) -> Moved:
        """Do the next thing: at most one round trip."""
        now = self._clock.monotonic()
        if self._due > now:
            return Moved(self.next_in, error=self._error)
        if self._gives_way(now):
            self._due = now + YIELD
            return Moved(YIELD, error=self._error)
        try:
            if self._stale:
                self._stale = False
                self._store.look()
            moved = self._advance()
        except SitebookError as error:
            return self._fail(error)
        if moved is None:
            self._stale = True
            self._due = now + min(REST, max(0.0, self._store.due_in()))
            return Moved(self.next_in, error=self._error)
        self._backoff.reset()
        self._error = moved.error
        return moved

    def _gives_way(self, now: float) -> bool:
        if not self._busy():
            self._yields_since = None
            return False
        if self._yields_since is None:
            self._yields_since = now
        if now - self._yields_since < LONGEST_YIELD:
            return True
        self._yields_since = now
        return False

    def _fail(self, error: SitebookError) -> Moved:
        self._lacking.clear()
        self._question = None
        self._error = error
        wait = self._backoff.fail(error.retry_after if isinstance(error, Unreachable) else None)
        self._due = self._clock.monotonic() + wait
        return Moved(self.next_in, error=error)

    def _advance(self) -> Moved | None:
        fetches = self._clock.monotonic() >= self._no_room_until
        for file in self._store.next_file(Way.WANTED) if fetches else ():
            return self._fetch(file)
        moved = self._send()
        if moved is not None:
            return moved
        message = self._store.message()
        if message is not None:
            message(self._road)
            return Moved(0.0)
        for file in self._store.next_file(Way.BACKGROUND) if fetches else ():
            return self._fetch(file)
        for file in self._store.next_file(Way.FREE):
            if file != self._shown:
                return self._have_shown(file)
            self._shown = None
            return self._ask(Way.FREE, [file])
        files = self._store.next_file(Way.RECHECK, FILES_AT_ONCE)
        return self._ask(Way.RECHECK, files) if files else None

    # To the server

    def _send(self) -> Moved | None:
        while self._lacking:
            file, names = self._lacking[0]
            if names:
                return self._put(file, names)
            self._lacking.popleft()
        if self._question is not None:
            return self._go_on_asking(self._question)
        files = self._store.next_file(Way.UPLOAD, FILES_AT_ONCE)
        return self._ask(Way.UPLOAD, files) if files else None

    def _put(self, file: bytes, names: deque[bytes]) -> Moved:
        try:
            data = self._store.read(names[0])
        except (NotFound, Damaged) as error:
            return self._broke(file, str(error))
        try:
            self._road.put_chunk(self._store.project, data, purpose="file")
        except Absent:
            raise  # it is not the file that is wrong: a server that lost the project gets it back from the others
        except Refused as error:
            self._lacking.popleft()
            self._store.refused(file, str(error))
            return Moved(0.0, failed=((file, str(error)),))
        names.popleft()
        if names:
            return Moved(0.0, sent=len(data), file=file)
        self._lacking.popleft()
        self._store.served([file])
        return Moved(0.0, sent=len(data), left=(file,), file=file)

    def _broke(self, file: bytes, sentence: str) -> Moved:
        if self._lacking and self._lacking[0][0] == file:
            self._lacking.popleft()
        self._store.broken(file, sentence)
        return Moved(0.0, failed=((file, sentence),))

    def _ask(self, way: Way, files: Sequence[bytes]) -> Moved:
        """Ask about files, together as far as one round trip goes; a longer one is asked about in parts."""
        asked: list[tuple[bytes, Sequence[bytes]]] = []
        count = 0
        for file in files:
            try:
                names = self._store.names(file)
            except (NotFound, Damaged) as error:
                return self._broke(file, str(error))
            if asked and count + len(names) > ASK_AT_ONCE:
                break
            asked.append((file, names))
            count += len(names)
        if count > ASK_AT_ONCE:
            self._question = _Question(way, *asked[0])
            return self._go_on_asking(self._question)
        here = iter(self._have([name for _, names in asked for name in names]))
        moved = Moved(0.0)
        for file, names in asked:
            moved = _joined(moved, self._answered(way, file, [name for name in names if not next(here)]))
        return moved

    def _go_on_asking(self, question: _Question) -> Moved:
        part = question.names[question.at : question.at + ASK_AT_ONCE]
        here = self._have(part)
        question.at += len(part)
        question.lacking += [name for name, there in zip(part, here, strict=True) if not there]
        if question.at < len(question.names):
            return Moved(0.0)
        self._question = None
        return self._answered(question.way, question.file, question.lacking)

    def _answered(self, way: Way, file: bytes, lacking: Sequence[bytes]) -> Moved:
        """The server said what of a file it does not have."""
        if lacking and way is Way.UPLOAD:
            self._lacking.append((file, deque(lacking)))
        elif lacking:
            self._store.unserved(file)
        elif way is Way.FREE:
            return Moved(0.0, freed=(file,) if self._store.free(file) else ())
        else:
            self._store.served([file])
            return Moved(0.0, left=(file,) if way is Way.UPLOAD else ())
        return Moved(0.0)

    def _have_shown(self, file: bytes) -> Moved:
        """Before a file goes from here, have the server give one of its chunks, whichever: a yes alone is cheap."""
        try:
            names = self._store.names(file)
        except (NotFound, Damaged) as error:
            return self._broke(file, str(error))
        name = names[int.from_bytes(self._random(4), "big") % len(names)]
        if self._road.get_chunk(self._store.project, name) is not None:
            self._doubted.discard(file)
            self._shown = file
        elif file in self._doubted:
            self._store.refused(file, _EMPTY_WORDS)
            return Moved(0.0, failed=((file, _EMPTY_WORDS),))
        else:
            self._doubted.add(file)
            self._store.unserved(file)
            self._lacking.append((file, deque(names)))
        return Moved(0.0)

    def _have(self, names: Sequence[bytes]) -> list[bool]:
        here = self._road.have_chunks(self._store.project, names)
        if len(here) != len(names):
            raise Malformed(
                "The server answered about more or fewer files than was asked; ask whoever runs it."
            )
        return here

    # From the server

    def _fetch(self, file: bytes) -> Moved:
        try:
            missing = self._store.missing(file)
            got = self._fetch_one(file, missing[0]) if missing else 0
            if got is None:
                return Moved(0.0)
            if got and self._store.missing(file):
                return Moved(0.0, got=got, file=file)
            self._store.came(file)
        except Damaged as error:
            return self._broke(file, str(error))
        except Malformed as error:
            self._store.absent(file)
            return Moved(0.0, failed=((file, str(error)),))
        except _NotWritten as error:
            # What is to be given to the server does not wait for room on this disk.
            self._no_room_until = self._clock.monotonic() + NO_ROOM
            return Moved(0.0, failed=((file, str(error)),), error=error)
        return Moved(0.0, got=got, came=(file,), file=file)

    def _fetch_one(self, file: bytes, name: bytes) -> int | None:
        data = self._road.get_chunk(self._store.project, name)
        if data is None:
            self._store.absent(file)
            return None
        try:
            self._store.write(data)
        except SitebookError as error:
            raise _NotWritten(str(error)) from error
        return len(data)


class _NotWritten(SitebookError):
    """What came could not be kept on this device."""


@dataclass(slots=True)
class _Question:
    """A file of more chunks than one question holds, and how far the server has been asked."""

    way: Way
    file: bytes
    names: Sequence[bytes]
    at: int = 0
    lacking: list[bytes] = field(default_factory=list)


def _joined(one: Moved, other: Moved) -> Moved:
    return replace(one, left=one.left + other.left, freed=one.freed + other.freed)
