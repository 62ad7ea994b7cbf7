"""The shapes of the history on the wire."""

from datetime import datetime
from typing import Literal

from talome.core.models import Wire

Period = Literal["1h", "6h", "24h", "7d", "30d"]


class Metrics(Wire):
    """Columns of equal length: `at` (epoch seconds, `step_s` apart) and one of numbers for each name in `series`, with
    null where nothing was measured. Rates are bytes a second; `memory.bytes` is given for containers."""

    period: Period
    from_at: datetime
    to_at: datetime
    step_s: int
    at: list[int]
    series: dict[str, list[float | None]]
