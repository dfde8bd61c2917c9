"""The server as a process on loopback, and the HTTP road to it."""

from __future__ import annotations

import json
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from sync.envelope import parse
from sync.errors import Refused, Unreachable
from sync.grants import open_grants
from sync.keys import SigningKey
from sync.membership_actions import Role
from sync.transport.base import Outcome
from sync.transport.http import HttpTransport
from tests.server.people import Person, found, join
from tests.server.process import ServerProcess, refused
from tests.server.support import Seeded


def begun(url: str) -> tuple[Person, HttpTransport]:
    """A founder whose project is on the server."""
    founder, founding = found()
    transport = HttpTransport(url, founder.signing)
    assert transport.push(founder.project, [founding])[0].outcome is Outcome.ACCEPTED
    return founder, transport


def pulled(transport: HttpTransport, project: bytes) -> list[bytes]:
    wires: list[bytes] = []
    cookie = None
    while True:
        page = transport.pull(project, cookie)
        wires += page.wires
        cookie = page.cookie
        if not page.more:
            assert page.cookie.version == len(wires)
            return wires


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_says_where_it_listens_and_stops_cleanly_within_a_second(
    tmp_path: Path, number: signal.Signals
) -> None:
    with ServerProcess(tmp_path / "data") as server:
        transport = HttpTransport(server.url, SigningKey(bytes(32)))
        transport.check()
        with socket.create_connection(("127.0.0.1", int(server.url.rsplit(":", 1)[1]))) as slow:
            slow.sendall(b"POST /v1/session HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nhalf")
            transport.check()
            begun = time.monotonic()
            assert server.stop(number) == 0
            assert time.monotonic() - begun < 1.5  # a second, and the end of an interpreter
        transport.close()
    assert "Traceback" not in server.log.read_text()


def test_two_people_work_over_the_server(tmp_path: Path) -> None:
    with ServerProcess(tmp_path / "data") as server:
        founder, transport = begun(server.url)
        invite = founder.invite(Role.CONTRIBUTOR)
        wires = [invite.envelope.wire(), founder.write(b"Leaking roof")]
        assert [ack.outcome for ack in transport.push(founder.project, wires)] == [Outcome.ACCEPTED] * 2
        transport.put_grants(founder.project, list(invite.grants) * 1_100)

        guest = HttpTransport(server.url, invite.code.signing)
        assert len(pulled(guest, founder.project)) == 3
        grants = guest.grants(founder.project, invite.code.recipient)
        assert open_grants(grants, invite.code.kem, founder.membership) == (founder.key,)
        person, wire = join(founder, invite, 50)
        assert guest.push(founder.project, [wire])[0].outcome is Outcome.ACCEPTED
        guest.close()

        own = HttpTransport(server.url, person.signing)
        assert own.push(founder.project, [person.write()])[0].version == 5
        assert own.projects() == [founder.project]
        own.delete_grants(founder.project, invite.code.recipient)
        assert own.grants(founder.project, invite.code.recipient) == []
        assert len(pulled(transport, founder.project)) == 5
        own.close()
        transport.close()
        assert server.stop() == 0
    for path in filter(Path.is_file, (tmp_path / "data").rglob("*")):
        assert b"Leaking" not in path.read_bytes()


def test_strangers_viewers_and_cancelled_invites(tmp_path: Path) -> None:
    with ServerProcess(tmp_path / "data") as server:
        founder, transport = begun(server.url)
        stranger = HttpTransport(server.url, SigningKey.generate(Seeded(99)))
        assert stranger.pull(founder.project, None).wires == ()
        assert stranger.push(founder.project, [b"junk"])[0].outcome is Outcome.REFUSED
        with pytest.raises(Refused, match="no such project"):
            stranger.put_grants(founder.project, [b"junk"])
        stranger.close()

        invite = founder.invite(Role.VIEWER)
        viewer, wire = join(founder, invite, 50)
        transport.push(founder.project, [invite.envelope.wire(), wire])
        watching = HttpTransport(server.url, viewer.signing)
        assert len(pulled(watching, founder.project)) == 3
        ack = watching.push(founder.project, [viewer.write()])[0]
        assert (ack.outcome, ack.reason) == (Outcome.REFUSED, "Its author may only look.")
        watching.close()

        dropped = founder.invite()
        transport.push(founder.project, [dropped.envelope.wire(), founder.cancel(dropped)])
        guest = HttpTransport(server.url, dropped.code.signing)
        with pytest.raises(Refused, match="cancelled"):
            guest.pull(founder.project, None)
        guest.close()
        transport.close()


