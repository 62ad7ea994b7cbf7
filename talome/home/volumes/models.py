"""The shape of a volume on the wire."""

from datetime import datetime

from talome.core.models import Wire


class Volume(Wire):
    """A volume. `size_bytes` is null until Docker has counted; `used_by` names containers, running or not."""

    name: str
    driver: str
    mountpoint: str
    created_at: datetime | None
    labels: dict[str, str]
    size_bytes: int | None
    used_by: list[str]
    anonymous: bool
