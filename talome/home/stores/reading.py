"""Has a store read in a process of its own, so that the server goes on answering whatever the store holds."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import orjson

from talome.core.errors import Unavailable
from talome.engines.child import run_module
from talome.home.stores.models import StoreType

_TIMEOUT_S: Final = 600.0


@dataclass(frozen=True, slots=True)
class Order:
    """What to read, and the file to write it into, which is not there yet. `told`: see `read_process.told_of`."""

    kind: StoreType
    folder: Path
    store_id: str
    name: str
    out: Path
    told: Mapping[str, Any] = field(default_factory=dict)


async def read_store(order: Order) -> None:
    """Raises `Unavailable` where the process does not come to a good end."""
    try:
        ended = await run_module("talome.home.stores.read_process", orjson.dumps(_told(order)), timeout_s=_TIMEOUT_S)
    except TimeoutError:
        raise Unavailable("The store takes too long to read.") from None
    if ended.code != 0:
        raise Unavailable(
            f"The store could not be read: {ended.said or 'it takes more memory or time than is allowed'}."
        )


def _told(order: Order) -> dict[str, Any]:
    return {
        "kind": order.kind,
        "folder": str(order.folder),
        "id": order.store_id,
        "name": order.name,
        "out": str(order.out),
        "told": order.told,
    }
