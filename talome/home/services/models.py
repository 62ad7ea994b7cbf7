"""The shape of a service on the wire."""

from datetime import datetime
from typing import Literal

from talome.core.models import Wire

ServiceState = Literal["ok", "warning", "critical", "stopped"]


class Service(Wire):
    """A part of Talome or a container; `since` is when it came into this state, where that is known."""

    id: str
    name: str
    kind: Literal["talome", "container"]
    state: ServiceState
    detail: str
    since: datetime | None
