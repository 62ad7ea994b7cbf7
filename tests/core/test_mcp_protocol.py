"""MCP on the wire: what is refused, and how."""

import asyncio
import io
import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from talome.core.models import Done
from talome.core.operations import Caller, Registry, operation
from tests.core.lamp_house import House, running_house

ACCEPT = "application/json, text/event-stream"
ENVELOPE = "2026-07-28"
META = "io.modelcontextprotocol/"


class Wire:
    """Posts raw messages."""

    def __init__(self, house: House, session: aiohttp.ClientSession) -> None:
        self.house = house
        self.session = session
        self.headers = {**house.headers, "Accept": ACCEPT, "Content-Type": "application/json"}

    async def send(self, body: Any, **headers: str | None) -> tuple[int, Any]:
        wanted = {**self.headers, **{name.replace("_", "-"): value for name, value in headers.items()}}
        sent = {name: value for name, value in wanted.items() if value is not None}
        data = io.BytesIO(body if isinstance(body, bytes) else json.dumps(body).encode())
        skip = [name for name in ("Accept", "Content-Type") if name not in sent]
        url = f"{self.house.url}/mcp"
        async with self.session.post(url, headers=sent, skip_auto_headers=skip, data=data) as response:
            text = await response.text()
            return response.status, await response.json() if text else None

    async def ask(self, method: str, params: dict[str, Any] | None = None, **headers: str) -> tuple[int, Any]:
        return await self.send({"jsonrpc": "2.0", "id": 1, "method": method, "params": params or {}}, **headers)

    async def ask_enveloped(
        self, method: str, params: dict[str, Any] | None = None, *, meta: Any = None, **headers: str | None
    ) -> tuple[int, Any]:
        envelope = {f"{META}protocolVersion": ENVELOPE, f"{META}clientCapabilities": {}} if meta is None else meta
        body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": {**(params or {}), "_meta": envelope}}
        return await self.send(body, **{"MCP_Protocol_Version": ENVELOPE, "Mcp_Method": method, **headers})


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with running_house() as running:
        yield running


@pytest.fixture
async def wire(house: House) -> AsyncIterator[Wire]:
    async with aiohttp.ClientSession() as session:
        yield Wire(house, session)


def error_of(answer: tuple[int, Any]) -> tuple[int, int]:
    return answer[0], answer[1]["error"]["code"]


