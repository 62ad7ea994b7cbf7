"""Workspaces: made and changed by their owner, looked up in memory by everybody else."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import orjson

from talome.accounts.workspaces.models import (
    MOST_METADATA_BYTES,
    Workspace,
    WorkspaceChange,
    WorkspaceList,
    WorkspacePolicy,
    WorkspaceWish,
)
from talome.accounts.workspaces.store import WorkspaceRow, WorkspacesStore
from talome.core import ids
from talome.core.changes import note_change
from talome.core.clock import from_ms, now_ms
from talome.core.errors import Conflict, Forbidden, Invalid, NotFound
from talome.core.operations import Caller

NANO: Final = 1_000_000_000
"""Money is counted in billionths of a dollar, in whole numbers; this is one dollar."""
_MOST: Final = 1000


def to_nano(usd: float) -> int:
    """The nearest billionth."""
    return round(usd * NANO)


def to_usd(nano: int) -> float:
    """For the wire only; nothing is added up in floating point."""
    return nano / NANO


def by_session(caller: Caller) -> None:
    """Refuse keys where a session is asked for."""
    if caller.key_id is not None:
        raise Forbidden("Session authentication required: an API key cannot do this. Sign in for it.")


def by_a_person(caller: Caller) -> None:
    """Refuse keys and agents: neither a stolen key nor a misled agent is to lift the bounds that it works within."""
    by_session(caller)
    if caller.kind != "user":
        raise Forbidden("An agent may not do this. A person can, in the dashboard or on the command line.")


def packed_metadata(metadata: Mapping[str, Any]) -> str:
    """As kept; bounded, since it travels with every listing."""
    packed = orjson.dumps(metadata)
    if len(packed) > MOST_METADATA_BYTES:
        raise Invalid(f"“metadata” may have at most {MOST_METADATA_BYTES} bytes as JSON.", field="metadata")
    return packed.decode()


class Workspaces:
    def __init__(self, store: WorkspacesStore) -> None:
        self._store = store
        self._rows: dict[str, WorkspaceRow] = {}
        self._policies: dict[str, WorkspacePolicy] = {}
        self._changing = asyncio.Lock()

    async def start(self) -> None:
        for row in await self._store.all():
            self._remember(row)

    def _remember(self, row: WorkspaceRow) -> None:
        self._rows[row.id] = row
        self._policies[row.id] = WorkspacePolicy(
            row.id, row.user_id, row.slug, row.name, row.status, row.monthly_budget_nano, bool(row.local_only)
        )

    def policy(self, workspace: str | None) -> WorkspacePolicy | None:
        """By the id that a `Caller` carries."""
        return self._policies.get(workspace) if workspace else None

    def find(self, user_id: str, slug: str) -> WorkspacePolicy | None:
        """By what its owner calls it."""
        return next((item for item in self.of_user(user_id) if item.slug == slug), None)

    def of_user(self, user_id: str) -> list[WorkspacePolicy]:
        return [item for item in self._policies.values() if item.user_id == user_id]

    def named(self, caller: Caller, slug: str) -> WorkspacePolicy:
        """The caller's own workspace of this name, or `NotFound`."""
        found = self.find(caller.user_id, slug)
        if found is None:
            raise NotFound("Workspace not found.", field="workspace_id")
        return found

    def list_(self, caller: Caller) -> WorkspaceList:
        by_session(caller)
        return WorkspaceList(data=[_shown(row) for row in self._rows.values() if row.user_id == caller.user_id])

    async def add(self, caller: Caller, wish: WorkspaceWish) -> Workspace:
        by_a_person(caller)
        if len(self.of_user(caller.user_id)) >= _MOST:
            raise Conflict(f"There are {_MOST} workspaces already. Use one that is archived again.")
        at = now_ms()
        row = WorkspaceRow(
            id=ids.new_id("wsp"),
            user_id=caller.user_id,
            slug=wish.slug,
            name=wish.name,
            status="active",
            metadata=packed_metadata(wish.metadata),
            monthly_budget_nano=None if wish.monthly_budget_usd is None else to_nano(wish.monthly_budget_usd),
            local_only=int(wish.local_only),
            created_at=at,
            updated_at=at,
        )
        async with self._store.db.write() as tx:
            if not await self._store.add(tx, row):
                raise Conflict(f"You have a workspace “{wish.slug}” already.", field="workspace_id")
        self._remember(row)
        return _shown(row)

    async def change(self, caller: Caller, slug: str, change: WorkspaceChange) -> Workspace:
        """Change what is named; a budget of None is none."""
        by_a_person(caller)
        values = _values(change)
        async with self._changing:
            old = self._rows[self.named(caller, slug).id]
            new = replace(old, **values, updated_at=now_ms())
            async with self._store.db.write() as tx:
                await self._store.change(tx, new)
            self._remember(new)
        for name in values:
            note_change(name, getattr(old, name), getattr(new, name))
        return _shown(new)


def _values(change: WorkspaceChange) -> dict[str, Any]:
    given = change.model_dump(exclude_unset=True)
    status = {"status": given["status"]} if given.get("status") is not None else {}
    return status | columns_of(given)


def columns_of(given: Mapping[str, Any]) -> dict[str, Any]:
    """The columns that a change sets which workspaces and keys have in common."""
    if not given:
        raise Invalid("There is nothing to change.", field="body")
    values: dict[str, Any] = {}
    if given.get("name") is not None:
        values["name"] = given["name"]
    if given.get("metadata") is not None:
        values["metadata"] = packed_metadata(given["metadata"])
    if "monthly_budget_usd" in given:
        budget = given["monthly_budget_usd"]
        values["monthly_budget_nano"] = None if budget is None else to_nano(budget)
    if given.get("local_only") is not None:
        values["local_only"] = int(given["local_only"])
    return values


def _shown(row: WorkspaceRow) -> Workspace:
    return Workspace(
        id=row.id,
        workspace_id=row.slug,
        name=row.name,
        status="active" if row.status == "active" else "archived",
        metadata=orjson.loads(row.metadata),
        monthly_budget_usd=None if row.monthly_budget_nano is None else to_usd(row.monthly_budget_nano),
        local_only=bool(row.local_only),
        created_at=from_ms(row.created_at),
        updated_at=from_ms(row.updated_at),
    )
