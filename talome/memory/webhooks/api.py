"""Webhooks, as ChaozCode's reference has them, with a log of deliveries beside it."""

from typing import Annotated

from pydantic import Field, SecretStr

from talome.core.models import Done
from talome.core.operations import Caller, operation
from talome.memory.webhooks.models import DeliveryList, EventName, NewWebhook, Webhook, WebhookList, WebhookTest
from talome.memory.webhooks.service import Webhooks

Secret = Annotated[SecretStr, Field(min_length=16, max_length=200)]


class WebhooksApi:
    """Faces of `Webhooks`."""

    def __init__(self, webhooks: Webhooks) -> None:
        self._webhooks = webhooks

    @operation("GET", "/v2/webhooks", scope="memory:read", risk="read")
    async def list_(self, caller: Caller) -> WebhookList:
        """List your webhooks."""
        return WebhookList(webhooks=await self._webhooks.list_(caller))

    @operation("POST", "/v2/webhooks", scope="memory:write", risk="modify", status=201)
    async def add(
        self,
        caller: Caller,
        url: Annotated[str, Field(min_length=1, max_length=2000)],
        events: Annotated[list[EventName], Field(min_length=1, max_length=20)],
        secret: Secret | None = None,
    ) -> NewWebhook:
        """Have events sent to an https address, signed. The answer alone shows the secret, which is made if omitted."""
        return await self._webhooks.add(caller, url, events, secret.get_secret_value() if secret else None)

    @operation("DELETE", "/v2/webhooks/{id}", scope="memory:write", risk="destructive")
    async def delete(self, caller: Caller, id: str) -> Done:
        """Delete a webhook, with what waits for it."""
        await self._webhooks.delete(caller, id)
        return Done()

    @operation("POST", "/v2/webhooks/{id}/test", scope="memory:write", risk="modify")
    async def test(self, caller: Caller, id: str) -> WebhookTest:
        """Send a test event now and tell how it was taken; one that arrives ends a pause."""
        return await self._webhooks.test(caller, id)

    @operation("POST", "/v2/webhooks/{id}/resume", scope="memory:write", risk="modify")
    async def resume(self, caller: Caller, id: str) -> Webhook:
        """Send to a webhook again that is paused, and try now what waits."""
        return await self._webhooks.resume(caller, id)

    @operation("GET", "/v2/webhooks/{id}/deliveries", scope="memory:read", risk="read")
    async def deliveries(
        self, caller: Caller, id: str, limit: Annotated[int, Field(ge=1, le=500)] = 50
    ) -> DeliveryList:
        """The latest deliveries: what arrived, what waits for its next attempt, what was given up and why."""
        return DeliveryList(deliveries=await self._webhooks.deliveries(caller, id, limit))
