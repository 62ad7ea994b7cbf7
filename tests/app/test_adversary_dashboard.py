"""Attacks on what the dashboard brought: second factors, notifications, the trash, logs, processes and events."""

import asyncio
import os
from pathlib import Path
from typing import Any

import pytest

from talome.accounts.sessions.store import SessionRow, SessionsStore
from talome.core.db import Database
from talome.core.errors import Conflict
from talome.core.events import Events
from talome.core.migrations import find_migrations
from talome.engines.docker.models import EngineEvent
from talome.engines.processes import ProcessProbe
from talome.home.containers.lately import Lately
from tests.fakes.docker import FakeEngine
from tests.home.house import open_house as open_home
from tests.home.test_objects import content, put
from tests.support.house import ADMIN, PASSWORD, House, Person

CREDENTIALS = {"username": ADMIN, "password": PASSWORD}


async def call_tool(person: Person, name: str, arguments: dict[str, Any]) -> Any:
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": name, "arguments": arguments}}
    answer = await person.post("/mcp", body, headers={"Accept": "application/json"})
    return answer.json["result"]


async def test_whoever_owes_a_second_factor_reaches_the_account_only(house: House) -> None:
    """Notifications tell of the house, and a push subscription would have gone on telling it for good."""
    await house.admin.put("/api/settings", {"accounts.second_factor_for_admins": True})
    limited = await house.sign_in(ADMIN, PASSWORD)
    for path in ("/api/notifications", "/api/push", "/api/audit-log/export", "/api/containers", "/api/settings/states"):
        assert (await limited.get(path)).status == 403, path
    assert (await call_tool(limited, "notifications_list", {}))["isError"]
    async with limited.live() as socket:
        await socket.send_json({"id": "n", "subscribe": "notifications.stream", "arguments": {}})
        assert (await socket.receive_json())["error"]["status"] == 403
    for scope in ("*", "notifications:read", "containers:read"):
        assert (await limited.post("/api/keys", {"name": "more", "scopes": [scope]})).status == 403


async def test_an_app_of_another_port_swaps_the_cookie(house: House) -> None:
    """It can set cookies for this host: with its own token in them, the victim's pages worked for the attacker."""
    page = await house.nobody.post("/api/auth/login", CREDENTIALS, headers={"Origin": house.base})
    mallory = await house.member("mallory")
    for cookie, proof, status in (
        (page.headers["Set-Cookie"].split(";")[0], page.json["proof"], 200),
        (page.headers["Set-Cookie"].split(";")[0], "\udcff", 401),
        (f"talome_session={mallory.token}", page.json["proof"], 401),
        (f"talome_session={mallory.token}", None, 200),
    ):
        headers = {"Cookie": cookie} | ({"X-Talome-Proof": proof} if proof else {})
        if proof == "\udcff":
            assert await raw_status(house.base, cookie) == status
        else:
            assert (await house.nobody.get("/api/auth/me", headers=headers)).status == status


async def raw_status(base: str, cookie: str) -> int:
    """Of a request whose proof is no text."""
    host, port = base.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    head = f"GET /api/auth/me HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: close\r\nCookie: {cookie}\r\n"
    writer.write(head.encode() + b"X-Talome-Proof: \xff\xfe\r\n\r\n")
    answer = await reader.read()
    writer.close()
    return int(answer.split()[1])


async def test_a_session_that_was_ended_does_not_come_back(tmp_path: Path) -> None:
    """A set-up in flight while the owner changed the password took the stolen session over to the new revision."""
    db = Database(tmp_path / "x.db", Events())
    await db.open(find_migrations("talome.accounts.users", "talome.accounts.sessions"))
    store = SessionsStore(db)
    async with db.write() as tx:
        await tx.execute(
            "INSERT INTO users (id, username, username_key, role, permissions, password_hash, disabled, "
            "rights_revision, created_at) VALUES ('u', 'ada', 'ada', 'admin', '[]', '', 0, 4, 0)"
        )
        for name, revision in (("stolen", 2), ("own", 3)):
            await store.add(tx, SessionRow(name, "u", revision, 0, 0, 2**40, "", "", 0))
            await store.renew(tx, name, 4)
    found = [(await store.get(name)) for name in ("stolen", "own")]
    assert [row.rights_revision for row in found if row] == [2, 4]
    await db.close()


