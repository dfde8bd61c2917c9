"""Quill, y-quill and Yjs from npm, pinned, bundled into one script by esbuild, which comes from there as well."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).resolve().parent
PINNED: Final = (
    "quill@2.0.3",
    "parchment@3.0.0",
    "quill-delta@5.1.0",
    "y-quill@1.0.0",
    "yjs@13.6.33",
    "lib0@0.2.120",
    "esbuild@0.28.2",
)
_TRIES: Final = 3
_SECONDS: Final = 300


def install(folder: Path) -> None:
    """Bring the packages into a folder; nothing to do where they are there. No script of a package is run."""
    done = folder / "installed"
    wanted = "\n".join(PINNED)
    if done.exists() and done.read_text("utf-8") == wanted:
        return
    npm = shutil.which("npm")
    assert npm is not None
    command = [npm, "install", "--prefix", str(folder), "--no-save", "--no-package-lock", "--ignore-scripts"]
    command += ["--no-audit", "--no-fund", "--loglevel=error", *PINNED]
    for left in range(_TRIES)[::-1]:
        ended = subprocess.run(command, check=left == 0, stdout=subprocess.DEVNULL, timeout=_SECONDS)
        if ended.returncode == 0:
            break
    done.write_text(wanted, "utf-8")


def bundle(folder: Path, page: Path) -> Path:
    """Make a page of the script ``page`` and what it imports; gives the HTML file."""
    esbuild = folder / "node_modules" / "esbuild" / "bin" / "esbuild"
    node = shutil.which("node")
    assert node is not None
    script = folder / f"{page.stem}.bundle.js"
    subprocess.run(
        [node, esbuild, page, "--bundle", f"--outfile={script}", "--log-level=warning", "--charset=utf8"],
        check=True,
        env={**os.environ, "NODE_PATH": str(folder / "node_modules")},
        timeout=_SECONDS,
    )
    html = folder / f"{page.stem}.html"
    html.write_text(
        "<!doctype html><meta charset=utf-8><title>Quill</title>"
        f'<link rel="stylesheet" href="{script.with_suffix(".css").name}">'
        f'<div id="editor"></div><script src="{script.name}"></script>',
        "utf-8",
    )
    return html
