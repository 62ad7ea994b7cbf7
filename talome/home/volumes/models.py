"""The shapes of volumes, and of those in the trash, on the wire."""

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


class TrashedVolume(Wire):
    """A removed volume that can come back until `expires_at`, when the daily sweep deletes it. `name_taken`: a volume
    of this name is there again. `job_id` is the job that removed it, where that is known."""

    id: str
    name: str
    size_bytes: int
    removed_at: datetime
    expires_at: datetime
    name_taken: bool
    job_id: str | None


class TrashEmptied(Wire):
    deleted: int
    freed_bytes: int
