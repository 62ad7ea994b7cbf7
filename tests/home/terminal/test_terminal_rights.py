"""Who gets into which terminal, by which door, and for how long."""

import asyncio

import aiohttp
import pytest

from tests.fakes.docker import FakeEngine
from tests.home.terminals import Process, attach, attach_directly, shell, ticket
from tests.support.house import ADMIN, PASSWORD, House, open_house


async def test_a_member_never_gets_a_shell_on_the_machine(house: House) -> None:
    ben = await house.member("ben", ["terminal:read", "terminal:write", "containers:read", "containers:exec"])
    answer = await ben.post("/api/terminal/sessions", {"kind": "host"})
    assert answer.status == 403
    assert answer.json["scope"] == "terminal:host"
    for scope in ("terminal:host", "terminal:*", "*"):
        body = {"username": "eve", "password": PASSWORD, "permissions": [scope]}
        assert (await house.admin.post("/api/users", body)).status == 400
    assert (await ben.post("/api/keys", {"name": "k", "scopes": ["terminal:host"]})).status == 403


async def test_an_agents_key_needs_the_right_as_well(house: House) -> None:
    key = await house.key(["terminal:write"])
    assert (await key.post("/api/terminal/sessions", {"kind": "host"})).status == 403
    full = await house.key(["terminal:write", "terminal:host"])
    screen = await attach(full, await shell(full))
    await screen.type("echo by-k''ey\n")
    await screen.shows("by-key")


async def test_somebody_elses_terminal_is_not_found(house: House) -> None:
    id = await shell(house.admin)
    ben = await house.member("ben", ["terminal:read", "terminal:write", "containers:exec"])
    assert (await ben.get("/api/terminal/sessions")).json == []
    path = f"/api/terminal/sessions/{id}"
    assert (await ben.delete(path)).status == 404
    assert (await ben.put(path, {"title": "mine"})).status == 404
    assert (await ben.post(f"{path}/ticket")).status == 404
    assert (await ben.post(f"{path}/resize", {"cols": 9, "rows": 9})).status == 404
    assert (await ben.post(f"{path}/recording", {"on": True})).status == 404
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await attach(ben, id)
    assert refused.value.status == 404


async def test_a_socket_without_a_credential_or_from_elsewhere_is_refused(house: House) -> None:
    id = await shell(house.admin)
    url = f"{house.base}/api/terminal/sessions/{id}/socket"
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await house.nobody.http.ws_connect(url)
    assert refused.value.status == 401
    cookie = {"Cookie": f"talome_session={house.admin.token}"}
    for origin in ("http://evil.com", "null", house.base.replace("127.0.0.1", "localhost")):
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await house.nobody.http.ws_connect(url, headers=cookie, origin=origin)
        assert refused.value.status == 403, origin
    socket = await house.nobody.http.ws_connect(url, headers=cookie, origin=house.base)
    await socket.close()


async def test_sockets_close_within_a_second_when_the_session_ends(house: House, process: Process) -> None:
    ada = await house.sign_in(ADMIN, PASSWORD)
    id = await shell(ada)
    through = await attach(ada, id)
    direct = await attach_directly(ada.http, process.port, id, await ticket(ada, id))
    waiting = await ticket(ada, id)
    kept = await attach(house.admin, id)
    async with asyncio.timeout(1.0):
        assert (await ada.post("/api/auth/logout")).status == 200
        assert await through.closed() == 4401
        assert await direct.closed() == 4401
    await refused_directly(house, process, id, waiting, 403)
    await kept.type("echo st''ays\n")
    await kept.shows("stays")


async def test_sockets_close_within_a_second_when_rights_are_taken(house: House, process: Process) -> None:
    await house.admin.post("/api/users", {"username": "cleo", "password": PASSWORD, "role": "admin"})
    cleo = await house.sign_in("cleo", PASSWORD)
    user = (await cleo.get("/api/auth/me")).json["id"]
    id = await shell(cleo)
    through = await attach(cleo, id)
    direct = await attach_directly(cleo.http, process.port, id, await ticket(cleo, id))
    async with asyncio.timeout(1.0):
        assert (await house.admin.put(f"/api/users/{user}", {"role": "member"})).status == 200
        assert await through.closed() == 4401
        assert await direct.closed() == 4401


