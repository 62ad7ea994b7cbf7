"""Attacks on a running Talome, and on the kernel under it. Each was tried before it was written down."""

import asyncio
import logging
import sqlite3
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import yarl

from talome.app import serve
from talome.core import log
from talome.core.db import Database
from talome.core.events import Events
from talome.core.log import is_secret_name, redact
from talome.home.containers.matching import MOST_PATTERNS
from tests.fakes.docker import FakeEngine
from tests.support.house import ADMIN, PASSWORD, House, Person, boot_settings, open_house

LOGIN = "/api/auth/login"


# --- a stranger on the Wi-Fi -----------------------------------------------------------------------------------------


async def test_a_stranger_leaves_in_the_middle_of_a_write(house: House) -> None:
    """Requests that are broken off while they write (a closed tab is enough) left the database in a transaction that
    nobody owned, and refused all writing until the next start."""
    for turns in range(60):
        request = asyncio.create_task(house.nobody.post(LOGIN, {"username": f"eve{turns}", "password": "wrong"}))
        for _ in range(turns * 3):
            await asyncio.sleep(0)
        request.cancel()
        await asyncio.gather(request, return_exceptions=True)
    answer = await house.admin.post("/api/keys", {"name": "still writing", "scopes": ["containers:read"]})
    assert answer.status == 201, answer.text


@pytest.mark.parametrize("neighbours", [0, 1, 3])
async def test_writers_cancelled_at_any_moment(tmp_path: Path, neighbours: int) -> None:
    """A cancellation between any two turns of the loop takes its own writer away whole, and nobody else."""
    db = Database(tmp_path / "x.db", Events())
    await db.open([])
    async with db.write() as tx:
        await tx.execute("CREATE TABLE halves (writer TEXT, half INTEGER)")

    async def add(writer: str) -> None:
        async with db.write() as tx:
            await tx.execute("INSERT INTO halves VALUES (?, 1)", (writer,))
            await tx.execute("INSERT INTO halves VALUES (?, 2)", (writer,))

    async def count(writer: str) -> int:
        row = await db.fetch_one("SELECT COUNT(*) FROM halves WHERE writer = ?", (writer,))
        return int(row[0]) if row else 0

    try:
        for turns in range(120):
            victim = asyncio.create_task(add(f"victim {turns}"))
            others = [asyncio.create_task(add(f"other {turns} {number}")) for number in range(neighbours)]
            for _ in range(turns):
                await asyncio.sleep(0)
            victim.cancel()
            await asyncio.gather(*others)
            await asyncio.gather(victim, return_exceptions=True)
            assert await count(f"victim {turns}") in (0, 2)
            for number in range(neighbours):
                assert await count(f"other {turns} {number}") == 2
        await add("after all of them")
    finally:
        await db.close()


async def test_an_address_that_keeps_the_log_busy(house: House) -> None:
    """An unauthenticated POST to 8 KB of "a.a.a." held the whole server for 18 seconds, redacting its log line."""
    for piece in ("a.", "eyJ-", "secret", "token-", "x://", "password%20"):
        url = yarl.URL(f"{house.base}/api/{piece * (6000 // len(piece))}", encoded=True)
        async with house.nobody.http.post(url) as answer:
            assert answer.status in (401, 404)
    for text in ("a." * 200_000, "eyJ-" * 100_000, "secret" * 50_000, "secret." * 50_000, "token =  " * 50_000):
        redact(text)
        is_secret_name(text)


@pytest.mark.parametrize(
    ("text", "kept", "hidden"),
    [
        ("login --password=hunter2 now", "now", "hunter2"),
        ('{"adminPassword":"hunter 2","a":1}', '"a":1', "hunter 2"),
        ("url=x?api_key=hunter2&b=2", "b=2", "hunter2"),
        ("next=password=hunter2", "next", "hunter2"),
        ("my.app.secret: hunter2", "my.app.secret", "hunter2"),
        ("jwt eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.abc.", "jwt", "abc"),
        ("postgres://ada:hunter2@db/x", "db/x", "hunter2"),
    ],
)
def test_redaction_still_hides(text: str, kept: str, hidden: str) -> None:
    """Being quick must not make the redaction blind."""
    assert hidden not in redact(text)
    assert kept in redact(text)


