"""What the vault holds, as plain data whose secrets do not show."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Identity:
    """The person whose vault this is, as others will see them."""

    name: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True)
class ProjectEntry:
    """One project of this profile and everything that opens it.

    Lengths are in bytes: ``project`` 32, ``file_key`` 32 (raw key of the project file), ``sign_seed`` 32
    (Ed25519 seed of this device in this project), ``member`` 32. ``epoch_keys`` are (compartment, epoch id
    32, key 32), in the order of their arrival. ``recovery_device`` is the id of the recovery device that the
    project's keys are granted to, empty while there is none. ``created_ms``: UTC wall time. ``server`` is
    empty where none is set. ``certificate``: SHA-256 of the only certificate of the server that is accepted; empty
    where this computer decides.
    """

    project: bytes
    name: str
    server: str
    file_key: bytes = field(repr=False)
    sign_seed: bytes = field(repr=False)
    kem_private: bytes = field(repr=False)
    member: bytes
    epoch_keys: tuple[tuple[int, bytes, bytes], ...] = field(repr=False)
    created_ms: int
    recovery_device: bytes = b""
    certificate: bytes = b""

    def __post_init__(self) -> None:
        for name, value in (
            ("project", self.project),
            ("file_key", self.file_key),
            ("sign_seed", self.sign_seed),
            ("member", self.member),
        ):
            if len(value) != 32:
                raise ValueError(f"{name} must be 32 bytes")
        if len(self.certificate) not in (0, 32):
            raise ValueError("certificate must be 32 bytes or none")
