"""One's own balance, and everyone's wallets for administrators."""

from talome.core.operations import Caller, operation
from talome.gateway.wallet.models import Balance, Grant, GrantUsd, Note, UserWallet
from talome.gateway.wallet.wallets import Wallets


class WalletApi:
    def __init__(self, wallets: Wallets) -> None:
        self._wallets = wallets

    @operation("GET", "/v1/balance", scope="gateway:read", risk="read")
    async def balance(self, caller: Caller) -> Balance:
        """Show what is left in one's wallet, and what this month's budgets have been used for."""
        return await self._wallets.balance(caller)

    @operation("GET", "/api/gateway/wallets", scope="providers:read", risk="read")
    async def list_(self, caller: Caller) -> list[UserWallet]:
        """List everyone's wallet: credit given, spent and left."""
        return await self._wallets.everyones()

    @operation("GET", "/api/gateway/wallets/{id}/grants", scope="providers:read", risk="read")
    async def grants(self, caller: Caller, id: str) -> list[Grant]:
        """List the credit a person was given, the latest first."""
        return await self._wallets.grants(id)

    @operation("POST", "/api/gateway/wallets/{id}/grants", scope="providers:write", risk="modify", status=201)
    async def grant(self, caller: Caller, id: str, amount_usd: GrantUsd, note: Note = "") -> Grant:
        """Give a person credit in dollars, or take some back with an amount below zero."""
        return await self._wallets.grant(caller, id, amount_usd, note)
