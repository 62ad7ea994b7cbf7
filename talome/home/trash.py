"""The dated trash of the home: what goes is moved there, and never deleted by what moves it."""

from pathlib import Path

from talome.core.clock import now


def to_trash(trash: Path, kind: str, name: str, path: Path) -> str:
    """Move the path to `<date>/<kind>/<name>`, or the next name that is free; where it lies, relative to the trash."""
    day = trash / f"{now():%Y-%m-%d}" / kind
    day.mkdir(mode=0o700, parents=True, exist_ok=True)
    target, number = day / name, 2
    while target.exists():
        target, number = day / f"{name}-{number}", number + 1
    path.rename(target)
    return str(target.relative_to(trash))
