"""Numbers for Prometheus, read back by its own rules."""

import re

from talome.gateway.metrics.service import MOST_MODELS, Call, GatewayMetrics

LINE = re.compile(r'[a-z_]+(\{[a-z]+="(?:[^"\\\n]|\\.)*"(,[a-z]+="(?:[^"\\\n]|\\.)*")*\})? [0-9.e+-]+')


def call(model: str = "m", user: str = "ada", outcome: str = "ok") -> Call:
    return Call(
        request_id="req_1",
        at_ms=1_795_000_000_000,
        user_id=user,
        workspace=None,
        request_type="chat",
        requested="auto",
        model=model,
        provider="vllm",
        local=True,
        outcome=outcome,
        input_tokens=20,
        output_tokens=5,
        cost_usd=0.25,
        latency_ms=80,
        first_token_ms=30,
    )


def test_every_line_is_well_formed_and_buckets_add_up() -> None:
    metrics = GatewayMetrics()
    metrics.finished(call('a "model"\nof\\mine'))
    metrics.finished(call(outcome="left"))
    metrics.upstream_failed("vllm", "timeout")
    lines = metrics.text().splitlines()
    assert all(LINE.fullmatch(line) for line in lines if not line.startswith("# "))
    named = [line for line in lines if 'model="m"' in line and "latency_seconds_bucket" in line]
    assert [line.split()[-1] for line in named] == ["0", *"1" * 11]
    assert 'talome_gateway_upstream_failures_total{provider="vllm",kind="timeout"} 1' in lines
    assert 'talome_gateway_cost_usd_total{provider="vllm",model="m",type="chat"} 0.250000000' in lines


def test_models_are_bounded() -> None:
    metrics = GatewayMetrics()
    for number in range(MOST_MODELS + 50):
        metrics.finished(call(f"model-{number}"))
    assert 'outcome="ok"} 50' in metrics.text()
    assert metrics.text().count("_cost_usd_total{") == MOST_MODELS + 1


async def test_people_see_their_own_calls_without_the_model() -> None:
    metrics = GatewayMetrics()
    metrics.finished(call(user="ben"))
    metrics.finished(call(user="ada"))
    own, everybody = metrics.watch("ada"), metrics.watch(None)
    first = await anext(own)
    assert (first.user_id, first.model, first.provider) == ("ada", "auto", "")
    assert [(await anext(everybody)).user_id for _ in range(2)] == ["ben", "ada"]
    metrics.finished(call(user="ada"))
    assert (await anext(own)).request_id == "req_1"
    await own.aclose()
    await everybody.aclose()
