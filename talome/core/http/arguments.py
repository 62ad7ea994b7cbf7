"""From an HTTP request to the arguments of an operation: names in the path, then the query or the JSON body."""

import asyncio
from typing import Any

import orjson
from aiohttp import web

from talome.core.errors import Invalid, TooLarge, UnsupportedMedia
from talome.core.nesting import is_too_deep
from talome.core.operations import Arguments, Operation

BODY_LIMIT_BYTES = 1024 * 1024
BODY_TIMEOUT_S = 30.0
_IN_QUERY = frozenset({"GET", "HEAD", "DELETE"})
_PLAN = "plan"
_SWITCH = {"true": True, "false": False}


async def read_raw(operation: Operation, request: web.Request) -> dict[str, Any]:
    """The named values as they came; the body is read and bounded, its shape is not yet checked."""
    raw = _from_query(operation, request) if request.method in _IN_QUERY else await _from_body(operation, request)
    for name, value in request.match_info.items():
        if name in raw:
            raise Invalid(f"“{name}” stands in the path already.", field=name)
        raw[name] = value
    return raw


def parse(operation: Operation, request: web.Request, raw: dict[str, Any]) -> Arguments:
    return operation.parse_query(raw) if request.method in _IN_QUERY else operation.parse_json(raw)


def _from_query(operation: Operation, request: web.Request) -> dict[str, Any]:
    raw: dict[str, Any] = {}
    for name, value in request.query.items():
        if name in operation.list_names:
            raw.setdefault(name, []).append(value)
        elif name in raw:
            raise Invalid(f"“{name}” is given twice.", field=name)
        else:
            raw[name] = value
    return raw


async def _from_body(operation: Operation, request: web.Request) -> dict[str, Any]:
    told = _plan_from_query(operation, request)
    if not request.can_read_body:
        body: Any = {}
    else:
        body = parse_body(await read_bounded(request, BODY_LIMIT_BYTES), request.content_type)
    if not isinstance(body, dict):
        raise Invalid("The body must be a JSON object.", field="body")
    if operation.whole_body_name:
        return {operation.whole_body_name: body}
    if told.keys() & body.keys():
        raise Invalid(f"“{_PLAN}” stands in the query already.", field=_PLAN)
    return {**body, **told}


def _plan_from_query(operation: Operation, request: web.Request) -> dict[str, Any]:
    """`?plan=true` asks what a call would do, of any call that can tell; all other arguments are in the body."""
    may_plan = _PLAN in operation.arguments_model.model_fields
    for name in request.query:
        if name != _PLAN or not may_plan:
            raise Invalid("This call takes its arguments in the JSON body, not in the query.", field=name)
    said = request.query.get(_PLAN)
    if said is None:
        return {}
    if said not in _SWITCH:
        raise Invalid("“plan” is true or false.", field=_PLAN)
    return {_PLAN: _SWITCH[said]}


async def read_bounded(request: web.Request, limit_bytes: int) -> bytes:
    """The whole body, which may neither be larger nor take longer than is fit."""
    if (request.content_length or 0) > limit_bytes:
        raise TooLarge(f"The body may have at most {limit_bytes} bytes.", field="body")
    if request.content.is_eof():  # it is all here, as with nearly every small one: no clock is needed
        return bytes(_within(request.content.read_nowait(), limit_bytes))
    received = bytearray()
    try:
        async with asyncio.timeout(BODY_TIMEOUT_S):
            while piece := await request.content.readany():
                received += piece
                _within(received, limit_bytes)
    except TimeoutError:
        raise Invalid("The body took too long to arrive.", field="body") from None
    return bytes(received)


def _within(received: bytes | bytearray, limit_bytes: int) -> bytes | bytearray:
    if len(received) > limit_bytes:
        raise TooLarge(f"The body may have at most {limit_bytes} bytes.", field="body")
    return received


def parse_body(received: bytes, content_type: str) -> Any:
    """What the JSON says; an empty body says nothing."""
    if not received.strip():
        return {}
    if content_type != "application/json" and not content_type.endswith("+json"):
        raise UnsupportedMedia("Send the body as JSON, with the header “Content-Type: application/json”.", field="body")
    try:
        body = orjson.loads(received)
    except orjson.JSONDecodeError as error:
        raise Invalid(f"The body is not valid JSON: {error}.", field="body") from None
    if is_too_deep(received, body):
        raise Invalid("The body is nested too deeply.", field="body")
    return body
