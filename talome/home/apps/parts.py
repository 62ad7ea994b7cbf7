"""What a person may change of the parts of an app: how much each may use, and which folders it mounts."""

import os
from pathlib import Path

from talome.home.apps.folders import Revision
from talome.home.apps.layout import filled
from talome.home.apps.models import AppFolder, AppPart
from talome.home.apps.overrides import Limits, bind_mounts, mount_key
from talome.home.apps.rendering import DATA, Rendered


def parts_of(revision: Revision, rendered: Rendered, data: str) -> list[AppPart]:
    """Each service as rendered, without the folders that a person added."""
    wanted = revision.overrides
    extra = {mount_key(one.service, one.target) for one in wanted.extra}
    folders: dict[str, list[AppFolder]] = {}
    for service, mount in bind_mounts(rendered.compose):
        key, source = mount_key(service, mount["target"]), filled(str(mount["source"]), rendered.values)
        own = not source.startswith("/")
        folder = AppFolder(
            key=key,
            source=str(Path(data, os.path.relpath(source, DATA))) if own else source,
            target=str(mount["target"]),
            read_only=bool(mount.get("read_only")),
            own=own,
            moved=key in wanted.folders,
        )
        if key not in extra:
            folders.setdefault(service, []).append(folder)
    return [
        AppPart(
            service=name,
            image=str(body.get("image") or ""),
            limits=wanted.limits.get(name) or Limits(),
            folders=folders.get(name, []),
        )
        for name, body in rendered.compose.get("services", {}).items()
    ]
