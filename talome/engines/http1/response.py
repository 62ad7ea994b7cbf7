"""The answer to one request, read as it comes. Source: RFC 9112, sections 4 to 8 (status line, framing, chunks)."""

import asyncio
import re
from functools import lru_cache
from typing import Final, Protocol

LONGEST_HEAD: Final = 65_536
_LONGEST_LINE: Final = 4_096
_HELD_BYTES: Final = 262_144
"""With this much unread the other side is made to wait."""
_MOST_INFORMED: Final = 8
_MOST_TRAILERS: Final = 100
_STATUS: Final = re.compile(rb"HTTP/1\.([01]) ([1-9]\d\d)(?: [^\r\n]*)?")
_NAME: Final = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_HEX: Final = b"0123456789abcdefABCDEF"
_HEAD, _LENGTH, _CHUNK, _CHUNK_END, _TRAILER, _UNTIL_CLOSE, _DONE = range(7)


class BrokenOff(ConnectionError):
    """The connection ended in the middle. `nothing_came`: not a byte of an answer was there."""

    def __init__(self, *, nothing_came: bool) -> None:
        super().__init__("the connection ended before the answer did")
        self.nothing_came = nothing_came


class NotHttp(ValueError):
    """What came is no answer of HTTP/1.1."""


class Line(Protocol):
    """The connection that the answer comes over."""

    def pause(self) -> None:
        """Take no more bytes for now."""

    def resume(self) -> None:
        """Go on."""

    def finished(self, *, reusable: bool) -> None:
        """The answer is over, or nobody wants the rest of it."""


