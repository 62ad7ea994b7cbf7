"""Operations on what runs without Talome."""

from talome.core.operations import Caller, operation
from talome.home.adopt.models import AdoptionPlan, FoundApp, FoundId
from talome.home.adopt.service import Adopt
from talome.home.jobs.models import Job
from talome.home.manifest import SafeName


class AdoptApi:
    """Faces of `Adopt`."""

    def __init__(self, adopt: Adopt) -> None:
        self._adopt = adopt

    @operation("GET", "/api/adopt", scope="apps:read", risk="read")
    async def list_(self, caller: Caller) -> list[FoundApp]:
        """Compose projects and containers on this machine that Talome did not make, with who did."""
        return await self._adopt.all()

    @operation("GET", "/api/adopt/{id}", scope="apps:write", risk="read")
    async def plan(self, caller: Caller, id: FoundId) -> AdoptionPlan:
        """The app that it would be: what is restarted, what cannot be carried over, its rights, and the difference to
        what Talome would write."""
        return await self._adopt.plan(id)

    @operation("POST", "/api/adopt/{id}", scope="apps:write", risk="modify")
    async def take(self, caller: Caller, id: FoundId, accept_risks: bool = False) -> Job:
        """Take it over. A Compose project goes on running; its folders and volumes stay where they are, and are never
        deleted with the app. A container without a Compose file is made anew from the same image."""
        accepted = accept_risks and caller.kind == "user"
        return Job.of(await self._adopt.adopt(id, accept_risks=accepted, by=caller.name))

    @operation("DELETE", "/api/adopt/{id}", scope="apps:write", risk="modify")
    async def release(self, caller: Caller, id: SafeName) -> Job:
        """Give an app back that was taken over. Talome forgets it, and it goes on running."""
        return Job.of(await self._adopt.release(id, by=caller.name))
