"""Endpoints that fail in every way: the right kind of error, told in our own words, at the right moment."""

import asyncio
import socket
import traceback
from collections.abc import Callable

import pytest

from talome.engines.providers.models import Endpoint, Kind, UpstreamError
from talome.engines.providers.providers import Providers
from tests.engines.providers.conftest import KEY, endpoint_of
from tests.support.registry import free_port
from tests.support.upstream import Script, Upstream

ASK = {"messages": [{"role": "user", "content": "Good morning?"}]}

BEFORE: list[tuple[str, Script, Kind]] = [
    ("silent", Script(silent=True), "timeout"),
    ("drops the connection", Script(drop=True), "unreachable"),
    ("cut before the first byte", Script(cut_after=0), "cut"),
    ("silent after the head", Script(stall_after=0), "timeout"),
    ("401", Script(status=401), "unauthorized"),
    ("403", Script(status=403), "unauthorized"),
    ("402", Script(status=402), "rate_limited"),
    ("429", Script(status=429, retry_after="7"), "rate_limited"),
    ("400", Script(status=400), "refused"),
    ("404", Script(status=404), "refused"),
    ("408", Script(status=408), "timeout"),
    ("422", Script(status=422), "refused"),
    ("500", Script(status=500), "failed"),
    ("503", Script(status=503, retry_after="3"), "failed"),
    ("529", Script(status=529), "failed"),
    ("redirect", Script(status=307, headers=(("Location", "http://169.254.169.254/"),)), "failed"),
    ("error at once", Script(error_after=0), "failed"),
    ("no JSON", Script(raw=b"{not json"), "malformed"),
    ("no JSON in the stream", Script(raw=b"data: {not json\n\n", content_type="text/event-stream"), "malformed"),
    ("a list", Script(raw=b"[1, 2]"), "malformed"),
    ("a page", Script(raw=b"<html>Hello</html>", content_type="text/html"), "malformed"),
    ("packed", Script(raw=b"\x1f\x8b", headers=(("Content-Encoding", "gzip"),)), "malformed"),
]


@pytest.mark.parametrize(("name", "script", "kind"), BEFORE, ids=[name for name, _, _ in BEFORE])
async def test_before_the_first_chunk(
    providers: Providers,
    hasty: Providers,
    upstream: Upstream,
    endpoint: Endpoint,
    name: str,
    script: Script,
    kind: Kind,
) -> None:
    upstream.next(script)
    with pytest.raises(UpstreamError) as raised:
        await (hasty if name.startswith("silent") else providers).open_chat(endpoint, "m", ASK)
    assert raised.value.kind == kind
    assert not raised.value.started
    assert len(upstream.seen) == 1, "nobody but the caller may try again"
    told = "".join(traceback.format_exception(raised.value)) + repr(raised.value) + repr(vars(raised.value))
    assert raised.value.public.endswith(".")
    for secret in (KEY, "sk-upstream-secret", "internal.example", upstream.address):
        assert secret not in told


WHOLE = [entry for entry in BEFORE if entry[0] in ("silent", "429", "500", "no JSON", "a list", "packed")]


@pytest.mark.parametrize(("name", "script", "kind"), WHOLE, ids=[name for name, _, _ in WHOLE])
async def test_an_answer_in_one_piece(
    providers: Providers,
    hasty: Providers,
    upstream: Upstream,
    endpoint: Endpoint,
    name: str,
    script: Script,
    kind: Kind,
) -> None:
    upstream.next(script)
    with pytest.raises(UpstreamError) as raised:
        await (hasty if name.startswith("silent") else providers).chat(endpoint, "m", ASK)
    assert raised.value.kind == kind
    assert len(upstream.seen) == 1


@pytest.mark.parametrize(
    ("script", "kind"),
    [
        (Script(cut_after=2), "cut"),
        (Script(stall_after=2), "timeout"),
        (Script(error_after=2), "failed"),
        (Script(ends_well=False), "cut"),
    ],
    ids=["cut", "stalled", "an error", "ends without an end"],
)
async def test_in_the_middle(
    providers: Providers, hasty: Providers, upstream: Upstream, endpoint: Endpoint, script: Script, kind: Kind
) -> None:
    upstream.next(Script(**{**vars(script), "pace_s": 0.005}))
    stream = await (hasty if kind == "timeout" else providers).open_chat(endpoint, "m", ASK)
    text = ""
    with pytest.raises(UpstreamError) as raised:
        async for chunks in stream:
            text += "".join(chunk["choices"][0]["delta"].get("content") or "" for chunk in chunks)
    assert raised.value.kind in (kind, "rate_limited" if kind == "failed" else kind)
    assert raised.value.started
    assert text == ("Good morning." if not script.ends_well else "Good morning")
    assert stream.made == len(text), "what was made is known, so that it can be paid"


