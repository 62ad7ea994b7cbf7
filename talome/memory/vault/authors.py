"""Who writes, and how far that is trusted: people and their apps are, agents and tools are not."""

from dataclasses import dataclass
from typing import Final, get_args

from talome.core.errors import Forbidden
from talome.core.operations import Caller, CallerKind
from talome.core.settings.service import Setting, Settings
from talome.memory.vault.models import Origin
from talome.memory.vault.store import NoteRow

PENDING: Final = "memory.pending_from"
SETTINGS: Final = (
    Setting(
        PENDING, "choice", "agents", "Notes that wait for approval",
        "Whose notes a person has to approve before they are found: those of agents and tools, also those of apps with"
        " a key, or nobody's.", "memory", choices=("agents", "agents and apps", "nobody"), people_only=True,
    ),
)  # fmt: skip
HIGHEST_UNTRUSTED: Final = 0.5
"""How important a note may call itself that no person wrote."""
_ORIGINS: Final[tuple[Origin, ...]] = get_args(Origin)
_UNTRUSTED: Final = frozenset({"agent", "tool"})
_OF_KIND: Final[dict[CallerKind, Origin]] = {"user": "person", "key": "app", "agent": "agent", "automation": "tool"}


@dataclass(frozen=True, slots=True)
class Author:
    """`waits`: what they write is looked at by a person first."""

    user_id: str
    name: str
    kind: CallerKind
    key_id: str | None
    origin: Origin
    waits: bool

    @property
    def trusted(self) -> bool:
        return self.origin not in _UNTRUSTED

    def most(self, importance: float) -> float:
        return importance if self.trusted else min(importance, HIGHEST_UNTRUSTED)

    def may_change(self, row: NoteRow) -> None:
        """Raise where somebody untrusted would change what somebody trusted wrote or approved."""
        if row.trusted and not self.trusted:
            raise Forbidden(
                "An agent may not change what a person keeps. Store a note that corrects it; a person approves that."
            )

    def may_decide(self) -> None:
        """Raise unless this may approve and reject what others propose."""
        if self.waits or not self.trusted:
            raise Forbidden("A person approves or rejects notes, not whoever proposed them.")


class Authors:
    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def of(self, caller: Caller, claimed: Origin | None = None) -> Author:
        """`claimed` may say that it comes from somebody less trusted than the caller, never from somebody more."""
        own = _OF_KIND.get(caller.kind, "tool")
        origin = own if claimed is None or _ORIGINS.index(claimed) < _ORIGINS.index(own) else claimed
        who = str(self._settings.get(PENDING))
        waits = who != "nobody" and (origin in _UNTRUSTED or (origin == "app" and who == "agents and apps"))
        return Author(caller.user_id, caller.name, caller.kind, caller.key_id, origin, waits)
