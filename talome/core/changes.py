"""What an operation changed, from what to what, noted by the services for whoever records the operation."""

from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Final

HIDDEN: Final = "[hidden]"
"""Stands for a secret, before and after."""


@dataclass(frozen=True, slots=True)
class FieldChange:
    """`old` and `new` are JSON values; None where there was nothing, or is nothing any more."""

    field: str
    old: Any
    new: Any


_noted: ContextVar[list[FieldChange] | None] = ContextVar("noted_changes", default=None)


def watch_changes() -> None:
    """Begin to collect, for the operation that runs now."""
    _noted.set([])


def note_change(field: str, old: Any, new: Any) -> None:
    """Tell what is different now; nothing happens where it is not, or where nobody records."""
    noted = _noted.get()
    if noted is not None and (old != new or old == HIDDEN):
        noted.append(FieldChange(field, old, new))


def take_changes() -> list[FieldChange]:
    """What was noted since `watch_changes`; the next caller gets nothing."""
    noted = _noted.get()
    _noted.set(None)
    return noted or []
