"""A call as it is kept, and what of the calls crosses the wire."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from talome.core.models import Plain

Days = Annotated[int, Field(ge=1, le=400)]
Reference = Annotated[str, Field(min_length=1, max_length=100)]
GroupBy = Literal[
    "api_key", "workspace", "day", "model", "provider", "tier", "request_type", "feature", "source", "user"
]


@dataclass(slots=True, kw_only=True)
class UsageRow:
    """One call. Whoever answers it fills in what it was; the wallet adds who pays, how much, and when."""

    id: str
    tier: str
    model: str
    request_type: str
    served_model: str = ""
    served_provider: str = ""
    routing_method: str = ""
    execution_source: str = ""
    billing_mode: str = ""
    feature: str = "api"
    input_tokens: int = 0
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0
    output_tokens: int = 0
    reasoning_tokens: int = 0
    estimated: bool = False
    actual_nano: int = 0
    baseline_nano: int = 0
    latency_ms: int | None = None
    first_token_ms: int | None = None
    cached: bool = False
    status: int = 200
    error: str = ""
    trace_id: str = ""
    metadata: str = "{}"
    user_id: str = ""
    api_key_id: str | None = None
    workspace: str | None = None
    charged_nano: int = 0
    at: int = 0


@dataclass(frozen=True, slots=True)
class UsageFilter:
    """Which calls; None: whatever it is. `since_us` and `before_us` are microseconds since 1970."""

    user_id: str | None = None
    api_key_id: str | None = None
    workspace: str | None = None
    request_type: str | None = None
    model: str | None = None
    feature: str | None = None
    since_us: int = 0
    before_us: int = 2**62


class UsageEntry(Plain):
    """A call. `model` is what was asked for; `served_model` and `served_provider` are told to people, not to keys."""

    id: str
    api_key_id: str | None
    workspace_id: str | None
    workspace_name: str | None
    metadata: dict[str, Any]
    tier: str
    model: str
    provider: str
    served_model: str | None
    served_provider: str | None
    routing_method: str
    execution_source: str
    billing_mode: str
    request_type: str
    feature: str
    input_tokens: int
    cache_read_tokens: int
    cache_write_tokens: int
    output_tokens: int
    reasoning_tokens: int
    estimated: bool
    actual_cost_usd: float
    charged_usd: float
    baseline_usd: float
    latency_ms: int | None
    first_token_ms: int | None
    cached: bool
    status: int
    error: str
    trace_id: str
    created_at: datetime


class UsagePage(Plain):
    """The latest first; the next page is what came before `created_at` of the last."""

    data: list[UsageEntry]
    has_more: bool


class Spread(Plain):
    """How long calls took, in milliseconds; None where none was measured."""

    p50: int | None = None
    p95: int | None = None


class UsageGroup(Plain):
    """Calls that have something in common: `key` is its id, `name` how people know it."""

    key: str | None
    name: str | None
    api_key_id: str | None = None
    workspace_id: str | None = None
    requests: int
    failed: int
    input_tokens: int
    output_tokens: int
    total_tokens: int
    charged_usd: float
    actual_cost_usd: float
    baseline_usd: float
    cache_hits: int
    avg_latency_ms: float
    latency_ms: Spread
    first_token_ms: Spread


class UsageBreakdown(Plain):
    object: Literal["list"] = "list"
    group_by: GroupBy
    window_days: int
    data: list[UsageGroup]


class UsageDay(Plain):
    """A day of Greenwich."""

    date: str
    requests: int
    tokens: int
    charged_usd: float
    actual_cost_usd: float


class UsageStats(Plain):
    """`saved_usd` is what answers from the cache and cheaper models spared, against the price of the baseline."""

    window_days: int
    daily_window_days: int
    api_key_id: str | None
    workspace_id: str | None
    requests: int
    failed: int
    total_tokens: int
    input_tokens: int
    output_tokens: int
    avg_latency_ms: float
    latency_ms: Spread
    first_token_ms: Spread
    charged_usd: float
    actual_cost_usd: float
    baseline_usd: float
    saved_usd: float
    cache_hits: int
    cache_saved_usd: float
    tier_breakdown: dict[str, int]
    request_type_breakdown: dict[str, int]
    daily: list[UsageDay]
