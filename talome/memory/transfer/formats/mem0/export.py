"""The JSON of mem0's `get_all()`, and of its platform's export."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from talome.memory.transfer.formats.lines import Line, problem

SOURCE: Final = "mem0"
_LISTS: Final = ("results", "memories", "data")
_ABOUT: Final = ("user_id", "agent_id", "run_id", "actor_id", "role", "app_id")


def is_export(data: Any) -> bool:
    """Whether JSON looks like mem0's."""
    return _memories(data) is not None


def _memories(data: Any) -> list[Any] | None:
    if isinstance(data, dict):
        data = next((data[name] for name in _LISTS if isinstance(data.get(name), list)), None)
    if isinstance(data, list) and data and all(isinstance(one, dict) and "memory" in one for one in data[:20]):
        return data
    return None


def read_export(data: Any) -> Iterator[Line]:
    for place, one in enumerate(_memories(data) or (), 1):
        if not isinstance(one, dict) or not isinstance(one.get("memory"), str) or not one["memory"].strip():
            yield problem(f"memory {place}", "There is no text in it.")
            continue
        yield note_of(one)
    yield from _relations(data.get("relations") if isinstance(data, dict) else None)


def note_of(one: Mapping[str, Any]) -> Line:
    given = one.get("metadata")
    metadata = dict(given) if isinstance(given, dict) else {}
    metadata |= {name: one[name] for name in _ABOUT if one.get(name)}
    id = str(one.get("id") or one.get("hash") or "")[:200]
    categories = one.get("categories")
    return {
        "record": "note",
        "id": id,
        "content": one["memory"],
        "tags": [str(tag)[:64] for tag in categories if isinstance(tag, str)][:50]
        if isinstance(categories, list)
        else [],
        "metadata": metadata,
        "created_at": one.get("created_at"),
        **({"external_source": SOURCE, "external_id": id} if id else {}),
    }


def _relations(relations: Any) -> Iterator[Line]:
    """Its graph: names with a relation between them."""
    seen: set[str] = set()
    for one in relations if isinstance(relations, list) else ():
        names = [one.get(key) for key in ("source", "relationship", "target")] if isinstance(one, dict) else []
        if len(names) != 3 or not all(isinstance(name, str) and name.strip() for name in names):
            continue
        source, relation, target = (str(name).strip()[:200] for name in names)
        for name in (source, target):
            if name not in seen:
                seen.add(name)
                yield {"record": "entity", "type": "thing", "id": f"mem0:{name}", "name": name.replace("_", " ")}
        yield {
            "record": "link",
            "source_type": "entity",
            "source_id": f"mem0:{source}",
            "target_type": "entity",
            "target_id": f"mem0:{target}",
            "relation": relation,
        }
