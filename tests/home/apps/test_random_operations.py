"""Whatever is done to an app, in whatever order: what people keep in it neither changes nor goes away."""

import asyncio
import hashlib
import io
import random
import tarfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path

import aiohttp
import pytest

from tests.home.apps.shop import ENDS, Apps, Shop
from tests.support.docker_engine import IMAGE, EngineDaemon

pytestmark = [pytest.mark.docker]
_COPIES_KEPT = 1
_PORTS = (18080, 18099)


@dataclass(frozen=True)
class Kept:
    """The hashes of all files of the folder and the volume, but for the lines that each start of the app adds to one
    file in both."""

    files: tuple[tuple[str, str], ...] = ()
    starts: tuple[str, ...] = ()

    def started(self, mark: str) -> "Kept":
        return replace(self, starts=(*self.starts, mark))


class Walk:
    """Does operations and keeps account of what there should be."""

    def __init__(self, apps: Apps, shop: Shop, daemon: EngineDaemon, chance: random.Random) -> None:
        self._apps, self._shop, self._daemon, self._chance = apps, shop, daemon, chance
        self.kept = Kept()
        self.copies: dict[int, Kept] = {}
        self.marks: dict[int, str] = {}
        """What the page of each kept revision says."""
        self.revision = 0
        self.installed = self.running = False
        self._released = 1
        self._planted = 0

    @property
    def mark(self) -> str:
        return self.marks[self.revision]

    def possible(self) -> dict[str, Callable[[], Awaitable[None]]]:
        if not self.installed:
            return {"install": self.install}
        found = {
            "update": self.update, "edit": self.edit, "stop": self.stop, "start": self.start, "restart": self.restart,
            "uninstall": self.uninstall,
        }  # fmt: skip
        if self.running:
            found["broken update"] = self.broken_update
        if self._target() is not None:
            found["rollback"] = self.roll_back
            if self._copy() is not None:
                found["rollback with data"] = self.roll_back_with_data
        return found

    def _target(self) -> int | None:
        return max((number for number in self.marks if number < self.revision), default=None)

    def _copy(self) -> int | None:
        target = self._target()
        return min((number for number in self.copies if target is not None and number > target), default=None)

    # --- the operations, and what they mean for the account ---

    async def _done(self, method: str, path: str, json: object = None, *, ends: str = "done") -> None:
        job = await self._apps.ended(await self._apps.person.call(method, f"/api/apps/{path}", json))
        assert job["state"] == ends, job

    async def _release(self, mark: str) -> None:
        self._released += 1
        self._shop.release(f"{self._released}.0", tag=mark)
        await self._apps.sync(self._apps.store)

    def _next(self, mark: str) -> None:
        self.revision = max(self.marks, default=0) + 1
        self.marks[self.revision] = mark
        self.marks = {number: self.marks[number] for number in sorted(self.marks)[-10:]}

    def _starts(self) -> None:
        if self.running:
            self.kept = self.kept.started(self.mark)

    def _copied(self, number: int, kept: Kept) -> None:
        self.copies[number] = kept
        self.copies = {number: self.copies[number] for number in sorted(self.copies)[-_COPIES_KEPT:]}

    async def install(self) -> None:
        mark = self._chance.choice(("one", "two"))
        await self._release(mark)
        await self._done("POST", "install", {"appId": "shop"})
        self.installed = self.running = True
        self._next(mark)
        self._starts()

    async def update(self) -> None:
        mark, before = self._chance.choice(("one", "two")), self.kept
        await self._release(mark)
        await self._done("POST", "shop/update", {})
        self._next(mark)
        self._copied(self.revision, before)
        self._starts()

    async def broken_update(self) -> None:
        await self._release("ends")
        await self._done("POST", "shop/update", {}, ends="failed")
        self._starts()

    async def edit(self) -> None:
        port = self._chance.choice(_PORTS)
        answers = {"TITLE": f"A shop of {self._chance.random()}"}
        await self._done("PUT", "shop/settings", {"ports": {"web/8080/tcp": port}, "env": answers})
        self._next(self.mark)
        self._starts()

    async def stop(self) -> None:
        await self._done("POST", "shop/stop", {})
        self.running = False

    async def start(self) -> None:
        await self._done("POST", "shop/start", {})
        was, self.running = self.running, True
        if not was:
            self._starts()

    async def restart(self) -> None:
        await self._done("POST", "shop/restart", {})
        self.running = True
        self._starts()

    async def roll_back(self) -> None:
        await self._back(None)

    async def roll_back_with_data(self) -> None:
        copy = self._copy()
        assert copy is not None
        await self._back(self.copies[copy])

    async def _back(self, data: Kept | None) -> None:
        target, before = self._target(), self.kept
        assert target is not None
        await self._done("POST", "shop/rollback", {"withData": data is not None})
        self._next(self.marks[target])
        self.kept = data or self.kept
        self._copied(self.revision, before)
        self._starts()
        if data is not None:
            aside = (self._apps.home / "trash").glob(f"*/apps/shop-data-before-{self.revision}*")
            assert tuple(row for row in before.files if row[0].startswith("data/")) in [_hashes(one) for one in aside]

    async def uninstall(self) -> None:
        await self._done("DELETE", "shop")
        self.installed = self.running = False

    # --- what is really there ---

    def plant(self) -> None:
        """Somebody keeps something in the app."""
        self._planted += 1
        name, content = f"photo {self._planted}.jpg", self._chance.randbytes(2000)
        (self._apps.data() / "state" / name).write_bytes(content)
        (self._volume() / name).write_bytes(content)
        (self._apps.data() / "state" / f"link {self._planted}").symlink_to(name)
        self.kept = replace(self.kept, files=self.look().files)

    def _volume(self) -> Path:
        return Path(self._daemon.api.inspect_volume("shop_kept")["Mountpoint"])

    def look(self) -> Kept:
        """The folder as it lies on the disk, the volume as the engine hands it out."""
        volume = self._volume_files()
        starts = tuple((self._apps.data() / "state" / "starts").read_text().split())
        assert tuple(volume.pop("starts").decode().split()) == starts, "folder and volume are of different times"
        rows = {f"volume/{name}": hashlib.sha256(content).hexdigest() for name, content in volume.items()}
        return Kept((*_hashes(self._apps.data()), *sorted(rows.items())), starts)

    def _volume_files(self) -> dict[str, bytes]:
        api = self._daemon.api
        host = api.create_host_config(binds=["shop_kept:/kept"])
        container = api.create_container(IMAGE, ["true"], volumes=["/kept"], host_config=host)["Id"]
        try:
            stream, _ = api.get_archive(container, "/kept")
            with tarfile.open(fileobj=io.BytesIO(b"".join(stream))) as tar:
                files = {entry.name.removeprefix("kept/"): tar.extractfile(entry) for entry in tar if entry.isfile()}
                return {name: content.read() for name, content in files.items() if content is not None}
        finally:
            api.remove_container(container, force=True)

    async def until_it_answers(self) -> None:
        """As what it is to be."""
        async with asyncio.timeout(15):
            while self.running and await self._page() != self.mark:
                await asyncio.sleep(0.05)

    async def _page(self) -> str:
        try:
            return await self._apps.page()
        except aiohttp.ClientError:
            return ""


