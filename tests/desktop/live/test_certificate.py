"""A server with a certificate of its own: accepted once, it travels in the invite, and no other counts after it."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.desktop.session import SyncPhase, SyncView
from app.domain.schema import ISSUE
from sync.errors import Unreachable
from sync.server.certificates import make_certificate
from tests.desktop.live.conftest import Pair
from tests.server.process import ServerProcess


def test_it_is_accepted_by_its_fingerprint_alone(tmp_path: Path, qtbot: QtBot) -> None:
    # Its name is another than the address: the fingerprint is enough.
    mark = bytes.fromhex(make_certificate(tmp_path / "tls", ["sitebook.example"], datetime.now(UTC)))
    other = bytes.fromhex(make_certificate(tmp_path / "other", ["127.0.0.1"], datetime.now(UTC)))
    config = tmp_path / "server.toml"
    tls = tmp_path / "tls"
    config.write_text(f"[tls]\ncertificate = '{tls / 'certificate.pem'}'\nkey = '{tls / 'key.pem'}'\n")
    with ServerProcess(tmp_path / "server", "--config", str(config)) as server:
        pair = Pair(server.url, tmp_path, mark)
        assert pair.ben.session.workspace.entry(pair.project).certificate == mark
        assert pair.ada.session.server_certificate(pair.project) is None
        pair.begin(qtbot)
        theirs = pair.ben.session.open(pair.project)
        made = pair.ada.session.open(pair.project).create(ISSUE, {"title": "Crack"})
        record = made if isinstance(made, bytes) else made[0]
        pair.ada.feed.poke(pair.project)
        qtbot.waitUntil(lambda: theirs.get(record) is not None, timeout=15_000)
        port = server.url.rpartition(":")[2]
        server.stop()
    # Another server answers there now.
    views: list[SyncView] = []
    pair.ben.feed.state_changed.connect(lambda _project, view: views.append(view))
    for name in ("certificate.pem", "key.pem"):
        shutil.copy(tmp_path / "other" / name, tls / name)
    with ServerProcess(tmp_path / "server", "--config", str(config), "--port", port) as server:
        with pytest.raises(Unreachable, match="another certificate than the one that was accepted; ask"):
            pair.ada.session.workspace.sync(pair.project)
        pair.ben.feed.sync_now(pair.project)
        qtbot.waitUntil(lambda: any("another certificate" in view.problem for view in views), timeout=15_000)
        assert views[-1].phase is SyncPhase.OFFLINE
        # Ada is shown the new one, compares it and accepts it.
        assert pair.ada.session.server_certificate(pair.project) == other
        pair.ada.session.set_server(pair.project, server.url, other)
        pair.ada.session.workspace.sync(pair.project)
        pair.close()
