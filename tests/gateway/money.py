"""Accounts, wallets and usage over real files, without a server."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from talome.accounts.keys.runtime import RuntimeKeys
from talome.accounts.keys.service import ApiKeys
from talome.accounts.keys.store import KeysStore
from talome.accounts.users.models import UserRow
from talome.accounts.users.passwords import Passwords
from talome.accounts.users.service import Users
from talome.accounts.users.store import UsersStore
from talome.accounts.workspaces.models import WorkspaceWish
from talome.accounts.workspaces.service import Workspaces
from talome.accounts.workspaces.store import WorkspacesStore
from talome.core.db import Database
from talome.core.events import Events
from talome.core.jobs.service import Jobs
from talome.core.jobs.store import JobsStore
from talome.core.kernel import Kernel
from talome.core.migrations import find_migrations
from talome.core.operations import Caller, KeyTerms, Registry
from talome.core.secrets import Secrets
from talome.core.settings.boot import BootSettings
from talome.core.settings.service import Settings
from talome.core.settings.store import SettingsStore
from talome.gateway.limits import service as limits
from talome.gateway.usage import service as usage_service
from talome.gateway.usage.models import UsageRow
from talome.gateway.usage.opening import open_usage
from talome.gateway.usage.service import Usage
from talome.gateway.wallet import service as wallet_service
from talome.gateway.wallet.models import Holder
from talome.gateway.wallet.opening import Owners, open_wallet
from talome.gateway.wallet.service import Wallet

MIGRATED = ("talome.core.settings", "talome.core.jobs", "talome.accounts.users", "talome.accounts.keys",
            "talome.accounts.workspaces")  # fmt: skip
SETTINGS = (*usage_service.SETTINGS, *wallet_service.SETTINGS, *limits.SETTINGS)
ADA = Caller("usr_ada", "ada", "user", frozenset({"*"}), session_id="s")
ADA_ROW = UserRow(
    ADA.user_id, ADA.name, ADA.name, None, "admin", "[]", "no password", 0, 0, created_at=1, last_login_at=None
)  # fmt: skip


@dataclass
class Money:
    """What the tests look at. `ada` is a person, an administrator with the credit everyone begins with."""

    ada: Caller
    wallet: Wallet
    usage: Usage
    keys: ApiKeys
    workspaces: Workspaces
    settings: Settings

    async def key(self, workspace: str | None = None, **terms: Any) -> Caller:
        """Whoever holds a new key for the gateway."""
        name = None if workspace is None else workspace.title()
        made = await RuntimeKeys(self.keys, self.workspaces).add(
            self.ada, "key", {}, (workspace, name), KeyTerms(**terms)
        )
        return await self.keys.authenticate(made.key)

    async def workspace(self, slug: str, **more: Any) -> None:
        await self.workspaces.add(self.ada, WorkspaceWish(slug, slug.title(), **more))

    async def spend(self, holder: Holder, nano: int, id: str, **row: Any) -> None:
        """A call that costs what was thought."""
        await self.wallet.settle(await self.wallet.reserve(holder, nano, id), nano, call(id, **row))


def call(id: str, **more: Any) -> UsageRow:
    return UsageRow(**{"id": id, "tier": "auto", "model": "auto", "request_type": "chat", **more})


@asynccontextmanager
async def open_money(home: Path) -> AsyncIterator[Money]:
    async with AsyncExitStack() as stack:
        kernel = await _kernel(stack, home)
        users = Users(UsersStore(kernel.db), Passwords(), kernel.secrets, kernel.registry.scopes)
        keys = ApiKeys(KeysStore(kernel.db), users, kernel.events)
        workspaces = Workspaces(WorkspacesStore(kernel.db))
        await workspaces.start()
        usage = await open_usage(stack, kernel, users, keys, workspaces)
        wallet = await open_wallet(stack, kernel, Owners(users, keys, workspaces), usage)
        if await users.find_by_id(ADA.user_id) is None:
            async with kernel.db.write() as tx:
                await users.store.put(tx, ADA_ROW)
        yield Money(ADA, wallet, usage, keys, workspaces, kernel.user_settings)


async def _kernel(stack: AsyncExitStack, home: Path) -> Kernel:
    events, secrets = Events(), Secrets(b"s" * 32)
    stack.push_async_callback(events.stop)
    db = Database(home / "talome.db", events)
    stack.push_async_callback(db.close)
    await db.open(find_migrations(*MIGRATED))
    settings = Settings(SettingsStore(db), secrets, SETTINGS)
    await settings.load()
    return Kernel(BootSettings(home), events, db, db, secrets, settings, Jobs(JobsStore(db)), Registry())
