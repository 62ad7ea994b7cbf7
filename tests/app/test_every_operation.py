"""What holds for every operation, generated from the registry: nobody can forget it for a new one."""

import io
import json
import random
import re
from typing import Any

import orjson
import pytest

from talome.accounts.users.service import DEFAULT_PERMISSIONS
from talome.app import API_CLASSES
from talome.core.http.server import OPEN_ROUTES
from talome.core.operations import PUBLIC, Operation, Registry
from tests.support.house import House

REGISTRY = Registry()
REGISTRY.add(*API_CLASSES)
OPERATIONS = list(REGISTRY)
CLOSED = [item for item in OPERATIONS if item.scope != PUBLIC]
WITH_BODY = [item for item in OPERATIONS if item.method in ("POST", "PUT", "PATCH")]
IN_QUERY = [item for item in OPERATIONS if item.method in ("GET", "DELETE")]
FORGED_ORIGINS = {
    "X-Forwarded-For": "127.0.0.1",
    "X-Real-IP": "127.0.0.1",
    "Forwarded": "for=127.0.0.1",
    "True-Client-IP": "127.0.0.1",
    "X-Original-URL": "/api/health",
    "X-Rewrite-URL": "/api/health",
    "X-Forwarded-Host": "localhost",
}


def path_of(operation: Operation, identifier: str | None = None) -> str:
    made_up = "job_" + "0" * 26 if operation.area == "jobs" else "ff" * 32
    return re.sub(r"{\w+}", made_up if identifier is None else identifier, operation.path)


def said(body: Any) -> dict[str, Any]:
    """What an error says, flat, whichever face it is in the dialect of."""
    error = body["error"]
    return {**error.get("details", {}), **error, "error": error["message"]} if isinstance(error, dict) else body


def is_error(body: Any) -> bool:
    flat = said(body)
    return isinstance(flat["error"], str) and flat["code"] and flat["requestId"]


def test_there_are_operations_and_each_is_described() -> None:
    assert len(OPERATIONS) > 50
    for item in OPERATIONS:
        assert item.description.endswith("."), item.name
        assert item.scope == PUBLIC or re.fullmatch(r"[a-z]+:(read|write|exec|host)", item.scope), item.name
        assert item.risk in ("read", "modify", "destructive")
        assert (item.risk == "read") == (item.method == "GET") or item.method == "POST", item.name
        assert item.method != "GET" or item.risk == "read", item.name
        fields = item.arguments_model.model_fields
        assert set(item.path_names) <= {field.alias or name for name, field in fields.items()}, item.name


def test_public_operations_are_the_literal_list_and_no_more() -> None:
    pages = {("GET", "/{page}"), ("GET", "/s/{token}"), ("POST", "/s/{token}"), ("POST", "/s/{token}/upload")}
    pages |= {("GET", "/s/{token}/file"), ("GET", "/s/{token}/zip"), ("GET", "/api/files/tickets/{ticket}/{name}")}
    assert {(item.method, item.path) for item in OPERATIONS if item.scope == PUBLIC} | pages == OPEN_ROUTES


async def test_the_rights_of_a_new_member_exist(house: House) -> None:
    ben = await house.member("ben")
    assert set((await ben.get("/api/auth/me")).json["permissions"]) == set(DEFAULT_PERMISSIONS)


async def test_without_a_credential_every_closed_route_is_401(house: House) -> None:
    for item in CLOSED:
        answer = await house.nobody.call(item.method, path_of(item))
        assert answer.status == 401, item.name
        assert is_error(answer.json), item.name
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


async def test_forged_forwarding_headers_open_nothing(house: House) -> None:
    for item in CLOSED:
        answer = await house.nobody.call(item.method, path_of(item), headers=FORGED_ORIGINS)
        assert answer.status == 401, item.name


async def test_other_routes_are_closed_too(house: House) -> None:
    for method, path in [
        ("GET", "/api/openapi.json"), ("GET", "/api/ws"), ("POST", "/mcp"), ("GET", "/mcp"), ("GET", "/api/nothing"),
        ("GET", "/v1/models"), ("GET", "/v2/models"), ("POST", "/api/health"), ("GET", "/API/containers"),
        ("GET", "//api/containers"), ("GET", "/api//containers"), ("GET", "/api/containers/"), ("PUT", "/"),
    ]:  # fmt: skip
        answer = await house.nobody.call(method, path)
        shell = answer.status == 200 and answer.headers["Content-Type"].startswith("text/html")
        assert answer.status in (401, 404) or shell, (method, path, answer.status)
        assert "containers" not in answer.text or shell


async def test_with_a_right_for_something_else_every_route_is_403(house: House) -> None:
    assert (await house.admin.put("/api/settings", {"accounts.keys_per_person": 10_000})).status == 200
    for item in CLOSED:
        area = item.scope.partition(":")[0]
        other = "account:read" if area != "account" else "system:read"
        key = await house.key([other])
        answer = await key.call(item.method, path_of(item))
        assert answer.status == 403, item.name
        assert is_error(answer.json)


async def test_unknown_arguments_are_named_everywhere(house: House) -> None:
    for item in OPERATIONS:
        if item.whole_body_name or item.name == "auth.logout":
            continue
        person = house.nobody if item.scope == PUBLIC else house.admin
        if item.method in ("GET", "DELETE"):
            answer = await person.call(item.method, path_of(item) + "?surprise=1")
        else:
            answer = await person.call(item.method, path_of(item), {"surprise": 1})
        assert answer.status == 400, (item.name, answer.text)
        assert any(problem["field"] == "surprise" for problem in said(answer.json)["problems"]), item.name


