"""The shape of an image on the wire."""

from datetime import datetime

from talome.core.models import Wire


class Image(Wire):
    """An image; `containers` are the names of those that stand on it. `dangling`: it has no tag."""

    id: str
    tags: list[str]
    size_bytes: int
    created_at: datetime
    containers: list[str]
    dangling: bool


class ImageDetail(Image):
    """`digests` are what registries call it."""

    digests: list[str]
    labels: dict[str, str]
