"""A chat completion as we show it: of what came from upstream only what OpenAI's clients know, under names of our own.
Which provider and model stand behind `auto`, `fast` and `max` is nobody's business."""

import time
from typing import Any, Final

from talome.engines.providers.models import Tokens
from talome.gateway.inference.models import NANO, Json

_CHOICE: Final = ("index", "message", "delta", "finish_reason", "logprobs")


def completion(body: Json, *, id: str, shown: str, tokens: Tokens, nano: int, provider: str | None) -> Json:
    """A whole chat completion."""
    shaped: Json = {"id": id, "object": "chat.completion", "created": _created(body), "model": shown}
    if provider is not None:
        shaped["provider"] = provider
    shaped["choices"] = [_choice(choice) for choice in body.get("choices", ())]
    shaped["usage"] = usage(tokens, nano)
    return shaped


class ChunkShape:
    """Chunks of one stream. Their `created` is the same throughout, as OpenAI's is."""

    def __init__(self, *, id: str, shown: str, provider: str | None) -> None:
        self._head: Json = {"id": id, "object": "chat.completion.chunk", "created": int(time.time()), "model": shown}
        if provider is not None:
            self._head["provider"] = provider

    def chunks(self, chunks: list[Json]) -> list[Json]:
        head = self._head
        return [{**head, "choices": chunk.get("choices", ())} for chunk in chunks]

    def last(self, tokens: Tokens, nano: int) -> Json:
        """The chunk after the last, which carries no words but the usage, and what it cost."""
        return {**self._head, "choices": [], "usage": usage(tokens, nano)}

    def replay(self, body: Json) -> list[Json]:
        """A remembered completion as the chunks of a stream."""
        chunks = []
        for choice in body["choices"]:
            delta = {"role": "assistant", **choice["message"]}
            chunks.append(
                {**self._head, "choices": [{"index": choice["index"], "delta": delta, "finish_reason": None}]}
            )
            ended = {"index": choice["index"], "delta": {}, "finish_reason": choice["finish_reason"]}
            chunks.append({**self._head, "choices": [ended]})
        return chunks


def usage(tokens: Tokens, nano: int) -> Json:
    return {**tokens.openai(), "cost": nano / NANO}


def _created(body: Json) -> int:
    created = body.get("created")
    return created if isinstance(created, int) else int(time.time())


def _choice(choice: Any) -> Json:
    return {name: choice[name] for name in _CHOICE if name in choice}
