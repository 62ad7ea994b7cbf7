"""The shape of a network on the wire."""

from datetime import datetime

from talome.core.models import Wire


class Network(Wire):
    """A network; `containers` are the names of those on it, running or not. `builtin`: Docker's own."""

    id: str
    name: str
    driver: str
    scope: str
    internal: bool
    builtin: bool
    created_at: datetime | None
    subnets: list[str]
    containers: list[str]
    labels: dict[str, str]
