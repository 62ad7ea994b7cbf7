"""What an installation or a change would do, worked out before anything is done."""

import asyncio
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from talome.core.errors import Invalid, TooLarge
from talome.core.settings.service import Setting, Settings
from talome.engines.trees import shares_blocks, size_of_tree
from talome.home.apps.data import AppData
from talome.home.apps.folders import AppFolders, Revision
from talome.home.apps.images import AppImages, image_names
from talome.home.apps.layout import filled
from talome.home.apps.models import AppPort, Plan, PlannedImage
from talome.home.apps.permissions import difference, sheet
from talome.home.apps.permissions_models import PermissionSheet
from talome.home.apps.ports import PortLeases, protocol_of
from talome.home.apps.rendering import Rendered, port_wishes, render
from talome.home.apps.store import LeaseRow
from talome.home.apps.surroundings import House, architecture
from talome.home.manifest import AppManifest

SNAPSHOT_LIMIT: Final = "apps.snapshot_limit_gb"
SETTINGS: Final[tuple[Setting, ...]] = (
    Setting(
        key=SNAPSHOT_LIMIT,
        kind="number",
        default=50,
        title="Largest copy of an app's data before an update, in GB",
        help="An update of an app that keeps more is refused, unless you say that you do without the copy.",
        feature="apps",
        minimum=0,
        maximum=100_000,
        people_only=True,
    ),
)

