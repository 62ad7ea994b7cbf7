"""Puts the webhooks together."""

from contextlib import AsyncExitStack

from talome.core.db import Database
from talome.core.kernel import Kernel
from talome.memory.owners import Owners
from talome.memory.spaces import Spaces
from talome.memory.webhooks.api import WebhooksApi
from talome.memory.webhooks.models import OutboxFilled
from talome.memory.webhooks.outbox import Outbox
from talome.memory.webhooks.sender import WebhookSender
from talome.memory.webhooks.service import Webhooks
from talome.memory.webhooks.store import Stores


async def open_webhooks(stack: AsyncExitStack, kernel: Kernel, db: Database, owners: Owners, spaces: Spaces) -> Outbox:
    """Begin to send what waits, and answer what is asked of it."""

    async def readable(user_id: str, workspace: str | None) -> frozenset[str]:
        caller = await owners.caller(user_id, workspace=workspace)
        return frozenset() if caller is None else spaces.all_of(caller)

    stores = Stores(db)
    outbox = Outbox(stores.outbox)
    await outbox.load()
    sender = WebhookSender(stores, kernel.secrets, kernel.user_settings, readable)
    kernel.events.on(OutboxFilled, lambda _: sender.wake())
    await stack.enter_async_context(sender)
    kernel.registry.add(WebhooksApi(Webhooks(stores, kernel.secrets, kernel.user_settings, outbox, sender)))
    return outbox
