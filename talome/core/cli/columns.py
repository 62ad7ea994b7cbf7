"""Which fields of a list become columns: those that its shape names in `columns`. `--json` has all of them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, get_args, get_origin

from talome.core.models import Wire
from talome.core.operations import Operation

Columns = Mapping[str, Sequence[str]]
"""By the field that holds the list; empty for an answer that is a list itself."""


def columns_of(operation: Operation) -> Columns:
    found: dict[str, Sequence[str]] = {}
    for arm in operation.result_arms:
        if inner := _listed(arm):
            found[""] = _aliases(inner)
        elif isinstance(arm, type) and issubclass(arm, Wire):
            for name, info in arm.model_fields.items():
                if inner := _listed(info.annotation):
                    found[info.alias or name] = _aliases(inner)
    return {field: columns for field, columns in found.items() if columns}


def narrowed(value: Any, columns: Columns) -> Any:
    """A copy without the fields that are no columns."""
    if isinstance(value, list) and "" in columns:
        return list(_rows(value, columns[""]))
    if isinstance(value, dict):
        return {
            key: list(_rows(item, columns[key])) if key in columns and isinstance(item, list) else item
            for key, item in value.items()
        }
    return value


def _rows(rows: list[Any], names: Sequence[str]) -> Iterator[Any]:
    for row in rows:
        yield {name: row.get(name) for name in names} if isinstance(row, dict) else row


def _listed(annotation: Any) -> type[Wire] | None:
    inner = get_args(annotation)[0] if get_origin(annotation) is list else None
    return inner if isinstance(inner, type) and issubclass(inner, Wire) else None


def _aliases(shape: type[Wire]) -> list[str]:
    return [shape.model_fields[name].alias or name for name in shape.columns]
