"""The client against servers that write exactly what a test wants, over real TCP."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from talome.engines.fetch import CheckedResolver
from talome.engines.http1.client import Client, NotConnected, Place, head_of
from talome.engines.http1.response import BrokenOff, NotHttp, Response

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"


class Server:
    """`connections` counts those that were opened."""

    def __init__(self) -> None:
        self.connections = 0
        self.port = 0


@asynccontextmanager
async def serving(serve: Serve) -> AsyncIterator[Server]:
    told = Server()

    async def begin(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        told.connections += 1
        try:
            await serve(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(begin, "127.0.0.1", 0)
    told.port = server.sockets[0].getsockname()[1]
    async with server:
        yield told


def answers(*pieces: bytes, close: bool = False) -> Serve:
    """Each request gets the same pieces, sent one by one."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.readuntil(b"\r\n\r\n"):
            for piece in pieces:
                writer.write(piece)
                await writer.drain()
                await asyncio.sleep(0)
            if close:
                return

    return serve


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    async with Client(CheckedResolver(allow_private=True), 5.0) as opened:
        yield opened


async def get(client: Client, server: Server, *, body: bytes | None = None, read_s: float = 5.0) -> Response:
    headers = {"Host": "test"}
    head = head_of("GET" if body is None else "POST", "/", headers, body)
    return await client.request(Place("127.0.0.1", server.port, None), head, body or b"", read_s)


async def whole(response: Response) -> bytes:
    found = b""
    while piece := await response.readany():
        found += piece
    return found


@pytest.mark.parametrize(
    ("raw", "body"),
    [
        (OK + b"Content-Length: 5\r\n\r\nhello", b"hello"),
        (OK + b"Content-Length: 0\r\n\r\n", b""),
        (CHUNKED + b"5\r\nhello\r\n1;x=y\r\n!\r\n0\r\n\r\n", b"hello!"),
        (CHUNKED + b"00A\r\n0123456789\r\n0\r\nSome-Trailer: 1\r\nAnother: 2\r\n\r\n", b"0123456789"),
        (b"HTTP/1.1 100 Continue\r\n\r\n" + OK + b"Content-Length: 2\r\n\r\nok", b"ok"),
        (b"HTTP/1.1 204 No Content\r\nContent-Length: 9\r\n\r\n", b""),
    ],
)
async def test_an_answer_is_the_same_however_it_is_cut(client: Client, raw: bytes, body: bytes) -> None:
    cuts = [(raw[:at], raw[at:]) for at in range(1, len(raw))]
    waiting = iter(cuts)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.readuntil(b"\r\n\r\n"):
            for piece in next(waiting):
                writer.write(piece)
                await writer.drain()
                for _ in range(3):
                    await asyncio.sleep(0)

    async with serving(serve) as server:
        for _ in cuts:
            response = await get(client, server)
            assert await whole(response) == body
            assert response.at_eof()
        assert server.connections == 1, "a whole answer leaves the connection to the next request"


async def test_without_a_length_the_end_of_the_connection_is_the_end(client: Client) -> None:
    async with serving(answers(OK + b"\r\n", b"some", b"thing", close=True)) as server:
        assert await whole(await get(client, server)) == b"something"
        assert await whole(await get(client, server)) == b"something"
        assert server.connections == 2


@pytest.mark.parametrize(
    "raw",
    [
        b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
        b"HTTP/2 200\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\n\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\n" * 50,
        OK + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        OK + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
        OK + b"Content-Length: +5\r\n\r\nhello",
        OK + b"Content-Length: 1_0\r\n\r\n0123456789",
        OK + b"Transfer-Encoding: gzip, chunked\r\n\r\n",
        OK + b"Bad Header: 1\r\nContent-Length: 0\r\n\r\n",
        OK + b" folded: 1\r\n\r\n",
        OK + b"X: " + b"x" * 70_000,
        CHUNKED + b"-1\r\n",
        CHUNKED + b"0x5\r\nhello\r\n",
        CHUNKED + b"5\r\nhello!\r\n",
        CHUNKED + b"x" * 5000,
    ],
)
async def test_what_is_no_http_is_refused(client: Client, raw: bytes) -> None:
    async with serving(answers(raw)) as server:
        with pytest.raises(NotHttp):
            await whole(await get(client, server))


@pytest.mark.parametrize("raw", [b"HTTP/1.1 20", OK + b"Content-Length: 5\r\n\r\nhel", CHUNKED + b"5\r\nhel"])
async def test_an_answer_that_breaks_off_says_so_after_what_came(client: Client, raw: bytes) -> None:
    async with serving(answers(raw, close=True)) as server:
        with pytest.raises(BrokenOff) as broken:
            response = await get(client, server)
            assert await response.readany() == b"hel"
            await response.readany()
        assert not broken.value.nothing_came


async def test_a_kept_connection_that_was_closed_is_replaced_once(client: Client) -> None:
    """The server closes after each answer, without a word in it."""
    async with serving(answers(OK + b"Content-Length: 2\r\n\r\nok", close=True)) as server:
        for number in range(1, 4):
            assert await whole(await get(client, server, body=b"{}")) == b"ok"
            assert server.connections == number


