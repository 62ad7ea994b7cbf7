"""Who is asked, and in which order."""

import time
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from talome.accounts.workspaces.models import WorkspaceWish
from talome.core.errors import Forbidden, Invalid, NotFound, TooMany, Unavailable
from talome.engines.providers.models import UpstreamError
from talome.gateway.catalog.models import ModelChange
from talome.gateway.routing.models import Route, Wish
from talome.gateway.routing.service import Features, features_of
from tests.gateway.ground import ADA, Ground, open_ground

HARD = partial(Features, text="Prove it step by step and derive the theorem, why? ∀", characters=9000, tools=12)
EASY = partial(Features, text="Hi")
BIG, SMALL, CHEAP = "gpt-5.5", "gpt-4o-mini", "gpt-4.1-nano"


@pytest.fixture
async def ground(tmp_path: Path) -> AsyncIterator[Ground]:
    async with open_ground(tmp_path) as opened:
        yield opened


def names(route: Route) -> list[str]:
    return [one.offer.model_name for one in route.candidates]


def wish(requested: str = "auto", **more: Any) -> Wish:
    return Wish(requested, **{"tokens_in": 100, "tokens_out": 200, **more})


async def test_without_anything_it_says_what_to_add(ground: Ground) -> None:
    for requested in ("auto", "fast", "max", "talocode/auto", "gpt-4"):
        with pytest.raises(Unavailable, match="provider's key or a local endpoint") as refused:
            ground.router.route(wish(requested))
        assert refused.value.error_code == "no_provider"


async def test_auto_takes_what_is_cheap_and_good_enough(ground: Ground) -> None:
    await ground.key("openai", BIG, SMALL, CHEAP)
    easy, hard = ground.router.route(wish(), EASY), ground.router.route(wish(), HARD)
    assert names(easy) == [CHEAP, SMALL, BIG]
    assert names(hard)[0] == BIG
    assert (easy.tier, easy.method) == ("auto", "rules")
    assert easy.reason.startswith("simple")
    assert hard.reason.startswith("reasoning")


async def test_max_takes_the_strongest_and_fast_the_quickest(ground: Ground) -> None:
    key = await ground.key("openai", BIG, SMALL, CHEAP)
    assert names(ground.router.route(wish("max"), EASY)) == [BIG, CHEAP, SMALL]
    assert names(ground.router.route(wish("fast"), HARD))[0] != BIG
    ground.breaker.succeeded(key, BIG, 20, 900)
    ground.breaker.succeeded(key, CHEAP, 2000, 20)
    ground.clock.now += 6
    assert names(ground.router.route(wish("fast"), EASY))[0] == BIG


async def test_local_endpoints_come_first_where_they_are_able(ground: Ground) -> None:
    await ground.key("openai", SMALL, BIG)
    await ground.local("llama3.2:3b")
    assert names(ground.router.route(wish(), EASY))[0] == "llama3.2:3b"
    assert names(ground.router.route(wish(), HARD))[0] == BIG
    assert "llama3.2:3b" in names(ground.router.route(wish(), HARD)), "the weaker one is the last way out"
    vision = ground.router.route(wish(needs=frozenset({"vision"})), EASY)
    assert names(vision) == [SMALL, BIG]


async def test_a_small_local_model_alone_answers_everything(ground: Ground) -> None:
    await ground.local("SmolLM2-135M-Instruct")
    for requested in ("auto", "fast", "max", "gpt-4", "claude-3-sonnet", "gemini-pro", "talocode/coding"):
        route = ground.router.route(wish(requested, needs=frozenset({"tools", "json", "reasoning"})), HARD)
        assert names(route) == ["SmolLM2-135M-Instruct"]
        assert route.candidates[0].offer.source == "local"


async def test_the_default_model_of_an_endpoint_is_preferred(ground: Ground) -> None:
    await ground.local("llama3.2:3b", "qwen2.5:3b", default="qwen2.5:3b")
    assert names(ground.router.route(wish(), EASY))[0] == "qwen2.5:3b"


