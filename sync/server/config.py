"""What an operator sets: a TOML file, variables of the environment over it, the command line over both.

:class:`ServerConfig` is the whole with all defaults; :func:`read_config` reads it and says in one sentence what
is wrong where. Secrets are a type of their own, which no ``repr`` and no log shows.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any, Final

from sync.server.config_values import NO_SECRET, ConfigError, Secret, read_value, secret_of_file
from sync.server.limits import Limits

__all__ = ["ConfigError", "Secret", "ServerConfig", "read_config"]

VARIABLE: Final = "SITEBOOK_SERVER_"
"""What the names of our variables begin with; then ``SECTION_NAME``."""
SQLITE: Final = "sqlite"
FOLDER: Final = "folder"
_DEFAULTS: Final = Limits()
_DAY: Final = 86_400.0


@dataclass(frozen=True, slots=True)
class Listen:
    """Where the server listens."""

    host: str = "127.0.0.1"
    port: int = 8750


@dataclass(frozen=True, slots=True)
class StorageSection:
    """Where envelopes and the rest are."""

    data: str = ""
    url: str = SQLITE
    password: Secret = NO_SECRET
    password_file: str = ""


@dataclass(frozen=True, slots=True)
class Objects:
    """Where chunks are."""

    url: str = FOLDER
    endpoint: str = ""
    region: str = ""
    access_key: Secret = NO_SECRET
    access_key_file: str = ""
    secret_key: Secret = NO_SECRET
    secret_key_file: str = ""
    plain_http: bool = False


@dataclass(frozen=True, slots=True)
class Tls:
    """The server's own certificate."""

    certificate: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class Proxy:
    """Who may say on whose behalf it asks."""

    trusted: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Projects:
    """Who may begin projects."""

    creation: str = "open"
    creators: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Quota:
    """How much a project may have here."""

    log_bytes: int = _DEFAULTS.project_log_bytes
    chunk_bytes: int = _DEFAULTS.project_chunk_bytes
    grants: int = _DEFAULTS.grants_per_project


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much at one time."""

    connections: int = _DEFAULTS.connections
    streams: int = _DEFAULTS.streams
    requests: int = _DEFAULTS.requests
    threads: int = _DEFAULTS.threads
    waiting_bytes: int = _DEFAULTS.waiting_bytes
    body_seconds: float = _DEFAULTS.body_seconds
    memberships: int = _DEFAULTS.memberships
    sessions: int = _DEFAULTS.sessions
    session_seconds: float = _DEFAULTS.session_seconds


@dataclass(frozen=True, slots=True)
class Rates:
    """Requests a second, and how many may come at once."""

    key: float = _DEFAULTS.key_rate
    key_burst: float = _DEFAULTS.key_burst
    address: float = _DEFAULTS.address_rate
    address_burst: float = _DEFAULTS.address_burst
    sign_in: float = _DEFAULTS.sign_in_rate
    sign_in_burst: float = _DEFAULTS.sign_in_burst


@dataclass(frozen=True, slots=True)
class Gc:
    """When what nobody needs any more goes."""

    interval_seconds: float = _DEFAULTS.collect_seconds
    log_days: float = _DEFAULTS.log_grace_seconds / _DAY
    file_days: float = _DEFAULTS.file_grace_seconds / _DAY
    bundle_days: float = _DEFAULTS.bundle_grace_seconds / _DAY


@dataclass(frozen=True, slots=True)
class MetricsSection:
    """Where Prometheus reads."""

    host: str = "127.0.0.1"
    port: int = 0
    token: Secret = NO_SECRET
    token_file: str = ""


@dataclass(frozen=True, slots=True)
class LogSection:
    """What is logged."""

    level: str = "info"


@dataclass(frozen=True, slots=True)
class ServerConfig:
    """All of it."""

    listen: Listen = field(default_factory=Listen)
    storage: StorageSection = field(default_factory=StorageSection)
    objects: Objects = field(default_factory=Objects)
    tls: Tls = field(default_factory=Tls)
    proxy: Proxy = field(default_factory=Proxy)
    projects: Projects = field(default_factory=Projects)
    quota: Quota = field(default_factory=Quota)
    sizes: Sizes = field(default_factory=Sizes)
    rates: Rates = field(default_factory=Rates)
    gc: Gc = field(default_factory=Gc)
    metrics: MetricsSection = field(default_factory=MetricsSection)
    log: LogSection = field(default_factory=LogSection)

    @property
    def data(self) -> Path:
        """The data directory."""
        return Path(self.storage.data).expanduser().absolute()

    @property
    def trusted(self) -> tuple[IPv4Network | IPv6Network, ...]:
        """The proxies that are believed."""
        return tuple(ip_network(each) for each in self.proxy.trusted)

    def limits(self) -> Limits:
        """What the relay is given."""
        return replace(
            _DEFAULTS,
            open_creation=self.projects.creation == "open",
            creators=frozenset(map(bytes.fromhex, self.projects.creators))
            if self.projects.creation == "listed"
            else frozenset(),
            project_log_bytes=self.quota.log_bytes,
            project_chunk_bytes=self.quota.chunk_bytes,
            grants_per_project=self.quota.grants,
            connections=self.sizes.connections,
            streams=self.sizes.streams,
            requests=self.sizes.requests,
            threads=self.sizes.threads,
            waiting_bytes=self.sizes.waiting_bytes,
            body_seconds=self.sizes.body_seconds,
            memberships=self.sizes.memberships,
            sessions=self.sizes.sessions,
            session_seconds=self.sizes.session_seconds,
            key_rate=self.rates.key,
            key_burst=self.rates.key_burst,
            address_rate=self.rates.address,
            address_burst=self.rates.address_burst,
            sign_in_rate=self.rates.sign_in,
            sign_in_burst=self.rates.sign_in_burst,
            collect_seconds=self.gc.interval_seconds,
            log_grace_seconds=self.gc.log_days * _DAY,
            file_grace_seconds=self.gc.file_days * _DAY,
            bundle_grace_seconds=self.gc.bundle_days * _DAY,
        )

    def shown(self) -> dict[str, dict[str, Any]]:
        """All of it for people, a secret as whether it is set."""
        whole: dict[str, dict[str, Any]] = asdict(self)
        for section in whole.values():
            for name, value in section.items():
                if isinstance(value, Secret):
                    section[name] = "(set)" if value else ""
        return whole


def read_config(
    path: Path | None, environment: Mapping[str, str], given: Mapping[tuple[str, str], Any] | None = None
) -> ServerConfig:
    """Read the file, put the environment over it, and what was ``given`` on the command line over both.

    Raises:
        ConfigError: a name is unknown, a value wrong, or a file cannot be read; the sentence says where.
    """
    table = {} if path is None else _load(path)
    where = "" if path is None else str(path)
    values: dict[str, dict[str, Any]] = {}
    for section in fields(ServerConfig):
        values[section.name] = {}
    _take_file(values, table, where)
    _take_environment(values, environment)
    for (section_name, name), value in (given or {}).items():
        if value is not None:
            values[section_name][name] = read_value(
                _default(section_name, name), value, f"--{name.replace('_', '-')}", section_name, name
            )
    sections = {section.name: section.default_factory for section in fields(ServerConfig)}
    made = {name: make(**values[name]) for name, make in sections.items() if callable(make)}
    return _checked(_with_secrets(ServerConfig(**made)))


def _load(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise ConfigError(f"The configuration {path} cannot be read ({error.strerror}).") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"The configuration {path} is not text in UTF-8.") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"The configuration {path} is not TOML: {error}.") from error


def _default(section: str, name: str) -> Any:
    """The default of an option, which also says its type; None where there is none of this name."""
    return getattr(getattr(ServerConfig(), section, None), name, None)


def _take_file(values: dict[str, dict[str, Any]], table: Mapping[str, Any], where: str) -> None:
    for section, options in table.items():
        if section not in values:
            known = ", ".join(values)
            raise ConfigError(f"{where}: there is no section [{section}]; there are {known}.")
        if not isinstance(options, dict):
            raise ConfigError(f"{where}: {section} is a section; write [{section}] and its options below.")
        for name, value in options.items():
            default = _default(section, name)
            if default is None:
                known = ", ".join(each.name for each in fields(getattr(ServerConfig(), section)))
                raise ConfigError(f"{where}: [{section}] has no option {name}; it has {known}.")
            values[section][name] = read_value(default, value, f"{where}: [{section}] {name}", section, name)


def _take_environment(values: dict[str, dict[str, Any]], environment: Mapping[str, str]) -> None:
    for variable, text in sorted(environment.items()):
        if not variable.startswith(VARIABLE):
            continue
        section, _, name = variable.removeprefix(VARIABLE).lower().partition("_")
        default = _default(section, name)
        if default is None:
            raise ConfigError(f"The variable {variable} names no option; it is {VARIABLE}SECTION_NAME.")
        values[section][name] = read_value(default, text, f"The variable {variable}", section, name)
        # Here the nearer one counts: a secret of the environment replaces one that a file names.
        if isinstance(default, Secret):
            values[section][f"{name}_file"] = ""


def _with_secrets(config: ServerConfig) -> ServerConfig:
    """Read the secrets that lie in files of their own."""
    changed: dict[str, Any] = {}
    for section in fields(config):
        options = getattr(config, section.name)
        read = {
            each.name: secret_of_file(path, section.name, each.name)
            for each in fields(options)
            if isinstance(getattr(options, each.name), Secret)
            and (path := getattr(options, f"{each.name}_file"))
        }
        if read:
            changed[section.name] = replace(options, **read)
    return replace(config, **changed)


def _checked(config: ServerConfig) -> ServerConfig:
    """What concerns more than one option. Raises ConfigError."""
    if bool(config.tls.certificate) != bool(config.tls.key):
        raise ConfigError("[tls] needs both certificate and key, or neither.")
    if config.projects.creation == "listed" and not config.projects.creators:
        raise ConfigError("[projects] creation is listed, but creators names no key; add some, or close it.")
    if config.objects.url.startswith("s3://") and bool(config.objects.access_key) != bool(
        config.objects.secret_key
    ):
        raise ConfigError("[objects] needs both access_key and secret_key, or neither.")
    if not config.storage.data and (config.storage.url == SQLITE or config.objects.url == FOLDER):
        raise ConfigError("Say where the server keeps its data: [storage] data, or --data DIR.")
    return config