async def test_a_new_connection_without_an_answer_is_not_tried_again(client: Client) -> None:
    async with serving(answers(close=True)) as server:
        with pytest.raises(BrokenOff) as broken:
            await get(client, server, body=b"{}")
        assert broken.value.nothing_came
        assert server.connections == 1


async def test_more_than_was_asked_for_ends_the_connection(client: Client) -> None:
    smuggled = OK + b"Content-Length: 2\r\n\r\nok" + OK + b"Content-Length: 4\r\n\r\nevil"
    async with serving(answers(smuggled)) as server:
        for number in range(1, 4):
            assert await whole(await get(client, server)) == b"ok"
            assert server.connections == number


async def test_leaving_in_the_middle_ends_the_connection(client: Client) -> None:
    gone = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(CHUNKED + b"5\r\nhello\r\n")
        assert await reader.read() == b""
        gone.set()

    async with serving(serve) as server:
        response = await get(client, server)
        assert await response.readany() == b"hello"
        response.close()
        await asyncio.wait_for(gone.wait(), 5)


async def test_a_cancelled_request_ends_the_connection(client: Client) -> None:
    asked, gone = asyncio.Event(), asyncio.Event()

    async def serve(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        asked.set()
        assert await reader.read() == b""
        gone.set()

    async with serving(serve) as server:
        request = asyncio.create_task(get(client, server))
        await asked.wait()
        request.cancel()
        await asyncio.wait_for(gone.wait(), 5)


async def test_a_trailer_without_end_is_no_answer(client: Client) -> None:
    """Its lines count for nothing, so no limit of the reader would ever end it."""
    few, many = (CHUNKED + b"1\r\nx\r\n0\r\n" + b"X: y\r\n" * number for number in (20, 200))
    async with serving(answers(few + b"\r\n")) as server:
        assert await whole(await get(client, server)) == b"x"
    async with serving(answers(many)) as server:
        with pytest.raises(NotHttp):
            await whole(await get(client, server))


async def test_silence_and_a_dribble_of_nothing_run_out_of_time(client: Client) -> None:
    async def dribble(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(OK)
        while True:
            writer.write(b"X")
            await writer.drain()
            await asyncio.sleep(0.01)

    for serve in (answers(), dribble):
        async with serving(serve) as server:
            with pytest.raises(TimeoutError):
                await get(client, server, read_s=0.2)


@pytest.mark.parametrize(("first_s", "then_s"), [(60.0, 0.2), (0.2, 0.3)])
async def test_each_request_of_a_kept_connection_has_its_own_patience(
    client: Client, first_s: float, then_s: float
) -> None:
    """There is one clock for all of them, which may be set for later, or strike for one that is over."""

    async def once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(OK + b"Content-Length: 1\r\n\r\nx")
        await reader.readuntil(b"\r\n\r\n")
        await reader.read()

    async with serving(once) as server:
        assert await (await get(client, server, read_s=first_s)).readany() == b"x"
        started = asyncio.get_running_loop().time()
        with pytest.raises(TimeoutError):
            await get(client, server, read_s=then_s)
        assert then_s <= asyncio.get_running_loop().time() - started < 3
        assert server.connections == 1


async def test_a_reader_that_is_slow_makes_the_server_wait(client: Client) -> None:
    size, sent = 32 * 1024 * 1024, 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        await reader.readuntil(b"\r\n\r\n")
        writer.write(OK + b"Content-Length: %d\r\n\r\n" % size)
        for _ in range(size // 65_536):
            writer.write(bytes(65_536))
            await writer.drain()
            sent += 65_536

    async with serving(serve) as server:
        response = await get(client, server)
        before = -1
        while sent > before:
            before = sent
            await asyncio.sleep(0.1)
        assert sent < size, "the rest waits until somebody reads"
        assert len(await whole(response)) == size


async def test_a_large_body_arrives_whole(client: Client) -> None:
    body = bytes(range(256)) * 16_384

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while head := await reader.readuntil(b"\r\n\r\n"):
            assert b"Content-Length: %d\r\n" % len(body) in head
            assert await reader.readexactly(len(body)) == body
            writer.write(OK + b"Content-Length: 2\r\n\r\nok")

    async with serving(serve) as server:
        for _ in range(2):
            assert await whole(await get(client, server, body=body)) == b"ok"
        assert server.connections == 1


async def test_an_early_answer_ends_a_large_body_and_its_connection(client: Client) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno")
        await writer.drain()
        while await reader.read(65_536):
            pass

    async with serving(serve) as server:
        for number in range(1, 3):
            response = await get(client, server, body=bytes(64 * 1024 * 1024))
            assert (response.status, await whole(response)) == (413, b"no")
            assert server.connections == number


async def test_nobody_listens(client: Client) -> None:
    async with serving(answers()) as server:
        port = server.port
    gone = Server()
    gone.port = port
    with pytest.raises(NotConnected):
        await get(client, gone)


def test_a_header_cannot_end_its_line_or_say_how_the_message_is_framed() -> None:
    for value in ("a\r\nX-Evil: 1", "a\nb", "a\rb", "a\0b"):
        with pytest.raises(ValueError, match="line end"):
            head_of("GET", "/", {"Host": "h", "X": value}, None)
    head = head_of("POST", "/x?y", {"Host": "h", "content-length": "99", "Transfer-Encoding": "chunked"}, b"abc")
    assert head == b"POST /x?y HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\n"
