"""The fixture `rooms`."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.home.files.rooms import Rooms, open_rooms


@pytest.fixture
async def rooms(tmp_path: Path) -> AsyncIterator[Rooms]:
    async with open_rooms(tmp_path) as opened:
        yield opened
