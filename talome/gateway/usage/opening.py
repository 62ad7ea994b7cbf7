"""Puts the usage together."""

from contextlib import AsyncExitStack

from talome.accounts.keys.service import ApiKeys
from talome.accounts.users.service import Users
from talome.accounts.workspaces.service import Workspaces
from talome.core.journal import Journal
from talome.core.kernel import Kernel
from talome.core.migrations import find_migrations
from talome.gateway.usage.api import UsageApi
from talome.gateway.usage.service import Usage
from talome.gateway.usage.store import UsageStore


async def open_usage(
    stack: AsyncExitStack, kernel: Kernel, users: Users, keys: ApiKeys, workspaces: Workspaces
) -> Usage:
    """Open the file of the usage, and answer what is asked of it."""
    journal = Journal(kernel.settings.home / "usage.db", durable=False, patience_s=0.05, most_waiting=50_000)
    await journal.open(find_migrations("talome.gateway.usage"))
    stack.push_async_callback(journal.close)
    usage = Usage(UsageStore(journal), kernel.user_settings, workspaces, keys, users)
    await usage.start()
    await stack.enter_async_context(usage)
    kernel.registry.add(UsageApi(usage))
    return usage
