"""What the apps tell the house."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AppChanged:
    """An app was installed, changed, started or stopped."""

    id: str


@dataclass(frozen=True, slots=True)
class AppGone:
    """An app was uninstalled."""

    id: str
