"""HTTP over a unix socket for requests. The SDK's own adapter leaves the socket open when it cannot connect."""

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


class UnixAdapter(HTTPAdapter):
    """All requests of the session go to the socket at `path`, whatever host they name."""

    def __init__(self, path: str, *, connections: int) -> None:
        self._pool = urllib3.HTTPConnectionPool("localhost", maxsize=connections, socket_path=path)
        self._pool.ConnectionCls = _UnixConnection
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
