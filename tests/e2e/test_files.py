"""A photo from one window's session to another over a real server process, each in its threads."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.desktop.profile_session import ProfileSession
from app.keys.profile import Profile
from app.store.file_places import places
from tests.app.cli.conftest import MemoryKeyring
from tests.server.process import ServerProcess


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ServerProcess]:
    with ServerProcess(tmp_path / "server") as running:
        yield running


def test_files_follow_changes_into_the_other_window(
    qtbot: QtBot, tmp_path: Path, server: ServerProcess
) -> None:
    ann, bob = (
        ProfileSession(Profile(tmp_path / name), lambda: date(2026, 3, 6), keyring=MemoryKeyring())
        for name in ("ann", "bob")
    )
    try:
        for session, name in ((ann, "Ann"), (bob, "Bob")):
            session.create_vault(name, None)
        info = ann.new_project("Harbour", server.url)
        code = ann.invite(info.id, "editor", me=False, days=7)
        ann.sync_feed().sync_now(info.id)
        synced: list[bytes] = []
        ann.sync_feed().synced.connect(lambda project, _result: synced.append(project))  # type: ignore[attr-defined]
        qtbot.waitUntil(lambda: bool(synced), timeout=30_000)
        bob.join(code)
        bob.sync_feed()
        feed = bob.file_feed()
        assert feed is not None
        came: list[bytes] = []
        feed.came.connect(lambda _project, records: came.extend(records))
        content = random.Random(1).randbytes(2_500_000)
        issue, _ = ann.open(info.id).create("issue", {"title": "Crack"})
        record, _ = ann.attachments(info.id).add_bytes(issue, "a.bin", content)
        synced.clear()
        ann.sync_feed().sync_now(info.id)
        qtbot.waitUntil(lambda: bool(synced), timeout=30_000)
        sending = ann.file_feed()
        assert sending is not None
        sending.poke(info.id)
        qtbot.waitUntil(
            lambda: (
                bool(places(ann.open(info.id), [record]).get(record))
                and places(ann.open(info.id), [record])[record].served
            ),
            timeout=30_000,
        )
        bob.sync_feed().sync_now(info.id)
        feed.want(info.id, [record])
        qtbot.waitUntil(lambda: record in came, timeout=60_000)
        with bob.attachments(info.id).open(record) as file:
            assert file.read() == content
    finally:
        ann.close()
        bob.close()
