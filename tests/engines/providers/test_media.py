"""Embeddings, images, speech, transcription, films, and the lists of models."""

import base64
import struct

import pytest

from talome.core.errors import Invalid
from talome.engines.providers.models import AudioFile, Endpoint, Transcript, UpstreamError
from talome.engines.providers.providers import Providers
from talome.engines.providers.subtitles import as_srt, as_vtt
from tests.engines.providers.conftest import KEY, endpoint_of
from tests.support.registry import free_port
from tests.support.upstream import PIXEL, Script, Upstream

VECTOR = [0.5, -0.25, 1.0]
PACKED = base64.b64encode(struct.pack("<3f", *VECTOR)).decode()


@pytest.mark.parametrize("provider", ["openai", "ollama", "google"])
async def test_vectors_in_the_form_that_was_asked_for(providers: Providers, upstream: Upstream, provider: str) -> None:
    endpoint = endpoint_of(upstream, provider)
    plain = await providers.embed(endpoint, "m", {"input": ["one", "two"]})
    assert plain.vectors == [VECTOR, VECTOR]
    packed = await providers.embed(endpoint, "m", {"input": "one", "encoding_format": "base64"})
    assert packed.vectors == [PACKED]
    assert plain.tokens.input > 0
    assert plain.tokens.estimated is (provider == "google")


async def test_one_input_may_be_a_list_of_tokens(providers: Providers, upstream: Upstream) -> None:
    upstream.always(Script(tokens=None))
    answer = await providers.embed(endpoint_of(upstream, "vllm"), "m", {"input": [1, 2, 3]})
    assert len(answer.vectors) == 1
    assert answer.tokens.estimated
    with pytest.raises(UpstreamError):
        await providers.embed(endpoint_of(upstream, "google"), "m", {"input": [1, 2, 3]})


@pytest.mark.parametrize(
    "raw",
    [
        b'{"data": []}',
        b'{"data": [{"embedding": "%%%"}]}',
        b'{"data": [{"embedding": []}]}',
        b'{"data": [{"embedding": ["a"]}]}',
        b'{"data": [{"embedding": "AAAA"}]}',
        b'{"data": "none"}',
        b"{}",
    ],
)
async def test_vectors_that_are_none(providers: Providers, upstream: Upstream, raw: bytes) -> None:
    upstream.next(Script(raw=raw))
    with pytest.raises(UpstreamError) as raised:
        await providers.embed(endpoint_of(upstream, "openai"), "m", {"input": "one"})
    assert raised.value.kind == "malformed"


async def test_images(providers: Providers, upstream: Upstream) -> None:
    body = {"prompt": "A cat", "n": 2, "quality": "hd", "style": "vivid", "response_format": "b64_json"}
    answer = await providers.images(endpoint_of(upstream, "openai"), "gpt-image-1", body)
    assert answer.data == [{"b64_json": PIXEL}] * 2
    assert upstream.seen[-1].body == {"prompt": "A cat", "n": 2, "quality": "high", "model": "gpt-image-1"}
    await providers.images(endpoint_of(upstream, "localai"), "flux", body)
    assert upstream.seen[-1].body == {**body, "model": "flux"}
    await providers.images(endpoint_of(upstream, "google"), "imagen", body)
    assert upstream.seen[-1].path == "/v1beta/openai/images/generations"
    assert upstream.seen[-1].headers["Authorization"] == f"Bearer {KEY}"
    upstream.next(Script(raw=b'{"data": [{}]}'))
    with pytest.raises(UpstreamError):
        await providers.images(endpoint_of(upstream, "openai"), "m", body)


async def test_speech_comes_as_it_is_made(providers: Providers, upstream: Upstream) -> None:
    media = await providers.speech(endpoint_of(upstream, "openai"), "tts-1", {"input": "Hello", "voice": "nova"})
    assert media.content_type == "audio/mpeg"
    assert b"".join([chunk async for chunk in media.chunks]).startswith(b"ID3")
    upstream.next(Script(raw=b'{"detail": "sk-upstream-secret"}'))
    with pytest.raises(UpstreamError) as raised:
        await providers.speech(endpoint_of(upstream, "openai"), "tts-1", {"input": "Hello"})
    assert raised.value.kind == "malformed"


async def test_a_listener_who_leaves_early(providers: Providers, upstream: Upstream) -> None:
    upstream.next(Script(raw=b"\0" * 30_000_000, content_type="audio/wav"))
    media = await providers.speech(endpoint_of(upstream, "openai"), "tts-1", {"input": "Hello"})
    await anext(media.chunks)
    await media.chunks.aclose()
    again = await providers.speech(endpoint_of(upstream, "openai"), "tts-1", {"input": "Hello"})
    await again.chunks.aclose()
    assert len(upstream.peers) == 2, "a connection with a half-read answer is not used again"


