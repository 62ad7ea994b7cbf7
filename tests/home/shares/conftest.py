"""A whole house, and the ways into its files that need no dashboard."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.fakes.docker import FakeEngine
from tests.home.shares.drive import Drive
from tests.support.house import House, open_house


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(tmp_path / "home", FakeEngine()) as opened:
        yield opened


@pytest.fixture
async def drive(house: House) -> Drive:
    """The first root as WebDAV has it, with an API key that may read and write."""
    key = await house.key(["files:read", "files:write"])
    return Drive(house, "ada", key.token or "", house.settings.home / "shared")
