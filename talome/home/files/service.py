"""Looking at files and changing single ones; what takes long is in `tasks`."""

import grp
import os
import pwd
import secrets
import stat
import time
from contextlib import suppress
from typing import Final

from talome.core.errors import Conflict, Invalid, NotFound, TooLarge
from talome.core.operations import Caller
from talome.core.words import plain
from talome.engines.beneath import Beneath
from talome.home.files import names
from talome.home.files.content import Opened, opened, packed
from talome.home.files.ground import Ground, etag_of, owner_of_new, plainly
from talome.home.files.listing import Listings, entry_of, kind_of, media_type, moment, pictured
from talome.home.files.models import (
    Entry,
    FileInfo,
    FolderSize,
    Found,
    Listing,
    Root,
    Sort,
    TextFile,
)
from talome.home.files.names import OWN, PART, checked, kept, numbered, path_of, require_new, shown
from talome.home.files.personal import Personal
from talome.home.files.roots import Place, Roots
from talome.home.files.steps import is_theirs, pack
from talome.home.files.store import RootRow
from talome.home.files.tasks import FileTasks
from talome.home.files.trash import Trash

__all__ = [
    "OWN", "PART", "FileTasks", "Files", "Ground", "Opened", "Place", "RootRow", "Roots", "Trash", "checked",
    "entry_of", "etag_of", "is_theirs", "kept", "media_type", "numbered", "opened", "owner_of_new", "pack", "packed",
    "path_of", "plainly", "require_new", "shown",
]  # fmt: skip
_TEXT_BYTES: Final = 500_000
_PATIENCE_S: Final = 5.0


class Files:
    def __init__(self, ground: Ground, personal: Personal) -> None:
        self._ground = ground
        self._roots = ground.roots
        self._personal = personal
        self._listings = Listings()

    # --- looking ---

    async def list_(self, caller: Caller, path: str, sort: Sort, *, offset: int, limit: int, hidden: bool) -> Listing:
        if path == "/":
            return _list_of_roots(await self._roots.list_(caller))
        place = await self._roots.reach(caller, path, "read")
        return await plainly(
            place.name, lambda: self._listings.page(place, sort, offset=offset, limit=limit, hidden=hidden)
        )

    async def info(self, caller: Caller, path: str) -> FileInfo:
        place = await self._roots.reach(caller, path, "read")
        favourite = await self._personal.is_favourite(caller, place.path)
        return await plainly(place.name, lambda: _info(place, favourite=favourite))

    async def size(self, caller: Caller, path: str) -> FolderSize:
        place = await self._roots.reach(caller, path, "read")
        return await plainly(place.name, lambda: _size(place))

    async def search(self, caller: Caller, query: str, path: str, limit: int) -> Found:
        """By name; it stops where it has found enough or looked for long enough."""
        if path == "/":
            readable = (await self._roots.readable(caller)).values()
            places = [Place(root, (), "read") for root in readable]
        else:
            places = [await self._roots.reach(caller, path, "read")]
        return await plainly("", lambda: _search(places, plain(query), limit))

    # --- changing ---

    async def mkdir(self, caller: Caller, path: str, *, parents: bool) -> Entry:
        place = await self._roots.reach(caller, path, "write")
        if not place.parts:
            raise Conflict(f"“{place.name}” is there already.", conflicts=[place.name])
        entry = await plainly(place.name, lambda: _mkdir(place, parents=parents))
        self._ground.changed(place.above)
        return entry

    async def rename(self, caller: Caller, path: str, to: str) -> Entry:
        source = await self._roots.reach(caller, path, "write")
        target = await self._roots.reach(caller, to, "write")
        if not source.parts or not target.parts:
            raise Invalid("A root cannot be renamed here; an administrator can change its name.")
        names.require_new(target.name)
        entry = await plainly(target.name, lambda: _rename(source, target))
        self._ground.changed(source.above, target.above)
        return entry

    # --- text ---

    async def read_text(self, caller: Caller, path: str) -> TextFile:
        place = await self._roots.reach(caller, path, "read")
        found = await plainly(place.name, lambda: _read_text(place))
        await self._personal.note(caller, place.path, "opened")
        return found

    async def write_text(self, caller: Caller, path: str, text: str, etag: str | None) -> TextFile:
        place = await self._roots.reach(caller, path, "write")
        content = text.encode()
        if len(content) > _TEXT_BYTES:
            raise TooLarge(f"A text file has up to {_TEXT_BYTES:,} bytes here.")
        written = await plainly(place.name, lambda: _write_text(place, content, etag))
        await self._personal.note(caller, place.path, "changed")
        self._ground.changed(place.above)
        return TextFile(path=place.path, text=text, etag=etag_of(written), size_bytes=len(content), access="write")


