"""Usage: who sees what, cursors that lose nothing, sums that are exact."""

import asyncio
import random
import time
from pathlib import Path

import pytest

from talome.core.errors import Forbidden, NotFound
from talome.core.operations import Caller
from talome.gateway.usage.models import GroupBy
from talome.gateway.usage.service import Asked
from talome.gateway.wallet.models import Holder
from tests.gateway.money import Money, call, open_money

NANO = 1_000_000_000
EVERYTHING = Asked()


async def seen(money: Money, caller: Caller, asked: Asked = EVERYTHING) -> list[str]:
    return [row.id for row in (await money.usage.page(caller, asked, 1000, None)).data]


async def test_pages_go_on_without_a_gap(money: Money) -> None:
    holder = money.wallet.holder(money.ada)
    for number in range(25):
        money.wallet.note(holder, call(f"r{number}"))
    found, before = [], None
    while True:
        page = await money.usage.page(money.ada, EVERYTHING, 7, before)
        found += [row.id for row in page.data]
        if not page.has_more:
            break
        before = page.data[-1].created_at
    assert found == [f"r{number}" for number in reversed(range(25))]


async def test_a_key_sees_its_own_calls_and_not_which_model_answered(money: Money) -> None:
    mine, other = await money.key("acme"), await money.key("acme")
    told = {"served_model": "gpt-9", "served_provider": "openai"}
    money.wallet.note(money.wallet.holder(mine), call("mine", **told))
    money.wallet.note(money.wallet.holder(other), call("other", **told))
    assert await seen(money, mine) == ["mine"]
    assert await seen(money, mine, Asked(api_key_id=mine.key_id, workspace_id="acme")) == ["mine"]
    assert await seen(money, mine, Asked(model="gpt-9")) == [], "nor can it be found out by asking"
    assert await seen(money, money.ada, Asked(model="gpt-9")) == ["other", "mine"]
    for asked in (Asked(api_key_id=other.key_id), Asked(everyone=True)):
        with pytest.raises(Forbidden):
            await seen(money, mine, asked)
    text = (await money.usage.page(mine, EVERYTHING, 10, None)).model_dump_json()
    text += (await money.usage.breakdown(mine, EVERYTHING, "model", 1)).model_dump_json()
    text += (await money.usage.breakdown(mine, EVERYTHING, "provider", 1)).model_dump_json()
    assert "gpt-9" not in text
    assert "openai" not in text
    assert "gpt-9" in (await money.usage.page(money.ada, EVERYTHING, 10, None)).model_dump_json()


async def test_people_see_their_own_and_administrators_all(money: Money) -> None:
    ben = Caller("ben", "ben", "user", frozenset({"gateway:read"}))
    money.wallet.note(Holder("ben"), call("bens"))
    money.wallet.note(money.wallet.holder(money.ada), call("adas"))
    assert await seen(money, ben) == ["bens"]
    assert await seen(money, money.ada) == ["adas"]
    assert await seen(money, money.ada, Asked(everyone=True)) == ["adas", "bens"]
    with pytest.raises(Forbidden):
        await seen(money, ben, Asked(everyone=True))
    await money.workspace("acme")
    with pytest.raises(NotFound):
        await seen(money, ben, Asked(workspace_id="acme"))


async def test_a_key_asks_for_no_other_workspace(money: Money) -> None:
    await money.workspace("other")
    with pytest.raises(Forbidden):
        await seen(money, await money.key("acme"), Asked(workspace_id="other"))


