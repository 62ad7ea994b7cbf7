"""Usage, statistics and wallet tell the same, to the nano-dollar, whatever happened to the calls."""

import asyncio
import random
from decimal import Decimal

import aiohttp
import pytest

from tests.gateway.houses import runtime_key, with_key
from tests.support.house import House, Person
from tests.support.upstream import Script, Upstream

pytest_plugins = ("tests.support.upstream",)
SCRIPTS = (
    *(Script() for _ in range(12)),
    Script(tokens=(1000, 0, 77, 0)),
    Script(tokens=None),
    Script(status=500),
    Script(status=400),
    Script(drop=True),
    Script(cut_after=2),
    Script(raw=b"{", content_type="application/json"),
)


async def one_call(person: Person, number: int, chance: random.Random) -> None:
    words = f"Question {number if chance.random() < 0.8 else 0}"
    body = {
        "model": "gpt-4o-mini",
        "messages": [{"role": "user", "content": words}],
        "max_tokens": 200,
        "temperature": chance.choice((0, 1)),
        "stream": chance.random() < 0.5,
    }
    path = chance.choice(("/v1/chat/completions", "/v1/chat/completions", "/v1/messages"))
    url, headers = person.base + path, {"Authorization": f"Bearer {person.token}"}
    async with person.http.post(url, json=body, headers=headers) as answer:
        if chance.random() < 0.1:
            return  # goes away, often in the middle
        try:
            await answer.read()
        except aiohttp.ClientPayloadError:
            raise AssertionError("A stream ends with an event, not with a broken connection") from None
        assert answer.status in (200, 400, 503)


@pytest.mark.parametrize(
    "count",
    [200, pytest.param(10_000, marks=pytest.mark.whole)],  # ten thousand calls take minutes
)
@pytest.mark.timeout(900)
async def test_all_books_agree(house: House, upstream: Upstream, count: int) -> None:
    await with_key(house, upstream)
    me = (await house.admin.get("/api/auth/me")).json["id"]
    await house.admin.post(f"/api/gateway/wallets/{me}/grants", {"amount_usd": 1000, "note": "for the test"})
    person = await runtime_key(house, requests_per_minute=1_000_000)
    chance = random.Random(5)
    upstream.next(*(chance.choice(SCRIPTS) for _ in range(2 * count)))
    numbers = iter(range(1, count + 1))

    async def worker() -> None:
        for number in numbers:
            await one_call(person, number, chance)

    await asyncio.gather(*(worker() for _ in range(16)))
    rows = await all_rows(house.admin, count)
    charged = sum((dollars(row["charged_usd"]) for row in rows), Decimal(0))
    assert charged > 0
    balance = (await house.admin.get("/v1/balance")).json
    stats = (await house.admin.get("/v1/stats")).json
    assert (dollars(balance["spent_usd"]), balance["reserved_usd"]) == (charged, 0)
    assert (stats["requests"], dollars(stats["charged_usd"])) == (len(rows), charged)
    assert {row["charged_usd"] for row in rows if row["cached"] or row["error"] in ("failed", "refused")} == {0}
    assert all(row["charged_usd"] > 0 for row in rows if not row["error"] and not row["cached"])


async def all_rows(person: Person, least: int) -> list[dict]:
    """Every row of usage, page after page, as soon as all are written down and nothing runs."""
    async with asyncio.timeout(30):
        while True:
            found: list[dict] = []
            page = {"data": [], "has_more": True}
            while page["has_more"]:
                before = f"&before={found[-1]['created_at']}" if found else ""
                page = (await person.get(f"/v1/usage?limit=1000{before}")).json
                found += page["data"]
            if len(found) >= least and (await person.get("/v1/balance")).json["reserved_usd"] == 0:
                return found


def dollars(value: float) -> Decimal:
    return Decimal(repr(value)).quantize(Decimal("1e-9"))