async def test_rights_that_ended_while_no_server_ran_are_seen_when_it_is_back(process: Process) -> None:
    http = aiohttp.ClientSession()
    async with open_house(process.home, FakeEngine()) as house:
        ada = await house.sign_in(ADMIN, PASSWORD)
        id = await shell(ada)
        direct = await attach_directly(http, process.port, id, await ticket(ada, id))
        described = await process.link().call("callers")
        gone = {**described[0], "sessionId": "gone"}
        given = await process.link().call("ticket", id=id, caller=gone, origin=None, host=None)
        stranger = await attach_directly(http, process.port, id, given["ticket"])
        await house.sign_in(ADMIN, PASSWORD)
    shown_out = asyncio.create_task(stranger.closed())
    async with open_house(process.home, FakeEngine()):
        assert await shown_out == 4401
        await direct.type("echo al''ive\n")
        await direct.shows("alive")
        await direct.socket.close()
        await http.close()


# --- tickets ---------------------------------------------------------------------------------------------------------


async def refused_directly(
    house: House, process: Process, id: str, given: str, status: int, **more: str | dict[str, str]
) -> None:
    url = f"http://127.0.0.1:{process.port}/sessions/{id}?ticket={given}"
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await house.nobody.http.ws_connect(url, **more)
    assert refused.value.status == status


async def test_a_ticket_opens_the_port_of_the_process(house: House, process: Process) -> None:
    id = await shell(house.admin)
    answer = await house.admin.post(f"/api/terminal/sessions/{id}/ticket", headers={"Origin": house.base})
    assert (answer.json["port"], answer.json["expiresInS"]) == (process.port, 30)
    screen = await attach_directly(house.nobody.http, process.port, id, answer.json["ticket"], house.base)
    await screen.type("echo dir''ect; exit 3\n")
    await screen.shows("direct")
    assert await screen.closed() == 1000
    assert screen.said("exit") == [3]


async def test_a_ticket_is_good_once(house: House, process: Process) -> None:
    id = await shell(house.admin)
    given = await ticket(house.admin, id)
    screen = await attach_directly(house.nobody.http, process.port, id, given)
    await refused_directly(house, process, id, given, 403)
    await screen.socket.close()


async def test_a_ticket_is_good_for_one_terminal_one_origin_and_one_name(house: House, process: Process) -> None:
    id, other = await shell(house.admin), await shell(house.admin)
    await refused_directly(house, process, other, await ticket(house.admin, id), 403)
    for origin in ("http://evil.com", "null"):
        await refused_directly(house, process, id, await ticket(house.admin, id, house.base), 403, origin=origin)
        await refused_directly(house, process, id, await ticket(house.admin, id), 403, origin=origin)
    await refused_directly(house, process, id, await ticket(house.admin, id, house.base), 403)
    given = await ticket(house.admin, id)
    await refused_directly(house, process, id, given, 403, headers={"Host": "evil.com"})
    await refused_directly(house, process, id, given, 403)  # a try uses it up
    await refused_directly(house, process, id, "", 403)
    await refused_directly(house, process, id, "x" * 32, 403)


async def test_the_port_answers_nothing_else(house: House, process: Process) -> None:
    for path in ("/", "/sessions", "/api/terminal/sessions", "/sessions/x/y"):
        async with house.nobody.http.get(f"http://127.0.0.1:{process.port}{path}") as response:
            assert response.status == 404
    for head in (b"\r\n\r\n", b"GET\r\n\r\n", b"GET / HTTP/1.1\r\nnonsense\r\n\r\n", b"\xff\xfe / HTTP/1.1\r\n\r\n"):
        reader, writer = await asyncio.open_connection("127.0.0.1", process.port)
        writer.write(head)
        assert (await reader.read()).startswith(b"HTTP/1.1 400 ")
        writer.close()
        await writer.wait_closed()
    reader, writer = await asyncio.open_connection("127.0.0.1", process.port)
    writer.write(b"GET /" + b"x" * 40_000)
    assert await reader.read() == b""
    writer.close()
    await writer.wait_closed()


async def test_frames_that_are_none_end_only_their_own_connection(house: House, process: Process) -> None:
    id = await shell(house.admin)
    good = await attach(house.admin, id)
    for frame, code in [
        (b"\x82\x05hello", 1002),  # not masked
        (b"\x83\x80\0\0\0\0", 1002),  # no such kind
        (b"\x80\x80\0\0\0\0", 1002),  # goes on with nothing
        (b"\x89\xfe\x00\x80\0\0\0\0", 1002),  # a ping too long
        (b"\x82\xff\0\0\0\1\0\0\0\0" + b"\0" * 4, 1009),
        (b"\x81\x82\0\0\0\0\xff\xff", 1007),
    ]:
        given = await ticket(house.admin, id)
        screen = await attach_directly(house.nobody.http, process.port, id, given)
        screen.socket._response.connection.transport.write(frame)
        assert await screen.closed() == code, frame
    await good.type("echo un''harmed\n")
    await good.shows("unharmed")
