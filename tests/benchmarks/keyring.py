"""A keyring for benchmarks that run in several processes: a file, and no secret worth anything."""

from __future__ import annotations

import json
from pathlib import Path


class FileKeyring:
    """Keeps secrets in a JSON file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def _all(self) -> dict[str, str]:
        if not self._path.exists():
            return {}
        found: dict[str, str] = json.loads(self._path.read_text())
        return found

    def get(self, service: str, account: str) -> str | None:
        return self._all().get(f"{service} {account}")

    def set(self, service: str, account: str, secret: str) -> None:
        self._path.write_text(json.dumps({**self._all(), f"{service} {account}": secret}))

    def delete(self, service: str, account: str) -> None:
        self._path.write_text(
            json.dumps({k: v for k, v in self._all().items() if k != f"{service} {account}"})
        )
