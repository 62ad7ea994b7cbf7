"""The memory with the accounts that it needs, over real files, without a server: operations are called by name."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from talome.accounts.opening import Accounts, open_accounts
from talome.accounts.users.models import UserRow
from talome.accounts.workspaces.models import WorkspaceWish
from talome.app import open_kernel
from talome.core.errors import Unavailable
from talome.core.kernel import Kernel
from talome.core.operations import Caller
from talome.memory.opening import Memory, open_memory
from talome.memory.studio.models import Writer
from tests.support.house import boot_settings

ADA = Caller("usr_ada", "ada", "user", frozenset({"*"}))
BEN = Caller("usr_ben", "ben", "user", frozenset({"memory:*"}))
AGENT = Caller("usr_ada", "ada's agent", "agent", frozenset({"memory:*"}))
PEOPLE = (
    UserRow(ADA.user_id, "ada", "ada", None, "admin", "[]", "x", 0, 0, 0, None),
    UserRow(BEN.user_id, "ben", "ben", None, "member", '["memory:write"]', "x", 0, 0, 0, None),
)
APP = Caller("usr_ada", "app", "key", frozenset({"memory:*"}), key_id="key_app")


class NoModels:
    """The gateway of a house without models."""

    def require_chat(self, caller: Caller, model: str) -> None:
        raise Unavailable("No model is set up. Add one.")

    async def chat(self, caller: Caller, body: dict[str, Any], *, feature: str = "") -> dict[str, Any]:
        raise Unavailable("No model is set up. Add one.")


NOBODY = NoModels()


@dataclass
class Ground:
    kernel: Kernel
    accounts: Accounts
    memory: Memory

    async def call(self, caller: Caller, name: str, **arguments: Any) -> Any:
        """As over HTTP: the scope, the validation and the guard count; the answer is as JSON has it."""
        operation = self.kernel.registry[name]
        result = await operation.call(caller, lambda: operation.parse_json(arguments))
        assert operation.result is not None
        return operation.result.dump_python(result, mode="json", by_alias=True)

    async def keep(self, content: str, caller: Caller = ADA, **more: Any) -> dict[str, Any]:
        return dict(await self.call(caller, "memory_notes.add", note={"content": content, **more}))

    async def found(self, query: str, caller: Caller = ADA, **more: Any) -> list[str]:
        answer = await self.call(caller, "memory_notes.search", query=query, **more)
        return [note["id"] for note in answer["data"]]

    async def workspace(self, slug: str, owner: Caller = ADA) -> str:
        made = await self.accounts.workspaces.add(owner, WorkspaceWish(slug, slug))
        return made.id


@asynccontextmanager
async def open_ground(home: Path, writer: Writer = NOBODY) -> AsyncIterator[Ground]:
    async with AsyncExitStack() as stack:
        kernel, audit = await open_kernel(stack, boot_settings(home))
        accounts = await open_accounts(stack, kernel, audit)
        async with kernel.db.write() as tx:
            for row in PEOPLE:
                await accounts.users.store.put(tx, row)
        yield Ground(kernel, accounts, await open_memory(stack, kernel, accounts, writer))
