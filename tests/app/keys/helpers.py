"""What the tests of the key room share."""

from __future__ import annotations

import base64
import random as pseudo
import subprocess
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path

import zstandard

from app.keys.entry import Identity, ProjectEntry
from app.keys.keyring_slot import Keyring, KeyringUnavailable, NoKeyring
from app.keys.profile import Profile
from app.keys.recovery import RecoveryKey
from app.keys.slots import ArgonCost, Floors, Strength
from app.keys.vault import Vault

ROOT = Path(__file__).parents[3]
WEAK = Strength(ArgonCost(memory_kib=64, iterations=1, lanes=1), Floors(memory_kib=64, iterations=1))
PASSPHRASE = "three blue doors"


class MemoryKeyring:
    """A keyring that works, and can be told to fail."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}
        self.broken = False

    def get(self, service: str, account: str) -> str | None:
        self._check()
        return self.kept.get((service, account))

    def set(self, service: str, account: str, secret: str) -> None:
        self._check()
        self.kept[service, account] = secret

    def delete(self, service: str, account: str) -> None:
        self._check()
        self.kept.pop((service, account), None)

    def _check(self) -> None:
        if self.broken:
            raise KeyringUnavailable("it is broken")


def create(
    profile: Profile, passphrase: str | None = PASSPHRASE, keyring: Keyring | None = None
) -> tuple[Vault, RecoveryKey]:
    return Vault.create(
        profile,
        passphrase,
        identity=Identity("Ada Bricklayer", "ada@example.org"),
        keyring=keyring or NoKeyring(),
        strength=WEAK,
    )


def reopen(
    profile: Profile,
    passphrase: str | None = PASSPHRASE,
    *,
    keyring: Keyring | None = None,
    recovery: RecoveryKey | None = None,
    exclusive: bool = True,
) -> Vault:
    return Vault.open(
        profile,
        passphrase,
        recovery=recovery,
        keyring=keyring or NoKeyring(),
        strength=WEAK,
        exclusive=exclusive,
    )


def project_entry(seed: int, certificate: bytes = b"") -> ProjectEntry:
    make = pseudo.Random(seed).randbytes
    return ProjectEntry(
        project=make(32),
        name=f"Site {seed}",
        server="https://relay.example.org",
        file_key=make(32),
        sign_seed=make(32),
        kem_private=make(96),
        member=make(32),
        epoch_keys=((0, make(32), make(32)), (1, make(32), make(32))),
        created_ms=1_700_000_000_000 + seed,
        recovery_device=make(32),
        certificate=certificate,
    )


def child(*arguments: str, **environment: str) -> subprocess.Popen[str]:
    """Starts tests/app/keys/child.py; its first line of output is ``ready``."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.app.keys.child", *arguments],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={"PATH": "/usr/bin:/bin", **environment},
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def ended(process: subprocess.Popen[str]) -> str:
    """What the child printed since, once it has ended. It ends where it waits for a line, too."""
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.close()
    with process.stdout:
        # Not communicate(): it passes over what readline() has read ahead.
        output = process.stdout.read()
    process.wait(60)
    return output


def files_of(directory: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(directory)): path.read_bytes()
        for path in sorted(directory.rglob("*"))
        if path.is_file()
    }


def forms_of(secret: bytes) -> Iterator[bytes]:
    """How a secret could stand readable in a file."""
    yield secret
    yield secret.hex().encode()
    yield secret.hex().upper().encode()
    for shift in range(3):  # base64 in the middle of other text begins at any of three places
        inner = base64.b64encode(b"\0" * shift + secret)[4 if shift else 0 : -4]
        yield inner
        yield inner.replace(b"+", b"-").replace(b"/", b"_")


def unpacked(data: bytes) -> Iterator[bytes]:
    """Whatever unpacks, beginning at any place."""
    for place in range(len(data)):
        for window in (15, -15):
            try:
                found = zlib.decompressobj(window).decompress(data[place:], 1 << 16)
            except zlib.error:
                continue
            yield found
        if data[place : place + 4] == b"\x28\xb5\x2f\xfd":
            try:
                yield zstandard.ZstdDecompressor().decompressobj().decompress(data[place:])
            except zstandard.ZstdError:
                continue
