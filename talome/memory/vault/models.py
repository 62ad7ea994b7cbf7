"""What of the notes crosses the wire."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Final, Literal, Protocol

from pydantic import Field, PlainSerializer

from talome.core.db import Transaction
from talome.core.models import Plain

LONGEST_CONTENT_BYTES: Final = 65_536
LONGEST_METADATA_BYTES: Final = 16_384
MOST_TAGS: Final = 50
KEPT_DAYS: Final = 30
"""How long a forgotten note can be had back."""

Status = Literal["active", "pending", "superseded", "rejected", "archived"]
"""`deleted` is the sixth, which only the list of forgotten notes shows."""
SettableStatus = Literal["active", "pending", "archived"]
Origin = Literal["person", "app", "import", "agent", "tool"]
"""Who wrote it, from the most trusted to the least."""
Unrecorded = PlainSerializer(lambda _: "[not recorded]", return_type=str)
"""For arguments: the record of an operation keeps that there was text, and not which."""
Kind = Annotated[str, Field(min_length=1, max_length=40, pattern=r"^[a-z][a-z0-9_-]*$")]
Tag = Annotated[str, Field(min_length=1, max_length=64)]
Tags = Annotated[list[Tag], Field(max_length=MOST_TAGS)]
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Reference = Annotated[str, Field(min_length=1, max_length=200)]
NoteId = Annotated[str, Field(min_length=1, max_length=64)]
GivenTitle = Annotated[str, Field(max_length=200), Unrecorded]
GivenContent = Annotated[str, Field(min_length=1), Unrecorded]
GivenMetadata = Annotated[dict[Annotated[str, Field(min_length=1, max_length=100)], Any], Unrecorded]
ClaimKey = Annotated[str, Field(min_length=1, max_length=200)]
QueryText = Annotated[str, Field(min_length=1, max_length=2000)]
WorkspaceName = Annotated[str, Field(min_length=1, max_length=64)]
"""A workspace, `@house` for what the household shares, or `@all` where something is looked for."""


class News(Protocol):
    """The outbox of the webhooks, as far as the vault needs it."""

    async def add(
        self,
        tx: Transaction,
        space: str,
        event: Literal["memory.stored", "memory.updated", "memory.deleted"],
        data: Mapping[str, Any],
    ) -> None: ...


class NoteChange(Plain):
    """What is not named stays. `version`: change it only where this is still the latest."""

    title: GivenTitle | None = None
    content: GivenContent | None = None
    kind: Kind | None = None
    status: SettableStatus | None = None
    tags: Tags | None = None
    importance: Share | None = None
    confidence: Share | None = None
    metadata: GivenMetadata | None = None
    external_source: Reference | None = None
    external_id: Reference | None = None
    claim_key: ClaimKey | None = None
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    version: Annotated[int, Field(ge=1)] | None = None
    allow_secrets: bool = False


class NoteWish(Plain):
    """A note to be kept. With `external_id` it is the same note each time, changed where it differs; without, the same
    text is not kept twice. `claim_key` names what can have one value only, such as `device:nas|os`: a newer note
    takes the place of the older. `inferred`: a person is to approve it first."""

    content: GivenContent
    title: GivenTitle | None = None
    kind: Kind | None = None
    status: SettableStatus | None = None
    tags: Tags | None = None
    importance: Share | None = None
    confidence: Share | None = None
    metadata: GivenMetadata | None = None
    external_source: Reference | None = None
    external_id: Reference | None = None
    claim_key: ClaimKey | None = None
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    workspace_id: WorkspaceName | None = None
    origin: Origin | None = None
    inferred: bool = False
    allow_secrets: bool = False


class Note(Plain):
    """A note as it is now. `workspace_id` is null for one's own, `@house` for the household's."""

    id: str
    object: Literal["memory_note"] = "memory_note"
    workspace_id: str | None
    title: str
    content: str
    kind: str
    status: Status
    tags: list[str]
    importance: float
    confidence: float
    metadata: dict[str, Any]
    external_source: str | None
    external_id: str | None
    claim_key: str | None
    origin: Origin
    trusted: bool
    valid_from: datetime | None
    valid_to: datetime | None
    entities: list[str]
    version: int
    content_hash: str
    superseded_by: str | None
    helpful: int
    unhelpful: int
    use_count: int
    last_used_at: datetime | None
    verified_at: datetime | None
    created_at: datetime
    updated_at: datetime


class StoredNote(Note):
    """`created`: it is a new one. `deduped`: it was here already, word for word. `similar` and `conflicts` are ids of
    notes that say nearly the same, or the same with another number or a “not”."""

    created: bool
    deduped: bool
    superseded: list[str]
    similar: list[str]
    conflicts: list[str]


class NoteList(Plain):
    """A page of notes, the latest change first; `next` is the `cursor` of the following page."""

    object: Literal["list"] = "list"
    data: list[Note]
    has_more: bool
    next: str | None


class ScoredNote(Note):
    """A note that was found. Every score is between 0 and 1 and means the same whatever was asked."""

    score: float
    relevance_score: float
    recency_score: float
    importance_score: float
    confidence_score: float
    keyword_score: float
    vector_score: float
    why: list[str]


class NoteSearch(Plain):
    """The notes that answer, the best first; `took_ms` is how long the search took."""

    object: Literal["list"] = "list"
    data: list[ScoredNote]
    total: int
    took_ms: float


class NoteVersion(Plain):
    """How a note was after something was done to it. `by` is who did it."""

    version: int
    action: str
    by: str
    by_kind: str
    at: datetime
    title: str
    content: str
    kind: str
    status: str
    tags: list[str]
    importance: float
    confidence: float
    metadata: dict[str, Any]
    external_source: str | None
    external_id: str | None
    claim_key: str | None
    valid_from: datetime | None
    valid_to: datetime | None
    content_hash: str


class NoteVersions(Plain):
    object: Literal["list"] = "list"
    data: list[NoteVersion]


class Forgotten(Plain):
    """The answer to forgetting: until `purge_at` the note can be had back."""

    id: str
    deleted: Literal[True] = True
    deleted_at: datetime
    purge_at: datetime


class ForgottenNote(Plain):
    """A note that is about to go for good; `preview` is how it begins, so that one knows it again."""

    id: str
    workspace_id: str | None
    kind: str
    preview: str
    deleted_at: datetime
    purge_at: datetime


class ForgottenList(Plain):
    object: Literal["list"] = "list"
    data: list[ForgottenNote]


class NoteLogEntry(Plain):
    """What was done to a note. There is no text in it, so it stays when the note is gone."""

    at: datetime
    note_id: str
    action: str
    version: int
    content_hash: str
    actor_id: str
    actor_kind: str


class NoteLog(Plain):
    object: Literal["list"] = "list"
    data: list[NoteLogEntry]


class Finding(Plain):
    """Two notes that a person should look at: they contradict each other, or say nearly the same."""

    id: str
    kind: Literal["conflict", "duplicate"]
    reason: str
    found_at: datetime
    note: Note
    other: Note


class Review(Plain):
    """What waits for a person: proposals, contradictions and near duplicates, and what was last confirmed long ago."""

    pending: list[Note]
    findings: list[Finding]
    stale: list[Note]
    pending_total: int
    findings_total: int
    stale_total: int


class Verdicts(Plain):
    """What became of each of the notes that were decided at once."""

    done: list[str]
    not_found: list[str]


Decision = Literal["keep_note", "keep_other", "keep_both"]


class Settled(Plain):
    """A finding that was decided; `archived` is the note that was put away, if any."""

    id: str
    decision: Decision
    archived: str | None
