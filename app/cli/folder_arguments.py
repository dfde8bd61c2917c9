"""The arguments of ``sitebook folder``."""

from __future__ import annotations

from app.cli.parsing import Group


def add_folder(folder: Group) -> None:
    """The commands of the Markdown folder."""
    on = folder.add("on", "folder:switch_on", "keep an empty folder as a copy of the project, NOT encrypted")
    on.add_argument("path", metavar="PATH")
    vault = folder.add("open", "folder:open_vault", "take the notes of a vault in, and keep both together")
    vault.add_argument("path", metavar="VAULT")
    folder.add("off", "folder:switch_off", "leave the folder alone; its files stay")
    folder.add("status", "folder:status", "which folder it is, and which files wait for you")
    sync = folder.add(
        "sync", "folder:bring_together", "take in what was done there, and write what changed here"
    )
    missing = sync.add_mutually_exclusive_group()
    missing.add_argument(
        "--deleted", action="store_true", default=False, help="many files are gone: they were deleted"
    )
    missing.add_argument(
        "--again", action="store_true", default=False, help="many files are gone: write them again"
    )
    settle = folder.add("settle", "folder:settle", "end the conflict of a file that the status lists")
    settle.add_argument("file", metavar="FILE", help="its path in the folder")
    settle.add_argument(
        "--take",
        choices=["file", "project"],
        required=True,
        help="file: take what it says in beside what is here; project: write over it",
    )
