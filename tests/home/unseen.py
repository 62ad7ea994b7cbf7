"""Files that are being written and that people do not see yet."""

from contextlib import suppress
from pathlib import Path


def written(folder: Path) -> list[str]:
    """What this process writes there: a file without a name, or with a hidden one where the file system has no such."""
    held = []
    for descriptor in Path("/proc/self/fd").iterdir():
        with suppress(FileNotFoundError):
            held.append(str(descriptor.readlink()))
    return [path for path in held if path.startswith((f"{folder}/#", f"{folder}/.talome-part-"))]