def _hashes(folder: Path) -> tuple[tuple[str, str], ...]:
    """Of every file and link below a `data` folder; without the file of the starts."""
    found = {}
    for path in folder.rglob("*"):
        if path.is_symlink():
            found[f"data/{path.relative_to(folder)}"] = f"-> {path.readlink()}"
        elif path.is_file() and path.name != "starts":
            found[f"data/{path.relative_to(folder)}"] = hashlib.sha256(path.read_bytes()).hexdigest()
    return tuple(sorted(found.items()))


@pytest.fixture
def beside(tmp_path: Path) -> Path:
    """A folder of somebody else."""
    folder = tmp_path / "beside"
    (folder / "deeper").mkdir(parents=True)
    for name in ("letter.txt", "deeper/letter.txt"):
        (folder / name).write_text("Dear Ada")
    return folder


async def _walk(walk: Walk, operations: list[str], shop: Shop) -> None:
    for mark in ("one", "two"):
        shop.push(mark)
    shop.push("ends", command=ENDS)
    for done, wanted in enumerate(operations):
        possible = walk.possible()
        name = wanted if wanted in possible else "start" if walk.installed else "install"
        await possible[name]()
        await walk.until_it_answers()
        assert walk.look() == walk.kept, f"operation {done}: {name}"
        if walk.installed:
            walk.plant()


def _untouched(beside: Path) -> None:
    assert {path.name for path in beside.parent.iterdir()} == {"beside", "home", "store"}
    assert {str(path.relative_to(beside)): path.read_text() for path in beside.rglob("*.txt")} == {
        "letter.txt": "Dear Ada",
        "deeper/letter.txt": "Dear Ada",
    }


@pytest.mark.whole  # half a minute of real containers
@pytest.mark.timeout(120)
async def test_a_few_operations_keep_all_data(apps: Apps, shop: Shop, clean_daemon: EngineDaemon, beside: Path) -> None:
    operations = ["install", "update", "broken update", "rollback with data", "edit", "uninstall", "install", "restart"]
    await _walk(Walk(apps, shop, clean_daemon, random.Random(4)), operations, shop)
    _untouched(beside)


@pytest.mark.whole
@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("seed", [1])
async def test_two_hundred_operations_keep_all_data(
    apps: Apps, shop: Shop, clean_daemon: EngineDaemon, beside: Path, seed: int
) -> None:
    chance = random.Random(seed)
    likely = {"update": 4, "broken update": 3, "rollback": 2, "rollback with data": 4, "edit": 2, "restart": 2}
    likely |= {"stop": 1, "start": 2, "uninstall": 1, "install": 1}
    operations = ["install", *chance.choices(list(likely), list(likely.values()), k=199)]
    await _walk(Walk(apps, shop, clean_daemon, chance), operations, shop)
    _untouched(beside)
