"""What is asked of a candidate: one answer, or a stream that began."""

from collections.abc import AsyncIterator
from typing import Protocol

from talome.engines.providers.models import ChatAnswer, Tokens
from talome.engines.providers.providers import Providers
from talome.gateway.inference.models import Done, Json
from talome.gateway.routing.models import Candidate


class EventStream(Protocol):
    """A stream of an endpoint. `tokens` is there after the end if it counts them; `made` are characters so far."""

    @property
    def tokens(self) -> Tokens | None:
        """What it told."""

    @property
    def made(self) -> int:
        """How much came."""

    def __aiter__(self) -> AsyncIterator[list[Json]]: ...

    async def __anext__(self) -> list[Json]: ...

    async def close(self) -> None:
        """End the request."""


class Exchange(Protocol):
    """One request in the form of one face. `cap` bounds the length of an answer; 0 for as the client said."""

    async def once(self, candidate: Candidate, cap: int) -> Done:
        """The whole answer."""

    def is_native(self, candidate: Candidate, /) -> bool:
        """Whether the answer of this candidate is in the shape of the face, and not a chat completion."""


class StreamedExchange(Exchange, Protocol):
    """One whose answer can also come in events."""

    async def open(self, candidate: Candidate, cap: int) -> EventStream:
        """A stream whose first events came."""


class ChatExchange:
    """A chat completion, which every provider is made to speak."""

    def __init__(self, providers: Providers, body: Json) -> None:
        self._providers = providers
        self.body = body

    async def once(self, candidate: Candidate, cap: int) -> Done:
        offer = candidate.offer
        answer: ChatAnswer = await self._providers.chat(offer.endpoint, offer.model_name, bounded(self.body, cap))
        return Done(answer.body, answer.tokens)

    async def open(self, candidate: Candidate, cap: int) -> EventStream:
        offer = candidate.offer
        return await self._providers.open_chat(offer.endpoint, offer.model_name, bounded(self.body, cap))

    def is_native(self, _candidate: Candidate) -> bool:
        return False


def bounded(body: Json, cap: int) -> Json:
    """The body, with a longest answer where the client named none."""
    return {**body, "max_tokens": cap} if cap else body


class MessagesExchange:
    """A message of Anthropic: as it is where Anthropic answers, else as a chat completion."""

    def __init__(self, providers: Providers, body: Json, chat: Json, beta: str) -> None:
        self._providers = providers
        self._chat = ChatExchange(providers, chat)
        self._body = body
        self._beta = beta

    async def once(self, candidate: Candidate, cap: int) -> Done:
        if not self.is_native(candidate):
            return await self._chat.once(candidate, cap)
        offer = candidate.offer
        answer = await self._providers.messages(offer.endpoint, offer.model_name, self._body, beta=self._beta)
        return Done(answer.body, answer.tokens)

    async def open(self, candidate: Candidate, cap: int) -> EventStream:
        if not self.is_native(candidate):
            return await self._chat.open(candidate, cap)
        offer = candidate.offer
        return await self._providers.open_messages(offer.endpoint, offer.model_name, self._body, beta=self._beta)

    def is_native(self, candidate: Candidate) -> bool:
        return candidate.offer.endpoint.provider == "anthropic"
