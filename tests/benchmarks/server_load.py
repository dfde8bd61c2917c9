"""Load on a real server over loopback: ``python -m tests.benchmarks server-load``.

Two processes push: into one project, and over many, in requests of ten changes and of one, an envelope for each
change (the dearest way; a device packs up to 500 changes of one moment into one). The storage is durable: SQLite
waits for the disk at each commit, and so does PostgreSQL. Then streams of events that have nothing to say, and
the time from pushing a change to each of those who listen.

Server, database and load share the machine's cores.
"""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import os
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec

from sync.transport import http_messages as messages
from sync.transport.base import Outcome
from sync.transport.http import HttpTransport
from tests.benchmarks.measure import ms, spread, table
from tests.server.people import Person, found, join
from tests.server.process import ServerProcess

PROCESSES: Final = 2
_THREADS: Final = 4
"""Devices that push at one time, in each process."""
_UNLIMITED: Final = {
    f"SITEBOOK_SERVER_RATES_{name}": "1000000"
    for name in ("KEY", "KEY_BURST", "ADDRESS", "ADDRESS_BURST", "SIGN_IN", "SIGN_IN_BURST")
}
"""All load comes from one address here."""
_CHANGE: Final = bytes(150)


@dataclass(frozen=True, slots=True)
class Load:
    """How much."""

    seconds: float = 10.0
    """About how long each case pushes."""
    projects: int = 100
    streams: int = 2_000
    listeners: int = 100
    changes: int = 50
    """Of which the time to wake-up is taken."""


def run(load: Load, place: Path) -> str:
    """Measure, and give the tables."""
    parts: list[str] = []
    for storage, make in (("SQLite", on_sqlite), ("PostgreSQL", _postgres)):
        rows: list[Sequence[str]] = []
        for projects, size in ((1, 10), (load.projects, 10), (1, 1), (load.projects, 1)):
            with make(place) as server:
                pushed = push(server.url, projects, size, load.seconds)
            rows.append((f"{projects} project{'s' if projects > 1 else ''}, {size} in a request", *pushed))
        head = ("into", "changes/s", "requests/s", "p50 ms", "p99 ms")
        title = f"{storage}: {PROCESSES} processes push, {PROCESSES * _THREADS} devices at one time"
        parts.append(table(title, head, rows))
        with make(place) as server:
            parts.append(f"{storage}: {streams(server, load.streams, load.listeners, load.changes)}")
    return "\n\n".join(parts)


def streams(server: ServerProcess, idle: int, listeners: int, changes: int) -> str:
    """Idle streams, then those who listen to changes."""
    first = asyncio.run(_idle(server, idle))
    found_times = spread(wake_ups(server, listeners, changes))
    return (
        f"{first};\na change reaches {listeners} who listen after p50 {ms(found_times.median)} ms, "
        f"p99 {ms(found_times.p99)} ms, at most {ms(found_times.most)} ms ({changes} changes)"
    )


def wake_ups(server: ServerProcess, listeners: int, changes: int, pause: float = 0.0) -> list[float]:
    """Seconds from a change to each who listens, with a pause after each change that all have seen."""
    return asyncio.run(_wake_ups(server, listeners, changes, pause))


@contextmanager
def on_sqlite(place: Path, environment: Mapping[str, str] | None = None) -> Iterator[ServerProcess]:
    """A server on SQLite in a new folder."""
    settings = _UNLIMITED | dict(environment or {})
    with (
        tempfile.TemporaryDirectory(dir=place) as folder,
        ServerProcess(Path(folder) / "data", environment=settings) as server,
    ):
        yield server


@contextmanager
def _postgres(place: Path) -> Iterator[ServerProcess]:
    # Loaded here: a clone without PostgreSQL still measures SQLite at toy size.
    from tests.server.postgres import started

    with (
        started("fsync=on", "synchronous_commit=on", "full_page_writes=on") as postgres,
        postgres.database() as dsn,
        on_sqlite(place, {"SITEBOOK_SERVER_STORAGE_URL": dsn}) as server,
    ):
        yield server