@pytest.mark.parametrize(
    ("asked", "agreed"),
    [("2025-06-18", "2025-06-18"), ("2025-11-25", "2025-11-25"), ("2024-11-05", "2025-11-25"), ("9", "2025-11-25")],
)
async def test_agrees_on_a_version(wire: Wire, asked: str, agreed: str) -> None:
    params = {"protocolVersion": asked, "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}}
    status, body = await wire.ask("initialize", params)
    assert status == 200
    assert body["result"]["protocolVersion"] == agreed
    assert body["result"]["capabilities"] == {"tools": {}}
    assert body["result"]["serverInfo"]["version"] == "9.9"


async def test_initialize_without_a_version_is_wrong(wire: Wire) -> None:
    assert error_of(await wire.ask("initialize", {})) == (200, -32602)


@pytest.mark.parametrize("version", ["2024-11-05", "2099-01-01", "nonsense"])
async def test_refuses_a_version_it_does_not_speak(wire: Wire, version: str) -> None:
    status, body = await wire.ask("tools/list", MCP_Protocol_Version=version)
    assert (status, body["error"]["code"]) == (400, -32022)
    assert body["error"]["data"] == {"supported": ["2026-07-28", "2025-11-25", "2025-06-18"], "requested": version}
    note = {"jsonrpc": "2.0", "method": "notifications/initialized"}
    assert (await wire.send(note, MCP_Protocol_Version=version))[0] == 400


async def test_serves_clients_that_name_no_version_or_the_one_that_stands_for_none(wire: Wire) -> None:
    assert await wire.ask("ping") == (200, {"jsonrpc": "2.0", "id": 1, "result": {}})
    assert (await wire.ask("ping", MCP_Protocol_Version="2025-03-26"))[0] == 200


@pytest.mark.parametrize(("accept", "status"), [(None, 406), ("text/html", 406), ("text/event-stream", 406)])
async def test_wants_an_accept_header(wire: Wire, accept: str | None, status: int) -> None:
    answer = await wire.send({"jsonrpc": "2.0", "id": 1, "method": "ping"}, Accept=accept)
    assert error_of(answer) == (status, -32600)


@pytest.mark.parametrize("accept", ["*/*", "application/*", "application/json;q=0.9", "text/html, Application/JSON"])
async def test_reads_the_accept_header(wire: Wire, accept: str) -> None:
    assert (await wire.send({"jsonrpc": "2.0", "id": 1, "method": "ping"}, Accept=accept))[0] == 200


async def test_wants_json(wire: Wire) -> None:
    assert error_of(await wire.send(b"{}", Content_Type="text/plain")) == (415, -32600)


@pytest.mark.parametrize("body", [b"", b"{", b'{"jsonrpc": "2.0", "id": 1, "method": "p\xff"}', b"[" * 5000, b"NaN"])
async def test_malformed_json(wire: Wire, body: bytes) -> None:
    status, answer = await wire.send(body)
    assert (status, answer["error"]["code"], answer["id"]) == (400, -32700, None)


PING = {"jsonrpc": "2.0", "id": 1, "method": "ping"}


@pytest.mark.parametrize(
    "body",
    [
        [PING],
        [],
        5,
        None,
        {"id": 1, "method": "ping"},
        {**PING, "jsonrpc": "1.0"},
        {**PING, "method": 5},
        {**PING, "params": []},
        {**PING, "id": None},
        {**PING, "id": True},
        {**PING, "id": 1.5},
        {**PING, "id": {}},
        {"jsonrpc": "2.0", "id": 1, "result": {}},
    ],
)
async def test_refuses_what_is_no_single_message(wire: Wire, body: Any) -> None:
    assert error_of(await wire.send(body)) == (400, -32600)


async def test_the_body_is_bounded(wire: Wire) -> None:
    status, _ = await wire.send(b" " * (1024 * 1024 + 1))
    assert status == 413


async def test_unknown_methods(wire: Wire) -> None:
    assert error_of(await wire.ask("resources/list")) == (200, -32601)
    assert error_of(await wire.ask("server/discover")) == (200, -32601)
    assert error_of(await wire.ask_enveloped("resources/list")) == (404, -32601)
    assert error_of(await wire.ask_enveloped("ping")) == (404, -32601)
    assert error_of(await wire.ask_enveloped("initialize")) == (404, -32601)


async def test_notifications_are_accepted_without_an_answer(wire: Wire) -> None:
    for method in ("notifications/initialized", "notifications/cancelled", "notifications/what"):
        assert await wire.send({"jsonrpc": "2.0", "method": method, "params": {"requestId": {}}}) == (202, None)
        assert await wire.send({"jsonrpc": "2.0", "method": method}, MCP_Protocol_Version=ENVELOPE) == (202, None)


@pytest.mark.parametrize("method", ["GET", "DELETE", "PUT"])
async def test_there_is_no_stream_to_open_and_no_session_to_end(wire: Wire, method: str) -> None:
    async with wire.session.request(method, f"{wire.house.url}/mcp", headers=wire.headers) as response:
        assert response.status == 405
        assert response.headers["Allow"] == "POST"


async def test_only_a_bearer_token_opens_it(wire: Wire) -> None:
    assert (await wire.send(PING, Authorization=None))[0] == 401
    assert (await wire.send(PING, Authorization=None, Cookie="talome_session=all"))[0] == 401
    assert (await wire.send(PING, Authorization="Bearer other"))[0] == 401


async def test_foreign_pages_and_names_are_refused(wire: Wire) -> None:
    assert (await wire.send(PING, Origin="http://evil.example"))[0] == 403
    assert (await wire.send(PING, Host="evil.example"))[0] == 421


async def test_a_reader_sees_and_may_only_read(wire: Wire) -> None:
    wire.headers["Authorization"] = "Bearer reader"
    _, listed = await wire.ask("tools/list")
    assert [tool["name"] for tool in listed["result"]["tools"]] == ["lamps_list", "lamps_show", "lamps_logs"]
    _, refused = await wire.ask("tools/call", {"name": "lamps_dim", "arguments": {"name": "hall", "percent": 1}})
    assert refused["result"]["structuredContent"]["code"] == "forbidden"
    assert ("lamps.dim", "agent", "forbidden") in wire.house.guard.recorded


@pytest.mark.parametrize(
    "params", [{}, {"name": 5}, {"name": "lamps_list", "arguments": []}, {"name": "lamps_list", "arguments": "x"}]
)
async def test_a_call_needs_a_name_and_an_object(wire: Wire, params: dict[str, Any]) -> None:
    assert error_of(await wire.ask("tools/call", params)) == (200, -32602)
    assert error_of(await wire.ask_enveloped("tools/call", params, Mcp_Name=str(params.get("name"))))[1] in (
        -32602,
        -32020,
    )


async def test_discovery(wire: Wire) -> None:
    status, body = await wire.ask_enveloped("server/discover")
    result = body["result"]
    assert status == 200
    assert result["supportedVersions"][0] == ENVELOPE
    assert (result["resultType"], result["capabilities"]) == ("complete", {"tools": {}})
    assert result["_meta"][f"{META}serverInfo"]["name"] == "talome"


@pytest.mark.parametrize(
    ("meta", "headers", "code"),
    [
        ([], {}, -32602),
        ({}, {}, -32602),
        ({f"{META}protocolVersion": ENVELOPE}, {}, -32602),
        (None, {"Mcp_Method": "tools/call"}, -32020),
        (None, {"Mcp_Method": None}, -32020),
        ({f"{META}protocolVersion": "2025-11-25", f"{META}clientCapabilities": {}}, {}, -32020),
    ],
)
async def test_headers_and_envelope_must_agree(wire: Wire, meta: Any, headers: dict[str, Any], code: int) -> None:
    assert error_of(await wire.ask_enveloped("tools/list", meta=meta, **headers)) == (400, code)


@pytest.mark.parametrize(
    ("header", "status"),
    [("lamps_show", 200), ("=?base64?bGFtcHNfc2hvdw==?=", 200), ("=?base64?!?=", 400), ("lamps_dim", 400), (None, 400)],
)
async def test_the_header_names_the_tool(wire: Wire, header: str | None, status: int) -> None:
    params = {"name": "lamps_show", "arguments": {"name": "hall"}}
    assert (await wire.ask_enveloped("tools/call", params, Mcp_Name=header))[0] == status


async def test_a_header_given_twice_is_refused(wire: Wire) -> None:
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {"_meta": {}}}
    body["params"] = {"_meta": {f"{META}protocolVersion": ENVELOPE, f"{META}clientCapabilities": {}}}
    headers = [*wire.headers.items(), ("MCP-Protocol-Version", ENVELOPE), *[("Mcp-Method", "tools/list")] * 2]
    async with wire.session.post(f"{wire.house.url}/mcp", json=body, headers=headers) as response:
        assert (response.status, (await response.json())["error"]["code"]) == (400, -32020)


