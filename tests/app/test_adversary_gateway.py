"""Attacks on the gateway of a running Talome: by strangers, members, holders of keys, and endpoints that lie. Each was
tried before it was written down."""

import asyncio
import csv
import io
import json
from typing import Any

import aiohttp
import pytest

from tests.gateway.houses import HELLO, PRICED, runtime_key, with_endpoint, with_key
from tests.support.house import Answer, House, Person
from tests.support.upstream import Script, Upstream

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


# --- a stranger on the LAN -------------------------------------------------------------------------------------------


async def test_a_stranger_gets_nowhere(house: House, upstream: Upstream) -> None:
    await with_key(house, upstream)
    calls = len(upstream.seen)
    for method, path in (
        ("POST", CHAT),
        ("POST", "/v1/messages"),
        ("POST", "/v1/messages/count_tokens"),
        ("POST", "/v1/responses"),
        ("POST", "/v1/embeddings"),
        ("POST", "/v1/audio/transcriptions"),
        ("POST", "/v2/query"),
        ("GET", "/metrics"),
        ("GET", "/v1/models"),
        ("GET", "/v1/usage/export"),
        ("GET", "/v1/provider-keys"),
        ("GET", "/v1/balance"),
        ("GET", "/v1/videos/generations/video_x"),
        ("POST", "//v1/chat/completions"),
        ("GET", "/v1/pricing/../keys"),
    ):
        for headers in ({}, {"X-Api-Key": "tok_" + "0" * 40}, {"Authorization": "Bearer tok_"}):
            answer = await house.nobody.call(method, path, {} if method == "POST" else None, headers=headers)
            assert answer.status in (401, 404, 405), (method, path, answer.status)
    assert len(upstream.seen) == calls


async def test_another_site_cannot_spend_the_money_of_a_signed_in_person(house: House, upstream: Upstream) -> None:
    """A form with a body of plain text needs no permission of the browser, so the guards must see through it."""
    await with_key(house, upstream)
    calls = len(upstream.seen)
    cookie = {"Cookie": f"talome_session={house.admin.token}"}
    for more in (
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {},
        {"Origin": house.base, "Host": "evil.example"},
    ):
        for kind in ("text/plain", "application/json", "application/x-www-form-urlencoded"):
            sent = {**cookie, **more, "Content-Type": kind}
            answer = await house.nobody.call("POST", CHAT, data=json.dumps(ASKED), headers=sent)
            assert answer.status in (401, 403, 421), (more, kind, answer.status)
    plain = {"Content-Type": "text/plain"}
    answer = await house.admin.call("POST", CHAT, data=json.dumps(ASKED), headers=plain)
    assert answer.status == 415
    assert len(upstream.seen) == calls


# --- members and holders of keys --------------------------------------------------------------------------------------


async def test_a_runtime_key_reaches_models_and_nothing_else(house: House, upstream: Upstream) -> None:
    await with_key(house, upstream)
    key = await runtime_key(house)
    assert (await key.post(CHAT, ASKED)).status == 200
    for method, path, body in (
        ("GET", "/api/users", None),
        ("GET", "/api/containers", None),
        ("GET", "/api/keys", None),
        ("POST", "/api/keys", {"name": "more", "scopes": ["*"]}),
        ("GET", "/v1/provider-keys", None),
        ("POST", "/v1/keys", {"name": "more"}),
        ("GET", "/v1/keys", None),
        ("GET", "/v1/workspaces", None),
        ("POST", "/v1/local-endpoints", {"url": upstream.openai}),
        ("GET", "/api/gateway/wallets", None),
        ("GET", "/metrics", None),
        ("POST", "/v1/workspaces", {"workspace_id": "mine", "name": "Mine"}),
    ):
        answer = await key.call(method, path, body)
        assert answer.status == 403, (method, path, answer.status)


