"""A house on the real engine with the small store added."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.home.apps.shop import Apps, Shop
from tests.support.docker_engine import EngineDaemon
from tests.support.house import House, open_house
from tests.support.registry import Registry


@pytest.fixture
def shop(tmp_path: Path, clean_daemon: EngineDaemon, registry: Registry) -> Shop:
    made = Shop(tmp_path / "store", clean_daemon, registry)
    made.push("1.0")
    made.release("1.0")
    return made


@pytest.fixture
async def real_house(tmp_path: Path, clean_daemon: EngineDaemon) -> AsyncIterator[House]:
    async with open_house(tmp_path / "home", None, docker_host=clean_daemon.host, start_terminal=False) as opened:
        yield opened


@pytest.fixture
async def apps(real_house: House, shop: Shop) -> Apps:
    made = Apps(real_house)
    made.store = await made.add_store(shop.folder)
    return made
