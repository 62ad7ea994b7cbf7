"""One pool of connections to one engine, over a unix socket or TCP, that is closed when it is told to.

The SDK's own adapter leaves a socket open when it cannot connect, and that of requests closes idle ones only when they
happen to be collected as garbage.
"""

from __future__ import annotations

import socket
from collections.abc import Mapping
from typing import Any

import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection


class _UnixConnection(HTTPConnection):
    def __init__(self, *, socket_path: str, **options: Any) -> None:
        super().__init__(**options)
        self._socket_path = socket_path

    def _new_conn(self) -> socket.socket:
        made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            made.settimeout(float(self.timeout) if isinstance(self.timeout, int | float) else None)
            made.connect(self._socket_path)
        except BaseException:
            made.close()
            raise
        return made


def make_pool(base_url: str, host: str, *, connections: int) -> urllib3.HTTPConnectionPool:
    """`base_url` is what the SDK made of `host`; for a unix socket it says nothing."""
    if host.startswith("unix://"):
        pool = urllib3.HTTPConnectionPool("localhost", maxsize=connections, socket_path=host.removeprefix("unix://"))
        pool.ConnectionCls = _UnixConnection
        return pool
    return urllib3.connection_from_url(base_url, maxsize=connections)


class PoolAdapter(HTTPAdapter):
    """All requests of the session go to this pool, whatever host they name."""

    def __init__(self, pool: urllib3.HTTPConnectionPool) -> None:
        self._pool = pool
        super().__init__()

    def get_connection_with_tls_context(
        self,
        request: requests.PreparedRequest,  # noqa: ARG002
        verify: bool | str | None,  # noqa: ARG002
        proxies: Mapping[str, str] | None = None,  # noqa: ARG002
        cert: Any = None,  # noqa: ARG002
    ) -> urllib3.HTTPConnectionPool:
        return self._pool

    def request_url(self, request: requests.PreparedRequest, proxies: Any) -> str:  # noqa: ARG002
        return request.path_url

    def close(self) -> None:
        self._pool.close()
        super().close()
