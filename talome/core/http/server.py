"""The web application: one guard around everything, a route for each operation, and the features' own handlers.

Default deny: a request without a credential reaches only what `OPEN_ROUTES` lists, whatever a route says of itself.
"""

import logging
import time
from base64 import b64decode
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from aiohttp import web

from talome.core import ids
from talome.core.errors import (
    Internal,
    Invalid,
    MethodNotAllowed,
    NotFound,
    TalomeError,
    TooLarge,
    TooMany,
    Unauthenticated,
    UnsupportedMedia,
)
from talome.core.http import arguments
from talome.core.http.connections import Connections
from talome.core.http.guards import ClientGuard, HostGuard, check_origin
from talome.core.http.respond import RESPONSE_HEADERS, error_response, json_response, stream_response
from talome.core.log import request_id
from talome.core.operations import PUBLIC, Caller, Operation, Registry

SESSION_COOKIE: Final = "talome_session"
PROOF_HEADER: Final = "X-Talome-Proof"
SUBPROTOCOL: Final = "talome"
_PROOF_SUBPROTOCOL: Final = f"{SUBPROTOCOL}.proof."
"""A browser cannot add a header to a WebSocket, so there the proof is the second protocol it offers."""
OPEN_ROUTES: Final = frozenset(
    {
        ("GET", "/api/health"),
        ("GET", "/api/setup"),
        ("POST", "/api/auth/login"),
        ("POST", "/api/auth/second-factor"),
        ("POST", "/api/auth/recover"),
        ("GET", "/v1/pricing"),
        ("GET", "/api/files/tickets/{ticket}/{name}"),  # the ticket is the credential
        ("GET", "/{page}"),  # the dashboard's shell, without data
        ("GET", "/s/{token}"),  # what somebody shared by a link; the token in the address is the credential
        ("POST", "/s/{token}"),
        ("GET", "/s/{token}/file"),
        ("GET", "/s/{token}/zip"),
        ("POST", "/s/{token}/upload"),
    }
)
_KEY_HEADER_PREFIXES: Final = ("/v1/", "/v2/")
"""Where `X-Api-Key` counts too, as the clients of these faces send it."""
DAV: Final = "/dav"
"""Where WebDAV clients come in, which know no other credential than a user name with a password."""
API_PREFIXES: Final = ("/api", "/v1", "/v2", "/mcp", "/ws", "/invoke", DAV)
CALLER: Final = web.RequestKey("caller", Caller)
RECORDED: Final = web.RequestKey("recorded", bool)
"""Set by a handler that keeps a record of every call itself, so that the log need not."""
_SLOW_S = 1.0
_HEADERS: Final = {
    "Server": "Talome",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_API_HEADERS: Final = {
    **_HEADERS,
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}
_log = logging.getLogger("talome.http")
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Authenticator(Protocol):
    """Turns a credential into a caller."""

    async def authenticate(self, token: str) -> Caller:
        """Raise `Unauthenticated` for a credential that is not, or no longer, in order."""

    async def authenticate_cookie(self, cookie: str, proof: str) -> Caller:
        """The same for a cookie, which alone says little: browsers send it to every port of this machine."""

    async def authenticate_basic(self, name: str, password: str, ip: str) -> Caller:
        """The same for a user name with an API key as the password. Guessing is delayed."""


Limit = Callable[[Caller, str], tuple[Mapping[str, str], TooMany | None]]
"""Counts a request of a caller for a path: the headers that say what is left, and the refusal where nothing was."""


def unlimited(_: Caller, __: str) -> tuple[Mapping[str, str], None]:
    return {}, None


@dataclass(frozen=True, slots=True)
class HttpSettings:
    """What the guards go by: further names of this machine, and proxies whose forwarded headers count."""

    domains: tuple[str, ...] = ()
    trusted_proxies: tuple[str, ...] = ()


class HttpServer:
    """Builds the aiohttp application from the registry and the features' own handlers."""

    def __init__(
        self, registry: Registry, authenticator: Authenticator, settings: HttpSettings, limit: Limit = unlimited
    ) -> None:
        self.connections = Connections()
        self._registry = registry
        self._authenticator = authenticator
        self._limit = limit
        self._hosts = HostGuard(settings.domains)
        self._clients = ClientGuard(settings.trusted_proxies)
        self.app = web.Application(middlewares=[self._guard], client_max_size=arguments.BODY_LIMIT_BYTES)
        self._check_open_routes()
        for operation in registry:
            self.app.router.add_route(operation.method, operation.path, self._handler(operation))

    def add_route(self, method: str, path: str, handler: Handler) -> None:
        """A plain handler, for what is not "JSON in, JSON or events out"; it is behind the same guard."""
        self.app.router.add_route(method, path, handler)

    def add_pages(self, handler: Handler) -> None:
        """The dashboard: every GET that no route of the API takes."""
        self.app.router.add_get("/{page:.*}", handler)

    def _check_open_routes(self) -> None:
        declared = {(item.method, item.path) for item in self._registry if item.scope == PUBLIC}
        if declared - OPEN_ROUTES:
            raise ValueError(f"Public by declaration, but not in OPEN_ROUTES: {declared - OPEN_ROUTES}")

    def _handler(self, operation: Operation) -> Handler:
        async def handle(request: web.Request) -> web.StreamResponse:
            caller = request[CALLER]
            raw = await arguments.read_raw(operation, request) if caller.may(operation.scope) else {}
            result = await operation.call(caller, lambda: arguments.parse(operation, request, raw))
            if isinstance(result, AsyncGenerator):
                return await stream_response(operation, request, caller, result, self.connections)
            return json_response(operation, request, result)

        return handle

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        identifier = ids.new_id("req")
        token = request_id.set(identifier)
        started = time.perf_counter()
        usual = _API_HEADERS if request.path.startswith(API_PREFIXES) else _HEADERS
        request[RESPONSE_HEADERS] = headers = {"X-Request-Id": identifier, **usual}
        try:
            response = await self._answer(request, handler)
            if not response.prepared:
                response.headers.merge(headers)  # what is there already stays
            return response
        finally:
            took = time.perf_counter() - started
            told = took > _SLOW_S or (request.method not in ("GET", "HEAD") and RECORDED not in request)
            if told or _log.isEnabledFor(logging.DEBUG):
                level = logging.INFO if told else logging.DEBUG
                _log.log(level, "%s %s in %.1f ms", request.method, _told(request), took * 1000)
            request_id.reset(token)

    async def _answer(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            self._hosts.check(request.headers.get("Host", ""))
            if request.headers.get("Content-Encoding", "identity").lower() != "identity":
                raise UnsupportedMedia("Send the body as it is, not compressed.", field="body")
            request[CALLER] = caller = await self._admit(request)
            told, refusal = self._limit(caller, request.path)
            request[RESPONSE_HEADERS].update(told)
            if refusal is not None:
                raise refusal
            return await handler(request)
        except TalomeError as error:
            return error_response(error, request)
        except web.HTTPException as error:
            return error_response(_from_aiohttp(error), request)
        except Exception:
            _log.exception("%s %s failed", request.method, _told(request))
            return error_response(Internal("Talome made a mistake here. The log has the details."), request)

    async def _admit(self, request: web.Request) -> Caller:
        """Who calls: by Bearer token or key header, else by cookie, else nobody, who reaches open routes only."""
        client = self._clients.client(request)
        path = request.path
        is_dav = path.startswith(DAV) and _is_dav(path)
        if is_dav and (basic := _given_basic(request)) is not None:
            check_origin(request, by_cookie=False)
            return (await self._authenticator.authenticate_basic(*basic, client.ip)).at(client)
        given = _given_token(request)
        if given is not None:  # it says more than a cookie, and is refused where it is wrong, whatever the route
            check_origin(request, by_cookie=False)
            return (await self._authenticator.authenticate(given)).at(client)
        cookie = None if is_dav or path == "/mcp" else request.cookies.get(SESSION_COOKIE)
        check_origin(request, by_cookie=cookie is not None)
        if _is_open(request):
            return Caller("", "anonymous", "anonymous", client=client)
        if cookie is None:
            raise Unauthenticated("Sign in, or send a Bearer token.")
        return (await self._authenticator.authenticate_cookie(cookie, _proof(request))).at(client)


def _is_open(request: web.Request) -> bool:
    """Whether nobody need say who they are here."""
    resource = request.match_info.route.resource
    canonical = resource.canonical if resource is not None else ""
    is_open = (("GET" if request.method == "HEAD" else request.method), canonical) in OPEN_ROUTES
    return is_open and not (canonical == "/{page}" and request.path.startswith(API_PREFIXES))


def _proof(request: web.Request) -> str:
    """What shows that a page of this very origin holds the cookie's session; empty where nothing does."""
    if given := request.headers.get(PROOF_HEADER):
        return given
    offered = request.headers.get("Sec-WebSocket-Protocol", "").split(",")
    found = (name.strip() for name in offered if name.strip().startswith(_PROOF_SUBPROTOCOL))
    return next(found, "").removeprefix(_PROOF_SUBPROTOCOL)


def _is_dav(path: str) -> bool:
    return path == DAV or path.startswith(f"{DAV}/")


def _given_basic(request: web.Request) -> tuple[str, str] | None:
    """User name and password, where the client gives these."""
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        text = b64decode(value.strip(), validate=True).decode()
    except ValueError:
        text = ""
    name, colon, password = text.partition(":")
    if not colon:
        raise Unauthenticated("The Authorization header must be “Basic” with a user name and a password.")
    return name, password


def _given_token(request: web.Request) -> str | None:
    """The token of a header, which no other site makes a browser send."""
    authorization = request.headers.get("Authorization")
    if authorization is not None:
        return _bearer(authorization)
    return request.headers.get("X-Api-Key") if request.path.startswith(_KEY_HEADER_PREFIXES) else None


def _bearer(authorization: str) -> str:
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Unauthenticated("The Authorization header must be “Bearer” and a token.")
    return token.strip()


def _told(request: web.Request) -> str:
    """The path for the log; of a shared link or a ticket without the secret in it."""
    secret = next((prefix for prefix in ("/s/", "/api/files/tickets/") if request.path.startswith(prefix)), None)
    return request.path if secret is None else f"{secret}…"


def _from_aiohttp(error: web.HTTPException) -> TalomeError:
    if isinstance(error, web.HTTPMethodNotAllowed):
        return MethodNotAllowed(f"This address does not take {error.method}.", allow=sorted(error.allowed_methods))
    if error.status == 404:
        return NotFound("There is nothing at this address.")
    if error.status == 413:
        return TooLarge("The body is too large.", field="body")
    return Invalid(error.reason) if error.status < 500 else Internal("The request could not be answered.")
