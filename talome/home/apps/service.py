"""The installed apps: what they are, and the ways to change them. Every change is a job of `Lifecycle`."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Final, Literal

from talome.core.clock import from_ms, now, now_ms
from talome.core.errors import Conflict, Forbidden, Invalid, NotFound
from talome.core.jobs.store import JobRow
from talome.home.apps import overrides
from talome.home.apps.data import AppData
from talome.home.apps.folders import AppFolders, Revision
from talome.home.apps.lifecycle import Lifecycle
from talome.home.apps.models import (
    AppChange,
    AppPort,
    AppRevision,
    AppSettings,
    AppState,
    InstalledApp,
    NewApp,
    Plan,
)
from talome.home.apps.parts import parts_of
from talome.home.apps.plans import Intent, Plans, refuse_lacking
from talome.home.apps.ports import PortLeases, protocol_of
from talome.home.apps.store import AppRow, AppsStore
from talome.home.containers.models import Container
from talome.home.containers.service import Containers
from talome.home.manifest import AppManifest

Find = Callable[[str, str | None], Awaitable["Offer"]]
Power = Literal["start", "stop", "restart"]
_SECRET_KINDS: Final = frozenset({"password"})
_HIDDEN: Final = "(configured)"
OWN_PROJECT: Final = "talome"
"""By which Talome itself may run under Compose."""


@dataclass(frozen=True, slots=True)
class Offer:
    """An app of the catalog: `source` is `<store>:<app>`."""

    source: str
    icon: str | None
    manifest: AppManifest


@dataclass(frozen=True, slots=True)
class Inside:
    """What an installed app was made from, its secrets among it: for other apps of this house, never for the wire."""

    answers: Mapping[str, str] = field(repr=False)
    variables: Mapping[str, str] = field(repr=False)
    ports: Mapping[str, int]


class Apps:
    """`find` gives an app of the catalog by its id and, where given, its store; it raises `NotFound`."""

    def __init__(
        self, store: AppsStore, folders: AppFolders, plans: Plans, leases: PortLeases, lifecycle: Lifecycle, *,
        data: AppData, containers: Containers, find: Find,
    ) -> None:  # fmt: skip
        self._store = store
        self._folders = folders
        self._data = data
        self._plans = plans
        self._leases = leases
        self._lifecycle = lifecycle
        self._containers = containers
        self._find = find

    # --- what there is ---

    async def all(self) -> list[InstalledApp]:
        """By name."""
        at_work = await self._lifecycle.at_work()
        containers = await self._containers.all()
        return [self._shown(row, containers, at_work) for row in await self._store.all()]

    async def get(self, app: str) -> InstalledApp:
        row = await self.row(app)
        return self._shown(row, await self._containers.all(), await self._lifecycle.at_work())

    async def row(self, app: str) -> AppRow:
        """Raises `NotFound`."""
        row = await self._store.get(app)
        if row is None:
            raise NotFound(f"There is no installed app “{app}”.")
        return row

    def _shown(self, row: AppRow, containers: list[Container], at_work: Mapping[str, str]) -> InstalledApp:
        own = [container for container in containers if container.project == row.id]
        return InstalledApp(
            id=row.id,
            name=row.name,
            store=row.source,
            icon=row.icon,
            version=row.version,
            revision=row.revision,
            state="working" if row.id in at_work else _state(own),
            url=row.url,
            job=at_work.get(row.id),
            update=row.newer,
            update_policy=row.policy,
            containers=[container.name for container in own],
            installed_at=from_ms(row.installed_at),
            updated_at=from_ms(row.updated_at),
        )

    async def settings(self, app: str) -> AppSettings:
        """Secret answers are not told."""
        row = await self.row(app)
        revision = await asyncio.to_thread(self._folders.revision, app, row.revision)
        rendered = await self._plans.render(app, revision)
        secret = {field.name for field in revision.manifest.fields if field.kind in _SECRET_KINDS}
        answers = {name: _HIDDEN if name in secret else answer for name, answer in revision.answers.items()}
        return AppSettings(
            fields=revision.manifest.fields,
            answers=answers,
            ports=[_port(key, port) for key, port in revision.ports.items()],
            revisions=await asyncio.to_thread(self._revisions, app, row.revision),
            compose=rendered.files["compose.yml"],
            sheet=await self._plans.sheet(app, rendered),
            parts=parts_of(revision, rendered, str(self._data.of(app))),
            extra_folders=revision.overrides.extra,
            origin=revision.origin,
        )

    async def inside(self, app: str) -> Inside:
        row = await self.row(app)
        revision = await asyncio.to_thread(self._folders.revision, app, row.revision)
        return Inside(revision.answers, (await self._plans.render(app, revision)).values, revision.ports)

    def _revisions(self, app: str, current: int) -> list[AppRevision]:
        copies = set(self._data.snapshots(app))
        found = []
        for number in self._folders.revisions(app):
            revision = self._folders.revision(app, number)
            following = min((copy for copy in copies if copy > number), default=None)
            shown = AppRevision(
                number=number,
                version=revision.manifest.version,
                made_at=revision.made_at,
                current=number == current,
                has_data=following is not None,
            )
            found.append(shown)
        return found

    # --- installing ---

    async def plan_install(self, wanted: NewApp, before: Sequence[Plan] = ()) -> Plan:
        """`before` are plans that will have been carried out by then."""
        return await self._plans.plan((await self._intended(wanted, before))[0])

    async def install(self, wanted: NewApp, *, by: str) -> JobRow:
        """Raises `Conflict` where the app is there, `Forbidden` where its risks were not accepted."""
        intent, offer = await self._intended(wanted)
        plan = await self._plans.plan(intent)
        if plan.sheet.needs_typed_confirmation and not wanted.accept_risks:
            raise Forbidden(f"{plan.name} wants rights over this whole machine. Look at them and accept them first.")
        revision, app = intent.revision, intent.app
        row = new_row(app, offer, revision)
        token = secrets.token_hex(16)
        existed = await asyncio.to_thread(self._folders.exists, app)
        await asyncio.to_thread(self._folders.prepare, token, revision)
        async with self._kept_only_by_a_job(token):
            return await self._lifecycle.install(row, token, revision.ports, existed=existed, by=by)

    async def _intended(self, wanted: NewApp, before: Sequence[Plan] = ()) -> tuple[Intent, Offer]:
        offer = await self._find(wanted.app_id, wanted.store_id)
        refuse_lacking(offer.manifest)
        app = wanted.name_as or offer.manifest.id
        self._folders.path(app)
        if app == OWN_PROJECT:
            raise Invalid("That is Talome's own name. Choose another one.", field="nameAs")
        if await self._store.get(app) is not None:
            raise Conflict(f"“{app}” is installed. Give the second one another name.", field="nameAs")
        if other := [one.name for one in await self._containers.all() if one.project == app]:
            raise Conflict(f"The container {other[0]} belongs to another “{app}” on this machine. Choose another name.")
        numbers = await asyncio.to_thread(self._folders.revisions, app)
        revision = Revision(
            number=max(numbers, default=0) + 1,
            store=offer.source,
            manifest=offer.manifest,
            answers=wanted.env,
            ports=await self._plans.ports(app, offer.manifest, wanted.ports, before),
            made_at=now().isoformat(),
        )
        return Intent(app, revision, None, snapshot=False), offer

    # --- changing ---

    async def plan_update(self, app: str) -> Plan:
        return await self._plans.plan(await self._updated(await self.row(app)))

    async def update(self, app: str, *, without_copy: bool, accept_risks: bool, by: str) -> JobRow:
        """To what the store has now; where that is the same version, to what its tags mean now."""
        row = await self.row(app)
        intent = await self._updated(row)
        _refuse_worse(await self._plans.plan(intent), accept_risks)
        return await self._change(f"Update {row.name}", row, intent, fresh=True, snapshot=not without_copy, by=by)

    async def _updated(self, row: AppRow) -> Intent:
        current = await asyncio.to_thread(self._folders.revision, row.id, row.revision)
        manifest = current.manifest  # what was taken over has no store; its tags may mean newer images
        if current.origin is None:
            store, _, name = row.source.partition(":")
            manifest = (await self._find(name, store)).manifest
        fields = {field.name for field in manifest.fields}
        revision = Revision(
            number=await self._next(row.id),
            store=row.source,
            manifest=manifest,
            answers={name: answer for name, answer in current.answers.items() if name in fields},
            ports=await self._plans.ports(row.id, manifest, {}),
            overrides=current.overrides,
            origin=overrides.settled(current.origin),
            made_at=now().isoformat(),
        )
        return Intent(row.id, revision, current, snapshot=True)

    async def plan_edit(self, app: str, change: AppChange) -> Plan:
        return await self._plans.plan(await self._edited(await self.row(app), change))

    async def edit(self, app: str, change: AppChange, *, accept_risks: bool, by: str) -> JobRow:
        """A folder, or an answer that is one, may want rights."""
        row = await self.row(app)
        intent = await self._edited(row, change)
        _refuse_worse(await self._plans.plan(intent), accept_risks)
        return await self._change(f"Change {row.name}", row, intent, fresh=False, snapshot=False, by=by)

    async def _edited(self, row: AppRow, change: AppChange) -> Intent:
        current = await asyncio.to_thread(self._folders.revision, row.id, row.revision)
        given = {name: answer for name, answer in (change.env or {}).items() if answer != _HIDDEN}
        wanted = overrides.merged(current.overrides, change.limits, change.folders, change.extra_folders)
        if wanted != current.overrides:
            await asyncio.to_thread(overrides.check, wanted, current.manifest)
        revision = current.model_copy(
            update={
                "number": await self._next(row.id),
                "answers": {**current.answers, **given},
                "ports": await self._plans.ports(row.id, current.manifest, change.ports or {}),
                "overrides": wanted,
                "origin": overrides.settled(current.origin),
                "made_at": now().isoformat(),
            }
        )
        return Intent(row.id, revision, current, snapshot=False)

    async def roll_back(self, app: str, to: int | None, *, with_data: bool, by: str) -> JobRow:
        """To an older revision, the one before unless given. `with_data`: also to the data of the time just before the
        change that followed it; what is now is kept as a copy."""
        row = await self.row(app)
        older = [number for number in await asyncio.to_thread(self._folders.revisions, app) if number < row.revision]
        target = to if to is not None else max(older, default=None)
        if target is None or target not in older:
            raise Invalid(f"{row.name} has no older version to go back to.", field="revision")
        copies = await asyncio.to_thread(self._data.snapshots, app)
        copy = min((number for number in copies if number > target), default=None)
        if with_data and copy is None:
            raise Invalid(f"No copy of the data of that time is kept. {row.name} can go back without it.")
        current = await asyncio.to_thread(self._folders.revision, app, row.revision)
        found = await asyncio.to_thread(self._folders.revision, app, target)
        ports = await self._plans.ports(app, found.manifest, {})
        revision = found.model_copy(
            update={
                "number": await self._next(app),
                "ports": ports,
                "origin": overrides.settled(found.origin),
                "made_at": now().isoformat(),
            }
        )
        intent = Intent(app, revision, current, snapshot=True)
        return await self._change(
            f"Go back with {row.name}",
            row,
            intent,
            fresh=False,
            snapshot=True,
            older=copy if with_data else None,
            by=by,
        )

    async def _next(self, app: str) -> int:
        return max(await asyncio.to_thread(self._folders.revisions, app), default=0) + 1

    async def _change(
        self, title: str, row: AppRow, intent: Intent, *, fresh: bool, snapshot: bool, older: int | None = None, by: str
    ) -> JobRow:
        if snapshot:
            await self._plans.require_snapshot(row.id)
        revision = intent.revision
        web = revision.manifest.web
        becomes = replace(
            row, version=revision.manifest.version, revision=revision.number, newer=None, updated_at=now_ms(),
            name=revision.manifest.name, url=_url(revision) if web else None,
        )  # fmt: skip
        token = secrets.token_hex(16)
        await asyncio.to_thread(self._folders.prepare, token, revision)
        async with self._kept_only_by_a_job(token):
            return await self._lifecycle.change(
                title, becomes, token, revision.ports, await self._leases.of(row.id), before=row,
                running=await self._runs(row.id), snapshot=snapshot, fresh=fresh, older=older, by=by,
            )  # fmt: skip

    @asynccontextmanager
    async def _kept_only_by_a_job(self, token: str) -> AsyncIterator[None]:
        """The prepared revision holds answers, and goes where no job came to be that takes it."""
        try:
            yield
        except BaseException:
            await asyncio.to_thread(self._folders.drop_prepared, token)
            raise

    # --- starting, stopping, uninstalling ---

    async def power(self, app: str, action: Power, *, by: str) -> JobRow:
        row = await self.row(app)
        return await self._lifecycle.power(row, action, running=await self._runs(app), by=by)

    async def uninstall(self, app: str, *, keep_data: bool, by: str) -> JobRow:
        """Its data stays where it is, or goes to the trash; it is never deleted."""
        row = await self.row(app)
        return await self._lifecycle.uninstall(row, running=await self._runs(app), throw_away=not keep_data, by=by)

    async def _runs(self, app: str) -> bool:
        await self._containers.connected()
        return any(one.state == "running" for one in await self._containers.all() if one.project == app)


def is_worse(plan: Plan) -> bool:
    """Whether somebody has to accept what the app may do after the change."""
    return plan.difference is not None and bool(plan.difference.added) and plan.sheet.needs_typed_confirmation


def _refuse_worse(plan: Plan, accepted: bool) -> None:
    if is_worse(plan) and not accepted:
        raise Forbidden(f"With this {plan.name} would have more rights. Look at them and accept them first.")


def new_row(app: str, offer: Offer, revision: Revision) -> AppRow:
    at = now_ms()
    return AppRow(
        id=app, name=offer.manifest.name, source=offer.source, icon=offer.icon, version=offer.manifest.version,
        revision=revision.number, state="installed", url=_url(revision), newer=None, policy="notify", installed_at=at,
        updated_at=at,
    )  # fmt: skip


def _url(revision: Revision) -> str | None:
    """Follows the lease: `{host}` is for the browser to fill in."""
    web = revision.manifest.web
    if web is None:
        return None
    port = revision.ports.get(f"{web.service}/{web.port}/tcp", web.port)
    return f"{web.scheme}://{{host}}:{port}{web.path}"


def _port(key: str, port: int) -> AppPort:
    return AppPort(key=key, port=port, protocol=protocol_of(key))


def _state(own: list[Container]) -> AppState:
    if any(container.stale for container in own):
        return "unknown"
    lasting = [one for one in own if one.state != "exited" or one.exit_code]
    if not lasting:
        return "stopped"
    if any(one.health == "starting" or one.state == "restarting" for one in lasting):
        return "starting"
    well = [one.state == "running" and one.health != "unhealthy" for one in lasting]
    if all(well):
        return "running"
    return "partly" if any(well) else "stopped"
