"""Who really asks, names of requests, and the metrics that monitoring reads."""

from __future__ import annotations

import asyncio
import json
import re
import socket
import urllib.error
import urllib.request
from collections.abc import Mapping
from ipaddress import ip_network
from pathlib import Path

import httpx
import pytest

from sync.errors import SitebookError
from sync.keys import SigningKey
from sync.server.around import Around, asker
from sync.server.http import make_app, make_hub
from sync.server.limits import Limits
from sync.server.metrics import Metrics
from sync.server.relay import Relay
from sync.server.sqlite import SqliteStorage
from sync.server.storage import Totals
from sync.transport.base import Outcome
from sync.transport.http import HttpTransport
from tests.server.people import found
from tests.server.process import ServerProcess, refused
from tests.server.support import FakeClock, Seeded

TRUSTED = [ip_network("127.0.0.1"), ip_network("10.0.0.0/8")]


@pytest.mark.parametrize(
    ("client", "header", "expected"),
    [
        ("192.0.2.1", "203.0.113.9", "192.0.2.1"),  # nobody's proxy: anybody can write a header
        ("127.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("::ffff:127.0.0.1", "203.0.113.9", "203.0.113.9"),
        (
            "127.0.0.1",
            "198.51.100.1, 203.0.113.9",
            "203.0.113.9",
        ),  # what the client itself wrote stands before
        ("127.0.0.1", "203.0.113.9, 10.1.1.1", "203.0.113.9"),  # two proxies of ours
        ("127.0.0.1", "203.0.113.9:4711", "203.0.113.9"),
        ("127.0.0.1", "[2001:db8::1]:4711", "2001:db8::1"),
        ("127.0.0.1", "2001:db8::1", "2001:db8::1"),
        ("127.0.0.1", "unknown", "127.0.0.1"),
        ("127.0.0.1", "", "127.0.0.1"),
        ("127.0.0.1", "x" * 5_000, "127.0.0.1"),
    ],
)
def test_only_a_trusted_proxy_says_who_asks(client: str, header: str, expected: str) -> None:
    headers = [(b"x-forwarded-for", header.encode())] if header else []
    scope = {"type": "http", "client": (client, 5), "headers": headers}
    asking = asker(scope, TRUSTED)
    assert asking is not None
    assert asking[0] == expected
    assert asker(scope, ()) == (client, 5)


class Surrounded:
    """The whole application in this process, with nothing real around it."""

    def __init__(self, limits: Limits, *, token: str = "") -> None:
        self.clock = FakeClock()
        self.storage = SqliteStorage(":memory:", self.clock, Seeded(7))
        self.metrics = Metrics(self.clock)
        hub = make_hub(limits)
        relay = Relay(self.storage, self.clock, limits, hub.changed)
        app = make_app(relay, self.clock, Seeded(8), limits, hub, self.metrics)
        around = Around(
            app, clock=self.clock, random=Seeded(9), trusted=TRUSTED, metrics=self.metrics, token=token
        )
        self._transport = httpx.ASGITransport(around, raise_app_exceptions=False, client=("127.0.0.1", 1))

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> httpx.Response:
        async def get() -> httpx.Response:
            async with httpx.AsyncClient(transport=self._transport, base_url="http://relay") as client:
                return await client.get(path, headers=headers)

        return asyncio.run(get())


def test_rate_limits_are_of_whom_the_proxy_names() -> None:
    surrounded = Surrounded(Limits(address_rate=1, address_burst=1))
    statuses = [
        surrounded.get("/healthz", {"x-forwarded-for": address}).status_code
        for address in ("203.0.113.1", "203.0.113.1", "203.0.113.2")
    ]
    assert statuses == [200, 429, 200]
    surrounded.storage.close()


def test_metrics_need_their_token_and_a_strangers_path_makes_no_series() -> None:
    surrounded = Surrounded(Limits(address_burst=3), token="tok-1")
    for path in ("/healthz", "/secret-of-somebody", "/v1/pull", "/healthz"):
        surrounded.get(path, {"x-forwarded-for": "203.0.113.1"})
    surrounded.clock.pass_seconds(5)
    for header in ({}, {"authorization": "Bearer tok-2"}):
        assert surrounded.get("/metrics", header).status_code == 401
    response = surrounded.get("/metrics", {"authorization": "Bearer tok-1"})
    assert response.headers["content-type"].startswith("text/plain; version=0.0.4")
    lines = response.text.splitlines()
    assert 'sitebook_requests_total{path="/healthz",status="200"} 1.0' in lines
    assert 'sitebook_requests_total{path="unknown",status="404"} 1.0' in lines
    assert 'sitebook_requests_total{path="/v1/pull",status="405"} 1.0' in lines
    assert 'sitebook_requests_total{path="unknown",status="429"} 1.0' in lines
    assert 'sitebook_busy_total{reason="rate"} 1.0' in lines
    assert "sitebook_uptime_seconds 5.0" in lines
    assert "sitebook_sessions 0.0" in lines
    assert "secret-of-somebody" not in response.text
    assert "203.0.113.1" not in response.text
    # Without a token there is no such address.
    other = Surrounded(Limits())
    assert other.get("/metrics").status_code == 404
    surrounded.storage.close()
    other.storage.close()


def test_totals_are_counted_once_a_minute_and_a_storage_that_fails_does_not_hide_the_rest() -> None:
    clock = FakeClock()
    metrics = Metrics(clock)
    answers = [Totals(projects=3, log_bytes=5), Totals(projects=4)]
    asked = 0

    def totals() -> Totals:
        nonlocal asked
        asked += 1
        if not answers:
            raise SitebookError("The disk is gone.")
        return answers.pop(0)

    metrics.totals(totals)
    assert b"\nsitebook_projects 3.0\n" in metrics.text()
    clock.pass_seconds(59)
    assert b"\nsitebook_projects 3.0\n" in metrics.text()
    clock.pass_seconds(2)
    assert b"\nsitebook_projects 4.0\n" in metrics.text()
    assert asked == 2
    clock.pass_seconds(61)
    text = metrics.text()
    assert b"sitebook_projects" not in text
    assert b"sitebook_uptime_seconds" in text


def test_a_failing_storage_is_counted_and_its_lines_bear_the_name_of_the_request(
    caplog: pytest.LogCaptureFixture,
) -> None:
    surrounded = Surrounded(Limits())
    surrounded.storage.close()

    def broken(self: object) -> None:
        raise SitebookError("The disk that holds the data is full; make room on it.")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Relay, "check", broken)
        response = surrounded.get("/healthz")
    assert response.status_code == 503
    assert re.fullmatch("[0-9a-f]{12}", response.headers["x-request-id"])
    assert b"\nsitebook_storage_errors_total 1.0\n" in surrounded.metrics.text()


