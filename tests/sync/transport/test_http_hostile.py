"""What answers may be anything: each kind of nonsense is one sentence, in time, and in bounded memory."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

import msgspec
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sync.cookie import Cookie
from sync.errors import Absent, Malformed, Refused, SitebookError, Unreachable
from sync.keys import SigningKey
from sync.transport import http as module
from sync.transport import http_messages as messages
from sync.transport.http import HttpTransport
from tests.sync.transport.scripted import Script, ScriptedServer, always, http

KEY = SigningKey(bytes(32))
PROJECT = b"p" * 32
COOKIE = Cookie.start(b"g" * 16)


def relay_that_answers(answer: bytes) -> Script:
    """Signs everybody in, then gives this answer."""

    def script(connection: socket.socket, head: bytes) -> None:
        if b"/v1/session/challenge" in head:
            reply: messages.Message = messages.ChallengeReply(nonce=bytes(56))
        elif b"/v1/session " in head:
            reply = messages.SessionReply(token="t", seconds=10.0)
        else:
            connection.sendall(answer)
            return
        connection.sendall(http(msgspec.msgpack.encode(reply)))

    return script


def failing(script: Script, call: Callable[[HttpTransport], object]) -> SitebookError:
    with ScriptedServer(script) as server:
        transport = HttpTransport(server.url, KEY)
        try:
            with pytest.raises(SitebookError) as caught:
                call(transport)
        finally:
            transport.close()
    sentence = str(caught.value)
    assert sentence.endswith(".")
    assert "\n" not in sentence
    return caught.value


def pull(transport: HttpTransport) -> object:
    return transport.pull(PROJECT, None)


@pytest.mark.parametrize(
    "answer",
    [
        http(b"<html>Sign in to our network</html>", kind="text/html"),
        http(b"", status="302 Found", extra="location: http://portal.example/\r\n"),
        http(b"<html>not here</html>", status="404 Not Found", kind="text/html"),
        http(b"{}", kind="application/json"),
        http(b"[1]", kind="application/json"),
        http(b'{"sitebook": ', kind="application/json"),
        http(b"\xff\xfe", kind="application/json"),
        http(b"[" * 50_000, kind="application/json"),
    ],
)
def test_what_is_not_sitebook_is_unreachable(answer: bytes) -> None:
    error = failing(always(answer), HttpTransport.check)
    assert isinstance(error, Unreachable)
    assert "not Sitebook" in str(error)


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"garbage\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nab",
        b"HTTP/1.1 200 OK\r\n" + b"x: y\r\n" * 100_000,
        b"\x16\x03\x01" * 100,
    ],
)
def test_a_broken_answer_is_unreachable(answer: bytes) -> None:
    for call in (HttpTransport.check, pull):
        assert isinstance(failing(always(answer), call), Unreachable)


def test_every_truncation_of_a_page_is_one_sentence() -> None:
    page = messages.PullReply(wires=[b"abc"], cookie=COOKIE.encode(), more=False, reset=False)
    whole = http(msgspec.msgpack.encode(page))
    for cut in range(0, len(whole), 7):
        assert isinstance(failing(relay_that_answers(whole[:cut]), pull), Unreachable)


def test_a_newer_server_is_named() -> None:
    error = failing(always(http(b'{"sitebook": 2}', kind="application/json")), HttpTransport.check)
    assert "another version" in str(error)


def test_nobody_there_is_unreachable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    transport = HttpTransport(f"http://127.0.0.1:{port}", KEY)
    for call in (HttpTransport.check, pull):
        with pytest.raises(Unreachable, match="cannot be reached"):
            call(transport)
    transport.close()


def test_an_unknown_name_is_unreachable() -> None:
    transport = HttpTransport("http://nowhere.invalid:8750", KEY)
    with pytest.raises(Unreachable):
        transport.check()
    transport.close()


def test_https_towards_plain_http_is_a_sentence() -> None:
    with ScriptedServer(always(http(b""))) as server:
        transport = HttpTransport(server.url.replace("http://", "https://"), KEY)
        with pytest.raises(Unreachable, match="does not speak https"):
            transport.check()
        transport.close()


def test_plain_http_towards_https_says_what_to_write(tmp_path: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(own_certificate(tmp_path))
    with ScriptedServer(always(http(b"")), context) as server:
        transport = HttpTransport(server.url.replace("https://", "http://"), KEY)
        with pytest.raises(Unreachable, match="write https://"):
            transport.check()
        transport.close()


def own_certificate(folder: Path) -> Path:
    """A certificate for 127.0.0.1 that nobody vouches for, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC) - timedelta(hours=1)
    certificate = (
        x509.CertificateBuilder(
            name, name, key.public_key(), x509.random_serial_number(), now, now + timedelta(days=1)
        )
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "own.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    return path


def test_an_unknown_certificate_is_a_sentence_and_a_trusted_one_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pem = own_certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    with ScriptedServer(always(http(b'{"sitebook": 1}', kind="application/json")), context) as server:
        transport = HttpTransport(server.url, KEY)
        with pytest.raises(Unreachable, match="certificate"):
            transport.check()
        transport.close()
        monkeypatch.setenv("SSL_CERT_FILE", str(pem))
        transport = HttpTransport(server.url, KEY)
        transport.check()
        transport.close()


@pytest.mark.parametrize("status", ["429 Too Many Requests", "503 Service Unavailable"])
def test_a_busy_server_says_when_to_come_back(status: str) -> None:
    said = msgspec.msgpack.encode(messages.ErrorReply(code="busy", sentence="The server is busy."))
    for body, kind in ((said, "application/msgpack"), (b"<html>", "text/html")):
        answer = http(body, status=status, kind=kind, extra="retry-after: 17\r\n")
        error = failing(always(answer), HttpTransport.check)
        assert isinstance(error, Unreachable)
        assert error.retry_after == 17.0
    for header, seconds in (("999999999999", 3600.0), ("Wed, 21 Oct 2026 07:28:00 GMT", None), ("-5", None)):
        answer = http(b"", status=status, extra=f"retry-after: {header}\r\n")
        error = failing(always(answer), HttpTransport.check)
        assert isinstance(error, Unreachable)
        assert error.retry_after == seconds


def test_a_fault_of_the_server_is_tried_again() -> None:
    assert isinstance(failing(always(http(b"", status="500 Oops")), HttpTransport.check), Unreachable)


def test_a_refusal_shows_the_servers_sentence_as_one_bounded_line() -> None:
    said = messages.ErrorReply(
        code="refused", sentence="This invite\n\x1b[31mwas cancelled" + "x" * 10_000 + "."
    )
    answer = http(msgspec.msgpack.encode(said), status="403 Forbidden")
    with ScriptedServer(relay_that_answers(answer)) as server:
        transport = HttpTransport(server.url, KEY)
        with pytest.raises(Refused) as caught:
            pull(transport)
        transport.close()
    assert str(caught.value).startswith("This invite  [31mwas cancelled")
    assert len(str(caught.value)) <= 500


def test_that_a_server_has_no_such_project_is_told_apart_from_other_refusals() -> None:
    said = messages.ErrorReply(code="absent", sentence="The server has no such project.")
    answer = http(msgspec.msgpack.encode(said), status="403 Forbidden")
    assert isinstance(failing(always(answer), HttpTransport.check), Absent)


@pytest.mark.parametrize(
    "page",
    [
        messages.PullReply(wires=[], cookie=COOKIE.encode(), more=True, reset=False),
        messages.PullReply(wires=[b"x"] * 1_001, cookie=COOKIE.encode(), more=False, reset=False),
        messages.PullReply(wires=[b"x"], cookie=b"", more=False, reset=False),
        messages.PullReply(wires=[b"x"], cookie=b"\x94\x63", more=False, reset=False),
        messages.Message(),
        messages.GrantsReply(grants=[]),
    ],
)
def test_a_page_that_makes_no_sense_is_malformed(page: messages.Message) -> None:
    error = failing(relay_that_answers(http(msgspec.msgpack.encode(page))), pull)
    assert isinstance(error, Malformed)


def test_acknowledgements_must_fit_what_was_pushed() -> None:
    good = messages.AckMessage(b"h" * 32, "accepted", 1, "")
    for acks in ([], [good, good], [messages.AckMessage(b"h" * 32, "perhaps", 1, "")]):
        answer = http(msgspec.msgpack.encode(messages.PushReply(acks=acks)))
        error = failing(relay_that_answers(answer), lambda transport: transport.push(PROJECT, [b"wire"]))
        assert isinstance(error, Malformed)


@settings(max_examples=60, suppress_health_check=list(HealthCheck))
@given(
    st.one_of(
        st.binary(max_size=200),
        st.recursive(
            st.none() | st.integers(-5, 5) | st.binary(max_size=40), lambda inner: st.lists(inner, max_size=5)
        ).map(msgspec.msgpack.encode),
    )
)
def test_wild_bodies_are_sentences(body: bytes) -> None:
    error = failing(relay_that_answers(http(body)), pull)
    assert isinstance(error, Malformed | Unreachable)


def test_an_endless_answer_is_dropped() -> None:
    sent = 0

    def endless(connection: socket.socket, head: bytes) -> None:
        nonlocal sent
        connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-type: application/msgpack\r\n\r\n")
        while True:
            connection.sendall(bytes(1 << 16))
            sent += 1 << 16

    error = failing(endless, HttpTransport.check)
    assert isinstance(error, Malformed)
    assert sent < 16 << 20


def test_a_compressed_answer_is_refused_unopened() -> None:
    answer = http(b"\x1f\x8b", extra="content-encoding: gzip\r\n")
    assert "not Sitebook" in str(failing(always(answer), HttpTransport.check))


def test_a_silent_server_costs_no_more_than_the_time_of_the_check(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "CHECK_SECONDS", 0.2)
    done = threading.Event()

    def silent(connection: socket.socket, head: bytes) -> None:
        done.wait(20)

    with ScriptedServer(silent) as server:
        transport = HttpTransport(server.url, KEY)
        begun = time.monotonic()
        with pytest.raises(Unreachable, match="in time"):
            transport.check()
        assert time.monotonic() - begun < 5
        done.set()
        transport.close()


def test_a_server_that_drips_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "CHECK_SECONDS", 0.3)
    left = threading.Event()

    def drip(connection: socket.socket, head: bytes) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n")
        try:
            while True:
                connection.sendall(b" ")
                time.sleep(0.05)
        except OSError:
            left.set()

    with ScriptedServer(drip) as server:
        transport = HttpTransport(server.url, KEY)
        with pytest.raises(Unreachable, match="in time"):
            transport.check()
        assert left.wait(10)
        transport.close()


