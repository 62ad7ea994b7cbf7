"""Wallets and budgets: reserve, settle once, release, grant. Memory decides, at once; the journal remembers."""

import asyncio
import logging
import time
from collections import OrderedDict
from typing import Final

from talome.accounts.workspaces.service import Workspaces, to_nano, to_usd
from talome.core import ids
from talome.core.background import Background
from talome.core.clock import now_ms
from talome.core.errors import Conflict, Invalid, PaymentRequired, StorageFull
from talome.core.journal import Statement
from talome.core.operations import Caller
from talome.core.settings.service import Setting, Settings
from talome.gateway.usage.models import UsageRow
from talome.gateway.usage.service import Usage
from talome.gateway.wallet import store as write
from talome.gateway.wallet.models import Account, Holder, Reservation, Spending
from talome.gateway.wallet.store import ChargeRow, GrantRow, WalletStore

FREE_CREDIT: Final = "gateway.free_credit_usd"
SETTINGS: Final = (
    Setting(
        FREE_CREDIT, "number", 10, "Credit to begin with",
        "What a person may spend on models before an administrator gives more.", "gateway",
        minimum=0, maximum=1_000_000, unit="USD",
    ),
)  # fmt: skip
_TALOME: Final = "talome"
_REMEMBERED: Final = 4096
_KEPT_MS: Final = 90 * 86_400_000
_RECOVER_MS: Final = 3_600_000
_FORGET_EVERY_S: Final = 86_400
_LONG_S: Final = 1.0
_log = logging.getLogger(__name__)


