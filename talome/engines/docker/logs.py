"""Docker's log bytes as lines: frames of stdout and stderr taken apart, timestamps parsed, partial messages joined."""

from __future__ import annotations

import re
import time
from collections import deque
from datetime import datetime

from talome.engines.docker.models import LogLine, LogPage, LogStream
from talome.engines.docker.transport import Params, RawStream

LINE_LIMIT_BYTES = 64 * 1024
PAGE_LIMIT_LINES = 100_000

_HEADER = 8
_STREAMS: dict[int, LogStream] = {0: "stdout", 1: "stdout", 2: "stderr"}
_STAMP = re.compile(rb"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\.(\d{1,9})(Z|[+-]\d\d:\d\d) ")
_STAMP_ROOM = 64
_FRAME_LIMIT_BYTES = LINE_LIMIT_BYTES + _STAMP_ROOM
# Docker's log drivers cut a long line into messages of this size and each gets a timestamp of its own.
_PARTIAL_BYTES = 16 * 1024
_LINE_COST_BYTES = 100  # what a line weighs in memory beside its text


def log_params(*, tail: int | None, since_ns: int | None, until_ns: int | None = None, follow: bool = False) -> Params:
    params: dict[str, str | int] = {"stdout": 1, "stderr": 1, "timestamps": 1, "follow": int(follow)}
    params["tail"] = "all" if tail is None else max(0, tail)
    for name, moment_ns in (("since", since_ns), ("until", until_ns)):
        if moment_ns is not None:
            params[name] = f"{moment_ns // 1_000_000_000}.{moment_ns % 1_000_000_000:09d}"
    return params


def weigh(line: LogLine) -> int:
    return len(line.text) + _LINE_COST_BYTES


def read_page(raw: RawStream, *, tty: bool, limit_bytes: int, limit_s: float) -> LogPage:
    """Read a log to its end, keeping the newest lines within the limits. Blocking."""
    decoder = LogDecoder(tty=tty)
    lines: deque[LogLine] = deque()
    weight, truncated = 0, False
    deadline = time.monotonic() + limit_s
    while True:
        try:
            chunk = raw.read(max(0.001, deadline - time.monotonic()))
        except TimeoutError:
            return LogPage(tuple(lines), truncated=True)
        for line in decoder.feed(chunk):
            lines.append(line)
            weight += len(line.text)
            while weight > limit_bytes or len(lines) > PAGE_LIMIT_LINES:
                weight -= len(lines.popleft().text)
                truncated = True
        if not chunk:
            return LogPage(tuple(lines), truncated)
        if time.monotonic() >= deadline:  # a log that grows faster than it is read
            return LogPage(tuple(lines), truncated=True)


class LogDecoder:
    """Feed it bytes as they come, get whole lines back; `feed(b"")` gives what is left at the end. Memory is bounded
    by one frame and one line for each stream, both cut at 64 KiB."""

    def __init__(self, *, tty: bool) -> None:
        self._tty = tty
        self._buffer = b""
        self._frame: tuple[LogStream, int, bytes] | None = None
        self._partial: dict[LogStream, _Line] = {}
        self._clock = _Clock()

    def feed(self, data: bytes) -> list[LogLine]:
        if not data:
            return self._rest()
        self._buffer += data
        return self._tty_lines() if self._tty else self._framed_lines()

    def _rest(self) -> list[LogLine]:
        if self._tty and self._buffer:
            line, self._buffer = self._tty_line(self._buffer), b""
            return [line]
        lines = [partial.finish(stream) for stream, partial in self._partial.items()]
        self._partial.clear()
        return lines

    def _framed_lines(self) -> list[LogLine]:
        lines: list[LogLine] = []
        data, position = self._buffer, 0
        while True:
            if self._frame is None:
                if len(data) - position < _HEADER:
                    break
                length = int.from_bytes(data[position + 4 : position + _HEADER], "big")
                self._frame = (_STREAMS.get(data[position], "stderr"), length, b"")
                position += _HEADER
            stream, missing, payload = self._frame
            piece = data[position : position + missing]
            position += len(piece)
            missing -= len(piece)
            payload += piece[: max(0, _FRAME_LIMIT_BYTES - len(payload))]
            if missing:
                self._frame = (stream, missing, payload)
                break
            self._frame = None
            # A frame that was cut has lost its line end, which every frame of that size had.
            cut = len(payload) >= _FRAME_LIMIT_BYTES
            lines += self._message(stream, payload + b"\n" if cut else payload, cut)
        self._buffer = data[position:]
        return lines

    def _message(self, stream: LogStream, payload: bytes, cut: bool) -> list[LogLine]:
        """One log message: a line, or a piece of one when it has no line end."""
        at_ns, start = self._clock.read(payload)
        end = len(payload) - 1
        whole = start <= end <= start + LINE_LIMIT_BYTES and payload.find(b"\n", start) == end
        if whole and not cut and stream not in self._partial:  # as nearly all are
            return [LogLine(at_ns, stream, payload[start:-1].removesuffix(b"\r").decode(errors="replace"))]
        partial = self._partial.pop(stream, None) or _Line(at_ns)
        *ended, rest = payload[start:].split(b"\n")
        lines = []
        for text in ended:
            partial.add(text, cut)
            lines.append(partial.finish(stream))
            partial = _Line(at_ns)
        if rest or not ended:
            partial.add(rest, cut)
            self._partial[stream] = partial
        return lines

    def _tty_lines(self) -> list[LogLine]:
        *ended, rest = self._buffer.split(b"\n")
        # A line without an end may not grow for ever: beyond the limit only its start is kept.
        limit = LINE_LIMIT_BYTES + 8 * _STAMP_ROOM
        self._buffer = rest[:limit]
        return [self._tty_line(text) for text in ended]

    def _tty_line(self, text: bytes) -> LogLine:
        at_ns, start = self._clock.read(text)
        line = _Line(at_ns)
        while len(text) - start > _PARTIAL_BYTES:
            stamp = _STAMP.match(text, start + _PARTIAL_BYTES)
            if stamp is None:
                break
            line.add(text[start : start + _PARTIAL_BYTES])
            start = stamp.end()
        line.add(text[start:])
        return line.finish("stdout")


class _Line:
    """A line growing from pieces, cut at the limit."""

    def __init__(self, at_ns: int) -> None:
        self._at_ns = at_ns
        self._pieces: list[bytes] = []
        self._length = 0
        self._cut = False

    def add(self, piece: bytes, cut: bool = False) -> None:
        room = LINE_LIMIT_BYTES - self._length
        self._cut = self._cut or cut or len(piece) > room
        kept = piece[:room]
        self._pieces.append(kept)
        self._length += len(kept)

    def finish(self, stream: LogStream) -> LogLine:
        text = b"".join(self._pieces).removesuffix(b"\r").decode(errors="replace")
        return LogLine(self._at_ns, stream, text, self._cut)


class _Clock:
    """Reads the timestamp in front of a message. Many share a second, so its expensive part is remembered."""

    def __init__(self) -> None:
        self._key = b""
        self._second_ns = 0
        self._last_ns = 0

    def read(self, message: bytes) -> tuple[int, int]:
        """Nanoseconds since the epoch and where the text begins; a message without one gets the time before it."""
        match = _STAMP.match(message)
        if match is None:
            return self._last_ns, 0
        second, fraction, zone = match.groups()
        key = second + zone
        if key != self._key:
            moment = datetime.fromisoformat(key.decode())
            self._key, self._second_ns = key, int(moment.timestamp()) * 1_000_000_000
        self._last_ns = self._second_ns + int(fraction.ljust(9, b"0"))
        return self._last_ns, match.end()
