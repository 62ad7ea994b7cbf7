"""When a disk will be full: the median of all slopes between two moments (Theil and Sen), so that neither one large
copy nor one large deletion bends the line."""

from collections.abc import Sequence
from datetime import UTC, datetime
from statistics import median
from typing import Final

from talome.engines.host import Disk
from talome.home.storage.models import Forecast

Point = tuple[float, float]
"""Epoch seconds, percent."""
_DAY_S: Final = 86_400.0
_SHORTEST_DAYS: Final = 2.0
_MOST_POINTS: Final = 120
_STILL_PERCENT_PER_DAY: Final = 0.005
_FURTHEST_DAYS: Final = 3650.0


def forecast(disk: Disk, points: Sequence[Point], now_s: float) -> Forecast:
    """From the history of one file system, the oldest point first."""
    days = (points[-1][0] - points[0][0]) / _DAY_S if len(points) > 1 else 0.0
    slope = _slope(points) if days >= _SHORTEST_DAYS else None
    usable = disk.used_bytes + disk.free_bytes
    growing = slope is not None and slope > _STILL_PERCENT_PER_DAY
    left = (100.0 - disk.percent) / slope if slope is not None and growing else None
    soon = left is not None and left <= _FURTHEST_DAYS
    return Forecast(
        mount=disk.mount,
        percent=disk.percent,
        free_bytes=disk.free_bytes,
        bytes_per_day=None if slope is None else round(slope / 100 * usable),
        full_at=datetime.fromtimestamp(now_s + left * _DAY_S, UTC) if left is not None and soon else None,
        days_left=round(left, 1) if left is not None and soon else None,
        based_on_days=round(days, 1),
        reason=_reason(slope, growing, soon),
    )


def _reason(slope: float | None, growing: bool, soon: bool) -> str | None:
    if slope is None:
        return "There are less than two days of history. Look again later."
    if not growing:
        return "It does not grow."
    return None if soon else "At this pace it lasts for more than ten years."


def _slope(points: Sequence[Point]) -> float:
    """Percent a day."""
    every = len(points) // _MOST_POINTS + 1
    chosen = [*points[::every], points[-1]]
    slopes = [
        (chosen[later][1] - chosen[earlier][1]) / (chosen[later][0] - chosen[earlier][0]) * _DAY_S
        for earlier in range(len(chosen))
        for later in range(earlier + 1, len(chosen))
        if chosen[later][0] > chosen[earlier][0]
    ]
    return median(slopes)
