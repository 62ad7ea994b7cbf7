"""Money: nothing is spent twice, nothing is spent that is not there, and nothing is lost."""

import asyncio
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from talome.accounts.workspaces.models import WorkspaceChange
from talome.core.errors import Conflict, Forbidden, Invalid, PaymentRequired, StorageFull
from talome.gateway.usage.service import Asked
from tests.gateway.money import Money, call, open_money

DOLLAR = 1_000_000_000


def charges(home: Path) -> Iterator[tuple[int, str]]:
    with sqlite3.connect(home / "wallet.db") as connection:
        return iter(connection.execute("SELECT charged, state FROM wallet_charges").fetchall())


async def test_everyone_begins_with_some_credit_and_an_administrator_gives_more(money: Money) -> None:
    account = money.wallet.account(money.ada.user_id)
    assert account.balance == 10 * DOLLAR
    await money.wallet.grant(money.ada.user_id, 5 * DOLLAR, "well done", "ada")
    await money.wallet.grant(money.ada.user_id, -2 * DOLLAR, "", "ada")
    assert account.balance == 13 * DOLLAR
    with pytest.raises(Conflict):
        await money.wallet.grant(money.ada.user_id, -14 * DOLLAR, "", "ada")
    with pytest.raises(Invalid):
        await money.wallet.grant(money.ada.user_id, 0, "", "ada")
    notes = [(row.nano, row.given_by) for row in await money.wallet.grants(money.ada.user_id)]
    assert sorted(notes) == [(-2 * DOLLAR, "ada"), (5 * DOLLAR, "ada"), (10 * DOLLAR, "talome")]


async def test_a_call_is_reserved_for_and_settled_with_what_it_cost(money: Money) -> None:
    holder, account = money.wallet.holder(money.ada), money.wallet.account(money.ada.user_id)
    one = await money.wallet.reserve(holder, 1000, "a")
    assert (account.balance, account.reserved) == (10 * DOLLAR, 1000)
    await money.wallet.settle(one, 700, call("a"))
    assert (account.balance, account.reserved) == (10 * DOLLAR - 700, 0)
    await money.wallet.settle(one, 700, call("a"))
    money.wallet.release(one)
    assert account.spent == 700, "once is enough"


async def test_what_was_set_aside_for_nothing_comes_back(money: Money) -> None:
    holder, account = money.wallet.holder(money.ada), money.wallet.account(money.ada.user_id)
    one = await money.wallet.reserve(holder, 10 * DOLLAR, "a", "hash")
    with pytest.raises(PaymentRequired) as refused:
        await money.wallet.reserve(holder, 1, "b")
    assert refused.value.details == {"limit": "wallet", "required_usd": 1e-9, "balance_usd": 0.0}
    money.wallet.release(one)
    assert (account.balance, account.reserved) == (10 * DOLLAR, 0)
    again = await money.wallet.reserve(holder, 5, "a", "hash")
    assert again.replayed_nano is None
    await money.wallet.settle(again, 5, call("a"))


async def test_what_is_free_is_never_refused_and_costs_no_commit(money: Money, tmp_path: Path) -> None:
    holder = money.wallet.holder(money.ada)
    await money.spend(holder, 10 * DOLLAR, "all")
    for number in range(20):
        await money.spend(holder, 0, f"free{number}")
    assert len((await money.usage.page(money.ada, Asked(), 100, None)).data) == 21
    await money.wallet.on_disk()
    assert len(list(charges(tmp_path / "home"))) == 1


async def test_what_was_thought_to_be_free_and_was_not_is_charged(money: Money) -> None:
    holder = money.wallet.holder(money.ada)
    await money.wallet.settle(await money.wallet.reserve(holder, 0, "a"), 40, call("a"))
    assert money.wallet.account(money.ada.user_id).spent == 40


