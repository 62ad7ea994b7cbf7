"""The adapter for Google's Gemini. The key goes into a header, never into an address."""

import time
from typing import Any, Final
from urllib.parse import quote

import orjson

from talome.engines.providers.google_request import content_request
from talome.engines.providers.models import ChatAnswer, EmbeddingAnswer, Endpoint, Json, Tokens, UpstreamError
from talome.engines.providers.openai import estimated_inputs
from talome.engines.providers.refusals import error_of_event, unsupported
from talome.engines.providers.stream import ChatStream, is_event_stream
from talome.engines.providers.tool_calls import new_call_id
from talome.engines.providers.usage import count, estimated, google_tokens
from talome.engines.providers.vectors import as_asked
from talome.engines.providers.wire import Wire, read_json

LARGEST_ANSWER_BYTES: Final = 64_000_000
_REASONS: Final = {"STOP": "stop", "MAX_TOKENS": "length", "MALFORMED_FUNCTION_CALL": "stop", "OTHER": "stop"}


def headers(endpoint: Endpoint) -> dict[str, str]:
    return {"x-goog-api-key": endpoint.secret} if endpoint.secret else {}


def path_of(model: str, method: str) -> str:
    return f"/models/{quote(model.removeprefix('models/'), safe='')}:{method}"


async def chat(wire: Wire, endpoint: Endpoint, model: str, body: Json) -> ChatAnswer:
    request = content_request(body, model)
    response = await wire.post(endpoint, path_of(model, "generateContent"), request, headers(endpoint))
    answer = await read_json(response, LARGEST_ANSWER_BYTES)
    chunks = Chunks(model)
    made = chunks.take(answer, started=False)
    if not made:
        raise UpstreamError("malformed", "The model's endpoint answered without an answer.")
    tokens = chunks.tokens or estimated(body, chunks.made)
    return ChatAnswer(_completion(made, tokens), tokens)


def _completion(chunks: list[Json], tokens: Tokens) -> Json:
    """Of an answer that is a single event."""
    choices: dict[int, Json] = {}
    for chunk in chunks:
        for given in chunk["choices"]:
            empty = {"index": given["index"], "message": {"role": "assistant", "content": None}, "logprobs": None}
            choice = choices.setdefault(given["index"], empty)
            choice["message"].update(given["delta"])
            choice["finish_reason"] = given["finish_reason"] or "stop"
    for choice in choices.values():
        for call in choice["message"].get("tool_calls") or ():
            del call["index"]
    head = {name: chunks[0][name] for name in ("id", "created", "model")}
    return {**head, "object": "chat.completion", "choices": list(choices.values()), "usage": tokens.openai()}


async def open_chat(wire: Wire, endpoint: Endpoint, model: str, body: Json) -> ChatStream:
    path = f"{path_of(model, 'streamGenerateContent')}?alt=sse"
    response = await wire.post(endpoint, path, content_request(body, model), headers(endpoint), stream=True)
    if not is_event_stream(response):
        response.close()
        raise UpstreamError("malformed", "The model's endpoint does not stream although it was asked to.")
    return await ChatStream(response, Chunks(model)).start()


class Chunks:
    """Each of Gemini's events is a piece of an answer; the last one says why it ended."""

    def __init__(self, model: str) -> None:
        self.tokens: Tokens | None = None
        self.made = 0
        self.ended = False
        self.done = False
        self._head: Json = {"id": "", "object": "chat.completion.chunk", "created": int(time.time()), "model": model}
        self._calls: dict[int, int] = {}

    def take(self, event: Json, *, started: bool) -> list[Json]:
        if event.get("error"):
            raise error_of_event(event["error"], started=started)
        self._head["id"] = str(event.get("responseId") or self._head["id"])
        self.tokens = google_tokens(event.get("usageMetadata")) or self.tokens
        candidates = event.get("candidates")
        feedback = event.get("promptFeedback")
        if not candidates and isinstance(feedback, dict) and feedback.get("blockReason"):
            self.ended = True
            return [self._chunk(0, {"content": ""}, "content_filter")]
        if not isinstance(candidates, list):
            return []
        return [chunk for candidate in candidates if (chunk := self._candidate(candidate, started=started))]

    def _chunk(self, index: int, delta: Json, reason: str | None) -> Json:
        return {**self._head, "choices": [{"index": index, "delta": delta, "finish_reason": reason}]}

    def _candidate(self, candidate: Any, *, started: bool) -> Json | None:
        if not isinstance(candidate, dict):
            raise UpstreamError("malformed", "The model's endpoint sent no chat chunk.", started=started)
        index = count(candidate.get("index"))
        content = candidate.get("content")
        parts = content.get("parts") if isinstance(content, dict) else None
        delta = self._delta(index, parts if isinstance(parts, list) else [])
        reason = candidate.get("finishReason")
        if reason:
            self.ended = True
        called = self._calls.get(index) and reason == "STOP"
        told = "tool_calls" if called else _REASONS.get(str(reason), "content_filter") if reason else None
        return self._chunk(index, delta, told) if delta or told else None

    def _delta(self, index: int, parts: list[Any]) -> Json:
        delta: Json = {}
        for part in parts:
            if not isinstance(part, dict):
                continue
            if isinstance(part.get("functionCall"), dict):
                delta.setdefault("tool_calls", []).append(self._call(index, part))
            elif isinstance(part.get("text"), str) and part["text"]:
                name = "reasoning_content" if part.get("thought") else "content"
                delta[name] = delta.get(name, "") + part["text"]
                self.made += len(part["text"])
            elif isinstance(part.get("inlineData"), dict):
                delta.setdefault("images", []).append(_image(part["inlineData"]))
        return delta

    def _call(self, index: int, part: Json) -> Json:
        given = part["functionCall"]
        place = self._calls.get(index, 0)
        self._calls[index] = place + 1
        arguments = orjson.dumps(given.get("args") or {}).decode()
        self.made += len(arguments)
        call: Json = {
            "index": place,
            "id": str(given.get("id") or new_call_id()),
            "type": "function",
            "function": {"name": str(given.get("name", "")), "arguments": arguments},
        }
        if part.get("thoughtSignature"):
            call["extra_content"] = {"google": {"thought_signature": part["thoughtSignature"]}}
        return call


def _image(inline: Json) -> Json:
    url = f"data:{inline.get('mimeType', 'image/png')};base64,{inline.get('data', '')}"
    return {"type": "image_url", "image_url": {"url": url}}


async def embed(wire: Wire, endpoint: Endpoint, model: str, body: Json) -> EmbeddingAnswer:
    given = body.get("input")
    texts = given if isinstance(given, list) else [given]
    if not texts or not all(isinstance(text, str) for text in texts):
        raise unsupported("This model embeds texts, not lists of tokens.")
    name = f"models/{model.removeprefix('models/')}"
    size = {"outputDimensionality": body["dimensions"]} if isinstance(body.get("dimensions"), int) else {}
    requests = [{"model": name, "content": {"parts": [{"text": text}]}, **size} for text in texts]
    path = path_of(model, "batchEmbedContents")
    response = await wire.post(endpoint, path, {"requests": requests}, headers(endpoint))
    told = (await read_json(response, LARGEST_ANSWER_BYTES)).get("embeddings")
    rows = [{"embedding": row.get("values")} for row in told if isinstance(row, dict)] if isinstance(told, list) else []
    packed = body.get("encoding_format") == "base64"
    return EmbeddingAnswer(as_asked(rows, packed=packed, expected=len(texts)), estimated_inputs(body))
