"""Faces: each takes a request in its own words, and gives the answer in them, whole or as frames of a stream."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Final, Protocol

from talome.core.dialects import anthropic_error, stream_error
from talome.core.errors import TalomeError
from talome.core.http.frames import data_frames, named_frames
from talome.core.operations import Caller
from talome.engines.providers.models import Tokens
from talome.engines.providers.usage import estimated_input
from talome.gateway.faces import completions, messages, queries, responses
from talome.gateway.inference.models import NANO, Answered, Ask, Json, Labels
from talome.gateway.inference.service import Inference, most_of_message

_DONE: Final = b"data: [DONE]\n\n"


class Events(Protocol):
    """Turns chunks into the events of a face."""

    def feed(self, chunks: list[Json]) -> list[Json]:
        """What these chunks say."""

    def end(self, tokens: Tokens, nano_usd: float, /) -> list[Json]:
        """What comes last."""


class Source(Protocol):
    """A stream of chunks; `tokens` and `nano` are whole after its end."""

    @property
    def tokens(self) -> Tokens: ...

    @property
    def nano(self) -> int: ...

    def __aiter__(self) -> AsyncIterator[list[Json]]: ...

    async def __anext__(self) -> list[Json]: ...

    async def close(self) -> None: ...


class AsTheyAre:
    """Chunks are the events."""

    def __init__(self, change: Callable[[Json], Json] | None = None) -> None:
        self._change = change

    def feed(self, chunks: list[Json]) -> list[Json]:
        return chunks if self._change is None else [self._change(chunk) for chunk in chunks]

    def end(self, _tokens: Tokens, _nano_usd: float) -> list[Json]:
        """Nothing more to say."""
        return []


@dataclass(slots=True)
class Whole:
    """An answer in one piece."""

    body: Json
    nano: int
    cached: bool
    trace_id: str


@dataclass(frozen=True, slots=True)
class Streamed:
    """An answer that began. Whoever gets it closes it. `failure` makes the last frame of an answer that breaks off."""

    source: Source
    events: Events
    cached: bool
    trace_id: str
    packed: Callable[[list[Json]], bytes] = data_frames
    failure: Callable[[TalomeError], bytes] = lambda error: data_frames([stream_error(error)])
    done: bytes = _DONE

    async def frames(self) -> AsyncIterator[bytes]:
        """All events of one read together."""
        packed, feed = self.packed, self.events.feed
        async for chunks in self.source:
            if events := feed(chunks):
                yield packed(events)
        last = self.events.end(self.source.tokens, self.source.nano / NANO)
        yield packed(last) + self.done

    async def close(self) -> None:
        await self.source.close()


class Faces:
    def __init__(self, inference: Inference) -> None:
        self._inference = inference

    async def chat(self, caller: Caller, body: Json, labels: Labels) -> Whole | Streamed:
        """OpenAI's chat completions."""
        ask = self._inference.ask_chat(caller, body, labels)
        if body.get("stream"):
            chunks = await self._inference.stream_chat(ask, body)
            return Streamed(chunks, AsTheyAre(), chunks.cached, ask.trace_id)
        answered = await self._inference.answer_chat(ask, body)
        return _whole(ask, answered, answered.body)

    async def completions(self, caller: Caller, body: Json, labels: Labels) -> Whole | Streamed:
        """OpenAI's older completions."""
        chat = completions.chat_of(body)
        ask = self._inference.ask_chat(caller, chat, labels, "completions")
        if chat.get("stream"):
            chunks = await self._inference.stream_chat(ask, chat)
            return Streamed(chunks, AsTheyAre(completions.completion_of), chunks.cached, ask.trace_id)
        answered = await self._inference.answer_chat(ask, chat)
        return _whole(ask, answered, completions.completion_of(answered.body))

    async def responses(self, caller: Caller, body: Json, labels: Labels) -> Whole | Streamed:
        """OpenAI's responses."""
        chat = responses.chat_of(body)
        ask = self._inference.ask_chat(caller, chat, labels, "responses")
        id = _short(ask)
        if chat.get("stream"):
            chunks = await self._inference.stream_chat(ask, chat)
            events = responses.ResponseEvents(body, id=id, shown=ask.shown)
            return Streamed(chunks, events, chunks.cached, ask.trace_id, named_frames, events.failure, b"")
        answered = await self._inference.answer_chat(ask, chat)
        nano_usd = answered.nano / NANO
        made = responses.response_of(answered.body, body, id=id, tokens=answered.tokens, nano_usd=nano_usd)
        return _whole(ask, answered, made)

    async def query(self, caller: Caller, body: Json, labels: Labels, *, chat: bool, stream: bool) -> Whole | Streamed:
        """ChaozCode's queries, of one prompt or of a conversation."""
        asked = queries.chat_of(body, chat=chat)
        ask = self._inference.ask_chat(caller, asked, labels, "query")
        id = f"query_{_short(ask)}"
        if stream or body.get("stream") is True:
            chunks = await self._inference.stream_chat(ask, asked)
            return Streamed(
                chunks, queries.QueryEvents(id=id), chunks.cached, ask.trace_id, failure=queries.failure, done=b""
            )
        answered = await self._inference.answer_chat(ask, asked)
        made = queries.answer_of(answered.body, id=id, tokens=answered.tokens, conversation=body.get("conversationId"))
        return _whole(ask, answered, made)

    async def messages(self, caller: Caller, body: Json, labels: Labels, beta: str) -> Whole | Streamed:
        """Anthropic's messages; `beta` is the header of that name."""
        messages.check(body)
        chat = messages.chat_of(body)
        ask = self._inference.ask_chat(caller, chat, labels, "messages")
        ask.most_tokens_in = max(ask.most_tokens_in, most_of_message(body))
        id = f"msg_{_short(ask)}"
        if body.get("stream"):
            stream = await self._inference.stream_messages(ask, body, chat, beta)
            native = messages.NativeEvents(id=id, shown=ask.shown)
            made = messages.MessageEvents(id=id, shown=ask.shown, tokens_in=ask.wish.tokens_in)
            events: Events = native if stream.native else made
            return Streamed(stream, events, False, ask.trace_id, named_frames, _anthropic_failure, b"")
        answered = await self._inference.answer_messages(ask, body, chat, beta)
        usd = answered.nano / NANO
        if answered.native:
            return _whole(ask, answered, messages.native_message(answered.body, id=id, shown=ask.shown, nano_usd=usd))
        whole = messages.message_of(answered.body, id=id, shown=ask.shown, tokens=answered.tokens, nano_usd=usd)
        return _whole(ask, answered, whole)

    def count_tokens(self, body: Json) -> Json:
        """About how many tokens a message would send. Asks nobody, so it is free, and never too little by much."""
        messages.check(body)
        return {"input_tokens": estimated_input(messages.chat_of(body))}


def _whole(ask: Ask, answered: Answered, body: Json) -> Whole:
    return Whole(body, answered.nano, answered.cached, ask.trace_id)


def _short(ask: Ask) -> str:
    return ask.request_id.removeprefix("req_")


def _anthropic_failure(error: TalomeError) -> bytes:
    return named_frames([anthropic_error(error)])
