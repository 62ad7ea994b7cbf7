"""Notes as the wire has them."""

from collections.abc import Mapping
from typing import Any, Final

import orjson

from talome.core.clock import from_ms
from talome.core.db import Row
from talome.memory.index.models import Hit
from talome.memory.spaces import Spaces
from talome.memory.vault.models import Forgotten, ForgottenNote, Note, NoteLogEntry, NoteVersion, ScoredNote, StoredNote
from talome.memory.vault.store import NoteRow
from talome.memory.vault.writing import Outcome

_PREVIEW: Final = 100


def _moment(at: int | None) -> Any:
    return None if at is None else from_ms(at)


class Showing:
    """Knows what the spaces are called."""

    def __init__(self, spaces: Spaces) -> None:
        self._spaces = spaces

    def note(self, row: NoteRow) -> Note:
        return Note(**self._fields(row))

    def stored(self, outcome: Outcome) -> StoredNote:
        return StoredNote(
            **self._fields(outcome.row),
            created=outcome.created,
            deduped=outcome.deduped,
            superseded=outcome.superseded,
            similar=outcome.similar,
            conflicts=outcome.conflicts,
        )

    def scored(self, row: NoteRow, hit: Hit) -> ScoredNote:
        return ScoredNote(
            **self._fields(row),
            score=round(hit.score, 4),
            relevance_score=round(hit.relevance, 4),
            recency_score=round(hit.recency, 4),
            importance_score=round(hit.importance, 4),
            confidence_score=round(hit.confidence, 4),
            keyword_score=round(hit.keyword, 4),
            vector_score=round(hit.vector, 4),
            why=list(hit.why),
        )

    def _fields(self, row: NoteRow) -> dict[str, Any]:
        return {
            "id": row.id,
            "workspace_id": self._spaces.name_of(row.space),
            "title": row.title,
            "content": row.content,
            "kind": row.kind,
            "status": row.status,
            "tags": orjson.loads(row.tags),
            "importance": row.importance,
            "confidence": row.confidence,
            "metadata": orjson.loads(row.metadata),
            "external_source": row.external_source,
            "external_id": row.external_id,
            "claim_key": row.claim_key,
            "origin": row.origin,
            "trusted": bool(row.trusted),
            "valid_from": _moment(row.valid_from),
            "valid_to": _moment(row.valid_to),
            "entities": orjson.loads(row.entities),
            "version": row.version,
            "content_hash": row.content_hash,
            "superseded_by": row.superseded_by,
            "helpful": row.helpful,
            "unhelpful": row.unhelpful,
            "use_count": row.use_count,
            "last_used_at": _moment(row.last_used_at),
            "verified_at": _moment(row.verified_at),
            "created_at": from_ms(row.created_at),
            "updated_at": from_ms(row.updated_at),
        }

    def forgotten(self, row: NoteRow) -> ForgottenNote:
        return ForgottenNote(
            id=row.id,
            workspace_id=self._spaces.name_of(row.space),
            kind=row.kind,
            preview=(row.title or row.content)[:_PREVIEW],
            deleted_at=from_ms(row.deleted_at or 0),
            purge_at=from_ms(row.purge_at or 0),
        )


def gone(row: NoteRow) -> Forgotten:
    return Forgotten(id=row.id, deleted_at=from_ms(row.deleted_at or 0), purge_at=from_ms(row.purge_at or 0))


def version(row: Row) -> NoteVersion:
    snapshot: Mapping[str, Any] = orjson.loads(row["snapshot"])
    moments = {name: _moment(snapshot[name]) for name in ("valid_from", "valid_to")}
    return NoteVersion(
        version=row["version"],
        action=row["action"],
        by=row["actor_name"],
        by_kind=row["actor_kind"],
        at=from_ms(row["at"]),
        **{**snapshot, **moments},
    )


def log_entry(row: Row) -> NoteLogEntry:
    return NoteLogEntry(
        at=from_ms(row["at"]),
        note_id=row["note_id"],
        action=row["action"],
        version=row["version"],
        content_hash=row["content_hash"],
        actor_id=row["actor_id"],
        actor_kind=row["actor_kind"],
    )
