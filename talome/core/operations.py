"""One declaration for each operation; HTTP, OpenAPI, tools, MCP and the command line are readers of it.

A feature's `XxxApi` class labels its methods with `@operation`. `Operation.call` is the only way in, so scope,
validation, guard and audit happen once, whatever face was used. Argument and result models are built on first use.
"""

import inspect
import re
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import UnionType
from typing import Any, Final, Literal, Protocol, TypeVar, Union, get_args, get_origin, get_type_hints

import orjson
from pydantic import AliasChoices, AliasGenerator, BaseModel, ConfigDict, TypeAdapter, ValidationError, create_model
from pydantic.alias_generators import to_camel

from talome.core.errors import Forbidden, Invalid, TalomeError, Unauthenticated

Risk = Literal["read", "modify", "destructive"]
CallerKind = Literal["anonymous", "user", "key", "agent", "automation"]
PUBLIC: Final = "public"
"""The scope of the few operations that need no credential; `core.http.OPEN_ROUTES` lists them a second time."""
Function = TypeVar("Function", bound=Callable[..., Any])
LARGEST_NUMBER: Final = 2**53 - 1
"""What JSON readers and the database both hold exactly."""
UNAUTHORISED_STATUS: Final = (401, 403)


@dataclass(frozen=True, slots=True)
class Client:
    """Where a call comes from. `local`: straight from this machine, through no proxy. `secure`: over TLS. `origin` and
    `host` as the headers of these names have them, checked; empty where there are none."""

    ip: str = ""
    user_agent: str = ""
    local: bool = False
    secure: bool = False
    origin: str = ""
    host: str = ""


