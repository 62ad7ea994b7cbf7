"""HTTP to a running server, by the standard library alone, since aiohttp takes longer to import than most calls."""

import json
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from talome.core.cli.exits import UNREACHABLE, BadUsage, CommandFailed, of_status

_CONNECT_S: Final = 10.0
_ANSWER_S: Final = 660.0
_SILENCE_S: Final = 60.0  # the server says something every 15 s


@dataclass(frozen=True, slots=True)
class Request:
    """What is sent: `query` with GET and DELETE, else `body`, which may be an open file: it goes as it is."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


class Server:
    """Where the server is, and who asks. The token goes to this address and no other: redirects are not followed."""

    def __init__(self, url: str, token: str | None = None) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise BadUsage(f"“{url}” is not an address such as http://127.0.0.1:4000.")
        if token is not None and not (token.isascii() and token.isprintable() and token.strip()):
            raise BadUsage("The token may hold plain letters, digits and signs only.")
        self.url = url.rstrip("/")
        self._parts = parts
        self._token = token

    def ask(self, request: Request) -> Any:
        """The JSON answer. Raises `CommandFailed` for a refusal and where nobody answers."""
        with self._exchange(request) as response:
            return _read_json(response)

    def answers(self, request: Request) -> Generator[tuple[bool, Any], None, None]:
        """Pairs of “is an item of a stream” and the value: one pair for a plain answer, or one for each item."""
        with self._exchange(request) as response:
            if response.headers.get_content_type() == "text/event-stream":
                yield from ((True, item) for item in _items(response))
            else:
                yield False, _read_json(response)

    def socket(self, path: str) -> tuple[str, dict[str, str]]:
        """The address of a WebSocket of the server, and the headers that it is opened with."""
        headers = {} if self._token is None else {"Authorization": f"Bearer {self._token}"}
        return f"ws{self.url.removeprefix('http')}{path}", headers

    @contextmanager
    def exchange(self, request: Request) -> Iterator[HTTPResponse]:
        """The answer itself, to be read while it comes. Raises `CommandFailed` for a refusal."""
        with self._exchange(request) as response:
            yield response

    @contextmanager
    def _exchange(self, request: Request) -> Iterator[HTTPResponse]:
        connection = self._connection()
        try:
            try:
                connection.connect()
            except OSError as error:
                raise self._unreachable(error) from None
            connection.sock.settimeout(_ANSWER_S)
            response = self._send(connection, request)
            if response.status >= 300:
                raise _refusal(response)
            if response.headers.get_content_type() == "text/event-stream":
                connection.sock.settimeout(_SILENCE_S)
            yield response
        except (HTTPException, OSError) as error:
            if isinstance(error, BrokenPipeError):
                raise
            raise CommandFailed(f"The connection to {self.url} broke off.", UNREACHABLE) from None
        finally:
            connection.close()

    def _connection(self) -> HTTPConnection:
        kind = HTTPSConnection if self._parts.scheme == "https" else HTTPConnection
        try:
            return kind(str(self._parts.hostname), self._parts.port, timeout=_CONNECT_S)
        except ValueError:
            raise BadUsage(f"“{self.url}” has no valid port.") from None

    def _send(self, connection: HTTPConnection, request: Request) -> HTTPResponse:
        headers = {"Accept": "application/json, text/event-stream", "User-Agent": "talome-cli"}
        if self._token is not None:
            headers["Authorization"] = f"Bearer {self._token}"
        body = request.body
        if body is not None and not hasattr(body, "read"):
            body = json.dumps(body).encode()
            headers["Content-Type"] = "application/json"
        headers |= request.headers
        path = self._parts.path.rstrip("/") + request.path
        if request.query:
            path += "?" + urlencode(request.query)
        connection.request(request.method, path, body, headers)
        return connection.getresponse()

    def _unreachable(self, error: OSError) -> CommandFailed:
        reason = error.strerror or str(error) or "no answer in time"
        return CommandFailed(
            f"No Talome server answers at {self.url} ({reason}). Start it, or name another with --url or TALOME_URL.",
            UNREACHABLE,
        )


def _read_json(response: HTTPResponse) -> Any:
    try:
        return json.loads(response.read())
    except ValueError:
        raise CommandFailed("What answers there is not a Talome server.") from None


def _refusal(response: HTTPResponse) -> CommandFailed:
    """The server's own sentence where it sent one."""
    try:
        body = json.loads(response.read(64 * 1024))
        message = body["error"]
    except (ValueError, KeyError, TypeError):
        return CommandFailed(f"The server answered {response.status} {response.reason}.", of_status(response.status))
    if response.status == 401:
        message = f"{message} (talome login)"
    return CommandFailed(str(message), of_status(response.status), body=body)


def _items(response: HTTPResponse) -> Iterator[Any]:
    """The `data:` of each event; an error object ends the stream as a failure."""
    data: list[str] = []
    while line := response.readline():
        text = line.decode("utf-8", "replace").rstrip("\r\n")
        if text.startswith("data:"):
            data.append(text[5:].removeprefix(" "))
        elif not text and data:
            yield _item("\n".join(data))
            data = []


def _item(text: str) -> Any:
    try:
        item = json.loads(text)
    except ValueError:
        raise CommandFailed("What answers there is not a Talome server.") from None
    error = item.get("error") if isinstance(item, dict) and len(item) == 1 else None
    if isinstance(error, dict) and "message" in error:
        raise CommandFailed(str(error["message"]), of_status(int(error.get("status", 500))), body=error)
    return item
