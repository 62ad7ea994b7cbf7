"""Puts files together."""

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass

from talome.accounts.users.service import RightsChanged, Users, scopes_of
from talome.core.http.server import HttpServer
from talome.core.kernel import Kernel
from talome.core.operations import Caller
from talome.home.files import trash as trash_module
from talome.home.files.api import FileRootsApi, FilesApi
from talome.home.files.ground import Ground
from talome.home.files.http import FilesDownload
from talome.home.files.owners import Owners
from talome.home.files.personal import Personal
from talome.home.files.roots import Rights, Roots
from talome.home.files.service import Files
from talome.home.files.steps import FileSteps
from talome.home.files.store import PersonalStore, RootsStore, TrashStore, UploadsStore
from talome.home.files.tasks import FileTasks
from talome.home.files.thumbnails import Thumbnails
from talome.home.files.tickets import Tickets
from talome.home.files.trash import Sweep, Trash
from talome.home.files.uploads.http import FilesUpload, TusUploads
from talome.home.files.uploads.service import Uploads

SETTINGS = trash_module.SETTINGS


@dataclass(frozen=True, slots=True)
class OpenFiles:
    """What the house gets of it."""

    ground: Ground
    files: Files
    tasks: FileTasks
    owners: Owners
    trash: Trash
    personal: Personal
    tickets: Tickets
    uploads: Uploads
    thumbnails: Thumbnails

    @property
    def roots(self) -> Roots:
        return self.ground.roots

    @property
    def apis(self) -> tuple[FilesApi, FileRootsApi]:
        api = FilesApi(
            self.files, self.tasks, self.trash,
            owners=self.owners, personal=self.personal, tickets=self.tickets, uploads=self.uploads,
        )  # fmt: skip
        return api, FileRootsApi(self.roots)

    def add_to(self, server: HttpServer) -> None:
        """The routes that are no operations."""
        FilesDownload(self.roots, self.personal, self.tickets, self.thumbnails, server.connections).add_to(server)
        TusUploads(self.uploads, server.connections).add_to(server)
        server.add_route("POST", "/api/files/upload", FilesUpload(self.uploads, server.connections).handle)


def rights_of(kernel: Kernel, users: Users) -> Rights:
    """What somebody may do now; kept until rights change."""
    known: dict[str, frozenset[str]] = {}

    async def rights(user_id: str) -> frozenset[str]:
        if user_id not in known:
            row = await users.find_by_id(user_id)
            known[user_id] = frozenset() if row is None or row.disabled else scopes_of(row)
        return known[user_id]

    kernel.events.on(RightsChanged, lambda _: known.clear())
    return rights


async def open_files(
    stack: AsyncExitStack, kernel: Kernel, rights: Rights, is_current: Callable[[Caller], Awaitable[bool]]
) -> OpenFiles:
    """Files, with their jobs registered and the sweep of the trash begun."""
    home = kernel.settings.home
    roots = Roots(RootsStore(kernel.db), kernel.events, rights, home)
    await roots.load(home / "shared")
    ground = Ground(roots, kernel.events)
    trash = Trash(TrashStore(kernel.db), ground, kernel.user_settings)
    personal = Personal(PersonalStore(kernel.db), roots)
    uploads = Uploads(UploadsStore(kernel.db), ground, trash, personal=personal, staging=home / "cache" / "uploads")
    await uploads.clear_staging()
    steps = FileSteps(ground, trash)
    tasks = FileTasks(ground, steps, kernel.jobs)
    owners = Owners(ground, steps, kernel.jobs, home / "undo")
    await stack.enter_async_context(Sweep(trash, uploads.expire))
    return OpenFiles(
        ground,
        Files(ground, personal),
        tasks,
        owners,
        trash,
        personal,
        Tickets(roots, personal, is_current),
        uploads,
        Thumbnails(home / "cache" / "thumbnails"),
    )
