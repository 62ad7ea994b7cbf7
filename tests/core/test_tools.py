"""Operations as tools."""

import pytest

from talome.core.errors import Forbidden, Invalid, NotFound
from talome.core.operations import Caller, Operation, Registry
from talome.core.tools import Tools, ToolsApi
from tests.core.lamp_house import DoorApi, Guard, LampsApi

ADMIN = Caller("usr_1", "ada", "agent", frozenset({"*"}))
READER = Caller("usr_2", "bob", "agent", frozenset({"lamps:read"}))


@pytest.fixture
async def api() -> LampsApi:
    return LampsApi()


@pytest.fixture
async def tools(api: LampsApi) -> Tools:
    registry = Registry(Guard())
    registry.add(api, DoorApi())
    return Tools(registry)


def names(tools: Tools, caller: Caller) -> list[str]:
    return [item.tool_name for item in tools.operations(caller)]


async def test_lists_what_the_caller_may(tools: Tools) -> None:
    assert names(tools, READER) == ["lamps_list", "lamps_show", "lamps_logs"]
    assert {"lamps_dim", "lamps_remove"} < set(names(tools, ADMIN))


async def test_leaves_out_streams_public_operations_and_the_own_account(tools: Tools) -> None:
    assert not {"lamps_stream", "door_login", "door_me", "door_logout"} & set(names(tools, ADMIN))


async def test_describes_arguments_without_titles(tools: Tools) -> None:
    dim = next(item for item in tools.operations(ADMIN) if item.tool_name == "lamps_dim")
    tool = tools.describe(dim)
    assert (tool.scope, tool.risk, tool.description) == ("lamps:write", "modify", "Dim a lamp.")
    assert tool.input_schema["type"] == "object"
    assert set(tool.input_schema["properties"]) == {"name", "percent", "mood", "steps", "slowly", "tags"}
    assert tool.input_schema["required"] == ["name", "percent"]
    assert '"title":' not in tool.model_dump_json()
    assert tools.describe(dim) is tool


async def test_a_property_called_title_stays(tools: Tools) -> None:
    class Named(Operation):
        def input_schema(self) -> dict[str, object]:
            return {
                "title": "Gone",
                "type": "object",
                "properties": {"title": {"type": "string", "title": "Gone", "default": {"title": "kept"}}},
            }

    original = next(tools.operations(ADMIN))
    original.__class__ = Named
    schema = tools.describe(original).input_schema
    assert schema == {"type": "object", "properties": {"title": {"type": "string", "default": {"title": "kept"}}}}


async def test_calls_with_json_arguments(tools: Tools) -> None:
    assert await tools.call(ADMIN, "lamps_dim", {"name": "hall", "percent": 5}) == {
        "name": "hall",
        "percent": 5,
        "mood": "warm",
        "steps": 1,
        "slowly": False,
        "tags": None,
    }
    listed = await tools.call(READER, "lamps_list", {})
    assert listed[0]["isLit"] is True
    assert listed[0]["seenAt"] == "2026-03-01T12:00:00Z"


@pytest.mark.parametrize(
    "arguments", [{"name": "hall"}, {"name": "hall", "percent": "5"}, {"name": "hall", "percent": 5, "x": 1}]
)
async def test_refuses_arguments_that_do_not_fit(tools: Tools, arguments: dict[str, object]) -> None:
    with pytest.raises(Invalid):
        await tools.call(ADMIN, "lamps_dim", arguments)


@pytest.mark.parametrize("name", ["lamps_fly", "lamps.dim", "", "door_login", "door_me", "lamps_stream"])
async def test_an_unknown_tool_is_denied(tools: Tools, name: str) -> None:
    with pytest.raises(NotFound) as caught:
        await tools.call(ADMIN, name, {"name": "hall", "percent": 5})
    assert caught.value.error_code == "unknown_tool"


async def test_scope_and_guard_stand_before_a_tool(tools: Tools, api: LampsApi) -> None:
    with pytest.raises(Forbidden):
        await tools.call(READER, "lamps_dim", {"name": "hall", "percent": 5})
    with pytest.raises(Forbidden, match="approval"):
        await tools.call(ADMIN, "lamps_remove", {"name": "hall"})
    assert "hall" in api.lamps


async def test_refuses_to_follow_and_closes_the_stream(tools: Tools, api: LampsApi) -> None:
    with pytest.raises(Invalid) as caught:
        await tools.call(ADMIN, "lamps_logs", {"name": "hall", "follow": True})
    assert caught.value.error_code == "cannot_follow"
    page = await tools.call(ADMIN, "lamps_logs", {"name": "hall"})
    assert page["lines"][0]["text"] == "on"


async def test_the_api_lists_tools_for_the_asking_person(tools: Tools) -> None:
    registry = Registry(Guard())
    registry.add(ToolsApi(tools))
    listing = registry["tools.list"]
    asks = Caller("usr_2", "bob", "user", frozenset({"lamps:read", "account:read"}))
    result = await listing.call(asks, lambda: listing.parse_query({}))
    assert [tool.name for tool in result] == ["lamps_list", "lamps_show", "lamps_logs"]