async def test_nobody_changes_or_sees_what_belongs_to_others(house: House, upstream: Upstream) -> None:
    await with_key(house, upstream)
    made = (await house.admin.post("/v1/keys", {"name": "mine", "monthly_budget_usd": 1})).json
    await house.admin.post("/v1/workspaces", {"workspace_id": "club", "name": "Club"})
    ben = await house.member("ben")
    key = f"/v1/keys/{made['id']}"
    assert (await ben.call("PATCH", key, {"monthly_budget_usd": None})).status == 404
    assert (await ben.delete(key)).status == 404
    assert (await ben.call("PATCH", "/v1/workspaces/club", {"local_only": False})).status == 404
    assert (await ben.post("/v1/keys", {"name": "in", "workspace_id": "club"})).status == 404
    assert (await ben.post(CHAT, ASKED, headers={"X-Talome-Workspace": "club"})).status == 404
    for field in ("scopes", "workspace_id", "user_id", "prefix", "digest"):
        answer = await house.admin.call("PATCH", key, {field: ["*"]})
        assert answer.status == 400, (field, answer.text)
    own = await runtime_key(house)
    assert (await own.call("PATCH", key, {"local_only": False})).status == 403
    for path in ("/v1/provider-keys", "/v1/local-endpoints", "/api/gateway/wallets"):
        assert (await ben.get(path)).status == 403
    assert (await house.admin.post(CHAT, ASKED)).status == 200
    for path in ("/v1/usage", "/v1/usage/export", "/v1/usage/breakdown", "/v1/stats"):
        answer = await ben.get(f"{path}?everyone=true")
        assert answer.status == 403 or "gpt-4o-mini" not in answer.text, path


async def test_an_id_of_a_request_gives_nothing_to_others(house: House, upstream: Upstream) -> None:
    """Not to another person, nor to another key, face or label of the same one."""
    await with_key(house, upstream)
    upstream.next(Script(pieces=("The cellar is flooded.",)))
    given = {"Idempotency-Key": "1"}
    first = await house.admin.post(CHAT, ASKED, headers=given)
    assert "flooded" in first.text
    again = await house.admin.post(CHAT, ASKED, headers=given)
    assert "flooded" in again.text
    ben, key = await house.member("ben"), await runtime_key(house)
    assert "flooded" not in (await ben.post(CHAT, ASKED, headers=given)).text
    for who, path, more in ((key, CHAT, {}), (house.admin, "/v1/messages", {}), (house.admin, CHAT, LABEL)):
        answer = await who.post(path, ASKED, headers={**given, **more})
        assert answer.status in (403, 409), (path, more, answer.text)


async def test_answers_stay_within_their_workspace_and_person(house: House, upstream: Upstream) -> None:
    await with_key(house, upstream)
    rooms = [await runtime_key(house, workspace_id=slug, workspace_name=slug) for slug in ("home", "club")]
    people = [house.admin, await house.member("ben"), *rooms]
    body = {**ASKED, "temperature": 0}
    for number, person in enumerate(people):
        upstream.always(Script(pieces=(f"For number {number}.",)))
        assert f"number {number}." in (await person.post(CHAT, body)).text
        again = await person.post(CHAT, {**body, "user": "somebody else", "metadata": {"workspace": "home"}})
        assert (f"number {number}." in again.text, again.headers["x-tokaroo-cache"]) == (True, "hit")


async def test_similar_questions_stay_within_their_workspace(house: House, upstream: Upstream) -> None:
    """Every text has the same vector here, so only the partition keeps them apart."""
    upstream.models = ("nomic-embed-text", "small-model")
    await with_endpoint(house, upstream.openai)
    answer = await house.admin.put("/api/settings", {"gateway.cache_semantic": True})
    assert answer.status == 200, answer.text
    rooms = [await runtime_key(house, workspace_id=slug, workspace_name=slug) for slug in ("home", "club")]
    people = [house.admin, await house.member("ben"), *rooms]
    for number, person in enumerate(people):
        upstream.always(Script(pieces=(f"For number {number}.",)))
        for words, hit in (("What is the weather like", "miss"), ("What is the weather then", "hit")):
            body = {"messages": [{"role": "user", "content": words}], "temperature": 0, "model": "small-model"}
            answer = await person.post(CHAT, body)
            assert (f"number {number}." in answer.text, answer.headers["x-tokaroo-cache"]) == (True, hit)


