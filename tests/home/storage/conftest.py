"""A whole house; its storage is that of this machine."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.fakes.docker import FakeEngine
from tests.support.house import House, open_house


@pytest.fixture
def fake() -> FakeEngine:
    return FakeEngine()


@pytest.fixture
async def house(tmp_path: Path, fake: FakeEngine) -> AsyncIterator[House]:
    async with open_house(tmp_path / "home", fake) as opened:
        yield opened
