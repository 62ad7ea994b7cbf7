"""Webhooks: signed, at least once, never in the way of a write, and never where they must not lead."""

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp import web

from talome.core.errors import Conflict, Forbidden, Invalid, NotFound
from talome.core.secrets import Secrets
from talome.memory.webhooks import sender as sending
from talome.memory.webhooks.addresses import HOSTS
from talome.memory.webhooks.models import Delivery
from talome.memory.webhooks.sender import Pace
from talome.memory.webhooks.service import MOST_WEBHOOKS, Webhooks
from talome.memory.webhooks.store import OutboxStore, Stores
from tests.memory.webhooks.conftest import ADA, BEN, Ground, open_ground
from tests.memory.webhooks.receiver import Receiver


async def log_until(ground: Ground, id: str, fits: Callable[[list[Delivery]], bool]) -> list[Delivery]:
    """The log, as soon as it is as told."""
    async with asyncio.timeout(15):
        while not fits(log := await ground.webhooks.deliveries(ADA, id, 100)):
            await asyncio.sleep(0.01)
    return log


def all_are(state: str) -> Callable[[list[Delivery]], bool]:
    return lambda log: bool(log) and all(entry.state == state for entry in log)


async def test_an_event_arrives_signed_in_the_form_of_the_reference(ground: Ground, receiver: Receiver) -> None:
    await receiver.start()
    made = await ground.add(receiver.url)
    await ground.happen("project-update")
    arrived = (await receiver.wait_for(1))[0]
    body = arrived.json
    assert arrived.is_signed_with(made.secret)
    assert arrived.headers["Content-Type"] == "application/json"
    assert set(body) == {"id", "type", "createdAt", "data"}
    assert (body["id"][:4], body["type"], body["createdAt"][-1]) == ("evt_", "memory.stored", "Z")
    assert body["data"] == {"memoryId": "project-update", "tags": ["a"], "importance": "high"}
    (entry,) = await log_until(ground, made.id, all_are("delivered"))
    assert (entry.event_id, entry.status, entry.attempts, entry.error) == (body["id"], 200, 1, "")


async def test_a_receiver_that_was_down_gets_all_once_it_is_there(ground: Ground, receiver: Receiver) -> None:
    made = await ground.add(receiver.url)
    await ground.happen("one", "two", "three")
    await log_until(ground, made.id, lambda log: any(entry.attempts > 0 for entry in log))
    assert (await ground.webhooks.list_(ADA))[0].status == "failing"
    await receiver.start()
    await ground.webhooks.resume(ADA, made.id)
    arrived = await receiver.wait_for(3)
    assert sorted(one.json["data"]["memoryId"] for one in arrived) == ["one", "three", "two"]
    assert all(one.is_signed_with(made.secret) for one in arrived)
    log = await log_until(ground, made.id, all_are("delivered"))
    assert {entry.event_id for entry in log} == {one.json["id"] for one in arrived}
    assert max(entry.attempts for entry in log) > 1
    (shown,) = await ground.webhooks.list_(ADA)
    assert (shown.status, shown.waiting, shown.last_delivered_at is not None) == ("active", 0, True)


async def test_a_failed_attempt_is_repeated_byte_for_byte(ground: Ground, receiver: Receiver) -> None:
    receiver.answers += [web.Response(status=500, text="out of\norder"), web.Response(status=429)]
    await receiver.start()
    made = await ground.add(receiver.url)
    await ground.happen("one")
    first, second, third = await receiver.wait_for(3)
    assert first.body == second.body == third.body
    (entry,) = await log_until(ground, made.id, all_are("delivered"))
    assert (entry.attempts, entry.status, entry.error) == (3, 200, "")


async def test_one_event_that_is_refused_does_not_stop_the_others(ground: Ground, receiver: Receiver) -> None:
    receiver.answers.append(web.Response(status=500, text="out of order"))
    await receiver.start()
    made = await ground.add(receiver.url)
    await ground.happen("one", "two", "three")
    await log_until(ground, made.id, lambda log: len(log) == 3 and all_are("delivered")(log))
    assert len(receiver.arrived) == 4