def test_a_session_survives_a_restart_of_the_server(tmp_path: Path) -> None:
    with ServerProcess(tmp_path / "data") as server:
        founder, transport = begun(server.url)
        port = server.url.rsplit(":", 1)[1]
    with ServerProcess(tmp_path / "data", "--port", port):
        assert transport.push(founder.project, [founder.write()])[0].version == 2
    with pytest.raises(Unreachable):
        transport.check()
    transport.close()


def test_twenty_threads_push_to_one_project_at_once(tmp_path: Path) -> None:
    threads, batches, size = 20, 5, 4
    with ServerProcess(tmp_path / "data") as server:
        founder, transport = begun(server.url)
        people: list[Person] = []
        for seed in range(50, 50 + threads):
            invite = founder.invite()
            person, wire = join(founder, invite, seed)
            acks = transport.push(founder.project, [invite.envelope.wire(), wire])
            assert [ack.outcome for ack in acks] == [Outcome.ACCEPTED] * 2
            people.append(person)
        given: dict[int, bytes] = {}
        failures: list[BaseException] = []
        start = threading.Barrier(threads)

        def work(person: Person) -> None:
            try:
                own = HttpTransport(server.url, person.signing)
                start.wait()
                for _ in range(batches):
                    wires = [person.write() for _ in range(size)]
                    for ack in own.push(person.project, wires):
                        assert ack.outcome is Outcome.ACCEPTED
                        assert ack.version is not None
                        assert given.setdefault(ack.version, ack.hash) == ack.hash
                own.close()
            except BaseException as error:  # noqa: BLE001 - looked at below
                failures.append(error)

        workers = [threading.Thread(target=work, args=(person,)) for person in people]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        assert not failures
        before = 1 + 2 * threads
        assert sorted(given) == list(range(before + 1, before + 1 + threads * batches * size))
        log = pulled(transport, founder.project)
        assert {version: parse(log[version - 1]).hash for version in given} == given
        transport.close()


def test_what_was_acknowledged_outlives_sigkill(tmp_path: Path) -> None:
    acknowledged: list[bytes] = []
    founder, founding = found()
    sent = [founding]
    for round_ in range(5):
        with ServerProcess(tmp_path / "data") as server:
            transport = HttpTransport(server.url, founder.signing)
            kill = threading.Timer(0.05 + 0.06 * round_, server.process.kill)
            kill.start()
            try:
                while True:
                    acks = transport.push(founder.project, sent[-3:])
                    acknowledged += [ack.hash for ack in acks if ack.version is not None]
                    sent.append(founder.write())
            except Unreachable:
                pass
            kill.join()
            transport.close()
    with ServerProcess(tmp_path / "data") as server:
        transport = HttpTransport(server.url, founder.signing)
        log = [parse(wire).hash for wire in pulled(transport, founder.project)]
        transport.close()
    assert len(acknowledged) > 20
    assert set(acknowledged) <= set(log)
    assert len(log) == len(set(log))


