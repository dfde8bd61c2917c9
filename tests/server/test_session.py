from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sync.keys import SigningKey
from sync.server.limits import Limits
from sync.server.session import Sessions
from sync.transport.http_messages import NONCE_BYTES, SESSION_LABEL
from tests.server.support import FakeClock, Seeded


def sign_in(sessions: Sessions, key: SigningKey) -> str | None:
    nonce = sessions.challenge(key.public)
    return sessions.sign_in(key.public, nonce, key.sign(SESSION_LABEL, nonce + key.public))


def test_who_signs_the_challenge_gets_a_token() -> None:
    sessions = Sessions(FakeClock(), Seeded(), Limits())
    key = SigningKey.generate(Seeded(1))
    token = sign_in(sessions, key)
    assert token is not None
    assert sessions.holder(token) == key.public
    assert sessions.holder(token + "0") is None
    assert sessions.holder("") is None


def test_another_key_a_changed_nonce_or_signature_gets_nothing() -> None:
    sessions = Sessions(FakeClock(), Seeded(), Limits())
    key, other = SigningKey.generate(Seeded(1)), SigningKey.generate(Seeded(2))
    nonce = sessions.challenge(key.public)
    assert len(nonce) == NONCE_BYTES
    signature = other.sign(SESSION_LABEL, nonce + other.public)
    assert sessions.sign_in(other.public, nonce, signature) is None
    assert sessions.sign_in(key.public, nonce, signature) is None
    good = key.sign(SESSION_LABEL, nonce + key.public)
    for index in range(len(nonce)):
        changed = bytearray(nonce)
        changed[index] ^= 1
        signed = key.sign(SESSION_LABEL, bytes(changed) + key.public)
        assert sessions.sign_in(key.public, bytes(changed), signed) is None
    assert sessions.sign_in(key.public, nonce, good) is not None


def test_a_challenge_of_another_process_is_worth_nothing() -> None:
    key = SigningKey.generate(Seeded(1))
    nonce = Sessions(FakeClock(), Seeded(5), Limits()).challenge(key.public)
    sessions = Sessions(FakeClock(), Seeded(6), Limits())
    assert sessions.sign_in(key.public, nonce, key.sign(SESSION_LABEL, nonce + key.public)) is None


def test_a_challenge_is_good_once_and_not_for_long() -> None:
    clock = FakeClock()
    sessions = Sessions(clock, Seeded(), Limits(challenge_seconds=60))
    key = SigningKey.generate(Seeded(1))
    nonce = sessions.challenge(key.public)
    signature = key.sign(SESSION_LABEL, nonce + key.public)
    assert sessions.sign_in(key.public, nonce, signature) is not None
    assert sessions.sign_in(key.public, nonce, signature) is None
    late = sessions.challenge(key.public)
    clock.pass_seconds(61)
    assert sessions.sign_in(key.public, late, key.sign(SESSION_LABEL, late + key.public)) is None


def test_a_token_ends_with_its_time() -> None:
    clock = FakeClock()
    sessions = Sessions(clock, Seeded(), Limits(session_seconds=100))
    token = sign_in(sessions, SigningKey.generate(Seeded(1)))
    assert token is not None
    clock.pass_seconds(99)
    assert sessions.holder(token) is not None
    clock.pass_seconds(2)
    assert sessions.holder(token) is None
    assert len(sessions) == 0


def test_sessions_are_bounded_and_one_key_ends_only_its_own() -> None:
    sessions = Sessions(FakeClock(), Seeded(), Limits(sessions=5, sessions_per_key=2))
    keys = [SigningKey.generate(Seeded(number)) for number in range(3)]
    first = sign_in(sessions, keys[0])
    assert first is not None
    of_second = [sign_in(sessions, keys[1]) for _ in range(4)]
    assert sessions.holder(first) == keys[0].public
    assert [token is not None and sessions.holder(token) is not None for token in of_second] == [
        False,
        False,
        True,
        True,
    ]
    for _ in range(3):
        sign_in(sessions, keys[2])
    assert len(sessions) == 5
    for number in range(10, 20):
        sign_in(sessions, SigningKey.generate(Seeded(number)))
    assert len(sessions) == 5
    assert sessions.holder(first) is None


@given(st.binary(max_size=80), st.binary(max_size=80), st.binary(max_size=80))
def test_wild_bytes_get_nothing(public: bytes, nonce: bytes, signature: bytes) -> None:
    sessions = Sessions(FakeClock(), Seeded(), Limits())
    assert sessions.sign_in(public, nonce, signature) is None


def test_secrets_do_not_show() -> None:
    sessions = Sessions(FakeClock(), Seeded(), Limits())
    token = sign_in(sessions, SigningKey.generate(Seeded(1)))
    assert token is not None
    assert token not in repr(vars(sessions))


def test_processes_that_share_a_secret_know_each_others_tokens_and_challenges() -> None:
    clock, limits = FakeClock(), Limits()
    first, second = (Sessions(clock, Seeded(seed), limits, b"s" * 32) for seed in (1, 2))
    # Machines that began at different times have nothing in common but the time of day.
    elsewhere = Sessions(FakeClock(seconds=5.0), Seeded(3), limits, b"s" * 32)
    stranger = Sessions(clock, Seeded(4), limits, b"t" * 32)
    key = SigningKey.generate(Seeded(1))
    token = sign_in(first, key)
    assert token is not None
    assert [each.holder(token) for each in (first, second, elsewhere)] == [key.public] * 3
    assert stranger.holder(token) is None
    assert Sessions(clock, Seeded(5), limits).holder(token) is None
    nonce = first.challenge(key.public)
    signature = key.sign(SESSION_LABEL, nonce + key.public)
    assert stranger.sign_in(key.public, nonce, signature) is None
    other = elsewhere.sign_in(key.public, nonce, signature)
    assert other is not None
    assert second.holder(other) == key.public
    clock.pass_seconds(limits.session_seconds + 1)
    assert [each.holder(token) for each in (first, second)] == [None, None]


def test_a_shared_token_that_was_changed_is_nobodys() -> None:
    sessions, other = (Sessions(FakeClock(), Seeded(seed), Limits(), b"s" * 32) for seed in (1, 2))
    token = sign_in(sessions, SigningKey.generate(Seeded(1)))
    assert token is not None
    for index in range(0, len(token), 3):
        changed = token[:index] + ("0" if token[index] != "0" else "1") + token[index + 1 :]
        assert other.holder(changed) is None
    for strange in ("", "z" * len(token), token[:-2], token + "00", " " * len(token), "é" * len(token)):
        assert other.holder(strange) is None
    assert other.holder(token) is not None
