"""What a client says beside the body, in headers."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from talome.core.errors import Invalid
from talome.gateway.inference.models import AS_USUAL, CacheWish, Labels

LOCAL_ONLY: Final = "X-Talome-Local-Only"
CACHE: Final = "X-Talome-Cache"
THRESHOLD: Final = "X-Talome-Cache-Threshold"
FEATURE: Final = "X-Talome-Feature"
WORKSPACE: Final = "X-Talome-Workspace"
IDEMPOTENCY: Final = "Idempotency-Key"
_SWITCH: Final = {"true": True, "1": True, "false": False, "0": False}
_CACHE: Final = {"use": True, "skip": False}
_FEATURE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
_TRACE: Final = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}(?:-.*)?")
_LONGEST_ID: Final = 200


def labels_of(headers: Mapping[str, str], raw: bytes, request_id: str, *, shows_provider: bool = False) -> Labels:
    """A label that is not understood is refused, never ignored: it may be the one that keeps a text in the house."""
    idempotency = headers.get(IDEMPOTENCY, "")
    if len(idempotency) > _LONGEST_ID or not idempotency.isprintable():
        raise Invalid(f"“{IDEMPOTENCY}” has at most {_LONGEST_ID} printable characters.", field=IDEMPOTENCY)
    feature = headers.get(FEATURE, "")
    if feature and not _FEATURE.fullmatch(feature):
        raise Invalid(f"“{FEATURE}” is a short name of letters, digits, dots and dashes.", field=FEATURE)
    told = headers.get("traceparent")
    trace = _TRACE.fullmatch(told) if told else None
    return Labels(
        local_only=_local_only(headers.get(LOCAL_ONLY)),
        cache=_cache(headers),
        idempotency=idempotency,
        body_hash=hashlib.sha256(raw).hexdigest() if idempotency else "",
        request_id=request_id,
        trace_id=trace[1] if trace else request_id,
        shows_provider=shows_provider,
        feature=feature,
        workspace=headers.get(WORKSPACE),
    )


def take_labels(labels: Labels, body: dict[str, Any]) -> Labels:
    """The same with what the body says; `local_only` is ours and goes no further."""
    if "local_only" not in body:
        return labels
    said = body.pop("local_only")
    if not isinstance(said, bool):
        raise Invalid("“local_only” is true or false.", field="local_only")
    return replace(labels, local_only=labels.local_only or said)


def _local_only(said: str | None) -> bool:
    if said is None:
        return False
    if said.lower() not in _SWITCH:
        raise Invalid(f"“{LOCAL_ONLY}” is true or false.", field=LOCAL_ONLY)
    return _SWITCH[said.lower()]


def _cache(headers: Mapping[str, str]) -> CacheWish:
    if CACHE not in headers and THRESHOLD not in headers and "Cache-Control" not in headers:
        return AS_USUAL
    said = headers.get(CACHE)
    if said is not None and said.lower() not in _CACHE:
        raise Invalid(f"“{CACHE}” is use or skip.", field=CACHE)
    use = None if said is None else _CACHE[said.lower()]
    control = headers.get("Cache-Control", "")
    if "no-cache" in control or "no-store" in control:
        use = False
    threshold = headers.get(THRESHOLD, "0")
    try:
        least = float(threshold)
    except ValueError:
        least = -1.0
    if not 0.0 <= least <= 1.0:
        raise Invalid(f"“{THRESHOLD}” is a number from 0 to 1.", field=THRESHOLD)
    return CacheWish(use, least)