async def test_names_of_models(ground: Ground) -> None:
    await ground.key("openai", BIG, SMALL)
    await ground.key("openrouter", "anthropic/claude-sonnet-4.5", "openai/gpt-4o-mini")
    await ground.local("llama3.2:latest")
    for requested, first in (
        (SMALL, SMALL),
        (f"openai/{SMALL}", SMALL),
        ("GPT-4O-MINI", SMALL),
        ("llama3.2", "llama3.2:latest"),
        ("claude-sonnet-4-5", "anthropic/claude-sonnet-4.5"),
        ("anthropic/claude-sonnet-4.5", "anthropic/claude-sonnet-4.5"),
    ):
        route = ground.router.route(wish(requested))
        assert (names(route)[0], route.tier, route.method) == (first, "native", "native"), requested
    assert set(names(ground.router.route(wish(SMALL)))) == {SMALL, "openai/gpt-4o-mini"}, "the reseller is a way out"


async def test_a_known_name_that_nobody_offers_is_a_wish(ground: Ground) -> None:
    await ground.key("openai", BIG, CHEAP)
    route = ground.router.route(wish("claude-3-haiku-20240307"), EASY)
    assert (names(route)[0], route.tier) == (CHEAP, "auto")
    assert "not offered here" in route.reason
    assert names(ground.router.route(wish("claude-opus-4-5"), EASY))[0] == BIG


async def test_a_name_that_nobody_knows_is_refused(ground: Ground) -> None:
    await ground.key("openai", BIG)
    for requested in ("no-such-model", "coding", "gpt-4o\x00", "x" * 10_000):
        with pytest.raises(NotFound) as refused:
            ground.router.route(wish(requested))
        assert refused.value.error_code == "model_not_found"
        assert requested not in refused.value.message


async def test_prefixes_of_the_faces(ground: Ground) -> None:
    await ground.key("openai", BIG, CHEAP)
    assert names(ground.router.route(wish("talocode/max"), EASY))[0] == BIG
    assert names(ground.router.route(wish("tokaroo/auto"), EASY))[0] == CHEAP
    coding = ground.router.route(wish("talocode/coding"), partial(Features, text="Sort this.", characters=2000))
    assert "code" in coding.reason
    assert ground.router.route(wish(" AUTO "), EASY).tier == "auto"


async def test_what_must_not_leave_the_house_does_not(ground: Ground) -> None:
    await ground.key("openai", BIG, SMALL)
    with pytest.raises(Forbidden) as refused:
        ground.router.route(wish(local_only=True))
    assert refused.value.error_code == "local_only"
    await ground.local("llama3.2:3b")
    for requested in ("auto", "fast", "max", "llama3.2:3b"):
        route = ground.router.route(wish(requested, local_only=True), HARD)
        assert all(one.offer.local for one in route.candidates)
    for bad in (wish(SMALL, local_only=True), wish(local_only=True, needs=frozenset({"vision"})),
                wish(local_only=True, kind="image")):  # fmt: skip
        with pytest.raises(Forbidden) as refused:
            ground.router.route(bad)
        assert refused.value.error_code == "local_only"


async def test_a_local_endpoint_with_a_public_address_is_outside(ground: Ground) -> None:
    await ground.local("llama3.2:3b", address="8.8.8.8")
    assert names(ground.router.route(wish())) == ["llama3.2:3b"]
    for requested in ("auto", "llama3.2:3b"):
        with pytest.raises(Forbidden) as refused:
            ground.router.route(wish(requested, local_only=True))
        assert refused.value.error_code == "local_only"


