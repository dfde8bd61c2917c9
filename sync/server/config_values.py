"""Single values of the configuration: their types, bounds and forms, and secrets."""

from __future__ import annotations

import re
from collections.abc import Callable
from ipaddress import ip_network
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from sync.errors import SitebookError

_UNITS: Final = {"": 1, "b": 1, "kib": 1 << 10, "mib": 1 << 20, "gib": 1 << 30, "tib": 1 << 40}
_SIZE: Final = re.compile(r"(\d+(?:\.\d+)?) ?([kmgt]i?b|b)?", re.IGNORECASE)
_BOOLEANS: Final = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


class ConfigError(SitebookError):
    """The configuration is wrong; the sentence says where and how."""


class Secret:
    """A password or token: shown by nobody, read by :meth:`reveal` alone."""

    __slots__ = ("_text",)

    def __init__(self, text: str = "") -> None:
        self._text = text

    def __repr__(self) -> str:
        return "Secret(set)" if self._text else "Secret()"

    def __bool__(self) -> bool:
        return bool(self._text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._text == self._text

    def __hash__(self) -> int:
        return hash(self._text)

    def __deepcopy__(self, memo: object) -> Secret:
        return self

    def reveal(self) -> str:
        """The secret itself."""
        return self._text


NO_SECRET: Final = Secret()


def secret_of_file(path: str, section: str, name: str) -> Secret:
    """A secret that lies in a file of its own, without the line end. Raises ConfigError."""
    try:
        text = Path(path).expanduser().read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"[{section}] {name}_file: {path} cannot be read.") from error
    if not text:
        raise ConfigError(f"[{section}] {name}_file: {path} is empty.")
    return Secret(text)


def read_value(default: Any, value: Any, where: str, section: str, name: str) -> Any:
    """A value in the type of its default, within bounds. Text may come for any type, as the environment has it.

    Raises:
        ConfigError: it does not fit; a secret is not quoted.
    """
    if isinstance(default, Secret):
        if not isinstance(value, str):
            raise ConfigError(f"{where} must be text.")
        return Secret(value)
    read = _typed(default, value, name)
    if read is None:
        raise ConfigError(f"{where} is {_quoted(value)}, but must be {_wanted(default, name)}.")
    complaint = _CHECKS.get((section, name), _nothing)(read)
    if complaint:
        raise ConfigError(f"{where} is {_quoted(value)}, but must be {complaint}.")
    return read


def _typed(default: Any, value: Any, name: str) -> Any:
    """None where it does not fit."""
    if isinstance(default, bool):
        return value if isinstance(value, bool) else _BOOLEANS.get(str(value).strip().lower())
    if isinstance(value, bool):
        return None
    if isinstance(default, int):
        return _whole(value, size=name.endswith("bytes"))
    if isinstance(default, float):
        return _number(value)
    if isinstance(default, tuple):
        if isinstance(value, str):
            return tuple(part for part in re.split(r"[,\s]+", value) if part)
        fits = isinstance(value, list) and all(isinstance(each, str) for each in value)
        return tuple(value) if fits else None
    return value if isinstance(value, str) else None


def _whole(value: Any, *, size: bool) -> int | None:
    if isinstance(value, int):
        return value if 0 <= value < 1 << 60 else None
    if not isinstance(value, str):
        return None
    if not size:
        return int(value) if value.isascii() and value.isdigit() and len(value) < 18 else None
    match = _SIZE.fullmatch(value.strip())
    if match is None:
        return None
    unit = (match[2] or "").lower()
    # 10 GB means 10 GiB here too: an operator who wants it to the byte writes bytes.
    unit = unit if unit in _UNITS else f"{unit[0]}ib"
    found = int(float(match[1]) * _UNITS[unit])
    return found if found < 1 << 60 else None


def _number(value: Any) -> float | None:
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    # Not infinite, and no number that is none.
    return number if 0 <= number < 1e12 else None


def _wanted(default: Any, name: str) -> str:
    if isinstance(default, bool):
        return "true or false"
    if isinstance(default, int):
        return "a whole number of bytes, or such as “10 GiB”" if name.endswith("bytes") else "a whole number"
    if isinstance(default, float):
        return "a number that is not negative"
    return "a list of texts" if isinstance(default, tuple) else "text"


def _quoted(value: Any) -> str:
    """What was written, in bounds; of an address only what comes before a password."""
    text = re.sub(r"(://[^/@\s:]*):[^/\s]*@", r"\1:…@", str(value))
    return f"“{text if len(text) <= 60 else text[:60] + '…'}”"


def _nothing(_value: Any) -> str:
    return ""


def _port(value: int) -> str:
    return "" if value < 1 << 16 else "a port: a number from 1 to 65535, or 0 for a free one"


def _positive(value: float) -> str:
    return "" if value > 0 else "greater than 0"


def _one_of(*choices: str) -> Callable[[str], str]:
    def check(value: str) -> str:
        return "" if value in choices else f"one of {', '.join(choices)}"

    return check


def _networks(values: tuple[str, ...]) -> str:
    try:
        for each in values:
            ip_network(each)
    except ValueError:
        return "addresses or networks, such as 127.0.0.1 or 10.0.0.0/8"
    return ""


def _keys(values: tuple[str, ...]) -> str:
    good = all(re.fullmatch("[0-9a-f]{64}", each) for each in values)
    return "" if good else "keys of 64 letters 0-9 and a-f, as the server's refusal names them"


def _storage_url(value: str) -> str:
    if value == "sqlite":
        return ""
    parts = urlsplit(value)
    if parts.scheme not in {"postgresql", "postgres"} or not parts.path.strip("/"):
        return "sqlite or postgresql://USER@HOST/DATABASE"
    return "without the password, which goes into password_file or password" if parts.password else ""


def _objects_url(value: str) -> str:
    if value == "folder":
        return ""
    parts = urlsplit(value)
    if parts.scheme == "file" and parts.path.startswith("/"):
        return ""
    good = parts.scheme in {"s3", "gs", "az"} and parts.netloc and "@" not in parts.netloc
    return "" if good else "folder, file:///DIRECTORY, or s3://BUCKET/PREFIX"


def _endpoint(value: str) -> str:
    parts = urlsplit(value)
    good = not value or (parts.scheme in {"http", "https"} and parts.netloc and "@" not in parts.netloc)
    return "" if good else "an address such as https://s3.example.com"


_CHECKS: Final[dict[tuple[str, str], Callable[[Any], str]]] = {
    ("listen", "port"): _port,
    ("metrics", "port"): _port,
    ("storage", "url"): _storage_url,
    ("objects", "url"): _objects_url,
    ("objects", "endpoint"): _endpoint,
    ("proxy", "trusted"): _networks,
    ("projects", "creation"): _one_of("open", "closed", "listed"),
    ("projects", "creators"): _keys,
    ("log", "level"): _one_of("debug", "info", "warning", "error"),
    **{
        ("sizes", name): _positive
        for name in (
            "connections",
            "streams",
            "requests",
            "threads",
            "waiting_bytes",
            "body_seconds",
            "memberships",
            "sessions",
            "session_seconds",
        )
    },
    **{
        ("rates", name): _positive
        for name in ("key", "key_burst", "address", "address_burst", "sign_in", "sign_in_burst")
    },
}
