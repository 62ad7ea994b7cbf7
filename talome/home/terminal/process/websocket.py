"""The server's half of RFC 6455, as much as a terminal needs: no extensions, messages up to 1 MiB."""

import asyncio
import base64
import hashlib
import json
import struct
from contextlib import suppress
from typing import Any, Final

LONGEST_BYTES: Final = 1024 * 1024
PING_EVERY_S: Final = 20.0
_GOODBYE_S: Final = 1.0
_GUID: Final = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_CONTINUATION, _TEXT, _BINARY, _CLOSE, _PING, _PONG = 0, 1, 2, 8, 9, 10
_CONTROL_BYTES: Final = 125


class ProtocolFault(Exception):
    """The other side does not keep to the protocol; `code` is the close code for it."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


def accept_key(key: str) -> str:
    """The answer to `Sec-WebSocket-Key`."""
    return base64.b64encode(hashlib.sha1(key.encode() + _GUID, usedforsecurity=False).digest()).decode()


class WebSocket:
    """A connection behind its handshake. Pings by itself; silence for two pings in a row ends it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._heard = True
        self._reading = False
        self._closing = self._told = False
        self._ping = asyncio.get_running_loop().call_later(PING_EVERY_S, self._beat)

    async def send_bytes(self, data: bytes) -> None:
        self._write(_BINARY, data)
        await self._writer.drain()

    async def send_text(self, value: dict[str, Any]) -> None:
        self._write(_TEXT, json.dumps(value).encode())
        await self._writer.drain()

    async def receive(self) -> bytes | str | None:
        """The next message, None once the connection ends, whoever ended it."""
        self._reading = True
        try:
            return await self._message()
        except (asyncio.IncompleteReadError, ConnectionError):
            return None
        except ProtocolFault as fault:
            await self.close(fault.code, "")
            return None
        finally:
            self._reading = False

    async def close(self, code: int, reason: str) -> None:
        self._ping.cancel()
        if not self._closing:
            self._closing = True
            self._write(_CLOSE, struct.pack(">H", code) + reason.encode()[: _CONTROL_BYTES - 2])
            await self._writer.drain()

    async def finish(self) -> None:
        """Give the other side a second to say goodbye too: cut off before, it would take the end for a loss."""
        self._ping.cancel()
        with suppress(asyncio.IncompleteReadError, ConnectionError, ProtocolFault, TimeoutError):
            async with asyncio.timeout(_GOODBYE_S):
                while self._closing and not self._told:
                    _, code, _ = await self._frame(LONGEST_BYTES)
                    self._told = code == _CLOSE

    async def _message(self) -> bytes | str | None:
        parts: list[bytes] = []
        kind = _CONTINUATION
        while True:
            final, code, payload = await self._frame(LONGEST_BYTES - sum(map(len, parts)))
            self._heard = True
            if code >= _CLOSE:
                if code == _CLOSE:
                    self._told = True
                    await self.close(1000, "")
                    return None
                if code == _PING:
                    self._write(_PONG, payload)
                continue
            if (code == _CONTINUATION) != bool(parts):
                raise ProtocolFault(1002)
            kind = kind if code == _CONTINUATION else code
            parts.append(payload)
            if final:
                return _content(kind, b"".join(parts))

    async def _frame(self, room: int) -> tuple[bool, int, bytes]:
        first, second = await self._reader.readexactly(2)
        code, length = first & 0x0F, second & 0x7F
        control = code >= _CLOSE
        if first & 0x70 or not second & 0x80 or code not in (_CONTINUATION, _TEXT, _BINARY, _CLOSE, _PING, _PONG):
            raise ProtocolFault(1002)
        if control and (length > _CONTROL_BYTES or not first & 0x80):
            raise ProtocolFault(1002)
        if length == 126:
            (length,) = struct.unpack(">H", await self._reader.readexactly(2))
        elif length == 127:
            (length,) = struct.unpack(">Q", await self._reader.readexactly(8))
        if not control and length > room:
            raise ProtocolFault(1009)
        mask = await self._reader.readexactly(4)
        return bool(first & 0x80), code, _unmasked(mask, await self._reader.readexactly(length))

    def _write(self, code: int, payload: bytes) -> None:
        length = len(payload)
        if length < 126:
            head = struct.pack(">BB", 0x80 | code, length)
        elif length < 65536:
            head = struct.pack(">BBH", 0x80 | code, 126, length)
        else:
            head = struct.pack(">BBQ", 0x80 | code, 127, length)
        self._writer.write(head + payload)

    def _beat(self) -> None:
        if not self._heard and self._reading:  # while input waits for the shell, pongs lie behind it unread
            self._writer.transport.abort()
            return
        self._heard = False
        self._write(_PING, b"")
        self._ping = asyncio.get_running_loop().call_later(PING_EVERY_S, self._beat)


def _unmasked(mask: bytes, data: bytes) -> bytes:
    length = len(data)
    pad = (mask * (length // 4 + 1))[:length]
    return (int.from_bytes(data, "little") ^ int.from_bytes(pad, "little")).to_bytes(length, "little")


def _content(kind: int, payload: bytes) -> bytes | str:
    if kind == _BINARY:
        return payload
    try:
        return payload.decode()
    except UnicodeDecodeError:
        raise ProtocolFault(1007) from None