async def test_local_only_holds_on_every_face(house: House, upstream: Upstream) -> None:
    """By request, key or workspace, for all kinds of calls, and for answers that a cloud gave before."""
    await with_key(house, upstream)
    kept = {**ASKED, "temperature": 0}
    assert (await house.admin.post(CHAT, kept)).status == 200
    assert (await house.admin.post(CHAT, kept)).headers["x-tokaroo-cache"] == "hit"
    calls = len(upstream.seen)
    key = await runtime_key(house, local_only=True)
    await house.admin.post("/v1/workspaces", {"workspace_id": "still", "name": "Still", "local_only": True})
    bound = await runtime_key(house, workspace_id="still")
    bodies: list[tuple[str, dict[str, Any]]] = [
        (CHAT, kept),
        ("/v1/router/chat/completions", ASKED),
        (CHAT, {**ASKED, "stream": True}),
        ("/v1/messages", ASKED),
        ("/v1/responses", {"model": "auto", "input": "x"}),
        ("/v1/completions", {"prompt": "x"}),
        ("/v2/query", {"prompt": "x"}),
        ("/v2/query/stream", {"prompt": "x"}),
        ("/v2/query/chat", {"messages": HELLO}),
        ("/v1/images/generations", {"prompt": "x"}),
        ("/v1/videos/generations", {"prompt": "x"}),
    ]
    off = {"X-Talome-Local-Only": "false"}
    for path, body in bodies:
        for who, more, sent in (
            (house.admin, {}, LABEL),
            (house.admin, {"local_only": True}, off),
            (house.admin, {}, {**off, "X-Talome-Workspace": "still"}),
            (key, {"local_only": False}, off),
            (bound, {"local_only": False}, off),
        ):
            answer = await who.post(path, {**body, **more}, headers=sent)
            assert answer.status == 403, (path, more, sent, answer.status, answer.text)
    for odd in ("yes", "", "TRUE, false", "on"):
        answer = await house.admin.post(CHAT, kept, headers={"X-Talome-Local-Only": odd})
        assert answer.status == 400, odd
    assert (await house.admin.post(CHAT, {**kept, "local_only": "true"})).status == 400
    assert len(upstream.seen) == calls


# --- money ------------------------------------------------------------------------------------------------------------


async def test_two_hundred_at_the_edge_of_a_budget_with_people_leaving(house: House, upstream: Upstream) -> None:
    await with_key(house, upstream)
    key = await runtime_key(house, monthly_budget_usd=0.0005, requests_per_minute=1000)
    upstream.always(Script(wait_s=0.1))

    async def ask(number: int) -> int:
        body = {**ASKED, "max_tokens": 100, "stream": number % 2 == 0}
        body["messages"] = [{"role": "user", "content": f"Question {number}"}]
        try:
            async with asyncio.timeout(0.15 if number % 3 == 0 else 30):
                return (await key.post(CHAT, body)).status
        except TimeoutError:
            return 0

    statuses = await asyncio.gather(*(ask(number) for number in range(200)))
    assert {200, 402} <= set(statuses) <= {0, 200, 402}
    async with asyncio.timeout(10):
        while (await spent(house.admin))[1]:
            await asyncio.sleep(0.02)
    assert 0 < (await spent(house.admin))[0] <= 0.0005


async def test_nothing_is_free_that_is_paid_elsewhere(house: House, upstream: Upstream) -> None:
    """With an empty wallet nothing that costs goes out, however the request hides its size."""
    await with_key(house, upstream)
    picture = {"model": "gpt-image-1", "prompt": "a cat", "quality": "high"}
    upstream.models = (*PRICED["openai"], "gpt-image-1")
    [known] = (await house.admin.get("/v1/provider-keys")).json["data"]
    await house.admin.post(f"/v1/provider-keys/{known['id']}/check")
    await give_back_all_credit(house)
    calls = len(upstream.seen)
    for path, body in (
        (CHAT, ASKED),
        (CHAT, {**ASKED, "max_tokens": None}),
        ("/v1/images/generations", picture),
        ("/v1/images/generations", {**picture, "model": "dall-e-3"}),
        ("/v1/audio/speech", {"model": "tts-1", "input": "x"}),
        ("/v1/embeddings", {"model": "text-embedding-3-small", "input": "x" * 100}),
    ):
        answer = await house.admin.post(path, body)
        assert answer.status == 402, (path, answer.text)
    assert len(upstream.seen) == calls


