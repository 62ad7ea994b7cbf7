"""Media: each request goes the one way of all calls, and what comes back gets the shape that OpenAI's clients know."""

import base64
import binascii
import time
from dataclasses import dataclass, replace
from typing import Final

import orjson

from talome.core.errors import Forbidden, Internal, NotFound, Unavailable
from talome.core.operations import Caller
from talome.core.secrets import Secrets
from talome.engines.embeddings.local import default_model
from talome.engines.embeddings.models import LocalModel
from talome.engines.providers.models import AudioFile, Endpoint, Media, Tokens, Transcript, UpstreamError, VideoJob
from talome.engines.providers.providers import Providers
from talome.engines.providers.subtitles import as_srt, as_vtt
from talome.engines.providers.usage import tokens_of
from talome.gateway.inference.models import Answered, Ask, Done, Json, Labels, RequestType, Units
from talome.gateway.inference.service import Inference, as_talome, model_of
from talome.gateway.media import own_vectors, requests
from talome.gateway.media.exchanges import Single
from talome.gateway.providers.service import ProviderDirectory
from talome.gateway.routing.models import Kind

_NOBODY: Final = ("no_provider", "local_only")
"""Codes of errors that say that there is no model to ask, or none in this house."""
_FILM: Final = "video_"
_PURPOSE: Final = "gateway.video"
_MOST_TOKENS_OF_AN_IMAGE: Final = 6_500
"""Of models that are paid by the token, for the largest picture in the best quality."""
_BYTES_A_SECOND: Final = 4000
"""Of sound that is packed hard, so that what is reserved for a file is enough."""


@dataclass(frozen=True, slots=True)
class Made:
    """An answer and what goes into its headers."""

    body: Json
    answered: Answered
    trace_id: str


@dataclass(frozen=True, slots=True)
class Written:
    """A transcript in the format that was asked for."""

    text: str
    content_type: str
    answered: Answered
    trace_id: str


class GatewayMedia:
    def __init__(self, inference: Inference, directory: ProviderDirectory, secrets: Secrets) -> None:
        self._inference = inference
        self._providers: Providers = inference.providers
        self._directory = directory
        self._secrets = secrets
        self._own_vectors = own_vectors.OwnVectors()

    async def embeddings(self, caller: Caller, body: Json, labels: Labels) -> Made:
        size = requests.check_embeddings(body)
        ask = self._ask(caller, "embeddings", "embedding", body, labels)
        ask.wish = replace(ask.wish, tokens_in=tokens_of(size))
        ask.most_tokens_in = size // 2 + 1
        own = own_vectors.asked_for(body.get("model"))
        if own is not None:
            return await self._embedded_here(own, body, ask)

        async def embed(endpoint: Endpoint, model: str) -> Done:
            answer = await self._providers.embed(endpoint, model, body)
            return Done(answer.vectors, answer.tokens)

        try:
            answered = await self._inference.pipeline.answer(ask, Single(embed))
        except (Unavailable, Forbidden) as error:
            own = default_model() if error.error_code in _NOBODY else None
            if own is None:
                raise
            return await self._embedded_here(own, body, ask)
        return _embeddings(answered, ask.shown, ask.trace_id)

    async def _embedded_here(self, model: LocalModel, body: Json, ask: Ask) -> Made:
        vectors, tokens = await self._own_vectors.embed(model, body)
        answered = Answered(vectors, None, Tokens(input=tokens), 0, provider="talome")
        self._inference.note_here(ask, answered, model.name)
        return _embeddings(answered, model.name, ask.trace_id)

    async def images(self, caller: Caller, body: Json, labels: Labels) -> Made:
        """Always asked for as bytes: an address would tell who made it, and is gone after an hour."""
        count = requests.check_images(body)
        ask = self._ask(caller, "image", "image", body, labels)
        ask.units = Units(images=count)
        ask.most_tokens_in = len(body["prompt"].encode("utf-8", "replace"))
        ask.tokens_out, ask.choices = _MOST_TOKENS_OF_AN_IMAGE, count
        asked = {**body, "response_format": "b64_json"}

        async def images(endpoint: Endpoint, model: str) -> Done:
            answer = await self._providers.images(endpoint, model, asked)
            return Done(answer.data, answer.tokens, Units(images=len(answer.data)))

        answered = await self._inference.pipeline.answer(ask, Single(images))
        as_url = body.get("response_format") != "b64_json"
        data = [_picture(row, as_url=as_url) for row in answered.body]
        return Made({"created": int(time.time()), "data": data}, answered, ask.trace_id)

    async def speech(self, caller: Caller, body: Json, labels: Labels) -> tuple[Media, Answered, str]:
        """Whoever gets the sound closes it."""
        text = requests.check_speech(body)
        ask = self._ask(caller, "speech", "speech", body, labels)
        ask.units = Units(characters=len(text))
        ask.most_tokens_in = len(text)

        async def speak(endpoint: Endpoint, model: str) -> Done:
            return Done(await self._providers.speech(endpoint, model, body), None, ask.units)

        answered = await self._inference.pipeline.answer(ask, Single(speak))
        media: Media = answered.body
        return media, answered, ask.trace_id

    async def transcribe(self, caller: Caller, fields: dict[str, str], file: AudioFile, labels: Labels) -> Written:
        requests.check_transcription(dict(fields), len(file.data))
        ask = self._ask(caller, "transcription", "transcription", dict(fields), labels)
        ask.units = Units(seconds=len(file.data) / _BYTES_A_SECOND)

        async def transcribe(endpoint: Endpoint, model: str) -> Done:
            transcript = await self._providers.transcribe(endpoint, model, fields, file)
            return Done(transcript, None, Units(seconds=transcript.duration_s or ask.units.seconds))

        answered = await self._inference.pipeline.answer(ask, Single(transcribe))
        text, kind = _written(answered.body, fields.get("response_format", "json"))
        return Written(text, kind, answered, ask.trace_id)

    async def begin_film(self, caller: Caller, body: Json, labels: Labels) -> Made:
        seconds = requests.check_film(body)
        ask = self._ask(caller, "video", "video", body, labels)
        ask.units = Units(seconds=seconds)

        async def begin(endpoint: Endpoint, model: str) -> Done:
            job = await self._providers.video_start(endpoint, model, body)
            return Done((endpoint.id, job), None, ask.units)

        answered = await self._inference.pipeline.answer(ask, Single(begin))
        endpoint_id, job = answered.body
        inside = orjson.dumps([endpoint_id, job.id]).decode()
        sealed = self._secrets.seal(inside, purpose=_PURPOSE, row=caller.user_id)
        return Made(self._film(f"{_FILM}{sealed}", job), answered, ask.trace_id)

    async def film(self, caller: Caller, id: str) -> Json:
        """How far it is. Only who began it can read its id."""
        endpoint, theirs = self._opened(caller, id)
        try:
            return self._film(id, await self._providers.video_status(endpoint, theirs))
        except UpstreamError as error:
            raise as_talome(error) from None

    async def film_content(self, caller: Caller, id: str) -> Media:
        endpoint, theirs = self._opened(caller, id)
        try:
            return await self._providers.video_content(endpoint, theirs)
        except UpstreamError as error:
            raise as_talome(error) from None

    def _ask(self, caller: Caller, request_type: RequestType, kind: Kind, body: Json, labels: Labels) -> Ask:
        return self._inference.ask(caller, request_type, kind, model_of(body), labels)

    def _film(self, id: str, job: VideoJob) -> Json:
        shown: Json = {"id": id, "status": job.status}
        if job.status == "completed":
            shown["url"] = f"/v1/videos/generations/{id}/content"
        return shown

    def _opened(self, caller: Caller, id: str) -> tuple[Endpoint, str]:
        try:
            inside = self._secrets.open(id.removeprefix(_FILM), purpose=_PURPOSE, row=caller.user_id)
        except Internal:
            raise NotFound("There is no such film.") from None
        endpoint_id, theirs = orjson.loads(inside)
        for offer in self._directory.offers(caller.workspace):
            if offer.endpoint.id == endpoint_id:
                return offer.endpoint, theirs
        raise NotFound("What made this film is no longer set up.")


