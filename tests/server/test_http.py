from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field

import httpx
import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sync.bundle import read_manifest
from sync.cookie import Cookie
from sync.keys import SigningKey
from sync.notice import make_notice
from sync.server.http import make_app
from sync.server.limits import Limits
from sync.server.relay import Relay
from sync.server.sqlite import SqliteStorage
from sync.server.storage import Storage, StorageError
from sync.transport import http_messages as messages
from tests.server.bundling import cookie_of, manifest
from tests.server.people import Site, begin, found
from tests.server.support import FakeClock, Seeded

PATHS = [
    "/healthz",
    "/v1/session/challenge",
    "/v1/session",
    "/v1/pull",
    "/v1/push",
    "/v1/grants/put",
    "/v1/grants/get",
    "/v1/grants/delete",
    "/v1/projects",
    "/v1/chunks/have",
    "/v1/chunks/put",
    "/v1/chunks/get",
    "/v1/notices/put",
    "/v1/notices/get",
    "/v1/bundles/lease",
    "/v1/bundles/put",
    "/v1/bundles/get",
    "/v1/presence",
    "/v1/events",
]


@dataclass
class Local:
    """The application without a network, on an event loop of its own."""

    limits: Limits = field(default_factory=Limits)
    clock: FakeClock = field(default_factory=FakeClock)
    given: Storage | None = None

    def __post_init__(self) -> None:
        self.storage = self.given or SqliteStorage(":memory:", self.clock, Seeded(7))
        self.relay = Relay(self.storage, self.clock, self.limits)
        self.site: Site = begin(self.relay, self.clock)
        app = make_app(self.relay, self.clock, Seeded(8), self.limits)
        # As in uvicorn, the answer goes out before an error is raised further.
        transport = httpx.ASGITransport(app, raise_app_exceptions=False, client=("192.0.2.1", 1))
        self.client = httpx.AsyncClient(transport=transport, base_url="http://relay")
        self.runner = asyncio.Runner()

    def close(self) -> None:
        self.runner.run(self.client.aclose())
        self.runner.close()
        if self.given is None:
            self.storage.close()

    def send(
        self, method: str, path: str, content: bytes | AsyncIterator[bytes] = b"", **headers: str
    ) -> httpx.Response:
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.runner.run(self.client.request(method, path, content=content, headers=names))

    def post(self, path: str, message: messages.Message, token: str = "") -> httpx.Response:
        return self.send("POST", path, msgspec.msgpack.encode(message), authorization=f"Bearer {token}")

    def sign_in(self, key: SigningKey) -> str:
        asked = self.post("/v1/session/challenge", messages.ChallengeRequest(public=key.public))
        nonce = msgspec.msgpack.decode(asked.content, type=messages.ChallengeReply).nonce
        signature = key.sign(messages.SESSION_LABEL, nonce + key.public)
        proof = messages.SessionRequest(public=key.public, nonce=nonce, signature=signature)
        reply = self.post("/v1/session", proof)
        return msgspec.msgpack.decode(reply.content, type=messages.SessionReply).token


def refusal(response: httpx.Response, status: int) -> messages.ErrorReply:
    assert response.status_code == status
    assert response.headers["content-type"] == messages.CONTENT_TYPE
    reply = msgspec.msgpack.decode(response.content, type=messages.ErrorReply)
    assert reply.v == 1
    assert reply.sentence.endswith(".")
    return reply


@pytest.fixture(params=["sqlite", "postgres"])
def local(request: pytest.FixtureRequest) -> Iterator[Local]:
    made = Local(given=request.getfixturevalue("postgres_storage") if request.param == "postgres" else None)
    yield made
    made.close()


def pull(local: Local) -> messages.PullRequest:
    return messages.PullRequest(project=local.site.project, cookie=None, limit=10)


def test_health_needs_no_key(local: Local) -> None:
    response = local.send("GET", "/healthz")
    assert response.status_code == 200
    assert response.json() == {"sitebook": 1}


def test_a_device_signs_in_and_works(local: Local) -> None:
    founder = local.site.founder
    token = local.sign_in(founder.signing)
    wire = founder.write()
    pushed = local.post("/v1/push", messages.PushRequest(project=founder.project, wires=[wire]), token)
    ack = msgspec.msgpack.decode(pushed.content, type=messages.PushReply).acks[0]
    assert (ack.outcome, ack.version) == ("accepted", 2)
    page = msgspec.msgpack.decode(local.post("/v1/pull", pull(local), token).content, type=messages.PullReply)
    assert page.wires == [local.site.founding, wire]
    assert Cookie.decode(page.cookie).version == 2
    found = local.post("/v1/projects", messages.Message(), token)
    assert msgspec.msgpack.decode(found.content, type=messages.ProjectsReply).projects == [founder.project]


