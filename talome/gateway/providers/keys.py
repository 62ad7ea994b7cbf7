"""Keys for providers: tried before they are kept, sealed, sent to their own origin only, never told again."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

import orjson

from talome.accounts.workspaces.service import Workspaces, by_a_person
from talome.core import ids
from talome.core.clock import from_ms, now_ms
from talome.core.errors import Conflict, Internal, Invalid, NotFound
from talome.core.events import Events
from talome.core.operations import Caller
from talome.core.secrets import Secrets
from talome.engines.providers.models import Endpoint, UpstreamError
from talome.engines.providers.providers import Providers
from talome.engines.providers.quirks import BASE_URLS
from talome.gateway.providers.addresses import look_up
from talome.gateway.providers.breaker import INVALID, Breaker, Note
from talome.gateway.providers.models import NewProviderKey, OffersChanged, ProviderKey, ProviderKeyList
from talome.gateway.providers.store import KeyRow, ProvidersStore

_PURPOSE: Final = "provider-keys"
_MOST: Final = 200
_MOST_MODELS: Final = 5000


class ProviderKeys:
    """All keys are in memory, opened, for as long as the server runs."""

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
        self._rows: dict[str, KeyRow] = {}
        self._endpoints: dict[str, Endpoint] = {}
        self.revision = 0
        """Grows with every change of what is offered."""

    async def start(self) -> None:
        """Read and open them. One that cannot be opened is shown as invalid and never used."""
        for row in await self._store.keys():
            self._remember(row)
            if row.last_failure_code in ("401", INVALID) and (row.last_failure_at or 0) > (row.last_success_at or 0):
                self._breaker.mark_invalid(row.id)

    def offered(self) -> list[tuple[KeyRow, Endpoint, list[str]]]:
        """Each key with what its provider listed for it; nothing where it was not asked."""
        return [
            (row, self._endpoints[row.id], orjson.loads(row.models))
            for row in self._rows.values()
            if row.id in self._endpoints
        ]

    def list_(self, caller: Caller, workspace: str | None) -> ProviderKeyList:
        """All of the house, or of one workspace."""
        by_a_person(caller)
        wanted = self._workspaces.named(caller, workspace).id if workspace is not None else None
        return ProviderKeyList(
            data=[self._shown(row) for row in self._rows.values() if wanted in (None, row.workspace)]
        )

    async def add(
        self, caller: Caller, provider: str, secret: str, *, label: str, workspace: str | None, base_url: str | None,
        models: Sequence[str] = (),
    ) -> NewProviderKey:  # fmt: skip
        """Try the key, then keep it. A provider that cannot be asked right now does not stand in the way. With `models`
        only these are used, whatever else it has."""
        by_a_person(caller)
        if len(self._rows) >= _MOST:
            raise Conflict(f"There are {_MOST} keys already. Remove one that is not used any more.")
        owner = self._workspaces.named(caller, workspace).id if workspace is not None else None
        secret = _clean(secret)
        origin, addresses = await self._origin(provider, base_url)
        endpoint = Endpoint(ids.new_id("pky"), provider, origin, secret, addresses=addresses)
        listed, verified = await self._try(endpoint)
        offered = sorted(set(models)) or listed
        at = now_ms()
        row = KeyRow(
            endpoint.id, provider, label, owner, origin, self._sealed(endpoint), _json(addresses), _json(offered),
            caller.name, at, int(verified), int(bool(models)), at if verified else None,
        )  # fmt: skip
        await self._store.put_key(row)
        self._remember(row)
        return NewProviderKey(
            id=row.id, provider=provider, label=label, workspace_id=workspace,
            status="active" if verified else "unverified", models=len(offered),
        )  # fmt: skip

    async def check(self, caller: Caller, id: str) -> ProviderKey:
        """Ask the provider anew whether it takes the key, and what it has."""
        by_a_person(caller)
        self._row(id)
        endpoint = self._endpoints.get(id)
        if endpoint is None:
            raise Conflict("This key cannot be opened any more, since TALOME_SECRET is another one. Enter it again.")
        try:
            models = await self._listed(endpoint)
        except UpstreamError as error:
            self._breaker.failed(id, "", error)
        else:
            row = self._row(id)  # it may have been removed meanwhile
            self._breaker.restore(id)
            offered = row.models if row.chosen else _json(models)
            row = replace(row, models=offered, verified=1, last_success_at=now_ms(), reset_at=None)
            await self._store.put_key(row)
            self._remember(row)
        return self._shown(self._row(id))

    async def remove(self, caller: Caller, id: str) -> None:
        """Forget a key; calls that use it now come to their end. Raises `NotFound`."""
        by_a_person(caller)
        self._row(id)
        await self._store.delete_key(id)
        self._rows.pop(id, None)
        self._endpoints.pop(id, None)
        self._breaker.forget(id)
        self._changed()

    def note(self, notes: dict[str, Note]) -> None:
        """Take in what was written down, for showing."""
        for id in notes.keys() & self._rows.keys():
            self._rows[id] = _noted(self._rows[id], notes[id])

    def _remember(self, row: KeyRow) -> None:
        self._rows[row.id] = row
        self._changed()
        if row.id in self._endpoints:
            return
        try:
            secret = self._secrets.open(row.sealed, purpose=_PURPOSE, row=f"{row.id} {row.base_url}")
        except Internal:
            self._breaker.mark_invalid(row.id)
            return
        addresses = tuple(orjson.loads(row.addresses))
        self._endpoints[row.id] = Endpoint(row.id, row.provider, row.base_url, secret, addresses=addresses)

    def _changed(self) -> None:
        self.revision += 1
        self._events.publish(OffersChanged())

    def _sealed(self, endpoint: Endpoint) -> str:
        """Tied to its row and its origin: elsewhere it cannot be opened."""
        return self._secrets.seal(endpoint.secret, purpose=_PURPOSE, row=f"{endpoint.id} {endpoint.base_url}")

    def _row(self, id: str) -> KeyRow:
        if id not in self._rows:
            raise NotFound("There is no such provider key.")
        return self._rows[id]

    async def _origin(self, provider: str, base_url: str | None) -> tuple[str, tuple[str, ...]]:
        if base_url is None:
            if provider not in BASE_URLS:
                raise Invalid("A custom provider needs its “base_url”.", field="base_url")
            return BASE_URLS[provider], ()
        place = await look_up(base_url, self._own_ports, pin_public=False)
        return place.base_url, place.addresses

    async def _try(self, endpoint: Endpoint) -> tuple[list[str], bool]:
        try:
            return await self._listed(endpoint), True
        except UpstreamError as error:
            if error.kind == INVALID:
                raise Invalid(f"{endpoint.provider} does not accept this key.", field="secret") from None
            return [], False

    async def _listed(self, endpoint: Endpoint) -> list[str]:
        return sorted(set(await self._providers.models(endpoint)))[:_MOST_MODELS]

    def _shown(self, row: KeyRow) -> ProviderKey:
        row = _noted(row, self._breaker.note(row.id))
        workspace = self._workspaces.policy(row.workspace)
        waits = row.reset_at is not None and row.reset_at > now_ms()
        status = "active" if row.verified else "unverified"
        return ProviderKey(
            id=row.id,
            provider=row.provider,
            label=row.label,
            workspace_id=workspace.slug if workspace else None,
            workspace_name=workspace.name if workspace else None,
            status="invalid" if self._breaker.is_invalid(row.id) else "cooling" if waits else status,
            base_url=row.base_url,
            models=len(orjson.loads(row.models)),
            created_at=from_ms(row.created_at),
            last_success_at=_moment(row.last_success_at),
            last_failure_at=_moment(row.last_failure_at),
            last_failure_code=row.last_failure_code,
            estimated_reset_at=_moment(row.reset_at) if waits else None,
        )


def _noted(row: KeyRow, note: Note) -> KeyRow:
    if note == Note():
        return row
    return replace(
        row,
        last_success_at=note.success_at or row.last_success_at,
        last_failure_at=note.failure_at or row.last_failure_at,
        last_failure_code=note.failure_code or row.last_failure_code,
        reset_at=note.reset_at,
        verified=int(bool(row.verified or note.success_at)),
    )


def _clean(secret: str) -> str:
    """Without the white space that copying adds. Raises `Invalid` for what no header can carry."""
    secret = secret.strip()
    if (
        not secret
        or not secret.isascii()
        or any(character.isspace() or not character.isprintable() for character in secret)
    ):
        raise Invalid("This is not a key: it must be one word of plain characters.", field="secret")
    return secret


def _json(texts: Sequence[str]) -> str:
    return orjson.dumps(texts).decode()


def _moment(milliseconds: int | None) -> datetime | None:
    return None if milliseconds is None else from_ms(milliseconds)
