"""Operations on the history."""

from typing import Annotated

from pydantic import Field

from talome.core.operations import Caller, operation
from talome.home.metrics.models import Metrics, Period
from talome.home.metrics.service import History


class MetricsApi:
    """Faces of `History`."""

    def __init__(self, history: History) -> None:
        self._history = history

    @operation("GET", "/api/metrics", scope="system:read", risk="read")
    async def history(
        self,
        caller: Caller,
        period: Period = "1h",
        container: Annotated[str | None, Field(pattern=r"^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,127}$")] = None,
    ) -> Metrics:
        """The history of the machine, or of one container by id or name: at most 360 averages over the period."""
        return await self._history.history(period, container)
