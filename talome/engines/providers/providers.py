"""The door: every kind of request, sent through the adapter that the endpoint's provider needs."""

from collections.abc import Mapping
from typing import Final, Protocol, Self

from talome.engines.providers import anthropic, google, listing, media, openai
from talome.engines.providers.models import (
    HOUSE,
    AudioFile,
    ChatAnswer,
    EmbeddingAnswer,
    Endpoint,
    ImageAnswer,
    Json,
    Media,
    MessageAnswer,
    Probe,
    Transcript,
    VideoJob,
)
from talome.engines.providers.refusals import unsupported
from talome.engines.providers.stream import ChatStream
from talome.engines.providers.wire import Wire

HOUSE_VOICE: Final = "house-voice"
HOUSE_EARS: Final = "house-ears"
_READ_S: Final = 120.0
_WHOLE_S: Final = 600.0


class House(Protocol):
    """What speaks and listens on this machine."""

    def can_speak(self) -> bool: ...

    def can_listen(self) -> bool: ...

    async def say(self, text: str, *, voice: str, format: str, speed: float) -> Media: ...

    async def listen(self, file: AudioFile, *, language: str) -> Transcript: ...


class Providers:
    """Everything raises `UpstreamError`. Cancelling a call, or closing what it gave, ends it at the endpoint too.

    `house` answers for endpoints of the provider `HOUSE`. `read_s`: the longest silence in a stream, before its first
    byte as well. `whole_s`: the same for an answer that comes in one piece, where the endpoint is silent until all is
    ready, and for local models, which take their time.
    """

    def __init__(self, *, house: House | None = None, read_s: float = _READ_S, whole_s: float = _WHOLE_S) -> None:
        self._wire = Wire(read_s, whole_s)
        self._house = house

    async def __aenter__(self) -> Self:
        await self._wire.__aenter__()
        return self

    async def __aexit__(self, *problem: object) -> None:
        await self._wire.__aexit__(*problem)

    async def chat(self, endpoint: Endpoint, model: str, body: Json) -> ChatAnswer:
        """`body` is a chat completion's request; it stays as it is."""
        if endpoint.provider == "anthropic":
            return await anthropic.chat(self._wire, endpoint, model, body)
        if endpoint.provider == "google":
            return await google.chat(self._wire, endpoint, model, body)
        return await openai.chat(self._wire, endpoint, model, body)

    async def open_chat(self, endpoint: Endpoint, model: str, body: Json) -> ChatStream:
        """Comes back when the first chunks are there; what fails before can be asked of another endpoint."""
        if endpoint.provider == "anthropic":
            return await anthropic.open_chat(self._wire, endpoint, model, body)
        if endpoint.provider == "google":
            return await google.open_chat(self._wire, endpoint, model, body)
        return await openai.open_chat(self._wire, endpoint, model, body)

    async def messages(self, endpoint: Endpoint, model: str, body: Json, *, beta: str = "") -> MessageAnswer:
        """For Anthropic's endpoints alone: request and answer in their own shape. `beta` is the header of that name."""
        return await anthropic.messages(self._wire, endpoint, model, body, beta)

    async def open_messages(self, endpoint: Endpoint, model: str, body: Json, *, beta: str = "") -> ChatStream:
        """As `messages`; the stream gives Anthropic's events, without its pings."""
        return await anthropic.open_messages(self._wire, endpoint, model, body, beta)

    async def count_tokens(self, endpoint: Endpoint, model: str, body: Json, *, beta: str = "") -> int:
        """For Anthropic's endpoints alone: as they count a request for `messages`."""
        return await anthropic.count_tokens(self._wire, endpoint, model, body, beta)

    async def embed(self, endpoint: Endpoint, model: str, body: Json) -> EmbeddingAnswer:
        """Vectors in the `encoding_format` of the request, whatever the endpoint sends."""
        if endpoint.provider == "anthropic":
            raise unsupported("This provider has no models for embeddings.")
        if endpoint.provider == "google":
            return await google.embed(self._wire, endpoint, model, body)
        return await openai.embed(self._wire, endpoint, model, body)

    async def images(self, endpoint: Endpoint, model: str, body: Json) -> ImageAnswer:
        return await media.images(self._wire, endpoint, model, body)

    async def speech(self, endpoint: Endpoint, model: str, body: Json) -> Media:
        """Comes back when the first bytes are there."""
        if endpoint.provider != HOUSE:
            return await media.speech(self._wire, endpoint, model, body)
        voice, format, speed = media.speech_wishes(body)
        return await self._at_home().say(str(body.get("input", "")), voice=voice, format=format, speed=speed)

    async def transcribe(
        self, endpoint: Endpoint, model: str, fields: Mapping[str, str], file: AudioFile
    ) -> Transcript:
        """`fields` are those of the form. With `response_format` srt, vtt or verbose_json the times are asked for."""
        if endpoint.provider == HOUSE:
            return await self._at_home().listen(file, language=fields.get("language", ""))
        return await media.transcribe(self._wire, endpoint, model, fields, file)

    async def video_start(self, endpoint: Endpoint, model: str, body: Json) -> VideoJob:
        return await media.video_start(self._wire, endpoint, model, body)

    async def video_status(self, endpoint: Endpoint, id: str) -> VideoJob:
        return await media.video_status(self._wire, endpoint, id)

    async def video_content(self, endpoint: Endpoint, id: str) -> Media:
        """The finished film where the job has no `url`."""
        return await media.video_content(self._wire, endpoint, id)

    async def models(self, endpoint: Endpoint) -> list[str]:
        """The names of its models, within five seconds."""
        return await listing.models(self._wire, endpoint)

    async def probe(self, endpoint: Endpoint) -> Probe:
        """Whether it answers; never raises."""
        return await listing.probe(self._wire, endpoint)

    def house_models(self) -> dict[str, str]:
        """What can be asked of this machine itself: names of models, and what each is for. It looks for programs."""
        if self._house is None:
            return {}
        found = {HOUSE_VOICE: "speech"} if self._house.can_speak() else {}
        return found | ({HOUSE_EARS: "transcription"} if self._house.can_listen() else {})

    def _at_home(self) -> House:
        if self._house is None:
            raise unsupported("Nothing speaks or listens on this machine.")
        return self._house
