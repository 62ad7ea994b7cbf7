"""The shapes of the protocol: one JSON-RPC message, its errors, and what each revision asks of a request.

Sources: JSON-RPC 2.0; Model Context Protocol 2025-06-18 and 2025-11-25 (a handshake first), 2026-07-28 (no handshake,
each request carries its own envelope in `params._meta`, repeated in headers).
"""

from base64 import b64decode
from binascii import Error as BadBase64
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import orjson
from multidict import MultiMapping

HANDSHAKE_VERSIONS: Final = ("2025-06-18", "2025-11-25")
ENVELOPE_VERSIONS: Final = ("2026-07-28",)
VERSIONS: Final = (*ENVELOPE_VERSIONS, *reversed(HANDSHAKE_VERSIONS))
_ASSUMED_VERSION: Final = "2025-03-26"
"""What a request without the header counts as, so a request that says it is served alike; it is never agreed on."""

PARSE_ERROR: Final = -32700
INVALID_REQUEST: Final = -32600
METHOD_NOT_FOUND: Final = -32601
INVALID_PARAMS: Final = -32602
INTERNAL_ERROR: Final = -32603
CANCELLED: Final = -32800
HEADER_MISMATCH: Final = -32020
UNSUPPORTED_VERSION: Final = -32022

META: Final = "io.modelcontextprotocol/"
_ALWAYS_400: Final = (PARSE_ERROR, INVALID_REQUEST, HEADER_MISMATCH, UNSUPPORTED_VERSION)
_ENVELOPE_STATUS: Final = {INVALID_PARAMS: 400, METHOD_NOT_FOUND: 404}
_HEADER_OF: Final = {"tools/call": "name", "prompts/get": "name", "resources/read": "uri"}


class ProtocolError(Exception):
    """A message that cannot be served. `status` overrules the HTTP status that follows from the code."""

    def __init__(self, code: int, message: str, *, data: Any = None, status: int | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.data = data
        self._status = status

    def http_status(self, *, envelope: bool) -> int:
        """The newer revision also says by HTTP status what went wrong; the older ones answer 200 to a sound message."""
        if self._status is not None:
            return self._status
        if self.code in _ALWAYS_400:
            return 400
        return _ENVELOPE_STATUS.get(self.code, 200) if envelope else 200

    def as_json(self, id: str | int | None) -> dict[str, Any]:
        error: dict[str, Any] = {"code": self.code, "message": self.message}
        if self.data is not None:
            error["data"] = self.data
        return {"jsonrpc": "2.0", "id": id, "error": error}


@dataclass(frozen=True, slots=True)
class Message:
    """A request, or a notification, which has no `id` and gets no answer."""

    method: str
    id: str | int | None = None
    params: Mapping[str, Any] = field(default_factory=dict)

    def text(self, name: str) -> str:
        value = self.params.get(name)
        if not isinstance(value, str):
            raise ProtocolError(INVALID_PARAMS, f"“{name}” must be a text.")
        return value


def parse_message(body: bytes) -> Message:
    """One message; batches left the protocol with 2025-06-18."""
    try:
        raw = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise ProtocolError(PARSE_ERROR, f"The body is not valid JSON: {error}.") from None
    if isinstance(raw, list):
        raise ProtocolError(INVALID_REQUEST, "Batches are not taken; send one message in each request.")
    if not isinstance(raw, dict) or raw.get("jsonrpc") != "2.0" or not isinstance(raw.get("method"), str):
        raise ProtocolError(INVALID_REQUEST, "The body must be one JSON-RPC 2.0 request or notification.")
    id = raw.get("id")
    if "id" in raw and (not isinstance(id, str | int) or isinstance(id, bool)):
        raise ProtocolError(INVALID_REQUEST, "“id” must be a text or a whole number.")
    params = raw.get("params", {})
    if not isinstance(params, dict):
        raise ProtocolError(INVALID_REQUEST, "“params” must be an object.")
    return Message(raw["method"], id, params)


def accepts(header: str | None) -> tuple[bool, bool]:
    """Whether the Accept header takes JSON, and whether it takes an event stream."""
    ranges = {part.partition(";")[0].strip().lower() for part in (header or "").split(",")}
    return (
        not ranges.isdisjoint({"*/*", "application/*", "application/json"}),
        not ranges.isdisjoint({"*/*", "text/*", "text/event-stream"}),
    )


def check_version(version: str) -> None:
    if version not in (*VERSIONS, _ASSUMED_VERSION):
        raise ProtocolError(
            UNSUPPORTED_VERSION,
            "This protocol version is not served.",
            data={"supported": list(VERSIONS), "requested": version},
        )


def check_envelope(message: Message, headers: MultiMapping[str]) -> None:
    """Of a request since 2026-07-28: what it says in its headers must be what it says in its body."""
    meta = message.params.get("_meta")
    if not isinstance(meta, dict):
        raise ProtocolError(INVALID_PARAMS, "“params._meta” must be an object.")
    for name in ("protocolVersion", "clientCapabilities"):
        if META + name not in meta:
            raise ProtocolError(INVALID_PARAMS, f"“params._meta” lacks “{META}{name}”.")
    said = {"MCP-Protocol-Version": meta[f"{META}protocolVersion"], "Mcp-Method": message.method}
    named = message.params.get(_HEADER_OF.get(message.method, ""))
    if named is not None:
        said["Mcp-Name"] = named
    for header, expected in said.items():
        values = headers.getall(header, [])
        if len(values) != 1 or _decoded(values[0]) != expected:
            raise ProtocolError(HEADER_MISMATCH, f"The header {header} does not say what the body says.")


def _decoded(value: str) -> str | None:
    """Names that a header cannot carry come as `=?base64?…?=`."""
    if not (value.startswith("=?base64?") and value.endswith("?=")):
        return value
    try:
        return b64decode(value[9:-2], validate=True).decode()
    except (BadBase64, UnicodeDecodeError):
        return None
