"""The folders that are open to people, and the one door to them: `reach` says who may do what where."""

import asyncio
import os
import re
import shutil
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, Literal

from talome.core.clock import now_ms
from talome.core.errors import Conflict, Forbidden, Invalid, NotFound, Unavailable
from talome.core.events import Events
from talome.core.models import Done
from talome.core.operations import Caller
from talome.engines.beneath import Beneath, Parts
from talome.home.files import names
from talome.home.files.models import Access, Root, RootGrant, RootsChanged
from talome.home.files.store import RootRow, RootsStore

Need = Literal["read", "write"]
Rights = Callable[[str], Awaitable[frozenset[str]]]
"""The scopes that a user has now; none of somebody who is gone or locked out."""
_RANK: Final = {"none": 0, "read": 1, "write": 2}
_ACCESS: Final[tuple[Access, ...]] = ("none", "read", "write")
_KERNELS: Final = ("/proc", "/sys", "/dev", "/run")
_MOST_ROOTS: Final = 200


@dataclass(frozen=True, slots=True)
class Place:
    """Where a path leads, for somebody who may go there; `parts` is empty for the root itself."""

    root: RootRow
    parts: Parts
    access: Access

    def open(self) -> Beneath:
        """The root's folder, as a context; blocking."""
        try:
            return Beneath.at(self.root.folder)
        except OSError:
            raise gone(self.root) from None

    @property
    def path(self) -> str:
        return names.path_of(self.root.id, self.parts)

    @property
    def name(self) -> str:
        return names.shown(self.parts[-1]) if self.parts else self.root.name

    @property
    def above(self) -> "Place":
        return replace(self, parts=self.parts[:-1])

    def below(self, *parts: str) -> "Place":
        return replace(self, parts=(*self.parts, *parts))


