"""The history: exact averages, tiers that roll up, gaps that stay gaps, and a file that does not grow."""

import time
from itertools import pairwise
from pathlib import Path

import pytest

from talome.core.errors import Invalid, NotFound
from talome.engines.cgroups import Counters
from talome.home.metrics.store import TIER_STEP_S, MetricsStore, SampleRow
from tests.fakes.docker import FakeEngine
from tests.home.house import FakeCounters, House, until

DAY_S = 86_400


def rows(series: int, moments: range, cpu: int = 1000) -> list[SampleRow]:
    return [SampleRow(at, series, cpu, 2000, 1024, 5000, 100, 200) for at in moments]


@pytest.fixture
async def store(house: House) -> MetricsStore:
    return house.history._store


@pytest.fixture
async def host_series(house: House, store: MetricsStore) -> int:
    house.history._series = await store.add_series(["host", "container:web"], int(time.time()))
    return house.history._series["host"]


async def test_what_is_sampled_is_the_average_since_the_sample_before(
    engine: FakeEngine, house: House, counters: FakeCounters
) -> None:
    box = engine.add_container("web")
    await until(lambda: house.mirror.get(box.id) is not None)
    now = int(time.time()) // 15 * 15
    counters.counters[box.id] = Counters(10**9, 512 * 1024**2, None, 1, 0, 0, 0, 0)
    await house.sampler.sample()
    await house.history.sample(now - 15)
    started = house.sampler._samples[box.id].monotonic_s
    # Somebody watches, so the sampler looks in between; the average must not care.
    for cpu, received in ((5 * 10**9, 0), (6 * 10**9, 4096)):
        counters.counters[box.id] = Counters(cpu, 1024**3, 2 * 1024**3, 1, 0, 0, received, 0)
        await house.sampler.sample()
    await house.system.stats(max_age_s=0)
    await house.history.sample(now)
    passed_s = house.sampler._samples[box.id].monotonic_s - started
    for reference in ("web", box.id, box.id[:12]):
        metrics = await house.call("metrics.history", container=reference)
        assert metrics.step_s == 15
        assert metrics.at[-1] == now - 15
        assert metrics.series["cpu.percent"][-1] == pytest.approx(100 * 5 / passed_s, rel=0.01)
        assert metrics.series["memory.percent"][-1] == 50
        assert metrics.series["memory.bytes"][-1] == 1024**3
        assert metrics.series["network.rxBytesPerS"][-1] == pytest.approx(4096 / passed_s, rel=0.01)
        assert metrics.series["cpu.percent"][:-1] == [None] * 239
        assert "disk.percent" not in metrics.series
    host = await house.call("metrics.history")
    assert 0 <= host.series["cpu.percent"][-1] <= 100
    assert host.series["disk.percent"][-1] > 0


async def test_a_container_is_known_by_name_also_when_it_is_gone(house: House, host_series: int) -> None:
    metrics = await house.call("metrics.history", container="web")
    assert set(metrics.series["cpu.percent"]) == {None}
    with pytest.raises(NotFound):
        await house.call("metrics.history", container="nobody")
    for wrong in ({"period": "2h"}, {"container": "../x"}):
        with pytest.raises(Invalid):
            await house.call("metrics.history", **wrong)