class Response:
    """`headers` have names in lower case; values of the same name are joined by a comma. Pieces of the body come from
    `readany`, which raises `BrokenOff`, `NotHttp` or `TimeoutError` after the last good one."""

    def __init__(self, line: Line, read_s: float) -> None:
        self.status = 0
        self.headers: dict[str, str] = {}
        self._line: Line | None = line
        self._read_s = read_s
        self._declared = 0
        self._informed = 0
        self._trailers = 0
        self._loop = asyncio.get_running_loop()
        self._heard = self._loop.time()
        self._waiter: asyncio.Future[None] | None = None
        self._error: Exception | None = None
        self._state = _HEAD
        self._rest = b""
        self._left = 0
        self._parts: list[bytes] = []
        self._held = 0
        self._paused = False
        self._keep = False

    @property
    def content_type(self) -> str:
        return self.headers.get("content-type", "application/octet-stream").partition(";")[0].strip().lower()

    @property
    def content_length(self) -> int:
        """0 where it was not said."""
        return self._declared

    def at_eof(self) -> bool:
        """Whether the body came to its end and was read."""
        return self._state == _DONE and not self._parts

    # --- for the reader ---

    async def head(self) -> None:
        """Wait for status and headers."""
        while self._state == _HEAD:
            await self._more()

    async def readany(self) -> bytes:
        """What has arrived since the last time, at least a byte; empty at the end."""
        while not self._parts:
            if self._state == _DONE:
                return b""
            await self._more()
        piece = self._parts[0] if len(self._parts) == 1 else b"".join(self._parts)
        self._parts.clear()
        self._held = 0
        if self._paused and self._line is not None:
            self._paused = False
            self._line.resume()
        return piece

    def close(self) -> None:
        """Nothing more is wanted. The connection ends at once, unless the answer is whole: then it is free already."""
        self._end(reusable=False)

    async def _more(self) -> None:
        if self._error is None:
            self._waiter = self._loop.create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None
        if self._error is not None and not self._parts:
            raise self._error

    # --- for the connection ---

    def look(self) -> float:
        """Fail if it was silent for too long; in how many seconds to look again. Silence counts only while somebody
        waits, and ends with something that one can use."""
        silent_s = self._loop.time() - self._heard
        if self._waiter is not None and silent_s >= self._read_s:
            self._fail(TimeoutError("the other side was silent for too long"))
        return max(self._read_s - silent_s, 0.05)

    def feed(self, data: bytes) -> None:
        """Take what arrived."""
        if self._rest:
            data, self._rest = self._rest + data, b""
        try:
            if self._state == _HEAD:
                data = self._take_head(data)
            if data and self._state != _HEAD:
                held = self._held
                self._take_body(data)
                if self._held > held:
                    self._heard = self._loop.time()
        except NotHttp as error:
            self._fail(error)
            return
        if self._held > _HELD_BYTES and not self._paused and self._line is not None:
            self._paused = True
            self._line.pause()
        if self._state == _DONE:
            self._end(reusable=self._keep)
        self._wake()

    def lost(self, *, cleanly: bool) -> None:
        """The connection is gone."""
        if self._state == _UNTIL_CLOSE and cleanly:
            self._state = _DONE
            self._wake()
        elif self._state != _DONE:
            self._fail(BrokenOff(nothing_came=self._state == _HEAD and not self._rest))
        self._end(reusable=False)

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def _fail(self, error: Exception) -> None:
        if self._error is None:
            self._error = error
        self._end(reusable=False)
        self._wake()

    def _end(self, *, reusable: bool) -> None:
        line, self._line = self._line, None
        if line is not None:
            if self._paused:
                line.resume()
            line.finished(reusable=reusable)

    # --- framing ---

    def _take_head(self, data: bytes) -> bytes:
        """Returns what came after it."""
        while self._state == _HEAD:
            end = data.find(b"\r\n\r\n")
            if end < 0:
                if len(data) > LONGEST_HEAD:
                    raise NotHttp("the head is too long")
                self._rest = data
                return b""
            lines, data = data[:end].split(b"\r\n"), data[end + 4 :]
            status = _STATUS.fullmatch(lines[0])
            if status is None or end > LONGEST_HEAD:
                raise NotHttp("no status line")
            if status[2] == b"101":
                raise NotHttp("nobody asked for another protocol")
            self._heard = self._loop.time()
            if status[2].startswith(b"1"):
                self._informed += 1
                if self._informed > _MOST_INFORMED:
                    raise NotHttp("news without end, and no answer")
            else:
                self.status = int(status[2])
                self.headers = _headers(lines[1:])
                self._frame(is_older=status[1] == b"0")
        return data

    def _frame(self, *, is_older: bool) -> None:
        """How the body ends (RFC 9112, 6.3), and whether the connection stays."""
        said = self.headers.get("connection", "").lower()
        self._keep = "close" not in said and not is_older
        coding, length = self.headers.get("transfer-encoding"), self.headers.get("content-length")
        if coding is not None:
            if coding.lower() != "chunked" or length is not None or is_older:
                raise NotHttp("a transfer coding that is not understood")
            self._state = _CHUNK
        elif self.status in (204, 304):
            self._state = _DONE
        elif length is not None:
            if not length.isdecimal() or not length.isascii() or len(length) > 18:
                raise NotHttp("a length that is no number")
            self._left = self._declared = int(length)
            self._state = _LENGTH if self._left else _DONE
        else:
            self._keep = False
            self._state = _UNTIL_CLOSE

    def _take_body(self, data: bytes) -> None:
        if self._state == _UNTIL_CLOSE:
            self._hold(data)
        elif self._state == _LENGTH:
            self._hold(data[: self._left])
            if len(data) >= self._left:
                self._state, data = _DONE, data[self._left :]
                self._keep = self._keep and not data
            else:
                self._left -= len(data)
        elif self._state == _DONE:
            self._keep = False  # what nobody asked for
        else:
            self._take_chunks(data)

    def _hold(self, part: bytes) -> None:
        if part:
            self._parts.append(part)
            self._held += len(part)

    def _take_chunks(self, data: bytes) -> None:
        at, size = 0, len(data)
        while at < size and self._state != _DONE:
            if self._left:
                at += self._go_on(data[at : at + self._left])
                continue
            line = data.find(b"\r\n", at)
            if line < 0:
                self._wait(data[at:])
                return
            if self._state == _CHUNK and (length := _chunk_size(data[at:line])):
                end = line + 2 + length
                if data[end : end + 2] == b"\r\n":  # it is here whole, as nearly all are
                    self._parts.append(data[line + 2 : end])
                    self._held += length
                    at = end + 2
                    continue
            self._take_line(data[at:line])
            at = line + 2
        self._keep = self._keep and at == size

    def _go_on(self, part: bytes) -> int:
        """A chunk that comes in pieces."""
        self._hold(part)
        self._left -= len(part)
        if not self._left:
            self._state = _CHUNK_END
        return len(part)

    def _wait(self, rest: bytes) -> None:
        if len(rest) > _LONGEST_LINE:
            raise NotHttp("a line of a chunk is too long")
        self._rest = rest

    def _take_line(self, line: bytes) -> None:
        """The line after a chunk, which is empty; the one with the next size; or one of the trailer, which ends with
        an empty one."""
        if self._state == _CHUNK_END:
            if line:
                raise NotHttp("a chunk that is longer than it said")
            self._state = _CHUNK
        elif self._state == _TRAILER:
            self._trailers += 1
            if not line:
                self._state = _DONE
            elif self._trailers > _MOST_TRAILERS:
                raise NotHttp("a trailer without end")
        else:
            self._left = _chunk_size(line)
            if not self._left:
                self._state = _TRAILER


def _headers(lines: list[bytes]) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.partition(b":")
        if not colon or not _NAME.fullmatch(name):
            raise NotHttp("a header that is none")
        key, text = name.lower().decode("ascii"), value.strip(b" \t").decode("latin-1")
        if key in found:
            if key in ("content-length", "transfer-encoding") and found[key] != text:
                raise NotHttp("two lengths")
            text = text if key == "content-length" else f"{found[key]}, {text}"
        found[key] = text
    return found


@lru_cache(maxsize=4096)
def _chunk_size(line: bytes) -> int:
    digits = line.partition(b";")[0].rstrip(b" \t")
    if not digits or len(digits) > 15 or digits.strip(_HEX):
        raise NotHttp("a chunk without a size")
    return int(digits, 16)
