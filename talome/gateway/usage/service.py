"""Usage: written down call by call, shown in lists, groups and sums to those whose calls they were."""

import asyncio
import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import orjson

from talome.accounts.keys.service import ApiKeys
from talome.accounts.users.service import Users
from talome.accounts.workspaces.service import Workspaces, to_usd
from talome.core.background import Background
from talome.core.errors import Forbidden, Invalid, NotFound
from talome.core.operations import Caller
from talome.core.settings.service import Setting, Settings
from talome.gateway.usage.models import (
    GroupBy,
    Spread,
    UsageBreakdown,
    UsageDay,
    UsageEntry,
    UsageFilter,
    UsageGroup,
    UsagePage,
    UsageRow,
    UsageStats,
)
from talome.gateway.usage.store import Percentiles, Sums, UsageStore

KEPT_DAYS: Final = "gateway.usage_days"
SETTINGS: Final = (
    Setting(
        KEPT_DAYS, "number", 400, "Days of usage", "Calls of models older than this are dropped from the usage.",
        "gateway", minimum=1, maximum=3650, unit="days",
    ),
)  # fmt: skip
EVERYONE: Final = "providers:read"
"""The right to see what other people asked; only administrators have it."""
_NOBODY: Final = "talome"
"""The provider that keys are told."""
_DAY_US: Final = 86_400_000_000
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_FORGET_EVERY_S: Final = 6 * 3600
_FORGET_ROWS: Final = 5_000
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose calls and which, in the words of a request; `workspace_id` is the owner's name for it."""

    api_key_id: str | None = None
    workspace_id: str | None = None
    request_type: str | None = None
    model: str | None = None
    feature: str | None = None
    everyone: bool = False


