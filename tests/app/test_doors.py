"""What stands before the routes: Host, Origin, cookies from other sites, proxies."""

import aiohttp
import pytest

from tests.fakes.docker import FakeEngine
from tests.support.house import ADMIN, PASSWORD, House, open_house

FOREIGN = [
    "evil.com",
    "127.0.0.1.nip.io",
    "localhost.evil.com",
    "8.8.8.8",
    "evil.com:4000",
    "",
    "local",
    "@127.0.0.1",
    "[::1",
    "a b",
]


@pytest.mark.parametrize("host", FOREIGN)
async def test_a_foreign_host_is_refused_everywhere(house: House, host: str) -> None:
    for path in ("/api/health", "/api/containers", "/", "/api/ws", "/mcp"):
        answer = await house.admin.get(path, headers={"Host": host})
        assert answer.status in (400, 421), (host, path)


@pytest.mark.parametrize(
    "host", ["localhost", "127.0.0.1:4000", "[::1]:4000", "192.168.1.20", "talome.local", "10.0.0.5"]
)
async def test_names_and_addresses_of_the_house_are_fine(house: House, host: str) -> None:
    assert (await house.nobody.get("/api/health", headers={"Host": host})).status == 200


async def test_configured_domains_are_fine(tmp_path) -> None:
    async with open_house(tmp_path / "x", FakeEngine(), domains=("home.example",)) as house:
        assert (await house.nobody.get("/api/health", headers={"Host": "home.example"})).status == 200
        assert (await house.nobody.get("/api/health", headers={"Host": "other.example"})).status == 421


async def test_another_site_cannot_act_through_the_browser(house: House) -> None:
    cookie = {"Cookie": f"talome_session={house.admin.token}"}
    host = house.base.removeprefix("http://")
    body = {"name": "x", "scopes": ["containers:read"]}

    async def post(**headers: str) -> int:
        return (await house.nobody.post("/api/keys", body, headers={**cookie, **headers})).status

    assert await post(Origin=f"http://{host}") == 201
    assert await post(**{"Sec-Fetch-Site": "same-origin"}) == 201
    assert await post(Origin="http://evil.com") == 403
    assert await post(Origin="null") == 403
    assert await post(Origin=f"http://{host}.evil.com") == 403
    assert await post(Origin=f"http://{host.split(':')[0]}:1") == 403
    assert await post(**{"Sec-Fetch-Site": "cross-site"}) == 403
    assert await post(**{"Sec-Fetch-Site": "same-site"}) == 403
    assert await post() == 403


async def test_a_socket_from_another_site_is_refused(house: House) -> None:
    cookie = {"Cookie": f"talome_session={house.admin.token}"}
    for origin in ("http://evil.com", "null"):
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            async with house.nobody.live(headers={**cookie, "Origin": origin}):
                pass
        assert refused.value.status == 403
    with pytest.raises(aiohttp.WSServerHandshakeError):
        async with house.nobody.live(headers=cookie):
            pass
    async with house.nobody.live(headers={**cookie, "Origin": house.base}) as socket:
        await socket.send_json({"id": "a", "subscribe": "jobs.stream"})
        assert (await socket.receive_json(timeout=5))["data"]["type"] == "snapshot"


async def test_mcp_takes_no_cookie(house: House) -> None:
    cookie = {"Cookie": f"talome_session={house.admin.token}", "Origin": house.base}
    assert (
        await house.nobody.post("/mcp", {"jsonrpc": "2.0", "id": 1, "method": "ping"}, headers=cookie)
    ).status == 401


async def test_forwarded_addresses_count_only_from_configured_proxies(tmp_path) -> None:
    async def ip_in_audit(house: House) -> str:
        headers = {"X-Forwarded-For": "6.6.6.6, 203.0.113.9"}
        await house.nobody.post("/api/auth/login", {"username": ADMIN, "password": PASSWORD}, headers=headers)
        return (await house.admin.get("/api/audit-log?limit=1")).json["entries"][0]["ip"]

    async with open_house(tmp_path / "a", FakeEngine()) as house:
        assert await ip_in_audit(house) == "127.0.0.1"
    async with open_house(tmp_path / "b", FakeEngine(), trusted_proxies=("127.0.0.0/8",)) as house:
        assert await ip_in_audit(house) == "203.0.113.9"


async def test_the_cookie_is_secure_behind_a_tls_proxy(tmp_path) -> None:
    async with open_house(tmp_path / "a", FakeEngine(), trusted_proxies=("127.0.0.1",)) as house:
        headers = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "192.168.1.9"}
        answer = await house.nobody.post("/api/auth/login", {"username": ADMIN, "password": PASSWORD}, headers=headers)
        assert "Secure" in answer.headers["Set-Cookie"]


async def test_the_live_socket_answers_nonsense_with_a_sentence(house: House) -> None:
    async with house.admin.live() as socket:
        for frame in ("nonsense", "[]", '{"id":1}', '{"id":"a"}', '{"id":"a","subscribe":"containers.list"}',
                      '{"id":"a","subscribe":"system.stream","arguments":[]}',
                      '{"id":"a","subscribe":"system.stream","arguments":{"intervalS":0}}',
                      '{"id":"a","subscribe":"containers.logs","arguments":{"id":"x"}}'):  # fmt: skip
            await socket.send_str(frame)
            answer = await socket.receive_json(timeout=5)
            assert answer["error"]["error"], frame
            assert answer["error"]["status"] in (400, 404), frame


async def test_the_live_socket_checks_rights_for_each_subscription(house: House) -> None:
    member = await house.member("ben", ["jobs:read"])
    async with member.live() as socket:
        await socket.send_json({"id": "a", "subscribe": "system.stream"})
        assert (await socket.receive_json(timeout=5))["error"]["code"] == "forbidden"
        await socket.send_json({"id": "b", "subscribe": "jobs.stream"})
        assert (await socket.receive_json(timeout=5))["data"]["type"] == "snapshot"
        await socket.send_json({"id": "b", "subscribe": "jobs.stream"})
        assert (await socket.receive_json(timeout=5))["error"]["code"] == "conflict"
        await socket.send_json({"id": "b", "unsubscribe": True})
        await socket.send_json({"id": "c", "subscribe": "jobs.stream"})
        assert (await socket.receive_json(timeout=5))["id"] == "c"
