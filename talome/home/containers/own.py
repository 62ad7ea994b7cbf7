"""Which container this process itself runs in, if any."""

import re
from pathlib import Path
from typing import Final

_PATTERNS: Final = (
    # Docker mounts these three files of a container into it, with either version of cgroups.
    ("self/mountinfo", re.compile(r"/containers/([0-9a-f]{64})/(?:hostname|hosts|resolv\.conf)\s")),
    ("self/cgroup", re.compile(r"[/-]([0-9a-f]{64})(?:\.scope)?$", re.MULTILINE)),
)


def find_own_container(proc: Path = Path("/proc")) -> str | None:
    """The full id, or None where Talome does not run in a container of Docker."""
    for name, pattern in _PATTERNS:
        try:
            text = (proc / name).read_text(errors="replace")
        except OSError:
            continue
        if match := pattern.search(text):
            return match[1]
    return None