def push(url: str, projects: int, size: int, seconds: float) -> tuple[str, str, str, str]:
    """Push from two processes; changes and requests in a second, and the times of requests."""
    context = multiprocessing.get_context("spawn")
    start, ready = context.Event(), context.Semaphore(0)
    answers = context.Queue()
    shares = [range(number, projects, PROCESSES) if projects > 1 else range(1) for number in range(PROCESSES)]
    sites = [_begin(url, seed) for seed in range(projects)]
    workers = []
    for number, share in enumerate(shares):
        devices = [_joined(url, sites[seed], 1_000 * (number + 1) + each) for each, seed in _spread(share)]
        workers.append(
            context.Process(
                target=_work, args=(url, devices, size, seconds, ready, start, answers), daemon=True
            )
        )
    for worker in workers:
        worker.start()
    for _ in workers:
        ready.acquire()
    start.set()
    done = [json.loads(answers.get(timeout=seconds * 20 + 60)) for _ in workers]
    for worker in workers:
        worker.join()
    requests = sum(len(each["times"]) for each in done)
    lasted = max(each["lasted"] for each in done)
    times = spread([taken for each in done for taken in each["times"]])
    return f"{requests * size / lasted:.0f}", f"{requests / lasted:.0f}", ms(times.median), ms(times.p99)


def _spread(share: range) -> list[tuple[int, int]]:
    """At least one device for each thread, and one for each project."""
    count = max(_THREADS, len(share))
    return [(each, share[each % len(share)]) for each in range(count)]


def _begin(url: str, seed: int) -> Person:
    founder, founding = found(seed + 1)
    with _transport(url, founder) as transport:
        assert transport.push(founder.project, [founding])[0].outcome is Outcome.ACCEPTED
    return founder


def _joined(url: str, founder: Person, seed: int) -> Person:
    invite = founder.invite()
    person, wire = join(founder, invite, seed)
    with _transport(url, founder) as transport:
        acks = transport.push(founder.project, [invite.envelope.wire(), wire])
    assert [ack.outcome for ack in acks] == [Outcome.ACCEPTED] * 2
    founder.learn(wire)
    return person


@contextmanager
def _transport(url: str, person: Person) -> Iterator[HttpTransport]:
    transport = HttpTransport(url, person.signing)
    try:
        yield transport
    finally:
        transport.close()


def _work(
    url: str, people: list[Person], size: int, seconds: float, ready: Any, start: Any, answers: Any
) -> None:
    """In a process of its own: make envelopes beforehand, then push them from several threads."""
    groups = [people[number::_THREADS] for number in range(_THREADS)]
    # Enough for a server that is faster than any was seen to be, and no more than a minute's making.
    each = max(2, int(min(seconds * 4_000, 30_000) / size / len(people)))
    batches = [
        [(person, [person.write(_CHANGE) for _ in range(size)]) for _ in range(each) for person in group]
        for group in groups
    ]
    times: list[float] = []
    transports = {person.device: HttpTransport(url, person.signing) for person in people}
    for transport in transports.values():
        transport.check()
    ready.release()
    start.wait()
    begun = time.perf_counter()

    def work(own: list[tuple[Person, list[bytes]]]) -> None:
        for person, wires in own:
            before = time.perf_counter()
            if before - begun > seconds:
                return
            acks = transports[person.device].push(person.project, wires)
            times.append(time.perf_counter() - before)
            assert all(ack.outcome is Outcome.ACCEPTED for ack in acks), acks

    with ThreadPoolExecutor(_THREADS) as pool:
        list(pool.map(work, batches))
    lasted = time.perf_counter() - begun
    for transport in transports.values():
        transport.close()
    answers.put(json.dumps({"times": times, "lasted": lasted}))


