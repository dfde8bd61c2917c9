"""The program ``sitebook``: reads the arguments, runs one command, and turns what goes wrong into a sentence.

Exit codes: 0; 1 with one line on standard error; 2 usage; 3 the server cannot be reached.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from app.cli.arguments import read_arguments
from app.cli.output import Usage, warn
from app.cli.session import Options, Session
from sync.errors import SitebookError, Unreachable

OK, FAILED, MISUSED, AWAY = 0, 1, 2, 3


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and give its exit code. Never raises."""
    _use_utf8()
    try:
        code = _run(sys.argv[1:] if argv is None else argv)
        if sys.stdout is not None:
            sys.stdout.flush()
    except SystemExit as leaving:  # the parser printed help or usage
        code = leaving.code if isinstance(leaving.code, int) else FAILED
    except BrokenPipeError:
        code = OK  # whoever read our output has enough of it
        _drop_output()
    except OSError as error:
        warn(_system_says(error))
        code = FAILED
        _drop_output()
    return code


def _run(argv: Sequence[str]) -> int:
    arguments = read_arguments(argv)
    session = Session(Options(arguments.profile, arguments.project, arguments.json))
    try:
        try:
            return _command(arguments.command)(session, arguments) or OK
        finally:
            session.close()
    except Usage as error:
        warn(str(error))
        return MISUSED
    except Unreachable as error:
        warn(str(error))
        return AWAY
    except SitebookError as error:
        warn(str(error))
        return FAILED
    except KeyboardInterrupt:
        warn("Stopped. What was finished before is saved.")
        return FAILED
    except OSError:
        raise
    except Exception as error:  # noqa: BLE001 - our own mistakes: no traceback for the user, but a log
        warn(_own_mistake(session, error))
        return FAILED


def _command(name: str) -> Callable[[Session, Any], int | None]:
    """The function of a command, ``module:function``; its module is loaded only now."""
    module, _, function = name.partition(":")
    found: Callable[[Session, Any], int | None] = getattr(
        importlib.import_module(f"app.cli.{module}"), function
    )
    return found


def _own_mistake(session: Session, error: Exception) -> str:
    from app.cli.mistakes import note_mistake

    where = note_mistake(session.profile.directory, error)
    place = f"; the file {where} says where" if where is not None else ""
    return f"Something went wrong in Sitebook itself ({type(error).__name__}){place}. Your work is safe."


def _system_says(error: OSError) -> str:
    what = error.strerror or type(error).__name__
    if error.filename is None:
        return f"The system refused this ({what}); check the disk and where the output goes."
    return f"{os.fsdecode(error.filename)} could not be used ({what}); check the path and its permissions."


def _use_utf8() -> None:
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(encoding="utf-8", errors="backslashreplace")


def _drop_output() -> None:
    """Nobody reads it any more: what Python still writes at its end must not fail again."""
    with suppress(OSError, ValueError, AttributeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    sys.exit(main())