async def test_a_misled_agent_does_not_open_the_guards(house: House) -> None:
    """Days of the trash, the second factor, who hears of the house: an agent could have them changed in passing."""
    for values in ({"volumes.trash_days": 1}, {"accounts.second_factor_for_admins": False}, {"push.servers": "a"}):
        for tool in ("settings_change", "settings_update"):
            refused = await call_tool(house.admin, tool, {"values": values})
            assert "agent" in refused["structuredContent"]["error"], (tool, values)
    subscription = {"endpoint": "https://fcm.googleapis.com/x", "keys": {"p256dh": "x", "auth": "x"}}
    refused = await call_tool(house.admin, "push_subscribe", subscription)
    assert "agent" in refused["structuredContent"]["error"]
    changed = {"values": {"containers.usage_interval_s": 7}}
    assert not (await call_tool(house.admin, "settings_change", changed))["isError"]


async def test_a_restoring_is_cancelled_when_its_copy_is_gone(tmp_path: Path) -> None:
    """The volume was taken back although its copy in the trash had just been cleared away: nothing was left of it."""
    engine, outcomes = FakeEngine(), set()
    async with open_home(engine, tmp_path) as home:
        await home.follows()
        for number in range(6):
            name = f"photos{number}"
            await engine.volumes.create(name)
            put(engine, name, "./data.bin", b"p" * 5000)
            removal = (await home.call("volumes.prune", dryRun=False, names=[name])).job
            assert (await home.ended(removal.id)).state == "done"
            [kept] = await home.call("volumes.trash")
            [tar] = (home.folder / "trash").rglob("*.tar")
            job = await home.call("volumes.restore", id=kept.id)
            while tar.exists():
                await asyncio.sleep(0)
            try:
                await home.call("jobs.cancel", id=job.id)
            except Conflict:
                outcomes.add("too late")
            outcomes.add((await home.ended(job.id)).state)
            assert content(engine, name)["./data.bin"][0] == b"p" * 5000
    assert "cancelled" in outcomes


def test_a_program_whose_name_is_no_text(tmp_path: Path) -> None:
    """It made the answer impossible to write as JSON, so the page of the system failed for everyone."""
    folder = tmp_path / "7"
    folder.mkdir()
    (folder / "stat").write_text(f"7 ({'a' * 15}) S 1 1 1 0 -1 0 0 0 0 0 5 0 0 0 20 0 3 0 100 1000 50 0 0\n")
    os.symlink(b"/bin/" + b"a" * 15 + b"\xff", folder / "exe")
    [process] = ProcessProbe(proc=tmp_path).read()
    assert process.name == "a" * 15 + "\ufffd"


@pytest.mark.parametrize("code", ["²", "9" * 5000])
def test_labels_that_look_like_what_docker_says(code: str) -> None:
    """Docker lays labels among its own attributes: one failed every look at the events, large ones filled memory."""
    lately = Lately()
    labels = {"exitCode": code, "signal": "9", "oldName": "x", "junk": "j" * 100_000}
    lately.note(EngineEvent("container", "start", "", "id", 1, labels))
    lately.note(EngineEvent("container", "exec_create", "mysqladmin -phunter2", "id", 2, labels))
    lately.note(EngineEvent("container", "die", "", "id", 3, {**labels, "exitCode": "137"}))
    told = [(event.action, event.detail, event.exit_code) for event in lately.of("id")]
    assert told == [("die", "", 137), ("exec_create", "mysqladmin", None), ("start", "", None)]
    assert all("junk" not in event.attributes for event in lately._events["id"])
