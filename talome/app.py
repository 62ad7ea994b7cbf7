"""The composition root: the one file that knows everything. Read top to bottom, it is the order of start; the stack
unwinds it for the stop."""

import asyncio
import logging
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from aiohttp import web

from talome import __version__
from talome.accounts.audit.api import AuditLogApi
from talome.accounts.audit.http import AuditExport
from talome.accounts.audit.service import AuditGate, AuditLog
from talome.accounts.audit.store import AuditStore
from talome.accounts.auth.api import AuthApi, SetupApi
from talome.accounts.auth.service import Auth
from talome.accounts.auth.setup import SetupCode
from talome.accounts.confirmation import Confirmation
from talome.accounts.credentials import Credentials
from talome.accounts.factors import service as factors_service
from talome.accounts.factors.api import FactorsApi
from talome.accounts.factors.own import OwnFactors
from talome.accounts.factors.service import SecondStep
from talome.accounts.factors.store import FactorsStore
from talome.accounts.keys.api import KeysApi
from talome.accounts.keys.service import ApiKeys, KeyDeleted
from talome.accounts.keys.store import KeysStore
from talome.accounts.sessions.api import SessionsApi
from talome.accounts.sessions.service import SessionEnded, Sessions
from talome.accounts.sessions.store import SessionsStore
from talome.accounts.throttle import Throttle
from talome.accounts.users.api import UsersApi
from talome.accounts.users.passwords import Passwords
from talome.accounts.users.service import RightsChanged, Users
from talome.accounts.users.store import UsersStore
from talome.accounts.users.watch import RightsWatch
from talome.core import log
from talome.core.db import Database
from talome.core.events import Events
from talome.core.hold import held
from talome.core.http.document import Document
from talome.core.http.live import Live
from talome.core.http.server import HttpServer, HttpSettings
from talome.core.http.serving import now_and_then, serving, until_told
from talome.core.jobs.service import Jobs
from talome.core.jobs.store import JobsStore
from talome.core.mcp.endpoint import Mcp
from talome.core.migrations import find_migrations
from talome.core.operations import Registry
from talome.core.secrets import Secrets, load_master
from talome.core.settings.boot import BootSettings
from talome.core.settings.service import Settings
from talome.core.settings.store import SettingsStore
from talome.core.tools import Tools, ToolsApi
from talome.dashboard.http import Dashboard
from talome.engines.cgroups import CgroupSampler
from talome.engines.docker.engine import Docker
from talome.engines.docker.protocol import ContainerEngine
from talome.engines.gpu import GpuProbe
from talome.engines.host import HostProbe
from talome.engines.processes import ProcessProbe
from talome.engines.webpush import WebPush
from talome.home.apps import opening as apps_opening
from talome.home.apps.api import AppsApi
from talome.home.apps.opening import Ground, open_apps
from talome.home.apps.service import Offer
from talome.home.apps.surroundings import architecture
from talome.home.containers import service as containers_service
from talome.home.containers.actions import ContainerActions
from talome.home.containers.api import ContainersApi
from talome.home.containers.logs import ContainerLogs
from talome.home.containers.mirror import Mirror
from talome.home.containers.own import find_own_container
from talome.home.containers.sampler import UsageSampler
from talome.home.containers.service import Containers
from talome.home.health.api import HealthApi
from talome.home.images.api import ImagesApi
from talome.home.images.service import Images
from talome.home.jobs.api import JobsApi
from talome.home.jobs.service import VisibleJobs
from talome.home.metrics import service as metrics_service
from talome.home.metrics.api import MetricsApi
from talome.home.metrics.service import History
from talome.home.metrics.store import MetricsStore
from talome.home.networks.api import NetworksApi
from talome.home.networks.service import Networks
from talome.home.notifications.api import NotificationsApi
from talome.home.notifications.service import Notifications
from talome.home.notifications.sources import ContainerNews, HouseNews
from talome.home.notifications.store import NotificationsStore, PlacesStore
from talome.home.push import service as push_service
from talome.home.push.api import PushApi
from talome.home.push.sender import PushSender
from talome.home.push.service import Push
from talome.home.push.store import PushStore
from talome.home.services.api import ServicesApi
from talome.home.services.parts import parts_of_talome
from talome.home.services.service import Services
from talome.home.settings.api import SettingsApi
from talome.home.stores import service as stores_service
from talome.home.stores.api import CatalogApi, StoresApi
from talome.home.stores.http import AppPictures
from talome.home.stores.opening import open_stores
from talome.home.system import health as health_service
from talome.home.system.api import SystemApi
from talome.home.system.health import HealthChecks
from talome.home.system.processes import Processes
from talome.home.system.service import System
from talome.home.system.watch import HealthWatch
from talome.home.terminal import service as terminal_service
from talome.home.terminal.api import TerminalsApi
from talome.home.terminal.http import TerminalSocket
from talome.home.terminal.keeper import Keeper
from talome.home.terminal.link import Launcher, TerminalLink
from talome.home.terminal.service import Terminals
from talome.home.volumes import service as volumes_service
from talome.home.volumes.api import VolumesApi
from talome.home.volumes.service import Volumes
from talome.home.volumes.trash import VolumeTrash
from talome.home.volumes.trashed import TrashedVolumes
from talome.home.widgets.api import WidgetsApi
from talome.home.widgets.service import Widgets
from talome.home.widgets.store import WidgetsStore

