"""What is asked of a candidate for each kind of media. None of them streams events."""

from collections.abc import Awaitable, Callable

from talome.engines.providers.models import Endpoint
from talome.gateway.inference.models import Done
from talome.gateway.routing.models import Candidate


class Single:
    """An exchange that has one answer; `call` gets the endpoint and the name of the model."""

    def __init__(self, call: Callable[[Endpoint, str], Awaitable[Done]]) -> None:
        self._call = call

    async def once(self, candidate: Candidate, _cap: int) -> Done:
        return await self._call(candidate.offer.endpoint, candidate.offer.model_name)

    def is_native(self, _candidate: Candidate) -> bool:
        return True
