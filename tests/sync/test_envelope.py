"""Envelopes: what comes out is what went in, and nothing else gets through."""

from __future__ import annotations

import hashlib
from random import Random

import msgspec
import pytest
import zstandard
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV
from hypothesis import given
from hypothesis import strategies as st

from sync.cookie import Cookie
from sync.envelope import (
    MAX_CHANGES,
    MAX_PLAINTEXT,
    MAX_WIRE,
    READER,
    ZERO_HASH,
    BadSignature,
    Body,
    Envelope,
    EnvelopeKind,
    Head,
    Header,
    Suite,
    envelope_hash,
    open_changes,
    pad,
    padded_length,
    parse,
    seal_changes,
    seal_membership,
    unpad,
    verify,
)
from sync.epochs import EpochKey
from sync.errors import Malformed, NewerFormat
from sync.keys import SigningKey

RANDOM = Random(7)
KEY = SigningKey(bytes(range(32)))
EPOCH = EpochKey(0, b"e" * 32, bytes(range(32, 64)))
PROJECT = b"p" * 32
HEADS = (b"h" * 32,)
BODY = Body(
    (Head(b"d" * 32, 7, b"x" * 32),),
    Cookie.start(b"g" * 16).advance(b"1" * 32),
    (b"change one", b"change two"),
)
encode = msgspec.msgpack.encode


def seal(body: Body = BODY, *, seq: int = 2, prev: bytes | None = b"v" * 32) -> Envelope:
    return seal_changes(
        project=PROJECT,
        device_key=KEY,
        seq=seq,
        prev=prev,
        membership_heads=HEADS,
        epoch_key=EPOCH,
        body=body,
        random=RANDOM.randbytes,
    )


def signed(header_bytes: bytes, body: bytes | None) -> bytes:
    """A wire with any header, rightly signed."""
    return encode((header_bytes, KEY.sign(b"sitebook/envelope-signature/1\0", header_bytes), body))


def fields(envelope: Envelope) -> list[object]:
    return list(msgspec.structs.astuple(envelope.header))


def altered(index: int, value: object) -> bytes:
    """An envelope with one field of the header changed by its author."""
    envelope = seal()
    header = fields(envelope)
    header[index] = value
    return signed(encode(header), envelope.body)


class TestRoundTrip:
    def test_body_comes_back(self) -> None:
        envelope = parse(seal().wire())
        verify(envelope)
        assert open_changes(envelope, EPOCH) == BODY

    @pytest.mark.parametrize(
        "body",
        [
            Body(changes=(b"",)),
            Body(changes=(bytes(1 << 20),)),
            Body(changes=(RANDOM.randbytes(1 << 20),)),
            Body(changes=tuple(bytes([each % 256]) for each in range(MAX_CHANGES))),
            Body(
                tuple(Head(RANDOM.randbytes(32), each + 1, RANDOM.randbytes(32)) for each in range(500)),
                None,
                (b"",),
            ),
        ],
    )
    def test_all_sizes(self, body: Body) -> None:
        wire = seal(body).wire()
        assert len(wire) <= MAX_WIRE
        assert open_changes(parse(wire), EPOCH) == body

    def test_hash_and_fields(self) -> None:
        envelope = seal()
        assert envelope.hash == hashlib.sha256(b"sitebook/envelope/1\0" + envelope.header_bytes).digest()
        header = envelope.header
        assert (header.project, header.device, header.seq, header.prev) == (PROJECT, KEY.public, 2, b"v" * 32)
        assert (header.compartment, header.epoch, header.membership_heads) == (0, EPOCH.epoch, HEADS)
        assert envelope.body is not None
        assert header.body_length == len(envelope.body)
        assert header.body_hash == hashlib.sha256(envelope.body).digest()

    def test_equal_content_seals_differently(self) -> None:
        one, two = seal(), seal()
        assert one.header.nonce != two.header.nonce
        assert one.body != two.body
        assert one.hash != two.hash

    def test_travels_without_its_body(self) -> None:
        envelope = seal()
        bare = parse(envelope.without_body().wire())
        verify(bare)
        assert bare.hash == envelope.hash
        assert bare.body is None
        with pytest.raises(Malformed):
            open_changes(bare, EPOCH)

    def test_membership_is_readable(self) -> None:
        envelope = seal_membership(
            project=PROJECT, device_key=KEY, seq=1, prev=None, membership_heads=HEADS, action=b"action"
        )
        again = parse(envelope.wire())
        verify(again)
        assert again == envelope
        assert again.body == b"action"
        assert again.header.kind == EnvelopeKind.MEMBERSHIP

    def test_heads_are_put_in_order(self) -> None:
        heads = [bytes([each]) * 32 for each in (3, 1, 2)]
        envelope = seal_membership(
            project=PROJECT, device_key=KEY, seq=1, prev=None, membership_heads=heads, action=b"a"
        )
        assert parse(envelope.wire()).header.membership_heads == tuple(sorted(heads))

    def test_too_much_is_our_own_mistake(self) -> None:
        for body in (
            Body(),
            Body(changes=(b"",) * (MAX_CHANGES + 1)),
            Body(changes=(bytes(MAX_PLAINTEXT),)),
            Body(tuple(Head(bytes(32), 1, bytes(32)) for _ in range(501)), None, (b"",)),
        ):
            with pytest.raises(ValueError, match="envelope"):
                seal(body)
        with pytest.raises(ValueError, match="nobody would accept"):
            seal_membership(
                project=PROJECT,
                device_key=KEY,
                seq=1,
                prev=None,
                membership_heads=[bytes([each]) * 32 for each in range(65)],
                action=b"a",
            )


