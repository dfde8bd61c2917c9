"""What is done once instead of many times, so that a thousand worlds fit into a test run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from unittest import mock

from sync import envelope
from sync.keys import check_signature


@contextmanager
def cached_signatures() -> Iterator[None]:
    """Check each signature over an envelope once and not on every device: only good ones are remembered."""
    good: set[tuple[bytes, bytes, bytes, bytes]] = set()

    def check(public: bytes, signature: bytes, label: bytes, message: bytes) -> None:
        key = (public, signature, label, message)
        if key not in good:
            check_signature(public, signature, label, message)
            good.add(key)

    with mock.patch.object(envelope, "check_signature", check):
        yield
