"""When the cache is asked, when an answer is worth keeping, and whose it is."""

from dataclasses import dataclass
from typing import Any, Final

import orjson

from talome.core.settings.service import Settings
from talome.gateway.cache.service import ENABLED, SEMANTIC, SHARED, AnswerCache, Flight, Kept, SimilarQuestions, digest
from talome.gateway.inference.models import Answered, Ask, Json

_HOUSE: Final = "house"
_NOT_ASKED: Final = frozenset({"stream", "stream_options", "user", "metadata", "model", "store"})
"""Fields that do not change what is answered."""


@dataclass(slots=True)
class Question:
    """A request as the cache knows it. `place` and `vector` only where similar ones count too."""

    key: bytes
    place: bytes = b""
    vector: Any = None


class Memory:
    def __init__(self, cache: AnswerCache, similar: SimilarQuestions, settings: Settings) -> None:
        self._cache = cache
        self._similar = similar
        self._settings = settings

    def question(self, ask: Ask, body: Json) -> Question | None:
        """None for a request that is to be answered anew: it leaves room for chance, or the client wants it so."""
        if not self._is_repeatable(ask, body) or not self._settings.get(ENABLED):
            return None
        asked = {name: value for name, value in body.items() if name not in _NOT_ASKED}
        return Question(digest(self._partition(ask), self._policy(ask), asked))

    async def find(self, ask: Ask, body: Json, question: Question) -> Kept | None:
        """The same question, or where the household wants it one that means the same."""
        kept = self._cache.get(question.key)
        if kept is not None or not ask.question or not self._settings.get(SEMANTIC):
            return kept
        question.vector = await self._similar.vector(ask.question)
        if question.vector is None:
            return None
        question.place = digest(self._partition(ask), self._policy(ask), _without_question(body))
        found = self._similar.find(question.place, ask.question, question.vector, ask.cache.threshold)
        return self._cache.get(found) if found is not None else None

    def keep(self, ask: Ask, question: Question, answered: Answered) -> Kept | None:
        """Keep what is whole and final; an answer that was cut, or that calls a tool, is of its moment."""
        choices = answered.body.get("choices") or ()
        final = all(
            choice.get("finish_reason") == "stop" and not choice.get("message", {}).get("tool_calls")
            for choice in choices
        )
        if not choices or not final or answered.candidate is None:
            return None
        offer = answered.candidate.offer
        kept = self._cache.keep(
            question.key,
            answered.body,
            answered.tokens,
            provider=offer.endpoint.provider,
            model=offer.model_name,
            nano=answered.nano,
        )
        if question.vector is not None:
            self._similar.add(question.place, ask.question, question.vector, question.key)
        return kept

    def join(self, question: Question) -> Flight:
        return self._cache.join(question.key)

    def land(self, flight: Flight, kept: Kept | None) -> None:
        self._cache.land(flight, kept)

    def clear(self) -> None:
        """What models there are, or what they cost, has changed."""
        self._cache.clear()
        self._similar.clear()

    def _is_repeatable(self, ask: Ask, body: Json) -> bool:
        if ask.cache.use is not None:
            return ask.cache.use and ask.choices == 1
        return body.get("temperature") == 0 and ask.choices == 1

    def _partition(self, ask: Ask) -> str:
        if self._settings.get(SHARED):
            return _HOUSE
        holder = ask.holder
        return f"workspace:{holder.workspace}" if holder.workspace else f"user:{holder.user_id}"

    def _policy(self, ask: Ask) -> str:
        return f"{ask.wish.requested}|{'local' if ask.wish.local_only else 'any'}"


def remembered(kept: Kept) -> Answered:
    """As it was first given, and free."""
    return Answered(orjson.loads(kept.body), None, kept.tokens, 0, cached=True, provider=kept.provider)


def _without_question(body: Json) -> Json:
    """All of a request but the words of its last message from the user, which are compared by meaning."""
    messages = [dict(message) for message in body["messages"]]
    for message in reversed(messages):
        if message["role"] == "user":
            message["content"] = None if isinstance(message.get("content"), str) else message.get("content")
            break
    return {name: value for name, value in body.items() if name not in _NOT_ASKED} | {"messages": messages}