async def test_bodies_that_are_none(house: House) -> None:
    as_json = {"Content-Type": "application/json"}
    for item in WITH_BODY:
        person = house.nobody if item.scope == PUBLIC else house.admin
        path = path_of(item)
        for body in (b"{", b"[1]", b'"text"', b"nope", b"\xff\xfe", b"[" * 5000, b'{"a":NaN}', b'{"\\ud800":1}'):
            answer = await person.call(item.method, path, data=body, headers=as_json)
            assert answer.status == 400, (item.name, body[:20], answer.text)
            assert is_error(answer.json)
        for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
            answer = await person.call(item.method, path, data=b'{"a":1}', headers={"Content-Type": kind})
            assert answer.status == 415, (item.name, kind)
        answer = await person.call(item.method, path, data=io.BytesIO(b" " * (1024 * 1024 + 1)), headers=as_json)
        assert answer.status == 413, item.name


def wrong_values(seed: int) -> list[Any]:
    """Things that no argument takes, or hardly any."""
    dice = random.Random(seed)
    return [
        {"a": {"b": []}}, [[[]]], 10**30, -1e308, "x" * 100_000, "\u0000", "../../etc/passwd",
        "'; DROP TABLE users; --",
        "\u202e" * 10, [None] * 1000, {"$ne": 1}, dice.random(), True, "１２３", "-rf",
    ]  # fmt: skip


SHARES = pytest.mark.parametrize(
    "share",
    [1, pytest.param(0, marks=pytest.mark.whole), pytest.param(2, marks=pytest.mark.whole)],  # each takes 10 s
)
"""Of three: which of the wrong values an argument gets; the next argument gets others."""


@SHARES
async def test_wrong_values_never_break_the_server(house: House, share: int) -> None:
    """Each argument in turn gets wrong values: 4xx with a sentence, or a 2xx where the value was fine after all."""
    for item in WITH_BODY:
        if item.name in ("auth.logout", "auth.login", "auth.second_factor", "auth.recover"):
            continue  # logout would end the session, the others would be throttled
        for name in item.input_schema().get("properties", {}):
            if name in item.path_names:
                continue
            for value in wrong_values(len(name))[(len(name) + share) % 3 :: 3]:
                body = value if item.whole_body_name else {name: value}
                if not isinstance(body, dict):
                    continue
                answer = await house.admin.call(item.method, path_of(item), body)
                assert answer.status < 500, (item.name, name, str(value)[:40], answer.text)
                if answer.status >= 400:
                    assert is_error(answer.json), (item.name, name)
                    assert "Traceback" not in answer.text


@SHARES
async def test_wrong_values_in_queries_never_break_the_server(house: House, share: int) -> None:
    values = [
        "",
        "x",
        "-1",
        "1e9",
        "9" * 40,
        "\x00",
        "../..",
        "%",
        "true",
        "2026-13-45T00:00:00Z",
        "'",
        "💥" * 50,
        "[",
        "(a+)+$",
    ]
    for item in IN_QUERY:
        for name in item.input_schema().get("properties", {}):
            if name in item.path_names or item.item is not None:
                continue
            for value in values[(len(name) + share) % 3 :: 3]:
                answer = await house.admin.call(item.method, path_of(item), params={name: value})
                assert answer.status < 500, (item.name, name, value, answer.text)


@pytest.mark.parametrize(
    "identifier",
    [
        "..%2fimages%2fjson%3fall=1%23",
        "x%2f..%2f..%2fimages%2fjson",
        "%2e%2e",
        "%00",
        "-rf",
        "a" * 5000,
        "%F0%9F%92%A5",
        "a%0ab",
    ],
)
async def test_ids_that_are_no_ids(house: House, identifier: str) -> None:
    import yarl

    for item in OPERATIONS:
        if item.path_names and item.name != "users.delete":
            url = yarl.URL(house.base + path_of(item, identifier), encoded=True)
            headers = {"Authorization": f"Bearer {house.admin.token}"}
            async with house.nobody.http.request(item.method, url, headers=headers) as response:
                assert response.status in (400, 404, 414), (item.name, identifier, response.status)


async def test_somebody_elses_id_is_not_found(house: House) -> None:
    """With every right there is, an id that is not there, or not one's own, is a 404."""
    for item in OPERATIONS:
        if not item.path_names or "required" in _body_of(item):
            continue
        answer = await house.admin.call(item.method, path_of(item))
        assert answer.status == 404, (item.name, answer.text)


def _body_of(item: Operation) -> dict[str, Any]:
    schema = item.input_schema()
    needed = set(schema.get("required", ())) - set(item.path_names)
    return {"required": needed} if needed else {}


async def test_every_answer_carries_the_protecting_headers(house: House) -> None:
    for path in ("/api/health", "/api/containers", "/api/nothing", "/", "/assets/none.js"):
        answer = await house.admin.get(path)
        assert answer.headers["X-Content-Type-Options"] == "nosniff", path
        assert answer.headers["X-Frame-Options"] == "DENY"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert re.fullmatch(r"req_[0-9a-z]{26}", answer.headers["X-Request-Id"])
        assert "aiohttp" not in answer.headers.get("Server", "")
        if path.startswith("/api"):
            assert answer.headers["Cache-Control"] == "no-store"


async def test_the_committed_openapi_copy_is_what_the_server_says(house: House) -> None:
    from scripts.openapi import TARGET

    served = (await house.admin.get("/api/openapi.json")).json
    assert orjson.loads(TARGET.read_bytes()) == served, "run: python scripts/openapi.py"
    json.dumps(served)


async def test_methods_that_an_address_does_not_take_are_named(house: House) -> None:
    answer = await house.admin.call("PATCH", "/api/containers")
    assert answer.status == 405
    assert "GET" in answer.headers["Allow"]
