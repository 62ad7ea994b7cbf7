"""Notes as the other APIs have them."""

from datetime import datetime
from typing import Annotated, Any, Final, Literal

from pydantic import Field

from talome.core.models import Wire
from talome.memory.vault.models import Unrecorded

Level = Literal["low", "medium", "high", "critical"]
SpineId = Annotated[str, Field(min_length=1, max_length=200)]
SpineTags = Annotated[list[Annotated[str, Field(min_length=1, max_length=64)]], Field(max_length=50)]
MemoryType = Literal["preference", "fact", "context", "correction"]
LONGEST_MEMORY: Final = 5000
MemoryText = Annotated[str, Field(min_length=1, max_length=LONGEST_MEMORY), Unrecorded]


class SpineStored(Wire):
    """The answer to storing."""

    ok: Literal[True] = True
    id: str
    vector_id: str
    created_at: datetime


class SpineMemory(Wire):
    """A memory as a client of `/v2` knows it. `version` grows with every change."""

    id: str
    content: str
    tags: list[str]
    importance: Level
    metadata: dict[str, Any]
    status: str
    version: int
    created_at: datetime
    updated_at: datetime


class SpineResult(Wire):
    """A memory that was found; `score` is between 0 and 1."""

    id: str
    content: str
    score: float
    tags: list[str]
    created_at: datetime


class SpineResults(Wire):
    """`took` is in milliseconds."""

    results: list[SpineResult]
    total: int
    took: int


class SpineDeleted(Wire):
    ok: Literal[True] = True
    id: str
    recoverable_until: datetime


class SpineStats(Wire):
    """Of what the caller may read."""

    vector_count: int
    storage_bytes: int
    version: str
    avg_response_ms: float
    status: Literal["healthy"] = "healthy"


class SpinePart(Wire):
    id: str
    content: str
    score: float


class SpineContext(Wire):
    """`context` is for a model, of at most the tokens that were asked for."""

    context: str
    tokens: int
    memories: list[SpinePart]
    pack_id: str
    took: int


class AiMemory(Wire):
    """A memory of the assistant. It is used as long as it is enabled."""

    id: str
    type: str
    content: str
    enabled: bool
    source: str
    confidence: float
    use_count: int
    created_at: datetime
    updated_at: datetime


class AiMemoryGone(Wire):
    ok: Literal[True] = True
    id: str
