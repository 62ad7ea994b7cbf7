"""What crosses the wire about registries."""

from datetime import datetime
from typing import ClassVar

from talome.core.models import Wire


class RegistrySignIn(Wire):
    """How images of one registry are fetched. `failure` is what it said when it last did not let us in, where that is
    newer than the last time that it did."""

    columns: ClassVar[tuple[str, ...]] = ("host", "username", "last_success_at", "failure")

    host: str
    username: str
    added_by: str
    added_at: datetime
    last_success_at: datetime | None
    last_failure_at: datetime | None
    failure: str | None
