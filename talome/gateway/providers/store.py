"""SQL of the providers."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from talome.core.db import Database
from talome.gateway.providers.breaker import Note


@dataclass(frozen=True, slots=True)
class KeyRow:
    """Times are milliseconds since 1970; `addresses` and `models` are JSON lists."""

    id: str
    provider: str
    label: str
    workspace: str | None
    base_url: str
    sealed: str
    addresses: str
    models: str
    created_by: str
    created_at: int
    verified: int
    chosen: int = 0
    last_success_at: int | None = None
    last_failure_at: int | None = None
    last_failure_code: str | None = None
    reset_at: int | None = None


@dataclass(frozen=True, slots=True)
class EndpointRow:
    """Times are milliseconds since 1970; `header_names`, `addresses` and `models` are JSON lists."""

    id: str
    url: str
    label: str
    runtime: str
    default_model: str | None
    workspace: str | None
    sealed_headers: str | None
    header_names: str
    addresses: str
    models: str
    enabled: int
    status: str
    status_reason: str | None
    latency_ms: float | None
    created_by: str
    created_at: int
    checked_at: int | None = None
    last_success_at: int | None = None
    last_failure_at: int | None = None
    last_failure_code: str | None = None


class ProvidersStore:
    def __init__(self, db: Database) -> None:
        self.db = db

    async def keys(self) -> list[KeyRow]:
        rows = await self.db.fetch_all("SELECT * FROM provider_keys ORDER BY id")
        return [KeyRow(**dict(row)) for row in rows]

    async def put_key(self, row: KeyRow) -> None:
        async with self.db.write() as tx:
            await tx.execute(
                "INSERT OR REPLACE INTO provider_keys (id, provider, label, workspace, base_url, sealed, addresses, "
                "models, created_by, created_at, verified, chosen, last_success_at, last_failure_at, "
                "last_failure_code, reset_at) VALUES (:id, :provider, :label, :workspace, :base_url, :sealed, "
                ":addresses, :models, :created_by, :created_at, :verified, :chosen, :last_success_at, "
                ":last_failure_at, :last_failure_code, :reset_at)",
                asdict(row),
            )

    async def delete_key(self, id: str) -> bool:
        async with self.db.write() as tx:
            return await tx.execute("DELETE FROM provider_keys WHERE id = ?", (id,)) == 1

    async def endpoints(self) -> list[EndpointRow]:
        rows = await self.db.fetch_all("SELECT * FROM local_endpoints ORDER BY id")
        return [EndpointRow(**dict(row)) for row in rows]

    async def put_endpoint(self, row: EndpointRow) -> None:
        async with self.db.write() as tx:
            await tx.execute(
                "INSERT OR REPLACE INTO local_endpoints (id, url, label, runtime, default_model, workspace, "
                "sealed_headers, header_names, addresses, models, enabled, status, status_reason, latency_ms, "
                "created_by, created_at, checked_at, last_success_at, last_failure_at, last_failure_code) VALUES "
                "(:id, :url, :label, :runtime, :default_model, :workspace, :sealed_headers, :header_names, "
                ":addresses, :models, :enabled, :status, :status_reason, :latency_ms, :created_by, :created_at, "
                ":checked_at, :last_success_at, :last_failure_at, :last_failure_code)",
                asdict(row),
            )

    async def delete_endpoint(self, id: str) -> bool:
        async with self.db.write() as tx:
            return await tx.execute("DELETE FROM local_endpoints WHERE id = ?", (id,)) == 1

    async def write_notes(self, notes: Mapping[str, Note]) -> None:
        """What last happened at each, whichever table it is in; what a note does not know stays."""
        rows = [{"id": id, **asdict(note)} for id, note in notes.items()]
        async with self.db.write() as tx:
            await tx.execute_many(
                "UPDATE provider_keys SET last_success_at = COALESCE(:success_at, last_success_at), "
                "last_failure_at = COALESCE(:failure_at, last_failure_at), "
                "last_failure_code = COALESCE(:failure_code, last_failure_code), reset_at = :reset_at, "
                "verified = MAX(verified, :success_at IS NOT NULL) WHERE id = :id",
                rows,
            )
            await tx.execute_many(
                "UPDATE local_endpoints SET last_success_at = COALESCE(:success_at, last_success_at), "
                "last_failure_at = COALESCE(:failure_at, last_failure_at), "
                "last_failure_code = COALESCE(:failure_code, last_failure_code) WHERE id = :id",
                rows,
            )