@pytest.mark.parametrize(
    ("period", "length_s", "step_s"),
    [("1h", 3600, 15), ("6h", 21_600, 60), ("24h", DAY_S, 300), ("7d", 7 * DAY_S, 1800), ("30d", 30 * DAY_S, 7200)],
)
async def test_every_period_is_full_of_averages(
    house: House, store: MetricsStore, host_series: int, period: str, length_s: int, step_s: int
) -> None:
    now = int(time.time())
    end = now // 15 * 15
    step = 15 if length_s <= 21_600 else 300  # sparser, to be quick: averages do not care
    await store.add(rows(host_series, range(end - length_s - 7200, end, step)))
    await store.roll_up(now)
    metrics = await house.call("metrics.history", period=period)
    assert (metrics.step_s, len(metrics.at)) == (step_s, length_s // step_s)
    assert len(metrics.at) <= 360
    assert metrics.at == sorted(metrics.at)
    assert {len(column) for column in metrics.series.values()} == {len(metrics.at)}
    known = [value for value in metrics.series["cpu.percent"] if value is not None]
    assert set(known) == {10.0}
    assert len(known) >= len(metrics.at) - 2
    assert {value for value in metrics.series["memory.bytes"] if value is not None} == {1024**2}


async def test_gaps_are_null(house: House, store: MetricsStore, host_series: int) -> None:
    end = int(time.time()) // 15 * 15
    await store.add(rows(host_series, range(end - 3600, end - 1800, 15)))
    column = (await house.call("metrics.history")).series["cpu.percent"]
    assert column.count(None) in (120, 121)
    assert column[-1] is None


async def test_rolling_up_averages_and_happens_once(store: MetricsStore, host_series: int) -> None:
    start = 1_800_000_000 // 3600 * 3600
    await store.add(rows(host_series, range(start, start + 1800, 15), cpu=1000))
    await store.add(rows(host_series, range(start + 1800, start + 3600, 15), cpu=3000))
    await store.roll_up(start + 3599)
    assert await store.averages(3, host_series, start, start + 3600, 3600) == []
    for now in (start + 3600, start + 3600, start + 3700):
        await store.roll_up(now)
    [hour] = await store.averages(3, host_series, start, start + 3600, 3600)
    assert (hour.cpu, hour.memory, hour.rx) == (2000, 2000, 100)
    minutes = await store.averages(1, host_series, start, start + 3600, 60)
    assert len(minutes) == 60
    assert len(await store.averages(2, host_series, start, start + 3600, 600)) == 6


async def test_a_clock_that_was_ahead_stops_nothing(store: MetricsStore, host_series: int) -> None:
    now = 1_800_000_000
    await store.add(rows(host_series, range(now + DAY_S - 600, now + DAY_S, 15)))
    await store.roll_up(now + DAY_S)
    await store.add(rows(host_series, range(now - 600, now, 15), cpu=7))
    await store.roll_up(now)
    assert {item.cpu for item in await store.averages(1, host_series, now - 600, now - 60, 60)} == {7}


async def test_what_is_old_is_forgotten(house: House, store: MetricsStore, host_series: int) -> None:
    now = int(time.time())
    await store.add(rows(host_series, range(now - 40 * DAY_S, now, 3600)))
    await store.roll_up(now)
    await store.add_series(["container:ancient"], now - 50 * DAY_S)
    await house.history.flush(now)
    kept = {
        row["tier"]: row["first"]
        for row in await store.db.fetch_all("SELECT tier, MIN(at) AS first FROM metric_samples GROUP BY tier")
    }
    ages = {tier: (now - first) / 3600 for tier, first in kept.items()}
    assert ages[0] <= 6.25
    assert ages[1] <= 25
    assert ages[2] <= 8 * 24
    assert 29 * 24 < ages[3] <= 30 * 24 + 2
    assert "container:ancient" not in await store.series()
    await house.call("settings.update", values={"metrics.retention_days": 1})
    await house.history.flush(now + 700)
    [row] = await store.db.fetch_all("SELECT MIN(at) AS first FROM metric_samples")
    assert now - row["first"] <= DAY_S + 7200


async def test_what_is_pending_is_written_at_the_end(engine: FakeEngine, house: House, tmp_path: Path) -> None:
    async with house.history as history:
        await until(lambda: history.sampled_at is not None)
        await house.system.stats(max_age_s=0)
        await history.sample(int(time.time()) // 15 * 15)
        assert history.running
    assert await history._store.db.fetch_all("SELECT 1 FROM metric_samples")
    assert history.problem is None


def test_tiers_divide_each_other() -> None:
    assert all(coarse % fine == 0 for fine, coarse in pairwise(TIER_STEP_S))
