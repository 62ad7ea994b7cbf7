"""`GET /api/openapi.json`, made when it is first asked for."""

from typing import Any, Final

import orjson
from aiohttp import web

from talome.core.openapi import openapi_document
from talome.core.operations import Registry

PLAIN_ROUTES: Final[dict[str, dict[str, Any]]] = {
    "/api/openapi.json": {
        "get": {
            "operationId": "openapi.show",
            "tags": ["openapi"],
            "summary": "Show this document.",
            "responses": {"200": {"description": "OpenAPI 3.1.", "content": {"application/json": {}}}},
        }
    },
    "/api/ws": {
        "get": {
            "operationId": "live.connect",
            "tags": ["live"],
            "summary": "Open the live WebSocket; any streaming operation can be subscribed over it.",
            "responses": {"101": {"description": "Switching protocols."}},
        }
    },
    "/api/audit-log/export": {
        "get": {
            "operationId": "audit_log.export",
            "tags": ["audit_log"],
            "summary": "Download the audit log as CSV or as a JSON object a line; filters as in the list.",
            "parameters": [
                {"name": name, "in": "query", "required": False, "schema": {"type": "string"}}
                for name in ("format", "actor", "operation", "outcome", "since", "until")
            ],
            "responses": {"200": {"description": "The file.", "content": {"text/csv": {}, "application/jsonl": {}}}},
        }
    },
    "/api/terminal/sessions/{id}/socket": {
        "get": {
            "operationId": "terminals.connect",
            "tags": ["terminals"],
            "summary": "Open the WebSocket of a terminal: bytes both ways, control as JSON text.",
            "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}],
            "responses": {"101": {"description": "Switching protocols."}},
        }
    },
    "/mcp": {
        "post": {
            "operationId": "mcp.message",
            "tags": ["mcp"],
            "summary": "Send a message of the Model Context Protocol (Streamable HTTP).",
            "requestBody": {"required": True, "content": {"application/json": {"schema": {"type": "object"}}}},
            "responses": {
                "200": {"description": "The answer.", "content": {"application/json": {}, "text/event-stream": {}}},
                "202": {"description": "A notification was taken."},
            },
        }
    },
}
"""Routes that are not operations, as OpenAPI path items."""


class Document:
    def __init__(self, registry: Registry, version: str) -> None:
        self._registry = registry
        self._version = version
        self._body: bytes | None = None

    async def handle(self, _: web.Request) -> web.Response:
        if self._body is None:
            document = openapi_document(self._registry, version=self._version, plain_routes=PLAIN_ROUTES)
            self._body = orjson.dumps(document)
        response = web.Response(body=self._body, content_type="application/json", charset="utf-8")
        response.enable_compression()
        return response
