"""Where stores come from: git, ZIP, static files, folders; who may add them, and what is never shown."""

import asyncio
import zipfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from talome.core.clock import now_ms
from talome.core.errors import Conflict, Forbidden, Invalid, NotFound
from talome.core.operations import Caller
from talome.home.jobs.service import VisibleJobs
from tests.home.house import ADMIN
from tests.support.git_http import commit, git_server
from tests.support.store_house import StoreHouse, casaos_app, casaos_store, open_stores, write

TOKEN = "glpat-verysecret0123456789"
MEMBER = Caller("usr_2", "ben", "user", frozenset({"stores:read", "stores:write", "apps:read"}))
AGENT = Caller("usr_1", "helper", "agent", frozenset({"*"}))


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[StoreHouse]:
    (tmp_path / "bundled").mkdir()
    async with open_stores(tmp_path / "home", tmp_path / "bundled") as opened:
        yield opened


class Files:
    """A web server of files that a test can change; it counts what is asked for."""

    def __init__(self) -> None:
        self.content: dict[str, bytes] = {}
        self.asked: list[str] = []
        self.etags = True
        self.address = ""

    async def handle(self, request: web.Request) -> web.Response:
        self.asked.append(request.path)
        content = self.content.get(request.path)
        if content is None:
            return web.Response(status=404)
        etag = f'"{hash(content)}"'
        headers = {"ETag": etag} if self.etags else {}
        if self.etags and request.headers.get("If-None-Match") == etag:
            return web.Response(status=304, headers=headers)
        return web.Response(body=content, headers=headers)


@asynccontextmanager
async def web_files() -> AsyncIterator[Files]:
    files = Files()
    app = web.Application()
    app.router.add_get("/{path:.*}", files.handle)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    files.address = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield files
    finally:
        await runner.cleanup()


def zipped(folder: Path, files: dict[str, str]) -> bytes:
    archive = folder / "made.zip"
    with zipfile.ZipFile(archive, "w") as opened:
        for name, content in files.items():
            opened.writestr(f"repo-main/{name}", content)
    return archive.read_bytes()


async def test_git_by_file_and_branch(shop: StoreHouse, tmp_path: Path) -> None:
    commit(tmp_path / "repo", casaos_store(3))
    id, job = await shop.add(f"file://{tmp_path}/repo", name="My store")
    assert (id, job.state, job.reason) == ("my-store", "done", None)
    assert await shop.names() == ["my-store:app0", "my-store:app1", "my-store:app2"]
    store = await shop.call("stores.get", id=id)
    assert (store.type, store.apps, store.problems, store.failure) == ("casaos", 3, 0, None)
    assert not list((shop.home / "stores" / id).glob("*/files/.git"))


async def test_git_over_http_with_a_token(shop: StoreHouse, tmp_path: Path) -> None:
    commit(tmp_path / "repo", casaos_store(1))
    async with git_server(tmp_path, token=TOKEN) as address:
        id, job = await shop.add(f"{address}/repo", token=TOKEN)
        assert (job.state, job.reason) == ("done", None)
        assert await shop.names() == [f"{id}:app0"]
        changed = await shop.call("stores.change", id=id, token="wrong-but-secret-0123")
        assert changed.has_token
        failed = await shop.sync(id)
        assert failed.state == "failed"
        assert "token" in str(failed.reason)
        assert (await shop.call("stores.get", id=id)).failure == failed.reason
        assert await shop.names() == [f"{id}:app0"]
    told = b"".join(file.read_bytes() for file in shop.home.rglob("*") if file.is_file())
    assert TOKEN.encode() not in told
    assert b"wrong-but-secret-0123" not in told


async def test_a_zip(shop: StoreHouse, tmp_path: Path) -> None:
    async with web_files() as server:
        server.content["/store.zip"] = zipped(tmp_path, casaos_store(2))
        id, job = await shop.add(f"{server.address}/store.zip", name="Zip")
        assert (job.state, job.reason) == ("done", None)
        assert await shop.names() == ["zip:app0", "zip:app1"]
        for server.etags in (True, False):  # without one it is the content that tells
            assert "Nothing is new" in await shop.log_of(await shop.sync(id))
        server.content["/store.zip"] = zipped(tmp_path, casaos_store(3))
        await shop.sync(id)
        assert len(await shop.names()) == 3
        server.content["/store.zip"] = b"not a zip"
        failed = await shop.sync(id)
        assert "damaged" in str(failed.reason)
        del server.content["/store.zip"]
        assert "nothing at this address" in str((await shop.sync(id)).reason)
        assert len(await shop.names()) == 3


