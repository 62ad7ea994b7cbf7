"""From what somebody asks for to a note that may be kept: checked, bounded, and with its place and its author."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

import orjson

from talome.core import ids
from talome.core.clock import now_ms, to_ms
from talome.core.errors import Invalid
from talome.memory.sensitive import refuse_secrets
from talome.memory.text import check_text, packed, text_hash, unique
from talome.memory.vault.authors import Author
from talome.memory.vault.models import LONGEST_CONTENT_BYTES, LONGEST_METADATA_BYTES, NoteChange, NoteWish
from talome.memory.vault.shapes import Shape, packed_bands, shape_of
from talome.memory.vault.store import NoteRow

OWN_SOURCE: Final = "talome"
"""The source of an `external_id` that came without one."""
_KIND: Final = "fact"
_EVEN: Final = 0.5
_SURE: Final = 0.8
_CHECKED: Final = ("title", "content", "tags", "metadata", "external_source", "external_id", "claim_key")
_SHORT_BYTES: Final = 1000
_COLUMNS: Final = frozenset(NoteChange.model_fields) - {"version", "allow_secrets"}
_MAY_BE_NONE: Final = frozenset({"external_source", "external_id", "claim_key", "valid_from", "valid_to"})


@dataclass(frozen=True, slots=True)
class Draft:
    """A note that may be kept. `given`: what was asked for by name, which is all that changes where it is known."""

    row: NoteRow
    shape: Shape
    given: Mapping[str, Any]
    author: Author


def draft(wish: NoteWish, space: str, author: Author) -> Draft:
    """Raises where it may not be kept."""
    given = _values(wish, author)
    if wish.external_source is not None and wish.external_id is None:
        raise Invalid("An “external_source” needs the “external_id” of the note in it.", field="external_id")
    if wish.external_id is not None:
        given.setdefault("external_source", OWN_SOURCE)
    title, content, at = str(given.get("title", "")), str(given["content"]), now_ms()
    shape = shape_of(title, content)
    row = NoteRow(
        id=ids.new_id("mem"),
        space=space,
        title=title,
        content=content,
        kind=wish.kind or _KIND,
        status="pending" if author.waits or wish.inferred else wish.status or "active",
        tags=given.get("tags", "[]"),
        importance=given.get("importance", _EVEN),
        confidence=given.get("confidence", _SURE if author.trusted else _EVEN),
        metadata=given.get("metadata", "{}"),
        external_source=given.get("external_source"),
        external_id=wish.external_id,
        claim_key=wish.claim_key,
        origin=author.origin,
        trusted=int(author.trusted and not wish.inferred),
        author=author.user_id,
        valid_from=given.get("valid_from"),
        valid_to=given.get("valid_to"),
        entities="[]",
        content_hash=text_hash(title, content),
        version=1,
        superseded_by=None,
        helpful=0,
        unhelpful=0,
        use_count=0,
        last_used_at=None,
        verified_at=None,
        created_at=at,
        updated_at=at,
        deleted_at=None,
        purge_at=None,
        status_before=None,
        bands=packed_bands(shape.bands),
        changed_by=author.user_id,
        changed_by_name=author.name,
        changed_by_kind=author.kind,
        changed_by_key=author.key_id,
        last_action="stored",
    )
    return Draft(row, shape, given, author)


def changes(change: NoteChange, author: Author) -> dict[str, Any]:
    """The columns that a change sets; `null` takes away what a note can be without."""
    return _values(change, author)


def changed(row: NoteRow, values: Mapping[str, Any], author: Author, action: str) -> NoteRow:
    """The next head of a note, with the hash and the shape of what it says then."""
    new = replace(row, **values)
    if new.external_id is None:
        new.external_source = None
    elif new.external_source is None:
        new.external_source = OWN_SOURCE
    if (new.title, new.content) != (row.title, row.content):
        new.content_hash = text_hash(new.title, new.content)
        new.bands = packed_bands(shape_of(new.title, new.content).bands)
    if new.status != "superseded":
        new.superseded_by = None
    new.version = row.version + 1
    new.updated_at = max(now_ms(), row.updated_at)
    new.changed_by, new.changed_by_name = author.user_id, author.name
    new.changed_by_kind, new.changed_by_key = author.kind, author.key_id
    new.last_action = action
    return new


def _values(wanted: NoteWish | NoteChange, author: Author) -> dict[str, Any]:
    """What was named, checked, as it is kept."""
    clearable = _MAY_BE_NONE if isinstance(wanted, NoteChange) else frozenset[str]()
    named = {name: getattr(wanted, name) for name in wanted.model_fields_set & _COLUMNS}
    given = {name: value for name, value in named.items() if value is not None or name in clearable}
    _check(given)
    kept = {name: _kept(name, value) for name, value in given.items()}
    told: dict[str, Any] = {name: given[name] for name in _CHECKED if name in given}
    refuse_secrets(told, allowed=wanted.allow_secrets, trusted=author.trusted)
    if "importance" in kept:
        kept["importance"] = author.most(kept["importance"])
    start, end = kept.get("valid_from"), kept.get("valid_to")
    if start is not None and end is not None and end <= start:
        raise Invalid("“valid_to” must be later than “valid_from”.", field="valid_to")
    return kept


def _check(given: Mapping[str, Any]) -> None:
    for name in ("title", "kind", "external_source", "external_id", "claim_key"):
        if isinstance(given.get(name), str):
            check_text(given[name], name, _SHORT_BYTES)
    for tag in given.get("tags", ()):
        check_text(tag, "tags", _SHORT_BYTES)
    if "content" in given:
        check_text(given["content"], "content", LONGEST_CONTENT_BYTES)
        if not given["content"].strip():
            raise Invalid("“content” is empty.", field="content")


def _kept(name: str, value: Any) -> Any:
    if name == "tags":
        return orjson.dumps(unique([tag.strip() for tag in value if tag.strip()])).decode()
    if name == "metadata":
        return packed(value, "metadata", LONGEST_METADATA_BYTES)
    return _moment(name, value) if isinstance(value, datetime) else value


def _moment(name: str, value: datetime) -> int:
    if value.tzinfo is None:
        raise Invalid(f"“{name}” needs a time zone, such as the Z in 2026-01-30T12:00:00Z.", field=name)
    return to_ms(value)
