"""What entities, links and events have in common."""

from typing import Any, Final

import orjson

from talome.core.clock import from_ms
from talome.core.errors import Invalid
from talome.memory.sensitive import refuse_secrets
from talome.memory.text import check_text, packed
from talome.memory.vault.models import LONGEST_METADATA_BYTES
from talome.memory.vault.service import Author

OWN_SOURCE: Final = "talome"
FIRST: Final = (2**62, "")
_SHORT_BYTES: Final = 1000


def checked(fields: dict[str, Any], author: Author, *, secrets_allowed: bool, longest: int = 8192) -> None:
    """Refuse text that cannot be kept, and secrets."""
    for name, value in fields.items():
        for text in value if isinstance(value, list) else [value]:
            if isinstance(text, str):
                check_text(text, name, longest)
    refuse_secrets(fields, allowed=secrets_allowed, trusted=author.trusted)


def identity(source: str | None, external_id: str | None) -> tuple[str, str] | None:
    """Of what is kept in another program, if it is."""
    if external_id is None:
        if source is not None:
            raise Invalid("An “external_source” needs an “external_id”.", field="external_id")
        return None
    return source or OWN_SOURCE, external_id


def kept_map(metadata: dict[str, Any] | None) -> str:
    return packed(metadata or {}, "metadata", LONGEST_METADATA_BYTES)


def shown(row: Any, workspace: str | None, moments: tuple[str, ...], maps: tuple[str, ...]) -> dict[str, Any]:
    """The fields of a row as the wire has them."""
    fields = {name: getattr(row, name) for name in row.__slots__ if name not in ("space", "author")}
    for name in moments:
        fields[name] = from_ms(fields[name])
    for name in maps:
        fields[name] = orjson.loads(fields[name])
    return fields | {"workspace_id": workspace}


def place(cursor: str | None) -> tuple[int, str]:
    """Where the page before ended, in a list with the latest first."""
    if cursor is None:
        return FIRST
    at, _, last = cursor.partition("~")
    if not at.isascii() or not at.isdigit() or len(at) > 15 or not last:
        raise Invalid("This “cursor” is not from this list.", field="cursor")
    return int(at), last
