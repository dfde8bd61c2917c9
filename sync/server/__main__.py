"""``python -m sync.server``: a relay without the rest of Sitebook installed."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from sync.errors import SitebookError
from sync.server.main import DEFAULT_HOST, DEFAULT_PORT, serve


def main(arguments: list[str] | None = None) -> int:
    """Run a relay; gives the exit code."""
    parser = argparse.ArgumentParser(prog="python -m sync.server", description=__doc__)
    parser.add_argument(
        "--data", type=Path, required=True, metavar="DIR", help="where the server keeps its data"
    )
    parser.add_argument("--host", default=DEFAULT_HOST)
    parser.add_argument("--port", type=int, default=DEFAULT_PORT, help="0 takes a free one")
    options = parser.parse_args(arguments)
    try:
        serve(options.data, options.host, options.port)
    except SitebookError as error:
        sys.stderr.write(f"sitebook: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