class TestLater:
    def test_a_longer_header_is_read(self) -> None:
        for extra in ([1], [{"new": [1.5, None]}], ["a"] * 10):
            envelope = seal()
            # The cipher binds the fields before the length, so this is still the same body.
            wire = signed(encode([*fields(envelope), *extra]), envelope.body)
            again = parse(wire)
            verify(again)
            assert again.header == envelope.header
            assert again.hash != envelope.hash
            assert open_changes(again, EPOCH) == BODY

    def test_newer_format_with_an_old_reader_is_read(self) -> None:
        assert parse(altered(0, 2)).header.format == 2

    @pytest.mark.parametrize("rest", [[], [None], [{"everything": "else"}], [1, b"", 3.5] * 5])
    def test_a_newer_reader_is_asked_for(self, rest: list[object]) -> None:
        with pytest.raises(NewerFormat):
            parse(encode((encode([2, 9, READER + 1, *rest]), b"another kind of signature", b"")))

    def test_unknown_kinds_and_suites_are_signed_envelopes(self) -> None:
        for index, value in ((1, 2), (1, 255), (3, 2), (3, 255)):
            envelope = parse(altered(index, value))
            verify(envelope)
            assert not envelope.header.understood

    def test_newer_body_waits(self) -> None:
        wire = with_plaintext(encode((2, "anything")))
        with pytest.raises(NewerFormat):
            open_changes(parse(wire), EPOCH)

    def test_longer_body_is_read(self) -> None:
        wire = with_plaintext(encode((1, (), None, (b"change",), "new")))
        assert open_changes(parse(wire), EPOCH).changes == (b"change",)


def with_padded(padded: bytes) -> bytes:
    """An envelope by an author who seals whatever he wants."""
    header = fields(seal())
    key = EPOCH.body_key(PROJECT)
    body = AESGCMSIV(key).encrypt(bytes(12), padded, encode([*header[:11], bytes(12)]))
    header[11:] = [bytes(12), len(body), hashlib.sha256(body).digest()]
    return signed(encode(header), body)


def with_plaintext(plaintext: bytes) -> bytes:
    return with_padded(pad(zstandard.ZstdCompressor().compress(plaintext)))


