"""Puts the home together. Read top to bottom, it is the order of start."""

from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from talome.accounts.credentials import Credentials
from talome.accounts.users.service import Users
from talome.core.kernel import Kernel
from talome.core.tools import Tools, ToolsApi
from talome.engines.cgroups import CgroupSampler
from talome.engines.docker.protocol import ContainerEngine
from talome.engines.gpu import GpuProbe
from talome.engines.host import HostProbe
from talome.engines.processes import ProcessProbe
from talome.engines.webpush import WebPush
from talome.home.adopt.api import AdoptApi
from talome.home.adopt.service import Adopt
from talome.home.apps import opening as apps_opening
from talome.home.apps.api import AppsApi
from talome.home.apps.http import AppDownload
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
from talome.home.files import opening as files_opening
from talome.home.files.api import FileRootsApi, FilesApi
from talome.home.files.opening import OpenFiles, open_files, rights_of
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
from talome.home.registries.api import RegistriesApi
from talome.home.registries.service import Registries
from talome.home.registries.store import RegistriesStore
from talome.home.search import opening as search_opening
from talome.home.search.api import SearchApi
from talome.home.search.finders import AppsFinder, ContainersFinder, StoreFinder
from talome.home.search.opening import open_search
from talome.home.search.service import Search
from talome.home.services.api import ServicesApi
from talome.home.services.parts import parts_of_talome
from talome.home.services.service import Services
from talome.home.settings.api import SettingsApi
from talome.home.shares import opening as shares_opening
from talome.home.shares.api import SharesApi
from talome.home.shares.opening import OpenShares, open_shares
from talome.home.stacks.api import StacksApi
from talome.home.stacks.opening import open_stacks
from talome.home.storage import opening as storage_opening
from talome.home.storage.api import StorageApi
from talome.home.storage.clearable import FileTrash
from talome.home.storage.opening import open_storage
from talome.home.stores import service as stores_service
from talome.home.stores.api import CatalogApi, StoresApi, StoreScriptsApi
from talome.home.stores.community.api import CommunityApi
from talome.home.stores.community.opening import open_user_apps
from talome.home.stores.http import AppPictures
from talome.home.stores.opening import open_stores
from talome.home.stores.own.api import UserAppsApi
from talome.home.stores.own.http import UserAppExport
from talome.home.system import health as health_service
from talome.home.system.api import SystemApi
from talome.home.system.health import HealthChecks
from talome.home.system.processes import Processes
from talome.home.system.service import System
from talome.home.system.watch import HealthWatch
from talome.home.terminal import service as terminal_service
from talome.home.terminal.api import TerminalsApi
from talome.home.terminal.keeper import Keeper
from talome.home.terminal.link import Launcher, TerminalLink
from talome.home.terminal.recordings import Recordings
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
    "talome.home.notifications",
    "talome.home.push",
    "talome.home.widgets",
    "talome.home.stores",
    "talome.home.stores.community",
    "talome.home.apps",
    "talome.home.registries",
    "talome.home.storage",
    "talome.home.shares",
    "talome.home.files",
)
METRICS_MIGRATED = ("talome.home.metrics",)
SETTINGS = (
    *containers_service.SETTINGS,
    *metrics_service.SETTINGS,
    *health_service.SETTINGS,
    *terminal_service.SETTINGS,
    *push_service.SETTINGS,
    *volumes_service.SETTINGS,
    *stores_service.SETTINGS,
    *apps_opening.SETTINGS,
    *files_opening.SETTINGS,
    *search_opening.SETTINGS,
    *shares_opening.SETTINGS,
)
APIS = (
    HealthApi,
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
    StoreScriptsApi,
    AppsApi,
    AdoptApi,
    StacksApi,
    UserAppsApi,
    CommunityApi,
    RegistriesApi,
    StorageApi,
    FilesApi,
    FileRootsApi,
    SharesApi,
    SearchApi,
    ToolsApi,
)


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
    """What the server needs of the home."""

    terminals: Terminals
    files: OpenFiles
    shares: OpenShares
    search: Search
    app_pictures: AppPictures
    user_app_export: UserAppExport
    app_download: AppDownload


async def open_home(
    stack: AsyncExitStack, kernel: Kernel, engine: ContainerEngine, credentials: Credentials, users: Users
) -> Home:
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
    recordings = Recordings(kernel.settings.home / "recordings")
    terminals = Terminals(TerminalLink(kernel.settings.home), containers, kernel.user_settings, recordings)
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
    files = await open_files(stack, kernel, rights_of(kernel, users), credentials.is_current)
    kernel.registry.add(*files.apis)
    on_disks = storage_opening.Ground(system, history, engine, images, volumes, trashed)
    shares = await open_shares(stack, kernel, users, files.ground, files.trash)

    file_trash = FileTrash(kernel.jobs, files.roots, files.trash)

    def folders() -> list[tuple[str, Path]]:
        return [(row.name, Path(row.folder)) for row in files.roots.all()]

    kernel.registry.add(shares.api, await open_storage(stack, kernel, on_disks, folders, file_trash))
    search = await open_search(stack, kernel, files.roots, ContainersFinder(containers))
    in_stores = await open_store_and_apps(stack, kernel, engine, containers, search)
    return Home(terminals, files, shares, search, *in_stores)


async def open_store_and_apps(
    stack: AsyncExitStack, kernel: Kernel, engine: ContainerEngine, containers: Containers, search: Search
) -> tuple[AppPictures, UserAppExport, AppDownload]:
    """The catalog of all stores, and the apps that are installed from it."""
    boot, installed = kernel.settings, dict[str, str]()
    registries = Registries(RegistriesStore(kernel.db), kernel.secrets, engine)
    stores = await open_stores(
        stack, boot.home, kernel.db, kernel.jobs, kernel.user_settings, kernel.secrets,
        engine=engine, architecture=architecture(), installed=installed,
    )  # fmt: skip

    async def find(app: str, store: str | None) -> Offer:
        entry, _, manifest = await stores.catalog.manifest(f"{store}:{app}" if store else app)
        return Offer(entry.id, f"/api/apps/{entry.id}/icon" if manifest.icon else None, manifest)

    ground = Ground(
        boot.home, boot.docker_host, (boot.port, boot.terminal_port), kernel.db, kernel.jobs, kernel.events,
        kernel.user_settings, kernel.secrets, engine, containers, registries,
    )  # fmt: skip
    opened = await open_apps(stack, ground, find, installed)
    stacks = open_stacks(
        kernel.jobs, kernel.secrets, opened.apps, find, stores.stores.stacks, stores.catalog.summary
    )  # fmt: skip
    search.add(AppsFinder(opened.apps), StoreFinder(stores.catalog.search))
    own = await open_user_apps(boot.home, kernel.db, kernel.jobs, stores.stores, stores.catalog)
    kernel.registry.add(RegistriesApi(registries), *stores.apis, opened.api, stacks, *own.apis)
    kernel.registry.add(AdoptApi(Adopt(engine, containers, opened.reader, opened.adoption, find_own_container())))
    return stores.pictures, own.export, opened.download
