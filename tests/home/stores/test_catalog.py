"""The catalog over HTTP's operations: lists, filters, search, details; and the pictures of strangers."""

import asyncio
import random
import string
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import orjson
import pytest
from aiohttp import web
from yarl import URL

from talome.core.errors import Forbidden, Invalid, NotFound
from talome.core.http.server import CALLER
from talome.core.operations import Caller
from talome.home.stores.http import AppPictures
from talome.home.stores.models import AppPage
from talome.home.stores.pictures import LARGEST_BYTES, picture_type
from talome.home.stores.search import SearchIndex
from talome.home.stores.store import CatalogRow, StoreRow
from tests.support.store_house import StoreHouse, open_stores, write

PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
ADMIN = Caller("usr_1", "ada", "user", frozenset({"*"}))
STRANGER = Caller("usr_2", "ben", "user", frozenset({"jobs:read"}))
APPS: tuple[dict[str, Any], ...] = (
    {"id": "jellyfin", "name": "Jellyfin", "tagline": "Films and series", "category": "media"},
    {"id": "plex", "name": "Plex", "tagline": "Stream your media", "category": "media"},
    {
        "id": "immich",
        "name": "Immich",
        "tagline": "Photos and videos",
        "category": "photos",
        "architectures": ["arm64"],
    },
    {"id": "adguard-home", "name": "AdGuard Home", "tagline": "Blocks advertisements", "category": "network"},
    {"id": "pokedex", "name": "Pokémon Dex", "tagline": "Gotta catch them", "category": "games"},
    {"id": "gone", "name": "Gone", "hidden": True},
    {"id": "partial", "name": "Partial", "lacks": ["A Bitcoin node"], "warnings": ["Its password is well known."]},
)


def rows(apps: Any, prefix: str = "apps") -> list[CatalogRow]:
    """What a sync would have kept of them."""
    found = []
    for app in apps:
        summary = {
            "id": app["id"], "name": app["name"], "tagline": app.get("tagline", ""), "developer": "Somebody",
            "category": app.get("category", "other"), "version": "1.0", "icon": "icon" in app,
            "architectures": app.get("architectures", []), "lacks": app.get("lacks", []),
            "warnings": len(app.get("warnings", [])), "hidden": app.get("hidden", False),
        }  # fmt: skip
        manifest = orjson.dumps(app).decode()
        path = f"{prefix}/{app['id']}"
        found.append(CatalogRow(path, "0", app["id"], orjson.dumps(summary).decode(), manifest, None))
    return found


async def put(shop: StoreHouse, id: str, apps: Any, *, url: str = "https://example.org/x", folder: str = "") -> None:
    row = StoreRow(id, "talome", id.title(), url, "", None, 1, 0, 0, folder or None, "", "", 1, 1, None, 1)
    async with shop.database.write() as tx:
        if await shop.store.get_in(tx, id) is None:
            await shop.store.add(tx, row)
        await shop.store.apps.put(tx, id, rows(apps))
    stores = [(store.id, store.name) for store in await shop.call("stores.list")]
    await shop.catalog.show(stores, fresh=[id])


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[StoreHouse]:
    (tmp_path / "bundled").mkdir()
    async with open_stores(tmp_path / "home", tmp_path / "bundled") as opened:
        await put(opened, "one", APPS)
        yield opened


async def test_a_page(shop: StoreHouse) -> None:
    page: AppPage = await shop.call("catalog.list", limit=2, page=2)
    assert [app.name for app in page.apps] == ["Jellyfin", "Partial"]
    assert (page.total, page.page, page.limit) == (6, 2, 2)
    counts = {item.name: item.count for item in page.categories}
    assert counts == {"media": 2, "photos": 1, "network": 1, "games": 1, "other": 1}
    assert [(item.id, item.count) for item in page.stores] == [("talome", 0), ("one", 6)]
    assert shop.catalog.count("one") == 6, "what its store hides is not on offer"
    assert await shop.call("catalog.categories") == page.categories
    assert (await shop.call("catalog.list", page=1000)).apps == []


async def test_filters(shop: StoreHouse) -> None:
    assert await shop.names(category="media") == ["one:jellyfin", "one:plex"]
    assert await shop.names(compatible=False) == ["one:immich"]
    assert "one:immich" not in await shop.names(compatible=True)
    assert await shop.names(store="talome") == []
    shop.installed["one:plex"] = "plex-2"
    assert await shop.names(installed=True) == ["one:plex"]
    assert len(await shop.names(installed=False)) == 5
    [plex] = (await shop.call("catalog.list", installed=True)).apps
    assert plex.installed == "plex-2"
    with pytest.raises(Invalid):
        await shop.call("catalog.list", category="nonsense")
    with pytest.raises(Forbidden):
        await shop.call("catalog.list", STRANGER)


