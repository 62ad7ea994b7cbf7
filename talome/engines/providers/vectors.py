"""Embeddings in the form that was asked for, whichever the endpoint sent."""

import base64
import binascii
import struct
from typing import Any

from talome.engines.providers.models import UpstreamError


def as_asked(data: Any, *, packed: bool, expected: int) -> list[list[float] | str]:
    """One vector for each input, in order. Raises `UpstreamError` where they are not all there."""
    rows = data if isinstance(data, list) else []
    if len(rows) != expected or not all(isinstance(row, dict) for row in rows):
        raise UpstreamError("malformed", "The model's endpoint sent another number of vectors than texts were given.")
    if all(isinstance(row.get("index"), int) for row in rows):
        rows = sorted(rows, key=lambda row: int(row["index"]))
    return [_vector(row.get("embedding"), packed=packed) for row in rows]


def _vector(vector: Any, *, packed: bool) -> list[float] | str:
    try:
        if isinstance(vector, str):
            raw = base64.b64decode(vector, validate=True)
            return vector if packed else list(struct.unpack(f"<{len(raw) // 4}f", raw))
        if isinstance(vector, list) and vector:
            if packed:
                return base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode("ascii")
            if all(isinstance(number, int | float) for number in vector):
                return vector
    except (binascii.Error, struct.error, OverflowError):
        pass
    raise UpstreamError("malformed", "The model's endpoint sent what is no vector.")
