"""SQL of the workspaces."""

from dataclasses import asdict, dataclass

from talome.core.db import Database, Transaction


@dataclass(frozen=True, slots=True)
class WorkspaceRow:
    """As kept: `metadata` is a JSON object, times are milliseconds since 1970."""

    id: str
    user_id: str
    slug: str
    name: str
    status: str
    metadata: str
    monthly_budget_nano: int | None
    local_only: int
    created_at: int
    updated_at: int


class WorkspacesStore:
    def __init__(self, db: Database) -> None:
        self.db = db

    async def all(self) -> list[WorkspaceRow]:
        rows = await self.db.fetch_all("SELECT * FROM workspaces ORDER BY created_at, id")
        return [WorkspaceRow(**dict(row)) for row in rows]

    async def add(self, tx: Transaction, row: WorkspaceRow) -> bool:
        """False where its owner has one of this name."""
        added = await tx.execute(
            "INSERT INTO workspaces (id, user_id, slug, name, status, metadata, monthly_budget_nano, local_only, "
            "created_at, updated_at) VALUES (:id, :user_id, :slug, :name, :status, :metadata, :monthly_budget_nano, "
            ":local_only, :created_at, :updated_at) ON CONFLICT (user_id, slug) DO NOTHING",
            asdict(row),
        )
        return added == 1

    async def change(self, tx: Transaction, row: WorkspaceRow) -> None:
        await tx.execute(
            "UPDATE workspaces SET name = :name, status = :status, metadata = :metadata, "
            "monthly_budget_nano = :monthly_budget_nano, local_only = :local_only, updated_at = :updated_at "
            "WHERE id = :id",
            asdict(row),
        )