MIGRATED = (
    "talome.core.settings",
    "talome.core.jobs",
    "talome.accounts.users",
    "talome.accounts.sessions",
    "talome.accounts.factors",
    "talome.accounts.keys",
    "talome.accounts.audit",
    "talome.home.notifications",
    "talome.home.push",
    "talome.home.widgets",
    "talome.home.stores",
    "talome.home.apps",
)
METRICS_MIGRATED = ("talome.home.metrics",)
SETTINGS = (
    *factors_service.SETTINGS,
    *containers_service.SETTINGS,
    *metrics_service.SETTINGS,
    *health_service.SETTINGS,
    *terminal_service.SETTINGS,
    *push_service.SETTINGS,
    *volumes_service.SETTINGS,
    *stores_service.SETTINGS,
    *apps_opening.SETTINGS,
)
API_CLASSES = (
    HealthApi,
    SetupApi,
    AuthApi,
    FactorsApi,
    UsersApi,
    SessionsApi,
    KeysApi,
    AuditLogApi,
    ContainersApi,
    NetworksApi,
    ImagesApi,
    VolumesApi,
    SystemApi,
    MetricsApi,
    ServicesApi,
    SettingsApi,
    JobsApi,
    TerminalsApi,
    NotificationsApi,
    PushApi,
    WidgetsApi,
    StoresApi,
    CatalogApi,
    AppsApi,
    ToolsApi,
)
_log = logging.getLogger("talome")


@dataclass(frozen=True, slots=True)
class Kernel:
    """What every feature may be given."""

    settings: BootSettings
    events: Events
    db: Database
    metrics_db: Database
    secrets: Secrets
    user_settings: Settings
    jobs: Jobs
    audit: AuditLog
    registry: Registry


async def open_kernel(stack: AsyncExitStack, settings: BootSettings) -> Kernel:
    """Folder, secret, databases, events, settings, jobs and an empty registry."""
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
    audit = AuditLog(AuditStore(db))
    registry = Registry(AuditGate(audit))
    return Kernel(settings, events, db, metrics_db, secrets, user_settings, jobs, audit, registry)


