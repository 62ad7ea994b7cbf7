"""The wallets as people see them: their own balance and budgets, and everyone's for administrators."""

from talome.accounts.keys.service import ApiKeys
from talome.accounts.users.service import Users
from talome.accounts.workspaces.service import Workspaces, by_a_person, to_nano, to_usd
from talome.core.clock import from_ms
from talome.core.operations import Caller
from talome.gateway.wallet.models import Balance, Budget, Grant, UserWallet
from talome.gateway.wallet.service import Wallet
from talome.gateway.wallet.store import GrantRow


class Wallets:
    def __init__(self, wallet: Wallet, users: Users, keys: ApiKeys, workspaces: Workspaces) -> None:
        self._wallet = wallet
        self._users = users
        self._keys = keys
        self._workspaces = workspaces

    async def balance(self, caller: Caller) -> Balance:
        """What the caller has, and the budgets of the caller's keys and workspaces; a key sees its own."""
        account = self._wallet.account(caller.user_id)
        return Balance(
            balance_usd=to_usd(account.balance),
            reserved_usd=to_usd(account.reserved),
            granted_usd=to_usd(account.granted),
            spent_usd=to_usd(account.spent),
            spent_this_month_usd=self._spent(f"user:{caller.user_id}"),
            budgets=[*self._of_workspaces(caller), *await self._of_keys(caller)],
        )

    def _spent(self, subject: str) -> float:
        return to_usd(self._wallet.this_month(subject).spent)

    def _of_workspaces(self, caller: Caller) -> list[Budget]:
        own = self._workspaces.of_user(caller.user_id)
        return [
            Budget(
                kind="workspace",
                id=item.slug,
                name=item.name,
                monthly_budget_usd=None if item.monthly_budget_nano is None else to_usd(item.monthly_budget_nano),
                spent_usd=self._spent(f"workspace:{item.id}"),
            )
            for item in own
            if caller.key_id is None or item.id == caller.workspace
        ]

    async def _of_keys(self, caller: Caller) -> list[Budget]:
        own = await self._keys.budgets_of(caller.user_id)
        return [
            Budget(
                kind="key",
                id=key_id,
                name=name,
                monthly_budget_usd=None if budget is None else to_usd(budget),
                spent_usd=self._spent(f"key:{key_id}"),
            )
            for key_id, name, budget in own
            if caller.key_id in (None, key_id)
        ]

    async def everyones(self) -> list[UserWallet]:
        found = []
        for user in await self._users.list_():
            account = self._wallet.account(user.id)
            wallet = UserWallet(
                user_id=user.id,
                name=user.display_name or user.username,
                balance_usd=to_usd(account.balance),
                reserved_usd=to_usd(account.reserved),
                granted_usd=to_usd(account.granted),
                spent_usd=to_usd(account.spent),
                spent_this_month_usd=self._spent(f"user:{user.id}"),
            )
            found.append(wallet)
        return found

    async def grant(self, caller: Caller, user_id: str, amount_usd: float, note: str) -> Grant:
        by_a_person(caller)
        user = await self._users.get(user_id)
        return _shown(await self._wallet.grant(user.id, to_nano(amount_usd), note, caller.name))

    async def grants(self, user_id: str) -> list[Grant]:
        user = await self._users.get(user_id)
        return [_shown(row) for row in await self._wallet.grants(user.id)]


def _shown(row: GrantRow) -> Grant:
    return Grant(id=row.id, amount_usd=to_usd(row.nano), note=row.note, given_by=row.given_by, at=from_ms(row.at))
