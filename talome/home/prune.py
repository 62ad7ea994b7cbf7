"""The answer of every prune: what would go, or what a job is removing now."""

from talome.core.models import Wire
from talome.home.jobs.models import Job


class PruneItem(Wire):
    id: str
    name: str
    size_bytes: int | None


class PruneReport(Wire):
    """`reclaimable_bytes` counts items of known size; layers that images share are counted for each."""

    dry_run: bool
    items: list[PruneItem]
    reclaimable_bytes: int
    job: Job | None


def report(items: list[PruneItem], job: Job | None, *, dry_run: bool) -> PruneReport:
    """With the sum of the known sizes."""
    total = sum(item.size_bytes or 0 for item in items)
    return PruneReport(dry_run=dry_run, items=items, reclaimable_bytes=total, job=job)