async def test_weight_that_hides_is_reserved(house: House, upstream: Upstream) -> None:
    """Whatever is sent along is paid, so it is reserved too, wherever in the body it stands."""
    await with_key(house, upstream)
    key = await runtime_key(house, monthly_budget_usd=0.001)
    assert (await key.post(CHAT, ASKED)).status == 200
    long = "long " * 20_000
    picture = {"type": "image_url", "text": "x", "image_url": {"url": "data:,"}}
    for hidden in (
        {"messages": [{"role": "user", "content": "x", "name": long}]},
        {"messages": [{"role": "user", "content": [{"type": "refusal", "refusal": long}]}]},
        {"messages": [{"role": "user", "content": [picture] * 90}]},
        {"prediction": {"type": "content", "content": long}},
    ):
        answer = await key.post(CHAT, {**ASKED, **hidden})
        assert answer.status == 402, (str(hidden)[:80], answer.text)
    thought = {"role": "assistant", "content": [{"type": "thinking", "thinking": long, "signature": "x"}]}
    answer = await key.post("/v1/messages", {**ASKED, "messages": [*HELLO, thought, *HELLO]})
    assert answer.status == 402, answer.text


async def test_the_longest_answer_is_what_was_reserved(house: House, upstream: Upstream) -> None:
    """Thinking raised it, and so did saying it twice."""
    await with_key(house, upstream, "anthropic")
    raised: tuple[dict[str, Any], ...] = (
        {"reasoning_effort": "xhigh"},
        {"thinking": {"type": "enabled", "budget_tokens": 4_000_000}},
        {"max_completion_tokens": 100, "max_tokens": 400_000},
    )
    for more in raised:
        answer = await house.admin.post(CHAT, {**MESSAGE, **more})
        assert answer.status == 200, answer.text
        assert upstream.seen[-1].body["max_tokens"] == 100
    calls = len(upstream.seen)
    refused: tuple[dict[str, Any], ...] = (
        {"mcp_servers": [{"url": "http://evil.example"}]},
        {"container": "c"},
        {"plugins": [{}]},
        {"models": ["x"]},
        {"tools": [{"type": "web_search_20250305", "name": "web_search"}]},
        {"tools": [{"google_search": {}}]},
        {"tools": [{"type": "function", "function": {"name": "f"}}, {"type": "code_execution_20250522"}]},
        {"service_tier": "priority"},
    )
    for more in refused:
        answer = await house.admin.post(CHAT, {**MESSAGE, **more})
        assert answer.status == 400, more
    assert len(upstream.seen) == calls


async def test_numbers_that_are_none(house: House, upstream: Upstream) -> None:
    await with_key(house, upstream)
    for name in ("max_tokens", "max_completion_tokens", "n"):
        for text in ("-1", "0", "1e400", "99999999999999999999", "1.5", "true", '"5"', "[]", "NaN", "Infinity", "-0"):
            raw = f'{{"model":"gpt-4o-mini","messages":[{{"role":"user","content":"x"}}],"{name}":{text}}}'
            sent = {"Content-Type": "application/json"}
            answer = await house.admin.call("POST", CHAT, data=raw, headers=sent)
            assert answer.status == 400, (name, text, answer.text)
    assert await spent(house.admin) == (0, 0)


# --- bodies -----------------------------------------------------------------------------------------------------------


async def test_bodies_that_are_bombs(house: House, upstream: Upstream) -> None:
    """What can be read but not written again was a mistake of ours in the log."""
    await with_key(house, upstream)
    odd: list[dict[str, Any]] = [{"tools": nested(500)}, {"metadata": nested(230)}, {"stop": nested(500)}]
    roles: list[Any] = [[], {}, 5, None, [["user"]]]
    tools: list[Any] = [{"a": 1}, 5, [5], [[]], [{"type": []}], [{"type": "function"}]]
    odd += [{"messages": [{"role": role, "content": "x"}]} for role in roles]
    odd += [{"tools": each} for each in tools]
    for more in odd:
        answer = await house.admin.post(CHAT, {**ASKED, **more})
        assert answer.status == 400, (str(more)[:80], answer.text[:200])
    for path in ("/v1/messages", "/v1/responses", "/v1/completions", "/v1/embeddings", "/v1/keys", "/v2/query"):
        answer = await house.admin.post(path, {**ASKED, "prompt": "x", "input": "x", "metadata": nested(300)})
        assert answer.status == 400, (path, answer.status)
    sent = {"Content-Type": "application/json", "Content-Length": str(64 * 1024 * 1024)}
    assert (
        await house.admin.call("POST", CHAT, data=b"[" * 200_000, headers={"Content-Type": "application/json"})
    ).status == 400
    reader, writer = await asyncio.open_connection("127.0.0.1", int(house.base.rpartition(":")[2]))
    head = {"Host": house.base.removeprefix("http://"), "Authorization": f"Bearer {house.admin.token}", **sent}
    lines = [f"POST {CHAT} HTTP/1.1", *(f"{name}: {value}" for name, value in head.items()), "", ""]
    writer.write("\r\n".join(lines).encode())
    assert b" 413 " in await asyncio.wait_for(reader.readline(), 5), "64 MB are refused before they are sent"
    writer.close()
    assert await spent(house.admin) == (0, 0)


