"""The gateway's door for chats, for the faces and for Talome's own agents: from OpenAI's words to an answer."""

import hashlib
from functools import partial
from typing import Final, Self

from talome.core import ids
from talome.core.operations import Caller
from talome.engines.providers.models import Tokens
from talome.engines.providers.providers import Providers
from talome.gateway.cache.service import Kept
from talome.gateway.inference import asking
from talome.gateway.inference.asking import model_of, most_of_message
from talome.gateway.inference.attempts import as_talome
from talome.gateway.inference.exchange import ChatExchange, MessagesExchange
from talome.gateway.inference.labels import labels_of, take_labels
from talome.gateway.inference.ledger import Ledger
from talome.gateway.inference.memory import Memory, remembered
from talome.gateway.inference.models import Answered, Ask, Json, Labels, RequestType
from talome.gateway.inference.pipeline import Pipeline
from talome.gateway.inference.shapes import ChunkShape, completion
from talome.gateway.inference.stream import ReplyStream
from talome.gateway.routing.models import Kind, Wish
from talome.gateway.routing.service import features_of
from talome.gateway.wallet.service import Wallet

__all__ = ["ChatChunks", "Inference", "as_talome", "labels_of", "model_of", "most_of_message", "take_labels"]
SHOWS_PROVIDER: Final = "talocode/"
_USUAL_OUTPUT: Final = 1024


class Inference:
    """`pipeline` is for the faces whose answers are no chats."""

    def __init__(
        self, providers: Providers, pipeline: Pipeline, ledger: Ledger, memory: Memory, wallet: Wallet
    ) -> None:
        self.pipeline = pipeline
        self.providers = providers
        self._ledger = ledger
        self._memory = memory
        self._wallet = wallet

    def ask(self, caller: Caller, request_type: RequestType, kind: Kind, model: str, labels: Labels) -> Ask:
        """A request of which only the name of the model is known yet."""
        holder = self._wallet.holder(caller, labels.workspace)
        request_id = labels.request_id or ids.new_id("req")
        wish = Wish(model, kind, local_only=labels.local_only or holder.local_only, workspace=holder.workspace)
        asked = (labels.body_hash, request_type, holder.key_id or "", holder.workspace or "", str(wish.local_only))
        same = hashlib.sha256("|".join(asked).encode()).hexdigest() if labels.idempotency else ""
        return Ask(
            holder,
            request_type,
            wish,
            shown=model,
            request_id=request_id,
            trace_id=labels.trace_id or request_id,
            cache=labels.cache,
            idempotency=labels.idempotency,
            body_hash=same,
            shows_provider=labels.shows_provider or model.startswith(SHOWS_PROVIDER),
            feature=labels.feature,
        )

    def ask_chat(self, caller: Caller, body: Json, labels: Labels, request_type: RequestType = "chat") -> Ask:
        """Raises `Invalid` for a body that is no chat."""
        asking.check_chat(body)
        ask = self.ask(caller, request_type, "chat", model_of(body), labels)
        size = asking.measure(body)
        ask.most_tokens_in = size.most_tokens
        ask.tokens_out = asking.asked_output(body)
        ask.choices = body.get("n") or 1
        ask.question = size.text
        ask.features = partial(features_of, body)
        ask.wish = Wish(
            ask.wish.requested,
            "chat",
            asking.needs_of(body, size),
            size.tokens,
            ask.tokens_out or _USUAL_OUTPUT,
            ask.wish.local_only,
            f"{ask.holder.user_id}:{size.conversation}",
            ask.wish.workspace,
        )
        return ask

    async def answer_chat(self, ask: Ask, body: Json) -> Answered:
        """The chat completion, in our shape; from memory where that is allowed and it is there."""
        exchange = ChatExchange(self.providers, body)
        question = self._memory.question(ask, body)
        if question is None:
            return self._shaped(ask, await self.pipeline.answer(ask, exchange))
        if (kept := await self._memory.find(ask, body, question)) is not None:
            return self._remembered(ask, kept)
        flight = self._memory.join(question)
        if not flight.leads:
            if (kept := await flight.outcome()) is not None:
                return self._remembered(ask, kept)
            return self._shaped(ask, await self.pipeline.answer(ask, exchange))
        kept = None
        try:
            answered = await self.pipeline.answer(ask, exchange)
            kept = self._memory.keep(ask, question, answered)
        finally:
            self._memory.land(flight, kept)
        return self._shaped(ask, answered)

    async def stream_chat(self, ask: Ask, body: Json) -> "ChatChunks":
        """The chunks of a chat completion. Whoever gets them closes them."""
        include = body.get("stream_options")
        shows_usage = isinstance(include, dict) and include.get("include_usage") is True
        provider = None
        question = self._memory.question(ask, body)
        if question is not None and (kept := await self._memory.find(ask, body, question)) is not None:
            answered = self._remembered(ask, kept)
            provider = answered.provider if ask.shows_provider else None
            return ChatChunks(None, self._shape(ask, provider), shows_usage, answered)
        stream = await self.pipeline.stream(ask, ChatExchange(self.providers, body))
        provider = stream.candidate.offer.endpoint.provider if ask.shows_provider else None
        return ChatChunks(stream, self._shape(ask, provider), shows_usage, None)

    async def answer_messages(self, ask: Ask, body: Json, chat: Json, beta: str) -> Answered:
        """A message of Anthropic, of which `chat` says the same; the body is in the shape of whoever answered."""
        return await self.pipeline.answer(ask, MessagesExchange(self.providers, body, chat, beta))

    async def stream_messages(self, ask: Ask, body: Json, chat: Json, beta: str) -> ReplyStream:
        """The same as a stream, which the caller closes."""
        return await self.pipeline.stream(ask, MessagesExchange(self.providers, body, chat, beta))

    async def chat(self, caller: Caller, body: Json, *, feature: str = "") -> Json:
        """For Talome's own agents: a chat completion, without a socket."""
        ask = self.ask_chat(caller, body, Labels(feature=feature))
        answer: Json = (await self.answer_chat(ask, body)).body
        return answer

    def require_chat(self, caller: Caller, model: str) -> None:
        """Raise what a chat with this model would be refused with: none is set up, or none has this name."""
        body: Json = {"model": model, "messages": [{"role": "user", "content": "?"}]}
        self.pipeline.require(self.ask_chat(caller, body, Labels()))

    async def open_chat(self, caller: Caller, body: Json, *, feature: str = "") -> "ChatChunks":
        """The same as a stream, which the caller closes."""
        return await self.stream_chat(self.ask_chat(caller, body, Labels(feature=feature)), body)

    def note_here(self, ask: Ask, answered: Answered, model: str) -> None:
        """A model of this machine answered, without any endpoint."""
        self._ledger.note_here(ask, model, answered.tokens)

    def _remembered(self, ask: Ask, kept: Kept) -> Answered:
        answered = remembered(kept)
        self._ledger.note_remembered(ask, answered, kept.nano)
        return self._shaped(ask, answered)

    def _shaped(self, ask: Ask, answered: Answered) -> Answered:
        candidate = answered.candidate
        provider = candidate.offer.endpoint.provider if candidate is not None else answered.provider
        body = completion(
            answered.body,
            id=_completion_id(ask),
            shown=ask.shown,
            tokens=answered.tokens,
            nano=answered.nano,
            provider=provider if ask.shows_provider else None,
        )
        return Answered(body, candidate, answered.tokens, answered.nano, cached=answered.cached, provider=provider)

    def _shape(self, ask: Ask, provider: str | None) -> ChunkShape:
        return ChunkShape(id=_completion_id(ask), shown=ask.shown, provider=provider)