def _list_of_roots(roots: list[Root]) -> Listing:
    entries = [
        Entry(
            name=root.name, path=root.path, kind="folder", size_bytes=None, modified_at=moment(0),
            media_type=None, thumbnail=False,
        )
        for root in roots
    ]  # fmt: skip
    return Listing(path="/", entries=entries, total=len(entries), next_offset=None, revision="", access="read")


def _info(place: Place, *, favourite: bool) -> FileInfo:
    with place.open() as root:
        known = root.stat(place.parts)
        kind = kind_of(known)
        target = names.shown(root.link_target(place.parts)) if kind == "link" else None
    is_file = kind == "file"
    media = media_type(place.parts[-1]) if is_file else None
    return FileInfo(
        name=place.name,
        path=place.path,
        kind=kind,
        size_bytes=known.st_size if is_file else None,
        disk_bytes=known.st_blocks * 512,
        modified_at=moment(known.st_mtime),
        media_type=media,
        thumbnail=pictured(media),
        mode=stat.filemode(known.st_mode),
        uid=known.st_uid,
        gid=known.st_gid,
        owner=_name_of_user(known.st_uid),
        group=_name_of_group(known.st_gid),
        etag=etag_of(known) if is_file else None,
        link_target=target,
        favourite=favourite,
        access=place.access,
    )


def _name_of_user(uid: int) -> str | None:
    with suppress(KeyError):
        return pwd.getpwuid(uid).pw_name
    return None


def _name_of_group(gid: int) -> str | None:
    with suppress(KeyError):
        return grp.getgrgid(gid).gr_name
    return None


def _size(place: Place) -> FolderSize:
    total, files, folders, complete = 0, 0, 0, True
    end = time.monotonic() + _PATIENCE_S
    with place.open() as root:
        if not stat.S_ISDIR(root.stat(place.parts).st_mode):
            raise Invalid(f"“{place.name}” is no folder.", code="not_a_folder")
        for met in root.walk(place.parts, is_theirs):
            if not is_theirs(met):
                continue
            if stat.S_ISDIR(met.known.st_mode):
                folders += 1
            else:
                files += 1
                total += met.known.st_size if stat.S_ISREG(met.known.st_mode) else 0
            if time.monotonic() > end:
                complete = False
                break
    return FolderSize(path=place.path, bytes=total, files=files, folders=folders, complete=complete)


def _search(places: list[Place], wanted: str, limit: int) -> Found:
    found: list[Entry] = []
    end = time.monotonic() + _PATIENCE_S
    for place in places:
        with suppress(OSError, NotFound), place.open() as root:
            for met in root.walk(place.parts, is_theirs):
                if time.monotonic() > end or len(found) >= limit:
                    return Found(entries=found, complete=False)
                if is_theirs(met) and wanted in plain(names.shown(met.name)):
                    found.append(entry_of(Place(place.root, met.parts, place.access), met.known))
    return Found(entries=found, complete=True)


