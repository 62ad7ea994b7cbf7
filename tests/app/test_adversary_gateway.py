"""Attacks on the gateway of a running Talome by strangers, members and holders of keys. Each was tried before it was
written down."""

import json
from typing import Any

from tests.app.gateway_attacks import ASKED, CHAT, LABEL
from tests.gateway.houses import HELLO, runtime_key, with_endpoint, with_key
from tests.support.house import Answer, House
from tests.support.upstream import Script, Upstream

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
