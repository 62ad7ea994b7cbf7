"""The shapes of widgets on the wire. Everything in a manifest has a limit, and none of it is markup."""

import re
from datetime import datetime
from typing import Annotated, Any, Final, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from talome.core.models import Wire

LONGEST_TEXT: Final = 2000
_CONTROLS: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]")
_NOT_IN_ADDRESSES: Final = re.compile(r"[\x00-\x20\x7f-\xa0\\]")
Size = Literal["small", "wide", "full"]
WidgetId = Annotated[str, Field(pattern=r"^wdg_[0-9a-z]{26}$")]
PlaceId = Annotated[str, Field(pattern=r"^(builtin:[a-z]{1,40}|wdg_[0-9a-z]{26})$")]


def _without_controls(text: str) -> str:
    if _CONTROLS.search(text):
        raise ValueError("It holds characters that cannot be shown.")
    return text


def _one_line(text: str) -> str:
    if not text.strip() or "\n" in text or "\t" in text:
        raise ValueError("It must be one line with something in it.")
    return _without_controls(text)


def _is_on_the_web(text: str) -> bool:
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and port != 0 and "@" not in parts.netloc


def _address(text: str) -> str:
    """A page of this server (`/files`) or one on the web; nothing that a browser would run."""
    if _NOT_IN_ADDRESSES.search(text):
        raise ValueError("An address has no spaces and no backslashes.")
    if text.startswith("/") and not text.startswith("//"):
        return text
    if not _is_on_the_web(text):
        raise ValueError("An address begins with http://, https:// or /, and holds no password.")
    return text


Title = Annotated[str, Field(min_length=1, max_length=80), AfterValidator(_one_line)]
Unit = Annotated[str, Field(max_length=12), AfterValidator(_without_controls)]
Pointer = Annotated[str, Field(max_length=300, pattern=r"^(/[^/\x00-\x1f]{1,120}){0,10}$")]
ArgumentName = Annotated[str, Field(max_length=60, pattern=r"^[A-Za-z_]+$")]
ArgumentValue = Annotated[str, Field(max_length=300)] | bool | int | float


class WidgetSource(Wire):
    """Where a value comes from: an operation that reads, its arguments, and a JSON pointer into its answer."""

    operation: Annotated[str, Field(pattern=r"^[a-z_]{1,60}\.[a-z_]{1,60}$")]
    arguments: Annotated[dict[ArgumentName, ArgumentValue], Field(max_length=8)] = Field(default_factory=dict)
    path: Pointer = ""


class WidgetLink(Wire):
    title: Title
    url: Annotated[str, Field(min_length=1, max_length=500), AfterValidator(_address)]


class _Titled(Wire):
    title: Title


class _Sourced(_Titled):
    """Asked for again every `refresh_s` seconds while somebody looks."""

    source: WidgetSource
    refresh_s: Annotated[int, Field(ge=5, le=3600)] = 30


class StatWidget(_Sourced):
    """One value, large. `format` says how to write it."""

    kind: Literal["stat"]
    unit: Unit = ""
    format: Literal["plain", "percent", "bytes", "bytesPerSecond", "time"] = "plain"


class GaugeWidget(_Sourced):
    """A number between two ends."""

    kind: Literal["gauge"]
    unit: Unit = ""
    minimum: Annotated[float, Field(ge=-1e12, le=1e12, allow_inf_nan=False)] = 0
    maximum: Annotated[float, Field(ge=-1e12, le=1e12, allow_inf_nan=False)] = 100


class ChartWidget(_Sourced):
    """A line: of a list of numbers, with their times at `times_path`; or of one number, as it is seen to change."""

    kind: Literal["chart"]
    unit: Unit = ""
    format: Literal["plain", "percent", "bytes", "bytesPerSecond"] = "plain"
    times_path: Pointer | None = None


class ListWidget(_Sourced):
    """Lines of a list: the pointers lead from each item to its words and to what stands at its end."""

    kind: Literal["list"]
    label_path: Pointer = ""
    value_path: Pointer | None = None
    most: Annotated[int, Field(ge=1, le=20)] = 5


class LinksWidget(_Titled):
    kind: Literal["links"]
    links: Annotated[list[WidgetLink], Field(min_length=1, max_length=20)]


class TextWidget(_Titled):
    """Plain words; line breaks stay, markup is shown as it was typed."""

    kind: Literal["text"]
    text: Annotated[str, Field(min_length=1, max_length=LONGEST_TEXT), AfterValidator(_without_controls)]


Manifest = Annotated[
    StatWidget | GaugeWidget | ChartWidget | ListWidget | LinksWidget | TextWidget, Field(discriminator="kind")
]


class Widget(Wire):
    """A widget of one's own. `route` is the path to ask, as in the API document; null where there is none, with a
    `problem` where there should be one."""

    id: str
    manifest: Manifest
    route: str | None
    problem: str | None
    changed_at: datetime


class Place(Wire):
    """Where a card stands is where its place stands in the list."""

    id: PlaceId
    size: Size
    shown: bool = True


class Board(Wire):
    """Home as a person has it; `arranged` is false as long as everything stands where it stood at first."""

    places: list[Place]
    widgets: list[Widget]
    arranged: bool


class WidgetOption(Wire):
    """An operation that a widget may ask; `arguments` is the JSON Schema of what it takes."""

    operation: str
    summary: str
    route: str
    arguments: dict[str, Any]
