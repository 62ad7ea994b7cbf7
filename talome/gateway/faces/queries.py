"""ChaozCode's queries: a prompt and its answer in words of their own."""

from typing import Any, Final

from talome.core.clock import now
from talome.core.dialects import stream_error
from talome.core.errors import Invalid, TalomeError
from talome.core.http.frames import data_frames
from talome.engines.providers.models import Tokens

Json = dict[str, Any]
LONGEST_PROMPT: Final = 100_000
_NAMES: Final = {"temperature": "temperature", "maxTokens": "max_tokens", "topP": "top_p", "stop": "stop"}
_KNOWN: Final = frozenset(
    {*_NAMES, "prompt", "model", "systemPrompt", "stream", "context", "messages", "conversationId", "local_only"}
)


def chat_of(body: Json, *, chat: bool) -> Json:
    """The request as a chat; `chat` for the one with messages."""
    for name in body:
        if name not in _KNOWN:
            raise Invalid(f"There is no field “{name[:60]}” here.", field=name[:60])
    asked: Json = {ours: body[theirs] for theirs, ours in _NAMES.items() if body.get(theirs) is not None}
    if body.get("model") is not None:
        asked["model"] = body["model"]
    messages: list[Any] = [{"role": "system", "content": text} for text in _before(body)]
    if chat:
        if not isinstance(body.get("messages"), list):
            raise Invalid("“messages” is a list of messages.", field="messages")
        messages += body["messages"]
    else:
        messages.append({"role": "user", "content": _prompt(body)})
    return {**asked, "messages": messages}


def answer_of(completion: Json, *, id: str, tokens: Tokens, conversation: Any = None) -> Json:
    choice = completion["choices"][0] if completion["choices"] else {}
    answer: Json = {
        "id": id,
        "text": (choice.get("message") or {}).get("content") or "",
        "model": completion["model"],
        "usage": usage(tokens),
        "finishReason": choice.get("finish_reason"),
        "createdAt": now().isoformat().replace("+00:00", "Z"),
    }
    if conversation is not None:
        answer["conversationId"] = conversation
    return answer


class QueryEvents:
    """Chunks of a chat as the events of a query's stream."""

    def __init__(self, *, id: str) -> None:
        self._id = id
        self._begun = False
        self._finish: str | None = None

    def feed(self, chunks: list[Json]) -> list[Json]:
        events = self._start()
        for chunk in chunks:
            for choice in chunk["choices"]:
                text = (choice.get("delta") or {}).get("content")
                if text:
                    events.append({"type": "delta", "content": text})
                self._finish = choice.get("finish_reason") or self._finish
        return events

    def end(self, tokens: Tokens, nano_usd: float) -> list[Json]:
        done = {"type": "done", "usage": {**usage(tokens), "cost": nano_usd}, "finishReason": self._finish}
        return [*self._start(), done]

    def _start(self) -> list[Json]:
        if self._begun:
            return []
        self._begun = True
        return [{"type": "start", "id": self._id}]


def failure(error: TalomeError) -> bytes:
    """The last event of a stream that breaks off."""
    return data_frames([{"type": "error", **stream_error(error)}])


def usage(tokens: Tokens) -> Json:
    return {
        "promptTokens": tokens.prompt,
        "completionTokens": tokens.output,
        "totalTokens": tokens.prompt + tokens.output,
    }


def _prompt(body: Json) -> str:
    prompt = body.get("prompt")
    if not isinstance(prompt, str) or not prompt.strip():
        raise Invalid("The request body is missing required field 'prompt'", field="prompt", reason="required")
    if len(prompt) > LONGEST_PROMPT:
        raise Invalid(f"“prompt” has at most {LONGEST_PROMPT} characters.", field="prompt", reason="too long")
    return prompt


def _before(body: Json) -> list[str]:
    """What the model is told first: the instructions, and context that the client brings along."""
    system, context = body.get("systemPrompt"), body.get("context")
    if system is not None and not isinstance(system, str):
        raise Invalid("“systemPrompt” is a text.", field="systemPrompt")
    if context is not None and not isinstance(context, dict):
        raise Invalid("“context” is an object.", field="context")
    brought = "\n".join(
        f"{name}: {value}" for name, value in (context or {}).items() if isinstance(value, str | int | float)
    )
    return [text for text in (system, brought) if text]
