"""`GET /api/openapi.json`, made when it is first asked for."""

from typing import Any, Final

import orjson
from aiohttp import web

from talome.core.openapi import openapi_document
from talome.core.operations import Registry


def _model_route(id: str, summary: str, answers: tuple[str, ...], body: str = "application/json") -> dict[str, Any]:
    """A call of a model, whose body and answer somebody else's API settles."""
    return {
        "post": {
            "operationId": id,
            "tags": ["inference"],
            "summary": summary,
            "x-talome-scope": "gateway:use",
            "requestBody": {"required": True, "content": {body: {"schema": {"type": "object"}}}},
            "responses": {"200": {"description": "The answer.", "content": {kind: {} for kind in answers}}},
        }
    }


_JSON: Final = ("application/json",)
_STREAMED: Final = ("application/json", "text/event-stream")
_MODEL_ROUTES: Final[dict[str, dict[str, Any]]] = {
    "/v1/chat/completions": _model_route("inference.chat", "Chat as OpenAI's clients do.", _STREAMED),
    "/v1/router/chat/completions": _model_route("inference.router", "Chat, and see which provider it was.", _STREAMED),
    "/v1/completions": _model_route("inference.completions", "Continue a text.", _STREAMED),
    "/v1/responses": _model_route("inference.responses", "Chat as OpenAI's Responses do.", _STREAMED),
    "/v1/messages": _model_route("inference.messages", "Chat as Anthropic's clients do.", _STREAMED),
    "/v1/messages/count_tokens": _model_route("inference.count_tokens", "Count the tokens of a message.", _JSON),
    "/v2/query": _model_route("inference.query", "Ask one question.", _STREAMED),
    "/v2/query/stream": _model_route("inference.query_stream", "Ask, and read along.", ("text/event-stream",)),
    "/v2/query/chat": _model_route("inference.query_chat", "Go on with a conversation.", _STREAMED),
    "/v1/embeddings": _model_route("inference.embeddings", "Turn texts into vectors.", _JSON),
    "/v1/images/generations": _model_route("inference.images", "Make pictures.", _JSON),
    "/v1/audio/speech": _model_route("inference.speech", "Speak a text.", ("audio/mpeg", "audio/wav")),
    "/v1/audio/transcriptions": _model_route(
        "inference.transcriptions",
        "Write down what is said.",
        ("application/json", "text/plain"),
        "multipart/form-data",
    ),
    "/v1/videos/generations": _model_route("inference.videos", "Begin to make a film.", _JSON),
    "/v1/videos/generations/{id}": {
        "get": {
            "operationId": "inference.video",
            "tags": ["inference"],
            "summary": "How far a film is.",
            "x-talome-scope": "gateway:use",
            "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}],
            "responses": {"200": {"description": "Its state.", "content": {"application/json": {}}}},
        }
    },
    "/v1/videos/generations/{id}/content": {
        "get": {
            "operationId": "inference.video_content",
            "tags": ["inference"],
            "summary": "The finished film.",
            "x-talome-scope": "gateway:use",
            "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}],
            "responses": {"200": {"description": "The film.", "content": {"video/mp4": {}}}},
        }
    },
    "/v1/memory/export": {
        "get": {
            "operationId": "memory.export",
            "tags": ["memory_imports"],
            "summary": "Download the memory as JSON lines, or as a ZIP of Markdown.",
            "x-talome-scope": "memory:read",
            "parameters": [
                {"name": "format", "in": "query", "required": False, "schema": {"enum": ["jsonl", "markdown"]}},
                {"name": "workspace_id", "in": "query", "required": False, "schema": {"type": "string"}},
            ],
            "responses": {"200": {"description": "The file.", "content": {"application/jsonl": {}}}},
        }
    },
    "/v1/memory/imports/upload": {
        "post": {
            "operationId": "memory_imports.upload",
            "tags": ["memory_imports"],
            "summary": "Import the file that is the body; what belongs to it is in the query.",
            "x-talome-scope": "memory:write",
            "parameters": [
                {"name": "name", "in": "query", "required": False, "schema": {"type": "string"}},
                {"name": "workspace_id", "in": "query", "required": False, "schema": {"type": "string"}},
                {"name": "allow_secrets", "in": "query", "required": False, "schema": {"type": "boolean"}},
            ],
            "requestBody": {"required": True, "content": {"application/octet-stream": {}}},
            "responses": {"202": {"description": "It began.", "content": {"application/json": {}}}},
        }
    },
    "/v1/memory/sources/upload": {
        "post": {
            "operationId": "sources.upload",
            "tags": ["sources"],
            "summary": "Add a file as a source; the answer is that of `POST /v1/memory/sources`.",
            "x-talome-scope": "memory:write",
            "requestBody": {"required": True, "content": {"multipart/form-data": {}}},
            "responses": {"201": {"description": "The source.", "content": {"application/json": {}}}},
        }
    },
    "/v1/memory/sources/{id}/original": {
        "get": {
            "operationId": "sources.original",
            "tags": ["sources"],
            "summary": "Download the file that a source was made from.",
            "x-talome-scope": "memory:read",
            "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}],
            "responses": {"200": {"description": "The file.", "content": {"application/octet-stream": {}}}},
        }
    },
    "/v1/memory/studio/{id}/file": {
        "get": {
            "operationId": "studio.file",
            "tags": ["studio"],
            "summary": "Download what was written as Markdown.",
            "x-talome-scope": "memory:read",
            "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}],
            "responses": {"200": {"description": "The file.", "content": {"text/markdown": {}}}},
        }
    },
    "/v1/usage/export": {
        "get": {
            "operationId": "usage.export",
            "tags": ["usage"],
            "summary": "Download calls of models as CSV; filters as in the list.",
            "x-talome-scope": "gateway:read",
            "parameters": [
                {"name": "days", "in": "query", "required": False, "schema": {"type": "integer"}},
                {"name": "everyone", "in": "query", "required": False, "schema": {"type": "boolean"}},
            ],
            "responses": {"200": {"description": "The file.", "content": {"text/csv": {}}}},
        }
    },
    "/metrics": {
        "get": {
            "operationId": "gateway.metrics",
            "tags": ["inference"],
            "summary": "What the gateway does, for Prometheus.",
            "x-talome-scope": "gateway:metrics",
            "responses": {"200": {"description": "Numbers.", "content": {"text/plain": {}}}},
        }
    },
}
_PATH_PARAMETER: Final = {"name": "path", "in": "query", "required": True, "schema": {"type": "string"}}
_TUS: Final = "As tus 1.0 says; needs the header “Tus-Resumable: 1.0.0”."


