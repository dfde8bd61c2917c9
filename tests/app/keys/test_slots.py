from __future__ import annotations

import os
from dataclasses import replace
from hashlib import sha256

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.keys import slots
from app.keys.slots import PRODUCTION, ArgonCost, Floors, Slot, SlotKind, SlotTable, Strength
from sync.errors import Malformed, NewerFormat, SitebookError
from tests.app.keys.helpers import WEAK

VAULT = bytes(range(16))
KEY = bytes(range(100, 132))
SECRET = bytes(range(200, 232))


def passphrase_slot(passphrase: str = "three blue doors") -> Slot:
    return slots.wrap_passphrase(VAULT, passphrase, KEY, WEAK, os.urandom)


def secret_slot(kind: SlotKind = SlotKind.RECOVERY) -> Slot:
    return slots.wrap_secret(kind, VAULT, SECRET, KEY, os.urandom)


def sealed(payload: bytes) -> bytes:
    return b"SBSLOTS\0" + sha256(payload).digest() + payload


def test_only_the_right_secret_opens() -> None:
    assert slots.unwrap_secret(secret_slot(), VAULT, SECRET) == KEY
    assert slots.unwrap_secret(secret_slot(), VAULT, SECRET[::-1]) is None
    assert slots.unwrap_passphrase(passphrase_slot(), VAULT, "three blue doors", WEAK.floors) == KEY
    assert slots.unwrap_passphrase(passphrase_slot(), VAULT, "three blue door", WEAK.floors) is None


def test_a_slot_fits_only_its_vault_and_kind() -> None:
    slot = secret_slot(SlotKind.RECOVERY)
    assert slots.unwrap_secret(slot, VAULT[::-1], SECRET) is None
    assert slots.unwrap_secret(replace(slot, kind=SlotKind.KEYRING), VAULT, SECRET) is None
    assert slots.unwrap_secret(replace(slot, parameters=b"x"), VAULT, SECRET) is None


def test_parameters_are_bound_even_where_they_change_nothing() -> None:
    slot = passphrase_slot()
    values = msgspec.msgpack.decode(slot.parameters)
    assert slots.unwrap_passphrase(slot, VAULT, "three blue doors", WEAK.floors) == KEY
    # The same numbers in a longer encoding of msgpack.
    at = 1 + len(msgspec.msgpack.encode(values[0]))
    longer = slot.parameters[:at] + b"\xcd\x00" + slot.parameters[at:]
    assert longer != slot.parameters
    assert msgspec.msgpack.decode(longer) == values
    assert (
        slots.unwrap_passphrase(replace(slot, parameters=longer), VAULT, "three blue doors", WEAK.floors)
        is None
    )


@pytest.mark.parametrize(
    "cost",
    [
        ArgonCost(memory_kib=64 * 1024 - 1),
        ArgonCost(iterations=2),
        ArgonCost(lanes=0),
        ArgonCost(memory_kib=4 * 1024 * 1024),
        ArgonCost(iterations=10_000),
        ArgonCost(lanes=1_000),
        ArgonCost(memory_kib=-1),
    ],
)
def test_a_slot_beyond_the_bounds_is_not_even_tried(cost: ArgonCost) -> None:
    parameters = msgspec.msgpack.encode([bytes(16), cost.memory_kib, cost.iterations, cost.lanes])
    slot = replace(passphrase_slot(), parameters=parameters)
    with pytest.raises(Malformed, match="less protection, or more memory"):
        slots.unwrap_passphrase(slot, VAULT, "three blue doors", Floors())
    with pytest.raises(ValueError, match="never be read"):
        slots.wrap_passphrase(VAULT, "three blue doors", KEY, Strength(cost=cost), os.urandom)


def test_a_weak_slot_of_the_tests_is_refused_by_the_program() -> None:
    with pytest.raises(Malformed):
        slots.unwrap_passphrase(passphrase_slot(), VAULT, "three blue doors", PRODUCTION.floors)


