"""Reads `models.json`, which scripts/catalog.py writes: one list a model, in the order that is written there."""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import orjson

from talome.gateway.catalog.models import Model, Prices, Rates


@dataclass(frozen=True, slots=True)
class Compiled:
    """The catalog as it ships. `aliases` are further names of a model, by provider and id."""

    models: tuple[Model, ...]
    aliases: dict[tuple[str, str], list[str]]
    researched_at: str


@cache
def read_compiled() -> Compiled:
    """The whole file; some milliseconds, and it blocks. What was read stays; nobody changes it."""
    whole = orjson.loads((files("talome.gateway.catalog") / "models.json").read_bytes())
    rows: list[list[Any]] = whole["models"]
    abilities: dict[tuple[str, ...], frozenset[str]] = {}
    models = tuple(_model(row, abilities) for row in rows)
    return Compiled(models, {(row[1], row[0]): row[15] for row in rows if row[15]}, whole["researched_at"])


def _model(row: list[Any], abilities: dict[tuple[str, ...], frozenset[str]]) -> Model:
    key = tuple(row[6])
    prices = Prices(_rates(row[9]), _rates(row[11]) if row[11] else None, row[10], row[12], row[13], row[14])
    capabilities = abilities.setdefault(key, frozenset(key))
    return Model(row[0], row[1], row[2], prices, row[4], row[5], capabilities, row[7], bool(row[8]), row[3])


def _rates(four: list[int]) -> Rates:
    return Rates(four[0], four[1], four[2], four[3])
