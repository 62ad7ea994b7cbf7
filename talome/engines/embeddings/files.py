"""Finds files of installed packages without importing these, and reads the one table of a safetensors file."""

import importlib.util
import struct
from pathlib import Path
from typing import Any, Final

import orjson

from talome.core.errors import Unavailable

_LARGEST_HEADER_BYTES: Final = 1024 * 1024
_TYPES: Final = {"F16": "<f2", "F32": "<f4"}


def has(*packages: str) -> bool:
    """Whether all of them are installed."""
    return all(importlib.util.find_spec(package) is not None for package in packages)


def file_of(package: str, *path: str) -> Path | None:
    """A file inside an installed package; None where either is missing."""
    spec = importlib.util.find_spec(package)
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        found = Path(folder, *path)
        if found.is_file():
            return found
    return None


def map_table(path: Path, name: str) -> Any:
    """A table of a safetensors file (a length, a JSON header, the numbers) as a memory-mapped array: only the pages
    that are touched take memory, and the system may drop them again."""
    import numpy as np

    with path.open("rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        if length > _LARGEST_HEADER_BYTES:
            raise Unavailable(f"{path.name} is no file of vectors. Install the package again.")
        about = orjson.loads(file.read(length))[name]
    start, end = about["data_offsets"]
    shape, kind = tuple(about["shape"]), np.dtype(_TYPES[about["dtype"]])
    if end - start != int(np.prod(shape)) * kind.itemsize or path.stat().st_size < 8 + length + end:
        raise Unavailable(f"{path.name} is cut short. Install the package again.")
    mapped = np.memmap(path, dtype=kind, mode="r", offset=8 + length + start, shape=shape)
    return mapped.view(np.ndarray)  # whose rows are had in half the time
