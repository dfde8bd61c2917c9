"""Keys, epochs and cookies."""

from __future__ import annotations

import copy
import hashlib
from random import Random

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.cookie import Cookie
from sync.epochs import EpochKey, KeyRing, unwrap_previous, wrap_previous
from sync.errors import Malformed, NewerFormat
from sync.identity import DeviceIdentity, found_project
from sync.keys import (
    KEM_OVERHEAD,
    KEM_PUBLIC,
    BadSignature,
    KemKey,
    SigningKey,
    check_signature,
    derive,
    seal_to,
)

SEED = bytes(range(32))
PRIVATE = bytes(range(96))


class TestSigning:
    def test_signature_belongs_to_key_label_and_message(self) -> None:
        key = SigningKey(SEED)
        signature = key.sign(b"label\0", b"message")
        check_signature(key.public, signature, b"label\0", b"message")
        other = SigningKey(bytes(32)).public
        for public, changed, label, message in (
            (other, signature, b"label\0", b"message"),
            (key.public, signature[::-1], b"label\0", b"message"),
            (key.public, b"", b"label\0", b"message"),
            (key.public, signature, b"other\0", b"message"),
            (key.public, signature, b"label\0", b"another"),
            (bytes(32), signature, b"label\0", b"message"),
            (b"short", signature, b"label\0", b"message"),
            (b"\xff" * 32, signature, b"label\0", b"message"),
        ):
            with pytest.raises(BadSignature):
                check_signature(public, changed, label, message)

    def test_rfc_8032_vector(self) -> None:
        key = SigningKey(bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"))
        assert key.public.hex() == "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
        assert key.sign(b"", b"").hex().startswith("e5564300c360ac729086e2cc806e828a84877f1eb8e5d974")

    def test_wrong_lengths(self) -> None:
        with pytest.raises(ValueError, match="32"):
            SigningKey(bytes(31))
        with pytest.raises(ValueError, match="96"):
            KemKey(bytes(95))


class TestSealing:
    def test_opens_with_key_and_info_only(self) -> None:
        key, other = KemKey(PRIVATE), KemKey(bytes(96))
        sealed = seal_to(key.public, b"secret", b"info")
        assert len(key.public) == KEM_PUBLIC
        assert len(sealed) == 6 + KEM_OVERHEAD
        assert key.open(sealed, b"info") == b"secret"
        assert sealed != seal_to(key.public, b"secret", b"info")
        for opener, data, info in (
            (other, sealed, b"info"),
            (key, sealed, b"else"),
            (key, sealed[:-1], b"info"),
            (key, b"", b"info"),
            (key, bytes(len(sealed)), b"info"),
            (key, sealed[:-1] + bytes([sealed[-1] ^ 1]), b"info"),
        ):
            with pytest.raises(Malformed):
                opener.open(data, info)

    def test_keys_that_are_none(self) -> None:
        good = KemKey(PRIVATE).public
        for public in (b"", bytes(KEM_PUBLIC), b"\xff" * KEM_PUBLIC, good[:-1], good[:-32] + bytes(32)):
            with pytest.raises(Malformed):
                seal_to(public, b"secret", b"info")

    def test_same_seed_same_key(self) -> None:
        assert KemKey(PRIVATE).public == KemKey(PRIVATE).public
        assert KemKey(PRIVATE).private == PRIVATE


class TestSecrets:
    def test_nothing_secret_shows(self) -> None:
        founded = found_project(random=Random(1).randbytes)
        identity = founded.identity
        assert identity.device == identity.signing.public
        assert identity.kem_public == identity.kem.public
        for shown in (
            repr(founded),
            repr(identity),
            str(identity),
            repr(identity.signing),
            repr(identity.kem),
            repr(founded.epoch_key),
            repr(KeyRing((founded.epoch_key,))),
        ):
            for secret in (identity.sign_seed, identity.kem_private, founded.epoch_key.key):
                assert secret.hex() not in shown
                assert repr(secret)[2:-1] not in shown

    def test_identity_is_plain_data(self) -> None:
        identity = DeviceIdentity(b"p" * 32, SEED, PRIVATE, b"m" * 32)
        assert identity == DeviceIdentity(b"p" * 32, SEED, PRIVATE, b"m" * 32)
        assert copy.deepcopy(identity) == identity

    def test_founding_is_random(self) -> None:
        one, two = (found_project(random=Random(seed).randbytes) for seed in (1, 2))
        assert one.project != two.project
        assert one.project == one.founding.hash == one.identity.project == one.identity.member
        assert one.epoch_key.epoch == one.project
        assert found_project(random=Random(1).randbytes).project == one.project


class TestEpochs:
    def test_commitment_fits_one_key_and_compartment(self) -> None:
        key = EpochKey(0, bytes(32), SEED)
        assert key.commitment() == EpochKey(0, b"e" * 32, SEED).commitment()
        assert key.commitment() != EpochKey(1, bytes(32), SEED).commitment()
        assert key.commitment() != EpochKey(0, bytes(32), bytes(32)).commitment()

    def test_derived_keys_differ(self) -> None:
        key = EpochKey(0, bytes(32), SEED)
        derived = {
            key.body_key(b"p" * 32),
            key.body_key(b"q" * 32),
            EpochKey(1, bytes(32), SEED).body_key(b"p" * 32),
            EpochKey(0, b"e" * 32, SEED).body_key(b"p" * 32),
            key.commitment(),
            SEED,
        }
        assert len(derived) == 6

    def test_previous_key_is_wrapped(self) -> None:
        earlier = EpochKey(2, b"a" * 32, SEED)
        later = EpochKey(2, b"b" * 32, bytes(32))
        wrapped = wrap_previous(later.key, earlier, b"p" * 32, Random(1).randbytes)
        assert unwrap_previous(wrapped, later, earlier.epoch, b"p" * 32) == earlier
        assert SEED not in wrapped
        for data, key, epoch, project in (
            (wrapped, later, b"c" * 32, b"p" * 32),
            (wrapped, later, earlier.epoch, b"q" * 32),
            (wrapped, EpochKey(1, later.epoch, later.key), earlier.epoch, b"p" * 32),
            (wrapped, EpochKey(2, later.epoch, SEED), earlier.epoch, b"p" * 32),
            (wrapped[:-1], later, earlier.epoch, b"p" * 32),
            (wrapped[:-1] + b"\0", later, earlier.epoch, b"p" * 32),
        ):
            with pytest.raises(Malformed):
                unwrap_previous(data, key, epoch, project)

    def test_ring(self) -> None:
        first, second, other = (
            EpochKey(0, b"a" * 32, SEED),
            EpochKey(0, b"b" * 32, SEED),
            EpochKey(5, b"c" * 32, SEED),
        )
        ring = KeyRing((first, second, other))
        assert ring.current() is second
        assert ring.current(5) is other
        assert ring.get(0, b"a" * 32) is first
        assert ring.get(1, b"a" * 32) is None
        ring.add(first)
        assert ring.current() is first
        assert len(ring) == 3
        assert list(ring) == [second, other, first]
        with pytest.raises(KeyError):
            KeyRing().current()

    def test_rfc_5869_vector(self) -> None:
        made = derive(bytes([0x0B] * 22), bytes(range(13)), bytes(range(0xF0, 0xFA)), 42)
        assert made.hex().startswith("3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf")


class TestCookie:
    def test_running_hash(self) -> None:
        start = Cookie.start(b"g" * 16)
        assert (start.version, start.running) == (0, b"g" * 16 + bytes(16))
        after = start.advance(b"1" * 32).advance(b"2" * 32)
        once = hashlib.sha256(start.running + b"1" * 32).digest()
        assert after == Cookie(b"g" * 16, 2, hashlib.sha256(once + b"2" * 32).digest())

    @given(
        st.binary(min_size=16, max_size=16),
        st.integers(0, (1 << 63) - 1),
        st.binary(min_size=32, max_size=32),
    )
    def test_comes_back(self, generation: bytes, version: int, running: bytes) -> None:
        cookie = Cookie(generation, version, running)
        assert Cookie.decode(cookie.encode()) == cookie

    @pytest.mark.parametrize(
        "value",
        [
            (),
            (0, b"g" * 16, 1, bytes(32)),
            (1, b"g" * 15, 1, bytes(32)),
            (1, b"g" * 16, -1, bytes(32)),
            (1, b"g" * 16, 1 << 63, bytes(32)),
            (1, b"g" * 16, 1, bytes(31)),
            (1, b"g" * 16, 1),
            (1, b"g" * 16, 1, bytes(32), bytes(100)),
        ],
    )
    def test_wrong(self, value: object) -> None:
        with pytest.raises(Malformed):
            Cookie.decode(msgspec.msgpack.encode(value))

    def test_newer(self) -> None:
        with pytest.raises(NewerFormat):
            Cookie.decode(msgspec.msgpack.encode((2, "else")))

    @given(st.binary(max_size=200))
    def test_any_bytes(self, data: bytes) -> None:
        with pytest.raises((Malformed, NewerFormat)):
            Cookie.decode(data)
