"""Lists what runs without Talome, shows the app that it would be, and has it taken over."""

import difflib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Protocol

import yaml

from talome.core.errors import Conflict, Forbidden, Invalid, NotFound, Unavailable
from talome.core.jobs.store import JobRow
from talome.engines.compose import ComposeReader
from talome.engines.docker.models import ContainerInspection
from talome.engines.docker.protocol import ContainerEngine
from talome.engines.probe import answers_http
from talome.home.adopt.drafts import Form, ask_for_variables, put_in, tidied
from talome.home.adopt.found import ENV_FILES, FILES, FOLDER, HASH, app_name, found_apps, label_paths
from talome.home.adopt.inspected import Inspected, read_container
from talome.home.adopt.models import AdoptionPlan, FoundApp
from talome.home.apps.models import Adoptee, Plan
from talome.home.containers.models import Container
from talome.home.containers.service import Containers
from talome.home.manifest import AppManifest, Web
from talome.home.plain_yaml import plain_yaml

_USUAL_DOORS: Final = (80, 8080, 443, 8443, 3000, 8000, 8096, 5000, 9000, 9443)
_TLS: Final = frozenset({443, 8443, 9443})
_MOST_DOORS: Final = 12
_LEAST_LOST: Final = 1_000_000
"""What a container wrote outside its volumes: below this it is what every program leaves in /run and /tmp."""
_HIDDEN: Final = "(configured)"


class Adopts(Protocol):
    """What the installed apps do with what was found."""

    async def taken(self) -> set[str]: ...
    async def plan(self, adoptee: Adoptee) -> Plan: ...
    async def hashes(self, adoptee: Adoptee) -> dict[str, str]: ...
    async def adopt(self, adoptee: Adoptee, *, accept_risks: bool, by: str) -> JobRow: ...
    async def release(self, app: str, *, by: str) -> JobRow: ...


@dataclass(slots=True)
class Draft:
    """What was found, looked at closely. `hashes` are Compose's labels on the containers, by service."""

    found: FoundApp
    compose: dict[str, Any]
    shown: dict[str, Any]
    form: Form
    inspected: Mapping[str, Inspected]
    seen: Mapping[str, ContainerInspection]
    files: list[str]
    warnings: list[str] = field(default_factory=list)

    @property
    def alone(self) -> bool:
        return self.found.kind == "container"


