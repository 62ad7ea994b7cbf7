"""SQL of the wallets; their file has a writer of its own."""

from dataclasses import dataclass
from typing import Final

from talome.core.journal import Journal, Statement
from talome.gateway.wallet.models import Reservation

_OPEN: Final = "INSERT INTO wallets (user_id, granted, spent) VALUES (?, 0, 0) ON CONFLICT (user_id) DO NOTHING"
_GRANT: Final = "INSERT INTO wallet_grants (id, user_id, nano, note, given_by, at) VALUES (?, ?, ?, ?, ?, ?)"
_GRANTED: Final = "UPDATE wallets SET granted = granted + ? WHERE user_id = ?"
_WRITE: Final = (
    "INSERT INTO wallet_charges (user_id, request_id, body_hash, key_id, workspace, state, held, charged, usage_id, "
    "at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (user_id, request_id) DO UPDATE SET "
    "body_hash = excluded.body_hash, key_id = excluded.key_id, workspace = excluded.workspace, "
    "state = excluded.state, held = excluded.held, charged = excluded.charged, usage_id = excluded.usage_id, "
    "at = excluded.at WHERE state != 'settled'"
)
_SPENT: Final = "UPDATE wallets SET spent = ? WHERE user_id = ?"
_SPENT_IN_MONTH: Final = (
    "INSERT INTO wallet_spending (subject, month, spent) VALUES (?, ?, ?) "
    "ON CONFLICT (subject, month) DO UPDATE SET spent = excluded.spent"
)


@dataclass(frozen=True, slots=True)
class WalletRow:
    user_id: str
    granted: int
    spent: int


@dataclass(frozen=True, slots=True)
class GrantRow:
    """`nano` is below zero where credit was taken back; `at` is milliseconds since 1970."""

    id: str
    user_id: str
    nano: int
    note: str
    given_by: str
    at: int


@dataclass(frozen=True, slots=True)
class ChargeRow:
    """A charge as kept."""

    user_id: str
    request_id: str
    body_hash: str
    key_id: str | None
    workspace: str | None
    state: str
    held: int
    charged: int
    usage_id: str
    at: int


class WalletStore:
    def __init__(self, journal: Journal) -> None:
        self.journal = journal

    async def wallets(self) -> list[WalletRow]:
        rows = await self.journal.fetch_all("SELECT user_id, granted, spent FROM wallets")
        return [WalletRow(**dict(row)) for row in rows]

    async def spending(self, month: str) -> dict[str, int]:
        sql = "SELECT subject, spent FROM wallet_spending WHERE month = ?"
        return {row["subject"]: row["spent"] for row in await self.journal.fetch_all(sql, (month,))}

    async def grants(self, user_id: str) -> list[GrantRow]:
        sql = "SELECT * FROM wallet_grants WHERE user_id = ? ORDER BY at DESC, id DESC LIMIT 500"
        return [GrantRow(**dict(row)) for row in await self.journal.fetch_all(sql, (user_id,))]

    async def charge(self, user_id: str, request_id: str) -> ChargeRow | None:
        sql = "SELECT * FROM wallet_charges WHERE user_id = ? AND request_id = ?"
        rows = await self.journal.fetch_all(sql, (user_id, request_id))
        return ChargeRow(**dict(rows[0])) if rows else None

    async def settled_since(self, at: int) -> list[ChargeRow]:
        sql = "SELECT * FROM wallet_charges WHERE at >= ? AND state = 'settled' AND usage_id != ''"
        return [ChargeRow(**dict(row)) for row in await self.journal.fetch_all(sql, (at,))]

    async def release_all(self, at: int) -> int:
        """Let go of everything that is held; returns how many there were."""
        rows = await self.journal.fetch_all("SELECT COUNT(*) FROM wallet_charges WHERE state = 'held'")
        await self.journal.kept(("UPDATE wallet_charges SET state = 'released', at = ? WHERE state = 'held'", (at,)))
        return int(rows[0][0])

    async def forget(self, before: int) -> None:
        """Drop old charges; what they came to stays in the sums."""
        await self.journal.kept(("DELETE FROM wallet_charges WHERE at < ? AND state != 'held'", (before,)))


def granted(row: GrantRow) -> tuple[Statement, ...]:
    """What writes a grant, and a wallet where there is none yet."""
    return (
        (_OPEN, (row.user_id,)),
        (_GRANT, (row.id, row.user_id, row.nano, row.note, row.given_by, row.at)),
        (_GRANTED, (row.nano, row.user_id)),
    )


def written(one: Reservation, at: int, charged: int = 0, usage_id: str = "") -> Statement:
    """What keeps a reservation as it is now; one that is settled is never written again."""
    holder = one.holder
    return _WRITE, (
        holder.user_id, one.request_id, one.body_hash, holder.key_id, holder.workspace,
        one.state, one.nano, charged, usage_id, at,
    )  # fmt: skip


def spent(user_id: str, nano: int) -> Statement:
    """The sum of all that a person ever paid."""
    return _SPENT, (nano, user_id)


def spent_in_month(subject: str, month: str, nano: int) -> Statement:
    return _SPENT_IN_MONTH, (subject, month, nano)