def test_a_log_line_cannot_steer_the_terminal_that_shows_it() -> None:
    """A path such as /%1b]0;owned%07 reached the administrator's terminal, line breaks and all."""
    record = logging.LogRecord("talome.http", logging.INFO, "", 0, "POST /\x1b]0;owned\x07\nforged \x9b2J", (), None)
    line = log._Lines(readable=True).format(record)
    assert not set(line) & set("\x1b\x07\x9b\n")
    assert "owned" in line


async def test_guesses_side_by_side_count_one_by_one(house: House) -> None:
    """Forty guesses sent at once were all tried, since each was counted only after the slow comparison."""
    tries = [house.nobody.post(LOGIN, {"username": ADMIN, "password": f"guess {n}"}) for n in range(40)]
    statuses = [answer.status for answer in await asyncio.gather(*tries)]
    assert statuses.count(401) <= 3
    assert statuses.count(429) >= 37


async def test_guesses_of_many_names_side_by_side(house: House) -> None:
    """The same with another name each time: one address has fifteen tries, whatever the names."""
    tries = [house.nobody.post(LOGIN, {"username": f"name{n}", "password": "guess"}) for n in range(40)]
    statuses = [answer.status for answer in await asyncio.gather(*tries)]
    assert statuses.count(401) <= 15


async def test_a_family_that_signs_in_at_once_is_not_slowed(house: House) -> None:
    """Right passwords give back what was counted, also for the address that the family shares behind a proxy."""
    for _ in range(25):
        await house.sign_in(ADMIN, PASSWORD)


async def test_calls_that_are_not_understood_fill_no_disk(house: House) -> None:
    """Each unauthenticated `POST /api/auth/login {"x": 1}` was a row in the audit log and an fsync, without end."""
    for _ in range(20):
        assert (await house.nobody.post(LOGIN, {"x": 1})).status == 400
        assert (await house.nobody.post("/api/auth/recover", {"username": ["x"]})).status == 400
    entries = (await house.admin.get("/api/audit-log?outcome=failed")).json["entries"]
    assert entries == []


async def test_packed_bodies_are_refused_unopened(house: House) -> None:
    """1,600 bytes of brotli hold a gigabyte: six seconds of the server for one request by nobody."""
    for kind in ("br", "gzip", "deflate", "zstd", "GZIP", "gzip, br"):
        headers = {"Content-Encoding": kind, "Content-Type": "application/json"}
        for path in (LOGIN, "/api/containers/bulk", "/mcp"):
            answer = await house.nobody.call("POST", path, data=b"\x1f\x8b\x08nonsense", headers=headers)
            assert answer.status == 415, (kind, path)


