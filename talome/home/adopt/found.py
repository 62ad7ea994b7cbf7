"""Recognises what runs without Talome, by the labels of its containers."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Final, Literal

from talome.home.adopt.models import FoundApp
from talome.home.containers.models import Container
from talome.home.manifest import APP_ID

FILES: Final = "com.docker.compose.project.config_files"
FOLDER: Final = "com.docker.compose.project.working_dir"
ENV_FILES: Final = "com.docker.compose.project.environment_file"
HASH: Final = "com.docker.compose.config-hash"
_ONE_OFF: Final = "com.docker.compose.oneoff"
_NUMBER: Final = "com.docker.compose.container-number"
_ALONE: Final = "container:"
_ELSEWHERE: Final = ("com.docker.swarm.service.id", "io.kubernetes.pod.name")
"""Labels of what an orchestrator looks after, which makes anew whatever is taken from it."""
_BY_LABEL: Final = (
    ("io.hass.type", "Home Assistant"), ("runtipi.managed", "Runtipi"), ("coolify.managed", "Coolify"),
    ("io.portainer.accesscontrol.teams", "Portainer"), ("casaos", "CasaOS"), ("talome.app", "Talome, earlier"),
)  # fmt: skip
_BY_PATH: Final = (
    (re.compile(r"^/data/compose/\d+(/|$)|/portainer/"), "Portainer"),
    (re.compile(r"^/var/lib/casaos/"), "CasaOS"),
    (re.compile(r"/umbrel[^/]*/(app-data|app-stores)/|/app-data/[^/]+/umbrel-app"), "Umbrel"),
    (re.compile(r"/runtipi/"), "Runtipi"),
    (re.compile(r"^/opt/stacks(/|$)|/dockge/"), "Dockge"),
)
_KEEPS_WATCH: Final = {
    "Home Assistant": "Home Assistant looks after this by itself, and would make it anew. Leave it there.",
}
_ID: Final = re.compile(APP_ID)


def found_apps(containers: Iterable[Container], taken: Collection[str], own: str | None) -> list[FoundApp]:
    """By name, what cannot be taken over last. `taken` are the projects that Talome has, `own` is the container that it
    runs in itself."""
    groups: dict[str, list[Container]] = defaultdict(list)
    for one in containers:
        if one.project in taken or one.id == own or any(label in one.labels for label in _ELSEWHERE):
            continue
        if one.labels.get(_ONE_OFF) != "True":
            groups[one.project or f"{_ALONE}{one.name}"].append(one)
    shown = [_shown(id, group, taken) for id, group in groups.items()]
    return sorted(shown, key=lambda app: (app.refusal is not None, app.name.lower(), app.id))


def app_name(found: FoundApp) -> str:
    """What it is called as an app of Talome's. A project keeps its name, by which Compose knows it."""
    if found.kind == "project":
        return found.name
    return re.sub(r"[^a-z0-9_-]+", "-", found.name.lower()).strip("-_")[:63]


def label_paths(container: Container, label: str) -> list[str]:
    return [path for path in container.labels.get(label, "").split(",") if path]


def _shown(id: str, group: list[Container], taken: Collection[str]) -> FoundApp:
    alone = group[0].project is None
    labels = group[0].labels
    maker = _maker(labels, alone=alone)
    found = FoundApp(
        id=id,
        name=group[0].name if alone else id,
        kind="container" if alone else "project",
        maker=maker,
        folder=labels.get(FOLDER, ""),
        containers=sorted(one.name for one in group),
        images=sorted({one.image for one in group}),
        state=_state(group),
        refusal=None,
    )
    return found.model_copy(update={"refusal": _refusal(found, group, taken)})


def _state(group: list[Container]) -> Literal["running", "partly", "stopped"]:
    run = [one.state in ("running", "paused", "restarting") for one in group]
    return "running" if all(run) else "partly" if any(run) else "stopped"


def _maker(labels: Mapping[str, str], *, alone: bool) -> str:
    for label, maker in _BY_LABEL:
        if label in labels:
            return maker
    for path in (labels.get(FILES, ""), labels.get(FOLDER, "")):
        for pattern, maker in _BY_PATH:
            if pattern.search(path):
                return maker
    return "by hand" if alone else "Docker Compose"


def _refusal(found: FoundApp, group: list[Container], taken: Collection[str]) -> str | None:
    if found.maker in _KEEPS_WATCH:
        return _KEEPS_WATCH[found.maker]
    name = app_name(found)
    if not _ID.fullmatch(name):
        return f"“{found.name}” cannot name an app: small letters, digits, dashes and underscores can."
    if name in taken:
        return f"An app of Talome's is called “{name}” already."
    services = [one.service for one in group if one.service]
    if len(set(services)) < len(services) or any(one.labels.get(_NUMBER, "1") != "1" for one in group):
        return "It runs several containers of one part, and Talome runs one of each."
    return None