async def _idle(server: ServerProcess, count: int) -> str:
    """Open streams that have nothing to say; what the server's memory grows by."""
    founder = _begin(server.url, 1)
    tokens = _tokens(server.url, founder, max(1, count // 4))
    with ExitStack() as stack:
        before = _resident(server.process.pid)
        begun = time.perf_counter()
        opened_streams = []
        for at in range(0, count, 50):
            opening = [
                _stream(server.url, tokens[number % len(tokens)], founder.project)
                for number in range(at, min(at + 50, count))
            ]
            opened_streams += await asyncio.gather(*opening)
        for _, writer in opened_streams:
            stack.callback(writer.close)
        opened = time.perf_counter() - begun
        grown = _resident(server.process.pid) - before
        cpu = _cpu_seconds(server.process.pid)
        await asyncio.sleep(3)
        idle = (_cpu_seconds(server.process.pid) - cpu) / 3
    return (
        f"{count} idle streams opened in {opened:.1f} s: {grown / count / 1024:.1f} KiB of memory each "
        f"({_mib(before)} before, {_mib(before + grown)} with them), {idle:.1%} of a core while idle"
    )


async def _wake_ups(server: ServerProcess, listeners: int, changes: int, pause: float) -> list[float]:
    """From the moment a push begins to the moment each listener has read that the project changed."""
    founder = _begin(server.url, 2)
    tokens = _tokens(server.url, founder, max(1, listeners // 4))
    streams = [
        await _stream(server.url, tokens[number % len(tokens)], founder.project)
        for number in range(listeners)
    ]
    wires = [founder.write(_CHANGE) for _ in range(changes)]
    times: list[float] = []
    with _transport(server.url, founder) as transport:
        loop = asyncio.get_running_loop()
        for wire in wires:
            begun = time.perf_counter()
            pushing = loop.run_in_executor(None, transport.push, founder.project, [wire])
            reading = [_changed(reader) for reader, _ in streams]
            times += [moment - begun for moment in await asyncio.gather(*reading)]
            await pushing
            await asyncio.sleep(pause)
    for _, writer in streams:
        writer.close()
    return times


def _tokens(url: str, founder: Person, count: int) -> list[str]:
    """Sessions of that many devices of the project."""
    invite = founder.invite()
    joined = [join(founder, invite, 10_000 + number) for number in range(count)]
    with _transport(url, founder) as transport:
        wires = [invite.envelope.wire(), *(wire for _, wire in joined)]
        for at in range(0, len(wires), 100):
            for ack in transport.push(founder.project, wires[at : at + 100]):
                assert ack.outcome is Outcome.ACCEPTED, ack
    return [_token(url, person) for person, _ in joined]


def _token(url: str, person: Person) -> str:
    import http.client

    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=30)

    def post(path: str, message: messages.Message) -> bytes:
        connection.request("POST", path, msgspec.msgpack.encode(message))
        return connection.getresponse().read()

    public = person.signing.public
    asked = post("/v1/session/challenge", messages.ChallengeRequest(public=public))
    nonce = msgspec.msgpack.decode(asked, type=messages.ChallengeReply).nonce
    signature = person.signing.sign(messages.SESSION_LABEL, nonce + public)
    signed = post("/v1/session", messages.SessionRequest(public=public, nonce=nonce, signature=signature))
    connection.close()
    return msgspec.msgpack.decode(signed, type=messages.SessionReply).token


async def _stream(url: str, token: str, project: bytes) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A stream that has said how things stand."""
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    body = msgspec.msgpack.encode(messages.EventsRequest(projects=[project]))
    head = (
        f"POST /v1/events HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\n"
        f"content-length: {len(body)}\r\n\r\n"
    )
    writer.write(head.encode() + body)
    status = await reader.readline()
    assert b" 200 " in status, status
    await _changed(reader)
    return reader, writer


async def _changed(reader: asyncio.StreamReader) -> float:
    """Wait for a ``changed``; when it was read."""
    await reader.readuntil(b"event: changed\n")
    await reader.readuntil(b"\n\n")
    return time.perf_counter()


def _resident(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _mib(count: int) -> str:
    return f"{count / (1 << 20):.0f} MiB"