def test_without_a_session_there_is_nothing(local: Local) -> None:
    for path in PATHS[3:]:
        for headers in ({}, {"authorization": "Bearer x"}, {"authorization": "Basic eDp5"}):
            assert refusal(local.send("POST", path, b"", **headers), 401).code == "sign_in"


def test_a_project_that_is_not_here_is_refused_by_a_code_of_its_own(local: Local) -> None:
    token = local.sign_in(local.site.founder.signing)
    put = messages.ChunkPutRequest(project=bytes(32), purpose="file", data=b"photo")
    assert refusal(local.post("/v1/chunks/put", put, token), 403).code == "absent"


def test_a_session_ends_with_its_time(local: Local) -> None:
    token = local.sign_in(local.site.founder.signing)
    assert local.post("/v1/pull", pull(local), token).status_code == 200
    local.clock.pass_seconds(local.limits.session_seconds + 1)
    refusal(local.post("/v1/pull", pull(local), token), 401)


def test_a_wrong_signature_is_told_so(local: Local) -> None:
    key = SigningKey.generate(Seeded(3))
    proof = messages.SessionRequest(public=key.public, nonce=bytes(56), signature=bytes(64))
    assert refusal(local.post("/v1/session", proof), 401).code == "sign_in"


def test_unknown_addresses_and_methods_are_refused_cleanly(local: Local) -> None:
    for path in ("/", "/v2/pull", "/v1/pull/", "/%00", "/v1/../healthz/x"):
        assert refusal(local.send("GET", path), 404).code == "not_found"
    assert refusal(local.send("GET", "/v1/pull"), 405).code == "method"
    assert refusal(local.send("DELETE", "/healthz"), 405).code == "method"


def test_a_later_versions_request_is_refused_cleanly(local: Local) -> None:
    token = local.sign_in(local.site.founder.signing)
    assert (
        "version"
        in refusal(local.post("/v1/pull", msgspec.structs.replace(pull(local), v=2), token), 400).sentence
    )


def test_elements_of_a_later_version_are_ignored(local: Local) -> None:
    token = local.sign_in(local.site.founder.signing)
    body = msgspec.msgpack.encode([1, local.site.project, None, 10, True, {"more": [1]}])
    assert local.send("POST", "/v1/pull", body, authorization=f"Bearer {token}").status_code == 200


def test_a_body_that_is_too_large_is_refused_before_it_is_read(local: Local) -> None:
    token = local.sign_in(local.site.founder.signing)
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while True:
            sent += 1 << 16
            yield bytes(1 << 16)

    for path, most in (
        ("/v1/push", local.limits.push_body_bytes),
        ("/v1/pull", local.limits.small_body_bytes),
    ):
        announced = {"authorization": f"Bearer {token}", "content_length": str(most + 1)}
        refusal(local.send("POST", path, b"", **announced), 413)
        refusal(local.send("POST", path, b"", **(announced | {"content_length": "9" * 30})), 413)
        refusal(local.send("POST", path, b"", **(announced | {"content_length": "-1"})), 413)
        sent = 0
        refusal(local.send("POST", path, endless(), authorization=f"Bearer {token}"), 413)
        assert sent <= most + (2 << 16)


def test_bodies_in_memory_are_bounded_over_all_requests() -> None:
    local = Local(Limits(waiting_bytes=10_000))
    token = local.sign_in(local.site.founder.signing)
    response = local.send("POST", "/v1/push", bytes(20_000), authorization=f"Bearer {token}")
    assert refusal(response, 503).code == "busy"
    assert int(response.headers["retry-after"]) > 0
    assert local.post("/v1/pull", pull(local), token).status_code == 200
    local.close()


def test_a_body_that_does_not_arrive_is_given_up() -> None:
    local = Local(Limits(body_seconds=0.05))
    token = local.sign_in(local.site.founder.signing)

    async def never() -> AsyncIterator[bytes]:
        yield b"\x93"
        await asyncio.Event().wait()

    refusal(local.send("POST", "/v1/push", never(), authorization=f"Bearer {token}"), 408)
    local.close()


def test_a_key_that_asks_too_often_is_told_when_to_come_back() -> None:
    local = Local(Limits(key_rate=0.1, key_burst=3))
    first, second = (local.sign_in(SigningKey.generate(Seeded(seed))) for seed in (1, 2))
    for _ in range(3):
        assert local.post("/v1/pull", pull(local), first).status_code == 200
    response = local.post("/v1/pull", pull(local), first)
    assert refusal(response, 429).code == "rate"
    assert response.headers["retry-after"] == "10"
    assert local.post("/v1/pull", pull(local), second).status_code == 200
    local.clock.pass_seconds(10)
    assert local.post("/v1/pull", pull(local), first).status_code == 200
    local.close()


