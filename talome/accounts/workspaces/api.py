"""One's own workspaces."""

from typing import Annotated

from talome.accounts.workspaces.models import (
    BudgetUsd,
    Metadata,
    Name,
    Slug,
    Workspace,
    WorkspaceChange,
    WorkspaceList,
    WorkspaceWish,
)
from talome.accounts.workspaces.service import Workspaces
from talome.core.operations import Caller, WholeBody, operation


class WorkspacesApi:
    def __init__(self, workspaces: Workspaces) -> None:
        self._workspaces = workspaces

    @operation("GET", "/v1/workspaces", scope="gateway:read", risk="read")
    async def list_(self, caller: Caller) -> WorkspaceList:
        """List one's own workspaces with their budgets."""
        return self._workspaces.list_(caller)

    @operation("POST", "/v1/workspaces", scope="gateway:write", risk="modify", status=201)
    async def add(
        self,
        caller: Caller,
        workspace_id: Slug,
        name: Name,
        metadata: Metadata | None = None,
        monthly_budget_usd: BudgetUsd | None = None,
        local_only: bool = False,
    ) -> Workspace:
        """Make a workspace; `local_only` keeps what is asked in it inside the house."""
        wish = WorkspaceWish(workspace_id, name, metadata or {}, monthly_budget_usd, local_only)
        return await self._workspaces.add(caller, wish)

    @operation("PATCH", "/v1/workspaces/{id}", scope="gateway:write", risk="modify")
    async def change(self, caller: Caller, id: Slug, change: Annotated[WorkspaceChange, WholeBody()]) -> Workspace:
        """Change what is named; the budget `null` is none, an archived workspace takes no calls."""
        return await self._workspaces.change(caller, id, change)
