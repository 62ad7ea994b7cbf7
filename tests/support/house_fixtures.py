"""The fixtures `house` (with the fake engine), `fake` and `browser`."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser

from tests.fakes.docker import FakeEngine
from tests.support.browser import open_browser
from tests.support.house import House, open_house


@pytest.fixture
def fake() -> FakeEngine:
    return FakeEngine()


@pytest.fixture
async def house(tmp_path: Path, fake: FakeEngine) -> AsyncIterator[House]:
    async with open_house(tmp_path / "home", fake) as opened:
        yield opened


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with open_browser() as opened:
        yield opened