@dataclass(frozen=True, slots=True)
class KeyTerms:
    """What the owner of an API key bound it to beside its scopes; None: not bound. `local_only`: what is asked with
    this key never leaves the house."""

    requests_per_minute: int | None = None
    monthly_budget_nano: int | None = None
    local_only: bool = False


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls, with which rights. An agent carries the scopes of the person it works for, never more.

    `face` is how the token of a key begins (`tok_`), which tells whose manners its user expects; empty for a session.
    """

    user_id: str
    name: str
    kind: CallerKind
    scopes: frozenset[str] = frozenset()
    session_id: str | None = None
    key_id: str | None = None
    workspace: str | None = None
    client: Client = field(default_factory=Client)
    face: str = ""
    terms: KeyTerms = KeyTerms()

    def at(self, client: Client) -> "Caller":
        """The same, seen at a client. Written out: `replace` takes three times as long, with every request."""
        return Caller(
            self.user_id,
            self.name,
            self.kind,
            self.scopes,
            self.session_id,
            self.key_id,
            self.workspace,
            client,
            self.face,
            self.terms,
        )

    def may(self, scope: str) -> bool:
        """`area:write` includes `area:read`; `area:*` and `*` include what they say."""
        if scope == PUBLIC or "*" in self.scopes or scope in self.scopes:
            return True
        area, _, verb = scope.partition(":")
        return f"{area}:*" in self.scopes or (verb == "read" and f"{area}:write" in self.scopes)


def require(caller: Caller, scope: str) -> None:
    """Raise unless the caller has this right."""
    if caller.may(scope):
        return
    if caller.kind == "anonymous":
        raise Unauthenticated("Sign in, or send a Bearer token.")
    raise Forbidden(f"This needs the right “{scope}”, which you do not have.", scope=scope)


class WholeBody:
    """`Annotated[…, WholeBody()]` marks the one argument that takes the whole JSON body, which is a free map."""


class Gate(Protocol):
    """What stands around every call: may refuse it before it runs, and is told how it ended."""

    async def admit(self, operation: "Operation", caller: Caller) -> None:
        """Raise to refuse a call whose scope is in order."""

    async def record(
        self, operation: "Operation", caller: Caller, arguments: Mapping[str, Any], error: TalomeError | None
    ) -> None:
        """Keep a trace; secrets in `arguments` are already masked by their type."""


@dataclass(frozen=True, slots=True)
class Declaration:
    """What `@operation` writes on a method."""

    method: str
    path: str
    scope: str
    risk: Risk
    status: int


def operation(method: str, path: str, *, scope: str, risk: Risk, status: int = 200) -> Callable[[Function], Function]:
    """Label a method of an `XxxApi` class as an operation. It only labels: the method itself is unchanged."""

    def label(function: Function) -> Function:
        function.__operation__ = Declaration(method, path, scope, risk, status)  # type: ignore[attr-defined]
        return function

    return label


class Arguments(BaseModel):
    """Base of the argument models; unknown names are refused, camelCase and snake_case are both understood."""

    model_config = ConfigDict(
        alias_generator=to_camel, populate_by_name=True, extra="forbid", arbitrary_types_allowed=True
    )


class PlainArguments(Arguments):
    """The same for `/v1`, whose clients know snake_case, and are told so."""

    model_config = ConfigDict(
        alias_generator=AliasGenerator(validation_alias=lambda name: AliasChoices(name, to_camel(name)))
    )


class Operation:
    """An operation, bound to a live feature, or described from its class alone for documents and the command line."""

    def __init__(self, area: str, function: Callable[..., Any], declaration: Declaration, gate: Gate | None) -> None:
        self._function = function
        self._gate = gate
        self.area = area
        self.verb = function.__name__.rstrip("_")
        self.name = f"{area}.{self.verb}"
        self.tool_name = f"{area}_{self.verb}"
        self.method = declaration.method
        self.path = declaration.path
        self.scope = declaration.scope
        self.risk: Risk = declaration.risk
        self.status = declaration.status
        self.path_names = tuple(re.findall(r"{(\w+)}", declaration.path))

    @property
    def description(self) -> str:
        return inspect.cleandoc(self._function.__doc__ or "")

    @cached_property
    def _hints(self) -> dict[str, Any]:
        return get_type_hints(self._function, include_extras=True)

    @cached_property
    def arguments_model(self) -> type[Arguments]:
        """The pydantic model of everything the caller may send, wherever it comes from."""
        fields: dict[str, Any] = {}
        for name, parameter in inspect.signature(self._function).parameters.items():
            if name not in ("self", "caller"):
                default = ... if parameter.default is inspect.Parameter.empty else parameter.default
                fields[name] = (self._hints[name], default)
        title = "".join(part.capitalize() for part in re.split(r"[._]", self.name))
        base: type[Arguments] = PlainArguments if self.path.startswith("/v1/") else Arguments
        model: type[Arguments] = create_model(f"{title}Arguments", __base__=base, **fields)
        return model

    @cached_property
    def list_names(self) -> frozenset[str]:
        """Arguments that may be repeated in a query string, under both of their names."""
        found = [name for name, info in self.arguments_model.model_fields.items() if _is_list(info.annotation)]
        return frozenset(found) | frozenset(map(to_camel, found))

    @cached_property
    def whole_body_name(self) -> str | None:
        for name, info in self.arguments_model.model_fields.items():
            if any(isinstance(mark, WholeBody) for mark in info.metadata):
                return name
        return None

    @cached_property
    def result_arms(self) -> tuple[Any, ...]:
        hint = self._hints["return"]
        return get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)

    @cached_property
    def item(self) -> "TypeAdapter[Any] | None":
        """How one item of the stream is written; None where the operation never streams."""
        for arm in self.result_arms:
            if get_origin(arm) is AsyncGenerator:
                return TypeAdapter(get_args(arm)[0])
        return None

    @cached_property
    def result(self) -> "TypeAdapter[Any] | None":
        """How the JSON answer is written; None where the operation only streams."""
        plain = [arm for arm in self.result_arms if get_origin(arm) is not AsyncGenerator]
        arms: Any = Union[tuple(plain)] if plain else None  # noqa: UP007 - the arms are known at run time only
        return TypeAdapter(arms) if plain else None

    def input_schema(self) -> dict[str, Any]:
        """JSON Schema of the arguments."""
        return self.arguments_model.model_json_schema(by_alias=True)

    def parse_query(self, raw: Mapping[str, Any]) -> Arguments:
        """Arguments that arrived as text: `"10"` is the number ten, `"true"` is true."""
        return self._validated(lambda: self.arguments_model.model_validate(raw))

    def parse_json(self, raw: Mapping[str, Any]) -> Arguments:
        """Arguments that arrived as JSON: types are strict, a number in quotes is not a number."""
        try:
            text = orjson.dumps(raw)
        except orjson.JSONEncodeError:
            raise Invalid("The arguments hold text that is not valid Unicode.", field="body") from None
        return self._validated(lambda: self.arguments_model.model_validate_json(text, strict=True))

    def _validated(self, validate: Callable[[], Arguments]) -> Arguments:
        try:
            arguments = validate()
        except ValidationError as error:
            raise explain(error) from None
        for name in type(arguments).model_fields:
            value = getattr(arguments, name)
            if isinstance(value, int) and abs(value) > LARGEST_NUMBER:
                raise Invalid(f"“{to_camel(name)}”: The number is too large.", field=to_camel(name))
        return arguments

    async def call(self, caller: Caller, parse: Callable[[], Arguments]) -> Any:
        """Check the scope, validate, ask the gate, run, and have it recorded. Expected failures are `TalomeError`s.

        `parse` is called only when the scope is in order, so that strangers learn nothing from validation.
        """
        if self._gate is None:
            raise RuntimeError(f"{self.name} is described, not bound")
        arguments: Mapping[str, Any] = {}
        try:
            require(caller, self.scope)
            model = parse()
            if self.risk != "read":
                arguments = model.model_dump(mode="json", exclude_unset=True)
            await self._gate.admit(self, caller)
            values = {name: getattr(model, name) for name in self.arguments_model.model_fields}
            returned = self._function(caller=caller, **values)
            result = await returned if isinstance(returned, Awaitable) else returned
        except TalomeError as error:
            if self.risk != "read" or error.status in UNAUTHORISED_STATUS:
                await self._gate.record(self, caller, arguments, error)
            raise
        except BaseException:
            if self.risk != "read":
                await self._gate.record(self, caller, arguments, TalomeError("It broke off unexpectedly."))
            raise
        if self.risk != "read":
            await self._gate.record(self, caller, arguments, None)
        return result


class Registry:
    """Every operation of the house, by name; in the order in which the features were added."""

    def __init__(self, gate: Gate | None = None) -> None:
        self._gate = gate
        self._operations: dict[str, Operation] = {}
        self._by_tool_name: dict[str, Operation] = {}
        self._further_scopes: set[str] = set()

    def add(self, *apis: object) -> None:
        """Register every labelled method of the given `XxxApi` objects; of a class, only its description."""
        for api in apis:
            for each in self._operations_of(api):
                self._register(each)

    def apart(self, api: object) -> dict[str, Operation]:
        """The operations of a face that has a protocol of its own, by verb: in no list and at no route, but behind
        the same gate."""
        return {each.verb: each for each in self._operations_of(api)}

    def _operations_of(self, api: object) -> Iterator[Operation]:
        owner = api if isinstance(api, type) else type(api)
        area = re.sub(r"(?<!^)(?=[A-Z])", "_", owner.__name__.removesuffix("Api")).lower()
        for name, function in vars(owner).items():
            declaration = getattr(function, "__operation__", None)
            if declaration is not None:
                bound = function if owner is api else getattr(api, name)
                yield Operation(area, bound, declaration, None if owner is api else self._gate)

    def _register(self, operation: Operation) -> None:
        if not operation.description:
            raise ValueError(f"{operation.name} has no docstring")
        if operation.name in self._operations:
            raise ValueError(f"{operation.name} is declared twice")
        self._operations[operation.name] = operation
        self._by_tool_name[operation.tool_name] = operation

    def __iter__(self) -> Iterator[Operation]:
        return iter(self._operations.values())

    def __getitem__(self, name: str) -> Operation:
        return self._operations[name]

    def add_scope(self, scope: str) -> None:
        """Make a right known that no operation asks for, only plain handlers."""
        self._further_scopes.add(scope)

    def scopes(self) -> frozenset[str]:
        """Every right that can be asked for."""
        return frozenset(operation.scope for operation in self) | self._further_scopes

    def find(self, name: str) -> Operation | None:
        """By `containers.stop` or by the tool name `containers_stop`."""
        return self._operations.get(name) or self._by_tool_name.get(name)


def explain(error: ValidationError) -> Invalid:
    """A sentence that names the field; the values themselves are not repeated, since they may be secret."""
    problems = [
        {"field": ".".join(str(part) for part in problem["loc"]) or "body", "message": _sentence(problem["msg"])}
        for problem in error.errors(include_url=False, include_input=False, include_context=False)
    ]
    first = problems[0]
    return Invalid(f"“{first['field']}”: {first['message']}", field=first["field"], problems=problems)


def _sentence(message: str) -> str:
    message = message.removeprefix("Value error, ").removeprefix("Assertion failed, ")
    known = {"Extra inputs are not permitted": "There is no such field.", "Field required": "This field is required."}
    return known.get(message, message if message.endswith(".") else f"{message}.")


def _is_list(annotation: Any) -> bool:
    if get_origin(annotation) in (Union, UnionType):
        return any(_is_list(arm) for arm in get_args(annotation))
    return (get_origin(annotation) or annotation) in (list, tuple, set, frozenset)