class Wallet(Background):
    """Everything that decides runs without a pause between looking and taking, so no two calls get the same money."""

    def __init__(self, store: WalletStore, usage: Usage, workspaces: Workspaces, settings: Settings) -> None:
        self._store = store
        self._usage = usage
        self._workspaces = workspaces
        self._settings = settings
        self._accounts: dict[str, Account] = {}
        self._months: dict[tuple[str, str], Spending] = {}
        self._month = _Month()
        self._changed: dict[int, Account | Spending] = {}
        self._answering: dict[tuple[str, str], Reservation] = {}
        self._answered: OrderedDict[tuple[str, str], tuple[str, int]] = OrderedDict()

    async def start(self) -> None:
        """Take up what the file holds, let go of what a killed process had reserved, write down what it had not."""
        self._store.journal.with_each_batch(self._sums)
        if orphans := await self._store.release_all(now_ms()):
            _log.warning("%d calls were not finished when Talome stopped; nothing was charged for them", orphans)
        for row in await self._store.wallets():
            self._accounts[row.user_id] = Account(row.user_id, row.granted, row.spent)
        month = self._month.now()
        for subject, nano in (await self._store.spending(month)).items():
            self._months[subject, month] = Spending(subject, month, nano)
        await self._usage.recover([_recovered(row) for row in await self._store.settled_since(now_ms() - _RECOVER_MS)])

    async def _work(self) -> None:
        forgotten = -float(_FORGET_EVERY_S)
        while True:
            if time.monotonic() - forgotten >= _FORGET_EVERY_S:
                forgotten = time.monotonic()
                await self._store.forget(now_ms() - _KEPT_MS)
                self._forget_months()
            self._write_down_long_ones()
            await asyncio.sleep(_LONG_S)

    def _forget_months(self) -> None:
        month = self._month.now()
        self._months = {key: kept for key, kept in self._months.items() if key[1] >= month or kept.reserved}

    def _write_down_long_ones(self) -> None:
        """Calls that take a while are on the disk while they run, so that a start after a crash can tell of them."""
        before = time.monotonic() - _LONG_S
        for one in self._answering.values():
            if one.nano > 0 and not one.on_disk and one.since < before:
                one.on_disk = True
                self._store.journal.put(write.written(one, now_ms()))

    def _sums(self) -> list[Statement]:
        """What every purse that changed since the last batch comes to."""
        changed, self._changed = self._changed, {}
        return [
            write.spent(one.user_id, one.spent)
            if isinstance(one, Account)
            else write.spent_in_month(one.subject, one.month, one.spent)
            for one in changed.values()
        ]

    def holder(self, caller: Caller, workspace: str | None = None) -> Holder:
        """Who pays for a caller's call; a person may choose a workspace of theirs, by its name, for a call."""
        if workspace is None or caller.key_id is not None:
            return Holder.of(caller, self._workspaces.policy(caller.workspace))
        return Holder.of(caller, self._workspaces.named(caller, workspace))

    def account(self, user_id: str) -> Account:
        """A person's wallet; the first look at it opens it with the credit everyone begins with."""
        account = self._accounts.get(user_id)
        if account is None:
            free = to_nano(self._settings.number(FREE_CREDIT))
            account = self._accounts[user_id] = Account(user_id, granted=free)
            first = GrantRow(ids.new_id("grt"), user_id, free, "Credit to begin with", _TALOME, now_ms())
            self._store.journal.put(*write.granted(first))
        return account

    def this_month(self, subject: str) -> Spending:
        """`subject` is `user:`, `key:` or `workspace:` and an id."""
        month = self._month.now()
        found = self._months.get((subject, month))
        if found is None:
            found = self._months[subject, month] = Spending(subject, month)
        return found

    async def reserve(self, holder: Holder, nano: int, request_id: str, body_hash: str = "") -> Reservation:
        """Set aside the most that a call can cost. `body_hash` is empty where the request id is our own.

        An id that its caller chose is good for one answer: it comes back with `replayed_nano` when it was answered
        before, and is a `Conflict` while it is being answered, or when it comes with another body.
        """
        if body_hash and (replayed := await self._replayed(holder, request_id, body_hash)):
            return replayed
        one = self._reservation(holder, nano, request_id, body_hash)
        if nano > 0:
            self._take(one)
        self._answering[holder.user_id, request_id] = one
        return one

    def _reservation(self, holder: Holder, nano: int, request_id: str, body_hash: str) -> Reservation:
        months = tuple([self.this_month(subject) for subject in holder.subjects])
        account = self.account(holder.user_id)
        return Reservation(holder, request_id, body_hash, nano, account, months, time.monotonic())

    async def _replayed(self, holder: Holder, request_id: str, body_hash: str) -> Reservation | None:
        key = holder.user_id, request_id
        kept = None
        if key not in self._answered and key not in self._answering:
            kept = await self._store.charge(*key)
        if key in self._answering:
            raise Conflict(
                "This request id is being answered at this moment. Wait for that answer.", code="in_progress"
            )
        if kept is not None and kept.state == "settled":
            self._remember(key, kept.body_hash, kept.charged)
        if key not in self._answered:
            return None
        before, nano = self._answered[key]
        if before != body_hash:
            raise Conflict("This request id was used for another request. Choose a new one.", code="id_reused")
        replayed = self._reservation(holder, 0, request_id, body_hash)
        replayed.state, replayed.replayed_nano = "settled", nano
        return replayed

    def _remember(self, key: tuple[str, str], body_hash: str, nano: int) -> None:
        self._answered[key] = body_hash, nano
        if len(self._answered) > _REMEMBERED:
            self._answered.popitem(last=False)

    def _take(self, one: Reservation) -> None:
        """Check every purse and take from all of them, or refuse and take from none."""
        if self._store.journal.is_full:
            raise StorageFull("What calls cost cannot be written down right now. Is the disk full?")
        account, nano = one.account, one.nano
        if nano > account.balance - account.reserved:
            raise _refused("wallet", nano, account.balance - account.reserved)
        for month, budget in zip(one.months, one.holder.budgets, strict=True):
            if budget is not None and nano > budget - month.spent - month.reserved:
                kind = month.subject.partition(":")[0]
                raise _refused(kind, nano, budget - month.spent - month.reserved)
        account.reserved += nano
        for month in one.months:
            month.reserved += nano

    async def settle(self, one: Reservation, nano: int, usage: UsageRow) -> None:
        """Charge what a call did cost and write it down, once; later calls change nothing.

        It never pauses, so that a caller who is cancelled here has paid all the same; the disk has it moments later.
        """
        if one.state != "held":
            return
        one.state = "settled"
        self._let_go(one)
        if one.body_hash:
            self._remember((one.holder.user_id, one.request_id), one.body_hash, nano)
        self.note(one.holder, usage, nano)
        if one.nano <= 0 and nano <= 0:
            return
        for purse in one.purses:
            purse.spent += nano
            self._changed[id(purse)] = purse
        self._store.journal.put(write.written(one, now_ms(), nano, usage.id))

    async def on_disk(self) -> None:
        """Wait until everything that was settled so far can no longer be lost."""
        await self._store.journal.kept()

    def note(self, holder: Holder, usage: UsageRow, nano: int = 0) -> None:
        """Write a call down for its holder: also one that cost nothing and for which nothing was set aside."""
        usage.user_id, usage.api_key_id, usage.workspace = holder.user_id, holder.key_id, holder.workspace
        usage.charged_nano = nano
        usage.billing_mode = usage.billing_mode or ("wallet" if nano else "free")
        self._usage.record(usage)

    def release(self, one: Reservation) -> None:
        """Give back what was set aside for a call that was never made; the same id may be tried again."""
        if one.state != "held":
            return
        one.state = "released"
        self._let_go(one)
        if one.on_disk:
            self._store.journal.put(write.written(one, now_ms()))

    def _let_go(self, one: Reservation) -> None:
        self._answering.pop((one.holder.user_id, one.request_id), None)
        if one.nano > 0:
            for purse in one.purses:
                purse.reserved -= one.nano

    async def grant(self, user_id: str, nano: int, note: str, by: str) -> GrantRow:
        """Add credit to a wallet, or take some back where `nano` is below zero, but no more than is there."""
        account = self.account(user_id)
        if nano == 0:
            raise Invalid("There is nothing to give.", field="amount_usd")
        if account.balance - account.reserved + nano < 0:
            left = dollars(account.balance - account.reserved)
            raise Conflict(f"Only {left} can be taken back; the rest is spent or set aside for calls that run.")
        row = GrantRow(ids.new_id("grt"), user_id, nano, note, by, now_ms())
        account.granted += nano
        await self._store.journal.kept(*write.granted(row))
        return row

    async def grants(self, user_id: str) -> list[GrantRow]:
        return await self._store.grants(user_id)


