"""A pull as it goes on: the engine's many lines for each layer, added up and thinned."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Final, Self

from talome.core.errors import TalomeError, Unavailable
from talome.engines.docker.models import PullProgress
from talome.engines.docker.registry import RegistryAnswer, refusal

_BETWEEN_S: Final = 0.1
_LINE_BYTES: Final = 1024 * 1024
_MOST_LAYERS: Final = 1000
_DONE: Final = ("Pull complete", "Already exists")
_LAYER_SAYS: Final = (
    "Pulling fs layer", "Waiting", "Downloading", "Verifying Checksum", "Download complete", "Extracting", *_DONE,
)  # fmt: skip


@dataclass(slots=True)
class _Layer:
    status: str = ""
    done: int = 0
    total: int = 0


class PullTally:
    """The state of every layer, and the sum of it."""

    def __init__(self) -> None:
        self._layers: dict[str, _Layer] = {}

    def take(self, line: Mapping[str, Any]) -> bool:
        """Whether the line told of a layer."""
        id, status = str(line.get("id") or ""), str(line.get("status") or "")
        known = id in self._layers
        if not known and (status not in _LAYER_SAYS or len(self._layers) >= _MOST_LAYERS):
            return False
        layer = self._layers.setdefault(id, _Layer())
        layer.status = status
        detail = line.get("progressDetail") or {}
        if status == "Downloading":
            layer.done, layer.total = int(detail.get("current") or 0), int(detail.get("total") or 0)
        elif status in ("Download complete", "Extracting", "Pull complete"):
            layer.done = layer.total
        return True

    def sum(self) -> PullProgress:
        layers = self._layers.values()
        return PullProgress(
            status=self._status(),
            layers_done=sum(layer.status in _DONE for layer in layers),
            layers_total=len(layers),
            bytes_done=sum(layer.done for layer in layers),
            bytes_total=sum(max(layer.done, layer.total) for layer in layers),
        )

    def _status(self) -> str:
        states = {layer.status for layer in self._layers.values()}
        if any(state.startswith("Retrying") for state in states):
            return "Trying again after the registry broke off"
        if "Downloading" in states:
            return "Downloading"
        if "Extracting" in states:
            return "Unpacking"
        if states & {"Pulling fs layer", "Waiting"}:
            return "Downloading" if "Download complete" in states else "Waiting for the registry"
        return "Done" if states <= set(_DONE) else "Unpacking"


class ImagePull:
    """An open pull. Only one that the engine ended itself is whole; closing it earlier gives it up."""

    def __init__(self, answer: RegistryAnswer) -> None:
        self._answer = answer
        self._tally = PullTally()
        self._rest = b""
        self._news = False
        self._next_at = 0.0
        self._ended = False
        self._error: TalomeError | None = None

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> PullProgress:
        while not self._answer.closed:
            if self._error is not None:
                raise self._error
            early_s = self._next_at - time.monotonic()
            if self._news and (self._ended or early_s <= 0):
                self._news, self._next_at = False, time.monotonic() + _BETWEEN_S
                return self._tally.sum()
            if self._ended:
                break
            self._feed(await self._answer.read(early_s if self._news else None))
        raise StopAsyncIteration

    def _feed(self, chunk: bytes | None) -> None:
        if chunk is None:
            return
        self._ended = not chunk
        *lines, self._rest = (self._rest + (chunk or b"\n")).split(b"\n")
        if len(self._rest) > _LINE_BYTES:
            raise Unavailable("The Docker engine gave an answer that was not understood.", code="engine_failed")
        for line in lines:
            if line.strip():
                self._take(line)

    def _take(self, line: bytes) -> None:
        try:
            said = json.loads(line)
            if isinstance(said, dict):
                if said.get("error"):
                    self._error = refusal(str(said["error"]))
                self._news = self._tally.take(said) or self._news
        except (ValueError, TypeError, AttributeError):
            raise Unavailable(
                "The Docker engine gave an answer that was not understood.", code="engine_failed"
            ) from None

    async def aclose(self) -> None:
        await self._answer.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()
