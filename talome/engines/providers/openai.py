"""The OpenAI-shaped adapter: chat and embeddings of OpenAI itself and of all that resemble it."""

from typing import Any, Final

from talome.engines.http1.response import Response
from talome.engines.providers import quirks
from talome.engines.providers.models import ChatAnswer, EmbeddingAnswer, Endpoint, Json, Tokens, UpstreamError
from talome.engines.providers.refusals import error_of_event
from talome.engines.providers.repeats import Repeats
from talome.engines.providers.stream import ChatStream, WholeStream, is_event_stream
from talome.engines.providers.tool_calls import ToolCalls, whole_calls
from talome.engines.providers.usage import count, estimated, openai_tokens, tokens_of
from talome.engines.providers.vectors import as_asked
from talome.engines.providers.wire import Wire, read_json

LARGEST_ANSWER_BYTES: Final = 8_000_000
LARGEST_VECTORS_BYTES: Final = 64_000_000
_TEXTS: Final = ("content", "reasoning_content", "refusal")


def headers(endpoint: Endpoint) -> dict[str, str]:
    return {"Authorization": f"Bearer {endpoint.secret}"} if endpoint.secret else {}


async def chat(wire: Wire, endpoint: Endpoint, model: str, body: Json) -> ChatAnswer:
    request = quirks.chat_request(body, endpoint.provider, model, stream=False, local=endpoint.local)
    response = await wire.post(endpoint, "/chat/completions", request, headers(endpoint))
    answer = await read_json(response, LARGEST_ANSWER_BYTES)
    made = check_completion(answer, started=False)
    tokens = openai_tokens(answer.get("usage")) or estimated(body, made)
    answer["usage"] = tokens.openai()
    return ChatAnswer(answer, tokens)


async def open_chat(wire: Wire, endpoint: Endpoint, model: str, body: Json) -> ChatStream:
    request = quirks.chat_request(body, endpoint.provider, model, stream=True, local=endpoint.local)
    response = await wire.post(endpoint, "/chat/completions", request, headers(endpoint), stream=True)
    if is_event_stream(response):
        return await ChatStream(response, Chunks(), Repeats()).start()
    return await _whole(response)


async def _whole(response: Response) -> ChatStream:
    """Of an endpoint that cannot stream: its one answer, as a stream of one chunk."""
    answer = await read_json(response, LARGEST_ANSWER_BYTES)
    translator = Chunks()
    translator.made = check_completion(answer, started=False)
    translator.tokens = openai_tokens(answer.pop("usage", None))
    answer["object"] = "chat.completion.chunk"
    for choice in answer["choices"]:
        choice["delta"] = choice.pop("message")
        for index, call in enumerate(choice["delta"].get("tool_calls") or ()):
            call["index"] = index
    return WholeStream(response, translator, [answer])


def check_completion(answer: Json, *, started: bool) -> int:
    """Puts right what endpoints get wrong; the number of characters of the answer. Raises `UpstreamError`."""
    if answer.get("error"):
        raise error_of_event(answer["error"], started=started)
    choices = answer.get("choices")
    if not isinstance(choices, list) or not choices:
        raise UpstreamError("malformed", "The model's endpoint answered without an answer.", started=started)
    made = 0
    for place, choice in enumerate(choices):
        message = choice.get("message") if isinstance(choice, dict) else None
        if not isinstance(message, dict):
            raise UpstreamError("malformed", "The model's endpoint answered without a message.", started=started)
        choice["index"] = count(choice.get("index", place))
        _plain_reason(choice)
        _name_reasoning(message)
        _plain_texts(message)
        message["role"] = "assistant"
        message.setdefault("content", None)
        if message.get("tool_calls"):
            message["tool_calls"] = whole_calls(message["tool_calls"])
        made += _characters(message)
    answer.pop("x_groq", None)
    return made


