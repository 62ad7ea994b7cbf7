"""Several writes as one."""

from talome.core.operations import Caller, operation
from talome.memory.batch.models import Batch, EntityWishes, EventWishes, FeedbackWishes, LinkWishes, NoteWishes
from talome.memory.batch.service import Batches, Wishes
from talome.memory.vault.models import WorkspaceName


class MemoryBatchApi:
    def __init__(self, batches: Batches) -> None:
        self._batches = batches

    @operation("POST", "/v1/memory/batch", scope="memory:write", risk="modify")
    async def write(
        self,
        caller: Caller,
        workspace_id: WorkspaceName | None = None,
        notes: NoteWishes | None = None,
        entities: EntityWishes | None = None,
        links: LinkWishes | None = None,
        events: EventWishes | None = None,
        feedback: FeedbackWishes | None = None,
    ) -> Batch:
        """Keep notes, entities, links, events and feedback together, all or nothing; links may name the others by their
        external ids."""
        wishes = Wishes(workspace_id, notes or [], entities or [], links or [], events or [], feedback or [])
        return await self._batches.write(caller, wishes)
