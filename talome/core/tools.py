"""Operations as tools, for MCP clients and for Talome's own agents: what a caller may use, and one way to call it.

Left out by rule: pure streams, since a tool answers once; public operations, those on one's own account
(`account:…`) and changes to users (`users:write`), since signing in and handling credentials is no work for a machine:
who can make an administrator, or set one's password, can do by that person's hand what agents are refused.
"""

from collections.abc import AsyncGenerator, Iterator, Mapping
from typing import Any, Final

import orjson

from talome.core.errors import Invalid, NotFound
from talome.core.models import Wire
from talome.core.operations import PUBLIC, Caller, Operation, Registry, Risk, operation

_ACCOUNT: Final = "account:"
_USERS: Final = "users:write"


class Tool(Wire):
    """One tool. `input_schema` is the JSON Schema of its arguments."""

    name: str
    description: str
    scope: str
    risk: Risk
    input_schema: dict[str, Any]


class Tools:
    """The registry, seen as tools. A description is made when it is first asked for, and kept."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._described: dict[str, Tool] = {}

    def operations(self, caller: Caller) -> Iterator[Operation]:
        """What this caller may use, in the order of the registry."""
        return (item for item in self._registry if _is_tool(item) and caller.may(item.scope))

    def describe(self, item: Operation) -> Tool:
        found = self._described.get(item.tool_name)
        if found is None:
            found = Tool(
                name=item.tool_name,
                description=item.description,
                scope=item.scope,
                risk=item.risk,
                input_schema=_without_titles(item.input_schema()),
            )
            self._described[item.tool_name] = found
        return found

    async def call(self, caller: Caller, name: str, arguments: Mapping[str, Any]) -> Any:
        """Run a tool and return its result as JSON values.

        Raises `NotFound` with the code `unknown_tool` where there is none, and whatever the operation raises.
        """
        item = self._registry.find(name)
        if item is None or item.tool_name != name or not _is_tool(item):
            raise NotFound("There is no such tool.", code="unknown_tool")
        result = await item.call(caller, lambda: item.parse_json(arguments))
        if isinstance(result, AsyncGenerator):
            await result.aclose()
            raise Invalid("A tool answers once and cannot follow a stream.", code="cannot_follow")
        return None if item.result is None else orjson.loads(item.result.dump_json(result, by_alias=True))


class ToolsApi:
    """What agents and MCP clients may use with the rights of the one who asks."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    @operation("GET", "/api/tools", scope="account:read", risk="read")
    async def list_(self, caller: Caller) -> list[Tool]:
        """List the tools that the caller's agents may use."""
        return [self._tools.describe(item) for item in self._tools.operations(caller)]


def _is_tool(item: Operation) -> bool:
    by_hand = item.scope in (PUBLIC, _USERS) or item.scope.startswith(_ACCOUNT)
    return not by_hand and item.result is not None


def _without_titles(schema: Any) -> Any:
    """Pydantic titles every field after its name, which costs a model's context and tells it nothing.

    A property that is itself called "title" holds a schema, not text, and stays.
    """
    if isinstance(schema, list):
        return [_without_titles(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    data = ("default", "const", "enum", "examples")
    return {
        key: value if key in data else _without_titles(value)
        for key, value in schema.items()
        if key != "title" or not isinstance(value, str)
    }