class TestWrong:
    @pytest.mark.parametrize(
        ("index", "value"),
        [
            (0, 0),
            (0, -1),
            (0, "1"),
            (0, True),
            (1, 0),
            (1, 256),
            (2, 0),
            (3, 1),
            (4, b"p" * 31),
            (4, b"p" * 33),
            (4, ZERO_HASH),
            (4, "p" * 32),
            (5, b"d" * 31),
            (6, 0),
            (6, -5),
            (6, 1 << 63),
            (6, 1),
            (6, 2.0),
            (7, None),
            (7, b"v" * 16),
            (8, []),
            (8, [b"h" * 32, b"h" * 32]),
            (8, [b"i" * 32, b"h" * 32]),
            (8, [b"h" * 31]),
            (8, [bytes([each]) * 32 for each in range(65)]),
            (8, None),
            (9, -1),
            (9, 1 << 32),
            (10, b"e"),
            (11, b"n" * 11),
            (12, 0),
            (12, 1 << 40),
            (13, b"x" * 32),
        ],
    )
    def test_fields_out_of_bounds(self, index: int, value: object) -> None:
        with pytest.raises(Malformed):
            parse(altered(index, value))

    def test_fields_missing(self) -> None:
        envelope = seal()
        for count in range(14):
            with pytest.raises(Malformed):
                parse(signed(encode(fields(envelope)[:count]), envelope.body))

    def test_asks_for_a_reader_newer_than_itself(self) -> None:
        header = fields(seal())
        header[0], header[2] = 1, 2
        with pytest.raises(NewerFormat):
            parse(signed(encode(header), None))

    def test_plain_changes_are_never_taken(self) -> None:
        with pytest.raises(Malformed):
            parse(altered(1, Suite.PLAIN))

    def test_encrypted_membership_is_never_taken(self) -> None:
        with pytest.raises(Malformed):
            parse(altered(3, EnvelopeKind.MEMBERSHIP))

    def test_long_membership(self) -> None:
        envelope = seal_membership(
            project=PROJECT, device_key=KEY, seq=1, prev=None, membership_heads=HEADS, action=bytes(65_537)
        )
        with pytest.raises(Malformed):
            parse(envelope.wire())

    def test_numbers_in_a_longer_form(self) -> None:
        envelope = seal()
        header = envelope.header_bytes
        assert header[:2] == b"\x9e\x01"
        for other in (
            b"\x9e\xcc\x01" + header[2:],
            b"\xdc\x00\x0e" + header[1:],
            b"\xdd\0\0\0\x0e" + header[1:],
        ):
            with pytest.raises(Malformed):
                parse(signed(other, envelope.body))
        with pytest.raises(Malformed):
            parse(signed(header + b"\xc0", envelope.body))

    def test_signature_of_another_or_for_another_purpose(self) -> None:
        envelope = seal()
        for signature in (
            bytes(64),
            SigningKey(bytes(32)).sign(b"sitebook/envelope-signature/1\0", envelope.header_bytes),
            KEY.sign(b"sitebook/envelope-signature/2\0", envelope.header_bytes),
            KEY.sign(b"", envelope.header_bytes),
        ):
            with pytest.raises(BadSignature):
                verify(parse(encode((envelope.header_bytes, signature, envelope.body))))
        with pytest.raises(Malformed):
            parse(encode((envelope.header_bytes, bytes(63), envelope.body)))

    def test_body_of_another_envelope(self) -> None:
        one, two = seal(), seal()
        with pytest.raises(Malformed):
            parse(encode((one.header_bytes, one.signature, two.body)))

    def test_another_key_or_epoch(self) -> None:
        envelope = seal()
        for key in (
            EpochKey(0, EPOCH.epoch, bytes(32)),
            EpochKey(0, bytes(32), EPOCH.key),
            EpochKey(1, EPOCH.epoch, EPOCH.key),
        ):
            with pytest.raises(Malformed):
                open_changes(envelope, key)

    @pytest.mark.parametrize("index", [0, 4, 5, 6, 7, 8, 9, 10, 11])
    def test_body_is_bound_to_its_header(self, index: int) -> None:
        """Also by its own author a body cannot be moved under another header."""
        envelope = seal()
        header = fields(envelope)
        header[index] = {0: 2, 6: 3, 8: [b"i" * 32], 9: 1, 11: b"n" * 12}.get(index, b"z" * 32)
        moved = parse(signed(encode(header), envelope.body))
        with pytest.raises(Malformed):
            open_changes(moved, EPOCH)

    @pytest.mark.parametrize(
        "plaintext",
        [
            b"",
            b"x",
            encode(()),
            encode((0, (), None, (b"",))),
            encode((1, (), None, ())),
            encode((1, (), None, ("text",))),
            encode((1, (), b"no cookie", (b"",))),
            encode((1, ((b"d", 1, b"h"),), None, (b"",))),
            encode((1, (), None, (b"",) * 501)),
            b"\x91" * 100_000,
        ],
    )
    def test_content_that_is_no_body(self, plaintext: bytes) -> None:
        with pytest.raises(Malformed):
            open_changes(parse(with_plaintext(plaintext)), EPOCH)

    @pytest.mark.parametrize(
        "padded",
        [
            b"",
            bytes(256),
            bytes(255),
            b"\xff" * 256,
            pad(b"not zstd"),
            pad(zstandard.ZstdCompressor(write_content_size=False).compress(encode((1, (), None, (b"",))))),
            pad(zstandard.ZstdCompressor().compress(encode((1, (), None, (b"",)))) + b"more"),
            pad(zstandard.ZstdCompressor().compress(encode((1, (), None, (b"",))))[:-1]),
            pad(zstandard.ZstdCompressor().compress(encode((1, (), None, (b"",)))))[:-1] + b"\1",
            pad(zstandard.ZstdCompressor().compress(encode((1, (), None, (b"",))))) + b"\0",
        ],
    )
    def test_content_that_does_not_unpack(self, padded: bytes) -> None:
        with pytest.raises(Malformed):
            open_changes(parse(with_padded(padded)), EPOCH)

    def test_a_bomb_does_not_go_off(self) -> None:
        bomb = zstandard.ZstdCompressor(level=19).compress(bytes(1 << 28))
        assert len(bomb) < 100_000
        with pytest.raises(Malformed, match="too large"):
            open_changes(parse(with_padded(pad(bomb))), EPOCH)
        # One that lies about its size.
        small = bytearray(zstandard.ZstdCompressor(level=19).compress(bytes(1 << 20)))
        declared = zstandard.get_frame_parameters(bytes(small))
        assert declared.content_size == 1 << 20
        at = small.index((1 << 20).to_bytes(4, "little"))
        small[at : at + 4] = (1000).to_bytes(4, "little")
        with pytest.raises(Malformed):
            open_changes(parse(with_padded(pad(bytes(small)))), EPOCH)

    def test_errors_show_no_secrets(self) -> None:
        envelope = seal()
        with pytest.raises(Malformed) as caught:
            open_changes(envelope, EpochKey(0, EPOCH.epoch, b"s" * 32))
        assert b"s" * 32 not in repr(caught.value).encode()
        assert "ssss" not in repr(EpochKey(0, EPOCH.epoch, b"s" * 32))


