"""Which models an endpoint has, and whether it answers at all."""

import asyncio
import time
from typing import Any, Final

from talome.engines.providers import anthropic, google, openai
from talome.engines.providers.models import Endpoint, Json, Probe, UpstreamError
from talome.engines.providers.wire import Wire, read_json, upstream_error

_WHOLE_S: Final = 5.0
_LOCAL_BYTES: Final = 1_000_000
_CLOUD_BYTES: Final = 8_000_000
_MOST_MODELS: Final = 2_000
_LONGEST_NAME: Final = 200
_OWNERS: Final = {"llamacpp": "llamacpp", "vllm": "vllm", "library": "ollama", "organization_owner": "lmstudio"}


async def models(wire: Wire, endpoint: Endpoint) -> list[str]:
    """Sorted names. Raises `UpstreamError`."""
    return _names(await _rows(wire, endpoint))


async def probe(wire: Wire, endpoint: Endpoint) -> Probe:
    """Never raises for what an endpoint does."""
    began = time.monotonic()
    try:
        rows = await _rows(wire, endpoint)
    except UpstreamError as error:
        return Probe(ok=False, latency_ms=_since(began), reason=error.public, code=error.kind)
    kind = "google" if endpoint.provider == "google" else _kind(rows)
    return Probe(ok=True, latency_ms=_since(began), kind=kind, models=tuple(_names(rows)))


async def _rows(wire: Wire, endpoint: Endpoint) -> list[Json]:
    path, credentials = "/models", openai.headers(endpoint)
    if endpoint.provider == "anthropic":
        path, credentials = "/models?limit=1000", anthropic.headers(endpoint)
    elif endpoint.provider == "google":
        path, credentials = "/models?pageSize=1000", google.headers(endpoint)
    try:
        async with asyncio.timeout(_WHOLE_S):
            response = await wire.request(endpoint, "GET", path, None, credentials)
            answer = await read_json(response, _LOCAL_BYTES if endpoint.local else _CLOUD_BYTES)
    except TimeoutError as error:
        raise upstream_error(error) from None
    rows = answer.get("models" if endpoint.provider == "google" else "data")
    if not isinstance(rows, list):
        raise UpstreamError("malformed", "The endpoint answers, but not with a list of models.")
    return [row for row in rows[:_MOST_MODELS] if isinstance(row, dict)]


def _names(rows: list[Json]) -> list[str]:
    names = {_name(row.get("id") or row.get("name")) for row in rows}
    return sorted(names - {""})


def _name(given: Any) -> str:
    name = given.removeprefix("models/") if isinstance(given, str) else ""
    return name if name.isprintable() and len(name) <= _LONGEST_NAME else ""


def _kind(rows: list[Json]) -> str:
    """Most servers sign the models they list."""
    owners = [str(row.get("owned_by")) for row in rows]
    return next((_OWNERS[owner] for owner in owners if owner in _OWNERS), "")


def _since(began: float) -> float:
    return round((time.monotonic() - began) * 1000, 1)
