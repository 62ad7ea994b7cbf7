"""Sources in a whole house, over HTTP, or in the memory alone."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import aiohttp

from tests.memory.ground import ADA, Ground
from tests.support.house import Person

BASE = "/v1/memory/sources"
TABLES = ("sources", "documents", "chunks", "index_items")


def left(home: Path) -> dict[str, int]:
    """How many rows the tables hold, read past Talome."""
    with closing(sqlite3.connect(home / "memory.db")) as db:
        return {table: db.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0] for table in TABLES}


async def add(person: Person, **body: Any) -> dict[str, Any]:
    """Add a source and wait until it was read."""
    answer = await person.post(BASE, body)
    assert answer.status == 201, answer.text
    return await settled(person, answer.json["source"]["id"])


async def upload(person: Person, name: str, data: bytes, type: str = "", **fields: str) -> Any:
    form = aiohttp.FormData()
    for key, value in fields.items():
        form.add_field(key, value)
    form.add_field("file", data, filename=name, content_type=type or "application/octet-stream")
    return await person.call("POST", f"{BASE}/upload", data=form)


async def settled(person: Person, source_id: str) -> dict[str, Any]:
    async with asyncio.timeout(30):
        while True:
            answer = await person.get(f"{BASE}/{source_id}")
            assert answer.status == 200, answer.text
            if answer.json["state"] in ("ready", "failed") and not answer.json["stage"]:
                return dict(answer.json)
            await asyncio.sleep(0.02)


async def search(person: Person, query: str, **more: Any) -> list[dict[str, Any]]:
    answer = await person.post(f"{BASE}/search", {"query": query, **more})
    assert answer.status == 200, answer.text
    return list(answer.json["data"])


async def ready(ground: Ground, source_id: str) -> dict[str, Any]:
    """Wait until a source was read."""
    async with asyncio.timeout(30):
        while True:
            source = dict(await ground.call(ADA, "sources.get", id=source_id))
            if source["state"] in ("ready", "failed") and not source["stage"]:
                return source
            await asyncio.sleep(0.02)


async def read(ground: Ground, **body: Any) -> dict[str, Any]:
    """Add a source and wait until it was read."""
    return await ready(ground, (await ground.call(ADA, "sources.add", **body))["source"]["id"])


async def again(ground: Ground, source_id: str) -> dict[str, Any]:
    await ground.call(ADA, "sources.ingest", id=source_id)
    return await ready(ground, source_id)


async def found(ground: Ground, query: str, **more: Any) -> list[dict[str, Any]]:
    return list((await ground.call(ADA, "sources.search", query=query, **more))["data"])
