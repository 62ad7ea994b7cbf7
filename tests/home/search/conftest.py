"""Indexers of tests begin at once, and soon take for settled what changed."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from talome.home.search import indexer
from tests.fakes.docker import FakeEngine
from tests.support.house import House, open_house


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(indexer, "DELAY_S", 0.0)
    monkeypatch.setattr(indexer, "SETTLE_S", 0.05)


@pytest.fixture
async def house(tmp_path: Path, fake: FakeEngine) -> AsyncIterator[House]:
    async with open_house(tmp_path / "home", fake) as opened:
        yield opened
