"""A whole Talome on a free port of this machine, with the fake engine unless told otherwise, and clients for it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web_app

from talome.app import serve
from talome.core.settings.boot import BootSettings
from talome.engines.docker.protocol import ContainerEngine

ADMIN, PASSWORD = "ada", "correct horse battery"
SECRET = "5e" * 32


@dataclass
class Answer:
    """What came back; `json` is None where the body is not JSON."""

    status: int
    headers: Any
    text: str
    json: Any = None


@dataclass
class Person:
    """Somebody with a credential, or nobody. Every call is a request of its own over real TCP."""

    base: str
    http: aiohttp.ClientSession
    token: str | None = None
    headers: dict[str, str] = field(default_factory=dict)

    def _headers(self, more: dict[str, str] | None) -> dict[str, str]:
        bearer = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        return {**bearer, **self.headers, **(more or {})}

    async def call(self, method: str, path: str, json: Any = None, headers: dict[str, str] | None = None, **more: Any):
        kwargs = more if json is None else {"json": json, **more}
        async with self.http.request(method, self.base + path, headers=self._headers(headers), **kwargs) as response:
            text = await response.text()
            body = await response.json() if response.content_type == "application/json" else None
            return Answer(response.status, response.headers.copy(), text, body)

    async def get(self, path: str, **more: Any) -> Answer:
        return await self.call("GET", path, **more)

    async def post(self, path: str, json: Any = None, **more: Any) -> Answer:
        return await self.call("POST", path, {} if json is None else json, **more)

    async def put(self, path: str, json: Any, **more: Any) -> Answer:
        return await self.call("PUT", path, json, **more)

    async def delete(self, path: str, **more: Any) -> Answer:
        return await self.call("DELETE", path, **more)

    def live(self, **more: Any):
        return self.http.ws_connect(f"{self.base}/api/ws", headers=self._headers(more.pop("headers", None)), **more)


@dataclass
class House:
    base: str
    settings: BootSettings
    nobody: Person
    admin: Person

    def person(self, token: str | None = None) -> Person:
        return Person(self.base, self.nobody.http, token)

    async def sign_in(self, username: str, password: str) -> Person:
        answer = await self.nobody.post("/api/auth/login", {"username": username, "password": password})
        assert answer.status == 200, answer.text
        return self.person(answer.json["token"])

    async def member(self, username: str = "ben", permissions: list[str] | None = None) -> Person:
        body: dict[str, Any] = {"username": username, "password": PASSWORD}
        if permissions is not None:
            body["permissions"] = permissions
        answer = await self.admin.post("/api/users", body)
        assert answer.status == 201, answer.text
        return await self.sign_in(username, PASSWORD)

    async def key(self, scopes: list[str], owner: Person | None = None) -> Person:
        answer = await (owner or self.admin).post("/api/keys", {"name": "script", "scopes": scopes})
        assert answer.status == 201, answer.text
        return self.person(answer.json["token"])


def boot_settings(home: Path, **changes: Any) -> BootSettings:
    return BootSettings(
        home=home, **{"port": 0, "bind": "127.0.0.1", "secret": SECRET, "log_level": "debug", **changes}
    )


@asynccontextmanager
async def open_house(home: Path, engine: ContainerEngine | None, **changes: Any) -> AsyncIterator[House]:
    """A running Talome with its first administrator signed in."""
    settings = boot_settings(home, **changes)
    try:
        async with (
            serve(settings, engine) as (address,),
            aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http,
        ):
            nobody = Person(address, http)
            house = House(address, settings, nobody, nobody)
            house.admin = await house.sign_in(ADMIN, PASSWORD)
            yield house
    finally:  # aiohttp keeps the last thousand handlers, and each of them the whole house that it belongs to
        web_app._cached_build_middleware.cache_clear()
