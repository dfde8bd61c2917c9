"""What the relay keeps beside logs, on HTTP: from bytes to the relay and back."""

from __future__ import annotations

from typing import TypeVar

import msgspec

from sync.errors import Malformed
from sync.server.relay import Relay
from sync.transport import http_messages as messages

M = TypeVar("M", bound=messages.Message)


class BesideApi:
    """The endpoints of chunks, notices and bundles."""

    def __init__(self, relay: Relay) -> None:
        self._relay = relay

    def have_chunks(self, body: bytes, by: bytes) -> messages.Message:
        """``/v1/chunks/have``."""
        asked = decode(body, messages.ChunksRequest)
        return messages.ChunksReply(here=self._relay.have_chunks(asked.project, asked.names, by=by))

    def put_chunk(self, body: bytes, by: bytes) -> messages.Message:
        """``/v1/chunks/put``."""
        asked = decode(body, messages.ChunkPutRequest)
        self._relay.put_chunk(asked.project, asked.data, purpose=asked.purpose, by=by)
        return messages.Message()

    def get_chunk(self, body: bytes, by: bytes) -> messages.Message:
        """``/v1/chunks/get``."""
        asked = decode(body, messages.ChunkGetRequest)
        return messages.ChunkReply(data=self._relay.get_chunk(asked.project, asked.name, by=by))

    def put_notice(self, body: bytes, by: bytes) -> messages.Message:
        """``/v1/notices/put``."""
        asked = decode(body, messages.NoticePutRequest)
        self._relay.put_notice(asked.project, asked.wire, by=by)
        return messages.Message()

    def notices(self, body: bytes, by: bytes) -> messages.Message:
        """``/v1/notices/get``."""
        asked = decode(body, messages.NoticesRequest)
        found = self._relay.notices(asked.project, asked.kind, asked.after_ms, by=by)
        return messages.NoticesReply(notices=found)

    def lease(self, body: bytes, by: bytes) -> messages.Message:
        """``/v1/bundles/lease``."""
        asked = decode(body, messages.LeaseRequest)
        granted, seconds = self._relay.lease_bundle(asked.project, release=asked.release, by=by)
        return messages.LeaseReply(granted=granted, seconds=seconds)

    def put_bundle(self, body: bytes, by: bytes) -> messages.Message:
        """``/v1/bundles/put``."""
        asked = decode(body, messages.BundlePutRequest)
        self._relay.put_bundle(asked.project, asked.manifest, by=by)
        return messages.Message()

    def bundles(self, body: bytes, by: bytes) -> messages.Message:
        """``/v1/bundles/get``."""
        asked = decode(body, messages.ProjectRequest)
        found = self._relay.bundles(asked.project, by=by)
        return messages.BundlesReply(
            bundles=[(each.manifest, each.confirmations, each.received_ms) for each in found]
        )


def decode(body: bytes, kind: type[M]) -> M:
    """Raises Malformed, in words that hold nothing of the body."""
    try:
        message = msgspec.msgpack.decode(body, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Malformed("The body of this request is not what this address takes.") from error
    if message.v != messages.VERSION:
        raise Malformed("The request is of a version of Sitebook that this server does not know.")
    return message