async def test_a_workspaces_own_key_is_for_it_alone(ground: Ground) -> None:
    made = await ground.workspaces.add(ADA, WorkspaceWish("acme", "Acme"))
    await ground.key("openai", SMALL, workspace=made.id)
    with pytest.raises(Unavailable):
        ground.router.route(wish())
    with pytest.raises(Unavailable):
        ground.router.route(wish(workspace="wsp_other"))
    route = ground.router.route(wish(workspace=made.id))
    assert route.candidates[0].offer.source == "workspace"
    house = await ground.key("openai", SMALL)
    both = ground.router.route(wish(workspace=made.id))
    assert [one.offer.source for one in both.candidates] == ["workspace", "house"]
    assert [one.offer.endpoint.id for one in ground.router.route(wish()).candidates] == [house]


@pytest.mark.parametrize(
    ("kind", "model"),
    [
        ("embedding", "text-embedding-3-small"),
        ("image", "dall-e-3"),
        ("speech", "tts-1"),
        ("transcription", "whisper-1"),
        ("video", "sora-2"),
    ],
)
async def test_other_kinds(ground: Ground, kind: Any, model: str) -> None:
    await ground.key("openai", SMALL)
    with pytest.raises(Unavailable) as refused:
        ground.router.route(wish(kind=kind))
    assert refused.value.error_code == "no_capable_model"
    await ground.key("openai", model)
    assert names(ground.router.route(wish(kind=kind, tokens_out=0))) == [model]
    assert names(ground.router.route(wish(model, kind=kind))) == [model]
    assert model not in names(ground.router.route(wish()))


async def test_a_name_of_another_kind_is_refused(ground: Ground) -> None:
    await ground.key("openai", "tts-1", SMALL)
    for bad in (wish("tts-1"), wish(SMALL, kind="embedding")):
        with pytest.raises(Invalid) as refused:
            ground.router.route(bad)
        assert refused.value.error_code == "model_not_capable"


async def test_a_house_with_one_local_model_has_embeddings_too(ground: Ground) -> None:
    await ground.local("smollm2")
    for requested in ("auto", "smollm2", "text-embedding-3-small"):
        assert names(ground.router.route(wish(requested, kind="embedding"))) == ["smollm2"]
    await ground.local("nomic-embed-text")
    assert names(ground.router.route(wish("auto", kind="embedding"))) == ["nomic-embed-text"]


async def test_context_windows(ground: Ground) -> None:
    await ground.key("openai", "gpt-4", CHEAP)
    assert "gpt-4" in names(ground.router.route(wish(tokens_in=1000)))
    assert names(ground.router.route(wish(tokens_in=20_000))) == [CHEAP]
    with pytest.raises(Invalid) as refused:
        ground.router.route(wish(tokens_in=50_000_000))
    assert refused.value.error_code == "context_length_exceeded"
    with pytest.raises(Invalid):
        ground.router.route(wish("gpt-4", tokens_in=20_000))


async def test_who_failed_is_passed_over_and_tried_when_nobody_else_is_left(ground: Ground) -> None:
    key = await ground.key("openai", CHEAP, SMALL)
    ground.breaker.failed(key, CHEAP, UpstreamError("failed", "x", status=500))
    assert names(ground.router.route(wish(), EASY)) == [SMALL]
    ground.breaker.failed(key, SMALL, UpstreamError("failed", "x", status=500))
    ground.breaker.failed(key, SMALL, UpstreamError("failed", "x", status=500))
    route = ground.router.route(wish(), EASY)
    assert names(route) == [CHEAP, SMALL], "what may be tried soonest comes first"
    ground.breaker.succeeded(key, SMALL)
    assert names(ground.router.route(wish(), EASY)) == [SMALL]


async def test_a_pause_that_was_asked_for_is_kept(ground: Ground) -> None:
    key = await ground.key("openai", CHEAP)
    ground.breaker.failed(key, CHEAP, UpstreamError("rate_limited", "x", status=429, retry_after_s=12.4))
    with pytest.raises(TooMany) as refused:
        ground.router.route(wish())
    assert refused.value.retry_after_s == 13


