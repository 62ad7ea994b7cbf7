"""Who pays, what is reserved, and what of the wallets crosses the wire."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import Field

from talome.accounts.workspaces.models import WorkspacePolicy
from talome.core.errors import Forbidden
from talome.core.models import Plain, Wire
from talome.core.operations import Caller

GrantUsd = Annotated[float, Field(ge=-1_000_000, le=1_000_000, allow_inf_nan=False)]
Note = Annotated[str, Field(max_length=200)]
ChargeState = Literal["held", "settled", "released"]


@dataclass(frozen=True, slots=True)
class Holder:
    """Who pays for a call, and within which budgets. `local_only`: what is asked must not leave the house."""

    user_id: str
    key_id: str | None = None
    workspace: str | None = None
    key_budget_nano: int | None = None
    workspace_budget_nano: int | None = None
    local_only: bool = False

    @classmethod
    def of(cls, caller: Caller, workspace: WorkspacePolicy | None = None) -> Self:
        """`workspace` is what `caller.workspace` is the id of, or one that a person chose for this call."""
        if workspace is None:
            if caller.workspace is not None:
                raise Forbidden("The workspace of this key is gone.")
            return cls(
                caller.user_id,
                caller.key_id,
                key_budget_nano=caller.terms.monthly_budget_nano,
                local_only=caller.terms.local_only,
            )
        if workspace.status != "active":
            raise Forbidden(f"The workspace “{workspace.slug}” is archived. Its owner can make it active again.")
        return cls(
            caller.user_id,
            caller.key_id,
            workspace.id,
            caller.terms.monthly_budget_nano,
            workspace.monthly_budget_nano,
            caller.terms.local_only or workspace.local_only,
        )

    @property
    def subject(self) -> str:
        """Whose streams are counted."""
        return self.key_id or self.user_id

    @property
    def subjects(self) -> tuple[str, ...]:
        """Everything that has a month's sum to which a call of this holder belongs."""
        found = [f"user:{self.user_id}"]
        if self.key_id is not None:
            found.append(f"key:{self.key_id}")
        if self.workspace is not None:
            found.append(f"workspace:{self.workspace}")
        return tuple(found)

    @property
    def budgets(self) -> tuple[int | None, ...]:
        """The month's budget of each of `subjects`; None: it has none."""
        key = () if self.key_id is None else (self.key_budget_nano,)
        return (None, *key) if self.workspace is None else (None, *key, self.workspace_budget_nano)


@dataclass(slots=True)
class Account:
    """A wallet as it is now, in billionths of a dollar."""

    user_id: str
    granted: int = 0
    spent: int = 0
    reserved: int = 0

    @property
    def balance(self) -> int:
        return self.granted - self.spent


@dataclass(slots=True)
class Spending:
    """Of a user, a key or a workspace in a month."""

    subject: str
    month: str
    spent: int = 0
    reserved: int = 0


@dataclass(slots=True)
class Reservation:
    """What a call may cost, and everything it counts towards. `replayed_nano`: this request was answered and paid
    before, with this much; it must not be sent anywhere again."""

    holder: Holder
    request_id: str
    body_hash: str
    nano: int
    account: Account
    months: tuple[Spending, ...]
    since: float
    state: ChargeState = "held"
    on_disk: bool = False
    replayed_nano: int | None = None

    @property
    def purses(self) -> "tuple[Account | Spending, ...]":
        """Everything that it is taken from, and that its cost is added to."""
        return (self.account, *self.months)


class Budget(Plain):
    """What a key or a workspace may spend in a month, and what it has."""

    kind: Literal["key", "workspace"]
    id: str
    name: str
    monthly_budget_usd: float | None
    spent_usd: float


class Balance(Plain):
    """What is left in one's wallet; `reserved_usd` of it is for calls that are being answered."""

    balance_usd: float
    currency: Literal["usd"] = "usd"
    reserved_usd: float
    granted_usd: float
    spent_usd: float
    spent_this_month_usd: float
    budgets: list[Budget]


class UserWallet(Wire):
    """A person's wallet, for administrators."""

    user_id: str
    name: str
    balance_usd: float
    reserved_usd: float
    granted_usd: float
    spent_usd: float
    spent_this_month_usd: float


class Grant(Wire):
    """Credit that was given, or taken back where it is below zero."""

    id: str
    amount_usd: float
    note: str
    given_by: str
    at: datetime
