"""Errors in the dialect of the caller, chosen in this one place (design section 5 names the dialects).

`/v2` speaks ChaozCode's object; `/v1` speaks OpenAI's object to OpenAI and Anthropic SDKs, Talocode's to its own keys
and paths, else Tokaroo's flat form; everything else is `/api`: `{"error": "sentence", "code", "requestId", …}`.
"""

from collections.abc import Mapping
from typing import Any

from talome.core.errors import TalomeError


def render_error(error: TalomeError, *, path: str, headers: Mapping[str, str], request_id: str) -> dict[str, Any]:
    """The JSON body of an error for the one who sent this request."""
    if path.startswith("/v2"):
        return {
            "error": {
                "code": error.error_code.upper(),
                "message": error.message,
                "details": error.details,
                "requestId": request_id,
            }
        }
    if path.startswith("/v1"):
        return _render_v1(error, path, headers, request_id)
    return {"error": error.message, "code": error.error_code, "requestId": request_id, **error.details}


def _render_v1(error: TalomeError, path: str, headers: Mapping[str, str], request_id: str) -> dict[str, Any]:
    credential = headers.get("Authorization", "").removeprefix("Bearer ")
    if "anthropic-version" in headers or any(name.lower().startswith("x-stainless-") for name in headers):
        kind = "invalid_request_error" if error.status < 500 else "api_error"
        return {"error": {"message": error.message, "type": kind, "param": None, "code": error.error_code}}
    if credential.startswith("tk_") or path.startswith("/v1/router"):
        return {"error": {"code": error.error_code, "message": error.message, "requestId": request_id, **error.details}}
    return {"error": error.message, "code": error.error_code, "requestId": request_id, **error.details}


def stream_error(error: TalomeError) -> dict[str, Any]:
    """An error in the middle of a stream is always an object, whatever the dialect."""
    return {"error": {"message": error.message, "code": error.error_code, "status": error.status, **error.details}}
