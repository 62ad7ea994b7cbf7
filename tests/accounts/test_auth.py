"""Signing in: who gets in, who does not, and how a session ends."""

import asyncio
import base64
import json
import time
from pathlib import Path

import aiohttp
import jwt
import pytest

from talome.accounts.throttle import Throttle
from talome.accounts.users.reset_command import reset_password
from talome.app import serve
from talome.core.errors import NotFound, TooMany
from talome.core.secrets import Secrets
from tests.fakes.docker import FakeEngine
from tests.support.house import ADMIN, PASSWORD, SECRET, House, Person, boot_settings, open_house


async def login(house: House, username: str, password: str, **headers: str):
    return await house.nobody.post("/api/auth/login", {"username": username, "password": password}, headers=headers)


async def test_the_first_login_makes_the_administrator_and_later_ones_do_not(house: House) -> None:
    me = await house.admin.get("/api/auth/me")
    assert (me.json["username"], me.json["role"], me.json["scopes"]) == (ADMIN, "admin", ["*"])
    assert (await login(house, "eve", "a long password")).status == 401
    assert (await house.nobody.get("/api/setup")).json["needsAdmin"] is False
    assert not house.settings.setup_code_file.exists()


@pytest.fixture
async def fresh(tmp_path: Path):
    settings = boot_settings(tmp_path / "fresh", trusted_proxies=("127.0.0.1",))
    async with serve(settings, FakeEngine()) as (address,), aiohttp.ClientSession() as http:
        yield settings, Person(address, http, headers={"X-Forwarded-For": "192.168.1.77"})


async def test_from_the_network_the_first_login_needs_the_setup_code(fresh) -> None:
    settings, stranger = fresh
    assert (await stranger.get("/api/setup")).json["needsSetupCode"] is True
    body = {"username": "eve", "password": "a long password"}
    assert (await stranger.post("/api/auth/login", body)).json["code"] == "setup_code_needed"
    assert (await stranger.post("/api/auth/login", {**body, "setupCode": "AAAA-AAAA-AAAA"})).status == 403
    code = settings.setup_code_file.read_text().strip()
    assert settings.setup_code_file.stat().st_mode & 0o777 == 0o600
    made = await stranger.post("/api/auth/login", {**body, "setupCode": code.lower()})
    assert made.status == 200
    assert made.json["setup"] is True
    assert len(made.json["recoveryCodes"]) == 8


async def test_two_first_logins_at_once_make_one_administrator(tmp_path: Path) -> None:
    async with serve(boot_settings(tmp_path / "x"), FakeEngine()) as (address,), aiohttp.ClientSession() as http:
        nobody = Person(address, http)
        tries = (nobody.post("/api/auth/login", {"username": name, "password": PASSWORD}) for name in ("ada", "bob"))
        answers = await asyncio.gather(*tries)
        assert sum(answer.status == 200 and answer.json["setup"] for answer in answers) == 1


async def test_the_token_comes_in_the_body_and_in_a_cookie_that_scripts_cannot_read(house: House) -> None:
    answer = await login(house, ADMIN, PASSWORD)
    cookie = answer.headers["Set-Cookie"]
    assert f"talome_session={answer.json['token']}" in cookie
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Secure" not in cookie
    by_cookie = await house.nobody.get("/api/auth/me", headers={"Cookie": f"talome_session={answer.json['token']}"})
    assert by_cookie.status == 200


