"""Images, speech, transcription and film, in OpenAI's shapes."""

from collections.abc import Mapping
from typing import Any, Final, Literal, Self
from urllib.parse import quote

import aiohttp

from talome.engines.http1.response import Response
from talome.engines.providers.models import (
    AUDIO_TYPES,
    AudioFile,
    Endpoint,
    ImageAnswer,
    Json,
    Media,
    Transcript,
    UpstreamError,
    VideoJob,
)
from talome.engines.providers.openai import headers
from talome.engines.providers.refusals import error_of_event, unsupported
from talome.engines.providers.usage import image_tokens
from talome.engines.providers.wire import CLIENT_ERRORS, Wire, read_json, upstream_error

_LARGEST_IMAGES_BYTES: Final = 64_000_000
_LARGEST_TEXT_BYTES: Final = 8_000_000
_LARGEST_MEDIA_BYTES: Final = 2_000_000_000
_QUALITIES: Final = {"standard": "auto", "hd": "high"}
_STATES: Final[dict[str, Literal["processing", "completed", "failed"]]] = {
    "completed": "completed",
    "succeeded": "completed",
    "failed": "failed",
    "cancelled": "failed",
    "expired": "failed",
}


def _needs_openai_shape(endpoint: Endpoint, what: str) -> None:
    if endpoint.provider == "anthropic":
        raise unsupported(f"This provider has no models for {what}.")


async def images(wire: Wire, endpoint: Endpoint, model: str, body: Json) -> ImageAnswer:
    _needs_openai_shape(endpoint, "images")
    request = {**body, "model": model}
    if endpoint.provider == "openai" and model.startswith("gpt-image"):
        request = {name: value for name, value in request.items() if name not in ("response_format", "style")}
        if request.get("quality") in _QUALITIES:
            request["quality"] = _QUALITIES[request["quality"]]
    path = "/openai/images/generations" if endpoint.provider == "google" else "/images/generations"
    response = await wire.post(endpoint, path, request, headers(endpoint))
    answer = await read_json(response, _LARGEST_IMAGES_BYTES)
    if answer.get("error"):
        raise error_of_event(answer["error"], started=False)
    told = answer.get("data")
    data = [row for row in told if _is_image(row)] if isinstance(told, list) else []
    if not data:
        raise UpstreamError("malformed", "The model's endpoint answered without an image.")
    return ImageAnswer(data, image_tokens(answer.get("usage")))


def _is_image(row: Any) -> bool:
    return isinstance(row, dict) and any(isinstance(row.get(name), str) and row[name] for name in ("url", "b64_json"))


async def speech(wire: Wire, endpoint: Endpoint, model: str, body: Json) -> Media:
    """Comes back when the first bytes are there."""
    _needs_openai_shape(endpoint, "speech")
    if endpoint.provider == "google":
        raise unsupported("Talome does not use this provider's models for speech.")
    request = {**body, "model": model}
    response = await wire.post(endpoint, "/audio/speech", request, headers(endpoint), stream=True)
    asked = AUDIO_TYPES.get(str(body.get("response_format") or "mp3"), "audio/mpeg")
    return await _media(response, asked, ("audio/", "application/octet-stream"))


def speech_wishes(body: Json) -> tuple[str, str, float]:
    """Voice, format and speed, with what holds where nothing is said."""
    voice, speed = body.get("voice"), body.get("speed")
    named = voice.get("id") if isinstance(voice, dict) else voice
    if speed is not None and (not isinstance(speed, int | float) or isinstance(speed, bool)):
        raise unsupported("`speed` must be a number.")
    return str(named or "alloy"), str(body.get("response_format") or "mp3"), float(speed or 1)


async def _media(response: Response, asked: str, allowed: tuple[str, ...]) -> Media:
    if not response.content_type.startswith(allowed):
        response.close()
        raise UpstreamError("malformed", "The model's endpoint sent something else than what was asked for.")
    try:
        first = await response.readany()
    except CLIENT_ERRORS as error:
        response.close()
        raise upstream_error(error) from None
    except BaseException:
        response.close()
        raise
    if not first:
        response.close()
        raise UpstreamError("malformed", "The model's endpoint sent an empty file.")
    content_type = asked if response.content_type == "application/octet-stream" else response.content_type
    return Media(content_type, _Pieces(response, first))


