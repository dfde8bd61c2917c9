"""``sitebook project bundle``, and the progress of a download when joining."""

from __future__ import annotations

from argparse import Namespace
from typing import TYPE_CHECKING

from app.cli.output import size_text
from app.cli.progress import Bar
from app.cli.session import Session

if TYPE_CHECKING:
    from app.workspace.join_watch import JoinProgress, JoinWatch


def publish(session: Session, arguments: Namespace) -> None:
    """Publish the project as it stands, so that new devices need not take the whole log."""
    from app.workspace.bundling import publish_now

    done = publish_now(session.workspace, session.entry.project)
    document = {
        "hash": done.hash.hex(),
        "version": done.version,
        "size": done.size,
        "sent": done.sent,
    }
    session.out.result(
        document,
        f"Published {size_text(done.size)} ({size_text(done.sent)} sent). It counts as confirmed once another "
        "device has compared it with what it holds.",
    )


def watched(bar: Bar) -> JoinWatch:
    """Shows how far a download is: bytes and time."""
    from app.workspace.join_watch import JoinWatch

    def show(progress: JoinProgress) -> None:
        note = f"  {size_text(progress.done)} of {size_text(progress.total)}"
        if progress.seconds_left is not None:
            note += f", {seconds(progress.seconds_left)} left"
        bar.update(progress.done, progress.total, note)

    return JoinWatch(progress=show)


def seconds(left: float) -> str:
    """About how long, in words."""
    return f"{max(1, round(left))} s" if left < 100 else f"{round(left / 60)} min"