async def test_a_pause_that_the_receiver_asks_for_is_kept(ground: Ground, receiver: Receiver) -> None:
    receiver.answers.append(web.Response(status=503, headers={"Retry-After": "3600"}))
    await receiver.start()
    made = await ground.add(receiver.url)
    await ground.happen("one")
    (entry,) = await log_until(ground, made.id, lambda log: bool(log) and log[0].attempts == 1)
    assert entry.next_attempt_at is not None
    assert entry.last_attempt_at is not None
    assert 3590 < (entry.next_attempt_at - entry.last_attempt_at).total_seconds() < 3610
    assert entry.error == "It answered with status 503."


async def test_many_failures_pause_a_webhook_and_a_good_test_wakes_it(ground: Ground, receiver: Receiver) -> None:
    made = await ground.add(receiver.url)
    await ground.happen("one", "two")
    async with asyncio.timeout(15):
        while (shown := (await ground.webhooks.list_(ADA))[0]).status != "paused":
            await asyncio.sleep(0.01)
    assert shown.pause_reason == "4 attempts in a row failed."
    assert shown.next_attempt_at is None
    assert (await ground.webhooks.test(ADA, made.id)).error == "127.0.0.1 cannot be reached, or broke off."
    assert (await ground.webhooks.list_(ADA))[0].status == "paused"
    await receiver.start()
    told = await ground.webhooks.test(ADA, made.id)
    assert (told.ok, told.status) == (True, 200)
    arrived = await receiver.wait_for(1 + shown.waiting)
    assert arrived[0].json["type"] == "webhook.test"
    assert arrived[0].json["id"] == told.event_id
    assert arrived[0].is_signed_with(made.secret)
    assert (await ground.webhooks.list_(ADA))[0].status == "active"


async def test_an_address_that_is_gone_for_good_is_paused_at_once(ground: Ground, receiver: Receiver) -> None:
    receiver.answers.append(web.Response(status=410))
    await receiver.start()
    made = await ground.add(receiver.url)
    await ground.happen("one")
    await log_until(ground, made.id, lambda log: bool(log) and log[0].attempts == 1)
    (shown,) = await ground.webhooks.list_(ADA)
    assert (shown.status, shown.pause_reason) == ("paused", "The receiver says that this address is gone for good.")


async def test_no_write_waits_for_a_slow_receiver(ground: Ground, receiver: Receiver) -> None:
    receiver.hold = asyncio.Event()
    await receiver.start()
    await ground.add(receiver.url)
    await ground.happen("one")
    await receiver.wait_for(1)
    begun = time.monotonic()
    for number in range(50):
        await ground.happen(str(number))
    assert time.monotonic() - begun < 5  # the receiver has not answered the first one yet
    receiver.hold.set()
    await receiver.wait_for(51)


async def test_what_was_rolled_back_is_never_told(ground: Ground, receiver: Receiver) -> None:
    await receiver.start()
    made = await ground.add(receiver.url)
    with pytest.raises(LookupError):
        async with ground.db.write() as tx:
            await ground.outbox.add(tx, "u:usr_ada", "memory.stored", {"memoryId": "never"})
            raise LookupError
    await ground.happen("kept")
    await log_until(ground, made.id, all_are("delivered"))
    assert [one.json["data"]["memoryId"] for one in receiver.arrived] == ["kept"]


async def test_only_wanted_events_of_readable_spaces_are_told(ground: Ground, receiver: Receiver) -> None:
    await receiver.start()
    at_work = replace(ADA, workspace="wsp_work")
    made = await ground.add(receiver.url, "memory.stored", "memory.deleted", "agent.completed")
    bens = await ground.add(receiver.url, caller=BEN)
    works = await ground.add(receiver.url, caller=at_work)
    assert made.not_sent_yet == ["agent.completed"]
    await ground.happen("updated", event="memory.updated")
    await ground.happen("of-ben", space="u:usr_ben")
    await ground.happen("of-work", space="w:wsp_work")
    await ground.happen("of-all", space="house")
    await ground.happen("of-ada", event="memory.deleted")
    arrived = await receiver.wait_for(5)
    expected = {bens.secret: {"of-ben", "of-all"}, works.secret: {"of-work"}, made.secret: {"of-all", "of-ada"}}
    for secret, memories in expected.items():
        assert {one.json["data"]["memoryId"] for one in arrived if one.is_signed_with(secret)} == memories
    assert [one.id for one in await ground.webhooks.list_(at_work)] == [works.id]


