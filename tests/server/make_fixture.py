"""Makes the fixture of the newest schema: ``python -m tests.server.make_fixture``, once for each new schema.

Fixtures of schemas that were released are never made again: they are what users have.
"""

from __future__ import annotations

import gzip
import tempfile
from pathlib import Path

from sync.bundle import read_manifest
from sync.notice import NoticeKind
from sync.server.relay import Relay
from sync.server.sqlite import MIGRATIONS, SqliteStorage
from tests.server.bundling import note, publish
from tests.server.people import begin, join
from tests.server.support import FakeClock, Seeded

FOLDER = Path(__file__).parent / "fixtures"


def main() -> None:
    """Write a small server's file, with something in every table."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "relay.db"
        clock = FakeClock()
        storage = SqliteStorage(path, clock, Seeded(7))
        site = begin(Relay(storage, clock), clock, seed=1)
        invite = site.founder.invite()
        person, wire = join(site.founder, invite, 50)
        site.push(site.founder, invite.envelope.wire(), wire, site.founder.write(), person.write())
        site.relay.put_grants(site.project, invite.grants, by=site.founder.device)
        publish(site, site.founder, [b"bundle"])
        site.relay.lease_bundle(site.project, by=site.founder.device)
        note(
            site,
            person,
            NoticeKind.CONFIRM,
            read_manifest(site.relay.bundles(site.project, by=person.device)[0].manifest).hash,
        )
        storage.close()
        target = FOLDER / f"relay-{len(MIGRATIONS)}.db.gz"
        target.parent.mkdir(exist_ok=True)
        target.write_bytes(gzip.compress(path.read_bytes(), mtime=0))


if __name__ == "__main__":
    main()
