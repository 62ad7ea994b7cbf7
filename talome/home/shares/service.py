"""Links: made by somebody for a path of theirs, opened by whoever has the address, as long as the maker may."""

import asyncio
import hashlib
import hmac
import secrets as random
import stat
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, Protocol

from talome.accounts.throttle import Throttle
from talome.core import ids
from talome.core.clock import from_ms, now_ms, to_ms
from talome.core.errors import Forbidden, Invalid, NotFound, TalomeError, TooMany
from talome.core.operations import Caller, require
from talome.core.secrets import Secrets
from talome.engines.beneath import said_plainly
from talome.home.files.service import Place, Roots, checked
from talome.home.shares.models import LinkKind, NewShareLink, ShareLink
from talome.home.shares.store import LinkRow, LinksStore

MOST_LINKS: Final = 500
UNLOCKED_S: Final = 3600
_PURPOSE: Final = "shares.unlocked"
_TOKEN_BYTES: Final = 16
_CLEARED: Final = {"password": "password", "expiresAt": "expires_at", "mostDownloads": "most_downloads"}
_GONE: Final = "This link does not exist, or no longer works. Ask whoever gave it to you for a new one."


class Passwords(Protocol):
    """Slow hashes."""

    async def hash(self, password: str) -> str: ...
    async def verify(self, password: str, password_hash: str | None) -> bool: ...


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody asks for who makes a link."""

    path: str
    kind: LinkKind
    name: str | None = None
    password: str | None = None
    expires_at: datetime | None = None
    most_downloads: int | None = None


class ShareLinks:
    """`roots` says what the maker of a link may do now, each time it is opened."""

    def __init__(
        self, store: LinksStore, roots: Roots, passwords: Passwords, secrets: Secrets, throttle: Throttle
    ) -> None:
        self._store = store
        self._roots = roots
        self._passwords = passwords
        self._secrets = secrets
        self._throttle = throttle

    # --- for who makes them ---

    async def of(self, caller: Caller) -> list[ShareLink]:
        """The caller's own, the latest first; for an administrator everybody's."""
        is_admin = caller.may("*")
        rows = await (self._store.all() if is_admin else self._store.of_user(caller.user_id))
        return [await self._shown(row) for row in rows]

    async def add(self, caller: Caller, wish: Wish) -> NewShareLink:
        """Raises what reaching the path raises: nobody shares what they cannot reach."""
        need = "write" if wish.kind == "drop" else "read"
        require(caller, f"files:{need}")
        place = await self._roots.reach(caller, wish.path, "write" if wish.kind == "drop" else "read")
        is_folder = await asyncio.to_thread(_is_folder, place)
        if wish.kind == "drop" and not is_folder:
            raise Invalid("Files are dropped into a folder. Choose one.", field="path")
        if await self._store.count(caller.user_id) >= MOST_LINKS:
            raise TooMany(f"There are {MOST_LINKS} links of yours. Delete some first.", retry_after_s=60)
        token = random.token_urlsafe(_TOKEN_BYTES)
        row = LinkRow(
            id=ids.new_id("shr"), digest=_digest(token), user_id=caller.user_id, made_by=caller.name, path=place.path,
            name=wish.name or place.name, kind=wish.kind,
            password=await self._passwords.hash(wish.password) if wish.password else None,
            expires_at=_moment(wish.expires_at), most_downloads=wish.most_downloads,
            downloads=0, uploads=0, created_at=now_ms(), last_used_at=None,
        )  # fmt: skip
        await self._store.add(row)
        return NewShareLink(link=await self._shown(row), url=f"/s/{token}")

    async def change(self, caller: Caller, id: str, changes: Mapping[str, Any]) -> ShareLink:
        """What is given is set; None takes a password, an end or a limit away."""
        row = await self._own(caller, id)
        values = dict(changes)
        if "expires_at" in values:
            values["expires_at"] = _moment(values["expires_at"])
        if values.get("password") is not None:
            values["password"] = await self._passwords.hash(values["password"])
        row = replace(row, **values)
        await self._store.change(row)
        return await self._shown(row)

    async def remove(self, caller: Caller, id: str) -> None:
        """From now on it leads nowhere."""
        await self._store.delete((await self._own(caller, id)).id)

    async def _own(self, caller: Caller, id: str) -> LinkRow:
        row = await self._store.get(id)
        if row is None or (row.user_id != caller.user_id and not caller.may("*")):
            raise NotFound("There is no such link.")
        return row

    async def _shown(self, row: LinkRow) -> ShareLink:
        reason = await self._problem(row)
        return ShareLink.model_validate(
            {
                "id": row.id,
                "name": row.name,
                "path": row.path,
                "kind": row.kind,
                "made_by": row.made_by,
                "has_password": row.password is not None,
                "expires_at": None if row.expires_at is None else from_ms(row.expires_at),
                "most_downloads": row.most_downloads,
                "downloads": row.downloads,
                "uploads": row.uploads,
                "created_at": from_ms(row.created_at),
                "last_used_at": None if row.last_used_at is None else from_ms(row.last_used_at),
                "works": reason is None,
                "reason": reason,
            }
        )

    async def _problem(self, row: LinkRow) -> str | None:
        if row.expires_at is not None and row.expires_at <= now_ms():
            return "It has expired."
        if row.most_downloads is not None and row.downloads >= row.most_downloads:
            return "It was downloaded as often as it may be."
        try:
            place = await self._reach(row, ())
            await asyncio.to_thread(_is_folder, place)
        except TalomeError:
            return "Whoever made it may not reach this path any more, or it is gone."
        return None

    # --- for who opens them ---

    async def open(self, token: str) -> LinkRow:
        """The link of an address. Whatever is wrong with it, a stranger is told the same."""
        row = await self._store.by_digest(_digest(token)) if len(token) <= 64 else None
        if row is None or (row.expires_at is not None and row.expires_at <= now_ms()):
            raise NotFound(_GONE)
        if row.most_downloads is not None and row.downloads >= row.most_downloads:
            raise NotFound(_GONE)
        return row

    async def place(self, row: LinkRow, path: str = "") -> Place:
        """What it leads to, or something below. `path` comes from a stranger."""
        below = checked([name for name in path.split("/") if name]) if path else ()
        try:
            return await self._reach(row, below)
        except (NotFound, Forbidden):
            raise NotFound(_GONE) from None

    async def _reach(self, row: LinkRow, below: tuple[str, ...]) -> Place:
        place = await self._roots.reach_as(row.user_id, row.path, "write" if row.kind == "drop" else "read")
        return place.below(*below) if below else place

    def is_unlocked(self, row: LinkRow, proof: str) -> bool:
        """Whether the proof is of somebody who gave the password in the last hour; always where there is none."""
        if row.password is None:
            return True
        until, _, _ = proof.partition(".")
        known = until.isdecimal() and len(until) < 16 and int(until) > now_ms()
        return known and hmac.compare_digest(proof.encode(), self._proof(row, int(until)).encode())

    async def unlock(self, row: LinkRow, password: str, ip: str) -> str:
        """The proof for `is_unlocked`. Raises `Forbidden` for a wrong password, `TooMany` where it is too early."""
        self._throttle.attempt(ip, row.id)
        if not await self._passwords.verify(password, row.password):
            raise Forbidden("That is not the password.", code="wrong_password")
        self._throttle.succeeded(ip, row.id)
        return self._proof(row, now_ms() + UNLOCKED_S * 1000)

    def _proof(self, row: LinkRow, until: int) -> str:
        """Bound to the link and its password, so that a new one ends it."""
        said = f"{until}.{row.id}.{row.password}".encode()
        return f"{until}.{hmac.new(self._secrets.key(_PURPOSE), said, hashlib.sha256).hexdigest()}"

    async def count_download(self, row: LinkRow) -> None:
        """Raises `NotFound` where it was downloaded as often as it may be."""
        if not await self._store.note_download(row.id, now_ms()):
            raise NotFound(_GONE)

    async def count_uploads(self, row: LinkRow, files: int) -> None:
        await self._store.note_uploads(row.id, files, now_ms())


def changes_of(
    name: str | None, password: str | None, expires_at: datetime | None, most_downloads: int | None, clear: list[str]
) -> dict[str, Any]:
    """What is to be set, and to nothing what is to be cleared."""
    given = {"name": name, "password": password, "expires_at": expires_at, "most_downloads": most_downloads}
    changes: dict[str, Any] = {key: value for key, value in given.items() if value is not None}
    for wanted in clear:
        if (column := _CLEARED.get(wanted)) is None:
            raise Invalid(f"“{wanted}” cannot be cleared, only {', '.join(_CLEARED)}.", field="clear")
        changes[column] = None
    return changes


def _is_folder(place: Place) -> bool:
    """Raises `NotFound` where there is nothing, or what is neither file nor folder."""
    with said_plainly(place.name), place.open() as root:
        mode = root.stat(place.parts).st_mode
    if not stat.S_ISDIR(mode) and not stat.S_ISREG(mode):
        raise Invalid(f"“{place.name}” is neither a file nor a folder, so it cannot be shared.", field="path")
    return stat.S_ISDIR(mode)


def _moment(at: datetime | None) -> int | None:
    if at is None:
        return None
    if at.tzinfo is None or to_ms(at) <= now_ms():
        raise Invalid("The end of a link lies in the future, and names its time zone.", field="expiresAt")
    return to_ms(at)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode(errors="surrogatepass")).hexdigest()
