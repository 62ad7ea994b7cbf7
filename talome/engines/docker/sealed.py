"""A script of a stranger, run once in a container that is thrown away: no network, nothing of this machine, nothing to
keep, no rights, and limits on memory, processors, processes and time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

from talome.core.errors import Invalid, Unavailable
from talome.engines.docker.models import SCRATCH_LABEL, SealedRun
from talome.engines.docker.names import check_reference

if TYPE_CHECKING:
    from talome.engines.docker.protocol import Containers
    from talome.engines.docker.transport import Transport

_LABEL: Final = "sealed-script"
_LONGEST: Final = 120 * 1024
"""The kernel gives a program no argument and no variable of more than 128 KiB."""
_MEMORY_BYTES: Final = 128 * 1024 * 1024
_PROCESSES: Final = 64
_CPU_S: Final = 10
_NOBODY: Final = "65534:65534"
_EVERY_S: Final = 0.1
_OUTPUT_BYTES: Final = 256 * 1024


@dataclass(frozen=True, slots=True)
class SealedScript:
    """What is run, in which image."""

    image: str
    script: str
    env: Mapping[str, str]


async def run_sealed(transport: Transport, containers: Containers, order: SealedScript, limit_s: float) -> SealedRun:
    """What it wrote and how it ended. Raises `NotFound` where the image is not here: nothing is fetched for it."""
    if any(len(text.encode()) > _LONGEST for text in (order.script, *order.env.values())):
        raise Invalid(f"The script is longer than {_LONGEST // 1024} KiB.")
    await _sweep(transport, containers)
    params = {"name": f"talome-script-{uuid4().hex[:12]}"}
    said = await transport.call("POST", "/containers/create", params=params, body=_body(order))
    id = str(said["Id"])
    try:
        await containers.start(id)
        return await _ended(containers, id, limit_s)
    finally:
        await asyncio.shield(containers.remove(id, force=True, volumes=True))


def _body(order: SealedScript) -> dict[str, Any]:
    return {
        "Image": check_reference(order.image),
        "Entrypoint": ["sh", "-c", order.script],
        "Cmd": [],
        "Env": [f"{name}={value}" for name, value in order.env.items()],
        "User": _NOBODY,
        "WorkingDir": "/tmp",  # noqa: S108 - inside of the container, in memory
        "Labels": {SCRATCH_LABEL: _LABEL},
        "NetworkDisabled": True,
        "HostConfig": {
            "NetworkMode": "none",
            "ReadonlyRootfs": True,
            "CapDrop": ["ALL"],
            "SecurityOpt": ["no-new-privileges:true"],
            "Memory": _MEMORY_BYTES,
            "MemorySwap": _MEMORY_BYTES,
            "NanoCpus": 500_000_000,
            "PidsLimit": _PROCESSES,
            "Ulimits": [{"Name": "cpu", "Soft": _CPU_S, "Hard": _CPU_S}],
            "Tmpfs": {"/tmp": "size=4m,mode=1777,noexec,nosuid,nodev"},  # noqa: S108 - as above
            "LogConfig": {"Type": "json-file", "Config": {"max-size": "1m", "max-file": "1"}},
        },
    }


async def _ended(containers: Containers, id: str, limit_s: float) -> SealedRun:
    deadline = time.monotonic() + limit_s
    while (found := await containers.inspect(id)).state not in ("exited", "dead"):
        if time.monotonic() > deadline:
            raise Unavailable(f"The script did not end within {limit_s:g} seconds, and was ended.")
        await asyncio.sleep(_EVERY_S)
    page = await containers.logs(id, tail=None, limit_bytes=_OUTPUT_BYTES)
    lines = {
        stream: tuple(line.text for line in page.lines if line.stream == stream) for stream in ("stdout", "stderr")
    }
    return SealedRun(found.exit_code or 0, lines["stdout"], lines["stderr"])


async def _sweep(transport: Transport, containers: Containers) -> None:
    """Remove what a server that was killed in the middle left behind."""
    params: dict[str, str | int] = {"all": 1, "filters": f'{{"label": ["{SCRATCH_LABEL}={_LABEL}"]}}'}
    for row in await transport.call("GET", "/containers/json", params=params):
        if row.get("State") != "running":
            await containers.remove(str(row["Id"]), force=True)
