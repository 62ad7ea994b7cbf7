"""What a client says of itself, in words: “Firefox on Windows”."""

import re
from typing import Final

_BROWSERS: Final = (
    (re.compile(r"Edg/"), "Edge"),
    (re.compile(r"OPR/"), "Opera"),
    (re.compile(r"Firefox/|FxiOS/"), "Firefox"),
    (re.compile(r"Chrome/|CriOS/"), "Chrome"),
    (re.compile(r"Safari/"), "Safari"),
)
_SYSTEMS: Final = (
    (re.compile(r"iPhone"), "iPhone"),
    (re.compile(r"iPad"), "iPad"),
    (re.compile(r"Android"), "Android"),
    (re.compile(r"Windows"), "Windows"),
    (re.compile(r"Mac OS X"), "Mac"),
    (re.compile(r"Linux"), "Linux"),
)
_PROGRAM: Final = re.compile(r"[\w.+-]{1,40}")
UNKNOWN: Final = "an unknown device"


def device_name(user_agent: str) -> str:
    """Browser and system where both are known; a program goes by its own name. Versions are left out."""
    browser = next((name for pattern, name in _BROWSERS if pattern.search(user_agent)), None)
    system = next((name for pattern, name in _SYSTEMS if pattern.search(user_agent)), None)
    if browser and system:
        return f"{browser} on {system}"
    program = _PROGRAM.match(user_agent)
    return browser or system or (program[0] if program else UNKNOWN)
