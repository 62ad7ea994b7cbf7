"""Text for a terminal: what comes from elsewhere cannot steer it, and widths are counted as the terminal does."""

import re
import unicodedata
from datetime import UTC, datetime
from typing import Any, Final

NOTHING: Final = "-"
_HEX_ID: Final = re.compile(r"(?:sha256:)?[0-9a-f]{64}")
_TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z")
_COLOUR: Final = re.compile(r"\x1b\[[0-9;]{0,20}m")
_SPANS: Final = ((60.0, "s", 1.0), (3600.0, "min", 60.0), (86400.0, "h", 3600.0), (float("inf"), "d", 86400.0))
_BIDI: Final = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def harmless(text: str, *, colours: bool = False) -> str:
    """The text with control characters made visible; `colours` lets colour codes through and ends them."""
    if text.isascii() and text.isprintable():
        return text
    if colours and _COLOUR.search(text):
        parts = _COLOUR.split(text)
        codes = [*_COLOUR.findall(text), "\x1b[0m"]
        return "".join(harmless(part) + code for part, code in zip(parts, codes, strict=True))
    return "".join(_visible(character) for character in text)


def _visible(character: str) -> str:
    if character == "\t":
        return "    "
    if unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") or character in _BIDI:
        code = ord(character)
        return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}"
    return character


def width(text: str) -> int:
    """Columns on a terminal: two for wide characters, none for combining ones."""
    if text.isascii():
        return len(text)
    return sum(_columns(character) for character in text)


def _columns(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) in ("Cf", "Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in ("W", "F") else 1


def fit(text: str, columns: int) -> str:
    """Cut to a width, with an ellipsis where something is missing."""
    if width(text) <= columns:
        return text
    kept, used = [], 0
    for character in text:
        used += _columns(character)
        if used > columns - 1:
            break
        kept.append(character)
    return "".join(kept) + "…"


def bytes_text(size: float) -> str:
    """Decimal units, as disks are sold: `3.5 MB`."""
    number = float(size)
    for unit in ("B", "kB", "MB", "GB", "TB"):
        if abs(number) < 999.5 or unit == "TB":
            return f"{number:.0f} {unit}" if unit == "B" or abs(number) >= 99.95 else f"{number:.1f} {unit}"
        number /= 1000
    raise AssertionError(size)


def span_text(seconds: float) -> str:
    """`45 s`, `3 min`, `5 h`, `12 d`."""
    for limit, unit, size in _SPANS:
        if abs(seconds) < limit:
            return f"{seconds / size:.0f} {unit}"
    raise AssertionError(seconds)


def time_text(moment: datetime, *, now: datetime | None = None) -> str:
    """`3 min ago` or `in 2 h`."""
    ago = ((now or datetime.now(UTC)) - moment).total_seconds()
    if abs(ago) < 1:
        return "now"
    return f"{span_text(ago)} ago" if ago > 0 else f"in {span_text(-ago)}"


def parse_time(value: object) -> datetime | None:
    if isinstance(value, str) and _TIME.fullmatch(value):
        return datetime.fromisoformat(value)
    return None


def number_text(name: str, value: float) -> str:
    """A number with the unit that its field's name says, such as `sizeBytes` or `timeoutS`."""
    lower = name.lower()
    if lower.endswith("pers") and "bytes" in lower:
        return f"{bytes_text(value)}/s"
    if lower.endswith("bytes"):
        return bytes_text(value)
    if lower.endswith("percent"):
        return f"{value:.1f} %"
    if re.search(r"[a-z]S$", name):
        return span_text(value)
    return f"{value:.2f}".rstrip("0").rstrip(".") if value % 1 else f"{value:.0f}"


def value_text(name: str, value: Any) -> str:
    """One value in a few words on one line; `name` is its field."""
    if value is None or value in ("", [], {}):
        return NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return number_text(name, value)
    if isinstance(value, list):
        return _list_text(name, value)
    if isinstance(value, dict):
        return _map_text(value)
    if (moment := parse_time(value)) is not None:
        return time_text(moment)
    if _HEX_ID.fullmatch(value):
        return str(value.removeprefix("sha256:")[:12])
    return harmless(value.replace("\n", " "))


def _list_text(name: str, items: list[Any]) -> str:
    if all(isinstance(item, dict) for item in items):
        named = [item.get("name") or item.get("id") for item in items]
        items = named if all(isinstance(item, str) for item in named) else items
    if any(isinstance(item, dict | list) for item in items):
        return f"{len(items)} item" + ("s" if len(items) > 1 else "")
    return ", ".join(value_text(name, item) for item in items)


def _map_text(value: dict[str, Any]) -> str:
    if isinstance(value.get("title"), str) and isinstance(value.get("state"), str):
        return harmless(f"{value['title']}: {value['state']}")
    plain = [(key, item) for key, item in value.items() if not isinstance(item, dict | list)]
    if len(value) > 3 or len(plain) < len(value):
        return f"{len(value)} fields"
    return " ".join(f"{harmless(key)}={value_text(key, item)}" for key, item in plain)