async def call_in_background(wire: Wire, **headers: str) -> asyncio.Task[tuple[int, Any]]:
    call = asyncio.create_task(wire.ask("tools/call", {"name": "lamps_wait", "arguments": {"name": "hall"}}, **headers))
    await wire.house.api.waiting.wait()
    return call


async def test_a_notification_cancels_the_running_call(wire: Wire) -> None:
    call = await call_in_background(wire, Mcp_Session_Id="mcp_1")
    cancel = {"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": "1"}}
    await wire.send(cancel, Mcp_Session_Id="mcp_1")  # the text "1" is not the number 1
    await wire.send({**cancel, "params": {"requestId": 1}}, Mcp_Session_Id="mcp_2")
    wire.headers["Authorization"] = "Bearer reader"
    await wire.send({**cancel, "params": {"requestId": 1}}, Mcp_Session_Id="mcp_1")
    assert not wire.house.api.stopped.is_set()
    wire.headers["Authorization"] = "Bearer all"
    await wire.send({**cancel, "params": {"requestId": 1}}, Mcp_Session_Id="mcp_1")
    assert error_of(await call) == (200, -32800)
    assert wire.house.api.stopped.is_set()


async def test_an_id_in_use_is_refused(wire: Wire) -> None:
    call = await call_in_background(wire, Mcp_Session_Id="mcp_1")
    params = {"name": "lamps_show", "arguments": {"name": "hall"}}
    assert error_of(await wire.ask("tools/call", params, Mcp_Session_Id="mcp_1")) == (400, -32600)
    assert (await wire.ask("tools/call", params, Mcp_Session_Id="mcp_2"))[0] == 200
    wire.house.api.go_on.set()
    assert (await call)[1]["result"]["structuredContent"] == {"ok": True}
    assert (await wire.ask("tools/call", params, Mcp_Session_Id="mcp_1"))[0] == 200


