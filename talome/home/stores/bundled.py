"""Where the store lies that ships with Talome: in the wheel beside the code, in a checkout at its root."""

from pathlib import Path
from typing import Final

import talome

_PACKAGE: Final = Path(talome.__file__).parent
PACKED: Final = "bundled_stores"
"""The name by which `pyproject.toml` packs the folder `stores`."""


def bundled_folder(package: Path = _PACKAGE) -> Path:
    """The folder that holds `apps` and `stacks`. Raises `FileNotFoundError` for an installation that lost it."""
    for folder in (package / PACKED, package.parent / "stores"):
        if (folder / "apps").is_dir():
            return folder
    raise FileNotFoundError(f"The store that ships with Talome is missing beside {package}: install Talome anew.")
