"""`GET /metrics`, for Prometheus: send an API key with the right `gateway:metrics` as Bearer token."""

from typing import Final

from aiohttp import web

from talome.core.http.server import CALLER
from talome.core.operations import require
from talome.gateway.metrics.service import GatewayMetrics

SCOPE: Final = "gateway:metrics"
_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"


class MetricsPage:
    def __init__(self, metrics: GatewayMetrics) -> None:
        self._metrics = metrics

    async def handle(self, request: web.Request) -> web.Response:
        require(request[CALLER], SCOPE)
        headers = {"Content-Type": _TYPE, "Cache-Control": "no-store"}
        return web.Response(body=self._metrics.text().encode(), headers=headers)