async def test_forms_that_never_end(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts without a name counted for nothing, and nobody looked at the clock."""
    monkeypatch.setattr("talome.gateway.media.http._FORM_TIMEOUT_S", 0.3)
    path, sent = "/v1/audio/transcriptions", {"Content-Type": "multipart/form-data; boundary=b"}
    part = b"--b\r\nContent-Type: text/plain\r\n\r\nx\r\n"
    answer = await house.admin.call("POST", path, data=part * 100 + b"--b--\r\n", headers=sent)
    assert answer.status == 400, answer.text

    async def slowly() -> Any:
        yield b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.mp3"\r\n\r\n'
        while True:
            await asyncio.sleep(0.05)
            yield b"x"

    with pytest.raises((aiohttp.ClientError, AssertionError)):
        answer = await asyncio.wait_for(house.admin.call("POST", path, data=slowly(), headers=sent), 5)
        assert answer.status != 400


# --- endpoints that lie -----------------------------------------------------------------------------------------------


async def test_an_endpoint_that_lies_gets_no_mistake_out_of_us(
    house: House, upstream: Upstream, caplog: pytest.LogCaptureFixture
) -> None:
    """Wrong types were answered with 500, some of them after the charge."""
    await with_endpoint(house, upstream.openai)
    call = {"id": "c", "type": "function"}
    lies = [
        answered(finish_reason=["stop"]),
        answered(finish_reason={"a": 1}),
        answered(index="x"),
        answered(index=[1]),
        *(answered(message={"content": odd}) for odd in (5, {"a": 1}, [5], [{"text": 5}], True, nested(500))),
        *(answered(message={"content": "x", "tool_calls": odd}) for odd in (5, "x", [5], [None], {"a": 1})),
        *(answered(message={"tool_calls": [{**call, "function": odd}]}) for odd in (5, {"name": 5}, {"name": ["x"]})),
        answered(message={"reasoning_content": [1], "refusal": {"a": 1}}),
        answered(message=[]),
        answered(logprobs=nested(300)),
    ]
    faces = {
        CHAT: {**ASKED, "model": "auto"},
        "/v1/messages": {**ASKED, "model": "auto"},
        "/v1/responses": {"input": "x"},
        "/v1/completions": {"prompt": "x"},
        "/v2/query": {"prompt": "x"},
    }
    for lie in lies:
        for path, body in faces.items():
            upstream.next(*[lie] * 4)
            answer = await house.admin.post(path, body, headers={"X-Talome-Cache": "use"})
            upstream._queue.clear()
            assert answer.status in (200, 503), (path, lie.raw, answer.text)
    assert not mistakes(caplog)


async def test_an_endpoint_cannot_end_our_events(house: House, upstream: Upstream) -> None:
    """The name of an event of Anthropic's went through as it was, with its line ends."""
    await with_key(house, upstream, "anthropic")
    start = {"type": "message_start", "message": {"usage": {"input_tokens": 5, "output_tokens": 1}}}
    word = {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "x\n\ndata: evil\n\n"}}
    for odd in ("x\ndata: evil", "ping\r\n\r\nevent: evil", 5, None, ["x"], "evil: x"):
        upstream.next(streamed(start, word, {"type": odd, "x": 1}, {"type": "message_stop"}))
        answer = await house.admin.post("/v1/messages", {**MESSAGE, "stream": True})
        assert answer.status == 503, answer.text
        assert "evil" not in answer.text
    for wrong in ({"type": "message_start", "message": "x"}, {"type": "message_start"}, {"x": 1}):
        upstream.next(streamed(wrong, word, {"type": "message_stop"}))
        assert (await house.admin.post("/v1/messages", {**MESSAGE, "stream": True})).status in (200, 503)
    message = {"type": "message", "content": [{"type": "text", "text": "x"}], "usage": [5]}
    upstream.next(Script(raw=json.dumps(message).encode(), content_type="application/json"))
    assert (await house.admin.post("/v1/messages", MESSAGE)).status in (200, 503), "a 500 after the charge"