def test_metrics_of_a_real_server_on_an_address_of_their_own(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
        said = refused("--data", str(tmp_path / "other"), "--port", "0", environment=environment(port))
        assert said.startswith(f"sitebook: [metrics] Port {port} on 127.0.0.1 cannot be used (")
    with ServerProcess(tmp_path / "data", environment=environment(port)) as server:
        founder, founding = found()
        transport = HttpTransport(server.url, founder.signing)
        wires = [founding, founder.write(), b"junk"]
        outcomes = [ack.outcome for ack in transport.push(founder.project, wires)]
        assert outcomes == [Outcome.ACCEPTED, Outcome.ACCEPTED, Outcome.REFUSED]
        transport.push(founder.project, wires[:1])
        assert len(transport.pull(founder.project, None).wires) == 2
        transport.close()
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as response:
            text = response.read().decode()
        with pytest.raises(urllib.error.HTTPError, match="404"):
            urllib.request.urlopen(f"{server.url}/metrics", timeout=10)  # noqa: S310
        assert server.stop() == 0
    lines = text.splitlines()
    assert 'sitebook_pushed_envelopes_total{outcome="accepted"} 2.0' in lines
    assert 'sitebook_pushed_envelopes_total{outcome="known"} 1.0' in lines
    assert 'sitebook_pushed_envelopes_total{outcome="refused"} 1.0' in lines
    assert 'sitebook_pushed_envelopes_total{outcome="later"} 0.0' in lines
    assert "sitebook_pulled_envelopes_total 2.0" in lines
    assert 'sitebook_request_seconds_count{path="/v1/push"} 2.0' in lines
    assert "sitebook_sessions 1.0" in lines
    assert "sitebook_projects 1.0" in lines
    assert any(line.startswith("process_start_time_seconds ") for line in lines)
    assert founder.project.hex()[:8] not in text
    logged = [json.loads(line) for line in server.log.read_text().splitlines()]
    names = [line["request"] for line in logged]
    assert len(set(names)) == len(names) > 3


def environment(port: int) -> dict[str, str]:
    return {"SITEBOOK_SERVER_METRICS_PORT": str(port)}


def test_who_may_begin_projects_is_the_operators_to_say(tmp_path: Path) -> None:
    founder, founding = found()
    closed = {"SITEBOOK_SERVER_PROJECTS_CREATION": "closed"}
    with ServerProcess(tmp_path / "data", environment=closed) as server:
        ack = pushed(server.url, founder.signing, founder.project, founding)
        assert ack == (Outcome.REFUSED, "This server takes no new projects; ask its operator.")
    listed = {"SITEBOOK_SERVER_PROJECTS_CREATION": "listed", "SITEBOOK_SERVER_PROJECTS_CREATORS": "00" * 32}
    with ServerProcess(tmp_path / "data", environment=listed) as server:
        outcome, reason = pushed(server.url, founder.signing, founder.project, founding)
        assert outcome is Outcome.REFUSED
        key = reason.removesuffix(".").rpartition(" ")[2]
        assert re.fullmatch("[0-9a-f]{64}", key)
    listed["SITEBOOK_SERVER_PROJECTS_CREATORS"] += f",{key}"
    with ServerProcess(tmp_path / "data", environment=listed) as server:
        assert pushed(server.url, founder.signing, founder.project, founding) == (Outcome.ACCEPTED, "")
        # What is in a project needs no leave.
        assert pushed(server.url, founder.signing, founder.project, founder.write())[0] is Outcome.ACCEPTED


def pushed(url: str, key: SigningKey, project: bytes, wire: bytes) -> tuple[Outcome, str]:
    transport = HttpTransport(url, key)
    try:
        ack = transport.push(project, [wire])[0]
        return ack.outcome, ack.reason
    finally:
        transport.close()


def test_what_alerts_ask_for_is_there_before_the_first_event() -> None:
    text = Metrics(FakeClock()).text().decode()
    for series in ('busy_total{reason="busy"}', 'gc_rounds_total{outcome="failed"}', "storage_errors_total"):
        assert f"sitebook_{series} 0.0" in text
