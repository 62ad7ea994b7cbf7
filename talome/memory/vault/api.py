"""Notes, their history and what waits for a person."""

from datetime import datetime
from typing import Annotated

from pydantic import BeforeValidator, Field

from talome.core.operations import Caller, WholeBody, operation
from talome.memory.vault.history import History
from talome.memory.vault.models import (
    Decision,
    Forgotten,
    ForgottenList,
    Kind,
    Note,
    NoteChange,
    NoteId,
    NoteList,
    NoteLog,
    NoteSearch,
    NoteVersions,
    NoteWish,
    Origin,
    QueryText,
    Reference,
    Review,
    Settled,
    Share,
    Status,
    StoredNote,
    Tag,
    Verdicts,
    WorkspaceName,
)
from talome.memory.vault.review import Reviews
from talome.memory.vault.service import MOST_FOUND, Listed, Vault, Wanted

Limit = Annotated[int, Field(ge=1, le=200)]
Ids = Annotated[list[NoteId], Field(min_length=1, max_length=500)]
VersionNumber = Annotated[
    str,
    Field(min_length=1, max_length=64),
    BeforeValidator(lambda given: str(given) if isinstance(given, int) else given),
]
"""It stands in the path, where everything is text; what is no number is a version that is not there."""
Cursor = Annotated[str, Field(min_length=1, max_length=100)]


class MemoryNotesApi:
    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    @operation("GET", "/v1/memory/notes", scope="memory:read", risk="read")
    async def list_(
        self,
        caller: Caller,
        workspace_id: WorkspaceName | None = None,
        status: Status | None = None,
        kind: Kind | None = None,
        tag: Tag | None = None,
        origin: Origin | None = None,
        external_source: Reference | None = None,
        limit: Limit = 50,
        cursor: Cursor | None = None,
    ) -> NoteList:
        """List notes, the latest change first: one's own and the household's, or those of the named workspace."""
        listed = Listed(workspace_id, status, kind, tag, origin, external_source, cursor, limit)
        return await self._vault.list_(caller, listed)

    @operation("POST", "/v1/memory/notes", scope="memory:write", risk="modify", status=201)
    async def add(self, caller: Caller, note: Annotated[NoteWish, WholeBody()]) -> StoredNote:
        """Keep a note; with `external_source` and `external_id` change the one that is known by them."""
        return await self._vault.store(caller, note)

    @operation("GET", "/v1/memory/search", scope="memory:read", risk="read")
    async def search(
        self,
        caller: Caller,
        query: QueryText,
        workspace_id: WorkspaceName | None = None,
        limit: Annotated[int, Field(ge=1, le=MOST_FOUND)] = 10,
        kinds: list[Kind] | None = None,
        tags: list[Tag] | None = None,
        since: datetime | None = None,
        min_score: Share = 0.0,
        include_history: bool = False,
    ) -> NoteSearch:
        """Find the notes that answer a question, with what spoke for each; scores are between 0 and 1."""
        wanted = Wanted(
            query,
            workspace_id,
            limit,
            frozenset(kinds or ()),
            frozenset(tags or ()),
            since,
            min_score,
            include_history,
        )
        return await self._vault.search(caller, wanted)

    @operation("GET", "/v1/memory/notes/{id}", scope="memory:read", risk="read")
    async def get(self, caller: Caller, id: NoteId) -> Note:
        """Show a note."""
        return await self._vault.get(caller, id)

    @operation("PATCH", "/v1/memory/notes/{id}", scope="memory:write", risk="modify")
    async def change(self, caller: Caller, id: NoteId, change: Annotated[NoteChange, WholeBody()]) -> StoredNote:
        """Change what is named, as a new version of the note."""
        return await self._vault.change(caller, id, change)

    @operation("DELETE", "/v1/memory/notes/{id}", scope="memory:write", risk="destructive")
    async def forget(self, caller: Caller, id: NoteId) -> Forgotten:
        """Forget a note: nothing finds it any more; for 30 days it can be had back."""
        return await self._vault.forget(caller, id)

    @operation("POST", "/v1/memory/notes/{id}/restore", scope="memory:write", risk="modify")
    async def restore(self, caller: Caller, id: NoteId) -> Note:
        """Have a forgotten note back."""
        return await self._vault.restore(caller, id)

    @operation("POST", "/v1/memory/notes/{id}/verify", scope="memory:write", risk="modify")
    async def verify(self, caller: Caller, id: NoteId) -> Note:
        """Say that what a note says is still so."""
        return await self._vault.verify(caller, id)

    @operation("GET", "/v1/memory/forgotten", scope="memory:read", risk="read")
    async def forgotten(
        self, caller: Caller, workspace_id: WorkspaceName | None = None, limit: Limit = 50
    ) -> ForgottenList:
        """List forgotten notes that can still be had back, the latest first."""
        return await self._vault.forgotten(caller, workspace_id, limit)


