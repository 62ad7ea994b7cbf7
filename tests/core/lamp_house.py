"""A house with a few lamps, for the faces of the registry: real operations, a real guard, tokens, a real server."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from aiohttp import web
from pydantic import Field, SecretStr

from talome.core.errors import Conflict, Forbidden, NotFound, TalomeError, Unauthenticated
from talome.core.http.server import HttpServer, HttpSettings
from talome.core.mcp.endpoint import Mcp
from talome.core.models import Done, Wire
from talome.core.operations import PUBLIC, Caller, Operation, Registry, WholeBody, operation


class Lamp(Wire):
    name: str
    is_lit: bool
    watts: float
    size_bytes: int
    seen_at: datetime
    rooms: list[str]


class LogLine(Wire):
    at: datetime
    stream: str
    text: str


class LogPage(Wire):
    lines: list[LogLine]
    truncated: bool = False


NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


class LampsApi:
    def __init__(self) -> None:
        self.lamps = {
            "hall": Lamp(name="hall", is_lit=True, watts=4.5, size_bytes=3_500_000, seen_at=NOON, rooms=["hall"]),
            "desk": Lamp(name="desk", is_lit=False, watts=7, size_bytes=12, seen_at=NOON, rooms=["study", "den"]),
        }
        self.waiting = asyncio.Event()
        self.stopped = asyncio.Event()
        self.go_on = asyncio.Event()
        self.closed_streams = 0
        self.seen_by: list[Caller] = []

    @operation("GET", "/api/lamps", scope="lamps:read", risk="read")
    async def list_(
        self, caller: Caller, lit: bool | None = None, room: list[str] | None = None, limit: int = 50
    ) -> list[Lamp]:
        """List the lamps.

        The newest comes first.
        """
        self.seen_by.append(caller)
        found = [lamp for lamp in self.lamps.values() if lit is None or lamp.is_lit == lit]
        return [lamp for lamp in found if not room or set(room) & set(lamp.rooms)][:limit]

    @operation("GET", "/api/lamps/{name}", scope="lamps:read", risk="read")
    async def show(self, caller: Caller, name: str) -> Lamp:
        """Show one lamp."""
        if name not in self.lamps:
            raise NotFound("There is no such lamp.")
        return self.lamps[name]

    @operation("POST", "/api/lamps/{name}/dim", scope="lamps:write", risk="modify")
    async def dim(
        self,
        caller: Caller,
        name: str,
        percent: Annotated[int, Field(ge=0, le=100)],
        mood: Literal["warm", "cold"] = "warm",
        steps: Literal[1, 2] = 1,
        slowly: bool = False,
        tags: list[str] | None = None,
    ) -> dict[str, Any]:
        """Dim a lamp."""
        return {"name": name, "percent": percent, "mood": mood, "steps": steps, "slowly": slowly, "tags": tags}

    @operation("DELETE", "/api/lamps/{name}", scope="lamps:write", risk="destructive")
    async def remove(self, caller: Caller, name: str, force: bool = False) -> Done:
        """Throw a lamp away."""
        del self.lamps[name]
        return Done()

    @operation("POST", "/api/lamps/{name}/wait", scope="lamps:write", risk="modify")
    async def wait(self, caller: Caller, name: str) -> Done:
        """Wait until somebody comes."""
        self.waiting.set()
        try:
            await self.go_on.wait()
        finally:
            self.stopped.set()
        return Done()

    @operation("GET", "/api/lamps/{name}/logs", scope="lamps:read", risk="read")
    async def logs(self, caller: Caller, name: str, follow: bool = False) -> LogPage | AsyncGenerator[LogPage, None]:
        """Show what a lamp said."""
        lines = [
            LogLine(at=NOON, stream="stdout", text="on"),
            LogLine(at=NOON, stream="stderr", text="\x1b]0;x\x07off"),
        ]
        return self._follow(lines) if follow else LogPage(lines=lines)

    async def _follow(self, lines: list[LogLine]) -> AsyncGenerator[LogPage, None]:
        try:
            for line in lines:
                yield LogPage(lines=[line])
            await self.go_on.wait()
        finally:
            self.closed_streams += 1

    @operation("GET", "/api/lamps-stream", scope="lamps:read", risk="read")
    async def stream(self, caller: Caller) -> AsyncGenerator[Lamp, None]:
        """Follow all lamps."""

        async def items() -> AsyncGenerator[Lamp, None]:
            for lamp in self.lamps.values():
                yield lamp

        return items()

    @operation("POST", "/api/lamps/{name}/break", scope="lamps:write", risk="modify")
    async def break_(self, caller: Caller, name: str) -> Done:
        """Fail in a way nobody foresaw."""
        raise RuntimeError(name)

    @operation("POST", "/api/lamps/{name}/lock", scope="lamps:write", risk="modify")
    async def lock(self, caller: Caller, name: str, password: SecretStr) -> dict[str, Any]:
        """Lock a lamp with a password."""
        if password.get_secret_value() != "open sesame":
            raise Conflict("That is not the password.", hint="magic")
        return {"locked": name}

    @operation("PUT", "/api/lamps/preferences", scope="lamps:write", risk="modify")
    async def prefer(self, caller: Caller, values: Annotated[dict[str, Any], WholeBody()]) -> dict[str, Any]:
        """Change preferences."""
        return values

    @operation("POST", "/api/lamps/{name}/send", scope="lamps:write", risk="modify")
    async def send(self, caller: Caller, name: str, command: str | list[str]) -> dict[str, Any]:
        """Send a lamp a command."""
        return {"command": command}


class DoorApi:
    @operation("POST", "/api/auth/login", scope=PUBLIC, risk="modify")
    async def login(self, caller: Caller, username: str, password: SecretStr) -> dict[str, Any]:
        """Sign in."""
        if password.get_secret_value() != "open sesame":
            raise Unauthenticated("Wrong name or password.")
        return {
            "token": "all",
            "expiresAt": "2026-03-02T12:00:00Z",
            "setup": False,
            "user": {"username": username, "role": "admin"},
        }

    @operation("GET", "/api/setup", scope=PUBLIC, risk="read")
    async def setup(self, caller: Caller) -> dict[str, Any]:
        """Tell the first-run state."""
        return {"needsAdmin": False, "needsSetupCode": False, "version": "0"}

    @operation("GET", "/api/auth/me", scope="account:read", risk="read")
    async def me(self, caller: Caller) -> dict[str, Any]:
        """Show who asks."""
        return {"username": caller.name, "role": "member"}

    @operation("POST", "/api/auth/logout", scope="account:write", risk="modify")
    async def logout(self, caller: Caller) -> Done:
        """Leave."""
        return Done()


class Guard:
    """Refuses agents what cannot be undone, as the house does; remembers what it was told."""

    def __init__(self) -> None:
        self.recorded: list[tuple[str, str, str | None]] = []

    async def admit(self, operation: Operation, caller: Caller) -> None:
        if caller.kind == "agent" and operation.risk == "destructive":
            raise Forbidden("An agent may not do this without a person's approval.")

    async def record(
        self, operation: Operation, caller: Caller, arguments: Mapping[str, Any], error: TalomeError | None
    ) -> None:
        self.recorded.append((operation.name, caller.kind, error.error_code if error else None))


class Tokens:
    """`all` may everything, `reader` may read, any other token is refused."""

    async def authenticate(self, token: str) -> Caller:
        scopes = {"all": frozenset({"*"}), "reader": frozenset({"lamps:read", "account:read"})}.get(token)
        if scopes is None:
            raise Unauthenticated("This token is not in order.")
        return Caller(f"usr_{token}", token, "key", scopes, key_id=f"key_{token}")


@dataclass
class House:
    api: LampsApi
    guard: Guard
    registry: Registry
    http: HttpServer
    url: str = ""
    headers: dict[str, str] = field(default_factory=lambda: {"Authorization": "Bearer all"})


@asynccontextmanager
async def running_house(*, stream_after_s: float = 10.0) -> AsyncIterator[House]:
    """The house on a loopback port."""
    guard, api = Guard(), LampsApi()
    registry = Registry(guard)
    registry.add(api, DoorApi())
    http = HttpServer(registry, Tokens(), HttpSettings())
    http.add_route("*", "/mcp", Mcp(registry, http.connections, "9.9", stream_after_s=stream_after_s).handle)
    runner = web.AppRunner(http.app, shutdown_timeout=1, handler_cancellation=True)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    house = House(api, guard, registry, http, url=f"http://127.0.0.1:{runner.addresses[0][1]}")
    try:
        yield house
    finally:
        http.connections.end_all()
        await runner.cleanup()