@pytest.mark.parametrize(
    ("search", "first"),
    [
        ("jellyfin", "jellyfin"),
        ("JELLY", "jellyfin"),
        ("jelyfin", "jellyfin"),
        ("jellyifn", "jellyfin"),
        ("imich", "immich"),
        ("adguardhome", "adguard-home"),
        ("ad guard", "adguard-home"),
        ("home adguard", "adguard-home"),
        ("pokemon", "pokedex"),
        ("photo", "immich"),
        ("fotos", None),
        ("advertisments", "adguard-home"),
        ("strem", "plex"),
        ("gone", None),
        ("zzzz", None),
        ("...", None),
    ],
)
async def test_search(shop: StoreHouse, search: str, first: str | None) -> None:
    found = await shop.names(search=search)
    assert (found[0].partition(":")[2] if found else None) == first


async def test_equal_fits_stand_in_the_order_of_the_stores(shop: StoreHouse) -> None:
    await put(shop, "two", [{"id": "jellyfin", "name": "Jellyfin"}, {"id": "only", "name": "Only here"}])
    assert (await shop.names(search="jellyfin"))[:2] == ["one:jellyfin", "two:jellyfin"]
    assert (await shop.call("catalog.get", id="jellyfin")).store == "one"
    assert (await shop.call("catalog.get", id="two:jellyfin")).store == "two"
    assert (await shop.call("catalog.get", id="only")).store_name == "Two"
    for missing in ("one:only", "three:jellyfin", "nothing"):
        with pytest.raises(NotFound):
            await shop.call("catalog.get", id=missing)
    with pytest.raises(Invalid):
        await shop.call("catalog.get", id="../x")


async def test_details(shop: StoreHouse) -> None:
    app = {
        "id": "whole", "name": "Whole", "description": "<b>Bold</b>", "icon": "icon.png",
        "screenshots": ["a.png", "b.png"], "notes": "Read this", "username": "admin",
        "passwordVariable": "PASSWORD", "architectures": ["amd64", "arm64"],
        "web": {"service": "web", "port": 80}, "fields": [{"name": "TZ", "label": "Time zone"}],
        "compose": {"services": {"web": {"image": "example.org/x:1"}, "db": {"image": "example.org/db:2"}}},
    }  # fmt: skip
    await put(shop, "one", [app])
    found = await shop.call("catalog.get", id="one:whole")
    assert found.icon == "/api/apps/one:whole/icon"
    assert found.screenshots == ["/api/apps/one:whole/screenshots/0", "/api/apps/one:whole/screenshots/1"]
    assert found.images == ["example.org/x:1", "example.org/db:2"]
    assert found.compose.startswith("services:\n  web:\n    image: example.org/x:1\n")
    assert (found.password_kind, found.username) == ("generated", "admin")
    assert found.fields[0].label == "Time zone"
    incompatible = await shop.call("catalog.get", id="immich")
    assert not incompatible.compatible
    assert "arm64" in str(incompatible.incompatible)
    partial = await shop.call("catalog.get", id="partial")
    assert (partial.lacks, partial.warnings_count) == (["A Bitcoin node"], 1)


def test_a_thousand_apps_are_searched_at_once() -> None:
    chance = random.Random(4)
    words = ["".join(chance.choices(string.ascii_lowercase, k=chance.randint(5, 10))) for _ in range(5000)]
    texts = [(" ".join(chance.sample(words, 2)), " ".join(chance.sample(words, 7)), "media") for _ in range(1000)]
    index = SearchIndex(texts)
    started = time.process_time()
    for number in range(100):
        name = texts[number][0]
        assert number in index.find(name[:-2] + name[-1])
    assert (time.process_time() - started) / 100 < 0.03  # the budget of 3 ms is measured by the benchmark


# --- pictures ---


@asynccontextmanager
async def client_of(app: web.Application) -> AsyncIterator[Any]:
    """Serves the application; yields a function that asks it for a path."""
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    address = f"http://127.0.0.1:{runner.addresses[0][1]}"
    async with aiohttp.ClientSession() as session:

        async def ask(path: str, **headers: str) -> tuple[int, Any, bytes]:
            async with session.get(URL(address + path, encoded=True), headers=headers) as answer:
                return answer.status, answer.headers, await answer.read()

        yield ask
    await runner.cleanup()


class Pictures:
    """A server of pictures on loopback."""

    def __init__(self) -> None:
        self.asked = 0
        self.content = PNG
        self.held = asyncio.Event()
        self.held.set()
        self.address = ""

    async def handle(self, request: web.Request) -> web.Response:
        self.asked += 1
        await self.held.wait()
        return web.Response(body=self.content, content_type="text/html")


@pytest.fixture
async def server() -> AsyncIterator[Pictures]:
    pictures = Pictures()
    app = web.Application()
    app.router.add_get("/{path:.*}", pictures.handle)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    pictures.address = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield pictures
    await runner.cleanup()


