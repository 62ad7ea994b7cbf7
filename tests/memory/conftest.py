"""The fixture `ground`: the memory without a server."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.memory.ground import Ground, open_ground


@pytest.fixture
async def ground(tmp_path: Path) -> AsyncIterator[Ground]:
    async with open_ground(tmp_path / "home") as opened:
        yield opened
