"""One's own devices that get notifications."""

from typing import Annotated

from pydantic import Field, SecretStr

from talome.core.models import Done
from talome.core.operations import Caller, operation
from talome.engines.webpush import Target
from talome.home.push.models import PushKeys, PushState, PushSubscription, PushTest
from talome.home.push.service import Push

Endpoint = Annotated[SecretStr, Field(min_length=1, max_length=2000)]


class PushApi:
    """Faces of `Push`."""

    def __init__(self, push: Push) -> None:
        self._push = push

    @operation("GET", "/api/push", scope="notifications:read", risk="read")
    async def get(self, caller: Caller, endpoint: Endpoint | None = None) -> PushState:
        """Your devices that get notifications, and the key to subscribe with; `endpoint` marks the one that asks."""
        return await self._push.state(caller, endpoint.get_secret_value() if endpoint else None)

    @operation("POST", "/api/push", scope="notifications:write", risk="modify", status=201)
    async def subscribe(
        self, caller: Caller, endpoint: Endpoint, keys: PushKeys, everything: bool = False
    ) -> PushSubscription:
        """Have notifications sent to a browser; `everything` is more than what needs attention."""
        target = Target(endpoint.get_secret_value(), keys.p256dh, keys.auth.get_secret_value())
        return await self._push.subscribe(caller, target, everything=everything)

    @operation("DELETE", "/api/push", scope="notifications:write", risk="modify")
    async def unsubscribe(
        self, caller: Caller, id: Annotated[str, Field(max_length=100)] | None = None, endpoint: Endpoint | None = None
    ) -> Done:
        """Send nothing more to one of your devices, named by `id` or by `endpoint`."""
        await self._push.unsubscribe(caller, id, endpoint.get_secret_value() if endpoint else None)
        return Done()

    @operation("POST", "/api/push/test", scope="notifications:write", risk="modify")
    async def test(self, caller: Caller, id: Annotated[str, Field(max_length=100)] | None = None) -> PushTest:
        """Send a test to all of your devices, or to one."""
        return await self._push.test(caller, id)
