"""The routes of keys, workspaces, usage and wallets, as their clients know them."""

import csv
import io
from typing import Any

from tests.support.house import House, Person


async def new_key(house: House, owner: Person | None = None, **asked: Any) -> tuple[Person, dict[str, Any]]:
    made = await (owner or house.admin).post("/v1/keys", asked)
    assert made.status == 201, made.text
    return house.person(made.json["key"]), made.json


async def test_a_key_for_the_gateway_from_its_making_to_its_end(house: House) -> None:
    asked = {
        "name": "production",
        "metadata": {"team": "red"},
        "workspace_id": "acme",
        "workspace_name": "Acme Support",
    }
    key, made = await new_key(house, **asked)
    assert made["key"].startswith("tok_")
    assert made["key"].startswith(made["prefix"])
    assert {name: made[name] for name in asked} == asked
    listed = await house.admin.get("/v1/keys")
    [row] = listed.json["data"]
    assert listed.json["object"] == "list"
    assert {"keyPrefix", "lastUsedAt", "createdAt", "workspace_name"} <= row.keys()
    assert made["key"] not in listed.text
    assert (await key.get("/v1/balance")).status == 200
    assert (await house.nobody.get("/v1/balance", headers={"X-Api-Key": made["key"]})).status == 200
    assert (await house.nobody.get("/api/auth/me", headers={"X-Api-Key": made["key"]})).status == 401
    gone = await house.admin.delete(f"/v1/keys/{row['id']}")
    assert gone.json == {"deleted": True, "id": row["id"]}
    assert (await key.get("/v1/balance")).status == 401
    assert (await house.admin.delete(f"/v1/keys/{row['id']}")).status == 404


async def test_a_key_lifts_none_of_its_own_bounds(house: House) -> None:
    key, made = await new_key(house, workspace_id="acme", workspace_name="Acme")
    for method, path in (
        ("GET", "/v1/keys"), ("POST", "/v1/keys"), ("PATCH", f"/v1/keys/{made['id']}"),
        ("DELETE", f"/v1/keys/{made['id']}"), ("GET", "/v1/workspaces"), ("POST", "/v1/workspaces"),
        ("PATCH", "/v1/workspaces/acme"), ("GET", "/api/gateway/wallets"), ("GET", "/api/containers"),
    ):  # fmt: skip
        body = None if method in ("GET", "DELETE") else {"name": "mine", "workspace_id": "x"}
        assert (await key.call(method, path, body)).status == 403, path
    script = await house.key(["gateway:read", "gateway:write"])
    for path in ("/v1/keys", "/v1/workspaces"):
        assert (await script.get(path)).status == 403
    assert (await script.post("/v1/keys", {"name": "more"})).status == 403


async def test_an_agent_makes_no_keys_and_gives_no_credit(house: House) -> None:
    ada = (await house.admin.get("/api/auth/me")).json["id"]
    await house.admin.post("/v1/workspaces", {"workspace_id": "acme", "name": "Acme"})
    for number, (name, arguments) in enumerate((
        ("runtime_keys_add", {}), ("workspaces_add", {"workspace_id": "x", "name": "x"}),
        ("workspaces_change", {"id": "acme", "change": {"monthly_budget_usd": None}}),
        ("wallet_grant", {"id": ada, "amount_usd": 100}),
    )):  # fmt: skip
        call = {"name": name, "arguments": arguments}
        told = await house.admin.post("/mcp", {"jsonrpc": "2.0", "id": number, "method": "tools/call", "params": call})
        assert told.json["result"]["isError"], told.text
        assert "An agent may not" in told.text
    assert (await house.admin.get("/v1/keys")).json["data"] == []


async def test_nobody_reaches_anothers_keys_and_workspaces(house: House) -> None:
    _, made = await new_key(house, workspace_id="acme", workspace_name="Acme")
    ben = await house.member("ben", ["gateway:read", "gateway:write"])
    assert (await ben.get("/v1/keys")).json["data"] == []
    assert (await ben.get("/v1/workspaces")).json["data"] == []
    assert (await ben.call("PATCH", f"/v1/keys/{made['id']}", {"name": "x"})).status == 404
    assert (await ben.delete(f"/v1/keys/{made['id']}")).status == 404
    assert (await ben.call("PATCH", "/v1/workspaces/acme", {"name": "x"})).status == 404
    assert (await ben.post("/v1/keys", {"workspace_id": "acme"})).status == 404
    assert (await ben.get("/v1/usage?workspace_id=acme")).status == 404
    assert (await ben.get("/v1/usage?everyone=true")).status == 403
    assert (await ben.get("/api/gateway/wallets")).status == 403
    own = await ben.post("/v1/workspaces", {"workspace_id": "acme", "name": "Ben's"})
    assert own.status == 201, "names are one's own"


