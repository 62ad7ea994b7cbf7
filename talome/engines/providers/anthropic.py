"""The adapter for Anthropic's Messages: for chat completions, and unchanged for clients that speak it themselves."""

import re
from collections.abc import Mapping
from typing import Final

from talome.engines.http1.response import Response
from talome.engines.providers.anthropic_answer import Chunks, Kept, characters, completion
from talome.engines.providers.anthropic_request import message_request
from talome.engines.providers.models import ChatAnswer, Endpoint, Json, MessageAnswer, UpstreamError
from talome.engines.providers.refusals import error_of_event
from talome.engines.providers.stream import ChatStream, is_event_stream
from talome.engines.providers.usage import anthropic_tokens, count, estimated
from talome.engines.providers.wire import Wire, read_json

LARGEST_ANSWER_BYTES: Final = 8_000_000
_VERSION: Final = "2023-06-01"
_BETA: Final = re.compile(r"[\w.,: -]{1,500}", re.ASCII)


def headers(endpoint: Endpoint, beta: str = "") -> dict[str, str]:
    made = {"anthropic-version": _VERSION}
    if endpoint.secret:
        made["x-api-key"] = endpoint.secret
    if beta and _BETA.fullmatch(beta):
        made["anthropic-beta"] = beta
    return made


async def chat(wire: Wire, endpoint: Endpoint, model: str, body: Json) -> ChatAnswer:
    request = message_request(body, model, stream=False)
    response = await wire.post(endpoint, "/messages", request, headers(endpoint))
    answer = await read_json(response, LARGEST_ANSWER_BYTES)
    made = completion(answer, model)
    if made.tokens.input or made.tokens.cache_read or made.tokens.cache_write:
        return made
    tokens = estimated(body, characters(answer))
    return ChatAnswer({**made.body, "usage": tokens.openai()}, tokens)


async def open_chat(wire: Wire, endpoint: Endpoint, model: str, body: Json) -> ChatStream:
    request = message_request(body, model, stream=True)
    response = await wire.post(endpoint, "/messages", request, headers(endpoint), stream=True)
    return await ChatStream(_checked(response), Chunks(model)).start()


async def messages(wire: Wire, endpoint: Endpoint, model: str, body: Json, beta: str) -> MessageAnswer:
    request = {**body, "model": model}
    request.pop("stream", None)
    response = await wire.post(endpoint, "/messages", request, headers(endpoint, beta))
    answer = await read_json(response, LARGEST_ANSWER_BYTES)
    if answer.get("type") == "error" or not isinstance(answer.get("content"), list):
        raise error_of_event(answer.get("error"), started=False)
    tokens = anthropic_tokens(answer.get("usage"))
    if not isinstance(answer.get("usage"), dict):
        answer["usage"] = tokens.anthropic()
    return MessageAnswer(answer, tokens if tokens.prompt else estimated(body, characters(answer)))


async def open_messages(wire: Wire, endpoint: Endpoint, model: str, body: Json, beta: str) -> ChatStream:
    request = {**body, "model": model, "stream": True}
    response = await wire.post(endpoint, "/messages", request, headers(endpoint, beta), stream=True)
    return await ChatStream(_checked(response), Kept()).start()


async def count_tokens(wire: Wire, endpoint: Endpoint, model: str, body: Mapping[str, object], beta: str) -> int:
    """Of a request as /v1/messages takes it, as the endpoint counts."""
    request = {**body, "model": model}
    response = await wire.post(endpoint, "/messages/count_tokens", request, headers(endpoint, beta))
    amount = count((await read_json(response, LARGEST_ANSWER_BYTES)).get("input_tokens"))
    if not amount:
        raise UpstreamError("malformed", "The model's endpoint did not count the tokens.")
    return amount


def _checked(response: Response) -> Response:
    if not is_event_stream(response):
        response.close()
        raise UpstreamError("malformed", "The model's endpoint does not stream although it was asked to.")
    return response