async def test_the_static_protocol(shop: StoreHouse) -> None:
    def serve(server: Files, id: str, version: str) -> dict[str, str]:
        compose = (
            f"name: {id.rpartition('.')[2]}\nservices:\n  web:\n    image: example.org/x:{version}\n"
            f"x-casaos:\n  id: {id}\n  main: web\n  port_map: '80'\n  title: {id}\n"
        )
        server.content[f"/s/apps/{id}/docker-compose.yml"] = compose.encode()
        server.content[f"/s/apps/{id}/meta.json"] = (
            f'{{"tagline": "Tag {version}", "version": "{version}", "category": "Media", "icon": "assets/icon.svg"}}'
        ).encode()
        return {"id": id, "title": id, "content_hash": version}

    def index(entries: list[dict[str, Any]]) -> bytes:
        return str({"apps": entries}).replace("'", '"').encode()

    async with web_files() as server:
        one, two = serve(server, "org.example.one", "1"), serve(server, "org.example.two", "1")
        server.content["/s/index.json"] = index([one, two, {"id": "../evil"}])
        id, job = await shop.add(f"{server.address}/s", type="casaos-static", name="Static")
        assert (job.state, job.reason) == ("done", None)
        assert len(await shop.names()) == 2
        assert {app.tagline for app in (await shop.call("catalog.list")).apps} == {"Tag 1"}
        server.asked.clear()
        assert "Nothing is new" in await shop.log_of(await shop.sync(id))
        assert server.asked == ["/s/index.json"]
        server.content["/s/index.json"] = index([one, serve(server, "org.example.two", "2")])
        await shop.sync(id)
        assert len(server.asked) == 1 + 1 + 2
        assert {app.version for app in (await shop.call("catalog.list")).apps} == {"1", "2"}
        server.content["/s/index.json"] = index([one, {"id": "org.example.two", "content_hash": "3"}])
        del server.content["/s/apps/org.example.two/meta.json"]
        job = await shop.sync(id)
        assert job.state == "done"
        assert "org.example.two” could not be fetched" in await shop.log_of(job)
        assert len(await shop.names()) == 2


async def test_a_folder_is_copied_without_its_links(shop: StoreHouse, tmp_path: Path) -> None:
    folder = write(tmp_path / "mine", casaos_store(2))
    (folder / "Apps/app0/evil").symlink_to("/etc")
    (folder / "Apps/linked").symlink_to("app1")
    id, job = await shop.add(str(folder))
    assert (job.state, job.reason) == ("done", None)
    assert await shop.names() == ["mine:app0", "mine:app1"]
    assert not any(path.is_symlink() for path in (shop.home / "stores" / id).rglob("*"))
    write(folder, {"Apps/app0/docker-compose.yml": casaos_app("app0", version="2.0")})
    assert "1 read" in await shop.log_of(await shop.sync(id))


async def test_who_may_add_a_folder(shop: StoreHouse, tmp_path: Path) -> None:
    folder = write(tmp_path / "mine", casaos_store(1))
    for url in (str(folder), f"file://{folder}"):
        with pytest.raises(Forbidden, match="administrator"):
            await shop.call("stores.add", MEMBER, url=url)
    for url in (str(folder), "https://example.org/x"):
        with pytest.raises(Forbidden, match="Only a person"):
            await shop.call("stores.add", AGENT, url=url)


