"""Takes in what is to become a source, and has it read."""

import asyncio
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from talome.core import ids
from talome.core.clock import now_ms
from talome.core.errors import Forbidden, Invalid, NotFound
from talome.core.operations import Caller
from talome.engines.fetch import checked_addresses, parse_url
from talome.engines.git import Remote, check_remote
from talome.memory.sources.folders import SourceFolders
from talome.memory.sources.formats.parts import clean, one_line
from talome.memory.sources.ingest import Ingest
from talome.memory.sources.models import NewSource, SourceChanged
from talome.memory.sources.picking import check_folder
from talome.memory.sources.store import SourceRow, SourcesStore
from talome.memory.spaces import Spaces

_ENDINGS: Final = {"text/markdown": "md", "text/html": "html", "text/csv": "csv", "application/json": "json"}


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that has arrived. `path` is where it waits; it is moved from there."""

    path: Path
    name: str
    type: str
    sha256: str
    size_bytes: int


class Intake:
    def __init__(self, store: SourcesStore, folders: SourceFolders, ingest: Ingest, spaces: Spaces) -> None:
        self._store = store
        self._folders = folders
        self._ingest = ingest
        self._spaces = spaces
        self._held: dict[str, tuple[str, Upload]] = {}

    async def add(self, caller: Caller, new: NewSource) -> tuple[SourceRow, bool]:
        """The source, and whether it was there already with this very content."""
        given = [name for name in ("text", "url", "repository", "path", "upload") if getattr(new, name) is not None]
        if len(given) != 1:
            raise Invalid("Give exactly one of “text”, “url”, “repository”, “path” and a file.", field="text")
        if new.allow_private and "*" not in caller.scopes:
            raise Forbidden("Only an administrator may have an address in the own network read.")
        if new.watch and new.path is None:
            raise Invalid("Only a folder of this machine can be watched.", field="watch")
        if new.text is not None:
            return await self._add_text(caller, new, new.text)
        if new.upload is not None:
            return await self._add_upload(caller, new, new.upload)
        if new.path is not None:
            return await self._add_folder(caller, new, new.path)
        if new.url is not None:
            origin = str(parse_url(new.url).with_fragment(None))
            return await self._settle(self._row(caller, new, "url", origin), None)
        return await self._add_repository(caller, new, new.repository or "")

    def hold(self, caller: Caller, upload: Upload) -> str:
        """Returns the id by which the caller can make a source of it, until it is let go."""
        self._held[upload.path.name] = (caller.user_id, upload)
        return upload.path.name

    def let_go(self, upload_id: str) -> None:
        self._held.pop(upload_id, None)

    async def _add_upload(self, caller: Caller, new: NewSource, upload_id: str) -> tuple[SourceRow, bool]:
        owner, upload = self._held.get(upload_id, ("", None))
        if upload is None or owner != caller.user_id:
            raise NotFound("There is no such upload.")
        row = self._row(caller, new, "upload", one_line(upload.name) or "file")
        row = row.changed(type=new.type or upload.type, sha256=upload.sha256, size_bytes=upload.size_bytes)
        return await self._settle(row, upload.path)

    async def _add_text(self, caller: Caller, new: NewSource, text: str) -> tuple[SourceRow, bool]:
        data = clean(text).encode()
        row = self._row(caller, new, "text", f"text.{_ENDINGS.get(new.type, 'txt')}")
        row = row.changed(
            title=row.title or one_line(text.strip().partition("\n")[0].lstrip("#"), 80) or "Text",
            type=new.type,
            sha256=hashlib.sha256(data).hexdigest(),
            size_bytes=len(data),
        )
        arrived = await asyncio.to_thread(self._folders.incoming)
        try:
            await asyncio.to_thread(arrived.write_bytes, data)
            return await self._settle(row, arrived)
        finally:
            await asyncio.to_thread(arrived.unlink, missing_ok=True)

    async def _add_folder(self, caller: Caller, new: NewSource, path: str) -> tuple[SourceRow, bool]:
        if caller.kind not in ("user", "key") or "*" not in caller.scopes:
            raise Forbidden("Only an administrator may make a folder of this machine a source.")
        folder = await asyncio.to_thread(check_folder, path, self._folders.home)
        return await self._settle(self._row(caller, new, "folder", str(folder)), None)

    async def _add_repository(self, caller: Caller, new: NewSource, url: str) -> tuple[SourceRow, bool]:
        if url.startswith("file:"):
            raise Invalid("Give a repository on this machine as “path”.", field="repository")
        check_remote(Remote(url, new.branch))
        await checked_addresses(parse_url(url), allow_private=new.allow_private)
        return await self._settle(self._row(caller, new, "repository", url), None)

    def _row(self, caller: Caller, new: NewSource, kind: str, origin: str) -> SourceRow:
        if (new.external_source is None) != (new.external_id is None):
            raise Invalid("“external_source” and “external_id” go together.", field="external_id")
        now = now_ms()
        return SourceRow(
            id=ids.new_id("src"), space=self._spaces.home(caller, new.workspace_id), kind=kind,
            title=one_line(new.title or "", 200), origin=origin, branch=new.branch, type="",
            external_source=new.external_source, external_id=new.external_id, sha256="", reader=0, size_bytes=0,
            state="waiting", stage=None, done=None, total=None, problem=None, problems="[]", job_id=None,
            watched=int(new.watch), allow_private=int(new.allow_private), etag="", last_modified="",
            added_by=caller.name, created_at=now, updated_at=now, read_at=None,
        )  # fmt: skip

    async def _settle(self, row: SourceRow, arrived: Path | None) -> tuple[SourceRow, bool]:
        """New, or the one that is there already: with the very same content it stays as it is, else it is read anew.
        `arrived` is the file that becomes its original."""
        async with self._ingest.changing:
            known = await self._store.same(row)
            if known is not None:
                return await self._again(known, row, arrived)
            if arrived is not None:
                await asyncio.to_thread(self._folders.settle, arrived, row.id)
            async with self._store.db.write() as tx:
                await self._store.add(tx, row)
                tx.emit(SourceChanged(row.id, row.space))
            return await self._ingest.start(row), False

    async def _again(self, known: SourceRow, row: SourceRow, arrived: Path | None) -> tuple[SourceRow, bool]:
        if arrived is not None and known.sha256 == row.sha256 and known.state != "failed":
            return known, True
        if known.kind != row.kind:
            raise Invalid("What has this outside name is another kind of source. Delete it first.", field="external_id")
        await self._ingest.require_rest(known)
        if arrived is not None:
            await asyncio.to_thread(self._folders.settle, arrived, known.id)
        changed = known.changed(
            title=row.title or known.title, reader=0 if arrived is not None else known.reader,
            origin=row.origin, branch=row.branch, type=row.type or known.type,
            watched=row.watched, allow_private=row.allow_private, updated_at=now_ms(),
            size_bytes=row.size_bytes or known.size_bytes,
        )  # fmt: skip
        async with self._store.db.write() as tx:
            await self._store.update(tx, changed)
        return await self._ingest.start(changed), False