class Adopt:
    """`own` is the container that Talome itself runs in."""

    def __init__(
        self, engine: ContainerEngine, containers: Containers, reader: ComposeReader, apps: Adopts, own: str | None
    ) -> None:
        self._engine = engine
        self._containers = containers
        self._reader = reader
        self._apps = apps
        self._own = own

    async def all(self) -> list[FoundApp]:
        """From memory: Docker is not asked."""
        return found_apps(await self._containers.all(), await self._apps.taken(), self._own)

    async def plan(self, id: str) -> AdoptionPlan:
        draft = await self._look(id)
        adoptee = await self._adoptee(draft)
        plan = await self._apps.plan(adoptee)
        hashes = {} if draft.alone else await self._apps.hashes(adoptee)
        same = [name for name, one in draft.seen.items() if one.labels.get(HASH) == hashes.get(name, "")]
        others = sorted(draft.seen.keys() - set(same))
        return AdoptionPlan(
            found=draft.found,
            source="file" if draft.files else "containers",
            files=draft.files,
            untouched=sorted(same),
            made_anew_now=others if draft.alone else [],
            made_anew_later=[] if draft.alone else others,
            written_bytes=await self._written(draft),
            warnings=draft.warnings,
            difference=_difference(draft.shown, plan.compose),
            plan=plan,
        )

    async def adopt(self, id: str, *, accept_risks: bool, by: str) -> JobRow:
        """Raises `Forbidden` where something is lost, or has rights over the machine, and that is not accepted."""
        draft = await self._look(id)
        if draft.alone and not accept_risks and (await self._written(draft) or 0) >= _LEAST_LOST:
            raise Forbidden(
                f"{draft.found.name} has written files outside its volumes, which a new container does not have. "
                "Look at the plan and accept that first."
            )
        return await self._apps.adopt(await self._adoptee(draft), accept_risks=accept_risks, by=by)

    async def release(self, app: str, *, by: str) -> JobRow:
        return await self._apps.release(app, by=by)

    # --- looking closely ---

    async def _look(self, id: str) -> Draft:
        found = next((one for one in await self.all() if one.id == id), None)
        if found is None:
            raise NotFound(f"Nothing by the name “{id}” runs here without Talome.")
        if found.refusal is not None:
            raise Conflict(found.refusal)
        members = [self._containers.find(name) for name in found.containers]
        seen = {one.service or app_name(found): await self._engine.containers.inspect(one.id) for one in members}
        if found.kind == "container" and any(one.raw["HostConfig"].get("AutoRemove") for one in seen.values()):
            raise Conflict("Docker removes it when it stops (--rm), so there would be no way back. Run it without.")
        inspected = await self._inspected(seen)
        compose, files, warnings = await self._compose(found, members[0], seen, inspected)
        for name, body in compose["services"].items():
            if name in seen and not body.get("image"):
                body["image"] = seen[name].image
                warnings.append(f"The image of “{name}” was built on this machine. It stays as it is, without updates.")
        secret = {
            variable.name
            for one in members
            for variable in (await self._containers.get(one.id, reveal=False)).env
            if variable.secret
        }
        shown = json.loads(json.dumps(compose))
        form = ask_for_variables(compose, secret)
        _hide(shown, secret)
        warnings += [f"“{name}”: {lost}" for name, one in inspected.items() for lost in one.lost]
        return Draft(found, compose, shown, form, inspected, seen, files, warnings + _known_elsewhere(found, files))

    async def _inspected(self, seen: Mapping[str, ContainerInspection]) -> dict[str, Inspected]:
        volumes = {volume.name: volume for volume in await self._engine.volumes.all()}
        ids = {one.id: name for name, one in seen.items()} | {one.name: name for name, one in seen.items()}
        groups = (await self._engine.info()).cgroup_version
        found = {}
        for name, one in seen.items():
            image = await self._engine.images.inspect(one.image_id)
            found[name] = read_container(one, image, volumes, ids.get, cgroup_version=groups)
        return found

    async def _compose(
        self,
        found: FoundApp,
        member: Container,
        seen: Mapping[str, ContainerInspection],
        inspected: Mapping[str, Inspected],
    ) -> tuple[dict[str, Any], list[str], list[str]]:
        """The document, the files that it is from, and what there is to say about it."""
        files = label_paths(member, FILES)
        compose: dict[str, Any] = {"services": {}}
        hashes: dict[str, str] = {}
        warnings: list[str] = []
        if found.kind == "project":
            try:
                document = await self._resolved(found, member, files)
                compose, hashes = tidied(document, seen.keys()), await self._hashes(found.name, document)
            except Invalid as error:
                files = []
                warnings.append(f"{error.message} What follows is what Docker says of its containers.")
        for name, one in inspected.items():
            if hashes.get(name) == seen[name].labels.get(HASH, "-"):
                continue
            if name in hashes:
                warnings.append(f"“{name}” runs otherwise than its file says. What runs is what is taken over.")
            put_in(compose, name, one)
        return compose, files, warnings

    async def _resolved(self, found: FoundApp, member: Container, files: Sequence[str]) -> dict[str, Any]:
        env_files = [Path(path) for path in label_paths(member, ENV_FILES)]
        folder = Path(member.labels.get(FOLDER) or (Path(files[0]).parent if files else "/"))
        return await self._reader.resolved(found.name, folder, [Path(path) for path in files], env_files)

    async def _hashes(self, project: str, document: Mapping[str, Any]) -> dict[str, str]:
        text = json.dumps(document, ensure_ascii=False)  # JSON is YAML
        return await self._reader.hashes(project, {"compose.yml": text})

    async def _adoptee(self, draft: Draft) -> Adoptee:
        found, seen = draft.found, draft.seen
        volumes = {mount.name for one in seen.values() for mount in one.mounts if mount.kind == "volume" and mount.name}
        published = {
            f"{name}/{port.container}/{port.protocol}": port.host
            for name, one in seen.items()
            for port in one.ports
            if port.host is not None
        }
        return Adoptee(
            app=app_name(found),
            manifest=await _manifest(draft, published),
            answers=draft.form.answers,
            images={draft.compose["services"][name]["image"]: one.image_id for name, one in seen.items()},
            published=published,
            containers=[one.id for one in seen.values()],
            running=found.state != "stopped",
            maker=found.maker,
            folder=found.folder,
            volumes=sorted(volumes),
            anonymous={name: one.anonymous for name, one in draft.inspected.items() if one.anonymous},
            alone=draft.alone,
        )

    async def _written(self, draft: Draft) -> int | None:
        """What is only in the container that will be made anew; as much as can be where Docker does not say it."""
        if not draft.alone:
            return None
        [one] = draft.seen.values()
        if one.raw["HostConfig"].get("AutoRemove"):
            raise Conflict(
                "Docker removes it as soon as it stops (--rm), so there would be no way back. Run it without."
            )
        try:
            return (await self._engine.disk_usage()).container_bytes.get(one.id, 0)
        except Unavailable:
            return _LEAST_LOST