async def test_a_workspace_and_its_budget(house: House) -> None:
    body = {"workspace_id": "acme", "name": "Acme", "metadata": {"a": 1}, "monthly_budget_usd": 250}
    made = (await house.admin.post("/v1/workspaces", body)).json
    assert {name: made[name] for name in body} == body
    assert made["status"] == "active"
    assert (await house.admin.post("/v1/workspaces", body)).status == 409
    changed = await house.admin.call("PATCH", "/v1/workspaces/acme", {"monthly_budget_usd": None, "local_only": True})
    assert (changed.json["monthly_budget_usd"], changed.json["local_only"], changed.json["name"]) == (
        None,
        True,
        "Acme",
    )
    changed = await house.admin.call("PATCH", "/v1/workspaces/acme", {"status": "archived"})
    assert (changed.json["status"], changed.json["monthly_budget_usd"]) == ("archived", None)
    [listed] = (await house.admin.get("/v1/workspaces")).json["data"]
    assert {**listed, "updated_at": ""} == {**changed.json, "updated_at": ""}


async def test_workspaces_that_cannot_be(house: House) -> None:
    good = {"workspace_id": "x", "name": "x"}
    for wrong in (
        {"workspace_id": "../x"}, {"workspace_id": ""}, {"name": ""}, {"owner": "somebody"},
        {"monthly_budget_usd": -1}, {"monthly_budget_usd": 1e12}, {"monthly_budget_usd": "1"},
        {"metadata": {"a": "b" * 5000}},
    ):  # fmt: skip
        assert (await house.admin.post("/v1/workspaces", {**good, **wrong})).status == 400, wrong


async def test_what_a_key_is_bound_to_is_changed(house: House) -> None:
    key, made = await new_key(house, requests_per_minute=2, monthly_budget_usd=1)
    answers = [await key.get("/v1/balance") for _ in range(3)]
    assert [answer.status for answer in answers] == [200, 200, 429]
    told = answers[-1].headers
    assert (told["x-ratelimit-limit"], told["x-ratelimit-remaining"]) == ("2", "0")
    assert int(told["Retry-After"]) == int(told["X-RateLimit-RetryAfter"]) > 0
    assert int(told["X-RateLimit-Reset"]) > 1_700_000_000
    assert answers[-1].json["error"] == "Rate limit exceeded"
    assert answers[0].headers["x-ratelimit-remaining"] == "1"
    change = {"requests_per_minute": 100, "monthly_budget_usd": None, "name": "faster"}
    changed = await house.admin.call("PATCH", f"/v1/keys/{made['id']}", change)
    assert {name: changed.json[name] for name in change} == change
    again = await key.get("/v1/balance")
    assert (again.status, again.headers["x-ratelimit-limit"]) == (200, "100")
    for body in ({}, {"requests_per_minute": 0}, {"scopes": ["*"]}, {"workspace_id": "x"}):
        assert (await house.admin.call("PATCH", f"/v1/keys/{made['id']}", body)).status == 400


async def test_an_administrator_gives_credit(house: House) -> None:
    ben = await house.member("ben", ["gateway:read"])
    [wallet] = [one for one in (await house.admin.get("/api/gateway/wallets")).json if one["name"] == "ben"]
    assert wallet["balanceUsd"] == 10
    grants = f"/api/gateway/wallets/{wallet['userId']}/grants"
    assert (await house.admin.post(grants, {"amountUsd": 2.5, "note": "homework"})).status == 201
    assert (await ben.get("/v1/balance")).json["balance_usd"] == 12.5
    assert (await house.admin.post(grants, {"amountUsd": -20})).status == 409
    assert (await house.admin.post(grants, {"amountUsd": 0})).status == 400
    assert (await ben.post(grants, {"amountUsd": 1000})).status == 403
    assert (await house.admin.post("/api/gateway/wallets/usr_nobody/grants", {"amountUsd": 1})).status == 404
    rows = (await house.admin.get(grants)).json
    assert [(row["amountUsd"], row["givenBy"]) for row in rows] == [(2.5, "ada"), (10, "talome")]


async def test_reading_usage_is_bounded_and_understood(house: House) -> None:
    for path in ("/v1/usage?limit=5&request_type=chat", "/v1/usage/breakdown?group_by=workspace&days=30", "/v1/stats"):
        answer = await house.admin.get(path)
        assert answer.status == 200, answer.text
    breakdown = (await house.admin.get("/v1/usage/breakdown?group_by=api_key&days=7")).json
    assert breakdown == {"object": "list", "group_by": "api_key", "window_days": 7, "data": []}
    assert (await house.admin.get("/v1/usage")).json == {"data": [], "has_more": False}
    for path in (
        "/v1/usage?limit=1001", "/v1/usage?limit=0", "/v1/usage?before=yesterday",
        "/v1/usage?before=1900-01-01T00:00:00Z",
        "/v1/usage/breakdown?group_by=secret", "/v1/stats?days=0", "/v1/stats?days=99999", "/v1/stats?user=ben",
        "/v1/usage/export?days=x", "/v1/usage/export?days=0", "/v1/usage/export?owner=ben",
    ):  # fmt: skip
        assert (await house.admin.get(path)).status == 400, path


async def test_the_usage_as_a_file(house: House) -> None:
    answer = await house.admin.get("/v1/usage/export?days=7")
    assert answer.status == 200
    assert answer.headers["Content-Type"].startswith("text/csv")
    [head] = csv.reader(io.StringIO(answer.text))
    assert {"id", "charged_usd", "created_at", "served_model"} <= set(head)
    assert (await house.nobody.get("/v1/usage/export")).status == 401
    assert (await (await house.member("ben", [])).get("/v1/usage/export")).status == 403