class Usage(Background):
    """`dropped` counts rows that the disk was too slow for; money is not among them."""

    def __init__(
        self, store: UsageStore, settings: Settings, workspaces: Workspaces, keys: ApiKeys, users: Users
    ) -> None:
        self._store = store
        self._settings = settings
        self._workspaces = workspaces
        self._keys = keys
        self._users = users
        self._last_at = 0
        self.dropped = 0

    async def start(self) -> None:
        self._last_at = await self._store.last_at()

    def record(self, row: UsageRow) -> None:
        """Write a call down, soon; each gets a moment of its own, since lists go on from moments."""
        self._last_at = row.at = max(time.time_ns() // 1000, self._last_at + 1)
        if not self._store.journal.is_full:
            self._store.add(row)
            return
        self.dropped += 1
        if self.dropped % 1000 == 1:
            _log.error("%d calls are missing in the usage, since the disk does not keep up", self.dropped)

    async def recover(self, rows: list[UsageRow]) -> None:
        """After a crash: write down those calls that were paid and are not here."""
        known = await self._store.known([row.id for row in rows])
        for row in rows:
            if row.id not in known:
                self.record(row)

    async def _work(self) -> None:
        while True:
            before = time.time_ns() // 1000 - int(self._settings.number(KEPT_DAYS)) * _DAY_US
            while await self._store.any_before(before):
                await self._store.forget(before, _FORGET_ROWS)
            await asyncio.sleep(_FORGET_EVERY_S)

    async def page(self, caller: Caller, asked: Asked, limit: int, before: datetime | None) -> UsagePage:
        """The latest calls, or the latest before a moment."""
        before_us = 2**62 if before is None else _to_us(before)
        chosen = self._filter(caller, asked, before_us=before_us)
        rows = await self._store.page(chosen, limit + 1, told=_is_person(caller))
        return UsagePage(data=[self._shown(row, caller) for row in rows[:limit]], has_more=len(rows) > limit)

    async def breakdown(self, caller: Caller, asked: Asked, group_by: GroupBy, days: int) -> UsageBreakdown:
        """Calls of the last days, added up by what they have in common."""
        chosen, told = self._filter(caller, asked, since_us=_days_ago(days)), _is_person(caller)
        groups = await self._store.groups(chosen, group_by, told=told)
        spreads = await self._store.percentiles(chosen, group_by, told=told)
        names = await self._names(caller, asked, group_by)
        data = [self._group(sums, spreads.get(sums.key, Percentiles()), group_by, names) for sums in groups]
        return UsageBreakdown(group_by=group_by, window_days=days, data=data)

    async def stats(self, caller: Caller, asked: Asked, days: int, daily_days: int) -> UsageStats:
        """Everything of the last days added up, and day by day."""
        chosen, told = self._filter(caller, asked, since_us=_days_ago(days)), _is_person(caller)
        (sums,) = await self._store.groups(chosen, "", told=told) or [_NOTHING]
        spread = (await self._store.percentiles(chosen, "", told=told)).get(None, Percentiles())
        today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        first = today - timedelta(days=daily_days - 1)
        by_day = self._filter(caller, asked, since_us=_to_us(first))
        return UsageStats(
            window_days=days,
            daily_window_days=daily_days,
            api_key_id=chosen.api_key_id,
            workspace_id=asked.workspace_id,
            requests=sums.requests,
            failed=sums.failed,
            total_tokens=sums.input_tokens + sums.output_tokens,
            input_tokens=sums.input_tokens,
            output_tokens=sums.output_tokens,
            avg_latency_ms=round(sums.avg_latency_ms, 1),
            latency_ms=Spread(p50=spread.latency_p50, p95=spread.latency_p95),
            first_token_ms=Spread(p50=spread.first_p50, p95=spread.first_p95),
            charged_usd=to_usd(sums.charged_nano),
            actual_cost_usd=to_usd(sums.actual_nano),
            baseline_usd=to_usd(sums.baseline_nano),
            saved_usd=to_usd(max(0, sums.baseline_nano - sums.charged_nano)),
            cache_hits=sums.cache_hits,
            cache_saved_usd=to_usd(sums.cache_saved_nano),
            tier_breakdown=await self._counts(chosen, "tier", ("auto", "fast", "max")),
            request_type_breakdown=await self._counts(chosen, "request_type", ()),
            daily=_days(await self._store.groups(by_day, "day", told=told), first, daily_days),
        )

    async def _counts(self, chosen: UsageFilter, group_by: str, always: Sequence[str]) -> dict[str, int]:
        groups = await self._store.groups(chosen, group_by, told=False)
        return dict.fromkeys(always, 0) | {str(sums.key): sums.requests for sums in groups}

    def _filter(self, caller: Caller, asked: Asked, *, since_us: int = 0, before_us: int = 2**62) -> UsageFilter:
        """What the caller may see of what was asked for."""
        user_id: str | None = caller.user_id
        api_key_id, workspace = asked.api_key_id, None
        if caller.key_id is not None:
            if asked.everyone or api_key_id not in (None, caller.key_id):
                raise Forbidden("An API key sees its own usage only. Sign in for more.", field="api_key_id")
            api_key_id = caller.key_id
        elif asked.everyone:
            if not caller.may(EVERYONE):
                raise Forbidden("Only an administrator sees what everyone used.", field="everyone")
            user_id = None
        if asked.workspace_id is not None:
            workspace = self._workspace(caller, asked)
        return UsageFilter(
            user_id, api_key_id, workspace, asked.request_type, asked.model, asked.feature, since_us, before_us
        )

    def _workspace(self, caller: Caller, asked: Asked) -> str:
        known = self._workspaces.policy(asked.workspace_id) if asked.everyone else None
        if known is not None:
            return known.id
        found = self._workspaces.find(caller.user_id, str(asked.workspace_id))
        if found is None:
            raise NotFound("Workspace not found.", field="workspace_id")
        if caller.key_id is not None and found.id != caller.workspace:
            raise Forbidden("An API key sees its own workspace only. Sign in for more.", field="workspace_id")
        return found.id

    def _shown(self, row: UsageRow, caller: Caller) -> UsageEntry:
        workspace, told = self._workspaces.policy(row.workspace), _is_person(caller)
        return UsageEntry(
            id=row.id,
            api_key_id=row.api_key_id,
            workspace_id=workspace.slug if workspace else None,
            workspace_name=workspace.name if workspace else None,
            metadata=orjson.loads(row.metadata),
            tier=row.tier,
            model=row.model,
            provider=_NOBODY,
            served_model=row.served_model if told else None,
            served_provider=row.served_provider if told else None,
            routing_method=row.routing_method,
            execution_source=row.execution_source,
            billing_mode=row.billing_mode,
            request_type=row.request_type,
            feature=row.feature,
            input_tokens=row.input_tokens,
            cache_read_tokens=row.cache_read_tokens,
            cache_write_tokens=row.cache_write_tokens,
            output_tokens=row.output_tokens,
            reasoning_tokens=row.reasoning_tokens,
            estimated=row.estimated,
            actual_cost_usd=to_usd(row.actual_nano),
            charged_usd=to_usd(row.charged_nano),
            baseline_usd=to_usd(row.baseline_nano),
            latency_ms=row.latency_ms,
            first_token_ms=row.first_token_ms,
            cached=row.cached,
            status=row.status,
            error=row.error,
            trace_id=row.trace_id,
            created_at=_EPOCH + timedelta(microseconds=row.at),
        )

    def _group(self, sums: Sums, spread: Percentiles, group_by: GroupBy, names: dict[str, str]) -> UsageGroup:
        workspace = self._workspaces.policy(sums.key) if group_by == "workspace" else None
        key = workspace.slug if workspace else sums.key
        return UsageGroup(
            key=key,
            name=workspace.name if workspace else names.get(sums.key or "", sums.key),
            api_key_id=sums.key if group_by == "api_key" else None,
            workspace_id=key if group_by == "workspace" else None,
            requests=sums.requests,
            failed=sums.failed,
            input_tokens=sums.input_tokens,
            output_tokens=sums.output_tokens,
            total_tokens=sums.input_tokens + sums.output_tokens,
            charged_usd=to_usd(sums.charged_nano),
            actual_cost_usd=to_usd(sums.actual_nano),
            baseline_usd=to_usd(sums.baseline_nano),
            cache_hits=sums.cache_hits,
            avg_latency_ms=round(sums.avg_latency_ms, 1),
            latency_ms=Spread(p50=spread.latency_p50, p95=spread.latency_p95),
            first_token_ms=Spread(p50=spread.first_p50, p95=spread.first_p95),
        )

    async def _names(self, caller: Caller, asked: Asked, group_by: GroupBy) -> dict[str, str]:
        """How people know keys and users, by their ids."""
        if group_by not in ("api_key", "user"):
            return {}
        users = await self._users.list_()
        people = users if asked.everyone else [user for user in users if user.id == caller.user_id]
        if group_by == "user":
            return {user.id: user.display_name or user.username for user in people}
        return {key.id: key.name for user in people for key in await self._keys.of_user(user.id)}


_NOTHING: Final = Sums(None, 0, 0, 0, 0, 0, 0, 0, 0, 0.0, 0)


def _is_person(caller: Caller) -> bool:
    """Keys are not told which model really answered: whoever holds one is to depend on the mode, not on a name."""
    return caller.key_id is None


def _to_us(moment: datetime) -> int:
    us = (moment - _EPOCH) // timedelta(microseconds=1)
    if us < 0:
        raise Invalid("“before” is a moment after 1970.", field="before")
    return us


def _days_ago(days: int) -> int:
    return time.time_ns() // 1000 - days * _DAY_US


def _days(groups: list[Sums], first: datetime, count: int) -> list[UsageDay]:
    """Every day, also those on which nothing was asked."""
    by_date = {sums.key: sums for sums in groups}
    dates = [f"{first + timedelta(days=number):%Y-%m-%d}" for number in range(count)]
    found = [(date, by_date.get(date, _NOTHING)) for date in dates]
    return [
        UsageDay(
            date=date,
            requests=sums.requests,
            tokens=sums.input_tokens + sums.output_tokens,
            charged_usd=to_usd(sums.charged_nano),
            actual_cost_usd=to_usd(sums.actual_nano),
        )
        for date, sums in found
    ]