async def open_accounts(stack: AsyncExitStack, kernel: Kernel) -> Credentials:
    """Users, sessions, keys and the audit log; returns what turns a token into a caller."""
    users_store = UsersStore(kernel.db)
    users = Users(users_store, Passwords(), kernel.secrets, kernel.registry.scopes)
    sessions = Sessions(SessionsStore(kernel.db), users, kernel.secrets, kernel.events)
    keys = ApiKeys(KeysStore(kernel.db), users, kernel.events)
    for feature in (RightsWatch(users_store, kernel.events), sessions, keys):
        await feature.start()
        stack.push_async_callback(feature.stop)
    setup_code = SetupCode(users, kernel.settings.setup_code_file)
    await setup_code.start()
    factors_store, throttle = FactorsStore(kernel.db), Throttle()
    confirmation = Confirmation(users, throttle)
    second_step = SecondStep(
        factors_store, users, kernel.secrets, lambda: bool(kernel.user_settings.get(factors_service.REQUIRED))
    )
    own_factors = OwnFactors(
        factors_store, users, sessions, confirmation=confirmation, step=second_step, secrets=kernel.secrets
    )
    auth = Auth(users, sessions, throttle, confirmation=confirmation, second_step=second_step, setup_code=setup_code)
    kernel.registry.add(
        SetupApi(users, setup_code),
        AuthApi(auth),
        FactorsApi(own_factors),
        UsersApi(users),
        SessionsApi(sessions),
        KeysApi(keys),
        AuditLogApi(kernel.audit),
    )
    await open_notifications(stack, kernel, users)
    return Credentials(sessions, keys)


async def open_notifications(stack: AsyncExitStack, kernel: Kernel, users: Users) -> None:
    """What happened while nobody looked. It listens before anything of the home begins to talk."""
    notifications = Notifications(NotificationsStore(kernel.db), users, kernel.events)
    containers = ContainerNews(notifications, kernel.events)
    stack.push_async_callback(containers.stop)
    for source in (containers, HouseNews(notifications, PlacesStore(kernel.db), kernel.events)):
        await source.start()
    web_push = WebPush()
    stack.push_async_callback(web_push.close)
    push = Push(PushStore(kernel.db), kernel.secrets, kernel.user_settings, web_push)
    await stack.enter_async_context(PushSender(push, kernel.events))
    kernel.registry.add(NotificationsApi(notifications), PushApi(push))


@dataclass(frozen=True, slots=True)
class Home:
    """What the HTTP server needs of the home."""

    terminals: Terminals
    app_pictures: AppPictures


async def open_home(stack: AsyncExitStack, kernel: Kernel, engine: ContainerEngine, credentials: Credentials) -> Home:
    """The machine: containers and what belongs to them, the system, its history and its health, terminals, apps."""
    mirror = await stack.enter_async_context(Mirror(engine, kernel.events))
    busy_s = kernel.user_settings.number
    sampler = await stack.enter_async_context(
        UsageSampler(CgroupSampler(), mirror, kernel.events, lambda: busy_s(containers_service.USAGE_INTERVAL))
    )
    containers = Containers(engine, mirror, sampler, kernel.events)
    actions = ContainerActions(engine, mirror, containers, kernel.jobs, find_own_container())
    system = System(HostProbe(), GpuProbe(), kernel.settings.home)
    trash = VolumeTrash(kernel.settings.home / "trash")
    volumes = Volumes(engine, containers, kernel.jobs, trash)
    trashed = TrashedVolumes(engine, containers, kernel.jobs, trash, kernel.user_settings)
    images = Images(engine, containers, kernel.jobs)
    await stack.enter_async_context(volumes)
    await stack.enter_async_context(trashed)
    history = History(MetricsStore(kernel.metrics_db), system, containers, kernel.user_settings)
    await stack.enter_async_context(history)
    checks = HealthChecks(system, containers, kernel.user_settings, kernel.db.check)
    await stack.enter_async_context(HealthWatch(checks, kernel.events))
    terminals = Terminals(TerminalLink(kernel.settings.home), containers, kernel.user_settings)
    launcher = Launcher(kernel.settings) if kernel.settings.start_terminal else None
    await stack.enter_async_context(Keeper(terminals, credentials.is_current, launcher))
    parts = parts_of_talome(kernel.db, containers, sampler, history, kernel.jobs)
    kernel.registry.add(
        HealthApi(),
        ContainersApi(containers, actions, ContainerLogs(engine, containers)),
        NetworksApi(Networks(engine, containers)),
        ImagesApi(images),
        VolumesApi(volumes, trashed),
        SystemApi(system, checks, Processes(ProcessProbe(), containers)),
        MetricsApi(history),
        ServicesApi(Services(containers, parts)),
        SettingsApi(kernel.user_settings),
        JobsApi(VisibleJobs(kernel.jobs, kernel.events)),
        TerminalsApi(terminals),
        WidgetsApi(Widgets(WidgetsStore(kernel.db), kernel.registry)),
        ToolsApi(Tools(kernel.registry)),
    )
    return Home(terminals, await open_store_and_apps(stack, kernel, engine, containers))


