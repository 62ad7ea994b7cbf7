"""What can be cleared, with exact sizes, and the clearing of exactly what somebody chose."""

from collections.abc import Sequence

from talome.core.errors import Conflict, Invalid, TalomeError
from talome.core.operations import Caller
from talome.home.storage.clearable import Clearable
from talome.home.storage.models import Reclaimable, ReclaimCategory, ReclaimItem, ReclaimReport

_MOST_LISTED = 200


class Reclaim:
    """`kinds` in the order in which they are shown."""

    def __init__(self, kinds: Sequence[Clearable]) -> None:
        self._kinds = {kind.category: kind for kind in kinds}

    async def all(self) -> list[Reclaimable]:
        """Every kind; of one that cannot be known, the reason."""
        return [await self._looked_at(kind) for kind in self._kinds.values()]

    async def _looked_at(self, kind: Clearable) -> Reclaimable:
        unavailable, items = None, list[ReclaimItem]()
        try:
            items = await kind.items()
        except TalomeError as error:
            unavailable = error.message
        except OSError as error:
            unavailable = f"This machine refused to tell: {error.strerror}."
        return Reclaimable(
            category=kind.category,
            title=kind.title,
            detail=kind.detail,
            size_bytes=_sum(items),
            count=len(items),
            items=sorted(items, key=lambda item: -(item.size_bytes or 0))[:_MOST_LISTED],
            frees_now=kind.frees_now,
            recoverable=kind.recoverable,
            unavailable=unavailable,
        )

    async def clear(
        self, category: ReclaimCategory, ids: Sequence[str] | None, *, dry_run: bool, by: Caller
    ) -> ReclaimReport:
        """Exactly the items of these ids; in a dry run without ids, all. Raises `Conflict` where one is not there any
        more, and then nothing is cleared."""
        kind = self._kinds.get(category)
        if kind is None:
            raise Invalid("There is nothing of this kind on this machine.", field="category")
        there = {item.id: item for item in await kind.items()}
        if not dry_run and not ids:
            raise Invalid("Say by id what is to go; the dry run lists what may.", field="ids")
        chosen = list(there) if ids is None else list(dict.fromkeys(ids))
        if gone := [id for id in chosen if id not in there]:
            raise Conflict("Something of this is not there any more, or is in use now. Look again.", ids=gone)
        items = [there[id] for id in chosen]
        job = None if dry_run or not items else await kind.clear(items, by)
        return ReclaimReport(dry_run=dry_run, category=category, items=items, size_bytes=_sum(items), job=job)


def _sum(items: Sequence[ReclaimItem]) -> int:
    return sum(item.size_bytes or 0 for item in items)
