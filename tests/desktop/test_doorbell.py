from __future__ import annotations

import os
import socket
import stat
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.desktop.doorbell import Doorbell
from app.domain.addresses import address_of
from app.keys.bell import TAKEN, bell_place, ring

ADDRESS = address_of(bytes(32), "issue", bytes(16))

pytestmark = pytest.mark.skipif(
    sys.platform == "win32", reason="a pipe there, which tests do not open by hand"
)


@pytest.fixture
def bell(qtbot: QtBot, tmp_path: Path) -> Iterator[Doorbell]:
    made = Doorbell(tmp_path)
    made.begin()
    assert made.listens
    yield made
    made.close()


def call(profile: Path, data: bytes) -> socket.socket:
    caller = socket.socket(socket.AF_UNIX)
    caller.connect(bell_place(profile))
    caller.setblocking(False)
    caller.sendall(data)
    return caller


def answer_of(caller: socket.socket) -> bytes | None:
    """What has come, b"" where the other end hung up; None where nothing has happened yet."""
    try:
        return caller.recv(100)
    except BlockingIOError:
        return None
    except ConnectionResetError:
        return b""


@pytest.mark.parametrize("address", [ADDRESS, ""])
def test_a_window_is_rung(qtbot: QtBot, bell: Doorbell, tmp_path: Path, address: str) -> None:
    with ThreadPoolExecutor() as threads:
        with qtbot.waitSignal(bell.rung) as rung:
            answered = threads.submit(ring, tmp_path, address)
        qtbot.waitUntil(answered.done)
    assert rung.args == [address]
    assert answered.result()


def test_nobody_answers_where_no_window_is(tmp_path: Path) -> None:
    assert not ring(tmp_path, ADDRESS)
    assert not ring(tmp_path / "nothing", ADDRESS)


def test_only_the_user_may_ring(bell: Doorbell, tmp_path: Path) -> None:
    mode = stat.S_IMODE(os.stat(bell_place(tmp_path)).st_mode)  # noqa: PTH116 - a socket, not a file
    assert mode & 0o077 == 0


@pytest.mark.parametrize(
    "data",
    [
        b"hello\n",
        b"sitebook://../../etc/passwd\n",
        b"\xff\xfe\x00\n",
        b"x" * 100_000,
        ADDRESS.encode() + b"?run=this\n",
        b"A" * 201 + b"\n",
    ],
)
def test_what_is_no_address_is_dropped(qtbot: QtBot, bell: Doorbell, tmp_path: Path, data: bytes) -> None:
    rung: list[str] = []
    bell.rung.connect(rung.append)
    with call(tmp_path, data) as caller:
        qtbot.waitUntil(lambda: answer_of(caller) == b"")
    assert rung == []
    assert bell.listens


def test_many_who_say_nothing_are_turned_away(qtbot: QtBot, bell: Doorbell, tmp_path: Path) -> None:
    silent = [call(tmp_path, b"") for _ in range(8)]
    qtbot.waitUntil(lambda: len(bell._callers) == 8)
    with call(tmp_path, b"\n") as late:
        qtbot.waitUntil(lambda: answer_of(late) == b"")
    silent[0].close()
    qtbot.waitUntil(lambda: len(bell._callers) == 7)
    with call(tmp_path, b"\n") as next_one:
        qtbot.waitUntil(lambda: answer_of(next_one) == TAKEN)
    for caller in silent[1:]:
        caller.close()
    qtbot.waitUntil(lambda: not bell._callers)


def test_a_bell_that_a_killed_window_left_is_taken_over(qtbot: QtBot, tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(bell_place(tmp_path))
    bell = Doorbell(tmp_path)
    bell.begin()
    assert bell.listens
    bell.close()


def test_a_bell_that_somebody_answers_is_left_alone(qtbot: QtBot, bell: Doorbell, tmp_path: Path) -> None:
    second = Doorbell(tmp_path)
    second.begin()
    assert not second.listens
    assert bell.listens
