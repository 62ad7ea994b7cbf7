"""One's own usage; administrators also see everyone's."""

from typing import Annotated

from pydantic import AwareDatetime, Field

from talome.core.operations import Caller, operation
from talome.gateway.usage.models import Days, GroupBy, Reference, UsageBreakdown, UsagePage, UsageStats
from talome.gateway.usage.service import Asked, Usage


class UsageApi:
    def __init__(self, usage: Usage) -> None:
        self._usage = usage

    @operation("GET", "/v1/usage", scope="gateway:read", risk="read")
    async def list_(
        self,
        caller: Caller,
        limit: Annotated[int, Field(ge=1, le=1000)] = 100,
        before: AwareDatetime | None = None,
        api_key_id: Reference | None = None,
        workspace_id: Reference | None = None,
        request_type: Reference | None = None,
        model: Reference | None = None,
        feature: Reference | None = None,
        everyone: bool = False,
    ) -> UsagePage:
        """List calls of models with tokens, cost and times, latest first; `before` is the last `created_at`."""
        asked = Asked(api_key_id, workspace_id, request_type, model, feature, everyone)
        return await self._usage.page(caller, asked, limit, before)

    @operation("GET", "/v1/usage/breakdown", scope="gateway:read", risk="read")
    async def breakdown(
        self,
        caller: Caller,
        group_by: GroupBy = "api_key",
        days: Days = 30,
        api_key_id: Reference | None = None,
        workspace_id: Reference | None = None,
        request_type: Reference | None = None,
        model: Reference | None = None,
        feature: Reference | None = None,
        everyone: bool = False,
    ) -> UsageBreakdown:
        """Add the calls of the last days up by key, workspace, day, model or what else they have in common."""
        asked = Asked(api_key_id, workspace_id, request_type, model, feature, everyone)
        return await self._usage.breakdown(caller, asked, group_by, days)

    @operation("GET", "/v1/stats", scope="gateway:read", risk="read")
    async def stats(
        self,
        caller: Caller,
        days: Days = 30,
        daily_days: Days = 30,
        api_key_id: Reference | None = None,
        workspace_id: Reference | None = None,
        request_type: Reference | None = None,
        everyone: bool = False,
    ) -> UsageStats:
        """Sum up the calls of the last days: requests, tokens, cost, what the cache saved, how long it took."""
        return await self._usage.stats(
            caller, Asked(api_key_id, workspace_id, request_type, everyone=everyone), days, daily_days
        )
