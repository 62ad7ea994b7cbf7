"""Names of images, the words of engines and registries, and engines that answer as they please."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from talome.core.errors import Forbidden, Invalid, NotFound, StorageFull, TalomeError, TooMany, Unavailable
from talome.engines.docker.engine import Docker
from talome.engines.docker.models import PullProgress
from talome.engines.docker.names import parse_image_name
from talome.engines.docker.registry import refusal
from tests.engines.bench import pull

# --- names and words ---


@pytest.mark.parametrize(
    ("reference", "name", "registry", "version"),
    [
        ("nginx", "nginx", "docker.io", "latest"),
        ("library/nginx:1.27-alpine", "library/nginx", "docker.io", "1.27-alpine"),
        ("ghcr.io/A/b", None, None, None),
        ("ghcr.io/a/b_c.d--e:V1", "ghcr.io/a/b_c.d--e", "ghcr.io", "V1"),
        ("localhost/a", "localhost/a", "localhost", "latest"),
        ("box:5000/a/b:1", "box:5000/a/b", "box:5000", "1"),
        ("[::1]:5000/a", "[::1]:5000/a", "[::1]:5000", "latest"),
        (f"a/b:1@sha256:{'0' * 64}", "a/b", "docker.io", f"sha256:{'0' * 64}"),
        ("a/b@sha256:12", None, None, None),
        ("a//b", None, None, None),
        ("a/b/", None, None, None),
        ("a:", None, None, None),
        ("a@", None, None, None),
        ("a\n", None, None, None),
        ("evil.example:80:80/a", None, None, None),
        ("f" * 64, None, None, None),
        ("a/" * 128 + "a", None, None, None),
    ],
)
def test_names_of_images(reference: str, name: str | None, registry: str | None, version: str | None) -> None:
    if name is None:
        with pytest.raises(Invalid):
            parse_image_name(reference)
        return
    found = parse_image_name(reference)
    assert (found.name, found.registry, found.version) == (name, registry, version)


@pytest.mark.parametrize(
    ("words", "status", "kind", "code"),
    [
        ("pull access denied for a/b: denied: requested access to the resource is denied", 404, NotFound, "not_found"),
        ('Head "https://r.example/v2/a/manifests/1": no basic auth credentials', 500, Forbidden, "registry_denied"),
        ("write /var/lib/docker/tmp/x: no space left on device", None, StorageFull, "storage_full"),
        ("no matching manifest for linux/arm64 in the manifest list entries", None, NotFound, "not_found"),
        ("dial tcp: lookup r.example on 10.0.0.1:53: no such host", 500, Unavailable, "registry_unreachable"),
        ("unexpected EOF", None, Unavailable, "registry_unreachable"),
        ("received unexpected HTTP status: 503 Service Unavailable", 500, Unavailable, "registry_unreachable"),
        ("layer does not match", None, Unavailable, "engine_failed"),
        ("toomanyrequests: You have reached your pull rate limit.", 500, TooMany, "registry_limit"),
    ],
)  # fmt: skip
def test_the_engines_words_become_the_error_they_mean(
    words: str, status: int | None, kind: type[TalomeError], code: str
) -> None:
    found = refusal(words, status)
    assert (type(found), found.error_code) == (kind, code)
    assert words in found.message


def test_words_of_a_registry_are_kept_short_and_printable() -> None:
    assert "\x1b" not in refusal("\x1b[31m" + "x" * 10_000).message
    assert len(refusal("x" * 10_000).message) < 1000


@pytest.mark.parametrize(
    ("words", "seconds"),
    [("retry-after: 90", 90), ("Retry-After: 2m", 120), ("retry-after: 742.8µs", 1), ("retry-after: 9999h", 86400)],
)
def test_when_to_come_back(words: str, seconds: int) -> None:
    found = refusal(f"toomanyrequests: {words}, allowed: 44000/minute")
    assert isinstance(found, TooMany)
    assert found.retry_after_s == seconds


# --- an engine that answers as it pleases ---

Answer = Callable[[asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def answering(folder: Path, answer: Answer) -> AsyncIterator[Docker]:
    """An engine on a socket that reads one request and then does what it is told to."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n")
        await answer(writer)
        writer.close()

    server = await asyncio.start_unix_server(serve, folder / "engine.sock")
    engine = Docker(f"unix://{folder}/engine.sock")
    yield engine
    await engine.close()
    server.close()
    await server.wait_closed()


async def _say(writer: asyncio.StreamWriter, text: str) -> None:
    writer.write(f"{len(text):x}\r\n{text}\r\n".encode())
    await writer.drain()


def _downloading(current: int, total: int) -> str:
    return f'{{"status":"Downloading","id":"layer1","progressDetail":{{"current":{current},"total":{total}}}}}\r\n'


async def test_reports_are_thinned_and_the_last_one_is_never_lost(tmp_path: Path) -> None:
    lines = 300

    async def chatter(writer: asyncio.StreamWriter) -> None:
        for number in range(lines):
            await _say(writer, _downloading(number, lines))
            await asyncio.sleep(0.001)
        await _say(writer, '{"status":"Pull complete","id":"layer1"}\r\n')
        writer.write(b"0\r\n\r\n")

    async with answering(tmp_path, chatter) as engine:
        began = time.monotonic()
        reports = await pull(engine, "nginx")
        took_s = time.monotonic() - began
    assert 2 <= len(reports) <= took_s * 10 + 2
    assert reports[-1] == PullProgress("Done", 1, 1, lines, lines)
    assert [report.bytes_done for report in reports] == sorted(report.bytes_done for report in reports)


async def test_an_engine_that_goes_away_is_not_a_finished_pull(tmp_path: Path) -> None:
    async def vanish(writer: asyncio.StreamWriter) -> None:
        await _say(writer, _downloading(1, 2))

    async with answering(tmp_path, vanish) as engine:
        with pytest.raises(Unavailable) as lost:
            await pull(engine, "nginx")
    assert lost.value.error_code == "engine_unreachable"


async def test_an_error_in_the_middle_is_told(tmp_path: Path) -> None:
    async def fill_up(writer: asyncio.StreamWriter) -> None:
        await _say(writer, _downloading(1, 2) + '{"error":"write /x: no space left on device"}\r\n')
        writer.write(b"0\r\n\r\n")

    async with answering(tmp_path, fill_up) as engine:
        with pytest.raises(StorageFull):
            await pull(engine, "nginx")


@pytest.mark.parametrize("text", ["not json\r\n", '{"id":["x"],"status":"Downloading","progressDetail":7}\r\n'])
async def test_nonsense_is_not_believed(tmp_path: Path, text: str) -> None:
    async def babble(writer: asyncio.StreamWriter) -> None:
        await _say(writer, text)

    async with answering(tmp_path, babble) as engine:
        with pytest.raises(Unavailable):
            await pull(engine, "nginx")