async def test_a_body_that_never_comes(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """A slow client cannot hold a request open for ever by promising a body."""
    monkeypatch.setattr("talome.core.http.arguments.BODY_TIMEOUT_S", 0.05)
    url = yarl.URL(house.base)
    reader, writer = await asyncio.open_connection(url.host, url.port)
    writer.write(b"POST /api/auth/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n")
    writer.write(b"Content-Length: 900\r\n\r\n{")
    assert b" 400 " in await reader.readline()
    writer.close()


async def test_headers_that_never_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Slowloris: a connection that never finishes its request is closed, also the very first on it."""
    monkeypatch.setattr("talome.core.http.serving.IDLE_S", 0.05)
    async with open_house(tmp_path / "x", FakeEngine()) as house:
        url = yarl.URL(house.base)
        for beginning in (b"", b"GET /api/health HTTP/1.1\r\nHost: localhost\r\nX-Slow: "):
            reader, writer = await asyncio.open_connection(url.host, url.port)
            writer.write(beginning)
            assert await reader.read() == b""
            writer.close()


async def test_a_proxy_on_the_box_that_says_nothing_of_itself(tmp_path: Path) -> None:
    """A reverse proxy on the same machine without forwarded headers made the whole internet sit at the machine."""
    settings = boot_settings(tmp_path / "x", domains=("home.example",))
    async with serve(settings, FakeEngine()) as (address,), aiohttp.ClientSession() as http:
        nobody = Person(address, http)
        others = ({"Host": "home.example"}, {"Host": "192.168.1.5"}, {"Host": "evil.local"}, {"Via": "1.1 x"})
        for number, headers in enumerate((*others, {"CF-Connecting-IP": "203.0.113.9"})):
            assert (await nobody.get("/api/setup", headers=headers)).json["needsSetupCode"] is True, headers
            answer = await nobody.post(LOGIN, {"username": f"eve{number}", "password": PASSWORD}, headers=headers)
            assert answer.status == 403, headers
        for host in ("localhost:4000", "127.0.0.1", "[::1]:4000"):
            assert (await nobody.get("/api/setup", headers={"Host": host})).json["needsSetupCode"] is False


# --- races -----------------------------------------------------------------------------------------------------------


async def member_id(house: House, name: str) -> str:
    return next(user["id"] for user in (await house.admin.get("/api/users")).json if user["username"] == name)


async def test_a_password_change_does_not_let_a_disabled_member_back_in(house: House) -> None:
    """While a new password was hashed, the row as it had been was kept, and written back over what others changed."""
    await house.member("ben")
    path = f"/api/users/{await member_id(house, 'ben')}"
    slow, quick = await asyncio.gather(
        house.admin.put(path, {"password": "another long one"}), house.admin.put(path, {"disabled": True})
    )
    assert (slow.status, quick.status) == (200, 200)
    (ben,) = [user for user in (await house.admin.get("/api/users")).json if user["username"] == "ben"]
    assert ben["disabled"] is True


async def test_a_password_change_does_not_bring_a_deleted_user_back(house: House) -> None:
    """The same race against a deletion wrote the deleted user anew, with the password."""
    await house.member("ben")
    path = f"/api/users/{await member_id(house, 'ben')}"
    await asyncio.gather(house.admin.put(path, {"password": "another long one"}), house.admin.delete(path))
    assert [user["username"] for user in (await house.admin.get("/api/users")).json] == [ADMIN]


async def test_the_old_password_buys_no_session_during_its_change(house: House) -> None:
    """A sign-in with the old password that overlaps the change got a session of the new rights."""
    await house.member("ben")
    path = f"/api/users/{await member_id(house, 'ben')}"
    body = {"username": "ben", "password": PASSWORD}
    answers = await asyncio.gather(
        house.nobody.post(LOGIN, body), house.admin.put(path, {"password": "another long one"}),
        house.nobody.post(LOGIN, body), house.nobody.post(LOGIN, body),
    )  # fmt: skip
    for answer in answers:
        if answer.json and "token" in answer.json:
            assert (await house.person(answer.json["token"]).get("/api/auth/me")).status == 401
    assert (await house.nobody.post(LOGIN, {**body, "password": "another long one"})).status == 200


async def test_a_recovery_code_is_spent_once(house: House) -> None:
    """One code, ten requests at once: one new password."""
    made = await house.admin.post("/api/users", {"username": "ben", "password": PASSWORD})
    body = {"username": "ben", "recoveryCode": made.json["recoveryCodes"][0]}
    tries = [house.nobody.post("/api/auth/recover", {**body, "newPassword": f"new password {n}"}) for n in range(3)]
    answers = await asyncio.gather(*tries)
    assert sorted(answer.status for answer in answers) == [200, 401, 401]
    (won,) = [answer for answer in answers if answer.status == 200]
    assert (await house.person(won.json["token"]).get("/api/auth/me")).status == 200


# --- a stolen session, a stolen key, a misled agent ------------------------------------------------------------------


async def test_an_open_stream_does_not_outlive_its_session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever kept a socket open kept watching after the session had run out."""
    monkeypatch.setattr("talome.core.http.serving.NOW_AND_THEN_S", 0.05)
    async with open_house(tmp_path / "x", FakeEngine()) as house, house.admin.live() as socket:
        await socket.send_json({"id": "a", "subscribe": "jobs.stream"})
        await socket.receive_json(timeout=5)
        with sqlite3.connect(house.settings.database) as db:
            db.execute("UPDATE sessions SET expires_at = 1")
        db.close()
        message = await socket.receive(timeout=20)
        assert (message.type, socket.close_code) == (aiohttp.WSMsgType.CLOSE, 4401)


async def test_a_stolen_key_cannot_renew_itself(house: House) -> None:
    """A key with a rate and an end made another without either."""
    key = await house.key(["account:write", "containers:read"])
    answer = await key.post("/api/keys", {"name": "for ever", "scopes": ["account:write"]})
    assert answer.status == 403
    assert len((await house.admin.get("/api/keys")).json) == 1


async def rpc(person: Person, method: str, **params: Any) -> Any:
    body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
    return (await person.post("/mcp", body, headers={"Accept": "application/json"})).json


async def test_a_misled_agent_makes_no_administrator(house: House) -> None:
    """An agent with every right could make an administrator, or set one's password, and so pass its own guard by."""
    agent = await house.key(["*"])
    names, page = set[str](), dict[str, Any]()
    while page is not None:
        listed = (await rpc(agent, "tools/list", **page))["result"]
        names |= {tool["name"] for tool in listed["tools"]}
        page = {"cursor": listed["nextCursor"]} if "nextCursor" in listed else None
    assert "containers_list" in names
    assert not names & {"users_add", "users_change", "users_delete", "keys_add", "auth_password", "auth_recover"}
    mallory = {"username": "mallory", "password": "a long password", "role": "admin"}
    for name, arguments in (
        ("users_add", mallory),
        ("users.add", mallory),
        ("users_change", {"id": "x", "role": "admin"}),
    ):
        assert (await rpc(agent, "tools/call", name=name, arguments=arguments))["error"]["code"] == -32602
    assert len((await house.admin.get("/api/users")).json) == 1


async def test_a_misled_agent_destroys_nothing(house: House, fake: FakeEngine) -> None:
    """Every destructive tool is refused to an agent, whatever its key may do."""
    container = fake.add_container("photos")
    agent = await house.key(["*"])
    for name, arguments in (
        ("containers_remove", {"id": container.id, "force": True}),
        ("containers_exec", {"id": container.id, "command": "rm -rf /"}),
        ("volumes_prune", {"dryRun": False, "names": ["x"]}),
    ):
        answer = await rpc(agent, "tools/call", name=name, arguments=arguments)
        assert answer["result"]["isError"] is True
        assert answer["result"]["structuredContent"]["code"] == "forbidden", answer
    assert not {"containers.remove", "containers.exec"} & set(fake.calls)


# --- a member who is curious, a container that is malicious ----------------------------------------------------------


async def test_patterns_do_not_start_processes_without_end(house: House, fake: FakeEngine) -> None:
    """Each followed log with a pattern is a process of its own; 64 on each tab took the memory of the machine."""
    container = fake.add_container("chatty")
    await until_known(house, container.id)
    member = await house.member("ben", ["containers:read"])
    arguments = {"id": container.id, "follow": True, "search": "x+", "regex": True, "tail": 0}
    async with member.live() as socket:
        for number in range(40):
            await socket.send_json({"id": str(number), "subscribe": "containers.logs", "arguments": arguments})
        codes = [(await socket.receive_json(timeout=20))["error"]["code"] for _ in range(40 - MOST_PATTERNS)]
        assert set(codes) == {"too_many_requests"}
    answer = await house.admin.get(f"/api/containers/{container.id}/logs", params={"search": "x+", "regex": "true"})
    while answer.status == 429:  # the server notices the closed socket a moment later
        answer = await house.admin.get(f"/api/containers/{container.id}/logs", params={"search": "x+", "regex": "true"})
    assert answer.status == 200


async def until_known(house: House, id: str) -> None:
    while id not in {item["id"] for item in (await house.admin.get("/api/containers")).json}:
        await asyncio.sleep(0)


async def test_secrets_in_labels_and_commands_stay_hidden(house: House, fake: FakeEngine) -> None:
    """Labels hold the keys of dashboards' widgets, and members, keys and agents could read them all; a key could read
    passwords in the command through Docker's own JSON."""
    labels = {"homepage.widget.key": "hunter2", "homepage.name": "Photos", "db": "postgres://u:hunter2@db/x"}
    command, env = ("run", "--password=hunter2"), ("DB_PASSWORD=hunter2", "TZ=UTC")
    container = fake.add_container("secretive", command=command, labels=labels, env=env)
    await until_known(house, container.id)
    member = await house.member("ben", ["containers:read"])
    key = await house.key(["containers:write"])
    for person in (member, key):
        for path in ("", f"/{container.id}"):
            assert "hunter2" not in (await person.get(f"/api/containers{path}")).text
    assert "hunter2" not in (await key.get(f"/api/containers/{container.id}/inspect")).text
    detail = (await house.admin.get(f"/api/containers/{container.id}")).json
    assert detail["labels"]["homepage.widget.key"] == "hunter2"
