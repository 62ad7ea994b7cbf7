"""What the kernel's tests share."""

from collections.abc import AsyncIterator

import pytest

from talome.core.events import Events


@pytest.fixture
async def events() -> AsyncIterator[Events]:
    hub = Events()
    yield hub
    await hub.stop()