def test_close_ends_a_call_in_progress_at_once() -> None:
    asked, done = threading.Event(), threading.Event()

    def silent(connection: socket.socket, head: bytes) -> None:
        asked.set()
        done.wait(20)

    with ScriptedServer(silent) as server:
        transport = HttpTransport(server.url, KEY)
        caught: list[BaseException] = []

        def call() -> None:
            try:
                transport.pull(PROJECT, None)
            except Unreachable as error:
                caught.append(error)

        thread = threading.Thread(target=call)
        thread.start()
        assert asked.wait(10)
        begun = time.monotonic()
        transport.close()
        thread.join(10)
        assert time.monotonic() - begun < 1
        assert len(caught) == 1
        with pytest.raises(Unreachable, match="closed"):
            transport.check()
        done.set()


def test_proxies_of_the_environment_have_no_say_over_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    with ScriptedServer(always(http(b'{"sitebook": 1}', kind="application/json"))) as server:
        transport = HttpTransport(server.url, KEY)
        transport.check()
        transport.close()


def test_no_token_or_id_stands_in_an_address() -> None:
    page = messages.PullReply(wires=[], cookie=COOKIE.encode(), more=False, reset=False)
    with ScriptedServer(relay_that_answers(http(msgspec.msgpack.encode(page)))) as server:
        transport = HttpTransport(server.url, KEY)
        assert transport.pull(PROJECT, COOKIE).wires == ()
        transport.close()
    lines = [request.split(b"\r\n", 1)[0] for request in server.requests]
    assert lines == [
        b"POST /v1/session/challenge HTTP/1.1",
        b"POST /v1/session HTTP/1.1",
        b"POST /v1/pull HTTP/1.1",
    ]


@pytest.mark.parametrize(
    "url",
    [
        "",
        "example.org",
        "ftp://example.org",
        "http://",
        "http://a b",
        "http://user:secret@host",
        "http://host:99999",
        "http://host:x",
        "http://[::1",
        "http://host/?q",
        "http://host\n",
        "sitebook:join?secret",
    ],
)
def test_what_is_no_address_is_a_sentence_that_does_not_repeat_it(url: str) -> None:
    with pytest.raises(SitebookError, match="looks like https://") as caught:
        HttpTransport(url, KEY)
    assert "secret" not in str(caught.value)
