"""Connections, kept per place, and the requests over them."""

import asyncio
import socket
import ssl
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Self

import aiohappyeyeballs
from aiohttp.abc import AbstractResolver
from yarl import URL

from talome.engines.http1.response import BrokenOff, Response

_KEEP_S: Final = 15.0
_MOST_KEPT: Final = 64
_DNS_S: Final = 60.0
_SLICE_BYTES: Final = 262_144
_NEXT_ADDRESS_S: Final = 0.25
_OURS: Final = frozenset({"content-length", "transfer-encoding", "connection", "expect", "upgrade", "te", "trailer"})
"""How a message is framed is not up to whoever gives headers."""


class NotConnected(ConnectionError):
    """No connection came about, so nothing was sent."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where connections lead. `host` is a name or an address; `tls_name` is whose certificate must be shown."""

    host: str
    port: int
    tls_name: str | None

    @classmethod
    def of(cls, url: URL, tls_name: str | None = None) -> "Place":
        host, port = url.host, url.port
        if host is None or port is None:
            raise ValueError("an address without a host")
        return cls(host, port, (tls_name or host) if url.scheme == "https" else None)


class Client:
    """Enter it; leaving it ends all connections. `resolver` looks names up and refuses where nothing must lead."""

    def __init__(self, resolver: AbstractResolver, connect_s: float) -> None:
        self._resolver = resolver
        self._connect_s = connect_s
        self._kept: defaultdict[Place, list[_Connection]] = defaultdict(list)
        self._open: set[_Connection] = set()
        self._found: dict[Place, tuple[float, list[tuple[str, int]]]] = {}
        self._tls: ssl.SSLContext | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        for connection in tuple(self._open):
            connection.abort()
        await self._resolver.close()

    async def request(self, place: Place, head: bytes, body: bytes, read_s: float) -> Response:
        """Send it and wait for the answer's head. A kept connection that the other side had closed meanwhile is
        replaced once, if not a byte of an answer had come. Raises `NotConnected`, `BrokenOff`, `NotHttp`,
        `TimeoutError` (no connection in time, or silence of `read_s` seconds) or an `OSError` of the resolver."""
        if (kept := self._take(place)) is not None:
            try:
                return await kept.ask(head, body, read_s)
            except BrokenOff as error:
                if not error.nothing_came:
                    raise
        return await (await self._connect(place)).ask(head, body, read_s)

    def _take(self, place: Place) -> "_Connection | None":
        kept = self._kept.get(place)
        now = asyncio.get_running_loop().time()
        while kept:
            connection = kept.pop()
            if now - connection.idle_since < _KEEP_S:
                return connection
            connection.abort()
        return None

    def keep(self, connection: "_Connection") -> None:
        """For the next request. Those that nobody took for long end here too."""
        now = asyncio.get_running_loop().time()
        kept = self._kept[connection.place]
        while kept and (now - kept[0].idle_since >= _KEEP_S or len(kept) >= _MOST_KEPT):
            kept.pop(0).abort()
        connection.idle_since = now
        kept.append(connection)

    def forget(self, connection: "_Connection") -> None:
        """It ended."""
        self._open.discard(connection)
        kept = self._kept.get(connection.place)
        if kept is not None and connection in kept:
            kept.remove(connection)
            if not kept:
                del self._kept[connection.place]

    async def _connect(self, place: Place) -> "_Connection":
        loop = asyncio.get_running_loop()
        connection = _Connection(self, place)
        async with asyncio.timeout(self._connect_s):
            addresses = await self._look_up(place)
            try:
                channel = await aiohappyeyeballs.start_connection(
                    [_info(host, port) for host, port in addresses], happy_eyeballs_delay=_NEXT_ADDRESS_S
                )
                try:
                    await loop.create_connection(
                        lambda: connection, sock=channel, ssl=self._context(place), server_hostname=place.tls_name
                    )
                except BaseException:
                    channel.close()
                    raise
            except TimeoutError:
                raise
            except OSError as error:  # of TLS too
                raise NotConnected(type(error).__name__) from None
        self._open.add(connection)
        return connection

    def _context(self, place: Place) -> ssl.SSLContext | None:
        if place.tls_name is not None and self._tls is None:
            self._tls = ssl.create_default_context()
        return self._tls if place.tls_name is not None else None

    async def _look_up(self, place: Place) -> list[tuple[str, int]]:
        try:
            socket.inet_pton(socket.AF_INET6 if ":" in place.host else socket.AF_INET, place.host)
        except OSError:
            pass
        else:
            return [(place.host, place.port)]
        now = asyncio.get_running_loop().time()
        until, found = self._found.get(place, (0.0, []))
        if now >= until:
            told = await self._resolver.resolve(place.host, place.port, socket.AF_UNSPEC)
            found = [(one["host"], one["port"]) for one in told]
            self._found = {key: value for key, value in self._found.items() if value[0] > now}
            self._found[place] = (now + _DNS_S, found)
        return found