async def open_store_and_apps(
    stack: AsyncExitStack, kernel: Kernel, engine: ContainerEngine, containers: Containers
) -> AppPictures:
    """The catalog of all stores, and the apps that are installed from it."""
    boot, installed = kernel.settings, dict[str, str]()
    stores = await open_stores(
        stack, boot.home, kernel.db, kernel.jobs, kernel.user_settings, kernel.secrets,
        architecture=architecture(), installed=installed,
    )  # fmt: skip

    async def find(app: str, store: str | None) -> Offer:
        entry, _, manifest = await stores.catalog.manifest(f"{store}:{app}" if store else app)
        return Offer(entry.id, f"/api/apps/{entry.id}/icon" if manifest.icon else None, manifest)

    ground = Ground(
        boot.home, boot.docker_host, (boot.port, boot.terminal_port), kernel.db, kernel.jobs, kernel.events,
        kernel.user_settings, kernel.secrets, engine, containers,
    )  # fmt: skip
    kernel.registry.add(*stores.apis, await open_apps(stack, ground, find, installed))
    return stores.pictures


@asynccontextmanager
async def open_app(settings: BootSettings, engine: ContainerEngine | None = None) -> AsyncIterator[web.Application]:
    """The whole application, ready to be served; leaving the block stops it. `engine` is Docker unless given."""
    async with AsyncExitStack() as stack:
        kernel = await open_kernel(stack, settings)
        credentials = await open_accounts(stack, kernel)
        if engine is None:
            engine = Docker(settings.docker_host)
            stack.push_async_callback(engine.close)
        home = await open_home(stack, kernel, engine, credentials)
        await kernel.jobs.resume()
        stack.push_async_callback(kernel.jobs.stop)
        yield build_server(kernel, credentials, home)


def build_server(kernel: Kernel, credentials: Credentials, home: Home) -> web.Application:
    """HTTP over the registry, the live socket, the terminals' sockets, MCP and the dashboard."""
    boot = kernel.settings
    server = HttpServer(kernel.registry, credentials, HttpSettings(boot.domains, boot.trusted_proxies))
    server.add_route("GET", "/api/openapi.json", Document(kernel.registry, __version__).handle)
    server.add_route("GET", "/api/ws", Live(kernel.registry, server.connections).handle)
    server.add_route("*", "/mcp", Mcp(kernel.registry, server.connections, __version__).handle)
    server.add_route("GET", "/api/audit-log/export", AuditExport(kernel.registry, server.connections).handle)
    terminal_socket = TerminalSocket(kernel.registry, home.terminals.link, server.connections)
    server.add_route("GET", "/api/terminal/sessions/{id}/socket", terminal_socket.handle)
    server.add_route("GET", "/api/apps/{id}/icon", home.app_pictures.icon)
    server.add_route("GET", "/api/apps/{id}/screenshots/{number}", home.app_pictures.screenshot)
    server.add_pages(Dashboard().handle)

    async def recheck_streams(_: object) -> None:
        await server.connections.end_unless(credentials.is_current)
        await home.terminals.recheck(credentials.is_current)

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
        _log.info("Talome %s serves %s as %s", __version__, ", ".join(addresses), socket.gethostname())
        await told.wait()
        _log.info("Talome stops")
