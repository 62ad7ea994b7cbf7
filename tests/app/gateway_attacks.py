"""What the attacks on the gateway have in common: what is asked, answers that are wrong, what was spent."""

import json
from typing import Any

import pytest

from tests.gateway.houses import HELLO
from tests.support.house import House, Person
from tests.support.upstream import Script

CHAT = "/v1/chat/completions"
ASKED: dict[str, Any] = {"model": "gpt-4o-mini", "messages": HELLO, "max_tokens": 20}
MESSAGE: dict[str, Any] = {"model": "claude-sonnet-4-5", "messages": HELLO, "max_tokens": 100}
LABEL = {"X-Talome-Local-Only": "true"}


def nested(depth: int) -> Any:
    return json.loads("[" * depth + "]" * depth)


def answered(**changes: Any) -> Script:
    """A chat completion with a choice that is not as it should be."""
    choice = {"index": 0, "message": {"role": "assistant", "content": "x"}, "finish_reason": "stop", **changes}
    usage = {"prompt_tokens": 5, "completion_tokens": 5}
    return Script(raw=json.dumps({"choices": [choice], "usage": usage}).encode(), content_type="application/json")


def streamed(*events: Any) -> Script:
    raw = "".join(f"data: {json.dumps(event)}\n\n" for event in events)
    return Script(raw=raw.encode(), content_type="text/event-stream")


def mistakes(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What the log holds of errors that nobody expected."""
    return [record.getMessage() for record in caplog.records if record.exc_info or record.levelname == "ERROR"]


async def spent(person: Person) -> tuple[float, float]:
    balance = (await person.get("/v1/balance")).json
    return balance["spent_usd"], balance["reserved_usd"]


async def give_back_all_credit(house: House) -> None:
    [wallet] = (await house.admin.get("/api/gateway/wallets")).json
    taken = {"amount_usd": -wallet["balanceUsd"]}
    answer = await house.admin.post(f"/api/gateway/wallets/{wallet['userId']}/grants", taken)
    assert answer.status == 201, answer.text
