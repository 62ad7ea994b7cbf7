"""What the readers share: whose store it is, and how a broken app is told."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from talome.home.stores.formats.parts import Parts


@dataclass(frozen=True, slots=True)
class Told:
    """What an app's scripts said when somebody had them run, and the digest of those scripts."""

    digest: str
    values: Mapping[str, Parts]


@dataclass(frozen=True, slots=True)
class StoreSource:
    """The store that is being read. `told` holds, by app, what its own scripts said: the readers run none."""

    store_id: str
    name: str
    told: Mapping[str, Told] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BadApp:
    """An app that could not be read; `path` is its folder in the store, `reason` a sentence."""

    path: str
    reason: str


class BadManifest(Exception):
    """An app that cannot be read; the message says why, in words."""
