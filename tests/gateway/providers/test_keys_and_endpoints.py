"""Provider keys and local endpoints over HTTP, against a scripted server of models."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from talome.accounts.workspaces.models import WorkspaceWish
from talome.core.clock import to_ms
from talome.core.errors import Conflict, Forbidden, NotFound
from talome.core.operations import Caller
from talome.engines.providers.models import Tokens
from talome.gateway.providers.local import UNREACHABLE_CHECK_MS
from talome.gateway.providers.models import EndpointChange, LocalEndpoint, NewProviderKey
from talome.gateway.routing.models import Wish
from tests.gateway.ground import ADA, Ground, open_ground
from tests.support.house import House
from tests.support.small_model import SmallModel
from tests.support.upstream import Script, Upstream, scripted_upstream

KEY = "sk-very-secret-0123456789"
TOKEN = "internal-token-of-the-proxy"


@pytest.fixture
async def upstream() -> AsyncIterator[Upstream]:
    async with scripted_upstream() as made:
        yield made


async def until(found: Callable[[], Awaitable[Any]]) -> Any:
    deadline = time.monotonic() + 20
    while not (value := await found()):
        assert time.monotonic() < deadline
        await asyncio.sleep(0.05)
    return value


def everything_written(house: House) -> bytes:
    return b"".join(path.read_bytes() for path in house.settings.home.rglob("*") if path.is_file())


def sent(upstream: Upstream) -> dict[str, str]:
    """The headers of the last request."""
    return {name.lower(): value for name, value in upstream.seen[-1].headers.items()}


@pytest.fixture
async def ground(tmp_path: Path) -> AsyncIterator[Ground]:
    async with open_ground(tmp_path) as opened:
        yield opened


async def add_key(ground: Ground, upstream: Upstream, **more: Any) -> NewProviderKey:
    given = {"label": "", "workspace": None, "base_url": upstream.openai, **more}
    return await ground.keys.add(ADA, given.pop("provider", "openai"), given.pop("secret", KEY), **given)


async def register(ground: Ground, upstream: Upstream, url: str = "", **more: Any) -> LocalEndpoint:
    return await ground.endpoints.add(ADA, url or upstream.openai, EndpointChange(**more))


# --- over HTTP ---


async def test_a_provider_key_over_http(house: House, upstream: Upstream) -> None:
    body = {"provider": "openai", "secret": KEY, "label": "mine", "base_url": upstream.openai}
    added = await house.admin.post("/v1/provider-keys", body)
    assert added.status == 201, added.text
    assert added.json | {"id": ""} == {
        "created": True, "id": "", "provider": "openai", "label": "mine", "workspace_id": None, "status": "active",
        "models": 2,
    }  # fmt: skip
    assert sent(upstream)["authorization"] == f"Bearer {KEY}"
    answers = [added.text]
    for path in ("/v1/provider-keys", "/api/audit-log", "/v1/models", "/api/gateway/models"):
        answers += [(await house.admin.get(path)).text]
    refusal = Script(status=401, raw=json.dumps({"error": f"bad key {KEY}"}).encode())
    upstream.next(refusal, refusal)
    path = f"/v1/provider-keys/{added.json['id']}"
    checked, refused = await house.admin.post(f"{path}/check"), await house.admin.post("/v1/provider-keys", body)
    assert (checked.json["status"], refused.status, refused.json["field"]) == ("invalid", 400, "secret")
    assert (await house.admin.post(f"{path}/check")).json["status"] == "active"
    for change, field in BAD_KEYS:
        answer = await house.admin.post("/v1/provider-keys", {**body, **change})
        assert (answer.status, answer.json["field"]) == (400, field), answer.text
        answers += [answer.text] if change.get("secret") is None else []
    listed = (await house.admin.get("/v1/provider-keys")).json
    [key] = listed["data"]
    assert (listed["object"], key["status"], key["provider"]) == ("list", "active", "openai")
    assert set(key) >= {"id", "provider", "label", "workspace_id", "workspace_name", "status", "last_success_at",
                        "last_failure_at", "last_failure_code", "estimated_reset_at"}  # fmt: skip
    assert (await house.admin.delete(path)).json == {"deleted": True, "id": key["id"]}
    assert (await house.admin.delete(path)).status == 404
    answers += [checked.text, refused.text, (await house.admin.get("/api/audit-log")).text]
    assert all(KEY not in text for text in answers)
    assert KEY.encode() not in everything_written(house)


BAD_KEYS: list[tuple[dict[str, Any], str]] = [
    ({"provider": "nobody"}, "provider"),
    ({"provider": "custom", "base_url": None}, "base_url"),
    ({"secret": ""}, "secret"),
    ({"secret": "two words"}, "secret"),
    ({"secret": "sk-\r\nX-Evil: 1"}, "secret"),
    ({"secret": "schlüssel"}, "secret"),
    ({"label": "x\x00"}, "label"),
    ({"label": "x" * 101}, "label"),
    ({"base_url": "file:///etc/passwd"}, "url"),
    ({"base_url": "http://169.254.169.254/latest"}, "url"),
    ({"base_url": "http://user:pass@example.com/v1"}, "url"),
    ({"base_url": "http://127.0.0.1:2375"}, "url"),
    ({"base_url": "http://2130706433/"}, "url"),
    ({"base_url": "http://localhost/v1?x=1"}, "url"),
    ({"surprise": 1}, "surprise"),
]


async def test_a_local_endpoint_over_http(house: House, upstream: Upstream) -> None:
    body = {"url": upstream.openai, "label": "home"}
    added = await house.admin.post(
        "/v1/local-endpoints", {**body, "headers": {"Authorization": f"Bearer {TOKEN}", "X-House": "blue"}}
    )
    assert added.status == 201, added.text
    endpoint = added.json
    assert (endpoint["status"], endpoint["models"]) == ("healthy", ["large-model", "small-model"])
    assert (endpoint["headers"], endpoint["addresses"]) == (["Authorization", "X-House"], ["127.0.0.1"])
    assert (sent(upstream)["authorization"], sent(upstream)["x-house"]) == (f"Bearer {TOKEN}", "blue")
    path = f"/v1/local-endpoints/{endpoint['id']}"
    changed = await house.admin.call("PATCH", path, {"label": "attic", "default_model": "large-model"})
    assert (changed.json["label"], changed.json["default_model"]) == ("attic", "large-model")
    models = (await house.admin.get(f"{path}/models")).json
    assert [(one["id"], one["is_default"]) for one in models["data"]] == [("large-model", True), ("small-model", False)]
    names = [one["id"] for one in (await house.admin.get("/v1/models")).json["data"]]
    assert names[:3] == ["auto", "fast", "max"]
    assert {"large-model", "small-model"} <= set(names)
    off = await house.admin.call("PATCH", path, {"enabled": False})
    assert off.json["status"] == "disabled"
    assert len((await house.admin.get("/v1/models")).json["data"]) == 3
    for change, field in BAD_ENDPOINTS:
        answer = await house.admin.post("/v1/local-endpoints", {"url": upstream.google, **change})
        assert (answer.status, answer.json["field"].split(".")[0]) == (400, field), answer.text
    unknown = await house.admin.post("/v1/local-endpoints", {"url": "http://no-such-machine.invalid:11434"})
    assert (unknown.status, "no-such-machine.invalid" in unknown.text) == (503, True)
    own = await house.admin.post("/v1/local-endpoints", {"url": f"http://127.0.0.1:{house.settings.terminal_port}"})
    assert (own.status, own.json["field"]) == (400, "url")
    assert len((await house.admin.get("/v1/local-endpoints")).json["data"]) == 1
    assert (await house.admin.delete(path)).json == {"deleted": True, "id": endpoint["id"]}
    assert (await house.admin.get(f"{path}/models")).status == 404
    assert TOKEN.encode() not in everything_written(house)


BAD_ENDPOINTS: list[tuple[dict[str, Any], str]] = [
    ({"url": "ftp://box"}, "url"),
    ({"url": "http://169.254.169.254"}, "url"),
    ({"url": "http://[fe80::1]:11434"}, "url"),
    ({"url": "http://[::ffff:169.254.169.254]"}, "url"),
    ({"url": "http://0.0.0.0:11434"}, "url"),
    ({"url": "http://127.0.0.1:2019"}, "url"),
    ({"url": "http://[::1]:2375"}, "url"),
    ({"url": "http://127.1:11434"}, "url"),
    ({"url": "x"}, "url"),
    ({"url": "http://" + "a" * 3000}, "url"),
    ({"headers": {"Host": "evil"}}, "headers"),
    ({"headers": {"X Bad": "1"}}, "headers"),
    ({"headers": {"X-A": "1\r\nX-B: 2"}}, "headers"),
    ({"headers": {f"X-{n}": "1" for n in range(30)}}, "headers"),
    ({"default_model": "a b"}, "default_model"),
    ({"runtime": "toaster"}, "runtime"),
]


async def test_only_administrators_who_signed_in_manage_them(house: House, upstream: Upstream) -> None:
    member = await house.member("ben")
    bodies = {
        "/v1/provider-keys": {"provider": "openai", "secret": KEY},
        "/v1/local-endpoints": {"url": upstream.openai},
    }
    made = await house.admin.post("/api/keys", {"name": "k", "scopes": ["providers:write", "providers:read"]})
    script = house.person(made.json["token"])
    for path, body in bodies.items():
        assert (await member.get(path)).status == 403
        assert (await member.post(path, body)).status == 403
        assert (await house.nobody.post(path, body)).status == 401
        refused = await script.post(path, body)
        assert (refused.status, "Session authentication" in refused.text) == (403, True)
    assert upstream.seen == []
    refused = await house.admin.post(
        "/api/users", {"username": "eve", "password": "a long password", "permissions": ["providers:write"]}
    )
    assert (refused.status, refused.json["field"]) == (400, "permissions")


async def test_what_a_call_did_to_a_key_is_shown(house: House, upstream: Upstream) -> None:
    body = {"provider": "custom", "secret": KEY, "base_url": upstream.openai}
    assert (await house.admin.post("/v1/provider-keys", body)).status == 201
    upstream.next(Script(status=429, retry_after="120"))
    chat = {"model": "small-model", "messages": [{"role": "user", "content": "Hi"}]}
    answer = await house.admin.post("/v1/chat/completions", chat)
    assert (answer.status, KEY in answer.text) == (429, False)

    [key] = (await house.admin.get("/v1/provider-keys")).json["data"]
    assert key["status"] == "cooling"
    assert key["last_failure_code"] == "429"
    assert key["estimated_reset_at"] > key["last_failure_at"]
    again = await house.admin.post("/v1/chat/completions", chat)
    assert (again.status, 100 < int(again.headers["Retry-After"]) <= 120) == (429, True)


# --- keys ---


async def test_a_provider_that_cannot_be_asked_does_not_stand_in_the_way(ground: Ground, upstream: Upstream) -> None:
    upstream.next(Script(status=500))
    added = await add_key(ground, upstream)
    assert (added.status, added.models) == ("unverified", 0)
    names = {offer.model_name for offer in ground.directory.offers(None)}
    assert "gpt-4o" in names, "without a list it has what the catalog knows of this provider"


async def test_models_can_be_named(ground: Ground, upstream: Upstream) -> None:
    upstream.next(Script(status=404))
    added = await add_key(ground, upstream, provider="custom", models=["brew-2", "brew-1", "gpt-4o"])
    assert (added.status, added.models) == ("unverified", 3)
    checked = await ground.keys.check(ADA, added.id)
    assert (checked.status, checked.models) == ("active", 3), "what it lists does not take their place"
    offers = {offer.model_name: offer.model for offer in ground.directory.offers(None)}
    assert offers.keys() == {"brew-1", "brew-2", "gpt-4o"}
    assert offers["gpt-4o"] is ground.catalog.find("gpt-4o")
    route = ground.router.route(Wish("brew-1"))
    assert ground.catalog.cost(route.candidates[0].model, Tokens(input=1000, output=1000)) > 0, "budgets hold"


async def test_a_key_that_is_removed_while_it_is_checked_stays_removed(ground: Ground, upstream: Upstream) -> None:
    id = (await add_key(ground, upstream)).id
    upstream.next(Script(wait_s=0.3))
    checking = asyncio.create_task(ground.keys.check(ADA, id))
    await until(lambda: asked(upstream, 2))
    await ground.keys.remove(ADA, id)
    with pytest.raises(NotFound):
        await checking
    assert await ground.store.keys() == []


async def test_a_key_of_a_workspace(ground: Ground, upstream: Upstream) -> None:
    await ground.workspaces.add(ADA, WorkspaceWish("acme", "Acme"))
    assert (await add_key(ground, upstream, workspace="acme")).workspace_id == "acme"
    await add_key(ground, upstream)
    [own] = ground.keys.list_(ADA, "acme").data
    assert (own.workspace_id, own.workspace_name) == ("acme", "Acme")
    assert len(ground.keys.list_(ADA, None).data) == 2
    with pytest.raises(NotFound):
        await add_key(ground, upstream, workspace="other")


async def test_keys_and_endpoints_are_there_after_a_restart(tmp_path: Path, upstream: Upstream) -> None:
    async with open_ground(tmp_path) as ground:
        await add_key(ground, upstream)
        upstream.next(Script(status=200), Script(status=401))
        refused = await add_key(ground, upstream)
        await ground.keys.check(ADA, refused.id)
        endpoint = await register(ground, upstream, headers={"Authorization": f"Bearer {TOKEN}"})
        await ground.watch.write_notes()
    async with open_ground(tmp_path) as ground:
        assert [key.status for key in ground.keys.list_(ADA, None).data] == ["active", "invalid"]
        assert (await ground.endpoints.recheck(ADA, endpoint.id)).status == "healthy"
        assert sent(upstream)["authorization"] == f"Bearer {TOKEN}"


async def test_a_key_moved_to_another_origin_in_the_file_cannot_be_read(tmp_path: Path, upstream: Upstream) -> None:
    async with open_ground(tmp_path) as ground:
        id = (await add_key(ground, upstream)).id
        async with ground.db.write() as tx:
            await tx.execute("UPDATE provider_keys SET base_url = 'https://evil.example/v1'")
    async with open_ground(tmp_path) as ground:
        assert [key.status for key in ground.keys.list_(ADA, None).data] == ["invalid"]
        assert ground.directory.offers(None) == ()
        with pytest.raises(Conflict):
            await ground.keys.check(ADA, id)


async def test_nobody_but_people(ground: Ground, upstream: Upstream) -> None:
    script = Caller(ADA.user_id, "ada", "key", frozenset({"*"}), key_id="key_1")
    for refused in (
        lambda: ground.keys.list_(script, None), lambda: ground.endpoints.list_(script, None),
        lambda: ground.endpoints.get(script, "lep_1"),
    ):  # fmt: skip
        with pytest.raises(Forbidden):
            refused()


# --- endpoints ---


async def test_one_that_does_not_answer_is_kept_and_found_again(ground: Ground, upstream: Upstream) -> None:
    upstream.next(Script(status=503))
    added = await register(ground, upstream)
    assert (added.status, bool(added.status_reason)) == ("unreachable", True)
    checked = await ground.endpoints.recheck(ADA, added.id)
    assert (checked.status, checked.status_reason) == ("healthy", None)


async def test_those_that_are_due_are_asked_again(ground: Ground, upstream: Upstream) -> None:
    upstream.next(Script(status=503))
    added = await register(ground, upstream)
    assert added.last_checked_at is not None
    at = to_ms(added.last_checked_at)
    asked = len(upstream.seen)
    await ground.endpoints.check_due(at + UNREACHABLE_CHECK_MS - 1000)
    assert len(upstream.seen) == asked
    await ground.endpoints.check_due(at + UNREACHABLE_CHECK_MS + 1000)
    assert ground.endpoints.get(ADA, added.id)[0].status == "healthy"
    asked = len(upstream.seen)
    await ground.endpoints.check_due(at + UNREACHABLE_CHECK_MS + 2000)
    assert len(upstream.seen) == asked, "a healthy one is left alone for longer"
    assert {offer.healthy for offer in ground.directory.offers(None)} == {True}


async def test_one_that_wants_another_credential_says_so(ground: Ground, upstream: Upstream) -> None:
    upstream.next(Script(status=401))
    assert (await register(ground, upstream)).status == "refused"


async def test_the_same_endpoint_is_not_registered_twice(ground: Ground, upstream: Upstream) -> None:
    await register(ground, upstream)
    for url in (upstream.openai, upstream.openai + "/"):
        with pytest.raises(Conflict):
            await register(ground, upstream, url)
    results = await asyncio.gather(
        *(register(ground, upstream, upstream.google) for _ in range(3)), return_exceptions=True
    )
    assert sorted(isinstance(one, Conflict) for one in results) == [False, True, True]


async def test_headers_do_not_follow_to_another_address(ground: Ground, upstream: Upstream) -> None:
    endpoint = await register(ground, upstream, headers={"Authorization": f"Bearer {TOKEN}"})
    async with scripted_upstream() as other:
        moved = await ground.endpoints.change(ADA, endpoint.id, EndpointChange(url=other.openai))
        assert (moved.status, moved.headers) == ("healthy", [])
        assert "authorization" not in sent(other)


async def test_an_endpoint_that_floods_or_redirects_is_unreachable(ground: Ground, upstream: Upstream) -> None:
    flood = json.dumps({"data": [{"id": "x" * 1000}] * 3000}).encode()
    for script in (
        Script(raw=flood), Script(raw=b"<html>"), Script(raw=b'{"data": 7}'), Script(raw=b"[]"),
        Script(status=302, headers=(("Location", "http://169.254.169.254/"),)),
    ):  # fmt: skip
        upstream.next(script)
        added = await register(ground, upstream)
        assert (added.status, added.models) == ("unreachable", []), script
        await ground.endpoints.remove(ADA, added.id)


async def test_changes_at_once_do_not_lose_each_other(ground: Ground, upstream: Upstream) -> None:
    id = (await register(ground, upstream)).id
    results = await asyncio.gather(
        ground.endpoints.change(ADA, id, EndpointChange(label="attic")),
        ground.endpoints.change(ADA, id, EndpointChange(default_model="large-model")),
        ground.endpoints.recheck(ADA, id),
        ground.endpoints.check_due(10**15),
    )
    assert len(results) == 4
    endpoint, _ = ground.endpoints.get(ADA, id)
    assert (endpoint.label, endpoint.default_model, endpoint.status) == ("attic", "large-model", "healthy")


async def test_one_that_is_removed_while_it_is_checked_stays_removed(ground: Ground, upstream: Upstream) -> None:
    id = (await register(ground, upstream)).id
    upstream.next(Script(wait_s=0.3))
    checking = asyncio.create_task(ground.endpoints.recheck(ADA, id))
    await until(lambda: asked(upstream, 2))
    await ground.endpoints.remove(ADA, id)
    await asyncio.gather(checking, return_exceptions=True)
    assert ground.endpoints.list_(ADA, None).data == []
    assert await ground.store.endpoints() == []
    with pytest.raises(NotFound):
        await ground.endpoints.recheck(ADA, id)


async def asked(upstream: Upstream, times: int) -> bool:
    return len(upstream.seen) >= times


async def test_a_real_server_of_models(ground: Ground, small_model: SmallModel) -> None:
    headers = {"Authorization": f"Bearer {small_model.key}"}
    endpoint = await ground.endpoints.add(ADA, small_model.base_url, EndpointChange(headers=headers))
    assert (endpoint.status, endpoint.runtime, endpoint.models) == ("healthy", "llamacpp", [small_model.name])
    route = ground.router.route(Wish("auto", tokens_in=10, tokens_out=10, local_only=True))
    assert [one.offer.model_name for one in route.candidates] == [small_model.name]
