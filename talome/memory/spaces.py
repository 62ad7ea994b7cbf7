"""Spaces: who may read and write which part of the memory. Nobody else decides that.

`u:<user>` is what is a person's own, `w:<workspace>` what is in a workspace of theirs, and `house` what the household
shares, where one reads and writes only by asking for it (`@house`) or by asking for everything (`@all`). A workspace is
a wall: what is in it is found by naming it, and a key that is bound to one reaches nothing else.
"""

from typing import Annotated, Final

from pydantic import Field

from talome.accounts.workspaces.service import Workspaces
from talome.core.errors import Forbidden, Invalid, NotFound
from talome.core.operations import Caller

HOUSE: Final = "house"
HOUSEHOLD: Final = "@house"
EVERYTHING: Final = "@all"
SpaceName = Annotated[str, Field(min_length=1, max_length=64)]
"""As the wire has it: the name of a workspace, `@house`, or `@all` where something is looked for."""


def own_space(user_id: str) -> str:
    return f"u:{user_id}"


def workspace_space(workspace_id: str) -> str:
    return f"w:{workspace_id}"


class Spaces:
    def __init__(self, workspaces: Workspaces) -> None:
        self._workspaces = workspaces

    def of_user(self, user_id: str, workspace: str | None = None) -> frozenset[str]:
        """Everything a person may read, or someone who is bound to a workspace of theirs (by its id)."""
        if workspace is not None:
            policy = self._workspaces.policy(workspace)
            return frozenset({workspace_space(workspace)} if policy and policy.user_id == user_id else ())
        workspaces = {workspace_space(policy.id) for policy in self._workspaces.of_user(user_id)}
        return frozenset({own_space(user_id), HOUSE} | workspaces)

    def all_of(self, caller: Caller) -> frozenset[str]:
        """Everything the caller may read: where something is that is asked for by its id."""
        return self.of_user(caller.user_id, caller.workspace)

    def readable(self, caller: Caller, name: str | None = None) -> frozenset[str]:
        """Where to look. Without a name it is the caller's own and the household's, or the workspace of the key."""
        everything = self.all_of(caller)
        if name == EVERYTHING:
            return everything
        if name is None and caller.workspace is None:
            return frozenset({own_space(caller.user_id), HOUSE})
        if name is None:
            return everything
        return everything & {self._named(caller, name)}

    def home(self, caller: Caller, name: str | None = None) -> str:
        """Where something new goes. Without a name it is the caller's own, or the workspace of the key."""
        if name == EVERYTHING:
            raise Invalid("Choose one place to keep this in: a workspace, “@house”, or none.", field="workspace_id")
        if name is not None:
            space = self._named(caller, name)
        else:
            space = own_space(caller.user_id) if caller.workspace is None else workspace_space(caller.workspace)
        self.check_writable(caller, space)
        return space

    def check_writable(self, caller: Caller, space: str) -> None:
        """Raise unless the caller may write where this is; `NotFound` where they may not even look."""
        if space not in self.all_of(caller):
            raise NotFound("Workspace not found.", field="workspace_id")
        policy = self._workspaces.policy(space.removeprefix("w:")) if space.startswith("w:") else None
        if policy is not None and policy.status != "active":
            raise Forbidden(f"The workspace “{policy.slug}” is archived. Its owner can make it active again.")

    def _named(self, caller: Caller, name: str) -> str:
        """The space of this name, which the caller may read, or `NotFound`."""
        if name == HOUSEHOLD:
            space = HOUSE
        else:
            policy = self._workspaces.policy(name) if name.startswith("wsp_") else None
            space = workspace_space((policy or self._workspaces.named(caller, name)).id)
        if space not in self.all_of(caller):
            raise NotFound("Workspace not found.", field="workspace_id")
        return space

    def owner_of(self, space: str) -> str | None:
        """Whose it is; None where it is everybody's, or where there is no such workspace any more."""
        if space.startswith("w:"):
            policy = self._workspaces.policy(space.removeprefix("w:"))
            return policy.user_id if policy else None
        return space.removeprefix("u:") if space.startswith("u:") else None

    def name_of(self, space: str) -> str | None:
        """As the wire has it: None for one's own."""
        if space == HOUSE:
            return HOUSEHOLD
        policy = self._workspaces.policy(space.removeprefix("w:")) if space.startswith("w:") else None
        return policy.slug if policy else None
