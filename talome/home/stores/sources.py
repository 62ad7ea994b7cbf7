"""Brings the files of a source into a fresh folder, or finds that nothing is new."""

import asyncio
import hashlib
import shutil
from base64 import b64encode
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

import orjson

from talome.core.errors import Invalid
from talome.engines.archives import unpack_zip
from talome.engines.fetch import Wish, download, parse_url
from talome.engines.git import Git, Remote, check_remote
from talome.home.stores.folders import copy_store
from talome.home.stores.models import StoreType
from talome.home.stores.static import StaticStore, index_address

Way = Literal["git", "zip", "static", "folder", "bundled"]
_ZIP_BYTES: Final = 512 * 1024**2
_ZIP_TIMEOUT_S: Final = 600.0
_USERNAME: Final = "talome"


@dataclass(frozen=True, slots=True)
class Source:
    """Where a store comes from. `upstream` names what it was at the last sync, `current` is where that lies."""

    url: str
    branch: str
    kind: StoreType | None
    bundled: bool
    upstream: str
    current: Path | None
    token: str = field(default="", repr=False)

    @property
    def way(self) -> Way:
        if self.bundled:
            return "bundled"
        if self.url.startswith("/"):
            return "folder"
        if self.kind == "casaos-static" or self.url.endswith(".json"):
            return "static"
        return "zip" if self.url.partition("?")[0].lower().endswith(".zip") else "git"


@dataclass(frozen=True, slots=True)
class Brought:
    """`folder` is None where the source is as it was at the last sync. `notes` tell of what was left out."""

    folder: Path | None
    upstream: str
    notes: tuple[str, ...] = ()


def check_source(source: Source, home: Path) -> None:
    """Raise `Invalid` where a store cannot come from there."""
    if source.way == "git":
        check_remote(Remote(source.url, source.branch))
        return
    if source.branch:
        raise Invalid("Only git repositories have branches.", field="branch")
    if source.way == "folder":
        path = Path(source.url)
        if ".." in path.parts or "\0" in source.url or path == Path("/"):
            raise Invalid("Write the folder as a whole path, such as /srv/my-store.", field="url")
        if path.resolve().is_relative_to(home.resolve()) or home.resolve().is_relative_to(path.resolve()):
            raise Invalid("A store cannot be in Talome's own folder, or around it.", field="url")
        return
    parse_url(source.url)


class Sources:
    """The ways in which stores come."""

    def __init__(self, git: Git) -> None:
        self._git = git

    async def bring(self, source: Source, target: Path) -> Brought:
        """Into `target`, which is not there yet; after a `TalomeError` with the reason part of it may be there."""
        match source.way:
            case "bundled":
                return Brought(Path(source.url), "")
            case "folder":
                await asyncio.to_thread(copy_store, Path(source.url), target)
                return Brought(target, "")
            case "static":
                return await self._bring_static(source, target)
            case "zip":
                return await _bring_zip(source, target)
            case "git":
                return await self._bring_git(source, target)

    async def _bring_git(self, source: Source, target: Path) -> Brought:
        remote = Remote(source.url, source.branch, source.token, _USERNAME)
        head = await self._git.head(remote)
        if head == source.upstream and source.current is not None:
            return Brought(None, head)
        await self._git.clone(remote, target)
        await asyncio.to_thread(shutil.rmtree, target / ".git")
        return Brought(target, head)

    async def _bring_static(self, source: Source, target: Path) -> Brought:
        store = StaticStore(index_address(source.url))
        upstream = await store.load(source.upstream if source.current else "")
        if upstream == source.upstream and source.current is not None:
            return Brought(None, upstream)
        failures = await store.lay_out(target, source.current)
        return Brought(target, "" if failures else upstream, tuple(failures))  # what failed is tried again next time


async def _bring_zip(source: Source, target: Path) -> Brought:
    known = _marks(source.upstream if source.current else "")
    authorization = ""
    if source.token:
        authorization = "Basic " + b64encode(f"{_USERNAME}:{source.token}".encode()).decode()
    archive = target.with_name(f"{target.name}.zip")
    wish = Wish(
        _ZIP_BYTES, _ZIP_TIMEOUT_S, allow_private=True, authorization=authorization,
        etag=known.get("etag", ""), last_modified=known.get("modified", ""),
    )  # fmt: skip
    fetched = await download(source.url, archive, wish)
    if fetched.body is None:
        return Brought(None, source.upstream)
    try:
        digest = await asyncio.to_thread(_digest, archive)
        marks = {"etag": fetched.etag, "modified": fetched.last_modified, "digest": digest}
        upstream = orjson.dumps(marks).decode()
        if digest == known.get("digest"):
            return Brought(None, upstream)
        left_out = await asyncio.to_thread(unpack_zip, archive, target)
    finally:
        await asyncio.to_thread(archive.unlink, missing_ok=True)
    return Brought(target, upstream, tuple(f"Left out, as it is no file: {name}" for name in left_out))


def _marks(upstream: str) -> dict[str, str]:
    if not upstream.startswith("{"):
        return {}
    marks: dict[str, str] = orjson.loads(upstream)
    return marks


def _digest(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