@pytest.mark.parametrize(
    "arguments",
    [
        {"url": "/"},
        {"url": "/srv/../etc"},
        {"url": "relative"},
        {"url": "ssh://example.org/x"},
        {"url": "ext::sh -c x"},
        {"url": "https://user:pw@example.org/x"},
        {"url": "https://example.org/x", "branch": "--upload-pack=x"},
        {"url": "https://example.org/x.zip", "branch": "main"},
        {"url": "https://example.org/", "name": "\x1b\n"},
        {"url": "x", "unknown": 1},
    ],
)
async def test_what_is_no_source(shop: StoreHouse, arguments: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        await shop.call("stores.add", **arguments)
    assert [store.id for store in await shop.call("stores.list")] == ["talome"]


async def test_talomes_own_folder_is_no_store(shop: StoreHouse, tmp_path: Path) -> None:
    (tmp_path / "way").symlink_to(shop.home)
    for path in (shop.home, shop.home / "stores", tmp_path, tmp_path / "way"):
        with pytest.raises(Invalid, match="own folder"):
            await shop.call("stores.add", url=str(path))


async def test_an_address_inside_the_cloud(shop: StoreHouse) -> None:
    for url in ("http://169.254.169.254/x", "http://169.254.169.254/x.zip", "http://169.254.169.254/index.json"):
        _, job = await shop.add(url, name="m")
        assert job.state == "failed"
        assert "never fetches" in str(job.reason)
    assert await shop.names() == []


async def test_twice_and_removed(shop: StoreHouse, tmp_path: Path) -> None:
    folder = write(tmp_path / "mine", casaos_store(1))
    id, _ = await shop.add(str(folder))
    with pytest.raises(Conflict, match="there already"):
        await shop.call("stores.add", url=f"{folder}/")
    other, _ = await shop.add(str(write(tmp_path / "x/mine", casaos_store(1))))
    assert other == "mine-2"
    assert (await shop.call("catalog.get", id="app0")).id == "mine:app0"
    await shop.call("stores.remove", id=id)
    assert await shop.names() == ["mine-2:app0"]
    assert not (shop.home / "stores" / id).exists()
    assert (await shop.call("catalog.get", id="app0")).id == "mine-2:app0"
    with pytest.raises(NotFound):
        await shop.call("stores.get", id=id)


async def test_switched_off(shop: StoreHouse, tmp_path: Path) -> None:
    id, _ = await shop.add(str(write(tmp_path / "mine", casaos_store(1))))
    await shop.call("stores.change", id=id, enabled=False)
    assert await shop.names() == []
    with pytest.raises(Conflict, match="switched off"):
        await shop.call("stores.sync", id=id)
    await shop.call("stores.change", id=id, enabled=True, name="Other")
    assert [app.store_name for app in (await shop.call("catalog.list")).apps] == ["Other"]


async def test_the_bundled_store(tmp_path: Path) -> None:
    app = "format: 1\n"
    bundled = write(tmp_path / "bundled", {"apps/x/app.yml": app, "apps/x/compose.yml": "services: {}\n"})
    async with open_stores(tmp_path / "home", bundled) as shop, shop.stores:
        async with asyncio.timeout(20):
            while shop.jobs.running or not (await shop.call("stores.get", id="talome")).problems:
                await asyncio.sleep(0.01)
        with pytest.raises(Conflict, match="bundled"):
            await shop.call("stores.remove", id="talome")
        with pytest.raises(Invalid, match="bundled"):
            await shop.call("stores.change", id="talome", name="x")
        assert (bundled / "apps/x/app.yml").exists()
    async with open_stores(tmp_path / "home", bundled) as shop:
        await shop.stores.sync_due(now_ms())
        assert shop.jobs.running == 0  # nothing is new, so nothing is done
    write(bundled, {"apps/x/app.yml": app + "# another release\n"})
    async with open_stores(tmp_path / "home", bundled) as shop:
        await shop.stores.sync_due(now_ms())
        assert shop.jobs.running == 1
        job_id = (await shop.call("stores.get", id="talome")).job_id
        await shop.ended(await VisibleJobs(shop.jobs, shop.events).get(ADMIN, job_id))
        assert not (await shop.call("stores.change", id="talome", enabled=False)).enabled
    async with open_stores(tmp_path / "home", bundled) as shop:
        [store] = await shop.call("stores.list")
        assert (store.bundled, store.enabled) == (True, False)


async def test_suggestions(shop: StoreHouse) -> None:
    found = await shop.call("stores.suggestions")
    assert [one.id for one in found] == ["casaos", "big-bear", "umbrel", "runtipi"]
    assert not any(one.added for one in found)


async def test_what_is_no_store(shop: StoreHouse, tmp_path: Path) -> None:
    _, job = await shop.add(str(write(tmp_path / "mine", {"README.md": "x"})))
    assert job.state == "failed"
    assert "no app was found" in str(job.reason)
    assert list((shop.home / "stores" / "mine").iterdir()) == []
