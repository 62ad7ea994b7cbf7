"""Errors in the dialect of the caller, chosen in this one place (design section 5 names the dialects).

`/v2` speaks ChaozCode's object; `/v1` speaks Anthropic's or OpenAI's object to the SDKs of these, Talocode's to its own
keys and paths, else Tokaroo's flat form; everything else is `/api`: `{"error": "sentence", "code", "requestId", …}`.
"""

from collections.abc import Mapping
from typing import Any, Final

from talome.core.errors import TalomeError

_ANTHROPIC_TYPES: Final = {
    401: "authentication_error", 402: "billing_error", 403: "permission_error", 404: "not_found_error",
    413: "request_too_large", 429: "rate_limit_error", 503: "overloaded_error",
}  # fmt: skip
_OPENAI_TYPES: Final = {401: "authentication_error", 402: "insufficient_quota", 429: "rate_limit_error"}
_CHAOZCODE_CODES: Final = {
    "invalid": "INVALID_REQUEST", "unauthenticated": "UNAUTHORIZED", "too_many_requests": "RATE_LIMITED",
    "internal": "INTERNAL_ERROR", "unavailable": "SERVICE_UNAVAILABLE",
}  # fmt: skip


def render_error(error: TalomeError, *, path: str, headers: Mapping[str, str], request_id: str) -> dict[str, Any]:
    """The JSON body of an error for the one who sent this request."""
    if path.startswith("/v2"):
        return chaozcode_error(error, request_id)
    if path.startswith("/v1"):
        return _render_v1(error, path, headers, request_id)
    return {"error": error.message, "code": error.error_code, "requestId": request_id, **error.details}


def _render_v1(error: TalomeError, path: str, headers: Mapping[str, str], request_id: str) -> dict[str, Any]:
    if path.startswith("/v1/messages") or "anthropic-version" in headers:
        return {**anthropic_error(error), "request_id": request_id}
    if any(name.lower().startswith("x-stainless-") for name in headers):
        return openai_error(error)
    credential = headers.get("Authorization", "").removeprefix("Bearer ") or headers.get("X-Api-Key", "")
    if credential.startswith("tk_") or path.startswith("/v1/router"):
        return {"error": {"code": error.error_code, "message": error.message, "requestId": request_id, **error.details}}
    return {"error": error.message, "code": error.error_code, "requestId": request_id, **error.details}


def openai_error(error: TalomeError) -> dict[str, Any]:
    """As OpenAI's SDKs read it."""
    kind = _OPENAI_TYPES.get(error.status, "invalid_request_error" if error.status < 500 else "api_error")
    field = error.details.get("field")
    return {"error": {"message": error.message, "type": kind, "param": field, "code": error.error_code}}


def anthropic_error(error: TalomeError) -> dict[str, Any]:
    """As Anthropic's SDKs read it, whole or as an event of a stream."""
    kind = _ANTHROPIC_TYPES.get(error.status, "invalid_request_error" if error.status < 500 else "api_error")
    return {"type": "error", "error": {"type": kind, "message": error.message}}


def chaozcode_error(error: TalomeError, request_id: str) -> dict[str, Any]:
    """As the seed's second version of an API has it."""
    code = _CHAOZCODE_CODES.get(error.error_code, error.error_code.upper())
    return {"error": {"code": code, "message": error.message, "details": error.details, "requestId": request_id}}


def stream_error(error: TalomeError) -> dict[str, Any]:
    """An error in the middle of a stream is always an object, whatever the dialect."""
    return {"error": {"message": error.message, "code": error.error_code, "status": error.status, **error.details}}
