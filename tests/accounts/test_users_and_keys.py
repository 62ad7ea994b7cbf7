"""Rights: what members and keys may do, and what nobody can take or give."""

import asyncio

import pytest

from tests.support.house import PASSWORD, House


async def me(person) -> dict:
    return (await person.get("/api/auth/me")).json


async def test_a_member_may_only_what_was_given(house: House) -> None:
    member = await house.member("ben", ["containers:read"])
    assert (await member.get("/api/containers")).status == 200
    refused = await member.post("/api/containers/x/stop")
    assert (refused.status, refused.json["scope"]) == (403, "containers:write")
    for path in ("/api/users", "/api/audit-log", "/api/settings"):
        assert (await member.get(path)).status == 403


async def test_a_member_without_a_list_gets_the_looking_rights(house: House) -> None:
    member = await house.member("ben")
    assert (await member.get("/api/containers")).status == 200
    assert (await member.get("/api/system/stats")).status == 200
    assert (await member.get("/api/users")).status == 403


@pytest.mark.parametrize(
    "right", ["users:write", "settings:write", "audit:read", "*", "containers:*", "nothing:read", ""]
)
async def test_rights_that_lead_to_administration_cannot_be_given(house: House, right: str) -> None:
    body = {"username": "ben", "password": PASSWORD, "permissions": [right]}
    answer = await house.admin.post("/api/users", body)
    assert (answer.status, answer.json["field"]) == (400, "permissions")


async def test_there_is_always_an_administrator(house: House) -> None:
    ada = (await me(house.admin))["id"]
    assert (await house.admin.delete(f"/api/users/{ada}")).status == 409
    assert (await house.admin.put(f"/api/users/{ada}", {"role": "member"})).status == 409
    assert (await house.admin.put(f"/api/users/{ada}", {"disabled": True})).status == 409
    other = await house.member("ben")
    ben = (await me(other))["id"]
    await house.admin.put(f"/api/users/{ben}", {"role": "admin"})
    assert (await house.admin.put(f"/api/users/{ada}", {"role": "member"})).status == 200


async def test_a_user_is_changed_and_deleted(house: House) -> None:
    member = await house.member("ben")
    ben = (await me(member))["id"]
    changed = await house.admin.put(f"/api/users/{ben}", {"displayName": "Ben"})
    assert changed.json["displayName"] == "Ben"
    assert (await member.get("/api/auth/me")).status == 200, "a new name ends no session"
    assert (await house.admin.put(f"/api/users/{ben}", {})).status == 400
    assert (await house.admin.delete(f"/api/users/{ben}")).status == 200
    assert (await house.admin.put(f"/api/users/{ben}", {"displayName": "x"})).status == 404


async def test_no_answer_ever_holds_a_password_or_its_hash(house: House) -> None:
    await house.member("ben")
    for path in ("/api/users", "/api/auth/me", "/api/audit-log", "/api/keys", "/api/auth/sessions"):
        text = (await house.admin.get(path)).text
        assert PASSWORD not in text
        assert "$argon2" not in text
        assert "digest" not in text


async def test_a_key_works_as_bearer_within_its_scopes(house: House) -> None:
    key = await house.key(["containers:read"])
    assert key.token.startswith("talome_")
    assert (await key.get("/api/containers")).status == 200
    assert (await key.get("/api/users")).status == 403
    assert (await key.get("/api/auth/me")).status == 403
    (row,) = (await house.admin.get("/api/keys")).json
    assert key.token.startswith(row["prefix"])
    assert row["lastUsedAt"] is not None
    assert key.token not in (await house.admin.get("/api/keys")).text


async def test_a_key_never_has_more_rights_than_its_owner(house: House) -> None:
    member = await house.member("ben", ["containers:read", "containers:write"])
    refused = await member.post("/api/keys", {"name": "x", "scopes": ["users:read"]})
    assert (refused.status, refused.json["field"]) == (403, "scopes")
    assert (await member.post("/api/keys", {"name": "x", "scopes": ["*"]})).status == 403
    key = await house.key(["containers:write"], member)
    ben = (await me(member))["id"]
    assert (await key.post("/api/containers/x/stop")).status == 404
    await house.admin.put(f"/api/users/{ben}", {"permissions": ["containers:read"]})
    assert (await key.post("/api/containers/x/stop")).status == 403
    await house.admin.put(f"/api/users/{ben}", {"disabled": True})
    assert (await key.get("/api/containers")).status == 401