@pytest.mark.parametrize("edge", ["wallet", "key", "workspace"])
async def test_two_hundred_at_once_never_overspend(money: Money, edge: str) -> None:
    """Each costs a tenth of what there is."""
    await money.workspace("acme", monthly_budget_usd=1.0 if edge == "workspace" else None)
    caller = await money.key("acme", monthly_budget_nano=DOLLAR if edge == "key" else None)
    if edge == "wallet":
        await money.wallet.grant(money.ada.user_id, -9 * DOLLAR, "", "ada")
    holder = money.wallet.holder(caller)
    refused = []

    async def ask(number: int) -> None:
        try:
            one = await money.wallet.reserve(holder, DOLLAR // 10, f"r{number}", "hash")
        except PaymentRequired as error:
            refused.append(error.details["limit"])
            return
        await asyncio.sleep(0)
        await money.wallet.settle(one, DOLLAR // 10, call(f"r{number}"))

    await asyncio.gather(*map(ask, range(200)))
    assert refused == [edge] * 190
    assert money.wallet.account(money.ada.user_id).spent == DOLLAR


async def test_an_archived_workspace_takes_no_calls(money: Money) -> None:
    caller = await money.key("acme", local_only=False)
    await money.workspaces.change(money.ada, "acme", WorkspaceChange(local_only=True))
    assert money.wallet.holder(caller).local_only
    await money.workspaces.change(money.ada, "acme", WorkspaceChange(status="archived"))
    with pytest.raises(Forbidden):
        money.wallet.holder(caller)


async def test_the_same_request_is_paid_once(money: Money) -> None:
    holder = money.wallet.holder(money.ada)
    one = await money.wallet.reserve(holder, 100, "mine", "hash")
    with pytest.raises(Conflict, match="being answered"):
        await money.wallet.reserve(holder, 100, "mine", "hash")
    await money.wallet.settle(one, 60, call("a"))
    again = await money.wallet.reserve(holder, 100, "mine", "hash")
    assert again.replayed_nano == 60
    await money.wallet.settle(again, 60, call("b"))
    with pytest.raises(Conflict, match="another request"):
        await money.wallet.reserve(holder, 100, "mine", "other")
    assert money.wallet.account(money.ada.user_id).spent == 60
    assert len((await money.usage.page(money.ada, Asked(), 100, None)).data) == 1


async def test_the_same_request_twice_at_once(money: Money) -> None:
    holder = money.wallet.holder(money.ada)
    both = (money.wallet.reserve(holder, 100, "mine", "hash") for _ in range(2))
    found = await asyncio.gather(*both, return_exceptions=True)
    assert sorted(type(one).__name__ for one in found) == ["Conflict", "Reservation"]


async def test_it_is_paid_once_across_a_restart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("talome.gateway.wallet.service._LONG_S", 0.01)
    async with open_money(tmp_path) as money:
        holder = money.wallet.holder(await money.key("acme"))
        await money.wallet.settle(await money.wallet.reserve(holder, 9, "mine", "hash"), 7, call("a"))
        cut_off = await money.wallet.reserve(holder, 1000, "cut off", "hash")
        async with asyncio.timeout(5):
            while not cut_off.on_disk:
                await asyncio.sleep(0.01)
    async with open_money(tmp_path) as money:
        assert (await money.wallet.reserve(holder, 9, "mine", "hash")).replayed_nano == 7
        account = money.wallet.account(money.ada.user_id)
        assert (account.spent, account.reserved) == (7, 0)
        assert sorted(state for _, state in charges(tmp_path)) == ["released", "settled"]
        again = await money.wallet.reserve(holder, 1000, "cut off", "hash")
        assert again.replayed_nano is None


async def test_a_caller_who_is_cancelled_has_paid(money: Money) -> None:
    one = await money.wallet.reserve(money.wallet.holder(money.ada), 100, "a")
    task = asyncio.create_task(money.wallet.settle(one, 80, call("a")))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert money.wallet.account(money.ada.user_id).spent == 80
    assert (await money.usage.stats(money.ada, Asked(), 1, 1)).charged_usd == 80e-9


async def test_nothing_that_costs_begins_when_it_could_not_be_written_down(
    money: Money, monkeypatch: pytest.MonkeyPatch
) -> None:
    holder = money.wallet.holder(money.ada)
    monkeypatch.setattr(money.wallet._store.journal, "_most_waiting", 0)
    with pytest.raises(StorageFull):
        await money.wallet.reserve(holder, 1, "a")
    await money.wallet.reserve(holder, 0, "b")


async def test_a_call_that_was_paid_and_not_written_down_is_made_good(tmp_path: Path) -> None:
    async with open_money(tmp_path) as money:
        for id, cost in (("a", 70), ("b", 80)):
            await money.spend(money.wallet.holder(money.ada), cost, id)
    with sqlite3.connect(tmp_path / "usage.db") as connection:
        connection.execute("DELETE FROM usage_rows WHERE id = 'b'")
    async with open_money(tmp_path) as money:
        rows = (await money.usage.page(money.ada, Asked(), 10, None)).data
        assert [(row.id, row.charged_usd, row.routing_method) for row in rows] == [
            ("b", 80e-9, "recovered"),
            ("a", 70e-9, ""),
        ]


SPENDS = """
import asyncio, sys
from pathlib import Path
from talome.gateway.usage.service import Asked
from tests.gateway.money import call, open_money

async def main():
    async with open_money(Path(sys.argv[1])) as money:
        holder = money.wallet.holder(await money.key("acme"))

        async def spend(number):
            one = await money.wallet.reserve(holder, 1000, f"r{number}")
            await asyncio.sleep(number % 7 / 1000)
            await money.wallet.settle(one, 100 + number, call(f"r{number}"))
            await money.wallet.on_disk()
            print(100 + number, flush=True)

        for start in range(0, 100_000, 20):
            await asyncio.gather(*map(spend, range(start, start + 20)))

asyncio.run(main())
"""


async def test_a_kill_in_the_middle_loses_no_charge(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", SPENDS, tmp_path], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        told = [int(process.stdout.readline()) for _ in range(130)]
        process.send_signal(signal.SIGKILL)
        told += [int(line) for line in process.stdout.read().split()]
    async with open_money(tmp_path) as money:
        spent = money.wallet.account(money.ada.user_id).spent
        settled = [charged for charged, state in charges(tmp_path) if state == "settled"]
        assert set(told) <= set(settled)
        assert len(settled) == len(set(settled))
        assert spent == sum(settled)
        assert money.wallet.account(money.ada.user_id).reserved == 0
        stats = await money.usage.stats(money.ada, Asked(), 1, 1)
        assert round(stats.charged_usd * DOLLAR) == spent, "the usage agrees, also for what was not in its file yet"
        [workspace] = money.workspaces.of_user(money.ada.user_id)
        assert money.wallet.this_month(f"workspace:{workspace.id}").spent == spent
