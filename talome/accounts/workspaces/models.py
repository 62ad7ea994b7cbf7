"""What of a workspace crosses the wire, and what the gateway asks of it."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from talome.core.models import Plain

Slug = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]
Name = Annotated[str, Field(min_length=1, max_length=100)]
Status = Literal["active", "archived"]
MOST_METADATA_BYTES = 4096
Metadata = dict[Annotated[str, Field(min_length=1, max_length=100)], Any]
BudgetUsd = Annotated[float, Field(ge=0, le=1_000_000, allow_inf_nan=False)]
"""Dollars a month."""


@dataclass(frozen=True, slots=True)
class WorkspacePolicy:
    """What a call in a workspace is bound to. `id` is unique in the house, `slug` for its owner."""

    id: str
    user_id: str
    slug: str
    name: str
    status: str
    monthly_budget_nano: int | None
    local_only: bool


@dataclass(frozen=True, slots=True)
class WorkspaceWish:
    """What somebody asks for who wants a workspace."""

    slug: str
    name: str
    metadata: dict[str, Any] = field(default_factory=dict)
    monthly_budget_usd: float | None = None
    local_only: bool = False


class Workspace(Plain):
    """A named area of an account. `id` is Talome's, `workspace_id` the owner's own name for it."""

    id: str
    workspace_id: str
    name: str
    status: Status
    metadata: dict[str, Any]
    monthly_budget_usd: float | None
    local_only: bool
    created_at: datetime
    updated_at: datetime


class WorkspaceList(Plain):
    object: Literal["list"] = "list"
    data: list[Workspace]


class WorkspaceChange(BaseModel):
    """What is not named stays; `monthly_budget_usd: null` takes the budget away."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    name: Name | None = None
    status: Status | None = None
    metadata: Metadata | None = None
    monthly_budget_usd: BudgetUsd | None = None
    local_only: bool | None = None