class TestPadding:
    @given(st.integers(0, 2_000_000))
    def test_length_is_padme(self, length: int) -> None:
        padded = padded_length(length)
        assert padded >= length
        if length > 256:
            assert padded <= length * 1.12
            mantissa = padded >> (padded & -padded).bit_length() - 1
            assert mantissa.bit_length() <= length.bit_length().bit_length() + 1
        else:
            assert padded == 256

    @pytest.mark.parametrize(
        ("length", "padded"), [(9, 256), (257, 272), (1000, 1024), (1025, 1088), (1 << 20, 1 << 20)]
    )
    def test_known_lengths(self, length: int, padded: int) -> None:
        assert padded_length(length) == padded

    @given(st.binary(max_size=3000))
    def test_comes_off_again(self, data: bytes) -> None:
        assert unpad(pad(data)) == data

    @given(st.binary(max_size=600))
    def test_only_true_padding_comes_off(self, data: bytes) -> None:
        try:
            inner = unpad(data)
        except Malformed:
            return
        assert pad(inner) == data


class TestWild:
    @given(st.binary(max_size=2000))
    def test_any_bytes(self, data: bytes) -> None:
        with pytest.raises((Malformed, NewerFormat)):
            parse(data)

    def test_every_cut_and_every_changed_byte(self) -> None:
        envelope = seal(Body(changes=(b"c",)))
        wire = envelope.wire()
        for length in range(len(wire)):
            with pytest.raises((Malformed, NewerFormat)):
                parse(wire[:length])
        for at in range(len(wire)):
            changed = bytearray(wire)
            changed[at] ^= 1 << at % 8
            with pytest.raises((Malformed, NewerFormat)):
                verify(parse(bytes(changed)))

    @given(st.lists(st.none() | st.integers() | st.binary(max_size=64) | st.text(max_size=9), max_size=20))
    def test_any_header(self, values: list[object]) -> None:
        try:
            header = encode(values)
        except OverflowError:
            return
        with pytest.raises((Malformed, NewerFormat)):
            parse(signed(header, b""))

    def test_depth(self) -> None:
        for data in (b"\x91" * 1_000_000, b"\x93" + b"\x81" * 100_000):
            with pytest.raises(Malformed):
                parse(data)
            with pytest.raises(Malformed):
                parse(signed(data[:8000], b""))
        with pytest.raises(Malformed):
            parse(bytes(MAX_WIRE + 1))

    def test_hash_is_over_exact_bytes(self) -> None:
        envelope = seal()
        assert envelope_hash(envelope.header_bytes) == envelope.hash
        assert isinstance(envelope.header, Header)