async def test_a_picture_is_fetched_once(shop: StoreHouse, server: Pictures) -> None:
    icon = f"{server.address}/icon"
    await put(
        shop, "lan", [{"id": "x", "name": "X", "icon": icon, "screenshots": [icon]}], url=f"{server.address}/repo"
    )
    server.held.clear()
    asking = [asyncio.create_task(shop.pictures.icon("lan:x")) for _ in range(20)]
    async with asyncio.timeout(5):
        while not server.asked:
            await asyncio.sleep(0.005)
    server.held.set()
    found = await asyncio.gather(*asking)
    assert {(picture.content, picture.content_type) for picture in found} == {(PNG, "image/png")}
    assert (await shop.pictures.screenshot("lan:x", 0)).content == PNG
    assert server.asked == 1


@pytest.mark.parametrize("content", [b"<html><script>", b"", bytes(LARGEST_BYTES + 1), b"GIF8"])
async def test_what_is_no_picture_is_not_asked_for_again(shop: StoreHouse, server: Pictures, content: bytes) -> None:
    server.content = content
    await put(shop, "lan", [{"id": "x", "name": "X", "icon": f"{server.address}/icon"}], url=server.address)
    for _ in range(5):
        with pytest.raises(NotFound):
            await shop.pictures.icon("lan:x")
    assert server.asked == 1


async def test_a_store_cannot_look_into_the_network(shop: StoreHouse, server: Pictures) -> None:
    await put(shop, "far", [{"id": "x", "name": "X", "icon": f"{server.address}/icon"}], url="https://example.org/repo")
    with pytest.raises(NotFound):
        await shop.pictures.icon("far:x")
    assert server.asked == 0


async def test_pictures_of_the_folder(shop: StoreHouse, tmp_path: Path) -> None:
    root = write(shop.home / "stores/near/s/files", {"apps/x/icon.png": PNG, "apps/y/icon.png": SVG, "secret.png": PNG})
    (root / "apps/x/link.png").symlink_to(root / "secret.png")
    (root / "apps/linked").symlink_to(tmp_path)
    paths = ["icon.png", "../../secret.png", "link.png", "/etc/passwd", "", "a/../icon.png", "\0", "file:///etc/passwd"]
    app = {"id": "x", "name": "X", "icon": "./icon.png", "screenshots": paths}
    await put(shop, "near", [app, {"id": "y", "name": "Y", "icon": "icon.png"}], folder="s/files")
    assert (await shop.pictures.icon("near:x")).content == PNG
    assert (await shop.pictures.screenshot("near:x", 0)).content == PNG
    for number in (*range(1, len(paths)), 100):
        with pytest.raises(NotFound):
            await shop.pictures.screenshot("near:x", number)
    assert (await shop.pictures.icon("y")).content_type == "image/svg+xml"


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (PNG, "image/png"),
        (b"\xff\xd8\xff\xe0" + bytes(9), "image/jpeg"),
        (b"GIF89a" + bytes(9), "image/gif"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp"),
        (b'\xef\xbb\xbf<?xml version="1.0"?>\n<!-- x --><svg/>', "image/svg+xml"),
        (b"<?xml version='1.0'?><html/>", None),
        (b"<html><svg>", None),
        (b"RIFF\x00\x00\x00\x00WAVE", None),
        (b"MZ", None),
    ],
)
def test_pictures_are_known_by_their_bytes(content: bytes, kind: str | None) -> None:
    assert picture_type(content) == kind


async def test_pictures_over_http(shop: StoreHouse) -> None:
    write(shop.home / "stores/near/s/files", {"apps/y/icon.png": SVG})
    await put(shop, "near", [{"id": "y", "name": "Y", "icon": "icon.png"}], folder="s/files")
    faces = AppPictures(shop.pictures)
    caller = ADMIN

    @web.middleware
    async def signed_in(request: web.Request, handler: Any) -> web.StreamResponse:
        request[CALLER] = caller
        try:
            answer: web.StreamResponse = await handler(request)
        except (Forbidden, NotFound) as error:
            return web.Response(status=error.status)
        return answer

    app = web.Application(middlewares=[signed_in])
    app.router.add_get("/api/apps/{id}/icon", faces.icon)
    app.router.add_get("/api/apps/{id}/screenshots/{number}", faces.screenshot)
    async with client_of(app) as ask:
        status, headers, body = await ask("/api/apps/near%3Ay/icon")
        assert (status, body) == (200, SVG)
        assert headers["Content-Type"] == "image/svg+xml"
        assert headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert (await ask("/api/apps/near:y/icon", **{"If-None-Match": headers["ETag"]}))[0] == 304
        for path in ("near:y/screenshots/0", "near:y/screenshots/x", "near:y/screenshots/9999", "nothing/icon"):
            assert (await ask(f"/api/apps/{path}"))[0] == 404
        caller = STRANGER
        assert (await ask("/api/apps/near:y/icon"))[0] == 403
