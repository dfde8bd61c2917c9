"""Bundles and lists of chunks as devices leave them, for the server's tests. What is in them is noise."""

from __future__ import annotations

import hashlib

from sync import attachments
from sync.bundle import Summary, make_manifest
from sync.cookie import Cookie
from sync.notice import NoticeKind, make_notice
from tests.server.people import Person, Site

CHUNK = 1_000


def name_of(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def cookie_of(site: Site, person: Person) -> Cookie:
    """Where the log ends."""
    cookie = None
    while True:
        page = site.relay.pull(site.project, cookie, by=person.device)
        cookie = page.cookie
        if not page.more:
            return cookie


def manifest(person: Person, cookie: Cookie, chunks: list[bytes]) -> bytes:
    """The manifest of a bundle of these chunks, up to a place in the log."""
    size = CHUNK * len(chunks)
    stream = attachments.SealedFile(
        attachments.Manifest(size, CHUNK, bytes(32), 0, tuple(map(name_of, chunks))), bytes(32)
    )
    return make_manifest(
        project=person.project,
        key=person.signing,
        cookie=cookie,
        stream=stream,
        raw_size=size,
        schema=5,
        summary=Summary((), bytes(32), 0, 0, ()),
        epoch_key=person.key,
        random=person.random,
    )


def publish(site: Site, person: Person, chunks: list[bytes], cookie: Cookie | None = None) -> bytes:
    """Leave a bundle with its chunks; its manifest."""
    for chunk in chunks:
        site.relay.put_chunk(site.project, chunk, purpose="bundle", by=person.device)
    wire = manifest(person, cookie if cookie is not None else cookie_of(site, person), chunks)
    site.relay.put_bundle(site.project, wire, by=person.device)
    return wire


def note(site: Site, person: Person, kind: NoticeKind | str, body: bytes, number: int = 1) -> None:
    """Leave a notice."""
    wire = make_notice(project=site.project, kind=kind, number=number, body=body, key=person.signing)
    site.relay.put_notice(site.project, wire, by=person.device)