def _embeddings(answered: Answered, model: str, trace_id: str) -> Made:
    data = [
        {"object": "embedding", "index": number, "embedding": vector} for number, vector in enumerate(answered.body)
    ]
    prompt = answered.tokens.prompt
    usage = {"prompt_tokens": prompt, "total_tokens": prompt}
    return Made({"object": "list", "data": data, "model": model, "usage": usage}, answered, trace_id)


def _picture(row: Json, *, as_url: bool) -> Json:
    """With an address that carries the picture itself, where that was asked for."""
    shown: Json = {"revised_prompt": row["revised_prompt"]} if isinstance(row.get("revised_prompt"), str) else {}
    packed = row.get("b64_json")
    if not isinstance(packed, str):
        return {"url": row.get("url"), **shown}
    if not as_url:
        return {"b64_json": packed, **shown}
    return {"url": f"data:{_image_type(packed)};base64,{packed}", **shown}


def _image_type(packed: str) -> str:
    try:
        head = base64.b64decode(packed[:16])
    except (binascii.Error, ValueError):
        head = b""
    if head.startswith(b"\xff\xd8"):
        return "image/jpeg"
    return "image/webp" if head[8:12] == b"WEBP" else "image/png"


def _written(transcript: Transcript, kind: str) -> tuple[str, str]:
    if kind == "text":
        return f"{transcript.text}\n", "text/plain"
    if kind == "srt":
        return as_srt(transcript), "application/x-subrip"
    if kind == "vtt":
        return as_vtt(transcript), "text/vtt"
    body: Json = {"text": transcript.text}
    if kind == "verbose_json":
        segments = [
            {"id": number, "start": start, "end": end, "text": text}
            for number, (start, end, text) in enumerate(transcript.segments)
        ]
        body |= {"task": "transcribe", "language": transcript.language, "duration": transcript.duration_s}
        body["segments"] = segments
    return orjson.dumps(body).decode(), "application/json"
