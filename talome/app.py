"""The composition root: the one file that knows everything. Read top to bottom, it is the order of start; the stack
unwinds it for the stop."""

import asyncio
import logging
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager

from aiohttp import web

from talome import __version__
from talome.accounts import opening as accounts
from talome.accounts.audit.http import AuditExport
from talome.accounts.audit.service import AuditGate, AuditLog
from talome.accounts.audit.store import AuditStore
from talome.accounts.credentials import Credentials
from talome.accounts.keys.service import KeyDeleted
from talome.accounts.sessions.service import SessionEnded
from talome.accounts.users.service import RightsChanged
from talome.core import lean, log
from talome.core.db import Database
from talome.core.events import Events
from talome.core.hold import held
from talome.core.http.document import Document
from talome.core.http.live import Live
from talome.core.http.server import HttpServer, HttpSettings
from talome.core.http.serving import now_and_then, serving, until_told
from talome.core.jobs.service import Jobs
from talome.core.jobs.store import JobsStore
from talome.core.kernel import Kernel
from talome.core.mcp.endpoint import Mcp
from talome.core.migrations import find_migrations
from talome.core.operations import Caller, Registry
from talome.core.secrets import Secrets, load_master
from talome.core.settings.boot import BootSettings
from talome.core.settings.service import Settings
from talome.core.settings.store import SettingsStore
from talome.dashboard.http import Dashboard
from talome.engines.docker.engine import Docker
from talome.engines.docker.protocol import ContainerEngine
from talome.gateway import opening as gateway
from talome.home import opening as home
from talome.home.search.finders import FoundNote, NotesFinder
from talome.home.terminal.http import RecordingFile, TerminalSocket
from talome.memory import opening as memory
from talome.memory.vault.service import Vault, Wanted

AREAS = (accounts, gateway, memory, home)
MIGRATED = ("talome.core.settings", "talome.core.jobs", *(name for area in AREAS for name in area.MIGRATED))
METRICS_MIGRATED = home.METRICS_MIGRATED
SETTINGS = tuple(setting for area in AREAS for setting in area.SETTINGS)
API_CLASSES = tuple(api for area in AREAS for api in area.APIS)
_log = logging.getLogger("talome")


async def open_kernel(stack: AsyncExitStack, settings: BootSettings) -> tuple[Kernel, AuditLog]:
    """Folder, secret, databases, events, settings, jobs, and an empty registry with its audit log."""
    stack.enter_context(held(settings.home, ".lock", f"Another Talome is running with the folder {settings.home}."))
    secrets = Secrets(load_master(settings.secret, settings.home / "secret"))
    events = Events()
    stack.push_async_callback(events.stop)
    db = Database(settings.database, events)
    stack.push_async_callback(db.close)
    await db.open(find_migrations(*MIGRATED))
    metrics_db = Database(settings.metrics_database, events, durable=False, readers=1)
    stack.push_async_callback(metrics_db.close)
    await metrics_db.open(find_migrations(*METRICS_MIGRATED))
    user_settings = Settings(SettingsStore(db), secrets, SETTINGS)
    await user_settings.load()
    jobs = Jobs(JobsStore(db))
    stack.push_async_callback(jobs.stop)
    audit = AuditLog(AuditStore(db))
    registry = Registry(AuditGate(audit))
    return Kernel(settings, events, db, metrics_db, secrets, user_settings, jobs, registry), audit


@asynccontextmanager
async def open_app(settings: BootSettings, engine: ContainerEngine | None = None) -> AsyncIterator[web.Application]:
    """The whole application, ready to be served; leaving the block stops it. `engine` is Docker unless given."""
    async with AsyncExitStack() as stack:
        kernel, audit = await open_kernel(stack, settings)
        people = await accounts.open_accounts(stack, kernel, audit)
        await home.open_notifications(stack, kernel, people.users)
        if engine is None:
            engine = Docker(settings.docker_host)
            stack.push_async_callback(engine.close)
        models = await gateway.open_gateway(stack, kernel, people)
        vault = await memory.open_memory(stack, kernel, people, models.inference, models.embedder)
        machine = await home.open_home(stack, kernel, engine, people.credentials, people.users)
        machine.search.add(NotesFinder(notes_of(vault.vault)))
        await kernel.jobs.resume()
        stack.push_async_callback(kernel.jobs.stop)
        yield build_server(kernel, people.credentials, machine, models, vault)


