"""Attacks on the kernel: power cuts, cancelling at the wrong moment, and other users of the same machine."""

import asyncio
import os
import sys
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from talome.app import serve
from talome.core.cli.exits import CommandFailed
from talome.core.cli.login import Login, read_login, write_login
from talome.core.db import Database
from talome.core.events import Events
from talome.core.http.connections import STREAMS_OF_A_CREDENTIAL
from talome.core.jobs.service import Job, JobChanged, JobKind, Jobs, Step
from talome.core.jobs.store import JobsStore
from talome.core.migrations import find_migrations
from talome.core.secrets import load_master
from talome.core.settings.boot import read_client_settings
from tests.fakes.docker import FakeEngine
from tests.support.house import House, boot_settings

# --- power cuts, and cancelling at the wrong moment ------------------------------------------------------------------


async def test_a_power_cut_while_the_setup_code_is_written(tmp_path: Path) -> None:
    """An empty file was taken for a code, so that nobody could ever set the box up from the network."""
    settings = boot_settings(tmp_path / "x")
    settings.home.mkdir()
    settings.setup_code_file.touch(0o600)
    async with serve(settings, FakeEngine()):
        assert len(settings.setup_code_file.read_text().strip()) == 14
        assert settings.setup_code_file.stat().st_mode & 0o777 == 0o600


def test_a_power_cut_while_the_secret_is_written(tmp_path: Path) -> None:
    """The file appears whole or not at all; what the last try left behind is no obstacle, nor followed as a link."""
    (tmp_path / "elsewhere").touch()
    (tmp_path / "secret.part").symlink_to(tmp_path / "elsewhere")
    first = load_master(None, tmp_path / "secret")
    assert load_master(None, tmp_path / "secret") == first
    assert (tmp_path / "secret").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "elsewhere").read_text() == ""


async def test_cancelling_twice_does_not_break_off_the_undoing(tmp_path: Path) -> None:
    """The second press on Cancel ended the undoing of the first: neither old nor new, and for ever "undoing"."""
    events = Events()
    db = Database(tmp_path / "jobs.db", events)
    await db.open(find_migrations("talome.core.jobs"))
    jobs = Jobs(JobsStore(db))
    done, undoing, go_on = asyncio.Event(), asyncio.Event(), asyncio.Event()
    undone: list[str] = []

    async def work(_: dict[str, Any]) -> None:
        done.set()

    async def undo(_: dict[str, Any], __: Any) -> None:
        undoing.set()
        await go_on.wait()
        undone.append("all of it")

    async def run(job: Job, _: dict[str, Any]) -> None:
        await job.step("work")
        await asyncio.Event().wait()

    jobs.register("x", JobKind(run, {"work": Step(work, undo)}))
    try:
        with events.subscribe(JobChanged) as changes:
            row = await jobs.start("x", "X", {}, scope="files:read", by="ada")
            await done.wait()
            await jobs.cancel(row.id)
            await undoing.wait()
            await jobs.cancel(row.id)
            await jobs.cancel(row.id)
            go_on.set()
            async for change in changes:
                if change.job.finished_at is not None:
                    break
        assert undone == ["all of it"]
        assert (await jobs.get(row.id)).state == "cancelled"
    finally:
        await jobs.stop()
        await db.close()


async def test_a_handler_that_fell_behind_goes_on() -> None:
    """After more events than its queue holds, what ends sessions' streams was deaf until the next start."""
    events, seen, gate = Events(), [], asyncio.Event()

    async def slow(number: int) -> None:
        await gate.wait()
        seen.append(number)

    events.on(int, slow)
    for number in range(5000):
        events.publish(number)
    gate.set()
    while len(seen) < 4096:
        await asyncio.sleep(0)
    await asyncio.sleep(0)
    events.publish(-1)
    while seen[-1] != -1:
        await asyncio.sleep(0)
    await events.stop()


# --- another user of the same machine --------------------------------------------------------------------------------


def test_without_a_home_the_login_is_not_looked_for_where_anybody_writes(tmp_path: Path) -> None:
    """A job without HOME took /tmp/.config/talome/login.json, which any local user can put there to catch passwords."""
    file = read_client_settings({}).login_file
    assert not file.is_relative_to("/tmp")
    assert file == Path(os.path.expanduser("~root" if os.geteuid() == 0 else "~")) / ".config/talome/login.json"


@pytest.mark.skipif(os.geteuid() != 0 or sys.platform != "linux", reason="only root can give files away")
def test_somebody_elses_login_file_is_refused(tmp_path: Path) -> None:
    """A file of mode 0600 that belongs to another user sent root's commands and passwords to that user's server."""
    file = tmp_path / "login.json"
    write_login(file, Login("http://evil.example", "talome_x", "key", "root"))
    assert read_login(file) is not None
    try:
        os.chown(file, 65534, 65534)
    except OSError:
        pytest.skip("this namespace has no other user")
    with pytest.raises(CommandFailed, match="somebody else"):
        read_login(file)


async def test_one_person_cannot_take_all_connections(house: House) -> None:
    """A member, or a stolen key, opens sockets until nobody else gets one."""
    key = await house.key(["jobs:read"])
    async with AsyncExitStack() as held:
        for _ in range(STREAMS_OF_A_CREDENTIAL):
            await held.enter_async_context(key.live())
        stream = await key.get("/api/jobs/stream")
        assert (stream.status, stream.json["code"]) == (429, "too_many_requests")
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            async with key.live():
                pass
        assert refused.value.status == 429
        async with house.admin.live() as socket:
            await socket.send_json({"id": "a", "subscribe": "jobs.stream"})
            assert (await socket.receive_json(timeout=5))["data"]["type"] == "snapshot"
    assert (await key.get("/api/jobs")).status == 200


async def test_the_audit_log_has_an_end(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever may call something fills the disk with the record of it."""
    monkeypatch.setattr("talome.accounts.audit.service.KEPT_ENTRIES", 5)
    monkeypatch.setattr("talome.accounts.audit.service._FORGET_EVERY", 1)
    for number in range(12):
        await house.admin.post("/api/keys", {"name": f"key {number}", "scopes": ["jobs:read"]})
    assert len((await house.admin.get("/api/audit-log?limit=500")).json["entries"]) <= 5
