"""The fetcher, against a real server on loopback, and against every way of writing an address that leads inside."""

import ipaddress
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from talome.core.errors import Invalid, NotFound, TooLarge, Unavailable
from talome.engines import fetch as module
from talome.engines.fetch import Wish, check_address, download, fetch, parse_url

LAN = Wish(limit_bytes=100_000, timeout_s=5, allow_private=True)


@dataclass
class Server:
    address: str = ""
    seen: list[web.Request] = field(default_factory=list)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.seen.append(request)
        match request.path:
            case "/file":
                if request.headers.get("If-None-Match") == '"1"':
                    return web.Response(status=304, headers={"ETag": '"1"'})
                return web.Response(text="hello", content_type="text/plain", headers={"ETag": '"1"'})
            case "/large":
                return web.Response(body=bytes(200_000))
            case "/endless":
                response = web.StreamResponse()
                await response.prepare(request)
                with suppress(ConnectionError):
                    while True:
                        await response.write(bytes(10_000))
                return response
            case "/packed":
                return web.Response(body=b"x", headers={"Content-Encoding": "br"})
            case "/to":
                raise web.HTTPFound(request.query["url"])
            case "/loop":
                raise web.HTTPFound("/loop")
            case path if path.startswith("/status/"):
                return web.Response(status=int(path[8:]))
        return web.Response(status=404)


@asynccontextmanager
async def serving() -> AsyncIterator[Server]:
    server = Server()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", server.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    server.address = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield server
    finally:
        await runner.cleanup()


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with serving() as opened:
        yield opened


async def test_a_file_and_its_second_time(server: Server, tmp_path: Path) -> None:
    found = await fetch(f"{server.address}/file", LAN)
    assert (found.body, found.content_type, found.etag) == (b"hello", "text/plain", '"1"')
    again = await fetch(f"{server.address}/file", Wish(1000, allow_private=True, etag=found.etag))
    assert again.body is None
    await download(f"{server.address}/file", tmp_path / "x", LAN)
    assert (tmp_path / "x").read_bytes() == b"hello"


async def test_by_name(server: Server) -> None:
    url = server.address.replace("127.0.0.1", "localhost")
    assert (await fetch(f"{url}/file", LAN)).body == b"hello"
    with pytest.raises(Invalid, match="private network"):
        await fetch(f"{url}/file", Wish(1000))


@pytest.mark.parametrize("path", ["/large", "/endless"])
async def test_limits(server: Server, tmp_path: Path, path: str) -> None:
    with pytest.raises(TooLarge):
        await fetch(server.address + path, LAN)
    with pytest.raises(TooLarge):
        await download(server.address + path, tmp_path / "x", LAN)
    assert not (tmp_path / "x").exists()


async def test_time(server: Server) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        with pytest.raises(Unavailable, match=r"within 0\.2 seconds"):
            await fetch(url, Wish(1000, timeout_s=0.2, allow_private=True))


@pytest.mark.parametrize(
    ("path", "kind", "words"),
    [
        ("/status/404", NotFound, "nothing at this address"),
        ("/status/401", Unavailable, "token"),
        ("/status/429", Unavailable, "pause"),
        ("/status/500", Unavailable, "status 500"),
        ("/loop", Unavailable, "too often"),
        ("/packed", Unavailable, "packed"),
        ("/to?url=ftp://example.org/", Invalid, "begin with https"),
        ("/to?url=file:///etc/passwd", Invalid, "begin with https"),
        ("/to?url=http://169.254.169.254/latest/", Invalid, "never fetches"),
        ("/to?url=http://[::ffff:169.254.169.254]/", Invalid, "never fetches"),
        ("/to?url=http://2852039166/", Invalid, "usual form"),
        ("/to?url=http://user:pw@127.0.0.1/", Invalid, "token has its own field"),
    ],
)
async def test_answers_that_are_no_file(server: Server, path: str, kind: Any, words: str) -> None:
    with pytest.raises(kind, match=words):
        await fetch(server.address + path, LAN)


async def test_a_redirect_is_checked_as_the_first_address_is(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name redirects into the own network. Its server is on loopback, so that it alone is let in."""
    inside = ipaddress.ip_address("127.0.0.1")
    checks: list[str] = []

    def check(address: Any, host: str, *, allow_private: bool) -> None:
        checks.append(host)
        if host != "localhost" or address != inside:
            check_address(address, host, allow_private=allow_private)

    monkeypatch.setattr(module, "check_address", check)
    port = server.address.rpartition(":")[2]
    with pytest.raises(Invalid, match="private network"):
        await fetch(f"http://localhost:{port}/to?url={server.address}/file", Wish(1000))
    assert checks[-1] == "127.0.0.1"


async def test_authorization_stays_with_the_first_server(server: Server) -> None:
    async with serving() as other:
        url = f"{server.address}/to?url={other.address}/file"
        await fetch(url, Wish(1000, allow_private=True, authorization="Basic c2VjcmV0"))
        assert server.seen[0].headers["Authorization"] == "Basic c2VjcmV0"
        assert "Authorization" not in other.seen[0].headers


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "10.1.2.3", "192.168.1.1", "172.16.0.1", "100.64.0.1", "[::1]", "[fd00::1]", "[::ffff:10.0.0.1]",
        "[64:ff9b::a00:1]", "[2002:a00:1::]", "169.254.169.254", "0.0.0.0", "[fe80::1]", "[::]", "255.255.255.255",
        "224.0.0.1", "100.100.100.200", "2130706433", "0x7f000001", "0177.0.0.1", "127.1", "0x7f.1", "localhost",
    ],
)  # fmt: skip
async def test_what_a_store_cannot_reach(host: str) -> None:
    with pytest.raises(Invalid):
        await fetch(f"http://{host}:9/icon.png", Wish(1000, timeout_s=2))


@pytest.mark.parametrize(
    "host", ["169.254.169.254", "0.0.0.0", "[fe80::1]", "[fd00:ec2::254]", "100.100.100.200", "[::]"]
)
async def test_what_nobody_can_reach(host: str) -> None:
    with pytest.raises(Invalid, match="never fetches"):
        await fetch(f"http://{host}:9/", LAN)


@pytest.mark.parametrize(
    "url", ["", "x", "https://", "javascript:alert(1)", "https://exa mple.org/", "http://a:99999/"]
)
def test_what_is_no_address(url: str) -> None:
    with pytest.raises(Invalid):
        parse_url(url)


async def test_a_closed_port() -> None:
    with pytest.raises(Unavailable, match="cannot be reached"):
        await fetch("http://127.0.0.1:9/", LAN)