class Chunks:
    """A translator that has little to do: the events are chunks already."""

    def __init__(self) -> None:
        self.tokens: Tokens | None = None
        self.made = 0
        self.ended = False
        self.done = False
        self._calls: dict[int, ToolCalls] = {}

    def take(self, event: Json, *, started: bool) -> list[Json]:
        usage = event.pop("usage", None)
        if usage is not None or "x_groq" in event:
            self._count(usage, event.pop("x_groq", None))
        choices = event.get("choices")
        if event.get("error"):
            raise error_of_event(event["error"], started=started)
        if not choices or not isinstance(choices, list):
            return []
        for choice in choices:
            if not isinstance(choice, dict):
                raise UpstreamError("malformed", "The model's endpoint sent no chat chunk.", started=started)
            delta = choice.get("delta")
            text = delta.get("content") if isinstance(delta, dict) and len(delta) == 1 else None
            if isinstance(text, str) and not choice.get("finish_reason") and "native_finish_reason" not in choice:
                self.made += len(text)  # nearly all are like this
            else:
                self._put_right(choice)
        return [event]

    def _count(self, usage: Any, groq: Any) -> None:
        if usage is None and isinstance(groq, dict):
            usage = groq.get("usage")
        self.tokens = openai_tokens(usage) or self.tokens

    def _put_right(self, choice: Json) -> None:
        delta = choice.get("delta")
        _plain_reason(choice)
        if choice.get("finish_reason"):
            self.ended = True
        if not isinstance(delta, dict):
            delta = choice["delta"] = {}
        _name_reasoning(delta)
        _plain_texts(delta)
        if calls := delta.get("tool_calls"):
            place = count(choice.get("index"))
            delta["tool_calls"] = self._calls.setdefault(place, ToolCalls()).take(calls)
        self.made += _characters(delta)


def _name_reasoning(message: Json) -> None:
    """Some call it `reasoning`; clients know it as `reasoning_content`."""
    if "reasoning" in message:
        told = message.pop("reasoning")
        if isinstance(told, str) and not message.get("reasoning_content"):
            message["reasoning_content"] = told


def _plain_reason(choice: Json) -> None:
    choice.pop("native_finish_reason", None)
    if not isinstance(choice.get("finish_reason"), str | None):
        choice["finish_reason"] = "stop"


def _plain_texts(message: Json) -> None:
    """Text where text belongs: some send a list of parts, and what is neither is no answer."""
    for name in _TEXTS:
        text = message.get(name)
        if isinstance(text, list):
            texts = (part.get("text") for part in text if isinstance(part, dict))
            message[name] = "".join(text for text in texts if isinstance(text, str))
        elif not isinstance(text, str | None):
            message[name] = None


def _characters(message: Json) -> int:
    made = 0
    for name in _TEXTS:
        text = message.get(name)
        if isinstance(text, str):
            made += len(text)
    for call in message.get("tool_calls") or ():
        function = call["function"]
        made += len(function.get("name") or "") + len(function.get("arguments") or "")
    return made


async def embed(wire: Wire, endpoint: Endpoint, model: str, body: Json) -> EmbeddingAnswer:
    packed = body.get("encoding_format") == "base64"
    request = {**body, "model": model}
    if packed and not quirks.quirks_of(endpoint.provider).base64_vectors:
        del request["encoding_format"]
    response = await wire.post(endpoint, "/embeddings", request, headers(endpoint))
    answer = await read_json(response, LARGEST_VECTORS_BYTES)
    if answer.get("error"):
        raise error_of_event(answer["error"], started=False)
    vectors = as_asked(answer.get("data"), packed=packed, expected=inputs_of(body))
    usage = answer.get("usage")
    told = count(usage.get("prompt_tokens")) if isinstance(usage, dict) else 0
    return EmbeddingAnswer(vectors, Tokens(input=told) if told else estimated_inputs(body))


def inputs_of(body: Json) -> int:
    """How many vectors are asked for: a text or a list of tokens is one input."""
    given = body.get("input")
    several = isinstance(given, list) and given and not isinstance(given[0], int)
    return len(given) if several and isinstance(given, list) else 1


def estimated_inputs(body: Json) -> Tokens:
    given = body.get("input")
    texts = given if isinstance(given, list) else [given]
    amount = sum(
        tokens_of(len(text)) if isinstance(text, str) else len(text) if isinstance(text, list) else 1 for text in texts
    )
    return Tokens(input=max(1, amount), estimated=True)
