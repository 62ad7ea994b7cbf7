"""Puts the wallets together."""

from contextlib import AsyncExitStack
from dataclasses import dataclass

from talome.accounts.keys.service import ApiKeys
from talome.accounts.users.service import Users
from talome.accounts.workspaces.service import Workspaces
from talome.core.journal import Journal
from talome.core.kernel import Kernel
from talome.core.migrations import find_migrations
from talome.gateway.usage.service import Usage
from talome.gateway.wallet.api import WalletApi
from talome.gateway.wallet.service import Wallet
from talome.gateway.wallet.store import WalletStore
from talome.gateway.wallet.wallets import Wallets


@dataclass(frozen=True, slots=True)
class Owners:
    """Whose money it is, as the accounts know them."""

    users: Users
    keys: ApiKeys
    workspaces: Workspaces


async def open_wallet(stack: AsyncExitStack, kernel: Kernel, owners: Owners, usage: Usage) -> Wallet:
    """Open the file of the money, settle what a crash left open, and answer what is asked of it."""
    journal = Journal(kernel.settings.home / "wallet.db", durable=True)
    await journal.open(find_migrations("talome.gateway.wallet"))
    stack.push_async_callback(journal.close)
    wallet = Wallet(WalletStore(journal), usage, owners.workspaces, kernel.user_settings)
    await wallet.start()
    await stack.enter_async_context(wallet)
    kernel.registry.add(WalletApi(Wallets(wallet, owners.users, owners.keys, owners.workspaces)))
    return wallet
