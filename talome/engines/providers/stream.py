"""A streamed answer: events come in whatever pieces, whole chunks go out, all of one read together."""

import asyncio
from contextlib import suppress
from typing import Final, Protocol, Self

import orjson

from talome.core.nesting import is_too_deep
from talome.engines.http1.response import Response
from talome.engines.providers.models import Json, Tokens, UpstreamError
from talome.engines.providers.repeats import Repeats
from talome.engines.providers.sse import Events
from talome.engines.providers.wire import CLIENT_ERRORS, upstream_error

_LAST_BYTES_S: Final = 0.25
_HOLD_S: Final = 1.0
_MOST_BYTES: Final = 512_000_000
_MOST_CHARACTERS: Final = 8_000_000
_NOISE_S: Final = 600.0
"""So long nothing but comments and empty events may come."""


class Translator(Protocol):
    """Turns an endpoint's events into chunks. `ended`: the answer is whole; `done`: nothing follows."""

    tokens: Tokens | None
    made: int
    ended: bool
    done: bool

    def take(self, event: Json, *, started: bool) -> list[Json]:
        """The chunks of one event. Raises `UpstreamError` where the event is an error."""


class ChatStream:
    """Iterates over lists of chunks. `tokens` is there after the end, if the endpoint counts; `made` is the number of
    characters of the answer so far, reasoning and tool calls among them. `repeats` where events are chunks already.

    Waiting for the next list may be cancelled and done again: nothing is lost by it.
    """

    def __init__(self, response: Response, translator: Translator, repeats: Repeats | None = None) -> None:
        self._response = response
        self._translator = translator
        self._repeats = repeats
        self._events = Events()
        self._first: list[Json] = []
        self._error: UpstreamError | None = None
        self._over = False
        self._bytes = 0

    @property
    def tokens(self) -> Tokens | None:
        tokens = self._translator.tokens
        return tokens if tokens is not None and tokens.prompt else None

    @property
    def made(self) -> int:
        return self._translator.made + (self._repeats.characters if self._repeats is not None else 0)

    async def start(self) -> Self:
        """Waits for the first chunks, so that an endpoint that fails before can still be replaced."""
        try:
            self._first = await self._next(started=False)
            await self._hold()
        except BaseException:
            self._response.close()
            raise
        if not self._first:
            self._response.close()
            raise UpstreamError("malformed", "The model's endpoint answered with an empty stream.")
        return self

    async def _hold(self) -> None:
        """Some greet and then fail. Until the first word, or for a moment, they can still be replaced."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_HOLD_S):
                while self._first and not (self._over or self.made):
                    self._first += await self._next(started=False)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> list[Json]:
        if self._first:
            first, self._first = self._first, []
            return first
        if self._error is None and not self._over and (chunks := await self._next(started=True)):
            return chunks
        if self._error is not None:
            raise self._error
        raise StopAsyncIteration

    async def close(self) -> None:
        """Ends the request; where the answer was not whole, the endpoint notices at once."""
        self._over = True
        self._response.close()

    async def _next(self, *, started: bool) -> list[Json]:
        """All chunks of the next read that holds any; none at the end. An error waits for the chunks before it."""
        made: list[Json] = []
        try:
            clock = asyncio.get_running_loop().time
            began = clock()
            while not self._over and not made:
                await self._read(made, started=started)
                if not made and clock() - began > _NOISE_S:
                    raise UpstreamError("timeout", "The model's endpoint sent no word for too long.", started=started)
        except UpstreamError as error:
            self._over = True
            self._response.close()
            if not (made and started):
                raise
            self._error = error
        return made

    async def _read(self, made: list[Json], *, started: bool) -> None:
        try:
            piece = await self._response.readany()
        except CLIENT_ERRORS as error:
            raise upstream_error(error, started=started) from None
        self._bytes += len(piece)
        if self._bytes > _MOST_BYTES or self.made > _MOST_CHARACTERS:
            raise UpstreamError("too_large", "The answer of the model's endpoint does not end.", started=started)
        self._translate(self._events.feed(piece) if piece else self._events.end(), made, started=started)
        if not piece or self._translator.done:
            await self._finish(at_end=not piece, started=started)

    def _translate(self, events: list[bytes], made: list[Json], *, started: bool) -> None:
        translator, repeats, at = self._translator, self._repeats, 0
        while at < len(events):
            if repeats is not None and (then := repeats.take(events, at, made)) > at:
                at = then
                continue
            data = events[at]
            at += 1
            if data == b"[DONE]":
                translator.ended = translator.done = True
                continue
            try:
                event = orjson.loads(data)
            except orjson.JSONDecodeError:
                event = None
            if not isinstance(event, dict) or is_too_deep(data, event):
                words = "The model's endpoint sent an event that is not JSON."
                raise UpstreamError("malformed", words, started=started)
            chunks = translator.take(event, started=started)
            made += chunks
            if repeats is not None and chunks:
                repeats.learn(data, chunks[0])

    async def _finish(self, *, at_end: bool, started: bool) -> None:
        """Leaves the connection to the next request where the answer is whole."""
        self._over = True
        if not self._translator.ended:
            raise UpstreamError("cut", "The model's endpoint broke off in the middle.", started=started)
        if not at_end and not self._response.at_eof():
            with suppress(*CLIENT_ERRORS):
                async with asyncio.timeout(_LAST_BYTES_S):
                    await self._response.readany()
        self._response.close()


class WholeStream(ChatStream):
    """An answer that came whole although a stream was asked for."""

    def __init__(self, response: Response, translator: Translator, chunks: list[Json]) -> None:
        super().__init__(response, translator)
        self._first = chunks
        self._over = True


def is_event_stream(response: Response) -> bool:
    return response.content_type == "text/event-stream"
