"""Endpoints of the three shapes, all answered by the scripted server."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from talome.engines.providers.models import Endpoint
from talome.engines.providers.providers import Providers
from tests.support.upstream import Upstream

SHAPES = ("openai", "anthropic", "google")
KEY = "sk-the-own-key"


def endpoint_of(upstream: Upstream, provider: str) -> Endpoint:
    bases = {"anthropic": upstream.anthropic, "google": upstream.google}
    return Endpoint("end_1", provider, bases.get(provider, upstream.openai), KEY)


@pytest_asyncio.fixture
async def providers() -> AsyncIterator[Providers]:
    async with Providers(read_s=20, whole_s=20) as made:
        yield made


@pytest_asyncio.fixture
async def hasty() -> AsyncIterator[Providers]:
    """For endpoints that fall silent."""
    async with Providers(read_s=0.2, whole_s=0.2) as made:
        yield made


@pytest.fixture(params=SHAPES)
def endpoint(request: pytest.FixtureRequest, upstream: Upstream) -> Endpoint:
    return endpoint_of(upstream, request.param)