class ChatChunks:
    """Iterates over lists of chunks in our shape, from a stream or from memory; the usage comes last, if wanted."""

    def __init__(
        self, stream: ReplyStream | None, shape: ChunkShape, shows_usage: bool, answered: Answered | None
    ) -> None:
        self._stream = stream
        self._shape = shape
        self._shows_usage = shows_usage
        self._answered = answered
        self._replayed = False

    @property
    def cached(self) -> bool:
        return self._answered is not None

    @property
    def tokens(self) -> Tokens:
        """What it took; whole after the end."""
        return self._answered.tokens if self._answered else self._stream.tokens if self._stream else Tokens()

    @property
    def nano(self) -> int:
        return self._stream.nano if self._stream else 0

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> list[Json]:
        if self._stream is not None:
            try:
                chunks = await self._stream.__anext__()
            except StopAsyncIteration:
                return self._last()
            return self._shape.chunks(chunks)
        if self._answered is not None and not self._replayed:
            self._replayed = True
            return self._shape.replay(self._answered.body)
        return self._last()

    def _last(self) -> list[Json]:
        if not self._shows_usage:
            raise StopAsyncIteration
        self._shows_usage = False
        return [self._shape.last(self.tokens, self.nano)]

    async def close(self) -> None:
        if self._stream is not None:
            await self._stream.close()


def _completion_id(ask: Ask) -> str:
    """The same for the same request, where the client gives it an id."""
    if ask.idempotency:
        own = f"{ask.holder.user_id}:{ask.idempotency}:{ask.body_hash}".encode()
        return f"chatcmpl-{hashlib.blake2b(own, digest_size=13).hexdigest()}"
    return f"chatcmpl-{ask.request_id.removeprefix('req_')}"