class _Pieces:
    """The rest of an answer whose first piece is there."""

    def __init__(self, response: Response, first: bytes) -> None:
        self._response = response
        self._first = first
        self._size = 0

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        piece, self._first = self._first, b""
        try:
            if not piece:
                piece = await self._response.readany()
            self._size += len(piece)
            if self._size > _LARGEST_MEDIA_BYTES:
                raise UpstreamError("too_large", "The answer of the model's endpoint is too large.", started=True)
        except CLIENT_ERRORS as error:
            self._response.close()
            raise upstream_error(error, started=True) from None
        except UpstreamError:
            self._response.close()
            raise
        if not piece:
            raise StopAsyncIteration
        return piece

    async def aclose(self) -> None:
        self._response.close()


async def transcribe(
    wire: Wire, endpoint: Endpoint, model: str, fields: Mapping[str, str], file: AudioFile
) -> Transcript:
    _needs_openai_shape(endpoint, "transcription")
    if endpoint.provider == "google":
        raise unsupported("Talome does not use this provider's models for transcription.")
    form = aiohttp.FormData()
    form.add_field("file", file.data, filename=file.name, content_type=file.content_type)
    for name in ("language", "prompt", "temperature"):
        if fields.get(name):
            form.add_field(name, fields[name])
    form.add_field("model", model)
    timed = fields.get("response_format") in ("srt", "vtt", "verbose_json")
    form.add_field("response_format", "verbose_json" if timed else "json")
    packed = form()
    told = {**headers(endpoint), "Content-Type": packed.headers["Content-Type"]}
    response = await wire.request(endpoint, "POST", "/audio/transcriptions", await packed.as_bytes(), told)
    answer = await read_json(response, _LARGEST_TEXT_BYTES)
    if answer.get("error"):
        raise error_of_event(answer["error"], started=False)
    if not isinstance(answer.get("text"), str):
        raise UpstreamError("malformed", "The model's endpoint answered without a text.")
    segments = answer.get("segments")
    return Transcript(
        text=answer["text"],
        language=str(answer.get("language") or ""),
        duration_s=_seconds(answer.get("duration")),
        segments=tuple(filter(None, map(_segment, segments if isinstance(segments, list) else ()))),
    )


def _segment(segment: Any) -> tuple[float, float, str] | None:
    if not isinstance(segment, dict) or not isinstance(segment.get("text"), str):
        return None
    return _seconds(segment.get("start")), _seconds(segment.get("end")), segment["text"]


def _seconds(value: Any) -> float:
    try:
        return max(0.0, min(float(value), 1e6))
    except (TypeError, ValueError):
        return 0.0


async def video_start(wire: Wire, endpoint: Endpoint, model: str, body: Json) -> VideoJob:
    """`body` is the seed's: prompt, duration, size, aspect_ratio, fps."""
    _needs_openai_shape(endpoint, "films")
    if endpoint.provider == "openai":
        request: Json = {"model": model, "prompt": body.get("prompt")}
        if body.get("duration"):
            request["seconds"] = str(body["duration"])
        if body.get("size"):
            request["size"] = body["size"]
        response = await wire.post(endpoint, "/videos", request, headers(endpoint))
    else:
        response = await wire.post(endpoint, "/videos/generations", {**body, "model": model}, headers(endpoint))
    return _job(await read_json(response, _LARGEST_TEXT_BYTES))


async def video_status(wire: Wire, endpoint: Endpoint, id: str) -> VideoJob:
    base = "/videos" if endpoint.provider == "openai" else "/videos/generations"
    response = await wire.request(endpoint, "GET", f"{base}/{quote(id, safe='')}", None, headers(endpoint))
    return _job(await read_json(response, _LARGEST_TEXT_BYTES), id)


async def video_content(wire: Wire, endpoint: Endpoint, id: str) -> Media:
    """The finished film of an endpoint that gives no address for it."""
    path = f"/videos/{quote(id, safe='')}/content"
    response = await wire.request(endpoint, "GET", path, None, headers(endpoint))
    return await _media(response, "video/mp4", ("video/", "application/octet-stream"))


def _job(answer: Json, known: str = "") -> VideoJob:
    if answer.get("error") and not answer.get("status"):
        raise error_of_event(answer["error"], started=False)
    id = answer.get("id") or known
    if not isinstance(id, str) or not id or len(id) > 200:
        raise UpstreamError("malformed", "The model's endpoint answered without a job.")
    url = answer.get("url")
    is_address = isinstance(url, str) and url.startswith(("https://", "http://"))
    return VideoJob(id, _STATES.get(str(answer.get("status")), "processing"), str(url) if is_address else "")
