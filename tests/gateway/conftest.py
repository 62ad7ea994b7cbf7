"""The fixture `money`: wallets and usage over real files."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.gateway.money import Money, open_money


@pytest.fixture
async def money(tmp_path: Path) -> AsyncIterator[Money]:
    async with open_money(tmp_path / "home") as opened:
        yield opened