async def test_a_deleted_key_and_anothers_key(house: House) -> None:
    member = await house.member("ben", ["containers:read"])
    key = await house.key(["containers:read"], member)
    (row,) = (await member.get("/api/keys")).json
    assert (await house.admin.delete(f"/api/keys/{row['id']}")).status == 404
    async with key.live() as socket:
        await socket.send_json({"id": "a", "subscribe": "containers.stream"})
        await socket.receive_json(timeout=5)
        assert (await member.delete(f"/api/keys/{row['id']}")).status == 200
        while (message := await socket.receive(timeout=2)).type.name == "TEXT":
            pass
        assert message.data == 4401
    assert (await key.get("/api/containers")).status == 401


async def test_a_key_has_its_rate(house: House) -> None:
    made = await house.admin.post("/api/keys", {"name": "slow", "scopes": ["containers:read"], "requestsPerMinute": 3})
    key = house.person(made.json["token"])
    answers = [await key.get("/api/containers") for _ in range(5)]
    assert [answer.status for answer in answers] == [200, 200, 200, 429, 429]
    assert int(answers[-1].headers["Retry-After"]) > 0


async def test_nobody_has_keys_without_end(house: House) -> None:
    assert (await house.admin.put("/api/settings", {"accounts.keys_per_person": 2})).status == 200
    ben = await house.member("ben")
    for number in range(2):
        assert (await house.admin.post("/v1/keys", {"name": f"{number}"})).status == 201
    for path, body in (("/v1/keys", {"name": "more"}), ("/api/keys", {"name": "more", "scopes": ["gateway:use"]})):
        answer = await house.admin.post(path, body)
        assert answer.status == 409, answer.text
        assert "2 API keys" in answer.text
    assert (await ben.post("/v1/keys", {"name": "mine"})).status == 201, "each has their own"
    together = await asyncio.gather(*(ben.post("/v1/keys", {"name": f"{number}"}) for number in range(5)))
    assert sorted(answer.status for answer in together) == [201, 409, 409, 409, 409]
    [first, *_] = (await house.admin.get("/v1/keys")).json["data"]
    assert (await house.admin.delete(f"/v1/keys/{first['id']}")).status == 200
    assert (await house.admin.post("/v1/keys", {"name": "again"})).status == 201


@pytest.mark.parametrize("token", ["talome_' OR '1'='1", "talome_", "talome_" + "A" * 40])
async def test_keys_that_are_none(house: House, token: str) -> None:
    assert (await house.person(token).get("/api/containers")).status == 401


async def test_what_is_done_is_written_down_without_secrets(house: House) -> None:
    await house.member("ben", ["containers:read"])
    member = await house.sign_in("ben", PASSWORD)
    await member.post("/api/containers/x/stop")
    page = (await house.admin.get("/api/audit-log?limit=500")).json
    entries = {entry["operation"]: entry for entry in page["entries"]}
    assert entries["containers.stop"]["outcome"] == "denied"
    assert entries["containers.stop"]["actor"] == "ben"
    added = entries["users.add"]
    assert (added["actor"], added["outcome"], added["status"]) == ("ada", "ok", 201)
    assert added["arguments"]["username"] == "ben"
    assert added["arguments"]["password"] != PASSWORD
    filtered = (await house.admin.get("/api/audit-log?actor=ben&outcome=denied")).json["entries"]
    assert [entry["operation"] for entry in filtered] == ["containers.stop"]
    by_area = (await house.admin.get("/api/audit-log?operation=auth")).json["entries"]
    assert {entry["operation"] for entry in by_area} == {"auth.login"}


async def test_the_audit_log_pages(house: House) -> None:
    for n in range(5):
        await house.admin.post("/api/keys", {"name": f"key {n}", "scopes": ["containers:read"]})
    first = (await house.admin.get("/api/audit-log?limit=3")).json
    second = (await house.admin.get(f"/api/audit-log?limit=100&before={first['next']}")).json
    numbers = [entry["id"] for entry in first["entries"] + second["entries"]]
    assert numbers == sorted(set(numbers), reverse=True)
    assert second["next"] is None
