"""Who a device is in one project, and how a project begins.

Device keys are made per project, so that nobody who sees two projects can tell that a device is in both. The
recovery key is the exception: a new machine must find its member's projects knowing nothing else, so its keys
are the same in all projects of a person.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from sync.clock import Random
from sync.envelope import ZERO_HASH, Envelope, seal_membership
from sync.epochs import KEY, EpochKey, commitment
from sync.keys import KemKey, SigningKey
from sync.membership_actions import Founding, RecoveryPublic, encode_action


@dataclass(frozen=True)
class DeviceIdentity:
    """The secret side of one device in one project, as the vault keeps it. ``repr`` shows none of it."""

    project: bytes
    sign_seed: bytes = field(repr=False)
    kem_private: bytes = field(repr=False)
    member: bytes
    """Hash of the envelope that made the member: the founding, or the join of its first device."""

    @cached_property
    def signing(self) -> SigningKey:
        """Signs this device's envelopes."""
        return SigningKey(self.sign_seed)

    @cached_property
    def kem(self) -> KemKey:
        """Opens what is sealed to this device."""
        return KemKey(self.kem_private)

    @property
    def device(self) -> bytes:
        """The device's id: its public signing key."""
        return self.signing.public

    @property
    def kem_public(self) -> bytes:
        """What others seal keys to."""
        return self.kem.public


class Founded(NamedTuple):
    """A new project."""

    founding: Envelope
    """The first envelope of the founder's device (sequence 1)."""
    project: bytes
    epoch_key: EpochKey
    identity: DeviceIdentity


def found_project(*, random: Random, recovery: RecoveryPublic | None = None) -> Founded:
    """Found a project: device keys, the first epoch's key, and the founding envelope whose hash is the id."""
    signing = SigningKey.generate(random)
    kem = KemKey.generate(random)
    key = random(KEY)
    action = Founding(kem.public, recovery, commitment(0, key), random(32))
    founding = seal_membership(
        project=ZERO_HASH,
        device_key=signing,
        seq=1,
        prev=None,
        membership_heads=(),
        action=encode_action(action),
    )
    project = founding.hash
    identity = DeviceIdentity(project, signing.seed, kem.private, project)
    return Founded(founding, project, EpochKey(0, project, key), identity)