async def test_refused_keys_are_not_used(ground: Ground) -> None:
    key = await ground.key("openai", CHEAP, SMALL)
    ground.breaker.failed(key, CHEAP, UpstreamError("unauthorized", "x", status=401))
    with pytest.raises(Unavailable) as refused:
        ground.router.route(wish())
    assert refused.value.error_code == "keys_refused"


async def test_an_endpoint_that_does_not_answer_is_the_last_way_out(ground: Ground) -> None:
    await ground.local("llama3.2:3b", status="unreachable")
    assert names(ground.router.route(wish(), EASY)) == ["llama3.2:3b"]
    await ground.key("openai", SMALL)
    assert names(ground.router.route(wish(), EASY)) == [SMALL]


async def test_a_conversation_stays_where_it_is(ground: Ground) -> None:
    first, second = await ground.key("openai", SMALL), await ground.key("openai", SMALL)

    def at(conversation: str) -> tuple[str, str]:
        route = ground.router.route(wish(conversation=conversation), EASY)
        return route.candidates[0].offer.endpoint.id, route.method

    assert at("one") == (first, "rules")
    ground.breaker.failed(first, SMALL, UpstreamError("failed", "x", status=500))
    assert at("two") == (second, "rules")
    ground.clock.now += 6
    assert at("two") == (second, "conversation")
    assert at("three") == (first, "rules")
    ground.clock.now += 3601
    assert at("two") == (first, "rules"), "after an hour its cache at the provider is gone too"


async def test_a_conversation_grows_harder_but_not_easier(ground: Ground) -> None:
    await ground.key("openai", BIG, CHEAP)
    assert names(ground.router.route(wish(conversation="c"), EASY))[0] == CHEAP
    assert names(ground.router.route(wish(conversation="c"), HARD))[0] == BIG
    route = ground.router.route(wish(conversation="c"), EASY)
    assert route.reason.startswith("reasoning")
    assert (names(route)[0], route.method) == (BIG, "conversation")
    assert names(ground.router.route(wish("fast", conversation="c"), EASY))[0] == CHEAP, "another mode chooses anew"
    assert names(ground.router.route(wish("max", conversation="c"), EASY))[0] == BIG


async def test_models_without_a_price_are_never_chosen_unasked(ground: Ground) -> None:
    await ground.key("openai", SMALL, "gpt-99-unheard-of", "gpt-6-cyber")
    assert names(ground.router.route(wish(), EASY)) == [SMALL]
    route = ground.router.route(wish("gpt-99-unheard-of"))
    assert names(route) == ["gpt-99-unheard-of"]
    assert route.candidates[0].model.prices.rates.output_per_1k > 0, "budgets hold for it too"
    assert names(ground.router.route(wish("gpt-6-cyber"))) == ["gpt-6-cyber"]


async def test_changed_prices_change_the_order(ground: Ground) -> None:
    await ground.key("openai", CHEAP, SMALL)
    assert names(ground.router.route(wish(), EASY))[0] == CHEAP
    await ground.catalog.override("openai", CHEAP, ModelChange(input_per_1m=50), by="ada")
    assert names(ground.router.route(wish(), EASY))[0] == SMALL


async def test_a_route_costs_little(ground: Ground) -> None:
    await ground.key("openrouter", *(model.id for model in ground.catalog.all() if model.provider == "openrouter"))
    body = {"messages": [{"role": "user", "content": "Hello, what is the weather like on the moon?"}]}
    ground.router.route(wish(), lambda: features_of(body))
    began = time.process_time()
    for number in range(1000):
        ground.router.route(wish(conversation=f"c{number}"), lambda: features_of(body))
    assert time.process_time() - began < 1, "a thousand routes over 500 models in a second at the very least"


async def test_memory_is_bounded(ground: Ground) -> None:
    await ground.key("openai", SMALL)
    for number in range(2000):
        ground.router.route(wish(workspace=f"wsp_{number}", conversation=f"c{number}", tokens_in=number), EASY)
    assert len(ground.directory.offers("wsp_1")) == 1
