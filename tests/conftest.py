"""What all tests share: an environment of their own, apart from the one of whoever runs them."""

from __future__ import annotations

import gc
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

_HOME = pytest.StashKey[Path]()

# A slow machine is no reason to fail; a failing example is printed so that it can be run again.
hypothesis.settings.register_profile("sitebook", deadline=None, print_blob=True)
hypothesis.settings.load_profile("sitebook")


def pytest_configure(config: pytest.Config) -> None:
    """Before anything is imported: no test sees the profile, keyring, bus, proxies or screen of a user."""
    home = Path(tempfile.mkdtemp(prefix="sitebook-tests-"))
    config.stash[_HOME] = home
    for name in list(os.environ):
        if name.startswith("SITEBOOK_") or name.lower() in {
            "all_proxy",
            "http_proxy",
            "https_proxy",
            "no_proxy",
        }:
            del os.environ[name]
    os.environ.pop("DBUS_SESSION_BUS_ADDRESS", None)
    os.environ["HOME"] = str(home)
    for variable, folder in {
        "XDG_CACHE_HOME": ".cache",
        "XDG_CONFIG_HOME": ".config",
        "XDG_DATA_HOME": ".local/share",
        "XDG_STATE_HOME": ".local/state",
        "XDG_RUNTIME_DIR": "runtime",
    }.items():
        place = home / folder
        place.mkdir(parents=True, mode=0o700)
        os.environ[variable] = str(place)
    os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    # Without a UTF-8 locale, as on a bare system, Qt warns, and a Qt warning fails a test.
    os.environ["LC_ALL"] = "C.UTF-8"


@pytest.fixture(autouse=True)
def garbage_of_this_thread() -> Iterator[None]:
    """In a process with widgets, cycles are collected between tests, on the main thread.

    Python collects in whichever thread allocates. What an earlier test left of widgets would be destroyed by a thread
    that carries requests, and Qt does not survive that; the app takes care of it itself while its threads run
    (``app.desktop.garbage``).
    """
    if "PySide6.QtWidgets" not in sys.modules:
        yield
        return
    gc.disable()
    yield
    counts, thresholds = gc.get_count(), gc.get_threshold()
    due = [generation for generation in (2, 1, 0) if counts[generation] > thresholds[generation] > 0]
    if due:
        gc.collect(due[0])
    gc.enable()


@pytest.fixture
def python_collects() -> None:
    """Python collects by itself, as when the app starts."""
    gc.enable()


def pytest_unconfigure(config: pytest.Config) -> None:
    """Remove what the tests left behind."""
    shutil.rmtree(config.stash[_HOME], ignore_errors=True)