async def test_who_may_no_longer_read_is_told_nothing_more(ground: Ground, receiver: Receiver) -> None:
    made = await ground.add(receiver.url)
    await ground.happen("one")
    await log_until(ground, made.id, lambda log: bool(log) and log[0].attempts > 0)
    ground.spaces["usr_ada"] = frozenset()
    await receiver.start()
    await ground.webhooks.resume(ADA, made.id)
    (entry,) = await log_until(ground, made.id, all_are("failed"))
    assert entry.error == "You may not read what this tells of any more."
    assert receiver.arrived == []


async def test_somebody_elses_webhook_is_not_there(ground: Ground, receiver: Receiver) -> None:
    made = await ground.add(receiver.url)
    for caller in (BEN, replace(ADA, workspace="wsp_work")):
        for work in (
            ground.webhooks.test(caller, made.id),
            ground.webhooks.resume(caller, made.id),
            ground.webhooks.delete(caller, made.id),
            ground.webhooks.deliveries(caller, made.id, 10),
        ):
            with pytest.raises(NotFound):
                await work
        assert await ground.webhooks.list_(caller) == []


async def test_a_deleted_webhook_is_sent_nothing_more(ground: Ground, receiver: Receiver) -> None:
    made = await ground.add(receiver.url)
    other = await ground.add(receiver.url)
    await ground.happen("one")
    await log_until(ground, made.id, lambda log: bool(log) and log[0].attempts > 0)
    await ground.webhooks.delete(ADA, made.id)
    await receiver.start()
    await ground.webhooks.resume(ADA, other.id)
    await log_until(ground, other.id, all_are("delivered"))
    assert [one.is_signed_with(other.secret) for one in receiver.arrived] == [True]


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("http://example.com/hook", "The address must begin with https://, unless"),
        ("https://10.1.2.3/hook", "10.1.2.3 is inside a private network"),
        ("https://localhost/hook", "localhost is inside a private network"),
        ("https://[::ffff:7f00:1]/hook", "is inside a private network"),
        ("https://169.254.169.254/latest", "is at an address that Talome never fetches from."),
        ("https://2130706433/", "Write the machine in the address by its name"),
        ("https://ada:pw@example.com/", "Leave user and password out of the address"),
        ("file:///etc/passwd", "The address must begin with https:// or http://."),
        ("ftp://example.com/", "The address must begin with https:// or http://."),
        ("http://127.0.0.1:1/", "The address must begin with https://, unless"),
    ],
)
async def test_where_a_webhook_must_not_lead_is_refused_at_once(tmp_path: Path, url: str, told: str) -> None:
    async with open_ground(tmp_path, hosts="127.0.0.1:9, nas.local") as ground:
        with pytest.raises(Invalid, match=told.replace("(", r"\(")):
            await ground.add(url)
        assert await ground.webhooks.list_(ADA) == []


async def test_a_host_at_home_may_be_listed_with_or_without_its_port(tmp_path: Path, receiver: Receiver) -> None:
    async with open_ground(tmp_path, hosts=f"nas.local, 127.0.0.1:{receiver.port}") as ground:
        await ground.add(receiver.url)


async def test_a_redirect_to_the_box_is_not_followed(ground: Ground, receiver: Receiver) -> None:
    box = Receiver()
    await box.start()
    receiver.answers.append(web.Response(status=307, headers={"Location": box.url}))
    await receiver.start()
    made = await ground.add(receiver.url)
    told = await ground.webhooks.test(ADA, made.id)
    assert (told.ok, told.status) == (False, 307)
    assert told.error.startswith("It answered with a redirect (307), which webhooks do not follow.")
    assert box.arrived == []
    await box.stop()


async def test_a_host_that_is_no_longer_listed_is_not_reached(ground: Ground, receiver: Receiver) -> None:
    await receiver.start()
    made = await ground.add(receiver.url)
    await ground.settings.update({HOSTS: ""}, by="ada")
    await ground.happen("one")
    async with asyncio.timeout(15):
        while (shown := (await ground.webhooks.list_(ADA))[0]).status != "paused":
            await asyncio.sleep(0.01)
    assert shown.pause_reason.startswith("The address must begin with https://, unless")
    with pytest.raises(Invalid):
        await ground.webhooks.test(ADA, made.id)
    assert receiver.arrived == []


