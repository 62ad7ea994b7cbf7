"""MCP as the official client speaks it, with a handshake and without one."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx2
import pytest
from mcp import Client, MCPError
from mcp.client.streamable_http import streamable_http_client

from tests.core.lamp_house import House, running_house

MODES = ["legacy", "2026-07-28", "auto"]


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with running_house() as running:
        yield running


@asynccontextmanager
async def connected(house: House, mode: str) -> AsyncIterator[Client]:
    """Entered inside the test, since the client's task groups must be left by the task that entered them."""
    async with httpx2.AsyncClient(headers=house.headers) as http:
        transport = streamable_http_client(f"{house.url}/mcp", http_client=http)
        async with Client(transport, mode=mode, read_timeout_seconds=10) as client:
            yield client


each_mode = pytest.mark.parametrize("mode", MODES)


@each_mode
async def test_lists_tools_with_hints(house: House, mode: str) -> None:
    async with connected(house, mode) as client:
        listed = {tool.name: tool for tool in (await client.list_tools()).tools}
        assert "lamps_stream" not in listed
        assert "door_login" not in listed
        hints = {name: tool.annotations for name, tool in listed.items()}
        read, dim, remove = hints["lamps_list"], hints["lamps_dim"], hints["lamps_remove"]
        assert read is not None
        assert dim is not None
        assert remove is not None
        assert (read.read_only_hint, read.destructive_hint, read.idempotent_hint) == (True, False, True)
        assert (dim.read_only_hint, dim.destructive_hint, dim.idempotent_hint) == (False, False, False)
        assert (remove.read_only_hint, remove.destructive_hint, remove.idempotent_hint) == (False, True, True)
        assert listed["lamps_dim"].input_schema["required"] == ["name", "percent"]


@each_mode
async def test_calls_a_tool(house: House, mode: str) -> None:
    async with connected(house, mode) as client:
        result = await client.call_tool("lamps_dim", {"name": "hall", "percent": 7})
        assert result.is_error is False
        assert result.structured_content["percent"] == 7
        assert '"percent":7' in result.content[0].text  # type: ignore[union-attr]
        listed = await client.call_tool("lamps_list", {})
        assert [lamp["name"] for lamp in listed.structured_content["result"]] == ["hall", "desk"]
        assert {caller.kind for caller in house.api.seen_by} == {"agent"}
        assert ("lamps.dim", "agent", None) in house.guard.recorded


@each_mode
async def test_a_failing_tool_tells_the_model(house: House, mode: str) -> None:
    async with connected(house, mode) as client:
        wrong = await client.call_tool("lamps_dim", {"name": "hall", "percent": 700})
        assert wrong.is_error
        assert wrong.structured_content["field"] == "percent"
        missing = await client.call_tool("lamps_show", {"name": "moon"})
        assert missing.is_error
        assert missing.content[0].text == "There is no such lamp."  # type: ignore[union-attr]


@pytest.mark.filterwarnings("ignore")
@each_mode
async def test_a_broken_tool_hides_its_inside(house: House, mode: str) -> None:
    async with connected(house, mode) as client:
        broken = await client.call_tool("lamps_break", {"name": "secret inside"})
        assert broken.is_error
        assert "secret inside" not in str(broken)


@each_mode
async def test_refuses_what_cannot_be_undone(house: House, mode: str) -> None:
    async with connected(house, mode) as client:
        refused = await client.call_tool("lamps_remove", {"name": "hall"})
        assert refused.is_error
        assert "approval" in refused.content[0].text  # type: ignore[union-attr]
        assert "hall" in house.api.lamps
        assert ("lamps.remove", "agent", "forbidden") in house.guard.recorded


@each_mode
async def test_an_unknown_tool_fails_the_request(house: House, mode: str) -> None:
    async with connected(house, mode) as client:
        with pytest.raises(MCPError, match="Unknown tool"):
            await client.call_tool("lamps_fly", {})


@each_mode
async def test_a_cancelled_call_is_stopped(house: House, mode: str) -> None:
    async with connected(house, mode) as client:
        call = asyncio.create_task(client.call_tool("lamps_wait", {"name": "hall"}))
        await house.api.waiting.wait()
        call.cancel()
        await asyncio.gather(call, return_exceptions=True)
        await asyncio.wait_for(house.api.stopped.wait(), 5)
        assert (await client.call_tool("lamps_show", {"name": "hall"})).is_error is False


@each_mode
async def test_a_long_call_becomes_a_stream(mode: str) -> None:
    async with running_house(stream_after_s=0.1) as house, connected(house, mode) as client:
        call = asyncio.create_task(client.call_tool("lamps_wait", {"name": "hall"}))
        await house.api.waiting.wait()
        await asyncio.sleep(0.4)
        house.api.go_on.set()
        assert (await call).structured_content == {"ok": True}


async def test_two_clients_with_one_key_do_not_cancel_each_other(house: House) -> None:
    async with connected(house, "legacy") as first, connected(house, "legacy") as second:
        call = asyncio.create_task(first.call_tool("lamps_wait", {"name": "hall"}))
        await house.api.waiting.wait()
        headers = {**house.headers, "Accept": "application/json", "Mcp-Session-Id": "mcp_other"}
        async with httpx2.AsyncClient(headers=headers) as http:
            for number in range(10):
                cancel = {"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": number}}
                assert (await http.post(f"{house.url}/mcp", json=cancel)).status_code == 202
        assert (await second.call_tool("lamps_show", {"name": "hall"})).is_error is False
        assert not house.api.stopped.is_set()
        house.api.go_on.set()
        assert (await call).structured_content == {"ok": True}