def test_a_wiped_or_rolled_back_data_directory_is_noticed(tmp_path: Path) -> None:
    data, copy = tmp_path / "data", tmp_path / "copy"
    with ServerProcess(data) as server:
        founder, transport = begun(server.url)
        transport.close()
        assert server.stop() == 0
    shutil.copytree(data, copy)
    with ServerProcess(data) as server:
        transport = HttpTransport(server.url, founder.signing)
        transport.push(founder.project, [founder.write(), founder.write()])
        cookie = transport.pull(founder.project, None).cookie
        assert not transport.pull(founder.project, cookie).reset
        transport.close()
    shutil.rmtree(data)
    shutil.copytree(copy, data)
    with ServerProcess(data) as server:
        transport = HttpTransport(server.url, founder.signing)
        page = transport.pull(founder.project, cookie)
        assert (page.reset, len(page.wires)) == (True, 1)
        transport.close()
    shutil.rmtree(data)
    with ServerProcess(data) as server:
        transport = HttpTransport(server.url, founder.signing)
        page = transport.pull(founder.project, cookie)
        assert (page.reset, page.wires) == (True, ())
        assert page.cookie.generation != cookie.generation
        transport.close()


def test_a_second_server_on_the_same_data_is_refused_in_a_sentence(tmp_path: Path) -> None:
    with ServerProcess(tmp_path / "data") as server:
        said = refused("--data", str(tmp_path / "data"), "--port", "0")
        assert said.startswith("sitebook: Another server already runs on ")
        assert said.count("\n") == 1
        port = server.url.rsplit(":", 1)[1]
        said = refused("--data", str(tmp_path / "other"), "--port", port)
        assert (
            said
            == f"sitebook: Port {port} on 127.0.0.1 is in use by another program; give another with --port.\n"
        )


def test_what_cannot_be_used_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a directory")
    strange = tmp_path / "strange"
    strange.mkdir()
    (strange / "relay.db").write_bytes(b"something else entirely " * 100)
    for arguments, words in (
        (["--data", str(tmp_path / "file")], "cannot be used"),
        (["--data", str(tmp_path / "file" / "below")], "cannot be used"),
        (["--data", str(strange)], "damaged"),
        (["--data", str(tmp_path / "d"), "--host", "192.0.2.1"], "not an address of this machine"),
        (["--data", str(tmp_path / "d"), "--host", "nowhere.invalid"], "not an address of this machine"),
        (["--data", str(tmp_path / "d"), "--port", "70000"], "must be a port"),
    ):
        said = refused(*(["--port", "0"] if "--port" not in arguments else []), *arguments)
        assert said.startswith("sitebook: ")
        assert words in said
        assert said.count("\n") == 1


def test_the_log_is_json_without_secrets(tmp_path: Path) -> None:
    with ServerProcess(tmp_path / "data") as server:
        founder, transport = begun(server.url)
        token = transport._token
        transport.close()
        server.stop()
    lines = [json.loads(line) for line in server.log.read_text().splitlines()]
    assert [line["path"] for line in lines] == ["/v1/session/challenge", "/v1/session", "/v1/push"]
    assert token is not None
    assert token not in server.log.read_text()
    assert founder.project.hex() not in server.log.read_text()


def test_it_needs_no_qt_and_nothing_of_the_app() -> None:
    code = (
        "import sys, sync.server.main, sync.transport.http\n"
        "rooms = {name.split('.')[0] for name in sys.modules}\n"
        "sys.exit(bool(rooms & {'app', 'PySide6', 'numpy', 'httpx'}))"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=30)


def test_the_data_directory_is_for_its_owner_only(tmp_path: Path) -> None:
    with ServerProcess(tmp_path / "data"):
        assert (tmp_path / "data").stat().st_mode & 0o077 == 0


def test_it_may_have_as_many_connections_as_it_is_told_to(tmp_path: Path) -> None:
    with ServerProcess(tmp_path / "data") as server:
        limits = Path(f"/proc/{server.process.pid}/limits")
        if limits.exists():
            line = next(line for line in limits.read_text().splitlines() if line.startswith("Max open files"))
            soft, hard = line.split()[3:5]
            assert int(soft) >= min(10_000, int(hard))