async def test_streams_of_the_wrong_shape(house: House, upstream: Upstream, caplog: pytest.LogCaptureFixture) -> None:
    await with_endpoint(house, upstream.openai)
    end = {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
    deltas: list[Any] = [
        {"content": {"a": 1}},
        {"content": ["x"]},
        {"content": 5},
        {"tool_calls": [{"function": {"name": 5}}]},
        {"tool_calls": {"a": 1}},
        {"tool_calls": [{"index": [1], "function": {"arguments": 5}}]},
        {"reasoning": 5},
        {"tool_calls": [{"index": 0, "id": ["x"], "function": {"name": "f", "arguments": {"a": nested(300)}}}]},
        "x",
        [],
    ]
    for delta in deltas:
        said = {"choices": [{"index": 0, "delta": {"content": "x"}}]}
        for path, body in ((CHAT, ASKED), ("/v1/messages", ASKED), ("/v1/responses", {"input": "x"})):
            upstream.next(streamed(said, {"choices": [{"index": 0, "delta": delta}]}, end))
            answer = await house.admin.post(path, {**body, "model": "auto", "stream": True})
            assert answer.status in (200, 503), (path, delta, answer.text)
            assert answer.status == 503 or answer.text.endswith("\n\n"), (path, delta, answer.text[-300:])
            assert not mistakes(caplog), (path, delta)


async def test_counts_that_are_lies_make_no_money(house: House, upstream: Upstream) -> None:
    await with_key(house, upstream)
    lies: list[tuple[Any, Any]] = [
        (-5, -1_000_000),
        (5, -1_000_000),
        ("9", "x"),
        (1e300, 1e300),
        (10**30, 10**30),
        (None, []),
    ]
    for prompt, output in lies:
        usage = {"prompt_tokens": prompt, "completion_tokens": output, "prompt_tokens_details": {"cached_tokens": -9}}
        body = {"choices": [{"message": {"content": "x"}, "finish_reason": "stop"}], "usage": usage}
        upstream.next(Script(raw=json.dumps(body).encode(), content_type="application/json"))
        before = (await spent(house.admin))[0]
        assert (await house.admin.post(CHAT, ASKED)).status == 200
        assert before <= (await spent(house.admin))[0] <= before + 0.0001


# --- where keys and prompts may go ------------------------------------------------------------------------------------


async def test_addresses_that_lead_to_ourselves_or_away(house: House, upstream: Upstream) -> None:
    port = house.settings.terminal_port
    for url in (
        f"http://[::ffff:127.0.0.1]:{port}",
        f"http://[::ffff:7f00:1]:{port}",
        f"http://[::1]:{port}",
        f"http://localhost:{port}",
        f"http://127.0.0.1.:{port}",
        "http://[::ffff:127.0.0.1]:2375",
        "http://[64:ff9b::a9fe:a9fe]",
        "http://[2002:a9fe:a9fe::1]",
        "http://[fe80::1%25eth0]",
        "http://[fd00:ec2::254]",
        "http://0x7f000001:2375",
        "http://0177.0.0.1",
        "http://user@127.0.0.1:11434",
        "http://100.100.100.200",
        "unix:///var/run/docker.sock",
        "http+unix://%2Fvar%2Frun%2Fdocker.sock",
        "file:///etc/passwd",
        "gopher://127.0.0.1",
        "http://127.0.0.1:11434/v1#x",
        "http://127.0.0.1:11434\r\nX: y",
        "http://127.0.0.1\\@evil.example",
    ):
        for path, body in (
            ("/v1/local-endpoints", {"url": url}),
            ("/v1/provider-keys", {"provider": "custom", "secret": "sk-secret-secret", "base_url": url}),
        ):
            answer = await house.admin.post(path, body)
            assert answer.status in (400, 503), (url, answer.status, answer.text)
            assert "sk-secret-secret" not in answer.text
    assert not upstream.seen


async def test_a_name_cannot_move_inside(house: House, upstream: Upstream, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is on the internet when the key is added, and on this machine when the key is sent."""
    port = int(upstream.address.rpartition(":")[2])
    meanings = {"moves.example": "93.184.215.14"}
    loop = asyncio.get_running_loop()
    real = loop.getaddrinfo

    async def look_up(host: str, *args: Any, **more: Any) -> Any:
        return await real(meanings.get(host, host), *args, **more)

    monkeypatch.setattr(loop, "getaddrinfo", look_up)
    body = {"provider": "custom", "secret": "sk-secret", "models": ["m"], "base_url": f"http://moves.example:{port}/v1"}
    assert (await house.admin.post("/v1/provider-keys", body)).status == 201
    meanings["moves.example"] = "127.0.0.1"
    assert (await house.admin.post(CHAT, {**ASKED, "model": "m"})).status == 503
    assert not upstream.seen


async def test_headers_of_an_endpoint_carry_nothing_else(house: House, upstream: Upstream) -> None:
    for headers in (
        {"X": "a\r\nHost: evil"},
        {"X\r\nY": "a"},
        {"Host": "evil"},
        {"Transfer-Encoding": "chunked"},
        {"X": "ä"},
        {"Content-Length": "0"},
        {"": "x"},
        {"X:": "y"},
        {"x": "1", "X": "2"},
        {"X": "a\x00"},
        {"Cookie": "a=b"},
    ):
        answer = await house.admin.post("/v1/local-endpoints", {"url": upstream.openai, "headers": headers})
        assert answer.status == 400, headers
    assert not upstream.seen


async def test_a_key_stays_with_its_origin_and_out_of_sight(
    house: House, upstream: Upstream, caplog: pytest.LogCaptureFixture
) -> None:
    """Redirects are not followed, and nobody tells the key: no answer, error, list, log or file of usage."""
    await with_key(house, upstream)
    texts: list[str] = []
    where = f"http://{upstream.address}/elsewhere"
    for script in (
        Script(status=302, headers=(("Location", where),)),
        Script(status=307, headers=(("Location", where),)),
        Script(status=500),
        Script(status=400),
        Script(status=401),
        Script(raw=b'{"error":{"message":"sk-upstream-secret"}}'),
    ):
        for stream in (False, True):
            upstream.next(script)
            answer = await house.admin.post(CHAT, {**ASKED, "stream": stream})
            texts += [answer.text, str(answer.headers)]
    for path in (
        "/v1/provider-keys",
        "/v1/usage",
        "/v1/usage/export",
        "/v1/stats",
        "/v1/models",
        "/api/gateway/models",
    ):
        texts.append((await house.admin.get(path)).text)
    texts.append(caplog.text)
    assert not [text for text in texts if "sk-upstream" in text or "internal.example" in text]
    assert not [seen for seen in upstream.seen if "elsewhere" in seen.path]


async def test_cells_of_the_export_run_nothing(house: House, upstream: Upstream) -> None:
    await with_endpoint(house, upstream.openai)
    for begin in ("=", "+", "-", "@", "\t=", "\r=", "\n="):
        name = f'{begin}HYPERLINK("http://evil.example")'
        upstream.models = (name,)
        [known] = (await house.admin.get("/v1/local-endpoints")).json["data"]
        await house.admin.post(f"/v1/local-endpoints/{known['id']}/recheck")
        assert (await house.admin.post(CHAT, {**ASKED, "model": name})).status in (200, 404)
    async with asyncio.timeout(10):
        while "HYPERLINK" not in (text := (await house.admin.get("/v1/usage/export")).text):
            await asyncio.sleep(0.05)
    cells = [cell for row in csv.reader(io.StringIO(text, newline="")) for cell in row]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "@", "\t", "\r", "\n"))]
    assert len([cell for cell in cells if cell.startswith(("'", "=")) and "HYPERLINK" in cell]) >= 6


async def test_limits_are_not_walked_around(house: House, upstream: Upstream) -> None:
    await with_key(house, upstream)
    key = await runtime_key(house, requests_per_minute=3)
    token = key.token or ""
    nobody, answers = house.nobody, list[Answer]()
    for path, headers in (
        ("/v1/models", {"Authorization": f"Bearer {token}"}),
        ("/v1/models", {"X-Api-Key": token}),
        ("/v1/pricing", {"x-api-key": token}),
        ("/v1/%6dodels", {"X-Api-Key": token, "X-Forwarded-For": "1.2.3.4"}),
        ("/v2/models", {"authorization": f"bearer {token}"}),
        ("/api/gateway/models", {"Authorization": f"Bearer {token}"}),
    ):
        answers.append(await nobody.get(path, headers=headers))
    assert [answer.status for answer in answers[3:]] == [429, 429, 429]
    assert 429 not in [answer.status for answer in answers[:3]]
