"""Puts tool calls in order: endpoints leave out indexes, use one for several calls, or repeat what was said."""

import secrets
from typing import Any

import orjson

from talome.engines.providers.models import Json


def new_call_id() -> str:
    return f"call_{secrets.token_hex(12)}"


def arguments_of(function: Json) -> str:
    """Always text: some endpoints send the object itself."""
    arguments = function.get("arguments")
    if arguments is None or isinstance(arguments, str):
        return arguments or ""
    return orjson.dumps(arguments).decode()


def whole_calls(calls: Any) -> list[Json]:
    """The calls of an answer that came in one piece."""
    made = []
    for call in calls if isinstance(calls, list) else ():
        function = call.get("function") if isinstance(call, dict) else None
        if isinstance(function, dict) and function.get("name") and isinstance(function["name"], str):
            whole = {name: value for name, value in call.items() if name != "index"}
            whole["id"] = str(call.get("id") or new_call_id())
            whole["type"] = "function"
            whole["function"] = {**function, "arguments": arguments_of(function) or "{}"}
            made.append(whole)
    return made


def _is_function(function: Any) -> bool:
    return function is None or (isinstance(function, dict) and isinstance(function.get("name"), str | None))


class ToolCalls:
    """The calls of one streamed answer. A new id is a new call, whatever its index; id and name are told once."""

    def __init__(self) -> None:
        self._ids: dict[str, int] = {}
        self._places: dict[Any, int] = {}
        self._named: set[int] = set()
        self._arguments: dict[int, list[str]] = {}
        self._last = -1

    def take(self, calls: Any) -> list[Json]:
        return [
            self._piece(call, call.get("function") or {})
            for call in (calls if isinstance(calls, list) else ())
            if isinstance(call, dict) and _is_function(call.get("function"))
        ]

    def _piece(self, call: Json, function: Json) -> Json:
        known = len(self._ids)
        index = self._index(call, function)
        is_new = len(self._ids) > known
        piece = {name: value for name, value in call.items() if name not in ("id", "type", "function", "index")}
        piece["index"] = index
        told: Json = {"arguments": arguments_of(function)}
        self._arguments.setdefault(index, []).append(told["arguments"])
        if is_new:
            piece["id"] = next(reversed(self._ids))
            piece["type"] = "function"
        if function.get("name") and index not in self._named:
            self._named.add(index)
            told["name"] = str(function["name"])
        piece["function"] = told
        return piece

    def _index(self, call: Json, function: Json) -> int:
        theirs = call.get("index") if isinstance(call.get("index"), int) else None
        given = str(call.get("id") or "")
        if given and given in self._ids:
            index = self._ids[given]
        elif not given and theirs in self._places and not (function.get("name") and self._is_whole(theirs)):
            index = self._places[theirs]
        elif not given and theirs is None and self._last >= 0 and not function.get("name"):
            index = self._last
        else:
            index = self._ids[given or new_call_id()] = len(self._ids)
        self._places[theirs] = self._last = index
        return index

    def _is_whole(self, theirs: int | None) -> bool:
        """Whether the call that had this index has all its arguments."""
        try:
            orjson.loads("".join(self._arguments.get(self._places[theirs], ())))
        except orjson.JSONDecodeError:
            return False
        return True