async def test_transcription(providers: Providers, upstream: Upstream) -> None:
    file = AudioFile("talk.wav", "audio/wav", b"RIFF")
    endpoint = endpoint_of(upstream, "openai")
    made = await providers.transcribe(endpoint, "whisper-1", {"response_format": "srt", "language": "en"}, file)
    assert made.text == "Good morning."
    assert as_srt(made) == "1\n00:00:00,000 --> 00:00:01,500\nGood morning.\n\n"
    assert as_vtt(made) == "WEBVTT\n\n00:00:00.000 --> 00:00:01.500\nGood morning.\n\n"
    sent = upstream.seen[-1].raw
    assert upstream.seen[-1].headers["Content-Type"].startswith("multipart/form-data")
    for piece in (b'filename="talk.wav"', b"RIFF", b"verbose_json", b"whisper-1"):
        assert piece in sent
    await providers.transcribe(endpoint, "whisper-1", {}, file)
    assert b"verbose_json" not in upstream.seen[-1].raw


def test_subtitles_need_times_and_hold_no_arrows() -> None:
    with pytest.raises(Invalid):
        as_srt(Transcript("Words without times"))
    odd = Transcript("x", segments=((3599.9996, 3725.5, "one --> two\nthree"),))
    assert as_srt(odd) == "1\n01:00:00,000 --> 01:02:05,500\none -> two three\n\n"
    assert as_vtt(Transcript("")) == "WEBVTT\n\n"


async def test_films(providers: Providers, upstream: Upstream) -> None:
    for provider, path in (("openai", "/v1/videos"), ("localai", "/v1/videos/generations")):
        endpoint = endpoint_of(upstream, provider)
        job = await providers.video_start(endpoint, "film-1", {"prompt": "A flower", "duration": 5})
        assert (job.id, job.status, upstream.seen[-1].path) == ("video_1", "processing", path)
        done = await providers.video_status(endpoint, job.id)
        assert (done.status, done.url) == ("completed", "https://films.example/1.mp4")
        assert upstream.seen[-1].path == f"{path}/video_1"
    film = await providers.video_content(endpoint_of(upstream, "openai"), "../../secret")
    assert film.content_type == "video/mp4"
    await film.chunks.aclose()
    assert "/videos/..%2F..%2Fsecret/content" in upstream.seen[-1].target


async def test_a_film_at_no_web_address(providers: Providers, upstream: Upstream) -> None:
    upstream.next(Script(raw=b'{"id": "v", "status": "completed", "url": "javascript:alert(1)"}'))
    assert (await providers.video_status(endpoint_of(upstream, "custom"), "v")).url == ""


async def test_what_a_provider_has_not(providers: Providers, upstream: Upstream) -> None:
    endpoint = endpoint_of(upstream, "anthropic")
    for asked in (
        providers.embed(endpoint, "m", {"input": "a"}),
        providers.images(endpoint, "m", {}),
        providers.speech(endpoint, "m", {}),
        providers.video_start(endpoint, "m", {}),
        providers.transcribe(endpoint, "m", {}, AudioFile("a", "audio/wav", b"")),
    ):
        with pytest.raises(UpstreamError) as raised:
            await asked
        assert raised.value.kind == "refused"
    assert upstream.seen == []


async def test_the_models_of_an_endpoint(providers: Providers, upstream: Upstream, endpoint: Endpoint) -> None:
    assert await providers.models(endpoint) == ["large-model", "small-model"]
    probe = await providers.probe(endpoint)
    assert probe.ok
    assert probe.models == ("large-model", "small-model")
    assert probe.kind == ("google" if endpoint.provider == "google" else "vllm")


async def test_names_of_models_that_are_none(providers: Providers, upstream: Upstream) -> None:
    rows = b'{"data": [{"id": "good"}, {"id": "a\\nb"}, {"id": 5}, {"id": "%s"}, 7, {}]}' % (b"x" * 300)
    upstream.next(Script(raw=rows))
    assert await providers.models(endpoint_of(upstream, "custom")) == ["good"]


async def test_a_probe_never_raises(providers: Providers, upstream: Upstream) -> None:
    gone = await providers.probe(Endpoint("e", "ollama", f"http://127.0.0.1:{free_port()}", local=True))
    assert not gone.ok
    assert gone.reason == "The model's endpoint cannot be reached."
    upstream.next(Script(status=401), Script(raw=b"<html>"), Script(raw=b'{"data": [' + b" " * 1_100_000 + b"]}"))
    local = Endpoint("e", "ollama", upstream.openai, local=True)
    reasons = [(await providers.probe(local)).reason for _ in range(3)]
    assert [bool(reason) for reason in reasons] == [True] * 3
    assert "too large" in reasons[2]
