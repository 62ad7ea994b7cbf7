"""Sizes put together as the boxes of a treemap: bounded in width and depth, each box at least as large as its parts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from talome.engines.docker.models import DiskUsage, Image, Volume
from talome.home.storage.models import UsageKind, UsageNode

PROJECT: Final = "com.docker.compose.project"
_MOST_CHILDREN: Final = 40
_MOST_GRANDCHILDREN: Final = 20
_LONGEST_NAME: Final = 120


@dataclass(frozen=True, slots=True)
class Sizes:
    """What `du` said of a folder: bytes on the disk by path, the folder itself among them."""

    path: Path | None
    by_path: Mapping[str, int]

    @staticmethod
    def none() -> "Sizes":
        return Sizes(None, {})

    @staticmethod
    def parsed(path: Path, out: bytes) -> "Sizes":
        """From lines that end in NUL: a number, a tab and a path, which may hold anything else."""
        found = {}
        for line in out.split(b"\0"):
            number, tab, name = line.partition(b"\t")
            if tab and number.isdigit():
                found[name.decode(errors="surrogateescape")] = int(number)
        return Sizes(path, found)

    def total(self) -> int:
        return self.by_path.get(str(self.path), 0)

    def at(self, *names: str) -> int:
        return 0 if self.path is None else self.by_path.get(str(self.path.joinpath(*names)), 0)

    def below(self, *names: str) -> dict[str, int]:
        """Folders right below, by name."""
        if self.path is None:
            return {}
        above = f"{self.path.joinpath(*names)}/"
        return {
            path[len(above) :]: size
            for path, size in self.by_path.items()
            if path.startswith(above) and "/" not in path[len(above) :]
        }


def of_docker(usage: DiskUsage | None, own: Sizes) -> list[UsageNode]:
    """Apps with their data and volumes, images, other volumes, and what containers wrote."""
    volumes = usage.volumes if usage is not None else ()
    by_app: dict[str, list[UsageNode]] = {
        app: [node("folder", f"app:{app}/data", "Data", size)] for app, size in own.below("apps").items()
    }
    others: list[UsageNode] = []
    for volume in volumes:
        app = volume.labels.get(PROJECT, "")
        box = _volume(volume)
        if app in by_app:
            by_app[app].append(box)
        else:
            others.append(box)
    apps = [
        node("app", f"app:{app}", app, sum(one.size_bytes for one in parts), parts, ref=app)
        for app, parts in by_app.items()
    ]
    found = [node("apps", "apps", "Apps", sum(one.size_bytes for one in apps), apps)]
    found.append(node("volumes", "volumes", "Other volumes", sum(one.size_bytes for one in others), others))
    if usage is not None:
        written = sum(usage.container_bytes.values())
        found.append(_images(usage))
        found.append(node("containers", "containers", "Written by containers", written))
        found.append(node("cache", "build-cache", "Build cache", usage.build_cache_bytes))
    return found


def _volume(volume: Volume) -> UsageNode:
    return node("volume", f"volume:{volume.name}", volume.name, volume.size_bytes or 0, ref=volume.name)


def _images(usage: DiskUsage) -> UsageNode:
    """Images share layers, so each counts for its part of what they take together."""
    named = sum(image.size_bytes for image in usage.images)
    share = min(1.0, usage.layers_bytes / named) if named else 0.0
    parts = [
        node("image", f"image:{image.id}", _image_name(image), int(image.size_bytes * share), ref=image.id)
        for image in usage.images
    ]
    return node("images", "images", "Images", usage.layers_bytes, parts)


def _image_name(image: Image) -> str:
    return image.tags[0] if image.tags else image.id.removeprefix("sha256:")[:12]


def of_logs(system: Sizes, containers: Sizes, names: Mapping[str, str]) -> UsageNode:
    """The machine's logs, and those that Docker keeps of containers."""
    of_containers = [
        node("logs", f"log:{id}", names.get(id, id[:12]), size, ref=names.get(id))
        for id, size in containers.below().items()
    ]
    of_system = [node("logs", f"log:/{name}", name, size) for name, size in system.below().items()]
    parts = [
        node("logs", "logs:containers", "Containers", containers.total(), of_containers),
        node("logs", "logs:system", "This machine", system.total(), of_system),
    ]
    return node("logs", "logs", "Logs", sum(part.size_bytes for part in parts), parts)


def of_talome(own: Sizes) -> UsageNode:
    """Talome's own folder without the apps."""
    parts = [node("folder", f"talome:{name}", name, size) for name, size in own.below().items() if name != "apps"]
    return node("talome", "talome", "Talome", own.total() - own.at("apps"), parts)


def of_folder(name: str, sizes: Sizes) -> UsageNode:
    """A folder of people, two levels deep."""
    above = str(sizes.path)
    children = [
        node(
            "folder", f"{above}/{child}", child, size,
            [
                node("folder", f"{above}/{child}/{grandchild}", grandchild, part, path=f"{above}/{child}/{grandchild}")
                for grandchild, part in sizes.below(child).items()
            ],
            path=f"{above}/{child}",
        )
        for child, size in sizes.below().items()
    ]  # fmt: skip
    return node("folder", f"folder:{above}", name, sizes.total(), children, path=above)


def whole(nodes: Sequence[UsageNode], used_bytes: int, *, elsewhere: int) -> UsageNode:
    """Everything, with what nobody claims of the disk that holds Talome; `elsewhere` is on other disks."""
    known = sum(one.size_bytes for one in nodes)
    rest = max(0, used_bytes - (known - elsewhere))
    other = [node("other", "other", "The system and the rest", rest)] if rest else []
    return node("all", "all", "Everything", known + rest, [*nodes, *other])


def node(
    kind: UsageKind, id: str, name: str, size: int, children: Sequence[UsageNode] = (),
    *, ref: str | None = None, path: str | None = None,
) -> UsageNode:  # fmt: skip
    """One box; of very many parts only the largest, and of theirs fewer still."""
    most = (
        _MOST_CHILDREN
        if any(child.children for child in children) or kind in ("all", "images")
        else _MOST_GRANDCHILDREN
    )
    largest = sorted((child for child in children if child.size_bytes > 0), key=lambda child: -child.size_bytes)[:most]
    return UsageNode(
        id=plainly(id),
        name=plainly(name)[:_LONGEST_NAME],
        kind=kind,
        size_bytes=max(size, sum(child.size_bytes for child in largest)),
        children=list(largest),
        ref=ref,
        path=None if path is None else plainly(path),
    )


def plainly(text: str) -> str:
    """A name that is no UTF-8, with a sign for each such byte."""
    return text.encode(errors="surrogateescape").decode(errors="replace")