def notes_of(vault: Vault) -> Callable[[Caller, str, int], Awaitable[list[FoundNote]]]:
    """The memory's notes for the search of the home: those that hold the words."""

    async def find(caller: Caller, words: str, most: int) -> list[FoundNote]:
        found = (await vault.search(caller, Wanted(words, limit=most))).data
        return [FoundNote(it.id, it.title, it.content, it.updated_at) for it in found if it.keyword_score > 0]

    return find


def build_server(
    kernel: Kernel,
    credentials: Credentials,
    machine: home.Home,
    models: gateway.Gateway,
    vault: memory.Memory,
) -> web.Application:
    """HTTP over the registry, the live socket, the terminals' sockets, MCP and the dashboard."""
    boot = kernel.settings
    server = HttpServer(
        kernel.registry, credentials, HttpSettings(boot.domains, boot.trusted_proxies), models.limits.admit
    )
    server.add_route("GET", "/api/openapi.json", Document(kernel.registry, __version__).handle)
    server.add_route("GET", "/api/ws", Live(kernel.registry, server.connections).handle)
    server.add_route("*", "/mcp", Mcp(kernel.registry, server.connections, __version__).handle)
    server.add_route("GET", "/api/audit-log/export", AuditExport(kernel.registry, server.connections).handle)
    terminal_socket = TerminalSocket(kernel.registry, machine.terminals.link, server.connections)
    server.add_route("GET", "/api/terminal/sessions/{id}/socket", terminal_socket.handle)
    recording = RecordingFile(kernel.registry, machine.terminals.recordings, server.connections)
    server.add_route("GET", "/api/terminal/recordings/{name}", recording.handle)
    server.add_route("GET", "/api/apps/{id}/icon", machine.app_pictures.icon)
    server.add_route("GET", "/api/apps/{id}/export", machine.app_download.handle)
    server.add_route("GET", "/api/user-apps/{id}/export", machine.user_app_export.handle)
    server.add_route("GET", "/api/apps/{id}/screenshots/{number}", machine.app_pictures.screenshot)
    machine.files.add_to(server)
    machine.shares.add_to(server)
    models.add_to(server)
    vault.add_to(server)
    server.add_pages(Dashboard().handle)

    async def recheck_streams(_: object) -> None:
        await server.connections.end_unless(credentials.is_current)
        await machine.terminals.recheck(credentials.is_current)

    for ending in (RightsChanged, SessionEnded, KeyDeleted):
        kernel.events.on(ending, recheck_streams)

    async def let_streams_go(_: web.Application) -> None:
        server.connections.end_all()

    now_and_then(server.app, recheck_streams)  # a session that simply expires tells nobody
    server.app.on_shutdown.append(let_streams_go)
    return server.app


@asynccontextmanager
async def serve(settings: BootSettings, engine: ContainerEngine | None = None) -> AsyncIterator[list[str]]:
    """Serve for the time of the block; yields the addresses, such as `http://0.0.0.0:4000`."""
    async with open_app(settings, engine) as app, serving(app, settings.bind, settings.port) as addresses:
        yield addresses


def main(settings: BootSettings) -> None:
    """Serve until SIGTERM or SIGINT."""
    log.configure(settings.log_level)
    asyncio.run(_serve_until_told(settings))


async def _serve_until_told(settings: BootSettings) -> None:
    async with until_told() as told, serve(settings) as addresses:
        lean.end_loading()
        _log.info("Talome %s serves %s as %s", __version__, ", ".join(addresses), socket.gethostname())
        await told.wait()
        _log.info("Talome stops")