def test_an_address_that_asks_too_often_is_told_when_to_come_back() -> None:
    local = Local(Limits(address_rate=1, address_burst=5))
    for _ in range(5):
        assert local.send("GET", "/healthz").status_code == 200
    response = local.send("GET", "/healthz")
    assert refusal(response, 429).code == "rate"
    assert response.headers["retry-after"] == "1"
    local.close()


def test_signing_in_has_a_rate_of_its_own() -> None:
    local = Local(Limits(sign_in_rate=1, sign_in_burst=2))
    request = messages.ChallengeRequest(public=bytes(32))
    for _ in range(2):
        assert local.post("/v1/session/challenge", request).status_code == 200
    refusal(local.post("/v1/session/challenge", request), 429)
    assert local.send("GET", "/healthz").status_code == 200
    local.close()


def test_only_so_many_requests_are_worked_on_at_once() -> None:
    local = Local(Limits(requests=2, body_seconds=0.2))
    token = local.sign_in(local.site.founder.signing)

    async def never() -> AsyncIterator[bytes]:
        yield b"\x93"
        await asyncio.Event().wait()

    async def crowd() -> list[int]:
        headers = {"authorization": f"Bearer {token}"}
        slow = [
            asyncio.create_task(local.client.post("/v1/push", content=never(), headers=headers))
            for _ in range(2)
        ]
        await asyncio.sleep(0.05)
        busy = await local.client.get("/healthz")
        return [busy.status_code, *[(await task).status_code for task in slow]]

    assert local.runner.run(crowd()) == [503, 408, 408]
    assert local.send("GET", "/healthz").status_code == 200
    local.close()


