"""`kill -9` at each journalled step of each job of an app: at the next start the app is the old one or the new one."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import aiohttp
import pytest

from tests.home.apps.crashing_server import Servers
from tests.home.apps.shop import ENDS, Shop
from tests.home.apps.town import App, Town, bytes_of, lines_of, numbers_in
from tests.support.docker_engine import EngineDaemon
from tests.support.house import Answer, Person

pytestmark = [pytest.mark.docker]
_MOST_MOMENTS = 80


@pytest.fixture
async def town(tmp_path: Path, clean_daemon: EngineDaemon, shop: Shop) -> AsyncIterator[Town]:
    for mark in ("one", "two"):
        shop.push(mark)
    shop.push("ends", command=ENDS)
    home = tmp_path / "home"
    async with (
        aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http,
        Servers(home, clean_daemon.host) as servers,
    ):
        made = Town(servers, shop, clean_daemon, home, Person("", http))
        await made.boot()
        made.store = await made.add_store(shop.folder)
        yield made


# --- the jobs ---


class Work:
    """A kind of job: the way to where it begins, the request, and what may be there afterwards. `after` None: gone."""

    ends = frozenset({"new"})

    async def ready(self, town: Town) -> None:
        await town.be_installed()

    async def act(self, town: Town) -> Answer:
        raise NotImplementedError

    def new(self, town: Town, before: App) -> App | None:
        return before


class Install(Work):
    async def ready(self, town: Town) -> None:
        await town.be_gone()
        await town.release("one")

    async def act(self, town: Town) -> Answer:
        return await town.person.post("/api/apps/install", {"appId": "shop"})


class InstallBroken(Install):
    ends = frozenset({"old"})

    async def ready(self, town: Town) -> None:
        await town.be_gone()
        await town.release("ends")


class Update(Work):
    mark = ""

    async def ready(self, town: Town) -> None:
        await super().ready(town)
        app = await town.must_see()
        self.mark = "two" if app.mark == "one" else "one"
        await town.release(self.mark)

    async def act(self, town: Town) -> Answer:
        return await town.person.post("/api/apps/shop/update")

    def new(self, town: Town, before: App) -> App | None:
        return App(before.revision + 1, self.mark, True, before.port, before.data)


class UpdateBroken(Update):
    ends = frozenset({"old"})

    async def ready(self, town: Town) -> None:
        await town.be_installed()
        await town.release("ends")


class RollBack(Work):
    """With the data of then."""

    async def ready(self, town: Town) -> None:
        await town.be_installed()
        if not list((town.folder / "snapshots").iterdir()):
            await town.release("two")
            await town.done(await town.person.post("/api/apps/shop/update"))

    async def act(self, town: Town) -> Answer:
        return await town.person.post("/api/apps/shop/rollback")

    def new(self, town: Town, before: App) -> App | None:
        target = max(number for number in numbers_in(town.folder / "revisions") if number < before.revision)
        copy = min(number for number in numbers_in(town.folder / "snapshots") if number > target)
        return App(before.revision + 1, town.mark_of(target), True, before.port, town.read_copy(copy))


class Edit(Work):
    async def act(self, town: Town) -> Answer:
        return await town.person.put("/api/apps/shop/settings", {"ports": {"web/8080/tcp": await self._port(town)}})

    async def _port(self, town: Town) -> int:
        return 18099 if (await town.must_see()).port != 18099 else 18080

    def new(self, town: Town, before: App) -> App | None:
        port = 18099 if before.port != 18099 else 18080
        return App(before.revision + 1, before.mark, True, port, before.data)


class Uninstall(Work):
    def __init__(self, *, keep: bool) -> None:
        self.keep = keep

    async def act(self, town: Town) -> Answer:
        return await town.person.delete(f"/api/apps/shop?keepData={str(self.keep).lower()}")

    def new(self, town: Town, before: App) -> App | None:
        return None


class Power(Work):
    def __init__(self, action: str) -> None:
        self.action = action

    async def ready(self, town: Town) -> None:
        await super().ready(town)
        if self.action == "start":
            await town.done(await town.person.post("/api/apps/shop/stop"))

    async def act(self, town: Town) -> Answer:
        return await town.person.post(f"/api/apps/shop/{self.action}")

    def new(self, town: Town, before: App) -> App | None:
        return App(before.revision, before.mark, self.action != "stop", before.port, before.data)


WORK: dict[str, Work] = {
    "install": Install(),
    "install that is broken": InstallBroken(),
    "update": Update(),
    "update that is broken": UpdateBroken(),
    "rollback with data": RollBack(),
    "edit": Edit(),
    "uninstall": Uninstall(keep=True),
    "uninstall to the trash": Uninstall(keep=False),
    "stop": Power("stop"),
    "start": Power("start"),
    "restart": Power("restart"),
}


# --- what is checked ---


async def crash_and_check(town: Town, kind: str, at: int | str) -> bool:
    """False where the job ended before that moment came."""
    work = WORK[kind]
    await work.ready(town)
    before = await town.seen()
    new = work.new(town, before) if before is not None else None
    moment = await town.crashed(at, lambda: work.act(town))
    if moment is None:
        return False
    began = time.monotonic()
    await town.boot()
    job = await town.until_settled()
    assert job["state"] == "done" or job["reason"], job
    after = await town.seen()
    outcome = _outcome(before, new, after)
    row = f"{kind:24} {moment:32} {outcome:5} {job['state']:7} {time.monotonic() - began:4.1f} s"
    print(row, flush=True)
    assert outcome in work.ends or job["reason"], row
    assert outcome in ("old", "new"), (row, before, new, after)
    if after is None:
        _check_gone(town, kind, before)
    else:
        await _check_there(town, after)
    assert list((town.home / "apps" / ".prepared").iterdir()) == [], row
    return True


def _outcome(before: App | None, new: App | None, after: App | None) -> str:
    if before is None:  # an installation
        return "old" if after is None else "new"
    if after is None:
        return "new" if new is None else "lost"
    for name, expected in (("new", new), ("old", before)):
        same = expected is not None and (expected.revision, expected.mark, expected.running, expected.port) == (
            after.revision, after.mark, after.running, after.port
        )  # fmt: skip
        if same and expected is not None and expected.data.grown_by(expected.mark, after.data):
            return name
    return "mixed"


def _check_gone(town: Town, kind: str, before: App | None) -> None:
    assert town.daemon.api.containers(all=True) == []
    assert town.networks() == set()
    assert town.leases() == []
    if kind == "uninstall":
        assert before is not None
        assert town.read_data() == before.data
        return
    assert not town.folder.exists()
    assert not town.daemon.api.volumes()["Volumes"]
    if before is not None:
        latest = max((town.home / "trash").glob("*/apps/shop-app*"), key=lambda path: path.stat().st_ctime_ns)
        assert bytes_of(latest / "data/state/photo.jpg") == before.data.photo
        assert lines_of(latest / "data/state/starts") == before.data.starts


async def _check_there(town: Town, app: App) -> None:
    revision = town.folder / "revisions" / str(app.revision)
    for name in ("compose.yml", ".env", "app.json"):
        assert bytes_of(town.folder / name) == bytes_of(revision / name), name
    [container] = town.daemon.api.containers(all=True)
    assert container["Labels"]["com.docker.compose.project"] == "shop"
    assert f":{app.mark}@" in container["Image"]
    if app.running:
        assert await town.page() == app.mark
        assert {port["PublicPort"] for port in container["Ports"]} == {app.port}
    assert town.networks() == {"shop_default"}
    assert town.leases() == [app.port]
    assert max(numbers_in(town.folder / "revisions")) == app.revision
    assert all(number <= app.revision for number in numbers_in(town.folder / "snapshots"))


@pytest.mark.whole  # half a minute of real containers
@pytest.mark.timeout(120)
async def test_a_crash_in_the_middle_ends_in_the_old_or_the_new_app(town: Town) -> None:
    for kind, moment in _short():
        assert await crash_and_check(town, kind, moment), f"{kind} never came to {moment}"


def _short() -> Iterator[tuple[str, str]]:
    yield "install", "before apps.switch done"
    yield "install", "before apps.up done"
    yield "update", "before apps.stop done"
    yield "update", "before apps.snapshot done"
    yield "update", "after apps.up started"


@pytest.mark.whole
@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("kind", WORK)
async def test_a_crash_at_every_step(town: Town, kind: str) -> None:
    at = 1
    while await crash_and_check(town, kind, at):
        at += 1
        assert at < _MOST_MOMENTS


@pytest.mark.whole
@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("kind", "stage"),
    [
        ("install", "Looking"),
        ("install", "Starting"),
        ("update", "Looking"),
        ("update", "Stopping"),
        ("update", "Copying"),
        ("update", "Starting"),
    ],
)
async def test_docker_restarted_in_the_middle(town: Town, kind: str, stage: str) -> None:
    work = WORK[kind]
    await work.ready(town)
    before = await town.seen()
    new = work.new(town, before) if before is not None else None
    job = (await work.act(town)).json["id"]
    async with asyncio.timeout(20):
        while not ((now := (await town.person.get(f"/api/jobs/{job}")).json)["stage"] or "").startswith(stage):
            assert now["finishedAt"] is None, f"it never came to {stage}"
    await asyncio.to_thread(town.daemon.stop, kill=True)
    await asyncio.to_thread(town.daemon.start)
    began = time.monotonic()
    ended = await town.until_settled(up=True)
    after = await town.seen()
    outcome = _outcome(before, new, after)
    row = f"{kind}, Docker restarted while “{stage}” {outcome} {ended['state']} {time.monotonic() - began:4.1f} s"
    print(row, flush=True)
    assert outcome in ("old", "new"), (row, before, new, after)
    assert (ended["state"] == "done") == (outcome == "new"), (row, ended["reason"])
    if after is None:
        _check_gone(town, kind, before)
    else:
        await _check_there(town, after)