class MemoryHistoryApi:
    def __init__(self, history: History) -> None:
        self._history = history

    @operation("GET", "/v1/memory/notes/{id}/versions", scope="memory:read", risk="read")
    async def versions(self, caller: Caller, id: NoteId) -> NoteVersions:
        """List what a note said over time and who changed it, the latest first."""
        return await self._history.versions(caller, id)

    @operation("POST", "/v1/memory/notes/{id}/versions/{version}/restore", scope="memory:write", risk="modify")
    async def restore_version(self, caller: Caller, id: NoteId, version: VersionNumber) -> Note:
        """Let a note say again what it said in a version of it, as a new version."""
        return await self._history.restore_version(caller, id, version)

    @operation("GET", "/v1/memory/notes/{id}/log", scope="memory:read", risk="read")
    async def log(self, caller: Caller, id: NoteId) -> NoteLog:
        """Show what was done to a note, without its text; also of a note that is gone."""
        return await self._history.log(caller, id)


class MemoryReviewApi:
    def __init__(self, vault: Vault, reviews: Reviews) -> None:
        self._vault = vault
        self._reviews = reviews

    @operation("GET", "/v1/memory/review", scope="memory:read", risk="read")
    async def list_(self, caller: Caller, workspace_id: WorkspaceName | None = None, limit: Limit = 50) -> Review:
        """Show what waits for a person: proposals, contradictions, near duplicates and what is long unconfirmed."""
        return await self._reviews.waiting(caller, workspace_id, limit)

    @operation("POST", "/v1/memory/notes/{id}/approve", scope="memory:write", risk="modify")
    async def approve(self, caller: Caller, id: NoteId) -> Note:
        """Approve a note that waits, so that it is found."""
        return await self._vault.decide_one(caller, id, approve=True)

    @operation("POST", "/v1/memory/notes/{id}/reject", scope="memory:write", risk="modify")
    async def reject(self, caller: Caller, id: NoteId) -> Note:
        """Reject a note that waits; the same proposal is not made again."""
        return await self._vault.decide_one(caller, id, approve=False)

    @operation("POST", "/v1/memory/review/approve", scope="memory:write", risk="modify")
    async def approve_many(self, caller: Caller, ids: Ids) -> Verdicts:
        """Approve several notes at once."""
        return await self._vault.decide(caller, ids, approve=True)

    @operation("POST", "/v1/memory/review/reject", scope="memory:write", risk="modify")
    async def reject_many(self, caller: Caller, ids: Ids) -> Verdicts:
        """Reject several notes at once."""
        return await self._vault.decide(caller, ids, approve=False)

    @operation("POST", "/v1/memory/findings/{id}/settle", scope="memory:write", risk="modify")
    async def settle(self, caller: Caller, id: NoteId, decision: Decision) -> Settled:
        """Decide about two notes that contradict each other or say nearly the same."""
        return await self._reviews.settle(caller, id, decision)
