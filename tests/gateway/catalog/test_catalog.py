"""The catalog: what ships, look-up by any name, exact costs, and what an administrator changes."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import fields
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from talome.core.db import Database
from talome.core.errors import Invalid, NotFound
from talome.core.events import Events
from talome.core.migrations import find_migrations
from talome.engines.providers.models import Tokens
from talome.gateway.catalog.data import read_compiled
from talome.gateway.catalog.models import CAPABILITIES, Model, ModelChange, Prices, Rates
from talome.gateway.catalog.names import local_model, local_rank, undated
from talome.gateway.catalog.service import Catalog
from talome.gateway.catalog.store import CatalogStore

Open = Callable[[], Awaitable[Catalog]]


@pytest.fixture
async def opened(tmp_path: Path) -> AsyncIterator[Open]:
    async with AsyncExitStack() as stack:

        async def open_() -> Catalog:
            events = Events()
            db = Database(tmp_path / "talome.db", events)
            await db.open(find_migrations("talome.gateway.catalog"))
            stack.push_async_callback(db.close)
            catalog = Catalog(CatalogStore(db), events)
            await catalog.start()
            return catalog

        yield open_


@pytest.fixture
async def catalog(opened: Open) -> Catalog:
    return await opened()


def priced(long: Rates | None = None) -> Model:
    return Model(
        "m", "openai", "M", Prices(Rates(2_500_000, 10_000_000, 1_250_000, 3_000_000), long, 1000 if long else 0)
    )


def test_what_ships_is_whole() -> None:
    compiled = read_compiled()
    assert len(compiled.models) > 500
    assert compiled.researched_at >= "2026-01-01"
    assert len({(model.provider, model.id) for model in compiled.models}) == len(compiled.models)
    for model in compiled.models:
        assert model.capabilities
        assert model.capabilities <= set(CAPABILITIES), model.id
        rates = [getattr(model.prices.rates, one.name) for one in fields(Rates)]
        assert all(isinstance(rate, int) and rate >= 0 for rate in rates), model.id
        assert (model.prices.long is None) == (model.prices.long_above == 0), model.id
    by_provider = {model.provider for model in compiled.models}
    assert by_provider == {"openai", "anthropic", "google", "groq", "mistral", "deepseek", "openrouter"}
    able = {ability for model in compiled.models for ability in model.capabilities}
    assert able == set(CAPABILITIES)


async def test_prices_of_well_known_models(catalog: Catalog) -> None:
    for name, input_, output in (
        ("gpt-4o", 2_500_000, 10_000_000),
        ("gpt-4o-mini", 150_000, 600_000),
        ("claude-3-5-haiku-20241022", 800_000, 4_000_000),
        ("text-embedding-3-small", 20_000, 0),
    ):
        model = catalog.find(name)
        assert model is not None, name
        assert (model.prices.rates.input_per_1k, model.prices.rates.output_per_1k) == (input_, output)
    speech, whisper = catalog.find("tts-1"), catalog.find("whisper-1")
    assert speech is not None
    assert whisper is not None
    assert (speech.prices.per_character, whisper.prices.per_second) == (15_000, 100_000)


@pytest.mark.parametrize(
    ("name", "provider", "id"),
    [
        ("gpt-4o", "openai", "gpt-4o"),
        ("GPT-4o", "openai", "gpt-4o"),
        ("openai/gpt-4o", "openai", "gpt-4o"),
        ("anthropic/claude-sonnet-4-5", "anthropic", "claude-sonnet-4-5"),
        ("gpt-4o-mini-2024-07-18", "openai", "gpt-4o-mini"),
        ("gpt-4", "openai", "gpt-4"),
        ("gemini-pro", "google", "gemini-pro"),
        ("openrouter/anthropic/claude-sonnet-4.5", "openrouter", "anthropic/claude-sonnet-4.5"),
    ],
)
async def test_a_model_is_found_by_any_of_its_names(catalog: Catalog, name: str, provider: str, id: str) -> None:
    found = catalog.find(name)
    assert found is not None
    assert (found.provider, found.id) == (provider, id)


async def test_dated_forms_of_models_that_are_listed_without_a_date(catalog: Catalog) -> None:
    assert catalog.find("claude-3-sonnet") is not None
    for name in ("claude-sonnet-4-5-20250929", "claude-sonnet-4-5-latest", "claude-sonnet-4-5@20250929"):
        found = catalog.find(name, "anthropic")
        assert found is not None
        assert found.id.startswith("claude-sonnet-4-5")


async def test_names_that_nobody_has(catalog: Catalog) -> None:
    for name in ("", "/", "no-such-model", "openai/", "openai/no-such-model", "x" * 5000, "gpt-4o\x00", "%s", "../x"):
        assert catalog.find(name) is None
    assert catalog.find("gpt-4o", "anthropic") is None


def test_undated() -> None:
    assert undated("gpt-4o-2024-05-13") == "gpt-4o"
    assert undated("claude-haiku-4-5-20251001") == "claude-haiku-4-5"
    assert undated("mistral-large-latest") == "mistral-large"
    assert undated("llama-3.3-70b") == "llama-3.3-70b"


@pytest.mark.parametrize(
    ("tokens", "nano"),
    [
        (Tokens(), 0),
        (Tokens(input=1), 2_500),
        (Tokens(output=1), 10_000),
        (Tokens(cache_read=1), 1_250),
        (Tokens(cache_write=1), 3_000),
        (
            Tokens(input=1000, cache_read=2000, cache_write=500, output=300),
            2_500_000 + 2_500_000 + 1_500_000 + 3_000_000,
        ),
        (Tokens(output=10, reasoning=8), 100_000),
    ],
)
async def test_cost_counts_each_kind_once(catalog: Catalog, tokens: Tokens, nano: int) -> None:
    assert catalog.cost(priced(), tokens) == nano


async def test_cost_is_rounded_up_to_a_whole_nano_dollar(catalog: Catalog) -> None:
    model = Model("m", "google", "M", Prices(Rates(37, 1, 0, 0)))
    assert catalog.cost(model, Tokens(input=1)) == 1
    assert catalog.cost(model, Tokens(input=1000)) == 37
    assert catalog.cost(model, Tokens(input=1001)) == 38


async def test_a_long_prompt_has_its_own_rates_for_all_of_it(catalog: Catalog) -> None:
    model = priced(Rates(5_000_000, 20_000_000, 2_500_000, 6_000_000))
    assert catalog.cost(model, Tokens(input=1000, output=10)) == 2_600_000
    assert catalog.cost(model, Tokens(input=400, cache_read=601, output=10)) == 2_000_000 + 1_502_500 + 200_000


COUNT = st.integers(min_value=0, max_value=2_000_000)
RATE = st.integers(min_value=0, max_value=200_000_000)


@settings(max_examples=60, deadline=None)
@given(COUNT, COUNT, COUNT, COUNT, st.lists(RATE, min_size=3, max_size=3))
def test_what_is_reserved_is_enough(input_: int, read: int, written: int, output: int, rates: list[int]) -> None:
    plain, answer, write = rates
    model = Model("m", "x", "M", Prices(Rates(plain, answer, plain, write)))
    catalog = Catalog.__new__(Catalog)
    cost = catalog.cost(model, Tokens(input=input_, cache_read=read, cache_write=written, output=output))
    assert cost <= catalog.ceiling(model, input_ + read + written, output)


async def test_changes_are_kept_and_can_be_taken_back(opened: Open) -> None:
    catalog = await opened()
    model = await catalog.override("openai", "gpt-4o", ModelChange(input_per_1m=1.0375, rank=99), by="ada")
    assert (model.prices.rates.input_per_1k, model.prices.rates.output_per_1k) == (1_037_500, 10_000_000)
    assert model.prices.rates.cache_read_per_1k == 1_037_500
    await catalog.override("openai", "gpt-4o", ModelChange(capabilities=["chat"]), by="ada")
    for one in (catalog, await opened()):
        found = one.find("gpt-4o")
        assert found is not None
        assert (found.rank, found.capabilities, found.prices.rates.input_per_1k) == (99, {"chat"}, 1_037_500)
        assert one.changed(found) == ["capabilities", "input_per_1m", "rank"]
    await catalog.restore("openai", "gpt-4o")
    again = (await opened()).find("gpt-4o")
    assert again is not None
    assert again.prices.rates.input_per_1k == 2_500_000
    with pytest.raises(NotFound):
        await catalog.restore("openai", "gpt-4o")
    with pytest.raises(Invalid):
        await catalog.override("openai", "gpt-4o", ModelChange(), by="ada")


async def test_a_change_of_prices_by_picture_keeps_the_others(catalog: Catalog) -> None:
    model = await catalog.override("openai", "dall-e-3", ModelChange(per_image=0.08), by="ada")
    assert model.prices.per_image == 80_000_000
    both = await catalog.override("openai", "dall-e-3", ModelChange(input_per_1m=1), by="ada")
    assert (both.prices.per_image, both.prices.rates.input_per_1k) == (80_000_000, 1_000_000)


async def test_a_local_model_can_be_described(catalog: Catalog) -> None:
    assert catalog.local("house-brew").rank == 25
    await catalog.override("local", "house-brew", ModelChange(rank=50, capabilities=["chat", "vision"]), by="ada")
    assert catalog.local("house-brew").rank == 50
    assert catalog.local("house-brew").prices == Prices()
    assert catalog.find("house-brew") is None, "a local model has no name outside its endpoint"


@pytest.mark.parametrize(
    ("name", "able"),
    [
        ("llama3.2:3b", {"chat", "json", "tools"}),
        ("llava:13b", {"chat", "json", "vision"}),
        ("qwen2.5vl:7b", {"chat", "json", "tools", "vision"}),
        ("deepseek-r1:8b", {"chat", "json", "tools", "reasoning"}),
        ("nomic-embed-text:latest", {"embedding"}),
        ("bge-m3", {"embedding"}),
        ("whisper-large-v3", {"transcription"}),
        ("kokoro", {"speech"}),
        ("stable-diffusion-xl", {"image"}),
        ("SmolLM2-135M-Instruct", {"chat", "json"}),
        ("", {"chat", "json"}),
    ],
)
def test_what_a_local_models_name_tells(name: str, able: set[str]) -> None:
    assert local_model(name).capabilities == able


def test_more_parameters_are_stronger() -> None:
    names = ("smollm2-135m-instruct", "llama3.2:1b", "qwen2.5:7b", "mixtral:8x7b", "llama3.3:70b-instruct-q4_K_M")
    ranks = [local_rank(name) for name in names]
    assert ranks == sorted(ranks)
    assert len(set(ranks)) == len(ranks)
    assert local_rank("q4_0") == local_rank("v2") == 25