def _mkdir(place: Place, *, parents: bool) -> Entry:
    with place.open() as root:
        owner = owner_of_new(place.root, root)
        for end in range(1, len(place.parts)) if parents else ():
            with suppress(FileExistsError):
                _make_one(root, place.parts[:end], owner)
        try:
            _make_one(root, place.parts, owner)
        except FileExistsError:
            if not parents or not stat.S_ISDIR(root.stat(place.parts).st_mode):
                raise
        return entry_of(place, root.stat(place.parts))


def _make_one(root: Beneath, parts: tuple[str, ...], owner: tuple[int, int] | None) -> None:
    if not root.exists(parts):
        names.require_new(names.shown(parts[-1]))
    root.mkdir(parts)
    if owner is not None:
        root.chown(parts, *owner)


def _rename(source: Place, target: Place) -> Entry:
    with source.open() as from_, target.open() as to:
        known = from_.stat(source.parts)
        if target.parts[: len(source.parts)] == source.parts and source.root.id == target.root.id:
            raise Invalid(f"“{source.name}” cannot be moved into itself.")
        with from_.above(source.parts) as here, to.above(target.parts) as there:
            if os.fstat(here).st_dev != os.fstat(there).st_dev:
                raise Conflict("That is another disk. Use “move”, which copies.", code="other_disk")
        from_.rename(source.parts, to, target.parts)
        return entry_of(target, known)


def _read_text(place: Place) -> TextFile:
    with place.open() as root:
        descriptor = root.file(place.parts)
        with os.fdopen(descriptor, "rb") as file:
            known = os.fstat(descriptor)
            content = file.read(_TEXT_BYTES + 1) if known.st_size <= _TEXT_BYTES else b""
    if known.st_size > _TEXT_BYTES or len(content) > _TEXT_BYTES:
        raise TooLarge(f"“{place.name}” is larger than {_TEXT_BYTES:,} bytes. Download it instead.")
    try:
        if b"\0" in content:
            raise ValueError
        text = content.decode()
    except ValueError:
        raise Invalid(f"“{place.name}” is no text in UTF-8.", code="not_text") from None
    return TextFile(path=place.path, text=text, etag=etag_of(known), size_bytes=len(content), access=place.access)


def _write_text(place: Place, content: bytes, etag: str | None) -> os.stat_result:
    if not place.parts:
        raise Invalid(f"“{place.name}” is a folder.", code="is_a_folder")
    part = place.above.below(f"{names.PART}{secrets.token_hex(8)}").parts
    with place.open() as root:
        known = _require_state(root, place, etag)
        descriptor = root.make(part)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                _dress_like(descriptor, known, place, root)
                os.fsync(descriptor)
                written = os.fstat(descriptor)
            _require_state(root, place, etag)
            root.rename(part, root, place.parts, replace=known is not None)
        except BaseException:
            root.remove(part)
            raise
    return written


def _require_state(root: Beneath, place: Place, etag: str | None) -> os.stat_result | None:
    """The file as it is, if it is what the writer read; None where there is none and none was expected."""
    try:
        known = root.stat(place.parts)
    except FileNotFoundError:
        if etag is not None:
            raise Conflict(f"“{place.name}” was deleted meanwhile.", code="changed") from None
        names.require_new(place.name)
        return None
    if not stat.S_ISREG(known.st_mode):
        raise Invalid(f"“{place.name}” is no ordinary file.", code="not_a_file")
    if etag is None:
        raise Conflict(f"“{place.name}” is there already.", code="exists", conflicts=[place.name])
    if etag != etag_of(known):
        raise Conflict(
            f"“{place.name}” was changed by somebody else since you read it.", code="changed", etag=etag_of(known)
        )
    return known


def _dress_like(descriptor: int, known: os.stat_result | None, place: Place, root: Beneath) -> None:
    """Owner and mode of the file that it takes the place of, or of a new one."""
    if known is None:
        if (owner := owner_of_new(place.root, root)) is not None:
            os.fchown(descriptor, *owner)
        return
    with suppress(PermissionError):
        os.fchown(descriptor, known.st_uid, known.st_gid)
    os.fchmod(descriptor, stat.S_IMODE(known.st_mode) & 0o777)
