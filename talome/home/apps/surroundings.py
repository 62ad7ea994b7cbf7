"""What an app is told of the house it lives in."""

import asyncio
import os
import platform
import socket
import time
from pathlib import Path
from typing import Final

from talome.core.secrets import Secrets
from talome.core.settings.service import Setting, Settings
from talome.home.apps.folders import Revision
from talome.home.apps.images import AppImages
from talome.home.apps.rendering import Rendered, Surroundings, render

_ARCHITECTURES: Final = {"x86_64": "amd64", "aarch64": "arm64", "armv7l": "arm", "i686": "386"}
_FOLDERS: Final = {
    "media": "films, series and music",
    "downloads": "downloads",
    "photos": "photos",
    "documents": "documents",
    "files": "other files that apps share",
}
SETTINGS: Final[tuple[Setting, ...]] = (
    *(
        Setting(
            key=f"apps.{name}_folder",
            kind="text",
            default="",
            title=f"Folder for {words}",
            help="Apps that need it get this folder. Empty means a folder inside Talome's own.",
            feature="apps",
            people_only=True,
        )
        for name, words in _FOLDERS.items()
    ),
)


def architecture() -> str:
    """As Docker names it, such as amd64."""
    machine = platform.machine()
    return _ARCHITECTURES.get(machine, machine)


class House:
    """Gives each rendering its surroundings."""

    def __init__(self, home: Path, settings: Settings, secrets: Secrets, images: AppImages) -> None:
        self._home = home
        self._settings = settings
        self._secrets = secrets
        self._images = images

    def folders(self) -> dict[str, str]:
        """Where files live that apps share, by `manifest.SharedFolder`; absolute paths."""
        chosen = {name: str(self._settings.get(f"apps.{name}_folder") or "").rstrip("/") for name in _FOLDERS}
        return {name: path or str(self._home / "shared" / name) for name, path in chosen.items()}

    async def surroundings(self, app: str, revision: Revision) -> Surroundings:
        return Surroundings(
            app_id=app,
            store=revision.store,
            revision=revision.number,
            facts=await asyncio.to_thread(_facts),
            folders=self.folders(),
            ports=revision.ports,
            secret=lambda name: self._secrets.key(f"apps/{app}/{name}"),
            overrides=revision.overrides,
            origin=await self._images.origin(revision),
        )

    async def render(self, app: str, revision: Revision) -> Rendered:
        """With the images as they are pinned, as far as they are here."""
        house = await self.surroundings(app, revision)
        return render(revision.manifest, revision.answers, house, await self._images.of(revision))

    async def render_unpinned(self, app: str, revision: Revision) -> Rendered:
        """Without a look at the images, which may be gone."""
        return render(revision.manifest, revision.answers, await self.surroundings(app, revision), {})


def _facts() -> dict[str, str]:
    hostname = socket.gethostname().partition(".")[0] or "talome"
    return {
        "timezone": _timezone(),
        "uid": "1000",
        "gid": "1000",
        "hostname": hostname,
        "domain": f"{hostname}.local",
        "address": _address(),
        "architecture": architecture(),
        "dns": _name_server(),
        "network": "",
        "interface": "",
    }


def _timezone() -> str:
    """Such as Europe/Berlin, from the link that sets it."""
    target = os.path.realpath("/etc/localtime")
    name = target.partition("/zoneinfo/")[2]
    return name or ("UTC" if time.timezone == 0 else time.tzname[0])


def _address() -> str:
    """The address of this machine on its network; nothing is sent to find it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
            return str(probe.getsockname()[0])
        except OSError:
            return "127.0.0.1"


def _name_server() -> str:
    try:
        lines = Path("/etc/resolv.conf").read_text().splitlines()
    except OSError:
        return ""
    return next((line.split()[1] for line in lines if line.startswith("nameserver ") and len(line.split()) > 1), "")