def test_full_strength_keeps_its_own_floors() -> None:
    assert PRODUCTION.floors.memory_kib >= 64 * 1024
    assert PRODUCTION.floors.iterations >= 3
    slot = slots.wrap_passphrase(VAULT, "three blue doors", KEY, PRODUCTION, os.urandom)
    assert slots.unwrap_passphrase(slot, VAULT, "three blue doors", PRODUCTION.floors) == KEY


def test_a_passphrase_is_the_same_from_every_keyboard() -> None:
    slot = passphrase_slot("Bärentür")
    assert slots.unwrap_passphrase(slot, VAULT, "Ba\u0308rentu\u0308r", WEAK.floors) == KEY


@pytest.mark.parametrize("passphrase", ["", "abc\udcff"])
def test_a_passphrase_that_is_none_is_refused_without_showing_it(passphrase: str) -> None:
    with pytest.raises(SitebookError) as caught:
        passphrase_slot(passphrase)
    assert "abc" not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("parameters", [b"", b"\xc1", msgspec.msgpack.encode([1, 2])])
def test_parameters_that_are_none_are_malformed(parameters: bytes) -> None:
    with pytest.raises(Malformed):
        slots.unwrap_passphrase(replace(passphrase_slot(), parameters=parameters), VAULT, "x", WEAK.floors)


def test_lengths_are_checked() -> None:
    for slot in (replace(secret_slot(), nonce=b"short"), replace(secret_slot(), wrapped=b"short")):
        with pytest.raises(Malformed):
            slots.unwrap_secret(slot, VAULT, SECRET)


def test_the_file_reads_back_and_keeps_kinds_of_a_later_version() -> None:
    stranger = Slot(kind=77, parameters=b"new", nonce=b"", wrapped=b"whatever")
    table = SlotTable(VAULT, 4, (secret_slot(), stranger)).having(passphrase_slot())
    again = slots.decode(slots.encode(table))
    assert again == table
    assert again.generation == 5
    assert stranger in again.lacking(SlotKind.PASSPHRASE).slots
    assert again.lacking(SlotKind.PASSPHRASE).find(SlotKind.PASSPHRASE) is None


def test_a_kind_has_one_slot() -> None:
    table = SlotTable(VAULT, 0).having(passphrase_slot()).having(passphrase_slot("new"))
    assert len(table.slots) == 1
    assert table.generation == 2


def test_every_flipped_bit_of_the_file_is_found() -> None:
    data = slots.encode(SlotTable(VAULT, 1, (secret_slot(), passphrase_slot())))
    for place in range(len(data)):
        for bit in range(8):
            changed = bytearray(data)
            changed[place] ^= 1 << bit
            with pytest.raises(Malformed):
                slots.decode(bytes(changed))


def test_a_later_version_is_said() -> None:
    with pytest.raises(NewerFormat, match="update Sitebook"):
        slots.decode(sealed(msgspec.msgpack.encode([2, "something", "else"])))


@pytest.mark.parametrize(
    "fields",
    [
        [],
        {},
        7,
        [1],
        [1, VAULT, 1],
        [1, b"short", 1, []],
        [0, VAULT, 1, []],
        [1, VAULT, "1", []],
        [1, VAULT, 1, [[1, b"", b""]]],
        ["1", VAULT, 1, []],
    ],
)
def test_a_whole_file_of_another_form_is_malformed(fields: object) -> None:
    with pytest.raises(Malformed):
        slots.decode(sealed(msgspec.msgpack.encode(fields)))


@pytest.mark.parametrize("payload", [b"\xa1\x80", b"\x91" * 60_000, b"\x92\x01" * 30_000, b"", bytes(70_000)])
def test_hostile_bytes_are_malformed(payload: bytes) -> None:
    with pytest.raises(Malformed):
        slots.decode(sealed(payload))


@given(st.binary(max_size=200), st.booleans())
def test_wild_bytes_are_malformed_or_newer(data: bytes, checksum: bool) -> None:
    with pytest.raises((Malformed, NewerFormat)):
        slots.decode(sealed(data) if checksum else data)
