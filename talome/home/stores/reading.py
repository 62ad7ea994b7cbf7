"""Has a store read in a process of its own, so that the server goes on answering whatever the store holds."""

import asyncio
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import orjson

from talome.core.errors import Unavailable
from talome.home.stores.models import StoreType

_TIMEOUT_S: Final = 600.0
_ERROR_BYTES: Final = 4000
_ENVIRONMENT: Final = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(Path(__file__).parents[3]), "LC_ALL": "C.UTF-8"}


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
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "talome.home.stores.read_process",
        stdin=pipe, stdout=asyncio.subprocess.DEVNULL, stderr=pipe, env=_ENVIRONMENT, cwd="/", start_new_session=True,
    )  # fmt: skip
    try:
        async with asyncio.timeout(_TIMEOUT_S):
            said = await _converse(process, order)
    except TimeoutError:
        raise Unavailable("The store takes too long to read.") from None
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
    if process.returncode != 0:
        raise Unavailable(f"The store could not be read: {said or 'it takes more memory or time than is allowed'}.")


async def _converse(process: asyncio.subprocess.Process, order: Order) -> str:
    """Returns its last word."""
    if process.stdin is None or process.stderr is None:
        raise Unavailable("The process that reads stores could not be started.")
    process.stdin.write(orjson.dumps(_told(order)))
    process.stdin.write_eof()
    said = await _last_line(process.stderr)
    await process.wait()
    return said


async def _last_line(stream: asyncio.StreamReader) -> str:
    tail = b""
    while chunk := await stream.read(_ERROR_BYTES):
        tail = (tail + chunk)[-_ERROR_BYTES:]
    lines = tail.decode(errors="replace").strip().splitlines()
    return lines[-1][:200] if lines else ""


def _told(order: Order) -> dict[str, Any]:
    return {
        "kind": order.kind,
        "folder": str(order.folder),
        "id": order.store_id,
        "name": order.name,
        "out": str(order.out),
        "told": order.told,
    }
