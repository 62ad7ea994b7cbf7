"""Our client against engines that cannot be had here, played by a small server on a unix socket."""

from __future__ import annotations

import json
import socketserver
import tempfile
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from talome.core.errors import Conflict, Forbidden, Invalid, NotFound, TalomeError, Unavailable
from talome.engines.docker.engine import Docker
from talome.engines.docker.transport import agree

Answer = tuple[int, Any]


class Scripted:
    """An engine that answers what the test says and remembers the paths it was asked for."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.asked: list[str] = []
        self.version: dict[str, str] = {"Version": "29.0.0", "ApiVersion": "1.52", "MinAPIVersion": "1.44"}
        self.answer: Callable[[str], Answer] = lambda _: (200, [])
        scripted = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length") or 0))
                scripted.asked.append(self.path)
                status, body = (200, scripted.version) if self.path == "/version" else scripted.answer(self.path)
                data = body if isinstance(body, bytes) else json.dumps(body).encode()
                self.send_response(status)
                kind = "text/html" if isinstance(body, bytes) else "application/json"
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            do_POST = do_GET  # noqa: N815
            do_DELETE = do_GET  # noqa: N815

            def log_message(self, *_: object) -> None:
                pass

            def address_string(self) -> str:
                return "unix"

        class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
            daemon_threads = True

        self.server = Server(str(path), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,))
        self.thread.start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def scripted() -> Iterator[Scripted]:
    with tempfile.TemporaryDirectory(prefix="tlm") as folder:
        made = Scripted(Path(folder) / "s")
        yield made
        made.close()


@pytest.fixture
async def engine(scripted: Scripted) -> AsyncIterator[Docker]:
    made = Docker(f"unix://{scripted.path}", timeout_s=2)
    yield made
    await made.close()


@pytest.mark.parametrize(
    ("offered", "least", "spoken"),
    [
        ("1.41", "1.12", "1.41"),  # 20.10
        ("1.45", "1.24", "1.45"),  # 26
        ("1.51", "1.24", "1.45"),  # 28
        ("1.52", "1.44", "1.45"),  # 29
        ("1.60", "1.50", "1.50"),  # one that no longer takes what we know
        ("1.41", "", "1.41"),
    ],
)
def test_the_version_agreed_on(offered: str, least: str, spoken: str) -> None:
    assert agree(offered, least) == spoken


async def test_version_is_asked_once(engine: Docker, scripted: Scripted) -> None:
    await engine.containers.all()
    await engine.networks.all()
    assert scripted.asked == ["/version", "/v1.45/containers/json?all=1", "/v1.45/networks"]


async def test_an_engine_replaced_by_an_older_one(engine: Docker, scripted: Scripted) -> None:
    await engine.networks.all()
    scripted.version = {"ApiVersion": "1.41", "MinAPIVersion": "1.12"}
    message = "client version 1.45 is too new. Maximum supported API version is 1.41"
    scripted.answer = lambda path: (400, {"message": message}) if path.startswith("/v1.45") else (200, [])
    assert await engine.networks.all() == []
    assert scripted.asked[-1] == "/v1.41/networks"
    scripted.answer = lambda _: (400, {"message": message})
    with pytest.raises(Invalid, match="too new"):
        await engine.networks.all()


@pytest.mark.parametrize(
    ("status", "kind", "code"),
    [
        (400, Invalid, "invalid"),
        (401, Forbidden, "forbidden"),
        (403, Forbidden, "forbidden"),
        (404, NotFound, "not_found"),
        (409, Conflict, "conflict"),
        (500, Unavailable, "engine_failed"),
        (503, Unavailable, "engine_failed"),
    ],
)
async def test_refusals_keep_the_engines_sentence(
    engine: Docker, scripted: Scripted, status: int, kind: type[TalomeError], code: str
) -> None:
    scripted.answer = lambda _: (status, {"message": "driver failed: ENOSPC"})
    with pytest.raises(kind, match="driver failed: ENOSPC") as caught:
        await engine.containers.start("web")
    assert caught.value.error_code == code


async def test_answers_that_are_none(engine: Docker, scripted: Scripted) -> None:
    scripted.answer = lambda _: (502, b"")
    with pytest.raises(Unavailable, match=r"refused this \(502\)"):
        await engine.containers.all()
    scripted.answer = lambda _: (404, b"<html>not docker</html>")
    with pytest.raises(NotFound, match="not docker"):
        await engine.containers.all()
    scripted.version = {"hello": "world"}
    other = Docker(f"unix://{scripted.path}")
    with pytest.raises(Unavailable, match="not a Docker engine"):
        await other.ping()
    await other.close()


async def test_an_archive_that_breaks_off_is_not_taken_for_whole(engine: Docker, scripted: Scripted) -> None:
    volume = {"Name": "data", "Driver": "local", "Mountpoint": "/x", "Labels": None, "Options": None, "Scope": "local"}

    def answer(path: str) -> Answer:
        if "/archive" in path:
            return 200, b"x" * 2000 + b"lstat /volume/secret: input/output error"
        return 200, volume if "/volumes/" in path else {"Id": "f" * 64}

    scripted.answer = answer
    async with await engine.volumes.archive("data") as chunks:
        with pytest.raises(Unavailable, match="whole"):
            _ = [chunk async for chunk in chunks]
    assert scripted.asked[-1].startswith("/v1.45/containers/ffff")  # the scratch container is removed all the same


@pytest.mark.parametrize("host", ["nonsense", "ftp://x", "unix:///" + "a" * 200])
async def test_unusable_addresses(host: str) -> None:
    engine = Docker(host)
    with pytest.raises(Unavailable):
        await engine.ping()
    await engine.close()
