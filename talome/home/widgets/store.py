"""SQL of the widgets."""

from dataclasses import asdict, dataclass

from talome.core.db import Database, Transaction


@dataclass(frozen=True, slots=True)
class WidgetRow:
    """`manifest` is JSON, times are milliseconds since 1970."""

    id: str
    user_id: str
    manifest: str
    created_at: int
    changed_at: int


class WidgetsStore:
    def __init__(self, db: Database) -> None:
        self.db = db

    async def of_user(self, user_id: str) -> list[WidgetRow]:
        rows = await self.db.fetch_all("SELECT * FROM widgets WHERE user_id = ? ORDER BY created_at, id", (user_id,))
        return [WidgetRow(**dict(row)) for row in rows]

    async def count(self, tx: Transaction, user_id: str) -> int:
        row = await tx.fetch_one("SELECT count(*) FROM widgets WHERE user_id = ?", (user_id,))
        return int(row[0]) if row else 0

    async def add(self, tx: Transaction, row: WidgetRow) -> None:
        await tx.execute(
            "INSERT INTO widgets (id, user_id, manifest, created_at, changed_at) "
            "VALUES (:id, :user_id, :manifest, :created_at, :changed_at)",
            asdict(row),
        )

    async def change(self, tx: Transaction, widget_id: str, user_id: str, manifest: str, at: int) -> bool:
        """False where it is not this person's, or not there."""
        changed = await tx.execute(
            "UPDATE widgets SET manifest = ?, changed_at = ? WHERE id = ? AND user_id = ?",
            (manifest, at, widget_id, user_id),
        )
        return changed == 1

    async def delete(self, tx: Transaction, widget_id: str, user_id: str) -> bool:
        return await tx.execute("DELETE FROM widgets WHERE id = ? AND user_id = ?", (widget_id, user_id)) == 1

    async def layout(self, user_id: str) -> str | None:
        row = await self.db.fetch_one("SELECT places FROM widget_layouts WHERE user_id = ?", (user_id,))
        return str(row[0]) if row else None

    async def keep_layout(self, tx: Transaction, user_id: str, places: str, at: int) -> None:
        await tx.execute(
            "INSERT INTO widget_layouts (user_id, places, changed_at) VALUES (?, ?, ?) "
            "ON CONFLICT (user_id) DO UPDATE SET places = excluded.places, changed_at = excluded.changed_at",
            (user_id, places, at),
        )

    async def forget_layout(self, tx: Transaction, user_id: str) -> None:
        await tx.execute("DELETE FROM widget_layouts WHERE user_id = ?", (user_id,))
