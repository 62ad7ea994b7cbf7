"""A machine whose servers come and go, and an app on it as one sees it."""

import asyncio
import json
import sqlite3
import tarfile
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from tests.home.apps.crashing_server import Servers
from tests.home.apps.shop import Apps, Shop
from tests.support.docker_engine import EngineDaemon
from tests.support.house import ADMIN, PASSWORD, Answer, Person

_RESOLVED_S = 30


@dataclass(frozen=True)
class Data:
    """What the app keeps: the lines that its starts wrote into its folder and its volume, and a file of a person."""

    starts: tuple[str, ...]
    kept: tuple[str, ...]
    photo: bytes

    def grown_by(self, mark: str, after: "Data") -> bool:
        """Whether `after` is this, but for further starts of that version."""
        if after.photo != self.photo:
            return False
        pairs = ((self.starts, after.starts), (self.kept, after.kept))
        return all(new[: len(old)] == old and set(new[len(old) :]) <= {mark} for old, new in pairs)


@dataclass(frozen=True)
class App:
    """An installed app as one sees it; the test knows `mark`, what its page says, by its revision."""

    revision: int
    mark: str
    running: bool
    port: int
    data: Data


@dataclass
class Town(Apps):
    """The machine of the test: servers that come and go, the engine, the registry, the store."""

    servers: Servers
    shop: Shop
    daemon: EngineDaemon
    home: Path
    person: Person
    store: str = ""
    released: int = 1

    # --- servers ---

    async def boot(self) -> None:
        self.person.base = await self.servers.start()
        answer = await self.person.post("/api/auth/login", {"username": ADMIN, "password": PASSWORD})
        assert answer.status == 200, answer.text
        self.person.token = answer.json["token"]

    async def crashed(self, at: int | str, act: Callable[[], Any]) -> str | None:
        """Do it with a server that ends at that moment; the moment's name, or None where the job ended before."""
        order, name = self.home.with_name("crash.json"), self.home.with_name("crashed.txt")
        order.write_text(json.dumps({"at": at}))
        gone = asyncio.create_task(self.servers.ended())
        try:
            answer: Answer = await act()
            assert answer.status == 200, answer.text
            await self.end_of(answer.json["id"])
        except aiohttp.ClientError:
            await gone
            return name.read_text()
        gone.cancel()
        order.unlink()
        return None

    # --- what is there ---

    @property
    def folder(self) -> Path:
        return self.home / "apps" / "shop"

    def compose_of(self, revision: int) -> dict[str, Any]:
        return json.loads((self.folder / "revisions" / str(revision) / "app.json").read_text())["manifest"]["compose"]

    def mark_of(self, revision: int) -> str:
        return str(self.compose_of(revision)["services"]["web"]["image"]).rpartition(":")[2]

    def read_data(self) -> Data:
        state = self.folder / "data" / "state"
        mount = Path(self.daemon.api.inspect_volume("shop_kept")["Mountpoint"])
        return Data(lines_of(state / "starts"), lines_of(mount / "starts"), bytes_of(state / "photo.jpg"))

    def read_copy(self, number: int) -> Data:
        place = self.folder / "snapshots" / str(number)
        with tarfile.open(place / "volumes" / "shop_kept.tar") as tar:
            [name] = [name for name in tar.getnames() if name.endswith("/starts")]
            content = tar.extractfile(name)
            assert content is not None
            kept = tuple(content.read().decode().split())
        return Data(lines_of(place / "data/state/starts"), kept, bytes_of(place / "data/state/photo.jpg"))

    async def seen(self) -> App | None:
        answer = await self.person.get("/api/apps/installed/shop")
        if answer.status == 404:
            return None
        shown = answer.json
        port = int(shown["url"].split(":")[2].strip("/"))
        return App(
            shown["revision"], self.mark_of(shown["revision"]), shown["state"] == "running", port, self.read_data()
        )

    async def must_see(self) -> App:
        app = await self.seen()
        assert app is not None
        return app

    def leases(self) -> list[int]:
        with closing(sqlite3.connect(f"file:{self.home / 'talome.db'}?mode=ro", uri=True)) as db:
            return [port for (port,) in db.execute("SELECT port FROM port_leases")]

    def networks(self) -> set[str]:
        return {row["Name"] for row in self.daemon.api.networks()} - {"bridge", "host", "none"}

    async def until_settled(self, *, up: bool = False) -> dict[str, Any]:
        """The last job of an app, once it has ended and the containers are seen as they are; with `up`, once they
        run, as an engine that has just started is bringing them back."""
        deadline = time.monotonic() + _RESOLVED_S
        while True:
            rows = (await self.person.get("/api/jobs")).json
            [last, *_] = [row for row in rows if row["kind"].startswith("apps.")]
            if last["finishedAt"] is not None and await self._seen_as_they_are(up):
                return dict(last)
            assert time.monotonic() < deadline, (last, self.daemon.api.containers(all=True))
            await asyncio.sleep(0.05)

    async def _seen_as_they_are(self, must_be_up: bool) -> bool:
        shown = await self.person.get("/api/apps/installed/shop")
        if shown.status == 404:
            return True
        [up] = [row["State"] == "running" for row in self.daemon.api.containers(all=True)] or [False]
        if (
            up < must_be_up
            or (shown.json["state"] == "running") != up
            or shown.json["state"] not in ("running", "stopped")
        ):
            return False
        return not up or await self._answers()

    async def _answers(self) -> bool:
        try:
            return await self.page() != ""
        except aiohttp.ClientError:
            return False

    # --- ways to where a job begins ---

    async def done(self, answer: Answer) -> None:
        job = await self.ended(answer)
        assert job["state"] == "done", job
        await self.until_settled()

    async def be_installed(self) -> None:
        app = await self.seen()
        if app is None:
            await self.release("one")
            await self.done(await self.person.post("/api/apps/install", {"appId": "shop"}))
        elif not app.running:
            await self.done(await self.person.post("/api/apps/shop/start"))
        (self.folder / "data" / "state" / "photo.jpg").write_bytes(f"a photo of {time.monotonic_ns()}".encode())

    async def be_gone(self) -> None:
        if await self.seen() is not None:
            await self.done(await self.person.delete("/api/apps/shop?keepData=false"))

    async def release(self, mark: str) -> None:
        self.released += 1
        self.shop.release(f"{self.released}.0", tag=mark)
        await self.sync(self.store)


def numbers_in(folder: Path) -> list[int]:
    return [int(path.name) for path in folder.iterdir()]


def lines_of(path: Path) -> tuple[str, ...]:
    return tuple(path.read_text().split()) if path.exists() else ()


def bytes_of(path: Path) -> bytes:
    return path.read_bytes() if path.exists() else b""
