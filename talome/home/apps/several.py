"""The same for several apps at once. What cannot be done to one does not keep it from the others."""

from collections.abc import Collection, Sequence
from typing import Literal

from talome.core.errors import TalomeError
from talome.core.jobs.store import JobRow
from talome.home.apps.models import BulkPlan, BulkPlanned, BulkResult, Plan
from talome.home.apps.service import Apps, Power, is_worse
from talome.home.jobs.models import Job

Bulk = Power | Literal["update"]


class SeveralApps:
    """Each app gets a job of its own, or a reason why there is none."""

    def __init__(self, apps: Apps) -> None:
        self._apps = apps

    async def plan_updates(self, ids: Sequence[str]) -> BulkPlan:
        """What updating all of them would do, one by one and in sum."""
        planned = [await self._planned(app) for app in dict.fromkeys(ids)]
        plans = [one.plan for one in planned if one.plan is not None]
        fetched = {image.image for plan in plans for image in plan.images if not image.present}
        copied = sum(plan.snapshot_bytes or 0 for plan in plans)
        free = min((plan.free_bytes for plan in plans), default=0)
        return BulkPlan(
            apps=planned,
            images_to_fetch=len(fetched),
            snapshot_bytes=copied,
            free_bytes=free,
            room_is_enough=copied <= free,
        )

    async def _planned(self, app: str) -> BulkPlanned:
        try:
            plan: Plan = await self._apps.plan_update(app)
        except TalomeError as error:
            return BulkPlanned(id=app, plan=None, must_be_accepted=False, error=error.message)
        return BulkPlanned(id=app, plan=plan, must_be_accepted=is_worse(plan), error=None)

    async def run(self, action: Bulk, ids: Sequence[str], accepted: Collection[str], *, by: str) -> list[BulkResult]:
        """`accepted` are the apps whose new rights somebody has looked at."""
        results = []
        for app in dict.fromkeys(ids):
            try:
                row = await self._begin(action, app, accepted=app in accepted, by=by)
                results.append(BulkResult(id=app, job=Job.of(row), error=None))
            except TalomeError as error:
                results.append(BulkResult(id=app, job=None, error=error.message))
        return results

    async def _begin(self, action: Bulk, app: str, *, accepted: bool, by: str) -> JobRow:
        if action == "update":
            return await self._apps.update(app, without_copy=False, accept_risks=accepted, by=by)
        return await self._apps.power(app, action, by=by)
