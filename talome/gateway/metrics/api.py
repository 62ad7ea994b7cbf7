"""The gateway as it works, for the dashboard."""

from collections.abc import AsyncGenerator

from talome.core.operations import Caller, operation
from talome.gateway.metrics.service import FinishedCall, GatewayMetrics


class GatewayCallsApi:
    def __init__(self, metrics: GatewayMetrics) -> None:
        self._metrics = metrics

    @operation("GET", "/api/gateway/calls", scope="gateway:read", risk="read")
    async def watch(self, caller: Caller) -> AsyncGenerator[FinishedCall, None]:
        """Follow the calls to models as they end: your own, or with the right “providers:read” those of everybody."""
        return self._metrics.watch(None if caller.may("providers:read") else caller.user_id)
