"""The permission sheet on the wire."""

from typing import Annotated, Literal

from pydantic import Field

from talome.core.models import Wire

Severity = Literal["danger", "warning", "info"]
Rating = Annotated[int, Field(ge=1, le=8)]


class SheetItem(Wire):
    """Something the app may do beyond its own folder and its own network. The same thing has the same `id` in every
    version of the app; `service` is empty where it is of the whole app."""

    id: str
    severity: Severity
    service: str
    title: str
    detail: str


class SheetImage(Wire):
    """`pinned`: named by its digest, so that it cannot become another one behind its name."""

    service: str
    image: str
    pinned: bool


class PermissionSheet(Wire):
    """From 8, kept apart in every way, to 1, as powerful as whoever owns this machine. The gravest items first."""

    rating: Rating
    rating_words: str
    items: list[SheetItem]
    images: list[SheetImage]
    needs_typed_confirmation: bool


class SheetDifference(Wire):
    """What a change brings and takes away. What became graver or milder is in both."""

    added: list[SheetItem]
    removed: list[SheetItem]
    rating_before: Rating
    rating_after: Rating
