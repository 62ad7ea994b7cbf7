"""What an endpoint's error means, read from its status and from the codes in its body, told in words of our own."""

from typing import Any, Final

import orjson

from talome.engines.providers.models import Kind, UpstreamError

_WORDS: Final[dict[str, str]] = {
    "context_length_exceeded": "This is longer than the model can take. Shorten it, or use a larger model.",
    "content_policy": "The model's provider refused this content by its policy.",
    "model_not_found": "The endpoint does not have this model.",
    "invalid_request": "The model's endpoint does not accept this request. Check its parameters for this model.",
}
_SIGNS: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    (
        "context_length_exceeded",
        (
            "context_length", "context length", "context window", "exceed_context", "context size",
            "prompt is too long", "too many tokens", "maximum number of tokens", "input is too long",
        ),
    ),
    ("content_policy", ("content_policy", "content_filter", "moderation", "safety", "blocked by")),
    ("model_not_found", ("model_not_found", "model not found", "does not exist", "no such model", "unknown model")),
)  # fmt: skip
_QUOTA: Final = ("insufficient_quota", "credit balance", "billing", "insufficient balance", "insufficient credits")
_KINDS: Final[dict[str, Kind]] = {
    "rate_limit_error": "rate_limited",
    "rate_limit_exceeded": "rate_limited",
    "resource_exhausted": "rate_limited",
    "insufficient_quota": "rate_limited",
    "authentication_error": "unauthorized",
    "permission_error": "unauthorized",
    "invalid_api_key": "unauthorized",
    "unauthenticated": "unauthorized",
    "permission_denied": "unauthorized",
    "invalid_request_error": "refused",
    "invalid_argument": "refused",
    "not_found_error": "refused",
    "request_too_large": "refused",
}


def error_of_status(status: int, retry_after_s: float | None, raw: bytes = b"") -> UpstreamError:
    """For an answer that is not 2xx."""
    told = _told(raw)
    if status in (401, 403) or "api_key_invalid" in told or "api key not valid" in told:
        return _error("unauthorized", status)
    if status in (402, 429) or (status == 400 and any(sign in told for sign in _QUOTA)):
        return _error("rate_limited", status, retry_after_s)
    if status == 408:
        return UpstreamError("timeout", "The model's endpoint did not answer in time.", status=status)
    if 300 <= status < 400:
        return UpstreamError("failed", "The endpoint leads elsewhere, where Talome does not follow.", status=status)
    if 400 <= status < 500:
        return refusal(_code(status, told), status)
    return _error("failed", status, retry_after_s)


def error_of_event(error: Any, *, started: bool) -> UpstreamError:
    """For an error that came inside of an answer with status 200."""
    fields = error if isinstance(error, dict) else {}
    status = fields.get("code", fields.get("status_code"))
    if isinstance(status, int) and 400 <= status < 600:
        made = error_of_status(status, None, orjson.dumps(fields, default=str))
    else:
        names = (str(fields.get(name, "")).lower() for name in ("type", "code", "status"))
        kind: Kind = next((_KINDS[name] for name in names if name in _KINDS), "failed")
        told = orjson.dumps(fields, default=str)[:8_000].decode("utf-8", "replace").lower()
        made = refusal(_code(400, told), 400) if kind == "refused" else _error(kind, None)
    made.started = started
    return made


def refusal(code: str, status: int | None = 400) -> UpstreamError:
    """The request is at fault, by one of the codes that there are words for."""
    return UpstreamError("refused", _WORDS[code], status=status, code=code)


def unsupported(words: str) -> UpstreamError:
    """The request cannot be put into the endpoint's own form."""
    return UpstreamError("refused", words, status=400, code="invalid_request")


def _error(kind: Kind, status: int | None, retry_after_s: float | None = None) -> UpstreamError:
    words = {
        "unauthorized": "The model's provider does not accept the key that is stored for it.",
        "rate_limited": "The model's provider wants a pause: too many requests, or its credit is used up.",
    }.get(kind, "The model's endpoint failed.")
    return UpstreamError(kind, words, status=status, retry_after_s=retry_after_s)


def _code(status: int, told: str) -> str:
    for code, signs in _SIGNS:
        if any(sign in told for sign in signs):
            return code
    return "model_not_found" if status == 404 else "invalid_request"


def _told(raw: bytes) -> str:
    return raw[:8_000].decode("utf-8", "replace").lower()
