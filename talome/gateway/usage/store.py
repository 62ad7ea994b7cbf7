"""SQL of the usage; its file has a writer of its own."""

import sqlite3
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from operator import attrgetter
from typing import Any, Final

import orjson

from talome.core.journal import Journal, Statement
from talome.gateway.usage.models import UsageFilter, UsageRow

_COLUMNS: Final = tuple(field.name for field in fields(UsageRow))
_in_order = attrgetter(*_COLUMNS)
_ADD: Final = (
    "INSERT INTO usage_rows (id, tier, model, request_type, served_model, served_provider, routing_method, "
    "execution_source, billing_mode, feature, input_tokens, cache_read_tokens, cache_write_tokens, output_tokens, "
    "reasoning_tokens, estimated, actual_nano, baseline_nano, latency_ms, first_token_ms, cached, status, error, "
    "trace_id, metadata, user_id, api_key_id, workspace, charged_nano, at) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
    "ON CONFLICT (id) DO NOTHING"
)
_ADD_HOUR: Final = (
    "INSERT INTO usage_hours (hour, user_id, api_key_id, workspace, tier, model, served_model, served_provider, "
    "execution_source, request_type, feature, requests, failed, input_tokens, output_tokens, charged_nano, "
    "actual_nano, baseline_nano, cache_hits, cache_saved_nano, measured, latency_ms) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
    "ON CONFLICT (hour, user_id, api_key_id, workspace, tier, model, served_model, served_provider, execution_source, "
    "request_type, feature) DO UPDATE SET requests = requests + excluded.requests, failed = failed + excluded.failed, "
    "input_tokens = input_tokens + excluded.input_tokens, output_tokens = output_tokens + excluded.output_tokens, "
    "charged_nano = charged_nano + excluded.charged_nano, actual_nano = actual_nano + excluded.actual_nano, "
    "baseline_nano = baseline_nano + excluded.baseline_nano, cache_hits = cache_hits + excluded.cache_hits, "
    "cache_saved_nano = cache_saved_nano + excluded.cache_saved_nano, measured = measured + excluded.measured, "
    "latency_ms = latency_ms + excluded.latency_ms"
)
_CHOSEN: Final = (
    "(:user_id IS NULL OR user_id = :user_id) "
    "AND (:api_key_id IS NULL OR api_key_id = :api_key_id) AND (:workspace IS NULL OR workspace = :workspace) "
    "AND (:request_type IS NULL OR request_type = :request_type) AND (:feature IS NULL OR feature = :feature) "
    "AND (:model IS NULL OR model = :model OR (:told AND served_model = :model))"
)
_ROWS: Final = f"at >= :since_us AND at < :before_us AND {_CHOSEN}"
_HOURS: Final = f"hour >= :since_us / 3600000000 AND {_CHOSEN}"
_GROUP: Final = (
    "CASE :group_by WHEN 'api_key' THEN NULLIF(api_key_id, '') WHEN 'workspace' THEN NULLIF(workspace, '') "
    "WHEN 'user' THEN user_id WHEN 'tier' THEN tier WHEN 'source' THEN execution_source "
    "WHEN 'model' THEN CASE WHEN :told AND served_model != '' THEN served_model ELSE model END "
    "WHEN 'provider' THEN CASE WHEN :told THEN served_provider END "
    "WHEN 'request_type' THEN request_type WHEN 'feature' THEN feature"
)
_GROUP_OF_HOURS: Final = f"{_GROUP} WHEN 'day' THEN strftime('%Y-%m-%d', hour * 3600, 'unixepoch') END"
_GROUP_OF_ROWS: Final = f"{_GROUP} WHEN 'day' THEN strftime('%Y-%m-%d', at / 1000000, 'unixepoch') END"
_SUMS: Final = (
    "SUM(requests) AS requests, SUM(failed) AS failed, SUM(input_tokens) AS input_tokens, "
    "SUM(output_tokens) AS output_tokens, SUM(charged_nano) AS charged_nano, SUM(actual_nano) AS actual_nano, "
    "SUM(baseline_nano) AS baseline_nano, SUM(cache_hits) AS cache_hits, SUM(cache_saved_nano) AS cache_saved_nano, "
    "COALESCE(SUM(latency_ms) * 1.0 / NULLIF(SUM(measured), 0), 0.0) AS avg_latency_ms"
)
_TIMED: Final = 20_000
"""So many of the latest calls are looked at for percentiles, which need each one's time."""


@dataclass(frozen=True, slots=True)
class Sums:
    """Calls added up; money in billionths of a dollar."""

    key: str | None
    requests: int
    failed: int
    input_tokens: int
    output_tokens: int
    charged_nano: int
    actual_nano: int
    baseline_nano: int
    cache_hits: int
    avg_latency_ms: float
    cache_saved_nano: int


@dataclass(frozen=True, slots=True)
class Percentiles:
    """Of the calls where it was measured."""

    latency_p50: int | None = None
    latency_p95: int | None = None
    first_p50: int | None = None
    first_p95: int | None = None