async def test_everything_adds_up_to_the_nano_dollar(money: Money) -> None:
    """A thousand calls of two keys in three workspaces; whatever way they are added up, it is what the wallet says."""
    chance = random.Random(5)
    callers = [money.ada, await money.key("acme"), await money.key("beta"), await money.key()]
    for number in range(1000):
        holder, cost = money.wallet.holder(chance.choice(callers)), chance.choice([0, 1, 7, 33, 1_000_003])
        one = await money.wallet.reserve(holder, cost * 2, f"r{number}")
        if number % 10 == 3:
            money.wallet.release(one)
            continue
        row = call(
            f"r{number}", request_type=chance.choice(["chat", "embedding"]),
            tier=chance.choice(["auto", "fast", "max"]),
            input_tokens=number, output_tokens=3, status=503 if cost == 0 and number % 2 else 200,
            baseline_nano=cost * 3, cached=cost == 0, latency_ms=number,
        )  # fmt: skip
        await money.wallet.settle(one, cost, row)
    spent = money.wallet.account(money.ada.user_id).spent
    stats = await money.usage.stats(money.ada, EVERYTHING, 2, 2)
    assert round(stats.charged_usd * NANO) == spent > 0
    assert stats.requests == 900 == sum(stats.tier_breakdown.values()) == sum(stats.request_type_breakdown.values())
    assert round(sum(day.charged_usd for day in stats.daily) * NANO) == spent
    assert stats.total_tokens == sum(day.tokens for day in stats.daily)
    assert 0 < stats.failed < stats.requests
    assert 0 < stats.cache_hits < stats.requests
    kinds: tuple[GroupBy, ...] = ("api_key", "workspace", "day", "model", "tier", "request_type", "feature", "user")
    for kind in kinds:
        groups = (await money.usage.breakdown(money.ada, EVERYTHING, kind, 2)).data
        assert round(sum(group.charged_usd for group in groups) * NANO) == spent
        assert sum(group.requests for group in groups) == 900
    by_workspace = await money.usage.breakdown(money.ada, EVERYTHING, "workspace", 2)
    workspaces = {group.workspace_id: group.name for group in by_workspace.data}
    assert workspaces == {"acme": "Acme", "beta": "Beta", None: None}
    for caller in callers[1:]:
        own = await money.usage.stats(caller, EVERYTHING, 2, 2)
        month = money.wallet.this_month(f"key:{caller.key_id}")
        assert round(own.charged_usd * NANO) == month.spent


async def test_half_and_nearly_all_were_faster_than(money: Money) -> None:
    holder = money.wallet.holder(money.ada)
    for ms in range(1, 101):
        money.wallet.note(holder, call(f"r{ms}", latency_ms=ms, first_token_ms=ms * 2 if ms <= 20 else None))
    money.wallet.note(holder, call("unknown"))
    stats = await money.usage.stats(money.ada, EVERYTHING, 1, 1)
    assert (stats.latency_ms.p50, stats.latency_ms.p95) == (50, 95)
    assert (stats.first_token_ms.p50, stats.first_token_ms.p95) == (20, 38)
    [group] = (await money.usage.breakdown(money.ada, EVERYTHING, "tier", 1)).data
    assert (group.key, group.latency_ms.p95) == ("auto", 95)


async def test_nothing_was_asked(money: Money) -> None:
    stats = await money.usage.stats(money.ada, EVERYTHING, 30, 7)
    assert (stats.requests, stats.charged_usd, stats.latency_ms.p50, len(stats.daily)) == (0, 0, None, 7)
    assert stats.tier_breakdown == {"auto": 0, "fast": 0, "max": 0}


async def test_old_rows_are_dropped(tmp_path: Path) -> None:
    async with open_money(tmp_path) as money:
        now_us = time.time_ns() // 1000
        for age_days in (0, 399, 401, 500):
            row = call(f"{age_days} days", user_id=money.ada.user_id, at=now_us - age_days * 86_400_000_000)
            money.usage._store.add(row)
    async with open_money(tmp_path) as money:
        async with asyncio.timeout(5):
            while await seen(money, money.ada) != ["0 days", "399 days"]:
                await asyncio.sleep(0.01)
        assert (await money.usage.stats(money.ada, Asked(), 400, 1)).requests == 2
        assert len(await money.usage._store.journal.fetch_all("SELECT * FROM usage_hours")) == 2


async def test_what_the_disk_is_too_slow_for_is_counted(money: Money, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(money.usage._store.journal, "_most_waiting", 0)
    money.wallet.note(money.wallet.holder(money.ada), call("a"))
    assert money.usage.dropped == 1