async def test_secrets_are_sealed_at_rest_and_shown_once(ground: Ground, receiver: Receiver) -> None:
    made = await ground.add(receiver.url)
    given = await ground.webhooks.add(ADA, receiver.url, ["memory.stored"], "a secret of my own")
    assert given.secret == "a secret of my own"
    assert len(made.secret) > 40
    await ground.happen("one")
    shown = "".join(one.model_dump_json() for one in await ground.webhooks.list_(ADA))
    with closing(sqlite3.connect(ground.db.path)) as connection:
        stored = "\n".join(connection.iterdump())
    for secret in (made.secret, given.secret):
        assert secret not in shown
        assert secret not in stored
    assert "s3cr3t" not in stored  # a token in the address


async def test_a_webhook_that_was_sealed_with_another_secret_says_so(ground: Ground, receiver: Receiver) -> None:
    await ground.add(receiver.url)
    other = Webhooks(Stores(ground.db), Secrets(b"\x11" * 32), ground.settings, ground.outbox, ground.sender)
    (shown,) = await other.list_(ADA)
    assert (shown.status, shown.url) == ("paused", "")
    assert "cannot be read with this TALOME_SECRET" in shown.pause_reason


async def test_there_is_an_end_to_webhooks_and_to_what_waits(
    ground: Ground, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "MOST_WAITING", 3)
    made = await ground.add(receiver.url)
    await ground.happen(*(str(number) for number in range(8)))
    async with asyncio.timeout(15):
        while not (shown := (await ground.webhooks.list_(ADA))[0]).missed:
            await asyncio.sleep(0.01)
    assert (shown.waiting, shown.missed) == (3, 5)
    for _ in range(MOST_WEBHOOKS - 1):
        await ground.add(receiver.url)
    with pytest.raises(Conflict):
        await ground.add(receiver.url)
    with pytest.raises(Forbidden):
        await ground.add(receiver.url, caller=replace(ADA, kind="agent"))
    assert made.missed == 0


async def test_what_is_a_day_old_is_given_up(
    tmp_path: Path, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_ground(tmp_path) as ground:
        made = await ground.add(receiver.url)
        await ground.happen("one")
        await log_until(ground, made.id, lambda log: bool(log) and log[0].attempts > 0)
    monkeypatch.setattr(sending, "TRIED_FOR_S", -1)
    async with open_ground(tmp_path) as ground:
        (entry,) = await log_until(ground, made.id, all_are("failed"))
        assert entry.error == "127.0.0.1 cannot be reached, or broke off."


CRASHING = textwrap.dedent("""
    import asyncio, sys
    from pathlib import Path
    from talome.memory.webhooks.sender import Pace
    from tests.memory.webhooks.conftest import open_ground

    async def main():
        async with open_ground(Path(sys.argv[1]), Pace((0.02,) * 50)) as ground:
            for number in range(1000):
                await ground.happen(f"{sys.argv[2]}-{number}")
                print(f"{sys.argv[2]}-{number}", flush=True)

    asyncio.run(main())
""")


async def test_kill_9_loses_no_event_and_its_id_stays(tmp_path: Path, receiver: Receiver) -> None:
    async with open_ground(tmp_path) as ground:
        made = await ground.add(receiver.url)
    await receiver.start()
    promised: list[str] = []
    for crash in ("a", "b"):
        command = [sys.executable, "-c", CRASHING, str(tmp_path), crash]
        process = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE, cwd=Path.cwd())
        assert process.stdout is not None
        promised += [(await process.stdout.readline()).decode().strip() for _ in range(10)]
        os.kill(process.pid, signal.SIGKILL)
        await process.communicate()
    async with open_ground(tmp_path, Pace((0.02,) * 50)) as ground:
        async with asyncio.timeout(15):
            while (await ground.webhooks.list_(ADA))[0].waiting or await OutboxStore(ground.db).next_events(1):
                await asyncio.sleep(0.02)
    by_id: dict[str, set[bytes]] = {}
    for one in receiver.arrived:
        assert one.is_signed_with(made.secret)
        by_id.setdefault(one.json["id"], set()).add(one.body)
    assert all(len(bodies) == 1 for bodies in by_id.values())
    assert len({one.json["data"]["memoryId"] for one in receiver.arrived}) == len(by_id)
    assert {one.json["data"]["memoryId"] for one in receiver.arrived} >= set(promised)
