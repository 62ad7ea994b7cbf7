"""Attacks on the gateway by what goes over the wire: heads that two readers understand differently, readers who never
read, answers that never end."""

import asyncio
import json
import socket
from typing import Any

import pytest

from tests.app.gateway_attacks import ASKED, CHAT, spent
from tests.gateway.houses import HELLO, runtime_key, with_endpoint, with_key
from tests.support.house import House, Person
from tests.support.upstream import Script, Upstream

STREAM: dict[str, Any] = {**ASKED, "stream": True}


def head_of(person: Person, *lines: str, path: str = CHAT) -> bytes:
    host = person.base.removeprefix("http://")
    usual = (f"POST {path} HTTP/1.1", f"Host: {host}", f"Authorization: Bearer {person.token}")
    return "\r\n".join([*usual, "Content-Type: application/json", *lines, "", ""]).encode()


async def said(house: House, raw: bytes) -> bytes:
    """All that comes back until the server ends the connection, or says nothing more."""
    reader, writer = await asyncio.open_connection("127.0.0.1", int(house.base.rpartition(":")[2]))
    writer.write(raw)
    told = b""
    try:
        async with asyncio.timeout(0.5):
            while piece := await reader.read(65_536):
                told += piece
    except (TimeoutError, ConnectionError):
        pass
    writer.close()
    return told


async def test_a_request_hides_no_other(house: House, upstream: Upstream) -> None:
    """What comes after the body that one reader sees must not be a request for another."""
    await with_key(house, upstream)
    body = json.dumps(ASKED).encode()
    hidden = head_of(house.admin, f"Content-Length: {len(body)}") + body
    chunked = b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)
    calls = len(upstream.seen)
    for lines, rest in (
        (("Content-Length: 5", "Transfer-Encoding: chunked"), chunked),
        (("Transfer-Encoding: chunked", "Content-Length: 5"), chunked),
        (("Transfer-Encoding: xchunked", f"Content-Length: {len(body)}"), body),
        (("Transfer-Encoding : chunked",), chunked),
        (("Transfer-Encoding: chunked, identity",), chunked),
        (("Transfer-Encoding: chunked", "Transfer-Encoding: identity"), chunked),
        (("Transfer-Encoding:\x0bchunked",), chunked),
        (("Content-Length: 5", f"Content-Length: {len(body)}"), body),
        ((f"Content-Length: +{len(body)}",), body),
        ((f"Content-Length: {len(body)}, {len(body)}",), body),
        ((f"Content-Length: {len(body)}\r\n folded",), body),
        (("Content-Length: -1",), body),
        (("X\0Y: 1", f"Content-Length: {len(body)}"), body),
        (("Transfer-Encoding: chunked",), b"%x;a=b\n\r\n%b\r\n0\r\n\r\n" % (len(body), body)),
        (("Transfer-Encoding: chunked",), b"0x%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)),
        (("Transfer-Encoding: chunked",), b"-1\r\n%b\r\n0\r\n\r\n" % body),
        (("Transfer-Encoding: chunked",), b"%x\r\n%bXX0\r\n\r\n" % (len(body), body)),
    ):
        told = await said(house, head_of(house.admin, *lines) + rest + hidden)
        assert told.count(b"HTTP/1.1 200") == 0, (lines, told[:300])
        assert told.count(b"HTTP/1.") <= 1, (lines, told[:300])
    assert len(upstream.seen) == calls
    assert await spent(house.admin) == (0, 0)


async def test_requests_in_a_row_are_each_counted(house: House, upstream: Upstream) -> None:
    await with_endpoint(house, upstream.openai)
    key = await runtime_key(house, requests_per_minute=5)
    body = json.dumps({"model": "auto", "messages": HELLO}).encode()
    told = await said(house, (head_of(key, f"Content-Length: {len(body)}") + body) * 30)
    assert told.count(b"HTTP/1.1 200") == 5
    assert told.count(b"HTTP/1.1 429") > 0


async def test_parts_and_tools_without_end(house: House, upstream: Upstream) -> None:
    """Each is looked at for itself, so a small one costs more time than its bytes are worth."""
    await with_endpoint(house, upstream.openai)
    calls = len(upstream.seen)
    parts = {"role": "user", "content": [{"type": "text", "text": "x"}] * 7000}
    tool = {"type": "function", "function": {"name": "f"}}
    for more, field in (({"messages": [parts] * 3}, "messages"), ({"tools": [tool] * 1001}, "tools")):
        answer = await house.admin.post(CHAT, {**ASKED, "model": "auto", **more})
        assert (answer.status, answer.json["field"]) == (400, field), answer.text
    assert len(upstream.seen) == calls


async def test_who_never_reads_holds_nothing_for_long(
    house: House, upstream: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The place at the model, the money that is set aside and the connection were his for as long as he liked."""
    monkeypatch.setattr("talome.core.http.frames.KEEP_ALIVE_S", 0.05)
    await with_key(house, upstream)
    upstream.next(Script(pieces=("x" * 100_000,) * 400))
    channel = socket.socket()
    channel.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    channel.setblocking(False)
    await asyncio.get_running_loop().sock_connect(channel, ("127.0.0.1", int(house.base.rpartition(":")[2])))
    body = json.dumps(STREAM).encode()
    await asyncio.get_running_loop().sock_sendall(channel, head_of(house.admin, f"Content-Length: {len(body)}") + body)
    async with asyncio.timeout(20):
        await upstream.left.wait()
        while (await spent(house.admin))[1]:
            await asyncio.sleep(0.02)
    channel.close()
    assert (await spent(house.admin))[0] > 0, "what was made is paid"


async def test_who_reads_slowly_gets_all(house: House, upstream: Upstream, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("talome.core.http.frames.KEEP_ALIVE_S", 0.05)
    await with_key(house, upstream)
    upstream.next(Script(pieces=("x" * 50_000,) * 100))
    port = int(house.base.rpartition(":")[2])
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=4096)
    body = json.dumps(STREAM).encode()
    writer.write(head_of(house.admin, f"Content-Length: {len(body)}", "Connection: close") + body)
    size = 0
    while piece := await reader.read(100_000):
        size += piece.count(b"x")
        await asyncio.sleep(0.005)
    writer.close()
    assert size >= 5_000_000


async def test_an_answer_that_never_ends_is_ended(
    house: House, upstream: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Words without end, and comments without a word; whole ones were bounded before."""
    await with_key(house, upstream)
    monkeypatch.setattr("talome.engines.providers.stream._MOST_CHARACTERS", 1000)
    upstream.next(Script(pieces=("word " * 20,) * 5000, pace_s=0.001))
    answer = await house.admin.post(CHAT, STREAM)
    assert answer.status == 200
    assert answer.text.count("word") < 50_000
    assert "does not end" in answer.text[-400:], answer.text[-400:]
    monkeypatch.setattr("talome.engines.providers.stream._NOISE_S", 0.2)
    upstream.left.clear()
    upstream.next(Script(comments_after=2))
    async with asyncio.timeout(20):
        answer = await house.admin.post(CHAT, STREAM)
        assert "no word for too long" in answer.text[-400:], answer.text[-400:]
        await upstream.left.wait()
    assert (await spent(house.admin))[1] == 0
