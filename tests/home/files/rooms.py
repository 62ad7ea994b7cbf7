"""Files as the server puts them together, over a real database, real jobs and a real HTTP server, with three people:
ada, an administrator; ben, who may write in `pool` and read in `books`; and cleo, who may do nothing anywhere."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import aiohttp
from aiohttp import web

from talome.core.db import Database
from talome.core.errors import Unauthenticated
from talome.core.events import Events
from talome.core.http.server import HttpServer, HttpSettings
from talome.core.jobs.service import Jobs
from talome.core.jobs.store import JobRow, JobsStore
from talome.core.kernel import Kernel
from talome.core.migrations import find_migrations
from talome.core.operations import Caller, Registry
from talome.core.secrets import Secrets
from talome.core.settings.boot import BootSettings
from talome.core.settings.service import Settings
from talome.core.settings.store import SettingsStore
from talome.home.files.models import RootGrant
from talome.home.files.opening import SETTINGS, OpenFiles, open_files
from talome.home.jobs.api import JobsApi
from talome.home.jobs.service import VisibleJobs
from tests.home.house import OpenGate

MEMBER = frozenset({"files:read", "files:write", "jobs:read"})
RIGHTS = {"usr_ada": frozenset({"*"}), "usr_ben": MEMBER, "usr_cleo": MEMBER}
ADA = Caller("usr_ada", "ada", "user", frozenset({"*"}), session_id="ada")
BEN = Caller("usr_ben", "ben", "user", MEMBER, session_id="ben")
CLEO = Caller("usr_cleo", "cleo", "user", MEMBER, session_id="cleo")
PEOPLE = {"ada": ADA, "ben": BEN, "cleo": CLEO}


@dataclass
class Answer:
    status: int
    headers: Any
    body: bytes
    json: Any = None


@dataclass
class Client:
    """Somebody who speaks HTTP; the token is their name."""

    base: str
    http: aiohttp.ClientSession
    name: str | None

    async def ask(self, method: str, path: str, **more: Any) -> Answer:
        headers = {**({"Authorization": f"Bearer {self.name}"} if self.name else {}), **more.pop("headers", {})}
        async with self.http.request(method, self.base + path, headers=headers, **more) as response:
            body = await response.read()
            is_json = response.content_type == "application/json" and body
            return Answer(response.status, response.headers.copy(), body, await response.json() if is_json else None)

    async def get(self, path: str, /, **query: str) -> Answer:
        asked = "&".join(f"{name}={quote(value, safe='')}" for name, value in query.items())
        return await self.ask("GET", f"{path}?{asked}" if asked else path)

    async def post(self, path: str, /, **body: Any) -> Answer:
        return await self.ask("POST", path, json=body)


@dataclass
class Rooms:
    """The house: `pool` and `books` are folders of its two roots."""

    open: OpenFiles
    jobs: Jobs
    settings: Settings
    kernel: Kernel
    pool: Path
    books: Path
    home: Path
    base: str
    http: aiohttp.ClientSession
    gone: set[str]

    def client(self, name: str | None) -> Client:
        return Client(self.base, self.http, name)

    async def ended(self, job: Any) -> JobRow:
        return await self.jobs.ended(job.id if hasattr(job, "id") else job["id"])


class Tokens:
    """Whoever names themselves is who they say, until they are in `gone`."""

    def __init__(self, gone: set[str]) -> None:
        self._gone = gone

    async def authenticate(self, token: str) -> Caller:
        if token not in PEOPLE or token in self._gone:
            raise Unauthenticated("Sign in.")
        return PEOPLE[token]

    async def authenticate_cookie(self, cookie: str, proof: str) -> Caller:
        raise Unauthenticated("Sign in.")


async def rights(user_id: str) -> frozenset[str]:
    return RIGHTS.get(user_id, frozenset())


@asynccontextmanager
async def open_rooms(folder: Path, pool: Path | None = None) -> AsyncIterator[Rooms]:
    """May be opened again over the same folder."""
    home, books = folder / "home", folder / "books"
    pool = pool or folder / "pool"
    for each in (home, pool, books):
        each.mkdir(exist_ok=True)
    async with AsyncExitStack() as stack:
        events = Events()
        stack.push_async_callback(events.stop)
        database = Database(home / "talome.db", events)
        await database.open(find_migrations("talome.core.jobs", "talome.core.settings", "talome.home.files"))
        stack.push_async_callback(database.close)
        secrets = Secrets(b"0" * 32)
        settings = Settings(SettingsStore(database), secrets, SETTINGS)
        await settings.load()
        jobs = Jobs(JobsStore(database))
        registry = Registry(OpenGate())
        boot = BootSettings(home=home)
        kernel = Kernel(boot, events, database, database, secrets, settings, jobs, registry)
        gone: set[str] = set()

        async def is_current(caller: Caller) -> bool:
            return caller.name not in gone

        opened = await open_files(stack, kernel, rights, is_current)
        registry.add(*opened.apis, JobsApi(VisibleJobs(jobs, events)))
        if opened.roots.get("pool") is None:
            grants = [RootGrant(user_id="usr_ben", access="write")]
            more = {"everyone": "none", "uid": None, "gid": None}
            await opened.roots.add(ADA, "pool", name="Pool", folder=str(pool), grants=grants, **more)
            grants = [RootGrant(user_id="usr_ben", access="read")]
            await opened.roots.add(ADA, "books", name="Books", folder=str(books), grants=grants, **more)
        await jobs.resume()
        stack.push_async_callback(jobs.stop)
        server = HttpServer(registry, Tokens(gone), HttpSettings())
        opened.add_to(server)
        runner = web.AppRunner(server.app, access_log=None, handler_cancellation=True, auto_decompress=False)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        host, port = runner.addresses[0][:2]
        http = await stack.enter_async_context(aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()))
        yield Rooms(opened, jobs, settings, kernel, pool, books, home, f"http://{host}:{port}", http, gone)


def cut_at(rooms: Rooms, name: str, when: str) -> Any:
    """Stop the house around a step."""
    kinds = rooms.jobs._kinds
    reached = asyncio.Event()

    def around(step: Any) -> Any:
        async def run(arguments: dict[str, Any]) -> Any:
            if when == "after":
                await step.run(arguments)
            reached.set()
            await asyncio.Event().wait()

        return replace(step, run=run)

    for verb, kind in list(kinds.items()):
        steps = {each: around(step) if each == name else step for each, step in kind.steps.items()}
        kinds[verb] = replace(kind, steps=steps)

    async def wait(job_id: str) -> bool:
        ended = asyncio.ensure_future(rooms.jobs.ended(job_id))
        waiting = asyncio.ensure_future(reached.wait())
        await asyncio.wait({ended, waiting}, return_when=asyncio.FIRST_COMPLETED)
        for task in (ended, waiting):
            task.cancel()
        return reached.is_set()

    return wait
