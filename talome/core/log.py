"""Structured logs: one JSON object a line (a readable line on a terminal), with the request's id, without secrets."""

import logging
import re
import sys
from collections.abc import Collection
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Final
from urllib.parse import quote

import orjson

request_id: ContextVar[str] = ContextVar("request_id", default="")

_MASK: Final = "[hidden]"
_SHORTEST: Final = 4
"""Anything shorter is in half of all words by chance."""
_WORDS: Final = (
    r"(?:passw(?:or)?d|passphrase|secret|token|api[_-]?key|private[_-]?key"
    r"|recovery[_-]?codes?|setup[_-]?code|credential)"
)
# Texts come from strangers, so each pattern takes a time that grows with the text and not with its square: it begins
# only where a run of its characters begins, and looks no further into the run than a name can be long.
_NAMES_OF_SECRETS: Final = rf"(?<![\w.-])[\w.-]{{0,100}}?{_WORDS}[\w.-]{{0,100}}"
_VARIABLES_OF_SECRETS: Final = (
    r"(?<![\w.-])[A-Z0-9_]{0,100}?(?:KEY|PASS|PWD|AUTH|SALT|SEED|DSN)(?![A-Za-z0-9])[A-Z0-9_]{0,100}"
)
"""As programs call them in the environment. In lower case a key is all sorts of things."""
_PATTERNS: Final = (
    (re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]{8,}"), rf"\1 {_MASK}"),
    (re.compile(r"\b(?:talome_|tok_|tk_dev_|cc_live_|sk-)[\w-]{8,}"), _MASK),
    (re.compile(r"(?<![\w-])eyJ[\w-]{8,}+\.[\w-]++\.[\w-]*"), _MASK),
    (re.compile(r"(?i)(\b\w+://[^\s/:@]*):[^\s/@]+@"), rf"\1:{_MASK}@"),
    (re.compile(rf"({_VARIABLES_OF_SECRETS}\s?=\s?)(\"[^\"]*\"|'[^']*'|[^\s,;&}}]+)"), rf"\1{_MASK}"),
    (re.compile(rf"(?i)({_NAMES_OF_SECRETS}\"?\s*[:=]\s*)(\"[^\"]*\"|'[^']*'|[^\s,;&}}]+)"), rf"\1{_MASK}"),
)
_STEERING: Final = re.compile(r"[\x00-\x1f\x7f-\x9f]")
"""What a stranger's path could steer the terminal with that shows the log."""
_ENVIRONMENT: Final = "env"
"""A map of which anything may be a secret: what it is called is up to whoever wrote the program that reads it."""
_SECRET_NAME: Final = re.compile(rf"(?i){_WORDS}")


def is_secret_name(name: str) -> bool:
    """Whether a field of this name holds a secret by its looks, such as `adminPassword` or `SMTP_TOKEN`."""
    return _SECRET_NAME.search(name) is not None


def redact(text: str) -> str:
    """The text without anything that looks like a password, token, key or credential in a URL."""
    for pattern, replacement in _PATTERNS:
        text = pattern.sub(replacement, text)
    return text


def hide(text: str, secrets: Collection[str]) -> str:
    """The text without these secrets, as they are or as a URL has them; very short ones only where they stand alone."""
    lines = {line.strip() for secret in secrets for line in secret.splitlines()} - {""}
    forms = sorted({form for line in lines for form in (line, quote(line, safe=""))}, key=len, reverse=True)
    if not forms:
        return text
    told = (re.escape(one) if len(one) >= _SHORTEST else rf"(?<!\w){re.escape(one)}(?!\w)" for one in forms)
    return re.sub("|".join(told), _MASK, text)


def mask(value: object) -> object:
    """A copy of a JSON value in which fields with secret names and secret-looking text are hidden."""
    if isinstance(value, dict):
        return {key: _masked_field(str(key), item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [mask(item) for item in value]
    return redact(value) if isinstance(value, str) else value


def _masked_field(name: str, value: object) -> object:
    if name == _ENVIRONMENT and isinstance(value, dict):
        return dict.fromkeys(value, _MASK)
    return _MASK if is_secret_name(name) else mask(value)


class _Lines(logging.Formatter):
    def __init__(self, readable: bool) -> None:
        super().__init__()
        self._readable = readable

    def format(self, record: logging.LogRecord) -> str:
        message = redact(record.getMessage())
        trace = redact(self.formatException(record.exc_info)) if record.exc_info else None
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        request = request_id.get()
        if self._readable:
            shown = _STEERING.sub(lambda found: f"\\x{ord(found[0]):02x}", message)
            head = f"{at[11:23]} {record.levelname.lower():7} {record.name}: {shown}"
            return f"{head}\n{trace}" if trace else head
        line: dict[str, object] = {
            "at": at,
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": message,
        }
        if request:
            line["requestId"] = request
        if trace:
            line["trace"] = trace
        return orjson.dumps(line).decode()


def configure(level: str) -> None:
    """Send all logs to standard error; `level` is a name such as `info`."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Lines(readable=sys.stderr.isatty()))
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    logging.getLogger("aiohttp.access").setLevel(logging.WARNING)
    logging.getLogger("apscheduler").setLevel(logging.WARNING)
