"""Operations on stacks."""

from talome.core.operations import Caller, operation
from talome.home.jobs.models import Job
from talome.home.manifest import Reference, SafeName
from talome.home.stacks.models import AnswersByApp, AppIds, Stack, StackPlan
from talome.home.stacks.service import Stacks


class StacksApi:
    """Faces of `Stacks`."""

    def __init__(self, stacks: Stacks) -> None:
        self._stacks = stacks

    @operation("GET", "/api/stacks", scope="apps:read", risk="read")
    async def list_(self, caller: Caller) -> list[Stack]:
        """Bundles of apps that work together, with those of their apps that are installed or cannot be."""
        return await self._stacks.all()

    @operation("GET", "/api/stacks/{id}", scope="apps:read", risk="read")
    async def get(self, caller: Caller, id: SafeName) -> Stack:
        """One stack: its apps, what each is for, and what makes them work together."""
        return await self._stacks.get(id)

    @operation("POST", "/api/stacks/{id}/install", scope="apps:write", risk="modify")
    async def install(
        self,
        caller: Caller,
        id: Reference,
        env: AnswersByApp | None = None,
        without: AppIds | None = None,
        accept_risks: bool = False,
        plan: bool = False,
    ) -> Job | StackPlan:
        """Install the missing apps of a stack, in its order, and tell each of the others. `env` answers their forms, by
        app; `without` names apps to leave out. Where one fails the earlier ones stay; install again to go on."""
        answers, left_out = env or {}, without or []
        if plan:
            return await self._stacks.plan(id, answers, left_out)
        accepted = accept_risks and caller.kind == "user"  # no agent and no key may do that in somebody's name
        return Job.of(await self._stacks.install(id, answers, left_out, accept_risks=accepted, by=caller.name))
