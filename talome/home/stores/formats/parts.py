"""Values made of parts."""

from collections.abc import Iterable

from talome.home.manifest import Part

Parts = tuple[Part, ...]


def text(value: str) -> Parts:
    """A value that is known to the letter."""
    return (Part(text=value),) if value else ()


def as_text(parts: Iterable[Part]) -> str | None:
    """The value, if it is known to the letter."""
    found = [part.text for part in parts]
    return None if None in found else "".join(piece or "" for piece in found)
