"""What of an API key crosses the wire."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from talome.accounts.workspaces.models import BudgetUsd, Metadata
from talome.core.models import Plain, Wire

KeyScopes = Annotated[list[Annotated[str, Field(min_length=1, max_length=100)]], Field(min_length=1, max_length=200)]
KeyName = Annotated[str, Field(min_length=1, max_length=100)]
RequestsPerMinute = Annotated[int, Field(ge=1, le=1_000_000)]


class ApiKey(Wire):
    """A key without its secret part; `scopes` bound it, and so do the rights of its owner."""

    id: str
    name: str
    prefix: str
    scopes: list[str]
    requests_per_minute: int | None
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None


class NewApiKey(Wire):
    """`token` is shown this once."""

    key: ApiKey
    token: str


class NewRuntimeKey(Plain):
    """A key for the gateway; `key` is shown this once."""

    id: str
    key: str
    name: str
    prefix: str
    metadata: dict[str, Any]
    workspace_id: str | None
    workspace_name: str | None


class RuntimeKey(Plain):
    """A key for the gateway without its secret part; these names are camelCase for those who know them so."""

    model_config = ConfigDict(populate_by_name=True)

    id: str
    name: str
    metadata: dict[str, Any]
    workspace_id: str | None
    workspace_name: str | None
    monthly_budget_usd: float | None
    requests_per_minute: int | None
    local_only: bool
    key_prefix: str = Field(alias="keyPrefix")
    last_used_at: datetime | None = Field(alias="lastUsedAt")
    created_at: datetime = Field(alias="createdAt")


class RuntimeKeyList(Plain):
    object: Literal["list"] = "list"
    data: list[RuntimeKey]


class RuntimeKeyChange(BaseModel):
    """What is not named stays; null takes a budget or a rate of its own away."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    name: KeyName | None = None
    metadata: Metadata | None = None
    monthly_budget_usd: BudgetUsd | None = None
    requests_per_minute: RequestsPerMinute | None = None
    local_only: bool | None = None


class KeyGone(Plain):
    deleted: Literal[True] = True
    id: str
