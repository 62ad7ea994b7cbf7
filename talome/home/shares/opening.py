"""Puts the shares together."""

from contextlib import AsyncExitStack
from dataclasses import dataclass

from talome.accounts.throttle import Throttle
from talome.accounts.users.service import RightsChanged, Users
from talome.core.http.server import DAV, HttpServer
from talome.core.kernel import Kernel
from talome.core.operations import Caller, Operation
from talome.core.settings.service import SettingsChanged
from talome.engines.programs import Programs
from talome.engines.samba import Samba
from talome.home.files.models import RootsChanged
from talome.home.files.service import Ground, Trash
from talome.home.shares import smb
from talome.home.shares.api import SharesApi
from talome.home.shares.dav.api import DavApi
from talome.home.shares.dav.http import WebDav
from talome.home.shares.dav.service import Dav
from talome.home.shares.http import SharePages
from talome.home.shares.service import ShareLinks
from talome.home.shares.smb import NetworkFolders
from talome.home.shares.store import LinksStore, PropertiesStore, SmbUsersStore

SETTINGS = smb.SETTINGS


@dataclass(frozen=True, slots=True)
class OpenShares:
    """What the house gets of it."""

    links: ShareLinks
    folders: NetworkFolders
    dav: Dav
    changes: dict[str, Operation]
    ground: Ground

    @property
    def api(self) -> SharesApi:
        return SharesApi(self.links, self.folders)

    def add_to(self, server: HttpServer) -> None:
        """The routes that are no operations."""
        pages = SharePages(self.links, server.connections, self.ground.events.publish)
        server.add_route("GET", "/s/{token}", pages.show)
        server.add_route("POST", "/s/{token}", pages.unlock)
        server.add_route("POST", "/s/{token}/upload", pages.upload)
        for method in ("GET", "HEAD"):
            server.add_route(method, "/s/{token}/file", pages.file)
            server.add_route(method, "/s/{token}/zip", pages.zip)
        dav = WebDav(self.dav, self.changes, server.connections)
        server.add_route("*", DAV, dav.handle)
        server.add_route("*", f"{DAV}/{{path:.*}}", dav.handle)


async def open_shares(stack: AsyncExitStack, kernel: Kernel, users: Users, ground: Ground, trash: Trash) -> OpenShares:
    """Links, WebDAV and network folders; the server of these runs while the setting is on."""
    links = ShareLinks(LinksStore(kernel.db), ground.roots, users.passwords, kernel.secrets, Throttle())
    folders = NetworkFolders(
        SmbUsersStore(kernel.db), ground.roots, kernel.user_settings, Samba(Programs(), kernel.settings.home / "samba"),
        events=kernel.events, changes=(RootsChanged, RightsChanged, SettingsChanged),
    )  # fmt: skip
    await stack.enter_async_context(folders)
    operation = kernel.registry["files.delete"]

    async def delete(caller: Caller, path: str) -> None:
        await operation.call(caller, lambda: operation.parse_json({"path": path}))

    dav = Dav(ground.roots, trash, PropertiesStore(kernel.db), delete=delete, changed=kernel.events.publish)
    return OpenShares(links, folders, dav, kernel.registry.apart(DavApi(dav)), ground)
