"""Whether the server of a configuration answers, asked from its own machine: for a container's health check."""

from __future__ import annotations

import http.client
import json
import ssl
from typing import Final

from sync.errors import SitebookError, Unreachable
from sync.server.config import ServerConfig
from sync.transport.http_messages import HEALTH_KEY, HEALTH_PATH, VERSION

_SECONDS: Final = 4.0
_EVERYWHERE: Final = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}  # noqa: S104 - asked, not listened at


def check_health(config: ServerConfig) -> None:
    """Ask ``/healthz``, which also reads the storage.

    Raises:
        Unreachable: it does not answer, or is not well.
    """
    host = _EVERYWHERE.get(config.listen.host, config.listen.host)
    where = f"{host} port {config.listen.port}"
    connection = (
        http.client.HTTPSConnection(host, config.listen.port, timeout=_SECONDS, context=_own(config))
        if config.tls.certificate
        else http.client.HTTPConnection(host, config.listen.port, timeout=_SECONDS)
    )
    try:
        connection.request("GET", HEALTH_PATH)
        response = connection.getresponse()
        body = response.read(1_000)
        if response.status != 200 or json.loads(body).get(HEALTH_KEY) != VERSION:
            raise Unreachable(f"The server at {where} is not well; its log says why.")
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise Unreachable(f"No server answers at {where}.") from error
    finally:
        connection.close()


def _own(config: ServerConfig) -> ssl.SSLContext:
    """Trust what is in the server's own file, whatever names it has: it is this machine's."""
    try:
        context = ssl.create_default_context(cafile=config.tls.certificate)
    except OSError as error:
        raise SitebookError(f"The certificate {config.tls.certificate} cannot be read.") from error
    context.check_hostname = False
    # The file may end with an intermediate certificate, and begin with the server's own.
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    return context
