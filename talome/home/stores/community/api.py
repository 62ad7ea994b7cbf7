"""Operations on apps that are given to others."""

from talome.core.operations import Caller, operation
from talome.home.jobs.models import Job
from talome.home.manifest import AppId
from talome.home.stores.community.models import AppPatch, CommunitySource, PublishPlan, Submission
from talome.home.stores.community.service import Community
from talome.home.stores.models import StoreId


class CommunityApi:
    """Faces of `Community`."""

    def __init__(self, community: Community) -> None:
        self._community = community

    @operation("GET", "/api/community/sources", scope="stores:read", risk="read")
    async def sources(self, caller: Caller) -> list[CommunitySource]:
        """The stores that an own app may be given to."""
        return await self._community.sources()

    @operation("GET", "/api/community/submissions", scope="stores:read", risk="read")
    async def submissions(self, caller: Caller) -> list[Submission]:
        """The own apps that were given to others, the latest first."""
        return await self._community.submissions()

    @operation("POST", "/api/community/publish", scope="stores:write", risk="modify")
    async def publish(
        self, caller: Caller, app_id: AppId, store: StoreId, replace: bool = False, plan: bool = False
    ) -> Job | PublishPlan:
        """Put an own app into a store that is a folder of this machine, such as a git work tree. Committing it is up to
        you."""
        if plan:
            return await self._community.plan(caller, app_id, store)
        return Job.of(await self._community.publish(caller, app_id, store, replace=replace))

    @operation("POST", "/api/community/patch", scope="stores:write", risk="modify")
    async def patch(self, caller: Caller, app_id: AppId, store: StoreId | None = None) -> AppPatch:
        """Make a patch of an own app, for whoever keeps a store; with `store`, against what that one has."""
        return await self._community.patch(caller, app_id, store)