class _Month:
    """The month it is, by Greenwich, such as 2026-01; worked out anew only when a minute has passed."""

    _minute = -1
    _name = ""

    def now(self) -> str:
        minute = int(time.time()) // 60
        if minute != self._minute:
            moment = time.gmtime()
            self._minute, self._name = minute, f"{moment.tm_year}-{moment.tm_mon:02}"
        return self._name


def dollars(nano: int) -> str:
    """For sentences."""
    return f"${to_usd(nano):,.6f}".rstrip("0").removesuffix(".")


def _refused(kind: str, nano: int, left: int) -> PaymentRequired:
    left = max(0, left)
    need = f"This can cost up to {dollars(nano)}, and"
    message = {
        "wallet": f"{need} {dollars(left)} are left in the wallet. An administrator can add credit.",
        "key": f"{need} {dollars(left)} are left of this month's budget of the key. Its owner can raise it.",
        "workspace": f"{need} {dollars(left)} are left of the workspace's monthly budget. Its owner can raise it.",
    }[kind]
    return PaymentRequired(message, limit=kind, required_usd=to_usd(nano), balance_usd=to_usd(left))


def _recovered(row: ChargeRow) -> UsageRow:
    """A call that was paid; what else was known of it went with the process, unless it was written down in time."""
    return UsageRow(
        id=row.usage_id,
        tier="auto",
        model="",
        request_type="unknown",
        billing_mode="wallet",
        routing_method="recovered",
        user_id=row.user_id,
        api_key_id=row.key_id,
        workspace=row.workspace,
        charged_nano=row.charged,
    )