async def _manifest(draft: Draft, published: Mapping[str, int]) -> AppManifest:
    web = await _door(published) if draft.found.state != "stopped" else None
    main = web.service if web is not None else next(iter(draft.seen))
    tag = draft.seen[main].image.partition("@")[0].rpartition("/")[2].partition(":")[2]
    return AppManifest(
        id=app_name(draft.found),
        name=draft.found.name,
        version=tag or "latest",
        description=f"Taken over from {draft.found.maker}.",
        web=web,
        fields=draft.form.fields,
        variables=draft.form.variables,
        compose=draft.compose,
        warnings=[*draft.warnings, *_kept_elsewhere(draft.compose)],
    )


async def _door(published: Mapping[str, int]) -> Web | None:
    """The port that answers as a web server does, the usual ones first."""
    places = [key.split("/") for key in published if key.endswith("/tcp")]
    doors = [(service, int(port)) for service, port, _ in places]
    rank = {port: number for number, port in enumerate(_USUAL_DOORS)}
    doors.sort(key=lambda door: (rank.get(door[1], len(rank)), door))
    for service, port in doors[:_MOST_DOORS]:
        scheme: Any = "https" if port in _TLS else "http"
        if await answers_http(published[f"{service}/{port}/tcp"], "/", scheme) is None:
            return Web(service=service, port=port, scheme=scheme)
    return None


def _kept_elsewhere(compose: Mapping[str, Any]) -> list[str]:
    mounts = [mount for body in compose["services"].values() for mount in body.get("volumes") or []]
    places = sorted(
        {str(mount["source"]) for mount in mounts if mount.get("type") == "bind" and not mount.get("read_only")}
    )
    if not places:
        return []
    return [f"Its folders stay where they are and are not copied before an update: {', '.join(places)}."]


def _known_elsewhere(found: FoundApp, files: Sequence[str]) -> list[str]:
    words = [f"From now on its old file has no effect: {', '.join(files)}."] if files else []
    if found.maker not in ("by hand", "Docker Compose"):
        words.append(f"{found.maker} still knows it. Leave it alone there from now on, or both will change it.")
    return words


def _hide(compose: Mapping[str, Any], secret: set[str]) -> None:
    for body in compose["services"].values():
        for name in (body.get("environment") or {}).keys() & secret:
            body["environment"][name] = _HIDDEN


def _difference(found: Mapping[str, Any], written: str) -> str:
    becomes = yaml.safe_load(written)
    was = {"name": becomes["name"], **found}
    old, new = plain_yaml(was).splitlines(), plain_yaml(becomes).splitlines()
    return "\n".join(difflib.unified_diff(old, new, "found", "talome", lineterm=""))