_KEYS: Final = {
    "deploy": "other limits", "volumes": "other folders", "environment": "other variables", "ports": "other ports",
    "networks": "other networks",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Intent:
    """A revision that is wanted, and the one that is in force."""

    app: str
    revision: Revision
    current: Revision | None
    snapshot: bool


class Plans:
    """Renders what is wanted without writing it."""

    def __init__(
        self,
        house: House,
        leases: PortLeases,
        images: AppImages,
        folders: AppFolders,
        *,
        data: AppData,
        settings: Settings,
    ) -> None:
        self._house = house
        self._leases = leases
        self._images = images
        self._folders = folders
        self._data = data
        self._settings = settings

    async def ports(
        self, app: str, manifest: AppManifest, wished: Mapping[str, int], before: Sequence[Plan] = ()
    ) -> dict[str, int]:
        """A host port for each port of the app: what it has, else what was wished, else the nearest that is free.
        `before` are plans that will have been carried out by then."""
        wishes = port_wishes(manifest)
        promised = [
            LeaseRow(port.port, port.protocol, plan.app, port.key, port.port) for plan in before for port in plan.ports
        ]
        return await self._leases.choose(app, wishes, by_key(wished, [wish.key for wish in wishes]), promised)

    async def render(self, app: str, revision: Revision) -> Rendered:
        house = await self._house.surroundings(app, revision)
        return render(revision.manifest, revision.answers, house, await self._images.of(revision))

    async def sheet(self, app: str, rendered: Rendered) -> PermissionSheet:
        """Of the file as Compose would read it, with all variables filled in."""
        return sheet(
            _filled_in(rendered),
            data_folder=str(self._data.of(app)),
            project_folder=str(self._folders.path(app)),
            talome_folder=str(self._folders.root.parent),
            shared_folders=list(self._house.folders().values()),
        )

    async def plan(self, intent: Intent) -> Plan:
        """Raises `Invalid` with the reason where it cannot be."""
        manifest, app = intent.revision.manifest, intent.app
        refuse_lacking(manifest)
        rendered = await self.render(app, intent.revision)
        wanted = await self.sheet(app, rendered)
        before = await self._before(intent)
        free = (await asyncio.to_thread(shutil.disk_usage, self._folders.root)).free
        return Plan(
            app=app,
            name=manifest.name,
            version=manifest.version,
            images=await self._planned_images(intent.revision),
            ports=[_port(key, port) for key, port in intent.revision.ports.items()],
            volumes=sorted(rendered.compose.get("volumes") or {}),
            folders=sorted(_binds(rendered)),
            sheet=wanted,
            difference=difference(before[1], wanted) if before else None,
            changes=_changes(intent, before[0] if before else None, rendered),
            snapshot_bytes=await self.snapshot_bytes(app) if intent.snapshot else None,
            free_bytes=free,
            warnings=list(manifest.warnings),
            compose=rendered.files["compose.yml"],
        )

    async def _before(self, intent: Intent) -> tuple[Rendered, PermissionSheet] | None:
        if intent.current is None:
            return None
        rendered = await self.render(intent.app, intent.current)
        return rendered, await self.sheet(intent.app, rendered)

    async def _planned_images(self, revision: Revision) -> list[PlannedImage]:
        services = revision.manifest.compose.get("services", {})
        here = {image: await self._images.present(image) for image in image_names(revision)}
        return [
            PlannedImage(service=name, image=str(body["image"]), present=here[str(body["image"])])
            for name, body in services.items()
            if body.get("image")
        ]

    async def snapshot_bytes(self, app: str) -> int:
        """0 where a copy shares its blocks with the original."""
        if await asyncio.to_thread(shares_blocks, self._folders.path(app)):
            return 0
        return await asyncio.to_thread(size_of_tree, self._data.of(app))

    async def require_snapshot(self, app: str) -> None:
        """Raise where a copy of the data would be larger than the limit, or than the room there is."""
        size = await self.snapshot_bytes(app)
        limit = int(self._settings.number(SNAPSHOT_LIMIT) * 10**9)
        if size > limit:
            raise TooLarge(
                f"The app keeps {size / 10**9:.1f} GB, and copies before an update may take {limit / 10**9:g} GB. "
                "Raise the limit in the settings, or update without a copy.",
            )
        await asyncio.to_thread(self._data.require_room, app, size)


def by_key(wished: Mapping[str, int], keys: Sequence[str]) -> dict[str, int]:
    """Wishes by the keys of leases. A port may also be named as inside the container, `8080`, `8080/udp` or `web/8080`,
    where that means one only; TCP goes before UDP. Raises `Invalid` where it means none or several."""
    found: dict[str, int] = {}
    for name, port in wished.items():
        key = _key_of(name, keys)
        if key in found:
            raise Invalid(f"The port {key} is named twice.", field="ports")
        found[key] = port
    return found


def _key_of(name: str, keys: Sequence[str]) -> str:
    if name in keys:
        return name
    meant = [key for key in keys if name in _names_of(key)]
    meant = [key for key in meant if key.endswith("/tcp")] or meant
    if not meant:
        raise Invalid(f"The app has no port “{name}”. It has: {', '.join(sorted(keys)) or 'none'}.", field="ports")
    if len(meant) > 1:
        raise Invalid(f"“{name}” may be any of {', '.join(sorted(meant))}. Name one of them.", field="ports")
    return meant[0]


def _names_of(key: str) -> set[str]:
    service, target, protocol = key.rsplit("/", 2)
    return {target, f"{target}/{protocol}", f"{service}/{target}"}


def refuse_lacking(manifest: AppManifest) -> None:
    """Raise `Invalid` with what the app lacks, or that it is not made for this machine."""
    if manifest.lacks:
        raise Invalid(f"{manifest.name} cannot be installed: {' '.join(manifest.lacks)}")
    if manifest.architectures and architecture() not in manifest.architectures:
        made_for = ", ".join(manifest.architectures)
        raise Invalid(f"{manifest.name} is made for {made_for}, and this machine is {architecture()}.")


def _filled_in(rendered: Rendered) -> dict[str, object]:
    def walk(value: object) -> object:
        if isinstance(value, str):
            return filled(value, rendered.values).replace("$", "$$")  # a dollar that is left is one, and no variable
        if isinstance(value, dict):
            return {key: walk(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [walk(inner) for inner in value]
        return value

    return {key: walk(value) for key, value in rendered.compose.items()}


def _binds(rendered: Rendered) -> set[str]:
    services = rendered.compose.get("services", {}).values()
    volumes = [volume for body in services for volume in body.get("volumes") or []]
    return {filled(str(one["source"]), rendered.values) for one in volumes if one.get("type") == "bind"}


def _port(key: str, port: int) -> AppPort:
    return AppPort(key=key, port=port, protocol=protocol_of(key))


def _changes(intent: Intent, before: Rendered | None, after: Rendered) -> list[str]:
    """In words, and without any value that may be secret."""
    if before is None or intent.current is None:
        return []
    old, new = intent.current.manifest, intent.revision.manifest
    words = [f"Version {old.version} becomes {new.version}."] if old.version != new.version else []
    was, becomes = before.compose.get("services", {}), after.compose.get("services", {})
    words += [f"“{name}” is added." for name in becomes if name not in was]
    words += [f"“{name}” goes." for name in was if name not in becomes]
    for name in becomes.keys() & was.keys():
        words += _service_changes(name, was[name], becomes[name])
    changed = sorted(name for name in after.values if after.values[name] != before.values.get(name))
    return words + [f"{name} gets another value." for name in changed]


def _service_changes(name: str, was: Mapping[str, object], becomes: Mapping[str, object]) -> Sequence[str]:
    words = []
    if was.get("image") != becomes.get("image"):
        words.append(f"“{name}” runs {becomes.get('image')} instead of {was.get('image')}.")
    keys = sorted(key for key in {*was, *becomes} - {"image", "labels"} if was.get(key) != becomes.get(key))
    return words + [f"“{name}” has {_KEYS.get(key, 'another ' + key.replace('_', ' '))}." for key in keys]