async def test_a_greeting_before_the_error(providers: Providers, upstream: Upstream, endpoint: Endpoint) -> None:
    upstream.next(Script(pieces=("", "word"), error_after=1, pace_s=0.02))
    with pytest.raises(UpstreamError) as raised:
        await providers.open_chat(endpoint, "m", ASK)
    assert not raised.value.started


@pytest.mark.parametrize("provider", ["openai", "anthropic"])
async def test_a_greeting_before_a_long_thought(providers: Providers, upstream: Upstream, provider: str) -> None:
    upstream.next(Script(pieces=("", "word"), stall_after=1))
    stream = await providers.open_chat(endpoint_of(upstream, provider), "m", ASK)
    assert stream.made == 0
    await stream.close()


async def test_a_local_name_must_have_been_looked_up(providers: Providers, upstream: Upstream) -> None:
    port = upstream.address.rpartition(":")[2]
    with pytest.raises(UpstreamError) as raised:
        await providers.chat(Endpoint("e", "vllm", f"http://localhost:{port}", KEY, local=True), "m", ASK)
    assert raised.value.kind == "unreachable"
    assert upstream.seen == []
    await providers.chat(Endpoint("e", "vllm", f"http://localhost:{port}", KEY), "m", ASK)


async def test_how_long_to_wait_is_known(providers: Providers, upstream: Upstream, endpoint: Endpoint) -> None:
    upstream.next(Script(status=429, retry_after="7"), Script(status=503, retry_after="nonsense"))
    for expected in (7.0, None):
        with pytest.raises(UpstreamError) as raised:
            await providers.chat(endpoint, "m", ASK)
        assert raised.value.retry_after_s == expected


@pytest.mark.parametrize("size", [9_000_000, 12_000_000])
async def test_an_answer_that_is_too_large(providers: Providers, upstream: Upstream, size: int) -> None:
    upstream.next(Script(packed_size=size))
    with pytest.raises(UpstreamError) as raised:
        await providers.chat(endpoint_of(upstream, "openai"), "m", ASK)
    assert raised.value.kind == "too_large"


async def test_an_event_that_never_ends(providers: Providers, upstream: Upstream) -> None:
    upstream.next(Script(raw=b"data: " + b"x" * 17_000_000, content_type="text/event-stream"))
    with pytest.raises(UpstreamError) as raised:
        await providers.open_chat(endpoint_of(upstream, "openai"), "m", ASK)
    assert raised.value.kind == "too_large"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (b'{"error": {"message": "This model\'s maximum context length is 8192 tokens"}}', "context_length_exceeded"),
        (b'{"error": {"code": 400, "type": "exceed_context_size_error"}}', "context_length_exceeded"),
        (b'{"type": "error", "error": {"message": "prompt is too long: 2 > 1"}}', "context_length_exceeded"),
        (b'{"error": {"code": "content_policy_violation"}}', "content_policy"),
        (b'{"error": {"message": "The model `x` does not exist", "code": "model_not_found"}}', "model_not_found"),
        (b'{"error": {"message": "bad temperature"}}', "invalid_request"),
        (b"", "invalid_request"),
    ],
)
async def test_why_it_was_refused(
    providers: Providers, upstream: Upstream, endpoint: Endpoint, words: bytes, code: str
) -> None:
    upstream.next(Script(status=400, raw=words))
    with pytest.raises(UpstreamError) as raised:
        await providers.chat(endpoint, "m", ASK)
    assert (raised.value.kind, raised.value.code) == ("refused", code)


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        (b'{"error": {"code": "insufficient_quota", "message": "billing"}}', "rate_limited"),
        (b'{"error": {"message": "API key not valid. Please pass a valid API key."}}', "unauthorized"),
    ],
)
async def test_a_refusal_that_is_about_the_key(
    providers: Providers, upstream: Upstream, endpoint: Endpoint, words: bytes, kind: Kind
) -> None:
    upstream.next(Script(status=400, raw=words))
    with pytest.raises(UpstreamError) as raised:
        await providers.chat(endpoint, "m", ASK)
    assert raised.value.kind == kind


async def test_an_error_with_status_200(providers: Providers, upstream: Upstream) -> None:
    upstream.next(Script(raw=b'{"error": {"code": 429, "message": "sk-upstream-secret"}}'))
    with pytest.raises(UpstreamError) as raised:
        await providers.chat(endpoint_of(upstream, "openrouter"), "m", ASK)
    assert raised.value.kind == "rate_limited"


