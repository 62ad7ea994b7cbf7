"""Keys for the gateway (`tok_…`): bound to a workspace, with a budget, a rate and no right but to use models and, where
their owner has it, the memory."""

from collections.abc import Mapping
from typing import Any, Final

import orjson

from talome.accounts.keys.models import KeyGone, NewRuntimeKey, RuntimeKey, RuntimeKeyChange, RuntimeKeyList
from talome.accounts.keys.service import ApiKeys, KeyWish
from talome.accounts.keys.store import KeyRow
from talome.accounts.workspaces.models import WorkspacePolicy, WorkspaceWish
from talome.accounts.workspaces.service import Workspaces, by_a_person, by_session, columns_of, packed_metadata, to_usd
from talome.core.changes import note_change
from talome.core.clock import from_ms
from talome.core.errors import Invalid, NotFound
from talome.core.operations import Caller, KeyTerms

FACE: Final = "tok_"
SCOPES: Final = ("gateway:read", "gateway:use")
_FURTHER_SCOPES: Final = ("memory:read", "memory:write")
"""What a key gets where its owner has it."""


class RuntimeKeys:
    def __init__(self, keys: ApiKeys, workspaces: Workspaces) -> None:
        self._keys = keys
        self._workspaces = workspaces

    async def list_(self, caller: Caller) -> RuntimeKeyList:
        by_session(caller)
        return RuntimeKeyList(data=[self._shown(row) for row in await self._keys.rows_of(caller.user_id, FACE)])

    async def add(
        self,
        caller: Caller,
        name: str,
        metadata: Mapping[str, Any],
        workspace: tuple[str | None, str | None],
        terms: KeyTerms,
    ) -> NewRuntimeKey:
        """A key; `workspace` is its name in requests and its name for people, the latter to make a missing one."""
        by_a_person(caller)
        packed = packed_metadata(metadata)
        bound = await self._workspace(caller, *workspace)
        scopes = (*SCOPES, *(scope for scope in _FURTHER_SCOPES if caller.may(scope)))
        wish = KeyWish(name, scopes, FACE, workspace=bound.id if bound else None, metadata=packed, terms=terms)
        row, token = await self._keys.make(caller, wish)
        return NewRuntimeKey(
            id=row.id,
            key=token,
            name=row.name,
            prefix=row.prefix,
            metadata=orjson.loads(row.metadata),
            workspace_id=bound.slug if bound else None,
            workspace_name=bound.name if bound else None,
        )

    async def _workspace(self, caller: Caller, slug: str | None, name: str | None) -> WorkspacePolicy | None:
        if slug is None:
            if name is not None:
                raise Invalid(
                    "A “workspace_name” needs the “workspace_id” that it is the name of.", field="workspace_id"
                )
            return None
        if name is not None and self._workspaces.find(caller.user_id, slug) is None:
            await self._workspaces.add(caller, WorkspaceWish(slug, name))
        return self._workspaces.named(caller, slug)

    async def change(self, caller: Caller, key_id: str, change: RuntimeKeyChange) -> RuntimeKey:
        by_a_person(caller)
        values = _values(change)
        await self._of_this_face(caller, key_id)
        old, new = await self._keys.change(caller, key_id, values)
        for name in values:
            note_change(name, getattr(old, name), getattr(new, name))
        return self._shown(new)

    async def delete(self, caller: Caller, key_id: str) -> KeyGone:
        by_a_person(caller)
        await self._of_this_face(caller, key_id)
        await self._keys.delete(caller, key_id)
        return KeyGone(id=key_id)

    async def _of_this_face(self, caller: Caller, key_id: str) -> None:
        if all(row.id != key_id for row in await self._keys.rows_of(caller.user_id, FACE)):
            raise NotFound("API key not found.")

    def _shown(self, row: KeyRow) -> RuntimeKey:
        bound = self._workspaces.policy(row.workspace)
        return RuntimeKey(
            id=row.id,
            name=row.name,
            metadata=orjson.loads(row.metadata),
            workspace_id=bound.slug if bound else None,
            workspace_name=bound.name if bound else None,
            monthly_budget_usd=None if row.monthly_budget_nano is None else to_usd(row.monthly_budget_nano),
            requests_per_minute=row.requests_per_minute,
            local_only=bool(row.local_only),
            key_prefix=row.prefix,
            last_used_at=from_ms(row.last_used_at) if row.last_used_at else None,
            created_at=from_ms(row.created_at),
        )


def _values(change: RuntimeKeyChange) -> dict[str, Any]:
    given = change.model_dump(exclude_unset=True)
    rate = {name: given[name] for name in ("requests_per_minute",) if name in given}
    return rate | columns_of(given)
