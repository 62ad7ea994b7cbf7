"""An exported app runs with plain Compose, in another place and without Talome."""

import asyncio
import io
import subprocess
import zipfile
from pathlib import Path

import aiohttp
import pytest

from talome.engines.compose import find_compose
from tests.home.apps.shop import Apps
from tests.support.docker_engine import EngineDaemon
from tests.support.house import Person

pytestmark = [pytest.mark.docker, pytest.mark.timeout(180)]


def compose(folder: Path, daemon: EngineDaemon, *arguments: str) -> None:
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(folder), "DOCKER_HOST": daemon.host}
    argv = [*find_compose().command, *arguments]
    done = subprocess.run(argv, cwd=folder, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr


async def page(person: Person) -> str:
    async with asyncio.timeout(20):
        while True:
            try:
                async with person.http.get("http://127.0.0.1:18080/") as answer:
                    return (await answer.text()).strip()
            except aiohttp.ClientError:  # its web server is up a moment after its container
                await asyncio.sleep(0.05)


async def test_an_exported_app_runs_without_talome(apps: Apps, tmp_path: Path, clean_daemon: EngineDaemon) -> None:
    await apps.install(env={"PIN": "it's $ecret"})
    (apps.data() / "state" / "photo.jpg").write_bytes(b"a photo")
    done = await apps.ended(await apps.person.post("/api/apps/shop/export", {"withData": True}))
    assert done["state"] == "done", done
    assert await apps.page() == "1.0", "it runs on"
    signed_in = {"Authorization": f"Bearer {apps.person.token}"}
    async with apps.person.http.get(f"{apps.person.base}/api/apps/shop/export", headers=signed_in) as answer:
        assert answer.status == 200
        content = await answer.read()
    assert (await apps.ended(await apps.person.delete("/api/apps/shop?keep_data=false")))["state"] == "done"

    [exported] = (apps.home / "exports").iterdir()
    elsewhere = exported.rename(tmp_path / "elsewhere")
    assert "talome." not in (elsewhere / "compose.yml").read_text()
    assert (elsewhere / "data" / "state" / "photo.jpg").read_bytes() == b"a photo"
    assert (elsewhere / "volumes" / "shop_kept.tar").is_file()
    compose(elsewhere, clean_daemon, "up", "-d")
    assert await page(apps.person) == "1.0"
    assert "PIN=it's $ecret" in clean_daemon.api.inspect_container("shop-web-1")["Config"]["Env"]
    compose(elsewhere, clean_daemon, "down", "-v")

    fresh = tmp_path / "fresh"
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        archive.extractall(fresh)
    assert not (fresh / "shop" / "data" / "state" / "photo.jpg").exists()
    compose(fresh / "shop", clean_daemon, "up", "-d")
    assert await page(apps.person) == "1.0"
    compose(fresh / "shop", clean_daemon, "down", "-v")


async def test_a_download_is_for_who_may_change_the_app(apps: Apps) -> None:
    assert (await apps.person.get("/api/apps/no-such-app/export")).status == 404
    assert (await apps.person.get("/api/apps/..%2f..%2fetc/export")).status in (400, 404)
