"""What an operator writes is read as it is meant, and what is wrong with it is said in one sentence."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from dataclasses import fields
from pathlib import Path

import pytest

from sync.server.config import ConfigError, Secret, ServerConfig, read_config
from sync.server.limits import Limits
from sync.server.opening import database_url, place
from tests.server.process import refused

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "packaging" / "server" / "sitebook-server.toml"
KEY = "ab" * 32


def read(tmp_path: Path, text: str, environment: dict[str, str] | None = None) -> ServerConfig:
    path = tmp_path / "server.toml"
    path.write_text(text, "utf-8")
    return read_config(path, environment or {}, {("storage", "data"): str(tmp_path / "data")})


def test_defaults_are_those_of_the_limits(tmp_path: Path) -> None:
    assert read(tmp_path, "").limits() == Limits()


def test_the_file_the_environment_and_the_command_line_stand_over_each_other(tmp_path: Path) -> None:
    path = tmp_path / "server.toml"
    path.write_text('[listen]\nhost = "::1"\nport = 1\n[storage]\ndata = "/file"\n[log]\nlevel = "error"\n')
    environment = {
        "SITEBOOK_SERVER_LISTEN_PORT": "2",
        "SITEBOOK_SERVER_STORAGE_DATA": "/environment",
        "SITEBOOK_SERVER_PROXY_TRUSTED": "127.0.0.1, 10.0.0.0/8",
        "SITEBOOK_SERVER_QUOTA_LOG_BYTES": "1.5 GiB",
        "SITEBOOK_SERVER_OBJECTS_PLAIN_HTTP": "yes",
        "SITEBOOK_PROFILE": "/other",
    }
    given = {("storage", "data"): "/command", ("listen", "host"): None}
    config = read_config(path, environment, given)
    assert (config.listen.host, config.listen.port, config.data) == ("::1", 2, Path("/command"))
    assert config.log.level == "error"
    assert config.proxy.trusted == ("127.0.0.1", "10.0.0.0/8")
    assert [str(each) for each in config.trusted] == ["127.0.0.1/32", "10.0.0.0/8"]
    assert config.limits().project_log_bytes == 3 << 29
    assert config.objects.plain_http is True


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[listen]\nport = = 1", r"is not TOML: .*line 2"),
        ("listen = 1", "listen is a section"),
        ("[listening]", r"no section \[listening\]; there are listen, storage"),
        ("[listen]\nhots = 'x'", r"\[listen\] has no option hots; it has host, port"),
        ("[listen]\nport = '80x'", r"\[listen\] port is “80x”, but must be a whole number"),
        ("[listen]\nport = true", "a whole number"),
        ("[listen]\nport = 65536", "a port"),
        ("[listen]\nport = -1", "a whole number"),
        ("[listen]\nport = 1.5", "a whole number"),
        ("[listen]\nhost = 1", "must be text"),
        ("[storage]\nurl = 'mysql://x/y'", "sqlite or postgresql"),
        ("[storage]\nurl = 'postgresql://u@h'", "sqlite or postgresql"),
        ("[storage]\npassword = 5", "must be text"),
        ("[objects]\nurl = 'ftp://x'", "folder, file"),
        ("[objects]\nurl = 's3://'", "folder, file"),
        ("[objects]\nendpoint = 'h'", "an address"),
        ("[objects]\nplain_http = 'perhaps'", "true or false"),
        ("[objects]\nurl = 's3://b'\naccess_key = 'a'", "both access_key and secret_key"),
        ("[tls]\nkey = 'x'", "both certificate and key"),
        ("[proxy]\ntrusted = ['nginx']", "addresses or networks"),
        ("[proxy]\ntrusted = ['10.0.0.1/8']", "addresses or networks"),
        ("[proxy]\ntrusted = [1]", "a list of texts"),
        ("[projects]\ncreation = 'nobody'", "open, closed, listed"),
        ("[projects]\ncreation = 'listed'", "creators names no key"),
        ("[projects]\ncreators = ['ab']", "64 letters"),
        ("[quota]\nlog_bytes = '1 parsec'", "10 GiB"),
        ("[quota]\nlog_bytes = -1", "10 GiB"),
        ("[sizes]\nthreads = 0", "greater than 0"),
        ("[rates]\nkey = 'fast'", "not negative"),
        ("[rates]\nkey = inf", "not negative"),
        ("[rates]\nkey = nan", "not negative"),
        ("[gc]\nlog_days = -1", "not negative"),
        ("[metrics]\nport = 70000", "a port"),
        ("[log]\nlevel = 'loud'", "debug, info, warning, error"),
        ("[metrics]\ntoken_file = '/nowhere'", r"\[metrics\] token_file: /nowhere cannot be read"),
    ],
)
def test_what_is_wrong_is_one_sentence(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words) as caught:
        read(tmp_path, text)
    assert str(caught.value).endswith(".")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["LISTEN_PROT", "LISTEN", "LISTENING_PORT", "STORAGE_"])
def test_a_variable_that_names_nothing_is_a_mistake(tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigError, match=f"SITEBOOK_SERVER_{name} names no option"):
        read(tmp_path, "", {f"SITEBOOK_SERVER_{name}": "1"})


def test_secrets_come_from_files_and_the_environment_and_show_nowhere(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("p@ss/1\n")
    text = (
        f"[storage]\nurl = 'postgresql://relay@db/sitebook'\npassword_file = '{tmp_path / 'password'}'\n"
        "[metrics]\ntoken = 'tok-1'\n"
    )
    config = read(tmp_path, text)
    assert database_url(config) == "postgresql://relay:p%40ss%2F1@db/sitebook"
    assert place(config) == "sitebook on db"
    assert config.metrics.token.reveal() == "tok-1"
    nearer = read(tmp_path, text, {"SITEBOOK_SERVER_STORAGE_PASSWORD": "other"})
    assert nearer.storage.password == Secret("other")
    for shown in (repr(config), json.dumps(config.shown()), str(config.storage.password)):
        assert "p@ss" not in shown
        assert "tok-1" not in shown
    assert config.shown()["metrics"]["token"] == "(set)"
    with pytest.raises(ConfigError, match="password_file") as caught:
        read(tmp_path, "[storage]\nurl = 'postgresql://relay:p4ss@db/sitebook'\n")
    assert "p4ss" not in str(caught.value)
    (tmp_path / "password").write_text("\n")
    with pytest.raises(ConfigError, match="is empty"):
        read(tmp_path, text)


def test_without_a_place_for_its_data_there_is_no_server() -> None:
    assert refused() == "sitebook: Say where the server keeps its data: [storage] data, or --data DIR.\n"


def test_the_example_names_every_option_with_its_default(tmp_path: Path) -> None:
    text = EXAMPLE.read_text("utf-8")
    # Options stand in it as comments, so that the file as it is sets next to nothing.
    plain = re.sub(r"^# ?(?=\[?[a-z_]+\]?( = .*)?$)", "", text, flags=re.MULTILINE)
    table = tomllib.loads(plain)
    config = ServerConfig()
    assert list(table) == [section.name for section in fields(config)]
    for section in fields(config):
        options = getattr(config, section.name)
        assert list(table[section.name]) == [each.name for each in fields(options)], section.name
    assert read(tmp_path, plain).limits() == Limits()
    read(tmp_path, text)


def test_a_configuration_is_checked_without_a_server(tmp_path: Path) -> None:
    path = tmp_path / "server.toml"
    path.write_text(f"[storage]\ndata = '{tmp_path / 'data'}'\n[metrics]\ntoken = 'tok-1'\n")
    command = [sys.executable, "-m", "sync.server", "--check-config", "--config", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True)
    assert json.loads(done.stdout)["listen"] == {"host": "127.0.0.1", "port": 8750}
    assert "tok-1" not in done.stdout
    assert not (tmp_path / "data").exists()