async def test_an_app_on_another_port_can_do_nothing_with_a_browsers_cookie(house: House) -> None:
    origin = {"Origin": house.base}
    body = {"username": ADMIN, "password": PASSWORD}
    answer = await house.nobody.post("/api/auth/login", body, headers=origin)
    cookie, proof = answer.headers["Set-Cookie"].split(";")[0], answer.json["proof"]
    replayed = cookie.partition("=")[2]
    assert replayed != answer.json["token"]

    async def status(**headers: str) -> int:
        return (await house.nobody.get("/api/auth/me", headers=headers)).status

    assert await status(Cookie=cookie, **{"X-Talome-Proof": proof}) == 200
    assert await status(Cookie=cookie) == 401
    assert await status(Cookie=cookie, **{"X-Talome-Proof": proof[:-1]}) == 401
    assert await status(Cookie=cookie, **{"X-Talome-Proof": "ü"}) == 401
    assert await status(Authorization=f"Bearer {replayed}") == 401
    assert await status(**{"X-Talome-Proof": proof}) == 401
    other = (await house.nobody.post("/api/auth/login", body, headers=origin)).json["proof"]
    assert await status(Cookie=cookie, **{"X-Talome-Proof": other}) == 401
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        async with house.nobody.live(headers={"Cookie": cookie, **origin}):
            pass
    assert refused.value.status == 401
    offered = ("talome", f"talome.proof.{proof}")
    async with house.nobody.live(headers={"Cookie": cookie, **origin}, protocols=offered) as socket:
        assert socket.protocol == "talome"


@pytest.mark.parametrize("name", ["root", "admin", "daemon", "Administrator", " ", "ada\u200b", "ада", "' OR '1'='1"])
async def test_unknown_names_fail_in_the_same_words_as_a_wrong_password(house: House, name: str) -> None:
    unknown, wrong = await login(house, name, "x"), await login(house, ADMIN, "x")
    assert unknown.status == wrong.status == 401
    assert unknown.json["error"] == wrong.json["error"]


async def test_names_are_one_whatever_their_case(house: House) -> None:
    assert (await login(house, "ADA", PASSWORD)).status == 200
    taken = await house.admin.post("/api/users", {"username": "Ada", "password": PASSWORD})
    assert taken.status == 409


def forged(claims: dict, key: bytes | str, algorithm: str) -> str:
    return jwt.encode(claims, key, algorithm=algorithm)


async def test_forged_tokens_are_refused(house: House) -> None:
    key = Secrets(bytes.fromhex(SECRET)).key("session-tokens")
    good = jwt.decode(house.admin.token, options={"verify_signature": False})
    none = base64.urlsafe_b64encode(b'{"alg":"none","typ":"JWT"}').rstrip(b"=").decode()
    body = base64.urlsafe_b64encode(json.dumps(good).encode()).rstrip(b"=").decode()
    now = int(time.time())
    forgeries = {
        "alg none": f"{none}.{body}.",
        "guessed key": forged(good, b"secret" * 6, "HS256"),
        "the master secret itself": forged(good, bytes.fromhex(SECRET), "HS256"),
        "other algorithm": forged(good, key * 2, "HS512"),
        "other issuer": forged({**good, "iss": "casaos"}, key, "HS256"),
        "other audience": forged({**good, "aud": "other"}, key, "HS256"),
        "expired": forged({**good, "iat": now - 100, "exp": now - 1}, key, "HS256"),
        "no end": forged({k: v for k, v in good.items() if k != "exp"}, key, "HS256"),
        "no jti": forged({k: v for k, v in good.items() if k != "jti"}, key, "HS256"),
        "no such session": forged({**good, "jti": "made-up"}, key, "HS256"),
        "another's session": forged({**good, "sub": "usr_other"}, key, "HS256"),
        "not yet": forged({**good, "nbf": now + 1000}, key, "HS256"),
        "a list": forged({**good, "jti": "x" * 100}, key, "HS256"),
        "not a token": "' OR '1'='1",
        "long": "x" * 5000,
        "dots": "..",
    }
    assert (await house.person(forged(good, key, "HS256")).get("/api/auth/me")).status == 200, "the forger's tools work"
    for what, token in forgeries.items():
        assert (await house.person(token).get("/api/auth/me")).status == 401, what


async def closed(socket: aiohttp.ClientWebSocketResponse, timeout_s: float) -> int:
    """The code with which it is closed, whatever else still comes before."""
    async with asyncio.timeout(timeout_s):
        while (message := await socket.receive()).type is aiohttp.WSMsgType.TEXT:
            pass
    assert message.type is aiohttp.WSMsgType.CLOSE
    return int(message.data)


