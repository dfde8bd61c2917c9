"""Nothing secret, and nothing a person wrote, stands readable anywhere."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from pathlib import Path

import pytest

from app.keys.errors import WrongSecret
from app.keys.profile import Profile
from app.keys.recovery import RecoveryKey
from sync.errors import SitebookError
from tests.app.keys.helpers import (
    PASSPHRASE,
    MemoryKeyring,
    create,
    files_of,
    forms_of,
    project_entry,
    reopen,
    unpacked,
)

ENTRY = project_entry(7)
READABLE = [b"Ada Bricklayer", b"ada@example.org", b"Site 7", b"relay.example.org", b"a setting's value"]


def secrets_of(profile: Profile, keyring: MemoryKeyring) -> list[bytes]:
    with reopen(profile, keyring=keyring) as vault:
        kept = vault._entry.read()
        assert kept is not None
        return [
            vault._key,
            kept,
            PASSPHRASE.encode(),
            ENTRY.file_key,
            ENTRY.sign_seed,
            ENTRY.kem_private,
            *(key for _, _, key in ENTRY.epoch_keys),
            *READABLE,
        ]


def test_the_search_finds_what_it_should() -> None:
    import base64
    import zlib

    import zstandard

    secret = bytes(range(40, 72))
    texts = [secret, secret.hex().encode(), base64.b64encode(b"ab" + secret + b"c")]
    for text in [*texts, base64.urlsafe_b64encode(secret)]:
        assert any(form in text for form in forms_of(secret))
    for packed in (zlib.compress(secret), zlib.compress(secret)[2:-4], zstandard.compress(secret)):
        assert any(secret in found for found in unpacked(b"xy" + packed + b"z"))


def test_nothing_secret_or_written_stands_in_any_file(profile: Profile, tmp_path: Path) -> None:
    keyring = MemoryKeyring()
    vault, recovery = create(profile, PASSPHRASE, keyring)
    with vault:
        vault.put_project(ENTRY)
        vault.set_setting("name of a setting", "a setting's value")
        vault.copy_to(tmp_path / "copy")
        with vault._file.transaction():  # a journal stands beside the file now
            vault.set_setting("name of a setting", "another value")
            vault._file._connection.cache_flush()
            seen = files_of(tmp_path)
    assert any(name.endswith("-journal") for name in seen)
    words = recovery.words().encode()
    secrets = [
        *secrets_of(profile, keyring),
        words,
        recovery._entropy,
        recovery.device_seed(),
        recovery.slot_secret(),
    ]
    for name, data in seen.items():
        inside = b"\n".join([data, *unpacked(data)])
        for secret in secrets:
            assert not any(form in inside for form in forms_of(secret)), name
        assert words.split()[0] + b" " + words.split()[1] not in inside


def test_nothing_secret_shows(profile: Profile, monkeypatch: pytest.MonkeyPatch) -> None:
    keyring = MemoryKeyring()
    vault, recovery = create(profile, PASSPHRASE, keyring)
    shown = [
        repr(ENTRY),
        str(ENTRY),
        repr(vault),
        str(vault),
        repr(vault._table),
        repr(recovery),
        repr(vault._file),
    ]
    vault.put_project(ENTRY)
    vault.close()
    attempts: list[Callable[[], object]] = [
        lambda: reopen(profile, "wrong: " + PASSPHRASE),
        lambda: reopen(profile, PASSPHRASE + "\udcff"),
        lambda: create(profile, PASSPHRASE, keyring),
        lambda: RecoveryKey.parse(" ".join(recovery.words().split()[:23])),
        lambda: RecoveryKey.parse(" ".join(["zoo", *recovery.words().split()[1:]])),
        lambda: RecoveryKey.parse(recovery.words() + "x"),
    ]
    for attempt in attempts:
        with pytest.raises(SitebookError) as caught:
            attempt()
        shown += traceback.format_exception(caught.value)
    secrets = secrets_of(profile, keyring)[: -len(READABLE)]
    text = "\n".join(shown).encode()
    # Tracebacks quote this file's own source, where the passphrase goes by its name only.
    for secret in [*secrets, recovery._entropy, recovery.words().encode()]:
        assert not any(form in text for form in forms_of(secret))
        assert repr(secret).encode() not in text


def test_a_word_that_was_typed_is_not_repeated() -> None:
    with pytest.raises(WrongSecret) as caught:
        RecoveryKey.parse("abandon " * 23 + "hunter")
    assert "hunter" not in str(caught.value)
    assert "abandon" not in str(caught.value)
