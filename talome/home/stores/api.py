"""Operations on stores, and on the catalog of all apps in them."""

from typing import Annotated

from pydantic import Field

from talome.core.errors import Forbidden
from talome.core.models import Done
from talome.core.operations import Caller, operation
from talome.home.jobs.models import Job
from talome.home.manifest import Category
from talome.home.stores.catalog import MOST_ON_A_PAGE, Catalog, Filters
from talome.home.stores.models import (
    AppDetail,
    AppPage,
    AppRef,
    CategoryCount,
    ScriptsSaid,
    Store,
    StoreAdded,
    StoreId,
    StoreProblem,
    StoresChecked,
    StoreSuggestion,
    StoreType,
)
from talome.home.stores.scripts import StoreScripts
from talome.home.stores.service import Stores, one_address

Url = Annotated[str, Field(min_length=1, max_length=2000)]
Name = Annotated[str, Field(max_length=80)]
Branch = Annotated[str, Field(max_length=200)]
Token = Annotated[str, Field(max_length=1000)]
AppName = Annotated[str, Field(max_length=128)]
ImageName = Annotated[str, Field(min_length=1, max_length=300)]
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class StoresApi:
    """Faces of `Stores`."""

    def __init__(self, stores: Stores) -> None:
        self._stores = stores

    @operation("GET", "/api/stores", scope="stores:read", risk="read")
    async def list_(self, caller: Caller) -> list[Store]:
        """All stores, in the order in which they count where two have the same app."""
        return await self._stores.all()

    @operation("GET", "/api/stores/suggestions", scope="stores:read", risk="read")
    async def suggestions(self, caller: Caller) -> list[StoreSuggestion]:
        """Well-known stores. None of them is fetched before somebody adds it."""
        return await self._stores.suggestions()

    @operation("POST", "/api/stores", scope="stores:write", risk="modify", status=201)
    async def add(
        self,
        caller: Caller,
        url: Url | None = None,
        git_url: Url | None = None,
        type: StoreType | None = None,
        name: Name = "",
        branch: Branch = "",
        token: Token = "",
    ) -> StoreAdded:
        """Add a store and sync it as a job. `url` is a git repository (then also called `gitUrl`), a ZIP, the static
        files of a CasaOS store, or a folder of this machine, which only an administrator may add; the type is found out
        where it is not given."""
        address = one_address(url, git_url)
        return await self._stores.add(caller, address, type=type, name=name, branch=branch, token=token)

    @operation("POST", "/api/stores/sync", scope="stores:write", risk="modify")
    async def sync_all(self, caller: Caller) -> StoresChecked:
        """Sync all stores that are switched on, each as a job."""
        return await self._stores.sync_all(caller.name)

    @operation("GET", "/api/stores/{id}", scope="stores:read", risk="read")
    async def get(self, caller: Caller, id: StoreId) -> Store:
        """One store."""
        return await self._stores.get(id)

    @operation("GET", "/api/stores/{id}/problems", scope="stores:read", risk="read")
    async def problems(self, caller: Caller, id: StoreId) -> list[StoreProblem]:
        """The apps of a store that cannot be read, each with the reason."""
        return await self._stores.problems(id)

    @operation("POST", "/api/stores/{id}/sync", scope="stores:write", risk="modify")
    async def sync(self, caller: Caller, id: StoreId) -> Job:
        """Look for new apps and versions, as a job. If it fails, the catalog stays as it was."""
        return await self._stores.sync(id, caller.name)

    @operation("PATCH", "/api/stores/{id}", scope="stores:write", risk="modify")
    async def change(
        self,
        caller: Caller,
        id: StoreId,
        name: Name | None = None,
        enabled: bool | None = None,
        branch: Branch | None = None,
        token: Token | None = None,
    ) -> Store:
        """Change what is given; an empty token removes it. The apps of a store that is switched off are not shown."""
        return await self._stores.change(id, name=name, enabled=enabled, branch=branch, token=token)

    @operation("DELETE", "/api/stores/{id}", scope="stores:write", risk="destructive")
    async def remove(self, caller: Caller, id: StoreId) -> Done:
        """Remove a store from the catalog. Installed apps stay as they are."""
        await self._stores.remove(id)
        return Done()


class CatalogApi:
    """The one catalog of all stores: search it, look at an app."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    @operation("GET", "/api/apps", scope="apps:read", risk="read")
    async def list_(
        self,
        caller: Caller,
        search: Annotated[str, Field(max_length=200)] = "",
        category: Category | None = None,
        store: StoreId | None = None,
        installed: bool | None = None,
        compatible: bool | None = None,
        page: Annotated[int, Field(ge=1, le=10_000)] = 1,
        limit: Annotated[int, Field(ge=1, le=MOST_ON_A_PAGE)] = 50,
    ) -> AppPage:
        """Apps of all stores, one page. `search` forgives slips; `compatible` asks for those this machine can run."""
        return self._catalog.page(Filters(search, category, store, installed, compatible), page, limit)

    @operation("GET", "/api/apps/categories", scope="apps:read", risk="read")
    async def categories(self, caller: Caller) -> list[CategoryCount]:
        """The categories that have apps, and how many."""
        return self._catalog.categories()

    @operation("GET", "/api/apps/{id}", scope="apps:read", risk="read")
    async def get(self, caller: Caller, id: AppRef) -> AppDetail:
        """All that a store tells of an app; `id` is `store:app`, or an app alone in the first store that has it."""
        return await self._catalog.detail(id)


class StoreScriptsApi:
    """Scripts of Umbrel's apps: run in a throw-away container, and believed once a person has looked."""

    def __init__(self, scripts: StoreScripts) -> None:
        self._scripts = scripts

    @operation("POST", "/api/stores/{id}/scripts/{app}/run", scope="stores:write", risk="modify")
    async def run(self, caller: Caller, id: StoreId, app: AppName, image: ImageName = "busybox") -> ScriptsSaid:
        """Run an app's scripts once, in a container of an image that is on this machine, without network, rights or
        anything of this machine. Only a person can ask for that. Nothing is used before `take`."""
        _by_a_person(caller)
        return await self._scripts.run(id, app, image)

    @operation("POST", "/api/stores/{id}/scripts/{app}/take", scope="stores:write", risk="modify")
    async def take(self, caller: Caller, id: StoreId, app: AppName, digest: Digest) -> Job:
        """Use what the scripts said when they ran last, until they change; the store is read again."""
        _by_a_person(caller)
        return await self._scripts.take(id, app, digest, by=caller.name)


def _by_a_person(caller: Caller) -> None:
    if caller.kind != "user":
        raise Forbidden("Only a person can let a store's scripts run.")
