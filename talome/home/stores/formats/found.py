"""What the readers share: whose store it is, and how a broken app is told."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StoreSource:
    """The store that is being read."""

    store_id: str
    name: str


@dataclass(frozen=True, slots=True)
class BadApp:
    """An app that could not be read; `path` is its folder in the store, `reason` a sentence."""

    path: str
    reason: str


class BadManifest(Exception):
    """An app that cannot be read; the message says why, in words."""
