"""The memory by an embedding model of an endpoint in this house, through the whole application."""

import asyncio
from typing import Any

from tests.gateway.houses import with_endpoint
from tests.support.house import House
from tests.support.upstream import Upstream


async def test_meanings_are_compared_by_the_model_of_the_gateway(house: House, upstream: Upstream) -> None:
    await with_endpoint(house, upstream.openai)
    kept = await house.admin.post("/v1/memory/notes", {"content": "The fuse box is behind the coats."})
    assert kept.status == 201, kept.text
    changed = await house.admin.put("/api/settings", {"memory.embedder": "gateway"})
    assert changed.status == 200, changed.text
    embedded = 0
    async with asyncio.timeout(20):
        while not embedded:
            await asyncio.sleep(0.02)
            embedded = sum("The fuse box" in str(seen.body) for seen in upstream.seen if "/embeddings" in seen.path)
    found: list[dict[str, Any]] = []
    async with asyncio.timeout(20):
        while not any(seen.path.endswith("/embeddings") and "electricity" in str(seen.body) for seen in upstream.seen):
            answer = await house.admin.get("/v1/memory/search?query=electricity")
            assert answer.status == 200, answer.text
            found = answer.json["data"]
    assert found[0]["vector_score"] > 0.9, "the scripted model gives each text the same vector"

    def asked(model: str) -> bool:
        asks = [seen.body for seen in upstream.seen if "/embeddings" in seen.path and isinstance(seen.body, dict)]
        return any(ask["model"] == model and "The fuse box" in str(ask["input"]) for ask in asks)

    [other] = [name for name in upstream.models if not asked(name)]
    chosen = await house.admin.put("/api/settings", {"memory.embedding_model": other})
    assert chosen.status == 200, chosen.text
    async with asyncio.timeout(20):
        while not asked(other):
            await asyncio.sleep(0.02)
