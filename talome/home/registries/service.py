"""The sign-ins, and their use: whoever fetches an image asks here how."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from talome.core.clock import from_ms, now_ms
from talome.core.errors import Forbidden, Invalid, NotFound, TalomeError, TooMany, Unavailable
from talome.core.log import hide, redact
from talome.core.secrets import Secrets
from talome.engines.docker.models import RegistryAuth
from talome.engines.docker.names import parse_image_name, parse_registry
from talome.engines.docker.protocol import ContainerEngine
from talome.home.registries.models import RegistrySignIn
from talome.home.registries.store import RegistriesStore, RegistryRow

_PURPOSE: Final = "registries"
_LONGEST_FAILURE: Final = 400


class Registries:
    """A sign-in for each registry, by its host."""

    def __init__(self, store: RegistriesStore, secrets: Secrets, engine: ContainerEngine) -> None:
        self._store = store
        self._secrets = secrets
        self._engine = engine

    async def all(self) -> list[RegistrySignIn]:
        """By host."""
        return [_shown(row) for row in await self._store.all()]

    async def add(self, host: str, username: str, password: str, *, by: str) -> RegistrySignIn:
        """Try it, then keep it, instead of an older one of this registry. Nothing is kept of what is refused."""
        host = parse_registry(host)
        await self._try(RegistryAuth(username, password, host))
        sealed = self._secrets.seal(password, purpose=_PURPOSE, row=host)
        row = RegistryRow(host, username, sealed, by, now_ms(), now_ms(), None, None)
        await self._store.put(row)
        return _shown(row)

    async def check(self, host: str) -> RegistrySignIn:
        """Try the kept one again; the answer tells how it went."""
        row = await self._row(host)
        auth = self._auth(row)
        try:
            await self._try(auth)
        except TalomeError as error:
            await self._store.note_failure(row.host, now_ms(), _harmless(error, auth))
        else:
            await self._store.note_success(row.host, now_ms())
        return _shown(await self._row(row.host))

    async def remove(self, host: str) -> None:
        """Raises `NotFound`."""
        if not await self._store.delete((await self._row(host)).host):
            raise NotFound(f"There is no sign-in for {host} any more.")

    @asynccontextmanager
    async def signed_in(self, image: str) -> AsyncIterator[RegistryAuth | None]:
        """How to ask the registry of an image, for the time of the block; None where nobody signed in to it. How the
        block ends is noted, as far as it tells something about the sign-in."""
        row = await self._store.get(parse_image_name(image).registry.lower())
        if row is None:
            yield None
            return
        auth = self._auth(row)
        try:
            yield auth
        except (Forbidden, TooMany, Unavailable) as error:
            await self._store.note_failure(row.host, now_ms(), _harmless(error, auth))
            raise
        await self._store.note_success(row.host, now_ms())

    async def _row(self, host: str) -> RegistryRow:
        try:
            row = await self._store.get(parse_registry(host))
        except Invalid:
            row = None
        if row is None:
            raise NotFound(f"There is no sign-in for {host}.")
        return row

    def _auth(self, row: RegistryRow) -> RegistryAuth:
        return RegistryAuth(row.username, self._secrets.open(row.sealed, purpose=_PURPOSE, row=row.host), row.host)

    async def _try(self, auth: RegistryAuth) -> None:
        try:
            await self._engine.images.sign_in(auth)
        except Forbidden:
            raise Invalid(f"{auth.server} does not accept this user name and password.", field="password") from None


def _harmless(error: TalomeError, auth: RegistryAuth) -> str:
    return redact(hide(error.message, [auth.password]))[:_LONGEST_FAILURE]


def _shown(row: RegistryRow) -> RegistrySignIn:
    return RegistrySignIn(
        host=row.host,
        username=row.username,
        added_by=row.added_by,
        added_at=from_ms(row.added_at),
        last_success_at=None if row.succeeded_at is None else from_ms(row.succeeded_at),
        last_failure_at=None if row.failed_at is None else from_ms(row.failed_at),
        failure=row.failure,
    )
