"""Network folders (SMB): who may use which root, and the server that is kept to it while the setting is on."""

import asyncio
import hashlib
import logging
import secrets as random
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Final, Literal

from talome.core.background import Background
from talome.core.clock import now_ms
from talome.core.errors import Conflict, TalomeError
from talome.core.events import Events
from talome.core.operations import Caller, require
from talome.core.settings.service import Setting, Settings
from talome.engines.samba import ACCOUNTS, Samba, SmbShare
from talome.home.files.service import RootRow, Roots
from talome.home.shares.models import SmbAccess, SmbPassword
from talome.home.shares.store import SmbUsersStore

ENABLED: Final = "shares.smb"
SETTINGS: Final[tuple[Setting, ...]] = (
    Setting(
        key=ENABLED, kind="boolean", default=False, title="Network folders (SMB)",
        help="Other computers of the house open your folders as network drives. Needs Samba on this machine.",
        feature="shares", people_only=True,
    ),
)  # fmt: skip
_LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"
_LOOK_S: Final = 30.0
_REST_S: Final = (1.0, 600.0)
"""Before a server that ended by itself is started again: the first time, and at most. Each time is twice the last."""
_STEADY_S: Final = 60.0
_SETTLE_S: Final = 0.2
"""Changes are told with their commit, a moment before whoever keeps them in memory has them, and often several come."""
_log = logging.getLogger(__name__)


class NetworkFolders(Background):
    """Enter it to have the server run while the setting is on. `changes` are the events after which rights may differ.

    The rows say who has a password; accounts of the machine follow them, also after a crash between the two."""

    def __init__(
        self, store: SmbUsersStore, roots: Roots, settings: Settings, samba: Samba,
        *, events: Events, changes: Iterable[type],
    ) -> None:  # fmt: skip
        self._store = store
        self._roots = roots
        self._settings = settings
        self._samba = samba
        self._wake = asyncio.Event()
        self._keeping = asyncio.Lock()
        self._problem: str | None = None
        self._started_at = 0.0
        self._rest_s = 0.0
        for change in changes:
            events.on(change, self._changed)

    async def _changed(self, _: object) -> None:
        self._wake.set()

    # --- for people ---

    async def access(self, caller: Caller) -> SmbAccess:
        """Whether there are network folders here, and what the caller has of them."""
        enabled, users = bool(self._settings.get(ENABLED)), await self._store.all()
        problem = await asyncio.to_thread(self._samba.problem)
        if not enabled and problem is None:
            problem = "Network folders are switched off. An administrator can switch them on in the settings."
        readable = await self._roots.readable(caller) if caller.may("files:read") else {}
        return SmbAccess(
            available=problem is None,
            running=self._samba.running,
            reason=problem or self._problem,
            address="smb://" if problem is None else None,
            username=users.get(caller.user_id),
            has_password=caller.user_id in users,
            shares=sorted(row.id for row in readable.values()) if problem is None else [],
        )

    async def make_password(self, caller: Caller) -> SmbPassword:
        """Told once. Network passwords are kept as weak digests, by SMB's design, so people do not choose them."""
        require(caller, "files:read")
        if caller.key_id is not None:
            raise Conflict("An API key cannot make passwords. Sign in for that.")
        if (problem := await asyncio.to_thread(self._samba.problem)) is not None:
            raise Conflict(problem)
        password = "-".join("".join(random.choice(_LETTERS) for _ in range(5)) for _ in range(4))
        async with self._keeping:
            await self._store.put(caller.user_id, caller.name, now_ms())
            await self._samba.add_account(account_of(caller.user_id), password)
        self._wake.set()
        return SmbPassword(username=caller.name, password=password)

    async def remove_password(self, caller: Caller) -> None:
        async with self._keeping:
            await self._store.delete(caller.user_id)
            if await asyncio.to_thread(self._samba.problem) is None:
                await self._samba.remove_account(account_of(caller.user_id))
        self._wake.set()

    # --- the server ---

    async def _work(self) -> None:
        while True:
            await asyncio.sleep(_SETTLE_S)
            self._wake.clear()
            try:
                await self.keep()
                self._tell(None)
            except TalomeError as error:
                self._tell(error.message)
            except OSError:
                _log.exception("Network folders could not be kept up")
                self._problem = "This machine refused it. The log has the details."
            await self._rest()

    def _tell(self, problem: str | None) -> None:
        if problem is not None and problem != self._problem:
            _log.warning("Network folders are not served: %s", problem)
        self._problem = problem

    async def _rest(self) -> None:
        """Until something may have changed. A server that ended by itself is left alone for longer each time."""
        woken, ended = asyncio.create_task(self._wake.wait()), asyncio.create_task(self._samba.ended())
        try:
            await asyncio.wait({woken, ended}, timeout=_LOOK_S, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (woken, ended):
                task.cancel()
            said, _ = await asyncio.gather(ended, woken, return_exceptions=True)
        if not isinstance(said, str):
            return
        self._tell(said)
        steady = time.monotonic() - self._started_at > _STEADY_S
        self._rest_s = _REST_S[0] if steady else min(max(self._rest_s * 2, _REST_S[0]), _REST_S[1])
        with suppress(TimeoutError):
            await asyncio.wait_for(self._wake.wait(), self._rest_s)

    async def _close(self) -> None:
        await self._samba.stop()

    async def keep(self) -> None:
        """Bring the server to what the setting, the rows and everybody's rights say now."""
        async with self._keeping:
            if not self._settings.get(ENABLED):
                await self._samba.stop()
                return
            if (problem := await asyncio.to_thread(self._samba.problem)) is not None:
                raise Conflict(problem)
            users = await self._store.all()
            for user_id in users:
                await self._samba.ensure_account(account_of(user_id))
            shares = [await self._share(row, users) for row in self._roots.all() if await _is_there(row)]
            names = {name: account_of(user_id) for user_id, name in users.items()}
            changed = await self._samba.configure(shares, names)
            if not self._samba.running:
                await self._samba.start()
                self._started_at = time.monotonic()
            elif changed:
                await self._samba.reload()

    async def _share(self, row: RootRow, users: dict[str, str]) -> SmbShare:
        readers = [account_of(user) for user in users if await self._may(user, row, "read")]
        writers = [account_of(user) for user in users if await self._may(user, row, "write")]
        return SmbShare(row.id, Path(row.folder), tuple(readers), tuple(writers))

    async def _may(self, user_id: str, row: RootRow, need: Literal["read", "write"]) -> bool:
        try:
            await self._roots.reach_as(user_id, f"/{row.id}", need)
        except TalomeError:
            return False
        return True


def account_of(user_id: str) -> str:
    """The machine's account of a person: always the same, and nothing of theirs in it."""
    return f"{ACCOUNTS}{hashlib.sha256(user_id.encode()).hexdigest()[:12]}"


async def _is_there(row: RootRow) -> bool:
    return await asyncio.to_thread(Path(row.folder).is_dir)
