"""Endpoints in the own network: registered, asked what they have, looked after."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import orjson

from talome.accounts.workspaces.service import Workspaces, by_a_person
from talome.core import ids
from talome.core.changes import note_change
from talome.core.clock import from_ms, now_ms
from talome.core.errors import Conflict, Internal, Invalid, NotFound
from talome.core.events import Events
from talome.core.operations import Caller
from talome.core.secrets import Secrets
from talome.engines.providers.models import Endpoint, Probe
from talome.engines.providers.providers import Providers
from talome.gateway.providers.addresses import Place, base_of, look_up
from talome.gateway.providers.breaker import INVALID, Breaker, Note
from talome.gateway.providers.headers import checked_headers, split_credential
from talome.gateway.providers.models import EndpointChange, LocalEndpoint, LocalEndpointList, OffersChanged
from talome.gateway.providers.store import EndpointRow, ProvidersStore

_PURPOSE: Final = "local-endpoints"
_MOST: Final = 100
_MOST_MODELS: Final = 2000
HEALTHY_CHECK_MS: Final = 300_000
UNREACHABLE_CHECK_MS: Final = 30_000
_PLAIN: Final = ("label", "runtime", "default_model")


class LocalEndpoints:
    """All are in memory. `revision` grows with every change of what is offered."""

    def __init__(
        self,
        store: ProvidersStore,
        secrets: Secrets,
        providers: Providers,
        *,
        breaker: Breaker,
        workspaces: Workspaces,
        own_ports: tuple[int, ...],
        events: Events,
    ) -> None:
        self._store = store
        self._secrets = secrets
        self._providers = providers
        self._breaker = breaker
        self._workspaces = workspaces
        self._own_ports = own_ports
        self._events = events
        self._rows: dict[str, EndpointRow] = {}
        self._endpoints: dict[str, Endpoint] = {}
        self._locks: dict[str, asyncio.Lock] = {}
        self._adding = asyncio.Lock()
        self.revision = 0

    async def start(self) -> None:
        """Read them all; nothing is asked yet."""
        for row in await self._store.endpoints():
            self._remember(row)

    def offered(self) -> list[tuple[EndpointRow, Endpoint, list[str]]]:
        """The endpoints that are switched on, each with its models."""
        return [
            (row, self._endpoints[row.id], orjson.loads(row.models))
            for row in self._rows.values()
            if row.enabled and row.id in self._endpoints
        ]

    def list_(self, caller: Caller, workspace: str | None) -> LocalEndpointList:
        """All of the house, or of one workspace."""
        by_a_person(caller)
        wanted = self._workspaces.named(caller, workspace).id if workspace is not None else None
        return LocalEndpointList(
            data=[self._shown(row) for row in self._rows.values() if wanted in (None, row.workspace)]
        )

    def get(self, caller: Caller, id: str) -> tuple[LocalEndpoint, list[str]]:
        """One of them, and its models. Raises `NotFound`."""
        by_a_person(caller)
        row = self._row(id)
        return self._shown(row), orjson.loads(row.models)

    async def add(self, caller: Caller, url: str, given: EndpointChange) -> LocalEndpoint:
        """Look its name up, ask it what it has, and keep it, also when it does not answer now."""
        by_a_person(caller)
        async with self._adding:
            return await self._add(caller, url, given)

    async def _add(self, caller: Caller, url: str, given: EndpointChange) -> LocalEndpoint:
        if len(self._rows) >= _MOST:
            raise Conflict(f"There are {_MOST} local endpoints already. Remove one that is not used any more.")
        place = await look_up(url, self._own_ports, pin_public=True)
        owner = self._workspaces.named(caller, given.workspace_id).id if given.workspace_id is not None else None
        if any((row.url, row.workspace) == (place.url, owner) for row in self._rows.values()):
            raise Conflict("This endpoint is registered already. Change it, or have it checked again.", field="url")
        row = EndpointRow(
            id=ids.new_id("lep"),
            url=place.url,
            label=given.label or "",
            runtime=given.runtime or "auto",
            default_model=given.default_model,
            workspace=owner,
            sealed_headers=None,
            header_names="[]",
            addresses=orjson.dumps(place.addresses).decode(),
            models="[]",
            enabled=1,
            status="unreachable",
            status_reason=None,
            latency_ms=None,
            created_by=caller.name,
            created_at=now_ms(),
        )
        row = self._with_headers(row, given.plain_headers() or {})
        return self._shown(await self._keep(await self._checked(row)))

    async def change(self, caller: Caller, id: str, change: EndpointChange) -> LocalEndpoint:
        """Change what is named. With another address, headers are kept only if they are given again, since they are
        for the old one alone."""
        by_a_person(caller)
        async with self._lock(id):
            old = row = self._row(id)
            given = change.model_fields_set
            if not given:
                raise Invalid("There is nothing to change.", field="body")
            row = replace(row, **{name: getattr(change, name) for name in _PLAIN if name in given})
            row = replace(row, label=row.label or "", runtime=row.runtime or "auto")
            if change.enabled is not None:
                row = replace(row, enabled=int(change.enabled))
            if "workspace_id" in given:
                row = replace(row, workspace=self._owner(caller, change.workspace_id))
            if change.url is not None:
                row = self._moved(row, await look_up(change.url, self._own_ports, pin_public=True))
            headers = change.plain_headers()
            if headers is not None:
                row = self._with_headers(row, headers)
            if row.url != old.url or headers is not None or (row.enabled and not old.enabled):
                self._breaker.forget(id)
                row = await self._checked(row)
            shown = self._shown(await self._keep(row))
        for name in ("url", *_PLAIN, "workspace", "enabled"):
            note_change(name, getattr(old, name), getattr(row, name))
        return shown

    async def recheck(self, caller: Caller, id: str) -> LocalEndpoint:
        """Look its name up anew, and ask it what it has."""
        by_a_person(caller)
        async with self._lock(id):
            row = self._row(id)
            place = await look_up(row.url, self._own_ports, pin_public=True)
            row = replace(row, addresses=orjson.dumps(place.addresses).decode())
            return self._shown(await self._keep(await self._checked(row)))

    async def remove(self, caller: Caller, id: str) -> None:
        """Forget it; calls that run on it now come to their end. Raises `NotFound`."""
        by_a_person(caller)
        async with self._lock(id):
            self._row(id)
            await self._store.delete_endpoint(id)
            for kept in (self._rows, self._endpoints, self._locks):
                kept.pop(id, None)
            self._breaker.forget(id)
            self._changed()

    async def check_due(self, now: int) -> None:
        """Ask those that were not asked for a while: what does not answer more often."""
        due = [row.id for row in self._rows.values() if row.enabled and now >= self._next_check(row)]
        await asyncio.gather(*(self._check_again(id) for id in due))

    def note(self, notes: dict[str, Note]) -> None:
        """Take in what was written down, for showing."""
        for id in notes.keys() & self._rows.keys():
            self._rows[id] = _noted(self._rows[id], notes[id])

    def _next_check(self, row: EndpointRow) -> int:
        if row.checked_at is None:
            return 0
        well = row.status == "healthy" and self._breaker.available(row.id, "")
        return row.checked_at + (HEALTHY_CHECK_MS if well else UNREACHABLE_CHECK_MS)

    async def _check_again(self, id: str) -> None:
        if id not in self._rows:
            return
        async with self._lock(id):
            if id in self._rows:
                await self._keep(await self._checked(self._rows[id]))

    async def _checked(self, row: EndpointRow) -> EndpointRow:
        """The row with what a probe found; a healthy endpoint's circuits are closed."""
        endpoint = self._endpoint(row)
        if endpoint is None:
            return replace(row, status="refused", status_reason="Its headers must be entered again.")
        probe = await self._providers.probe(endpoint)
        if probe.ok:
            self._breaker.restore(row.id)
        return _probed(row, probe)

    async def _keep(self, row: EndpointRow) -> EndpointRow:
        await self._store.put_endpoint(row)
        self._remember(row)
        return row

    def _remember(self, row: EndpointRow) -> None:
        old = self._rows.get(row.id)
        self._rows[row.id] = row
        endpoint = self._endpoint(row)
        if endpoint is None:
            self._endpoints.pop(row.id, None)
        else:
            self._endpoints[row.id] = endpoint
        if old is None or _offered_by(old) != _offered_by(row):
            self._changed()

    def _endpoint(self, row: EndpointRow) -> Endpoint | None:
        """None where its headers cannot be opened any more."""
        headers: dict[str, str] = {}
        if row.sealed_headers is not None:
            try:
                opened = self._secrets.open(row.sealed_headers, purpose=_PURPOSE, row=f"{row.id} {row.url}")
            except Internal:
                return None
            headers = orjson.loads(opened)
        secret, others = split_credential(headers)
        provider = "custom" if row.runtime == "auto" else row.runtime
        return Endpoint(
            row.id, provider, base_of(row.url), secret,
            local=True, addresses=tuple(orjson.loads(row.addresses)), headers=others,
        )  # fmt: skip

    def _with_headers(self, row: EndpointRow, headers: Mapping[str, str]) -> EndpointRow:
        checked = checked_headers(headers)
        names = orjson.dumps(sorted(checked)).decode()
        if not checked:
            return replace(row, sealed_headers=None, header_names=names)
        text = orjson.dumps(checked).decode()
        sealed = self._secrets.seal(text, purpose=_PURPOSE, row=f"{row.id} {row.url}")
        return replace(row, sealed_headers=sealed, header_names=names)

    def _moved(self, row: EndpointRow, place: Place) -> EndpointRow:
        addresses = orjson.dumps(place.addresses).decode()
        if place.url == row.url:
            return replace(row, addresses=addresses)
        return replace(row, url=place.url, addresses=addresses, sealed_headers=None, header_names="[]", models="[]")

    def _owner(self, caller: Caller, slug: str | None) -> str | None:
        return self._workspaces.named(caller, slug).id if slug is not None else None

    def _lock(self, id: str) -> asyncio.Lock:
        self._row(id)
        return self._locks.setdefault(id, asyncio.Lock())

    def _changed(self) -> None:
        self.revision += 1
        self._events.publish(OffersChanged())

    def _row(self, id: str) -> EndpointRow:
        if id not in self._rows:
            raise NotFound("There is no such local endpoint.")
        return self._rows[id]

    def _shown(self, row: EndpointRow) -> LocalEndpoint:
        return shown(_noted(row, self._breaker.note(row.id)), self._workspaces)


