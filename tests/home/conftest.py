"""The home area over the engine in memory (`house`) and over a real one (`real_house`)."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from talome.engines.cgroups import CgroupSampler
from talome.engines.docker.engine import Docker
from tests.fakes.docker import FakeEngine
from tests.home.house import FakeCounters, House, open_house


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine()


@pytest.fixture
def counters() -> FakeCounters:
    return FakeCounters()


@pytest.fixture
async def house(engine: FakeEngine, counters: FakeCounters, tmp_path: Path) -> AsyncIterator[House]:
    """Without containers; add them to `engine`."""
    async with open_house(engine, tmp_path, counters=counters) as opened:
        await opened.follows()
        yield opened


@pytest.fixture
async def real_house(docker_engine: Docker, tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(docker_engine, tmp_path, counters=CgroupSampler()) as opened:
        await opened.follows()
        yield opened