def test_a_failing_storage_is_a_sentence_that_names_no_file(
    local: Local, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise StorageError("The disk that holds /srv/relay.db is full; make room on it.")

    monkeypatch.setattr(local.relay, "check", broken)
    response = local.send("GET", "/healthz")
    assert "/srv" not in refusal(response, 503).sentence
    assert "retry-after" in response.headers
    assert any(getattr(record, "fields", {}).get("sentence") for record in caplog.records)


def test_our_own_mistake_is_an_answer_too(local: Local, monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(local.relay, "check", wrong)
    assert refusal(local.send("GET", "/healthz"), 500).code == "internal"


def test_the_log_holds_no_secrets_and_no_content(local: Local, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    founder = local.site.founder
    token = local.sign_in(founder.signing)
    wire = founder.write()
    local.post("/v1/push", messages.PushRequest(project=founder.project, wires=[wire]), token)
    local.send("GET", f"/{token}")
    lines = [str(vars(record)) for record in caplog.records]
    requests = [
        getattr(record, "fields", {}) for record in caplog.records if record.name == "sitebook.server"
    ]
    assert [entry["path"] for entry in requests] == [*PATHS[1:3], "/v1/push", "unknown"]
    push = requests[2]
    assert push["status"] == 200
    assert push["bytes_in"] > len(wire)
    assert push["key"] == founder.device[:4].hex()
    text = "\n".join(line for line in lines if "sitebook.server" in line)
    for secret in (
        token,
        founder.project.hex(),
        repr(founder.project),
        founder.device.hex(),
        repr(wire)[2:40],
    ):
        assert secret not in text


_FOUNDER, _FOUNDING = found(1)
_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(1 << 63), (1 << 64) - 1)
    | st.floats()
    | st.text(max_size=20)
    | st.binary(max_size=70)
    | st.sampled_from([_FOUNDER.project, _FOUNDING, bytes(32), 1]),
    lambda inner: st.lists(inner, max_size=6) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=12,
)
_REQUESTS = [
    msgspec.msgpack.encode(request)
    for request in (
        messages.ChallengeRequest(public=bytes(32)),
        messages.PullRequest(project=_FOUNDER.project, cookie=None, limit=10),
        messages.PushRequest(project=_FOUNDER.project, wires=[_FOUNDING]),
        messages.GrantsRequest(project=_FOUNDER.project, recipient=bytes(32)),
        messages.ChunksRequest(project=_FOUNDER.project, names=[bytes(32)]),
        messages.ChunkPutRequest(project=_FOUNDER.project, purpose="file", data=b"chunk"),
        messages.ChunkGetRequest(project=_FOUNDER.project, name=bytes(32)),
        messages.NoticePutRequest(project=_FOUNDER.project, wire=b"notice"),
        messages.NoticesRequest(project=_FOUNDER.project, kind="live\0", after_ms=-5),
        messages.LeaseRequest(project=_FOUNDER.project, release=False),
        messages.BundlePutRequest(project=_FOUNDER.project, manifest=b"manifest"),
        messages.ProjectRequest(project=_FOUNDER.project),
        messages.PresenceRequest(project=_FOUNDER.project, wire=b"here"),
        messages.EventsRequest(projects=[_FOUNDER.project]),
    )
]


@st.composite
def _bodies(draw: st.DrawFn) -> bytes:
    if draw(st.booleans()):
        return draw(st.binary(max_size=300) | _VALUES.map(msgspec.msgpack.encode))
    body = bytearray(draw(st.sampled_from(_REQUESTS)))
    for _ in range(draw(st.integers(0, 4))):
        body[draw(st.integers(0, len(body) - 1))] = draw(st.integers(0, 255))
    return bytes(body[: draw(st.integers(0, len(body)))])


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def unlimited(request: pytest.FixtureRequest) -> Iterator[tuple[Local, str]]:
    much = 1e9
    limits = Limits(
        key_burst=much, address_burst=much, sign_in_burst=much, presence_burst=much, stream_seconds=0.02
    )
    if request.param == "postgres":
        local = Local(limits, given=request.getfixturevalue("module_storage"))
    else:
        local = Local(limits)
    yield local, local.sign_in(local.site.founder.signing)
    local.close()


@settings(max_examples=400, suppress_health_check=list(HealthCheck))
@given(st.sampled_from(PATHS), st.sampled_from(["POST", "GET", "PUT"]), _bodies(), st.booleans())
def test_wild_bodies_never_make_a_mistake(
    unlimited: tuple[Local, str], path: str, method: str, body: bytes, signed_in: bool
) -> None:
    local, token = unlimited
    headers = {"authorization": f"Bearer {token}"} if signed_in else {}
    response = local.send(method, path, body, **headers)
    if response.status_code != 200:
        refusal(response, response.status_code)
        assert response.status_code in (400, 401, 403, 404, 405)


def test_chunks_notices_and_bundles_go_over_http(local: Local) -> None:
    founder, project = local.site.founder, local.site.project
    token = local.sign_in(founder.signing)

    def ask(path: str, message: messages.Message, kind: type[messages.Message]) -> messages.Message:
        response = local.post(path, message, token)
        assert response.status_code == 200
        return msgspec.msgpack.decode(response.content, type=kind)

    done = messages.Message()
    chunk = bytes(local.limits.chunk_bytes)
    name = hashlib.sha256(chunk).digest()
    put = messages.ChunkPutRequest(project=project, purpose="bundle", data=chunk)
    assert ask("/v1/chunks/put", put, messages.Message) == done
    have = messages.ChunksRequest(project=project, names=[name, bytes(32)])
    assert ask("/v1/chunks/have", have, messages.ChunksReply) == messages.ChunksReply(here=[True, False])
    get = messages.ChunkGetRequest(project=project, name=name)
    assert ask("/v1/chunks/get", get, messages.ChunkReply) == messages.ChunkReply(data=chunk)
    lease = messages.LeaseRequest(project=project, release=False)
    granted = messages.LeaseReply(granted=True, seconds=60.0)
    assert ask("/v1/bundles/lease", lease, messages.LeaseReply) == granted
    wire = manifest(founder, cookie_of(local.site, founder), [chunk])
    bundle = messages.BundlePutRequest(project=project, manifest=wire)
    assert ask("/v1/bundles/put", bundle, messages.Message) == done
    asked = messages.ProjectRequest(project=project)
    got = ask("/v1/bundles/get", asked, messages.BundlesReply)
    assert isinstance(got, messages.BundlesReply)
    assert [each[:2] for each in got.bundles] == [(wire, 0)]
    notice = make_notice(project=project, kind="live", number=1, body=name, key=founder.signing)
    left = messages.NoticePutRequest(project=project, wire=notice)
    assert ask("/v1/notices/put", left, messages.Message) == done
    which = messages.NoticesRequest(project=project, kind="live", after_ms=0)
    notices = ask("/v1/notices/get", which, messages.NoticesReply)
    assert isinstance(notices, messages.NoticesReply)
    assert [each[1] for each in notices.notices] == [notice]
    pull = messages.PullRequest(project=project, cookie=None, limit=10, bundles=True)
    page = ask("/v1/pull", pull, messages.PullReply)
    assert isinstance(page, messages.PullReply)
    assert (page.floor, page.bundle, page.since) == (0, read_manifest(wire).hash, 0)
    large = messages.ChunkPutRequest(project=project, purpose="file", data=bytes(3 << 20))
    refusal(local.post("/v1/chunks/put", large, token), 413)
