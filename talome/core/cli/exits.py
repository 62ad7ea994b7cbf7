"""How a command ends. The numbers are documented in docs/cli.md; scripts rely on them."""

from collections.abc import Mapping
from typing import Any, Final

OK: Final = 0
FAILED: Final = 1
USAGE: Final = 2
FORBIDDEN: Final = 3
NOT_FOUND: Final = 4
UNREACHABLE: Final = 69  # EX_UNAVAILABLE of sysexits.h
INTERRUPTED: Final = 130  # 128 + SIGINT
PIPE_CLOSED: Final = 141  # 128 + SIGPIPE

_OF_STATUS: Final = {401: FORBIDDEN, 403: FORBIDDEN, 404: NOT_FOUND}


class CommandFailed(Exception):
    """The command cannot go on; `body` is what `--json` prints on standard error."""

    def __init__(self, message: str, code: int = FAILED, *, body: Mapping[str, Any] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.body = dict(body) if body is not None else {"error": message, "code": _NAMES.get(code, "failed")}


class BadUsage(CommandFailed):
    """What was typed cannot be understood."""

    def __init__(self, message: str) -> None:
        super().__init__(message, USAGE)


_NAMES: Final = {USAGE: "usage", FORBIDDEN: "forbidden", NOT_FOUND: "not_found", UNREACHABLE: "unreachable"}


def of_status(status: int) -> int:
    """The exit code that an HTTP status stands for."""
    return _OF_STATUS.get(status, FAILED)
