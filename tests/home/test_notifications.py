"""Notifications: who gets them, what counts as news, and that one's own are one's own."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from talome.accounts.sessions.service import SessionOpened
from talome.accounts.users.passwords import Passwords
from talome.accounts.users.service import Users
from talome.accounts.users.store import UsersStore
from talome.core.clock import now, now_ms
from talome.core.db import Database
from talome.core.devices import device_name
from talome.core.events import Events
from talome.core.jobs.service import Job, JobKind, Jobs
from talome.core.jobs.store import JobsStore
from talome.core.migrations import find_migrations
from talome.core.operations import Caller
from talome.core.secrets import Secrets
from talome.home.containers.models import ContainerDied, ContainerRanOutOfMemory, EngineState, EngineStateChanged
from talome.home.notifications.models import Notice, Notification
from talome.home.notifications.service import MOST_KEPT, Notifications
from talome.home.notifications.sources import ContainerNews, HouseNews
from talome.home.notifications.store import NotificationsStore, PlacesStore
from talome.home.system.models import Check, CheckState, HealthChanged
from talome.home.system.watch import Turns
from tests.fakes.docker import FakeEngine
from tests.home.house import House as Area
from tests.home.house import eventually, until
from tests.support.docker_engine import EngineDaemon
from tests.support.house import House, Person, open_house

HOSTILE = "<img src=x onerror=alert(1)>\u202e\n\x1b[31m💥" + "x" * 300


@dataclass
class Desk:
    """The feature without the rest of the house, and two people: an administrator and a member without rights."""

    events: Events
    db: Database
    notifications: Notifications
    jobs: Jobs
    ada: Caller
    ben: Caller

    async def of(self, caller: Caller) -> list[Notification]:
        return (await self.notifications.page(caller, unread=False, limit=200, before=None)).notifications

    async def titles(self, caller: Caller) -> list[str]:
        return [item.title for item in await self.of(caller)]

    async def gets(self, caller: Caller, count: int) -> list[Notification]:
        async def arrived() -> bool:
            return len(await self.of(caller)) >= count

        await eventually(arrived)
        return await self.of(caller)


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with AsyncExitStack() as stack:
        events = Events()
        stack.push_async_callback(events.stop)
        db = Database(tmp_path / "talome.db", events)
        await db.open(find_migrations("talome.core.jobs", "talome.accounts.users", "talome.home.notifications"))
        stack.push_async_callback(db.close)
        users = Users(UsersStore(db), Passwords(), Secrets(b"0" * 32), frozenset)
        ada, _ = await users.add_first_admin("ada", "correct horse battery")
        ben, _ = await users.add("ben", "correct horse battery", "member", None, [])
        notifications = Notifications(NotificationsStore(db), users, events)
        containers = ContainerNews(notifications, events, grace_s=0.02)
        stack.push_async_callback(containers.stop)
        await containers.start()
        await HouseNews(notifications, PlacesStore(db), events).start()
        jobs = Jobs(JobsStore(db))
        stack.push_async_callback(jobs.stop)
        yield Desk(events, db, notifications, jobs, _caller(ada.id, "ada"), _caller(ben.id, "ben"))


def _caller(user_id: str, name: str) -> Caller:
    return Caller(user_id, name, "user")


@pytest.fixture
async def home(tmp_path: Path, fake: FakeEngine) -> AsyncIterator[House]:
    async with open_house(tmp_path / "home", fake) as opened:
        yield opened


async def listed(person: Person, query: str = "") -> dict[str, Any]:
    answer = await person.get(f"/api/notifications{query}")
    assert answer.status == 200, answer.text
    return answer.json


# --- what happens in the house ---


async def test_a_crash_loop_is_one_row_and_a_wanted_stop_is_none(home: House, fake: FakeEngine) -> None:
    box, calm = fake.add_container("loopy"), fake.add_container("calm")
    member, stranger = await home.member("ben"), await home.member("eve", ["system:read"])
    await eventually(lambda: running(home.admin, "calm"))
    assert (await home.admin.post("/api/containers/calm/stop")).status == 200
    for _ in range(40):
        fake.end_container(box.id, 1)
        fake.run(box)
    fake.end_container(calm.id, 0)

    async def counted() -> bool:
        return sum(item["count"] for item in (await listed(member))["notifications"]) == 40

    await eventually(counted)
    for person in (home.admin, member):
        [only] = (await listed(person))["notifications"]
        assert (only["title"], only["count"], only["level"]) == ("loopy stopped unexpectedly", 40, "warning")
        assert (only["link"], only["source"], only["read"]) == ("/containers/loopy/logs", "container", False)
    assert (await listed(stranger))["notifications"] == [], "it may not see containers"


async def running(person: Person, name: str) -> bool:
    return (await person.get(f"/api/containers/{name}")).status == 200


async def test_each_receiver_reads_alone_and_nobody_elses(home: House, fake: FakeEngine) -> None:
    member = await home.member("ben")
    box = fake.add_container("web")
    await eventually(lambda: running(member, "web"))
    async with home.admin.live() as socket:
        await socket.send_json({"id": "n", "subscribe": "notifications.stream"})
        first = (await socket.receive_json())["data"]
        assert (first["type"], first["unread"]) == ("snapshot", 0)
        fake.end_container(box.id, 2)
        told = (await socket.receive_json())["data"]
        assert (told["type"], told["unread"], told["notification"]["title"]) == (
            "changed",
            1,
            "web stopped unexpectedly",
        )
        mine = told["notification"]["id"]
        assert (await member.call("PUT", f"/api/notifications/{mine}/read")).status == 404
        read = await home.admin.call("PUT", f"/api/notifications/{mine}/read")
        assert (read.status, read.json["read"]) == (200, True)
        after = (await socket.receive_json())["data"]
        assert (after["unread"], after["notification"]["read"]) == (0, True)
        fake.announce("container", "oom", box.id, {"name": "web"})
        assert (await socket.receive_json())["data"]["unread"] == 1
        assert (await home.admin.call("PUT", "/api/notifications/read-all")).status == 200
        again = (await socket.receive_json())["data"]
        assert (again["type"], again["unread"], len(again["notifications"])) == ("snapshot", 0, 2)
    assert (await listed(home.admin, "?unread=true"))["notifications"] == []
    assert (await listed(member))["unread"] == 2


async def test_docker_gone_is_told_after_a_while_and_only_then_that_it_is_back(desk: Desk) -> None:
    lost = EngineStateChanged(EngineState(True, "The Docker engine is not running.", None, now()))
    back = EngineStateChanged(EngineState(False, None, "28", now()))
    desk.events.publish(lost)
    desk.events.publish(back)
    desk.events.publish(lost)
    desk.events.publish(lost)
    [told] = await desk.gets(desk.ada, 1)
    assert (told.title, told.level, told.source) == ("Docker does not answer", "danger", "docker")
    assert told.body.startswith("The Docker engine is not running.")
    desk.events.publish(back)
    assert (await desk.gets(desk.ada, 2))[0].title == "Docker answers again"
    assert await desk.of(desk.ben) == []


async def test_names_are_plain_text_of_a_bearable_length(desk: Desk) -> None:
    desk.events.publish(ContainerDied("f" * 64, HOSTILE, 1, asked=False, out_of_memory=False))
    [told] = await desk.gets(desk.ada, 1)
    assert "\u202e" not in told.title
    assert "\x1b" not in told.title
    assert "\n" not in told.title
    assert len(told.title) <= 200
    assert told.link is not None
    assert told.link.startswith("/containers/%3Cimg")


async def test_memory_is_told_once_though_the_container_dies_of_it(desk: Desk) -> None:
    desk.events.publish(ContainerRanOutOfMemory("f" * 64, "db"))
    desk.events.publish(ContainerDied("f" * 64, "db", 137, asked=False, out_of_memory=True))
    desk.events.publish(ContainerDied("e" * 64, "one-off", 0, asked=False, out_of_memory=False))
    desk.events.publish(ContainerDied("d" * 64, "last", 9, asked=False, out_of_memory=False))
    await desk.gets(desk.ada, 2)
    assert sorted(await desk.titles(desk.ada)) == ["db ran out of memory", "last stopped unexpectedly"]


async def test_health_that_turns(desk: Desk) -> None:
    full = Check(id="disk:/", title="Disk /", state="critical", detail="98 % are used.", action="Free some.")
    desk.events.publish(HealthChanged(full, "ok"))
    desk.events.publish(HealthChanged(full.model_copy(update={"state": "ok", "detail": "40 % are used."}), "critical"))
    desk.events.publish(HealthChanged(full.model_copy(update={"id": "containers"}), "ok"))
    well, ill = await desk.gets(desk.ada, 2)
    assert (ill.title, ill.level, ill.body) == ("Disk /: critical", "danger", "98 % are used. Free some.")
    assert (well.title, well.level) == ("Disk /: well again", "success")


def test_only_what_stays_so_is_a_change_of_health() -> None:
    states: list[CheckState] = ["ok", "warning", "ok", "warning", "warning", "warning", "ok", "ok"]
    turns = Turns()
    looks = [turns.after([Check(id="memory", title="Memory", state=state, detail="")]) for state in states]
    assert [(turn.before, turn.check.state) for look in looks for turn in look] == [
        ("ok", "warning"),
        ("warning", "ok"),
    ]


async def test_a_failed_job_is_told_to_who_started_it(desk: Desk) -> None:
    async def run(job: Job, arguments: dict[str, Any]) -> None:
        raise ValueError("no")

    desk.jobs.register("break", JobKind(run, {}))
    await desk.jobs.start("break", "Clean up", {}, scope="containers:read", by="ben")
    [told] = await desk.gets(desk.ben, 1)
    assert (told.title, told.source) == ("Clean up: failed", "job")
    assert await desk.of(desk.ada) == []


async def test_a_sign_in_from_somewhere_new_is_told_to_its_owner(desk: Desk) -> None:
    firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/{}.0"
    places = [(firefox.format(150), "192.168.1.5"), (firefox.format(151), "192.168.1.5")]
    for agent, ip in (*places, ("curl/8.1", "192.168.1.5"), (firefox.format(151), "2001:db8::1")):
        desk.events.publish(SessionOpened(desk.ben.user_id, ip, agent))
    desk.events.publish(SessionOpened(desk.ben.user_id, "2001:db8::2", firefox.format(152)))
    await desk.gets(desk.ben, 2)
    bodies = [item.body.partition(". If")[0] for item in await desk.of(desk.ben)]
    assert sorted(bodies) == ["From Firefox on Linux at 2001:db8::1", "From curl at 192.168.1.5"]
    assert await desk.of(desk.ada) == []


def test_what_a_device_calls_itself() -> None:
    safari = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605 Version/18.0 Mobile Safari/604.1"
    assert device_name(safari) == "Safari on iPhone"
    assert device_name("") == device_name("<script>") == "an unknown device"


# --- news, pages and keeping ---


async def test_what_goes_on_is_news_once_an_hour(desk: Desk) -> None:
    notice = Notice("died:1", "container", "warning", "web stopped unexpectedly", "")
    await desk.notifications.tell_all(notice, scope="containers:read")
    [first] = await desk.of(desk.ada)
    await desk.notifications.read(desk.ada, first.id)
    await desk.notifications.tell_all(notice, scope="containers:read")
    [second] = await desk.of(desk.ada)
    assert (second.id, second.count, second.read) == (first.id, 2, True)
    await aged(desk, 3_600_001)
    await desk.notifications.tell_all(notice, scope="containers:read")
    [third] = await desk.of(desk.ada)
    assert (third.id, third.count, third.read) == (first.id, 3, False)
    await aged(desk, 86_400_001)
    await desk.notifications.tell_all(notice, scope="containers:read")
    assert [item.count for item in await desk.of(desk.ada)] == [1, 3]


async def aged(desk: Desk, by_ms: int) -> None:
    async with desk.db.write() as tx:
        await tx.execute("UPDATE notifications SET at = at - ?, told_at = told_at - ?", (by_ms, by_ms))


async def test_the_old_goes_and_pages_hold_together(desk: Desk) -> None:
    at = now_ms()
    rows = [(f"ntf_{number:026d}", desk.ada.user_id, str(number), at - number * 1000) for number in range(MOST_KEPT)]
    rows.append(("ntf_" + "z" * 26, desk.ada.user_id, "ancient", at - 91 * 86_400_000))
    async with desk.db.write() as tx:
        await tx.execute_many(
            "INSERT INTO notifications (id, user_id, key, source, level, title, body, count, at, told_at) "
            "VALUES (?, ?, ?, 'job', 'info', 'x', '', 1, ?, 0)",
            rows,
        )
    await desk.notifications.tell(Notice("new", "job", "info", "new", ""), user_id=desk.ada.user_id)
    seen: list[str] = []
    before = None
    while True:
        page = await desk.notifications.page(desk.ada, unread=False, limit=170, before=before)
        seen += [item.id for item in page.notifications]
        before = page.next
        if before is None:
            break
    assert len(seen) == len(set(seen)) == page.unread == MOST_KEPT
    assert f"ntf_{MOST_KEPT - 1:026d}" not in seen


async def test_200_containers_die_at_once(desk: Desk) -> None:
    for number in range(200):
        desk.events.publish(ContainerDied(f"{number:064x}", f"c{number}", 1, asked=False, out_of_memory=False))

    async def all_told() -> bool:
        page = await desk.notifications.page(desk.ada, unread=True, limit=1, before=None)
        return page.unread == 200

    await eventually(all_told)


# --- over a real engine ---


@pytest.mark.docker
async def test_docker_says_who_wanted_a_death(clean_daemon: EngineDaemon, real_house: Area) -> None:
    with real_house.events.subscribe(ContainerDied, ContainerRanOutOfMemory) as news:

        async def deaths(count: int) -> list[Any]:
            return [await asyncio.wait_for(anext(news), 15) for _ in range(count)]

        async def run(argv: list[str], **options: Any) -> str:
            return await asyncio.to_thread(clean_daemon.run, argv, **options)

        await run(["sh", "-c", "exit 3"], name="broken")
        [died] = await deaths(1)
        assert (died.name, died.exit_code, died.asked) == ("broken", 3, False)
        await run(["sleep", "1000"], name="calm")
        await until(lambda: any(entry.container.name == "calm" for entry in real_house.mirror.entries()))
        await real_house.call("containers.stop", id="calm", timeoutS=0)
        [died] = await deaths(1)
        assert (died.name, died.exit_code, died.asked) == ("calm", 137, True)
        eat = ["sh", "-c", "x=xxxxxxxxxxxxxxxx; while :; do x=$x$x; done"]
        await run(eat, name="greedy", host={"mem_limit": 16 * 1024**2, "memswap_limit": 16 * 1024**2})
        starved, died = await deaths(2)
        assert isinstance(starved, ContainerRanOutOfMemory)
        assert (died.name, died.asked, died.out_of_memory) == ("greedy", False, True)
