"""`/api/health`, for installers, load balancers and watchdogs; it tells strangers nothing more."""

from typing import Literal

from talome.core.models import Wire
from talome.core.operations import PUBLIC, Caller, operation


class Health(Wire):
    status: Literal["ok"] = "ok"


class HealthApi:
    @operation("GET", "/api/health", scope=PUBLIC, risk="read")
    async def show(self, caller: Caller) -> Health:
        """Tell that the server answers."""
        return Health()