class _Connection(asyncio.Protocol):
    """One request after the other, never two at once."""

    def __init__(self, client: Client, place: Place) -> None:
        self.place = place
        self.idle_since = 0.0
        self._client = client
        self._transport: asyncio.Transport | None = None
        self._response: Response | None = None
        self._may_write: asyncio.Future[None] | None = None
        self._is_sent = True
        self._timer: asyncio.TimerHandle | None = None

    async def ask(self, head: bytes, body: bytes, read_s: float) -> Response:
        """The answer, once its head is there."""
        response = Response(self, read_s)
        if self._transport is None:
            response.lost(cleanly=False)
            raise BrokenOff(nothing_came=True)
        self._response = response
        self._watch(read_s)
        try:
            if len(body) <= _SLICE_BYTES:
                self._transport.write(head + body)
            else:
                await self._write_slices(head, body, read_s)
            await response.head()
        except BaseException:
            response.close()
            raise
        return response

    async def _write_slices(self, head: bytes, body: bytes, read_s: float) -> None:
        """A large body waits for the other side. Where that answers or goes meanwhile, nothing more is sent."""
        response, rest = self._response, memoryview(body)
        self._is_sent = False
        if self._transport is not None:
            self._transport.write(head)
        while rest and self._transport is not None and response is not None and not response.status:
            self._transport.write(rest[:_SLICE_BYTES])
            rest = rest[_SLICE_BYTES:]
            if self._may_write is not None:
                async with asyncio.timeout(read_s):
                    await self._may_write
        self._is_sent = not rest

    def _watch(self, read_s: float) -> None:
        """One clock for all requests of a connection: it is left to run where it strikes early enough."""
        loop = asyncio.get_running_loop()
        if self._timer is not None:
            if self._timer.when() <= loop.time() + read_s:
                return
            self._timer.cancel()
        self._timer = loop.call_later(read_s, self._look)

    def _look(self) -> None:
        self._timer = None
        if self._response is not None:
            again_s = self._response.look()
            if self._response is not None:
                self._watch(again_s)

    def abort(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    # --- what the answer asks of its line ---

    def pause(self) -> None:
        if self._transport is not None:
            self._transport.pause_reading()

    def resume(self) -> None:
        if self._transport is not None:
            self._transport.resume_reading()

    def finished(self, *, reusable: bool) -> None:
        self._response = None
        if self._transport is None:
            return
        if reusable and self._is_sent:
            self._client.keep(self)
        else:
            self._transport.abort()

    # --- what the loop tells ---

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]  # of a stream, whatever its declared type

    def data_received(self, data: bytes) -> None:
        if self._response is None:
            self.abort()  # nobody asked
        else:
            self._response.feed(data)

    def eof_received(self) -> bool:
        return False

    def connection_lost(self, error: Exception | None) -> None:
        self._transport = None
        if self._timer is not None:
            self._timer.cancel()
        self._client.forget(self)
        self.resume_writing()
        if self._response is not None:
            self._response.lost(cleanly=error is None)

    def pause_writing(self) -> None:
        self._may_write = asyncio.get_running_loop().create_future()

    def resume_writing(self) -> None:
        waiting, self._may_write = self._may_write, None
        if waiting is not None and not waiting.done():
            waiting.set_result(None)


def _info(host: str, port: int) -> tuple[int, int, int, str, tuple[str, int] | tuple[str, int, int, int]]:
    if ":" in host:
        return socket.AF_INET6, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (host, port, 0, 0)
    return socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (host, port)


def head_of(method: str, path: str, headers: Mapping[str, str], body: bytes | None) -> bytes:
    """The first lines of a request; `Host` is among the headers. Raises `ValueError` for one with a line end in it."""
    lines = [f"{method} {path} HTTP/1.1"]
    lines += [f"{name}: {value}" for name, value in headers.items() if name.lower() not in _OURS]
    if body is not None:
        lines.append(f"Content-Length: {len(body)}")
    text = "\r\n".join(lines)
    if text.count("\n") != len(lines) - 1 or text.count("\r") != len(lines) - 1 or "\0" in text:
        raise ValueError("a header with a line end in it")
    return f"{text}\r\n\r\n".encode()
