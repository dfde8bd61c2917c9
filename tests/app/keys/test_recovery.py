from __future__ import annotations

import os
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mnemonic import Mnemonic

from app.keys.errors import WrongSecret
from app.keys.recovery import RecoveryKey
from sync.keys import KemKey, seal_to

LIST = Mnemonic("english").wordlist
keys = st.binary(min_size=32, max_size=32).map(RecoveryKey)


@given(keys)
def test_words_lead_back_to_the_key(key: RecoveryKey) -> None:
    words = key.words().split(" ")
    assert len(words) == 24
    assert set(words) <= set(LIST)
    assert RecoveryKey.parse(key.words()) == key


def test_words_are_those_of_bip39() -> None:
    assert RecoveryKey(bytes(32)).words() == "abandon " * 23 + "art"
    assert RecoveryKey(b"\xff" * 32).words() == "zoo " * 23 + "vote"


@given(keys, st.data())
def test_what_hands_do_to_words_does_not_matter(key: RecoveryKey, data: st.DataObject) -> None:
    typed = ""
    for place, word in enumerate(key.words().split(), 1):
        shape = data.draw(st.sampled_from([str.lower, str.upper, str.title]))
        before = data.draw(st.sampled_from(["", f"{place}. ", f"{place}) "]))
        after = data.draw(st.sampled_from([" ", "  ", "\n", "\t", ", ", "\u00a0", "\r\n", "-"]))
        typed += before + shape(word) + after
    assert RecoveryKey.parse(typed) == key


@given(keys, st.integers(0, 23), st.text("abcdefghijklmnopqrstuvwxyzäß", min_size=1, max_size=12))
def test_a_word_that_is_none_is_named_by_its_place(key: RecoveryKey, place: int, wrong: str) -> None:
    words = key.words().split()
    if wrong in LIST:
        wrong += "qq"
    words[place] = wrong
    with pytest.raises(WrongSecret) as caught:
        RecoveryKey.parse(" ".join(words))
    assert str(caught.value) == (
        f"Word {place + 1} of the recovery key is not in its list of words: check the spelling."
    )


def test_several_words_that_are_none_are_named_together() -> None:
    words = ["abandon"] * 24
    words[2] = words[22] = "abandonn"
    with pytest.raises(WrongSecret, match=r"^Words 3, 23 of the recovery key are not in its list"):
        RecoveryKey.parse(" ".join(words))


@given(keys, st.data())
def test_swapped_words_fail_the_checksum_or_are_another_key(key: RecoveryKey, data: st.DataObject) -> None:
    words = key.words().split()
    words[data.draw(st.integers(0, 23))] = data.draw(st.sampled_from(LIST))
    if Mnemonic("english").check(" ".join(words)):
        assert RecoveryKey.parse(" ".join(words)).words() == " ".join(words)
        return
    with pytest.raises(WrongSecret, match="checksum") as caught:
        RecoveryKey.parse(" ".join(words))
    assert caught.value.__suppress_context__


@given(st.lists(st.sampled_from(LIST), max_size=40).filter(lambda words: len(words) != 24))
def test_a_wrong_count_is_said(words: list[str]) -> None:
    with pytest.raises(WrongSecret, match=rf"has 24 words and {len(words)} were given"):
        RecoveryKey.parse(" ".join(words))


@given(st.text(max_size=300))
def test_wild_text_is_refused_in_a_sentence(text: str) -> None:
    with pytest.raises(WrongSecret, match=re.compile(r"^[^\n]+\.$")):
        RecoveryKey.parse(text)


def test_a_key_never_shows() -> None:
    key = RecoveryKey.generate(os.urandom)
    first = key.words().split()[0]
    for text in (repr(key), str(key), f"{key}"):
        assert text == "RecoveryKey()"
        assert first not in text


def test_slot_and_device_keys_are_apart_and_stay() -> None:
    key = RecoveryKey(bytes(range(32)))
    assert len({key.slot_secret(), key.device_seed(), key.kem_private()[:32], key.kem_private()[64:]}) == 4
    # Released: projects know the recovery device by what follows from the words.
    assert key.device_seed().hex() == "ec81b2fdd5f3081b6f20f60194d78a0305e6fffbaec5b4c5fc46ee22c9f12004"
    assert (
        key.public().sign_public.hex() == "dc9f098c1c47135be13a3933087605077646fd01e55a9eee8396a3243e44fa81"
    )


def test_grants_to_the_recovery_device_open_with_the_words() -> None:
    key = RecoveryKey.generate(os.urandom)
    sealed = seal_to(key.public().kem_public, b"the epoch's key", b"purpose")
    again = RecoveryKey.parse(key.words())
    assert KemKey(again.kem_private()).open(sealed, b"purpose") == b"the epoch's key"


def test_a_key_of_another_length_is_a_mistake_of_ours() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        RecoveryKey(b"short")