def _file_route(
    id: str, scope: str, summary: str, parameters: list[dict[str, Any]] | None = None, status: str = "200"
) -> dict[str, Any]:
    return {
        "operationId": f"files.{id}",
        "tags": ["files"],
        "summary": summary,
        "x-talome-scope": scope,
        "parameters": parameters or [],
        "responses": {status: {"description": "Done."}},
    }


def _in_path(name: str) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}


_FILE_ROUTES: Final[dict[str, dict[str, Any]]] = {
    "/api/files/download": {
        "get": _file_route("download", "files:read", "Download a file, or folders as a ZIP.", [_PATH_PARAMETER])
    },
    "/api/files/thumbnail": {
        "get": _file_route("thumbnail", "files:read", "A small picture of a picture or film.", [_PATH_PARAMETER])
    },
    "/api/files/tickets/{ticket}/{name}": {
        "get": _file_route("by_ticket", "public", "Read by a ticket.", [_in_path("ticket"), _in_path("name")])
    },
    "/api/files/upload": {
        "post": {
            **_file_route("upload", "files:write", "Upload files as a form, into the folder “path”."),
            "requestBody": {"required": True, "content": {"multipart/form-data": {"schema": {"type": "object"}}}},
        }
    },
    "/api/files/uploads": {
        "post": _file_route("begin_upload", "files:write", f"Begin an upload. {_TUS}", status="201")
    },
    "/api/files/uploads/{id}": {
        "head": _file_route("upload_offset", "files:write", f"How far an upload is. {_TUS}", [_in_path("id")]),
        "patch": _file_route("go_on", "files:write", f"Go on with an upload. {_TUS}", [_in_path("id")], "204"),
        "delete": _file_route("cancel_upload", "files:write", f"Give up an upload. {_TUS}", [_in_path("id")], "204"),
    },
}
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
    "/api/apps/{id}/export": {
        "get": {
            "operationId": "apps.download",
            "tags": ["apps"],
            "summary": "Download an installed app as a ZIP that runs with plain docker compose up; without its data.",
            "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}],
            "responses": {"200": {"description": "The file.", "content": {"application/zip": {}}}},
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
    "/api/terminal/recordings/{name}": {
        "get": {
            "operationId": "terminals.download_recording",
            "tags": ["terminals"],
            "summary": "Download a recording of a terminal, in asciicast v2.",
            "parameters": [{"name": "name", "in": "path", "required": True, "schema": {"type": "string"}}],
            "responses": {"200": {"description": "The file.", "content": {"application/x-asciicast": {}}}},
        }
    },
    **_MODEL_ROUTES,
    **_FILE_ROUTES,
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