def _probed(row: EndpointRow, probe: Probe) -> EndpointRow:
    at = now_ms()
    row = replace(row, checked_at=at, latency_ms=round(probe.latency_ms, 1) if probe.ok else None)
    if not probe.ok:
        status = "refused" if probe.code == INVALID else "unreachable"
        return replace(
            row, status=status, status_reason=probe.reason[:300], last_failure_at=at, last_failure_code=status
        )
    runtime = probe.kind if row.runtime == "auto" and probe.kind else row.runtime
    models = orjson.dumps(sorted(set(probe.models))[:_MOST_MODELS]).decode()
    return replace(row, status="healthy", status_reason=None, runtime=runtime, models=models, last_success_at=at)


def _noted(row: EndpointRow, note: Note) -> EndpointRow:
    if note == Note():
        return row
    return replace(
        row,
        last_success_at=note.success_at or row.last_success_at,
        last_failure_at=note.failure_at or row.last_failure_at,
        last_failure_code=note.failure_code or row.last_failure_code,
    )


def _offered_by(row: EndpointRow) -> tuple[Any, ...]:
    return (
        row.url, row.runtime, row.default_model, row.workspace, row.sealed_headers, row.addresses, row.models,
        row.enabled, row.status,
    )  # fmt: skip


def shown(row: EndpointRow, workspaces: Workspaces) -> LocalEndpoint:
    """Without the values of its headers."""
    workspace = workspaces.policy(row.workspace)
    status = row.status if row.status in ("healthy", "refused") else "unreachable"
    return LocalEndpoint.model_validate(
        {
            "id": row.id,
            "url": row.url,
            "label": row.label,
            "runtime": row.runtime,
            "default_model": row.default_model,
            "workspace_id": workspace.slug if workspace else None,
            "workspace_name": workspace.name if workspace else None,
            "status": status if row.enabled else "disabled",
            "status_reason": row.status_reason,
            "models": orjson.loads(row.models),
            "headers": orjson.loads(row.header_names),
            "addresses": orjson.loads(row.addresses),
            "latency_ms": row.latency_ms,
            "created_at": from_ms(row.created_at),
            "last_checked_at": None if row.checked_at is None else from_ms(row.checked_at),
            "last_success_at": None if row.last_success_at is None else from_ms(row.last_success_at),
            "last_failure_at": None if row.last_failure_at is None else from_ms(row.last_failure_at),
            "last_failure_code": row.last_failure_code,
        }
    )
