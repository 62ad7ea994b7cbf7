"""A small store with an app that serves a page and counts its starts, and images of it in a real registry."""

import asyncio
import io
import json
import tarfile
import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.support.docker_engine import EngineDaemon, busybox_tar
from tests.support.house import Answer, House, Person
from tests.support.registry import Registry

Files = Mapping[str, bytes | Path]
APP = """
id: shop
name: Shop
version: "{version}"
tagline: A page that counts its starts
description: It serves a page.
category: other
icon: icon.svg
web: {{service: web, port: 8080, path: /}}
probe: {{path: /, patience_s: {patience_s}}}
fields:
  - {{name: TITLE, label: Title, default: "A shop"}}
  - {{name: PIN, label: Pin, kind: password}}
variables:
  - {{name: TITLE, parts: [{{field: TITLE}}]}}
  - {{name: PIN, parts: [{{field: PIN}}]}}
  - {{name: DB_PASSWORD, parts: [{{secret: DB_PASSWORD}}]}}
"""
COMPOSE = """
services:
  web:
    image: {image}
    environment:
      TITLE: ${{TITLE}}
      PIN: ${{PIN}}
      DB_PASSWORD: ${{DB_PASSWORD}}
    ports: ["18080:8080"]
    stop_grace_period: 1s
    volumes:
      - ${{APP_DATA_DIR}}/state:/state
      - kept:/kept
volumes:
  kept:
"""
SERVES = (
    "echo {mark} >> /state/starts; echo {mark} >> /kept/starts; mkdir -p /www; echo {mark} > /www/index.html; "
    "trap 'exit 0' TERM; httpd -f -p 8080 -h /www & wait"
)
ENDS = "echo {mark} >> /state/starts; echo {mark} >> /kept/starts; echo the cellar is flooded; exit 3"
ICON = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64"><rect width="64" height="64" rx="14"/></svg>'


def push_image(daemon: EngineDaemon, name: str, script: str, files: Files | None = None) -> None:
    """A busybox that runs the script, with `files` of its own by their paths in it; the engine keeps nothing."""
    repository, _, tag = name.rpartition(":")
    content = io.BytesIO(busybox_tar())
    with tarfile.open(fileobj=content, mode="a", dereference=True) as tar:
        for path, file in (files or {}).items():
            if isinstance(file, Path):
                tar.add(file, path)
                continue
            entry = tarfile.TarInfo(path)
            entry.size = len(file)
            tar.addfile(entry, io.BytesIO(file))
    daemon.api.import_image_from_data(
        content.getvalue(), repository=repository, tag=tag, changes=[f"CMD {json.dumps(['sh', '-c', script])}"]
    )
    said = daemon.api.push(name, auth_config={"username": "x", "password": "x"})
    assert "error" not in said, said
    daemon.api.remove_image(name, force=True)


class Shop:
    """`folder` is the store; `release` puts a version into it, `push` an image into the registry."""

    def __init__(self, folder: Path, daemon: EngineDaemon, registry: Registry) -> None:
        self.folder = folder
        self._daemon = daemon
        self._registry = registry

    def image(self, tag: str) -> str:
        return f"{self._registry.address}/shop:{tag}"

    def push(self, tag: str, *, mark: str = "", command: str = SERVES, files: Files | None = None) -> None:
        """The image is only in the registry afterwards."""
        push_image(self._daemon, self.image(tag), command.format(mark=mark or tag), files)

    def release(self, version: str, *, tag: str | None = None, patience_s: int = 30, via: str = "") -> None:
        """`via` is what stands before the registry."""
        app = self.folder / "apps" / "shop"
        app.mkdir(parents=True, exist_ok=True)
        image = self.image(tag or version).replace(self._registry.address, via or self._registry.address)
        (app / "app.yml").write_text(textwrap.dedent(APP.format(version=version, patience_s=patience_s)))
        (app / "compose.yml").write_text(COMPOSE.format(image=image))
        (app / "icon.svg").write_text(ICON)


class Apps:
    """What a person does with apps over HTTP."""

    def __init__(self, house: House) -> None:
        self.person: Person = house.admin
        self.home = house.settings.home
        self.store = ""

    async def ended(self, answer: Answer) -> Mapping[str, Any]:
        """The job of an answer, as soon as it has ended."""
        assert answer.status == 200, answer.text
        return await self.end_of(answer.json["id"])

    async def end_of(self, job: str) -> Mapping[str, Any]:
        async with asyncio.timeout(90):
            while (found := (await self.person.get(f"/api/jobs/{job}")).json)["finishedAt"] is None:
                await asyncio.sleep(0.05)
        return found

    async def add_store(self, folder: Path, kind: str = "talome") -> str:
        """Its id, once it is synced."""
        added = await self.person.post("/api/stores", {"url": str(folder), "type": kind})
        assert added.status == 201, added.text
        job = await self.end_of(added.json["job"]["id"])
        assert job["state"] == "done", job
        return added.json["store"]["id"]

    async def sync(self, store: str) -> None:
        job = await self.ended(await self.person.post(f"/api/stores/{store}/sync"))
        assert job["state"] == "done", job

    async def install(self, app: str = "shop", **more: Any) -> Mapping[str, Any]:
        return await self.ended(await self.person.post("/api/apps/install", {"appId": app, **more}))

    async def page(self, app: str = "shop") -> str:
        """What the app itself answers, where "Open" leads."""
        shown = (await self.person.get(f"/api/apps/installed/{app}")).json
        url = shown["url"].replace("{host}", "127.0.0.1")
        async with self.person.http.get(url) as answer:
            return (await answer.text()).strip()

    def data(self, app: str = "shop") -> Path:
        return self.home / "apps" / app / "data"
