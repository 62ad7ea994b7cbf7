"""SQL of the settings."""

from dataclasses import dataclass

from talome.core.db import Database, Transaction


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """One change; `old` and `new` are JSON texts."""

    id: str
    key: str
    old: str | None
    new: str | None
    at: int
    by: str


class SettingsStore:
    def __init__(self, db: Database) -> None:
        self.db = db

    async def all(self) -> dict[str, str]:
        return {row["key"]: row["value"] for row in await self.db.fetch_all("SELECT key, value FROM settings")}

    async def put(self, tx: Transaction, key: str, value: str | None, at: int) -> None:
        """Set a value, or go back to the default where it is None."""
        if value is None:
            await tx.execute("DELETE FROM settings WHERE key = ?", (key,))
        else:
            await tx.execute(
                "INSERT INTO settings (key, value, changed_at) VALUES (?, ?, ?) "
                "ON CONFLICT (key) DO UPDATE SET value = excluded.value, changed_at = excluded.changed_at",
                (key, value, at),
            )

    async def add_change(self, tx: Transaction, row: ChangeRow) -> None:
        await tx.execute(
            "INSERT INTO settings_history (id, key, old, new, at, by) VALUES (?, ?, ?, ?, ?, ?)",
            (row.id, row.key, row.old, row.new, row.at, row.by),
        )

    async def changes(self, limit: int, key: str | None) -> list[ChangeRow]:
        """The latest first, of one setting or of all."""
        rows = await self.db.fetch_all(
            "SELECT id, key, old, new, at, by FROM settings_history WHERE :key IS NULL OR key = :key "
            "ORDER BY at DESC, id DESC LIMIT :limit",
            {"key": key, "limit": limit},
        )
        return [ChangeRow(*row) for row in rows]

    async def last_changes(self) -> list[ChangeRow]:
        """The last change of each setting, in the order of writing: somebody may have moved the clock."""
        rows = await self.db.fetch_all(
            "SELECT id, key, old, new, at, by FROM settings_history "
            "WHERE rowid IN (SELECT max(rowid) FROM settings_history GROUP BY key)"
        )
        return [ChangeRow(*row) for row in rows]