async def test_logout_ends_the_session_everywhere(house: House) -> None:
    me = await house.sign_in(ADMIN, PASSWORD)
    async with me.live() as socket:
        await socket.send_json({"id": "a", "subscribe": "jobs.stream"})
        await socket.receive_json(timeout=5)
        answer = await me.post("/api/auth/logout")
        assert answer.json == {"ok": True}
        assert "talome_session=" in answer.headers["Set-Cookie"]
        assert await closed(socket, 1) == 4401
    assert (await me.get("/api/auth/me")).status == 401
    assert (await house.admin.get("/api/auth/me")).status == 200


async def changed_password(house: House, member: Person, identity: str) -> None:
    body = {"currentPassword": PASSWORD, "newPassword": "another long one"}
    assert (await (await house.sign_in("ben", PASSWORD)).post("/api/auth/password", body)).status == 200


async def changed_role(house: House, member: Person, identity: str) -> None:
    assert (await house.admin.put(f"/api/users/{identity}", {"role": "admin"})).status == 200


async def changed_rights(house: House, member: Person, identity: str) -> None:
    assert (await house.admin.put(f"/api/users/{identity}", {"permissions": []})).status == 200


async def disabled(house: House, member: Person, identity: str) -> None:
    assert (await house.admin.put(f"/api/users/{identity}", {"disabled": True})).status == 200


async def deleted(house: House, member: Person, identity: str) -> None:
    assert (await house.admin.delete(f"/api/users/{identity}")).status == 200


async def reset_offline(house: House, member: Person, identity: str) -> None:
    await reset_password(house.settings, "ben", "a brand new one")


@pytest.mark.parametrize("ending", [changed_password, changed_role, changed_rights, disabled, deleted, reset_offline])
async def test_sessions_and_open_streams_end_within_a_second(house: House, ending) -> None:
    member = await house.member("ben", ["jobs:read"])
    identity = (await member.get("/api/auth/me")).json["id"]
    async with member.live() as socket:
        await socket.send_json({"id": "a", "subscribe": "jobs.stream"})
        await socket.receive_json(timeout=5)
        await ending(house, member, identity)
        assert await closed(socket, 2) == 4401
    assert (await member.get("/api/auth/me")).status == 401


async def test_an_event_stream_ends_with_the_session_and_says_why(house: House) -> None:
    me = await house.sign_in(ADMIN, PASSWORD)
    url = f"{house.base}/api/jobs/stream"
    async with me.http.get(url, headers={"Authorization": f"Bearer {me.token}"}) as response:
        await response.content.readuntil(b"\n\n")
        await me.post("/api/auth/logout")
        rest = await asyncio.wait_for(response.content.read(), 2)
        assert b'"session_ended"' in rest


async def test_changing_ones_password_keeps_the_session_that_did_it(house: House) -> None:
    first, second = await house.sign_in(ADMIN, PASSWORD), await house.sign_in(ADMIN, PASSWORD)
    wrong = await first.post("/api/auth/password", {"currentPassword": "x", "newPassword": "another long one"})
    assert (wrong.status, wrong.json["field"]) == (403, "currentPassword")
    body = {"currentPassword": PASSWORD, "newPassword": "another long one"}
    async with first.live() as socket:
        await socket.send_json({"id": "a", "subscribe": "jobs.stream"})
        await socket.receive_json(timeout=5)
        assert (await first.post("/api/auth/password", body)).status == 200
        assert (await second.get("/api/auth/me")).status == 401
        await socket.send_json({"id": "b", "subscribe": "jobs.stream"})
        async with asyncio.timeout(5):  # the socket that did it stays open
            while (await socket.receive_json())["id"] != "b":
                pass
    assert (await first.get("/api/auth/me")).status == 200
    assert (await second.get("/api/auth/me")).status == 401
    assert (await login(house, ADMIN, PASSWORD)).status == 401
    assert (await login(house, ADMIN, "another long one")).status == 200


async def test_sessions_are_seen_and_ended_by_their_owner_only(house: House) -> None:
    other, member = await house.sign_in(ADMIN, PASSWORD), await house.member()
    sessions = (await other.get("/api/auth/sessions")).json
    assert [session["current"] for session in sessions].count(True) == 1
    mine = next(session["id"] for session in sessions if session["current"])
    assert (await member.delete(f"/api/auth/sessions/{mine}")).status == 404
    assert (await house.admin.delete(f"/api/auth/sessions/{mine}")).status == 200
    assert (await other.get("/api/auth/me")).status == 401