async def test_the_key_goes_to_its_own_place_alone(
    providers: Providers, upstream: Upstream, endpoint: Endpoint
) -> None:
    upstream.next(Script(status=302, headers=(("Location", f"http://{upstream.address}/elsewhere"),)))
    with pytest.raises(UpstreamError):
        await providers.chat(endpoint, "m", ASK)
    [seen] = upstream.seen
    assert KEY in "".join(seen.headers.values())
    assert KEY not in seen.path + seen.query + seen.raw.decode()
    assert KEY not in repr(endpoint)


async def test_nobody_listens(providers: Providers) -> None:
    endpoint = Endpoint("e", "ollama", f"http://127.0.0.1:{free_port()}")
    with pytest.raises(UpstreamError) as raised:
        await providers.chat(endpoint, "m", ASK)
    assert raised.value.kind == "unreachable"


@pytest.mark.parametrize(
    "base",
    [
        "http://169.254.169.254/v1",
        "http://[fe80::1]/v1",
        "http://0.0.0.0:11434",
        "http://[::ffff:169.254.169.254]/v1",
        "ftp://models.example",
        "http://2852039166/v1",
        "nonsense",
        "",
    ],
)
async def test_addresses_that_nothing_is_sent_to(providers: Providers, base: str) -> None:
    with pytest.raises(UpstreamError) as raised:
        await providers.chat(Endpoint("e", "custom", base, KEY), "m", ASK)
    assert raised.value.kind == "unreachable"


async def test_pinned_addresses_are_the_only_ones(providers: Providers, upstream: Upstream) -> None:
    host, port = upstream.address.split(":")
    pinned = Endpoint("e", "vllm", f"http://models.house.example:{port}", KEY, local=True, addresses=(host,))
    await providers.chat(pinned, "m", ASK)
    assert upstream.seen[-1].headers["Host"] == f"models.house.example:{port}"
    moved = Endpoint("e", "vllm", f"http://{upstream.address}", KEY, local=True, addresses=("127.0.0.9",))
    if _is_free("127.0.0.9", int(port)):
        with pytest.raises(UpstreamError) as raised:
            await providers.chat(moved, "m", ASK)
        assert raised.value.kind == "unreachable"
    bad = Endpoint("e", "vllm", f"http://{upstream.address}", KEY, local=True, addresses=("169.254.169.254",))
    with pytest.raises(UpstreamError):
        await providers.chat(bad, "m", ASK)
    assert len(upstream.seen) == 1


async def test_the_next_pinned_address_is_tried(providers: Providers, upstream: Upstream) -> None:
    host, port = upstream.address.split(":")
    endpoint = Endpoint("e", "vllm", f"http://models.house.example:{port}", local=True, addresses=("127.0.0.9", host))
    await providers.chat(endpoint, "m", ASK)
    assert len(upstream.seen) == 1


def _is_free(host: str, port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((host, port)) != 0


class Closing:
    """Answers once on a connection, keeps it open, and closes it when the next request comes: what a server does whose
    patience with idle connections ends in that moment. Only a new connection is answered."""

    ANSWER = b'{"choices": [{"message": {"content": "Hi"}}]}'

    def __init__(self, *, first_too: bool = False) -> None:
        self.requests = 0
        self._first_too = first_too

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            for turn in range(2):
                head = await reader.readuntil(b"\r\n\r\n")
                length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length"))
                await reader.readexactly(int(length.split(b":")[1]))
                self.requests += 1
                if turn or self._first_too:
                    return
                answer = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
                writer.write(answer % len(self.ANSWER) + self.ANSWER)
                await writer.drain()
        except asyncio.IncompleteReadError:
            return
        finally:
            writer.close()


@pytest.fixture
def listening() -> Callable[[Closing], "asyncio.Future[asyncio.Server]"]:
    def listen(server: Closing) -> "asyncio.Future[asyncio.Server]":
        return asyncio.ensure_future(asyncio.start_server(server.serve, "127.0.0.1", 0))

    return listen


async def test_a_kept_connection_that_was_closed_meanwhile(
    providers: Providers, listening: Callable[[Closing], "asyncio.Future[asyncio.Server]"]
) -> None:
    closing = Closing()
    async with await listening(closing) as server:
        endpoint = Endpoint("e", "vllm", f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        for _ in range(2):
            assert (await providers.chat(endpoint, "m", ASK)).body["choices"][0]["message"]["content"] == "Hi"
    assert closing.requests == 3, "the second was sent twice, over a new connection"


async def test_a_new_connection_that_is_closed_is_not_asked_again(
    providers: Providers, listening: Callable[[Closing], "asyncio.Future[asyncio.Server]"]
) -> None:
    closing = Closing(first_too=True)
    async with await listening(closing) as server:
        endpoint = Endpoint("e", "vllm", f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        with pytest.raises(UpstreamError) as raised:
            await providers.chat(endpoint, "m", ASK)
    assert raised.value.kind == "unreachable"
    assert closing.requests == 1
