"""Opening the window: the only module here that may load what the extra ``desktop`` brings, when it is needed."""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from app.cli.output import warn
from app.cli.session import Session
from app.domain.addresses import read_address
from app.keys.bell import ring
from sync.errors import SitebookError

if TYPE_CHECKING:
    from app.desktop.session import Session as WindowSession

_SAMPLE_PASSPHRASE = "sample"  # noqa: S105 - it locks what ships with the program and can be read by anyone


def show(session: Session, arguments: Namespace) -> int:
    """Open the window on the profile, or print the version."""
    if arguments.version:
        session.out.result({"version": version()}, version())
        return 0
    return _show(session, "")


def open_item(session: Session, arguments: Namespace) -> int:
    """Show an item by its address: in the window that is open, else in a new one."""
    address = arguments.address or ""
    if address:
        read_address(address)
    return _show(session, address)


def _show(session: Session, address: str) -> int:
    profile = session.profile

    def begin() -> WindowSession:
        from app.desktop.profile_session import ProfileSession

        return ProfileSession(profile, _today, passphrase=session.passphrase)

    return _run(begin, profile.directory, address)


def show_sample() -> int:
    """Open the window on the sample project, in a profile of its own beside the user's."""
    from platformdirs import user_data_path

    from app.keys.keyring_slot import NoKeyring
    from app.keys.profile import Profile

    profile = Profile(user_data_path("sitebook-sample", appauthor=False))

    def begin() -> WindowSession:
        from app.cli.profile import user_name
        from app.desktop.profile_session import ProfileSession
        from app.desktop.session import ProfileState

        opened = ProfileSession(profile, _today, passphrase=_SAMPLE_PASSPHRASE, keyring=NoKeyring())
        if opened.state() is ProfileState.NEW:
            opened.create_vault(user_name() or "You", _SAMPLE_PASSPHRASE)
        opened.open_sample()
        return opened

    try:
        return _run(begin, profile.directory)
    except SitebookError as error:
        warn(str(error))
        return 1


def _run(begin: Callable[[], WindowSession], profile: Path, address: str = "") -> int:
    """Have the window that is open on the profile show itself; else open one."""
    if ring(profile, address):
        return 0
    if not has_display():
        raise SitebookError(
            "There is no display for the window here; `sitebook --help` shows the commands that need none."
        )
    try:
        from app.desktop.app import run_window
    except ModuleNotFoundError as error:
        raise SitebookError(
            "The window is not installed; install it with `pip install 'sitebook[desktop]'`, or use the commands "
            "that `sitebook --help` shows."
        ) from error
    except ImportError as error:
        raise SitebookError(
            f"A library that the window needs is missing on this system ({error}); install it, or use the commands "
            "that `sitebook --help` shows."
        ) from error
    from app.cli.profile import user_name

    translations = Path(__file__).resolve().parents[2] / "resources" / "translations"
    return run_window(
        begin,
        version=version(),
        person=user_name(),
        translations=translations if translations.is_dir() else None,
        profile=profile,
        address=address,
    )


def has_display() -> bool:
    """Whether a window can be shown here; Qt would end the process where it cannot."""
    if sys.platform in ("win32", "darwin") or os.environ.get("QT_QPA_PLATFORM"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _today() -> date:
    return datetime.now().astimezone().date()


def version() -> str:
    """The version of the program."""
    from importlib.metadata import PackageNotFoundError
    from importlib.metadata import version as installed

    try:
        return installed("sitebook")
    except PackageNotFoundError:
        return "not installed"