async def test_a_recovery_code_buys_one_new_password(tmp_path: Path) -> None:
    async with serve(boot_settings(tmp_path / "x"), FakeEngine()) as (address,), aiohttp.ClientSession() as http:
        nobody = Person(address, http)
        made = await nobody.post("/api/auth/login", {"username": ADMIN, "password": PASSWORD})
        code = made.json["recoveryCodes"][0]
        body = {"username": ADMIN, "recoveryCode": code.upper().replace("-", " "), "newPassword": "another long one"}
        short = await nobody.post("/api/auth/recover", {**body, "newPassword": "short"})
        assert (short.status, short.json["field"]) == (400, "newPassword")
        recovered = await nobody.post("/api/auth/recover", body)
        assert (recovered.status, recovered.json["recoveryCodesLeft"]) == (200, 7)
        assert (await Person(address, http, recovered.json["token"]).get("/api/auth/me")).status == 200
        assert (await Person(address, http, made.json["token"]).get("/api/auth/me")).status == 401
        assert (await nobody.post("/api/auth/recover", body)).status == 401
        assert (await nobody.post("/api/auth/recover", {**body, "username": "eve"})).status == 401
        fresh = await Person(address, http, recovered.json["token"]).post(
            "/api/auth/recovery-codes", {"password": "another long one"}
        )
        old = {**body, "recoveryCode": made.json["recoveryCodes"][1]}
        assert (await nobody.post("/api/auth/recover", old)).status == 401
        new = {**body, "recoveryCode": fresh.json["recoveryCodes"][0]}
        assert (await nobody.post("/api/auth/recover", new)).status in (200, 429)


async def test_guessing_is_delayed_and_says_how_long(house: House) -> None:
    answers = [await login(house, ADMIN, f"guess {n}") for n in range(5)]
    assert [answer.status for answer in answers] == [401, 401, 401, 429, 429]
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 60
    assert (await login(house, "somebody-else", PASSWORD)).status == 401, "another name is not delayed by it"


def test_the_throttle_delays_longer_each_time_and_never_for_good() -> None:
    clock = [1000.0]
    throttle = Throttle(lambda: clock[0])
    waits = []
    for _ in range(40):
        try:
            throttle.check("10.0.0.1", "ada")
        except TooMany as error:
            waits.append(error.retry_after_s)
            clock[0] += error.retry_after_s
            throttle.check("10.0.0.1", "ada")
        throttle.failed("10.0.0.1", "ada")
    assert waits == sorted(waits)
    assert max(waits) <= 61
    throttle.check("10.0.0.2", "ada")
    clock[0] += 61
    throttle.check("10.0.0.1", "ada")


def test_a_throttle_counts_an_ipv6_network_as_one() -> None:
    throttle = Throttle(lambda: 1000.0)
    for n in range(20):
        throttle.failed(f"2001:db8::{n:x}", f"name {n}")
    with pytest.raises(TooMany):
        throttle.check("2001:db8::ffff", "other")
    throttle.check("2001:db8:1::1", "other")


async def test_the_offline_reset_lets_a_disabled_owner_in_again(house: House) -> None:
    await house.member("ben")
    identity = next(u["id"] for u in (await house.admin.get("/api/users")).json if u["username"] == "ben")
    await house.admin.put(f"/api/users/{identity}", {"disabled": True})
    assert (await login(house, "ben", PASSWORD)).status == 401
    await reset_password(house.settings, "BEN", "a brand new one")
    assert (await login(house, "ben", "a brand new one")).status == 200
    with pytest.raises(NotFound, match=ADMIN):
        await reset_password(house.settings, "nobody", "a brand new one")


async def test_sessions_survive_a_restart_of_the_server(tmp_path: Path) -> None:
    async with open_house(tmp_path / "x", FakeEngine()) as house:
        token = house.admin.token
    async with serve(boot_settings(tmp_path / "x"), FakeEngine()) as (address,), aiohttp.ClientSession() as http:
        assert (await Person(address, http, token).get("/api/auth/me")).status == 200
