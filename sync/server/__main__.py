"""``python -m sync.server``: a relay without the rest of Sitebook installed."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path

from sync.errors import SitebookError
from sync.server.config import read_config
from sync.server.health import check_health
from sync.server.main import serve


def main(arguments: list[str] | None = None) -> int:
    """Run a relay; gives the exit code."""
    parser = argparse.ArgumentParser(prog="python -m sync.server", description=__doc__)
    parser.add_argument("--config", type=Path, metavar="FILE", help="TOML; see packaging/server")
    parser.add_argument("--data", metavar="DIR", help="where the server keeps its data")
    parser.add_argument("--host")
    parser.add_argument("--port", help="0 takes a free one")
    parser.add_argument("--check-config", action="store_true", help="print what counts, without secrets")
    parser.add_argument(
        "--check-health", action="store_true", help="ask a server that runs; 1 if it is not well"
    )
    options = parser.parse_args(arguments)
    given = {
        ("storage", "data"): options.data,
        ("listen", "host"): options.host,
        ("listen", "port"): options.port,
    }
    try:
        config = read_config(options.config, os.environ, given)
        if options.check_config:
            sys.stdout.write(json.dumps(config.shown(), indent=2, ensure_ascii=False) + "\n")
        elif options.check_health:
            check_health(config)
        else:
            serve(config)
    except SitebookError as error:
        sys.stderr.write(f"sitebook: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