class UsageStore:
    """`told`: whether the model that really answered may be told, and asked for."""

    def __init__(self, journal: Journal) -> None:
        self.journal = journal
        self._hours: dict[tuple[int | str, ...], list[int]] = {}
        journal.with_each_batch(self._added_up)

    def add(self, row: UsageRow) -> None:
        """A call, and its part in the sums of its hour, which are written with it."""
        self.journal.put((_ADD, _in_order(row)))
        sums = self._hours.setdefault(_hour_of(row), [0] * 11)
        for number, value in enumerate(_counted(row)):
            sums[number] += value

    def _added_up(self) -> list[Statement]:
        hours, self._hours = self._hours, {}
        return [(_ADD_HOUR, (*key, *sums)) for key, sums in hours.items()]

    async def known(self, ids: list[str]) -> set[str]:
        """Those of the ids that are written down."""
        sql = "SELECT id FROM usage_rows WHERE id IN (SELECT value FROM json_each(?))"
        return {row["id"] for row in await self.journal.fetch_all(sql, (orjson.dumps(ids).decode(),))}

    async def last_at(self) -> int:
        (row,) = await self.journal.fetch_all("SELECT COALESCE(MAX(at), 0) FROM usage_rows")
        return int(row[0])

    async def page(self, chosen: UsageFilter, limit: int, *, told: bool) -> list[UsageRow]:
        rows = await self.journal.fetch_all(
            f"SELECT * FROM usage_rows WHERE {_ROWS} ORDER BY at DESC LIMIT :limit",  # noqa: S608 - constants only
            {**_values(chosen, told), "limit": limit},
        )
        return [_row(row) for row in rows]

    async def groups(self, chosen: UsageFilter, group_by: str, *, told: bool) -> list[Sums]:
        """Whole hours, what costs most first; one group of everything where `group_by` is none of the known."""
        rows = await self.journal.fetch_all(
            f"SELECT {_GROUP_OF_HOURS} AS key, {_SUMS} FROM usage_hours WHERE {_HOURS} "  # noqa: S608 - constants only
            "GROUP BY 1 ORDER BY charged_nano DESC, requests DESC, 1",
            {**_values(chosen, told), "group_by": group_by},
        )
        return [Sums(**dict(row)) for row in rows]

    async def percentiles(self, chosen: UsageFilter, group_by: str, *, told: bool) -> dict[str | None, Percentiles]:
        """The nearest rank among the latest calls, by group."""
        rows = await self.journal.fetch_all(
            f"WITH chosen AS (SELECT {_GROUP_OF_ROWS} AS key, latency_ms, first_token_ms "  # noqa: S608 - constants only
            f"FROM usage_rows WHERE {_ROWS} ORDER BY at DESC LIMIT {_TIMED}), "
            "slow AS (SELECT key, latency_ms AS ms, ROW_NUMBER() OVER (PARTITION BY key ORDER BY latency_ms) AS rank, "
            "COUNT(*) OVER (PARTITION BY key) AS many FROM chosen WHERE latency_ms IS NOT NULL), "
            "first AS (SELECT key, first_token_ms AS ms, "
            "ROW_NUMBER() OVER (PARTITION BY key ORDER BY first_token_ms) AS rank, "
            "COUNT(*) OVER (PARTITION BY key) AS many FROM chosen WHERE first_token_ms IS NOT NULL) "
            "SELECT key, 'latency' AS what, MAX(CASE WHEN rank = (many * 50 + 99) / 100 THEN ms END) AS p50, "
            "MAX(CASE WHEN rank = (many * 95 + 99) / 100 THEN ms END) AS p95 FROM slow GROUP BY key "
            "UNION ALL "
            "SELECT key, 'first', MAX(CASE WHEN rank = (many * 50 + 99) / 100 THEN ms END), "
            "MAX(CASE WHEN rank = (many * 95 + 99) / 100 THEN ms END) FROM first GROUP BY key",
            {**_values(chosen, told), "group_by": group_by},
        )
        found: dict[str | None, dict[str, int]] = {}
        for row in rows:
            found.setdefault(row["key"], {}).update(
                {f"{row['what']}_p50": row["p50"], f"{row['what']}_p95": row["p95"]}
            )
        return {key: Percentiles(**values) for key, values in found.items()}

    async def forget(self, before_us: int, most: int) -> None:
        """Drop the oldest rows, a bounded number at a time, so that nobody waits long for the file."""
        await self.journal.kept(
            (
                "DELETE FROM usage_rows WHERE at IN (SELECT at FROM usage_rows WHERE at < ? ORDER BY at LIMIT ?)",
                (before_us, most),
            ),
            ("DELETE FROM usage_hours WHERE hour < ? / 3600000000", (before_us,)),
        )

    async def any_before(self, before_us: int) -> bool:
        return bool(await self.journal.fetch_all("SELECT 1 FROM usage_rows WHERE at < ? LIMIT 1", (before_us,)))


def _hour_of(row: UsageRow) -> tuple[int | str, ...]:
    """What the sums of an hour are told apart by."""
    return (
        row.at // 3_600_000_000, row.user_id, row.api_key_id or "", row.workspace or "", row.tier, row.model,
        row.served_model, row.served_provider, row.execution_source, row.request_type, row.feature,
    )  # fmt: skip


def _counted(row: UsageRow) -> tuple[int, ...]:
    """What a call adds to its hour, in the order of the columns."""
    saved = max(row.baseline_nano - row.charged_nano, 0) if row.cached else 0
    timed = row.latency_ms is not None
    return (
        1, row.status >= 400, row.input_tokens, row.output_tokens, row.charged_nano, row.actual_nano,
        row.baseline_nano, row.cached, saved, timed, row.latency_ms or 0,
    )  # fmt: skip


def _values(chosen: UsageFilter, told: bool) -> Mapping[str, Any]:
    return {**asdict(chosen), "told": told}


def _row(row: sqlite3.Row) -> UsageRow:
    values = {name: row[name] for name in _COLUMNS}
    return UsageRow(**values | {"estimated": bool(row["estimated"]), "cached": bool(row["cached"])})
