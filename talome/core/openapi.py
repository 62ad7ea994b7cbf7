"""The OpenAPI 3.1 document, made from the registry. Source: spec.openapis.org/oas/v3.1.0.

Operations describe themselves. Routes that are not "JSON in, JSON or events out" are given as ready path items.
"""

from collections.abc import Mapping
from typing import Any, Final, Literal, cast

from pydantic import TypeAdapter

from talome.core.operations import PUBLIC, Operation, Registry

_REF: Final = "#/components/schemas/{model}"
_IN_QUERY: Final = frozenset({"GET", "DELETE"})
_STATUS_TEXT: Final = {200: "Done.", 201: "Made.", 202: "Accepted; goes on as a job."}
_ERROR_SCHEMA: Final = {
    "type": "object",
    "required": ["error", "code", "requestId"],
    "properties": {
        "error": {"type": "string", "description": "A sentence for a person."},
        "code": {"type": "string"},
        "requestId": {"type": "string"},
        "field": {"type": "string", "description": "The argument that the sentence is about."},
    },
}


def openapi_document(
    registry: Registry, *, version: str, plain_routes: Mapping[str, Mapping[str, Any]] | None = None
) -> dict[str, Any]:
    """The whole document. `plain_routes` maps paths to path items, such as `{"get": {...}}`."""
    operations = list(registry)
    schemas, definitions = _schemas(operations)
    paths: dict[str, dict[str, Any]] = {}
    for operation in operations:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(operation, schemas)
    for path, item in (plain_routes or {}).items():
        paths.setdefault(path, {}).update(item)
    document = {
        "openapi": "3.1.0",
        "info": {"title": "Talome", "version": version, "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"}},
        "security": [{"bearer": []}, {"cookie": []}, {"cookie": [], "proof": []}],
        "paths": dict(sorted(paths.items())),
        "components": {
            "schemas": dict(sorted({**definitions, "Error": _ERROR_SCHEMA}.items())),
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "cookie": {"type": "apiKey", "in": "cookie", "name": "talome_session"},
                "proof": {"type": "apiKey", "in": "header", "name": "X-Talome-Proof"},
            },
        },
    }
    return cast("dict[str, Any]", _plain(document))


Key = tuple[str, Literal["arguments", "result", "item"]]


def _schemas(operations: list[Operation]) -> tuple[dict[Key, dict[str, Any]], dict[str, Any]]:
    """The schema of each operation's arguments, result and stream item, and what they share."""
    adapters: list[tuple[Key, Literal["validation", "serialization"], TypeAdapter[Any]]] = []
    for operation in operations:
        adapters.append(((operation.name, "arguments"), "validation", TypeAdapter(operation.arguments_model)))
        if operation.result is not None:
            adapters.append(((operation.name, "result"), "serialization", operation.result))
        if operation.item is not None:
            adapters.append(((operation.name, "item"), "serialization", operation.item))
    found, definitions = TypeAdapter.json_schemas(adapters, by_alias=True, ref_template=_REF)
    shared: dict[str, Any] = definitions.get("$defs", {})
    schemas: dict[Key, dict[str, Any]] = {key: schema for (key, _), schema in found.items()}
    for operation in operations:
        key: Key = (operation.name, "arguments")
        schemas[key] = shared.pop(schemas[key]["$ref"].rpartition("/")[2])  # spread over path, query and body
    return schemas, shared


def _operation(operation: Operation, schemas: dict[Key, dict[str, Any]]) -> dict[str, Any]:
    arguments = schemas[operation.name, "arguments"]
    summary, _, rest = operation.description.partition("\n")
    described: dict[str, Any] = {
        "operationId": operation.name,
        "tags": [operation.area],
        "summary": summary,
        "x-talome-scope": operation.scope,
        "x-talome-risk": operation.risk,
        "parameters": [],
        "responses": _responses(operation, schemas),
    }
    if rest.strip():
        described["description"] = rest.strip()
    if operation.scope == PUBLIC:
        described["security"] = []
    return described | _inputs(operation, arguments)


def _inputs(operation: Operation, arguments: dict[str, Any]) -> dict[str, Any]:
    properties: dict[str, Any] = dict(arguments.get("properties", {}))
    required = set(arguments.get("required", ()))
    in_query = operation.method in _IN_QUERY
    parameters = []
    for name in tuple(properties):
        in_path = name in operation.path_names
        if in_path or in_query:
            place = "path" if in_path else "query"
            schema = properties.pop(name)
            parameters.append({"name": name, "in": place, "required": in_path or name in required, "schema": schema})
    described: dict[str, Any] = {"parameters": parameters}
    if not in_query and properties:
        needed = sorted(required & properties.keys())
        described["requestBody"] = {
            "required": bool(needed),
            "content": {"application/json": {"schema": _body_schema(operation, properties, needed)}},
        }
    return described


def _body_schema(operation: Operation, properties: dict[str, Any], needed: list[str]) -> dict[str, Any]:
    if operation.whole_body_name:
        (schema,) = properties.values()
        return dict(schema)
    schema = {"type": "object", "properties": properties, "additionalProperties": False}
    return schema | ({"required": needed} if needed else {})


def _responses(operation: Operation, schemas: dict[Key, dict[str, Any]]) -> dict[str, Any]:
    content: dict[str, Any] = {}
    if operation.result is not None:
        content["application/json"] = {"schema": schemas[operation.name, "result"]}
    if operation.item is not None:
        content["text/event-stream"] = {"schema": schemas[operation.name, "item"]}
    error = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
    return {
        str(operation.status): {"description": _STATUS_TEXT.get(operation.status, "Done."), "content": content},
        "default": {"description": "Refused or failed.", "content": error},
    }


def _plain(node: Any, *, names_follow: bool = False) -> Any:
    """Without what pydantic adds and readers do not need: made-up titles, and null as the default of an optional."""
    if isinstance(node, list):
        return [_plain(item) for item in node]
    if not isinstance(node, dict):
        return node
    left_out = () if names_follow else ("title",)
    return {
        key: _plain(value, names_follow=key == "properties" and not names_follow)
        for key, value in node.items()
        if not (key in left_out and isinstance(value, str) and "openapi" not in node and "version" not in node)
        and not (key == "default" and value is None and not names_follow)
    }