async def test_a_call_goes_on_when_an_older_client_leaves(wire: Wire) -> None:
    call = await call_in_background(wire)
    call.cancel()
    await asyncio.gather(call, return_exceptions=True)
    await asyncio.sleep(0.8)
    assert not wire.house.api.stopped.is_set()
    wire.house.api.go_on.set()
    await asyncio.wait_for(wire.house.api.stopped.wait(), 5)


async def test_a_call_ends_with_the_right_to_it(wire: Wire) -> None:
    call = await call_in_background(wire)

    async def is_current(caller: Caller) -> bool:
        return caller.kind != "key"

    await wire.house.http.connections.end_unless(is_current)
    assert error_of(await call) == (401, -32600)
    assert wire.house.api.stopped.is_set()
    assert len(wire.house.http.connections) == 0


async def test_a_long_call_streams_and_keeps_the_guards_headers() -> None:
    async with running_house(stream_after_s=0.05) as house, aiohttp.ClientSession() as session:
        wire = Wire(house, session)
        params = {"name": "lamps_wait", "arguments": {"name": "hall"}}
        body = {"jsonrpc": "2.0", "id": "a", "method": "tools/call", "params": params}
        async with session.post(f"{house.url}/mcp", json=body, headers=wire.headers) as response:
            assert response.content_type == "text/event-stream"
            assert "X-Request-Id" in response.headers
            assert await response.content.readuntil(b"\n\n") == b": keep-alive\n\n"
            house.api.go_on.set()
            rest = await response.text()
        assert rest.startswith('event: message\ndata: {"jsonrpc":"2.0","id":"a","result":')


async def test_a_client_without_streams_waits_for_json() -> None:
    async with running_house(stream_after_s=0.05) as house, aiohttp.ClientSession() as session:
        wire = Wire(house, session)
        call = await call_in_background(wire, Accept="application/json")
        await asyncio.sleep(0.3)
        house.api.go_on.set()
        assert (await call)[1]["result"]["structuredContent"] == {"ok": True}


async def test_many_tools_come_in_pages(wire: Wire) -> None:
    add_fields(wire.house.registry, 150)
    _, first = await wire.ask("tools/list")
    assert len(first["result"]["tools"]) == 100
    _, second = await wire.ask("tools/list", {"cursor": first["result"]["nextCursor"]})
    assert "nextCursor" not in second["result"]
    found = [tool["name"] for page in (first, second) for tool in page["result"]["tools"]]
    assert len(found) == len(set(found)) > 150
    assert error_of(await wire.ask("tools/list", {"cursor": "nowhere"})) == (200, -32602)
    assert error_of(await wire.ask_enveloped("tools/list", {"cursor": 5})) == (400, -32602)


def add_fields(registry: Registry, count: int) -> None:
    """Many operations at once."""

    def make(number: int) -> Any:
        @operation("POST", f"/api/field/{number}", scope="field:write", risk="modify")
        async def plough(self: Any, caller: Caller) -> Done:
            """Plough."""
            return Done()

        plough.__name__ = f"plough{number}"
        return plough

    registry.add(type("FieldApi", (), {f"plough{number}": make(number) for number in range(count)})())
