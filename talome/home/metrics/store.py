"""SQL of the history."""

from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass
from typing import Final

from talome.core.db import Database

RAW: Final = 0
TIER_STEP_S: Final = (15, 60, 600, 3600)
"""How long an interval of each tier is."""
_AGAIN_S: Final = 86_400


@dataclass(frozen=True, slots=True)
class SampleRow:
    """One thing at one moment, as kept; see the migration for units."""

    at: int
    series: int
    cpu: int | None
    memory: int | None
    memory_kib: int | None
    disk: int | None
    rx: int | None
    tx: int | None


@dataclass(frozen=True, slots=True)
class Averages:
    """The averages of an interval that begins at `at`."""

    at: int
    cpu: float | None
    memory: float | None
    memory_kib: float | None
    disk: float | None
    rx: float | None
    tx: float | None


class MetricsStore:
    def __init__(self, db: Database) -> None:
        self.db = db

    async def series(self) -> dict[str, int]:
        """Ids of all things that were ever measured, by name."""
        return {row["name"]: row["id"] for row in await self.db.fetch_all("SELECT id, name FROM metric_series")}

    async def add_series(self, names: Iterable[str], at: int) -> dict[str, int]:
        async with self.db.write() as tx:
            await tx.execute_many(
                "INSERT INTO metric_series (name, seen_at) VALUES (?, ?) ON CONFLICT (name) DO NOTHING",
                [(name, at) for name in names],
            )
        return await self.series()

    async def add(self, rows: Sequence[SampleRow]) -> None:
        """Keep new samples; one that is there already is replaced."""
        async with self.db.write() as tx:
            await tx.execute_many(
                "INSERT OR REPLACE INTO metric_samples "
                "(tier, at, series, cpu, memory, memory_kib, disk, rx, tx) VALUES (0, ?, ?, ?, ?, ?, ?, ?, ?)",
                [astuple(row) for row in rows],
            )

    async def roll_up(self, now_s: int) -> None:
        """Average every interval of the coarser tiers that is complete now and was not before."""
        done = {row["tier"]: row["done_until"] for row in await self.db.fetch_all("SELECT * FROM metric_rollups")}
        for tier in range(1, len(TIER_STEP_S)):
            step = TIER_STEP_S[tier]
            until = now_s // step * step
            since = done.get(tier, 0)
            if since > until:  # the clock was ahead: do the last day again
                since = until - _AGAIN_S
            if since < until:
                await self._roll_up(tier, since, until)

    async def _roll_up(self, tier: int, since: int, until: int) -> None:
        async with self.db.write() as tx:
            await tx.execute(
                "INSERT OR REPLACE INTO metric_samples (tier, at, series, cpu, memory, memory_kib, disk, rx, tx) "
                "SELECT tier + 1, at / :step * :step AS start, series, CAST(ROUND(AVG(cpu)) AS INTEGER), "
                "CAST(ROUND(AVG(memory)) AS INTEGER), CAST(ROUND(AVG(memory_kib)) AS INTEGER), "
                "CAST(ROUND(AVG(disk)) AS INTEGER), CAST(ROUND(AVG(rx)) AS INTEGER), CAST(ROUND(AVG(tx)) AS INTEGER) "
                "FROM metric_samples WHERE tier = :source AND at >= :since AND at < :until GROUP BY start, series",
                {"step": TIER_STEP_S[tier], "source": tier - 1, "since": since, "until": until},
            )
            await tx.execute(
                "INSERT INTO metric_rollups (tier, done_until) VALUES (?, ?) "
                "ON CONFLICT (tier) DO UPDATE SET done_until = excluded.done_until",
                (tier, until),
            )

    async def saw(self, series: Iterable[int], at: int) -> None:
        async with self.db.write() as tx:
            await tx.execute_many("UPDATE metric_series SET seen_at = ? WHERE id = ?", [(at, id) for id in series])

    async def forget(self, before: Sequence[int]) -> None:
        """Drop what is older than the given moment of each tier, and things that only older samples speak of."""
        async with self.db.write() as tx:
            await tx.execute_many("DELETE FROM metric_samples WHERE tier = ? AND at < ?", list(enumerate(before)))
            await tx.execute("DELETE FROM metric_series WHERE seen_at < ?", (before[-1],))

    async def averages(self, tier: int, series: int, since: int, until: int, step: int) -> list[Averages]:
        """One row for each interval of `step` seconds in which something was measured."""
        rows = await self.db.fetch_all(
            "SELECT at / :step * :step AS start, AVG(cpu), AVG(memory), AVG(memory_kib), AVG(disk), AVG(rx), AVG(tx) "
            "FROM metric_samples WHERE tier = :tier AND at >= :since AND at < :until AND series = :series "
            "GROUP BY start ORDER BY start",
            {"tier": tier, "series": series, "since": since, "until": until, "step": step},
        )
        return [Averages(*row) for row in rows]
