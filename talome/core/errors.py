"""Errors that know their HTTP status and a stable code.

The message is a sentence for a person and never holds a secret.
"""

from typing import Any, ClassVar


class TalomeError(Exception):
    """Base of every expected error. `details` are extra JSON fields for the caller, such as `field`."""

    status: ClassVar[int] = 500
    code: ClassVar[str] = "internal"

    def __init__(self, message: str, *, code: str | None = None, **details: Any) -> None:
        super().__init__(message)
        self.message = message
        self.error_code = code or self.code
        self.details = details


class Invalid(TalomeError):
    status, code = 400, "invalid"


class Unauthenticated(TalomeError):
    status, code = 401, "unauthenticated"


class PaymentRequired(TalomeError):
    """The wallet or a budget does not cover this; `details` say which, what it needs and what is there."""

    status, code = 402, "billing_required"


class Forbidden(TalomeError):
    status, code = 403, "forbidden"


class NotFound(TalomeError):
    status, code = 404, "not_found"


class MethodNotAllowed(TalomeError):
    status, code = 405, "method_not_allowed"

    def __init__(self, message: str, *, allow: list[str]) -> None:
        super().__init__(message)
        self.allow = allow


class Conflict(TalomeError):
    status, code = 409, "conflict"


class TooLarge(TalomeError):
    status, code = 413, "too_large"


class UnsupportedMedia(TalomeError):
    status, code = 415, "unsupported_media"


class Misdirected(TalomeError):
    """The Host header names a machine that this is not (DNS rebinding)."""

    status, code = 421, "misdirected"


class TooMany(TalomeError):
    """Asked too often; `retry_after_s` becomes the `Retry-After` header."""

    status, code = 429, "too_many_requests"

    def __init__(self, message: str, *, retry_after_s: int, code: str | None = None) -> None:
        super().__init__(message, code=code, retryAfter=retry_after_s)
        self.retry_after_s = retry_after_s


class Internal(TalomeError):
    status, code = 500, "internal"


class Unavailable(TalomeError):
    """Something that Talome depends on does not answer, or this machine lacks it."""

    status, code = 503, "unavailable"


class StorageFull(TalomeError):
    status, code = 507, "storage_full"