class Roots:
    """Kept in memory; `load` fills it once at start."""

    def __init__(self, store: RootsStore, events: Events, rights: Rights, home: Path) -> None:
        self._store = store
        self._events = events
        self._rights = rights
        self._home = home
        self._rows: dict[str, RootRow] = {}

    async def load(self, first: Path | None = None) -> None:
        """`first`: the folder that a new house begins with, for its administrators alone."""
        await self._read()
        if first is not None and not self._rows:
            await asyncio.to_thread(first.mkdir, mode=0o755, parents=True, exist_ok=True)
            row = RootRow("shared", "Shared", str(first), "none", None, None, {})
            async with self._store.db.write() as tx:
                await self._store.put(tx, row, now_ms())
            await self._read()

    async def _read(self) -> None:
        self._rows = {row.id: row for row in await self._store.all()}

    # --- who may go where ---

    def all(self) -> list[RootRow]:
        """Every root, whoever may use it: for what Talome does by itself."""
        return list(self._rows.values())

    def get(self, root_id: str) -> RootRow | None:
        return self._rows.get(root_id)

    async def access(self, caller: Caller, root: RootRow) -> Access:
        """What the caller may do in a root, apart from their scopes."""
        return self._access(caller.user_id, root, await self.is_admin(caller))

    async def readable(self, caller: Caller) -> dict[str, RootRow]:
        """The roots in which the caller may read."""
        is_admin = await self.is_admin(caller)
        return {id: row for id, row in self._rows.items() if self._access(caller.user_id, row, is_admin) != "none"}

    async def reach(self, caller: Caller, path: str, need: Need) -> Place:
        """Where the path leads. A root that the caller may not read is not there for them."""
        root_id, parts = names.parse(path)
        root = self._rows.get(root_id)
        access = "none" if root is None else await self.access(caller, root)
        if root is None or access == "none":
            raise NotFound(f"There is no root “{root_id}”. “/” lists those that are open to you.")
        if _RANK[access] < _RANK[need]:
            raise Forbidden(f"You may read in “{root.name}”, but not change anything.", code="read_only")
        return Place(root, parts, access)

    async def reach_as(self, user_id: str, path: str, need: Need) -> Place:
        """The same by the rights that somebody has now, who is not here themselves: whoever shared something."""
        scopes = await self._rights(user_id)
        somebody = Caller(user_id, "", "user", scopes)
        if not somebody.may(f"files:{need}"):
            raise NotFound("There is no such file or folder.")
        return await self.reach(somebody, path, need)

    async def is_admin(self, caller: Caller) -> bool:
        """Whether the person is one, also where the caller's own rights are narrower."""
        return "*" in caller.scopes or (caller.user_id != "" and "*" in await self._rights(caller.user_id))

    @staticmethod
    def _access(user_id: str, root: RootRow, is_admin: bool) -> Access:
        if is_admin:
            return "write"
        ranks = (_RANK.get(root.everyone, 0), _RANK.get(root.grants.get(user_id, "none"), 0))
        return _ACCESS[max(ranks)]

    # --- showing and changing them ---

    async def list_(self, caller: Caller) -> list[Root]:
        is_admin = await self.is_admin(caller)
        rows = (await self.readable(caller)).values()
        return await asyncio.to_thread(
            lambda: [_shown(row, self._access(caller.user_id, row, is_admin), told=is_admin) for row in rows]
        )

    async def add(self, caller: Caller, root_id: str | None, *, name: str, folder: str, **values: Any) -> Root:
        await self._require_admin(caller)
        checked = await asyncio.to_thread(self._checked_folder, folder)
        if any(row.folder == checked for row in self._rows.values()):
            raise Conflict(f"“{checked}” is a root already.", field="folder")
        if len(self._rows) >= _MOST_ROOTS:
            raise Conflict(f"There are {_MOST_ROOTS} roots, which is all there can be.")
        chosen = root_id or self._free_id(name)
        if chosen in self._rows:
            raise Conflict(f"There is a root “{chosen}” already.", field="id")
        grants = await self._checked_grants(values["grants"])
        row = RootRow(chosen, name, checked, values["everyone"], values["uid"], values["gid"], grants)
        return await self._keep(row)

    async def change(self, caller: Caller, root_id: str, **values: Any) -> Root:
        await self._require_admin(caller)
        if (row := self._rows.get(root_id)) is None:
            raise NotFound(f"There is no root “{root_id}”.")
        given = {name: value for name, value in values.items() if value is not None}
        if "grants" in given:
            given["grants"] = await self._checked_grants(given["grants"])
        return await self._keep(replace(row, **given))

    async def remove(self, caller: Caller, root_id: str) -> Done:
        await self._require_admin(caller)
        async with self._store.db.write() as tx:
            if not await self._store.remove(tx, root_id):
                raise NotFound(f"There is no root “{root_id}”.")
        await self._read()
        self._events.publish(RootsChanged())  # whoever hears it finds the roots as they are now
        return Done()

    async def _keep(self, row: RootRow) -> Root:
        async with self._store.db.write() as tx:
            await self._store.put(tx, row, now_ms())
        await self._read()
        self._events.publish(RootsChanged())
        return await asyncio.to_thread(_shown, row, "write", told=True)

    async def _require_admin(self, caller: Caller) -> None:
        if not await self.is_admin(caller):
            raise Forbidden("Only an administrator chooses which folders are open to people.")

    async def _checked_grants(self, grants: Iterable[RootGrant]) -> dict[str, str]:
        found = {grant.user_id: grant.access for grant in grants}
        for user in found:
            if not await self._rights(user):
                raise Invalid("A grant names somebody who is not here.", field="grants")
        return dict(found)

    def _free_id(self, name: str) -> str:
        plain = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:50] or "root"
        found, number = plain, 2
        while found in self._rows:
            found, number = f"{plain}-{number}", number + 1
        return found

    def _checked_folder(self, folder: str) -> str:
        """The folder's real path. What holds Talome's own secrets, or is the kernel's, is refused."""
        real = os.path.realpath(folder)
        if not os.path.isdir(real):  # noqa: PTH112 - one look, without a Path for the text it came as
            raise Invalid(f"There is no folder “{folder}” on this machine.", field="folder")
        home = os.path.realpath(self._home)
        shared = f"{home}/shared"
        if _lies_in(home, real) or (_lies_in(real, home) and not _lies_in(real, shared)):
            raise Invalid(
                "Talome's own folder, with its keys and databases, lies there. Choose a folder beside it.",
                field="folder",
            )
        if any(_lies_in(real, kernels) for kernels in _KERNELS):
            raise Invalid("There are no files of people in there.", field="folder")
        return real


def gone(root: RootRow) -> Unavailable:
    return Unavailable(
        f"The folder of “{root.name}” is not there now. Is its disk plugged in and mounted?", code="root_gone"
    )


def _lies_in(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip("/") + "/")


def _shown(row: RootRow, access: Access, *, told: bool) -> Root:
    try:
        usage = shutil.disk_usage(row.folder)
        room: tuple[int | None, int | None] = (usage.free, usage.total)
    except OSError:
        room = (None, None)
    shown = Root(
        id=row.id,
        name=row.name,
        path=f"/{row.id}",
        access=access,
        available=room[0] is not None,
        free_bytes=room[0],
        total_bytes=room[1],
    )
    if not told:
        return shown
    grants = [
        RootGrant.model_validate({"user_id": user, "access": access}) for user, access in sorted(row.grants.items())
    ]
    more = {"folder": names.shown(row.folder), "everyone": row.everyone, "grants": grants}
    return shown.model_copy(update={**more, "uid": row.uid, "gid": row.gid})
