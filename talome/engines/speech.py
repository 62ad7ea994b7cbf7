"""Speaks and listens on this machine, without any key: Piper or espeak-ng speak, ffmpeg packs, faster-whisper listens.

Voices for Piper are `voices/*.onnx` in the folder, each with its `.onnx.json`; models for faster-whisper are folders in
`whisper/`. Neither is ever downloaded from here. Everything runs as a process of its own, so no model stays in memory.
"""

import asyncio
import json
import os
import re
import shutil
import struct
import sys
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Final, Self

from talome.engines.child import Child, start
from talome.engines.providers.models import AUDIO_TYPES, AudioFile, Media, Transcript, UpstreamError
from talome.engines.providers.refusals import unsupported

LONGEST_TEXT: Final = 4096
_RATE: Final = 24_000
_PIECE: Final = 65_536
_SILENCE_S: Final = 60.0
_LISTENS_S: Final = 1800.0
_AT_ONCE: Final = 2
_ENVIRONMENT: Final = {"PATH": os.defpath, "LANG": "C.UTF-8", "HF_HUB_OFFLINE": "1"}
_WORKER: Final = Path(__file__).with_name("transcriber.py")
_LANGUAGE: Final = re.compile(r"[a-z]{2,3}(-[a-z0-9]{1,8}){0,3}(\+[a-z0-9]{1,10})?", re.ASCII)
_TONGUE: Final = re.compile(r"[a-z]{2,3}", re.ASCII)
_ESPEAK_VOICES: Final = {
    "alloy": "en+f2",
    "echo": "en+m3",
    "fable": "en-gb+m1",
    "onyx": "en+m7",
    "nova": "en+f4",
    "shimmer": "en+f5",
    "ash": "en-us+m2",
    "ballad": "en-gb+m5",
    "cedar": "en-us+m6",
    "coral": "en-us+f1",
    "marin": "en-us+f2",
    "sage": "en-us+f3",
    "verse": "en-us+m4",
}
_CODECS: Final = {
    "mp3": ("-c:a", "libmp3lame", "-b:a", "64k", "-f", "mp3"),
    "opus": ("-c:a", "libopus", "-b:a", "32k", "-f", "ogg"),
    "aac": ("-c:a", "aac", "-b:a", "64k", "-f", "adts"),
    "flac": ("-c:a", "flac", "-f", "flac"),
    "wav": ("-f", "s16le"),
    "pcm": ("-f", "s16le"),
}


@dataclass(frozen=True, slots=True)
class _Voice:
    """How to start what speaks (it reads the text from its input), and what ffmpeg is to make of its output."""

    command: tuple[str, ...]
    sound: tuple[str, ...]


class Speech:
    """Raises `UpstreamError`: `refused` for what is asked, `failed`, with what to install, for what is missing."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._turns = asyncio.Semaphore(_AT_ONCE)

    def can_speak(self) -> bool:
        return bool(shutil.which("ffmpeg") and (shutil.which("espeak-ng") or self._piper_voices()))

    def can_listen(self) -> bool:
        return bool(_has_whisper() and self._whisper_models())

    async def say(self, text: str, *, voice: str = "alloy", format: str = "mp3", speed: float = 1.0) -> Media:
        """Comes back when the first bytes are there. `voice` is one of OpenAI's names, one of Piper's voices here, or a
        language such as `de`."""
        if format not in _CODECS:
            raise unsupported(f"The format must be one of {', '.join(_CODECS)}.")
        if not text.strip() or len(text) > LONGEST_TEXT:
            raise unsupported(f"The text must have between 1 and {LONGEST_TEXT} characters.")
        if not 0.25 <= speed <= 4:
            raise unsupported("The speed must be between 0.25 and 4.")
        if shutil.which("ffmpeg") is None:
            raise UpstreamError("failed", "To speak, Talome needs ffmpeg: apt install ffmpeg.")
        chosen = await asyncio.to_thread(self._voice, voice)
        speaking = _Speaking(chosen, text.replace("\0", " "), format, speed, self._turns)
        try:
            return Media(AUDIO_TYPES[format], await speaking.start())
        except BaseException:
            await speaking.aclose()
            raise

    def _voice(self, name: str) -> _Voice:
        piper = self._piper_voices()
        if piper and (name in piper or name in _ESPEAK_VOICES):
            model = piper.get(name) or next(iter(piper.values()))
            rate = str(_rate_of(model))
            return _Voice(
                (shutil.which("piper") or "piper", "--model", str(model), "--output-raw"),
                ("-f", "s16le", "-ar", rate, "-ac", "1"),
            )
        program = shutil.which("espeak-ng")
        if program is None:
            raise UpstreamError("failed", "To speak without a provider, Talome needs espeak-ng: apt install espeak-ng.")
        voice = _ESPEAK_VOICES.get(name, name)
        if not _LANGUAGE.fullmatch(voice):
            known = ", ".join([*_ESPEAK_VOICES, *piper])
            raise unsupported(f"There is no such voice. Known are {known}, and languages such as de.")
        return _Voice((program, "-b", "1", "-v", voice, "--stdin", "--stdout"), ("-f", "wav"))

    def _piper_voices(self) -> dict[str, Path]:
        if shutil.which("piper") is None:
            return {}
        models = sorted((self._folder / "voices").glob("*.onnx"))
        return {model.stem: model for model in models if model.with_name(f"{model.name}.json").is_file()}

    def _whisper_models(self) -> list[Path]:
        return sorted(found.parent for found in (self._folder / "whisper").glob("*/model.bin"))

    async def listen(self, file: AudioFile, *, language: str = "") -> Transcript:
        """What is said in a recording, with times."""
        if language and not _TONGUE.fullmatch(language):
            raise unsupported("The language is a code of two letters, such as en.")
        models = await asyncio.to_thread(self._whisper_models)
        if not models or not _has_whisper():
            raise UpstreamError(
                "failed",
                "To transcribe without a provider, install talome[voice] and put a model of faster-whisper into"
                f" {self._folder / 'whisper'}; or add a provider.",
            )
        async with self._turns:
            with tempfile.TemporaryDirectory(prefix="talome-listen-") as folder:
                path = Path(folder) / "recording"
                await asyncio.to_thread(path.write_bytes, file.data)
                order = {"model": str(models[0]), "recording": str(path), "language": language}
                return _transcript(await _ask_worker(order, folder))


def _has_whisper() -> bool:
    return find_spec("faster_whisper") is not None


def _rate_of(model: Path) -> int:
    """Samples a second, from the voice's description."""
    try:
        rate = json.loads(model.with_name(f"{model.name}.json").read_bytes())["audio"]["sample_rate"]
        return max(8_000, min(int(rate), 96_000))
    except (OSError, ValueError, KeyError, TypeError):
        raise UpstreamError("failed", f"The voice {model.stem} has no readable description beside it.") from None


class _Speaking:
    """Two processes, one behind the other; the pieces are what the second one makes."""

    def __init__(self, voice: _Voice, text: str, format: str, speed: float, turns: asyncio.Semaphore) -> None:
        self._voice = voice
        self._text = text.encode()
        self._format = format
        self._speed = speed
        self._turns = turns
        self._processes: list[Child] = []
        self._feeding: asyncio.Task[None] | None = None
        self._has_turn = False
        self._first = b""

    async def start(self) -> Self:
        await self._turns.acquire()
        self._has_turn = True
        ours, theirs = os.pipe()
        try:
            speaker = await self._run(self._voice.command, stdin=asyncio.subprocess.PIPE, stdout=theirs)
            await self._run(self._packing(), stdin=ours, stdout=asyncio.subprocess.PIPE)
        finally:
            os.close(ours)
            os.close(theirs)
        self._feeding = asyncio.create_task(_feed(speaker, self._text))
        self._first = await self._read()
        if not self._first:
            raise UpstreamError("failed", "The voice could not speak this text. Try another voice.")
        if self._format == "wav":
            self._first = await self._with_head(self._first)
        return self

    def _packing(self) -> tuple[str, ...]:
        tempo = (*("atempo=0.5",) * (self._speed < 0.5), f"atempo={self._speed * (2 if self._speed < 0.5 else 1):g}")
        return (
            "ffmpeg", "-nostdin", "-hide_banner", "-loglevel", "error", "-protocol_whitelist", "pipe",
            *self._voice.sound, "-i", "pipe:0", "-map_metadata", "-1",
            *(("-af", ",".join(tempo)) if self._speed != 1 else ()),
            "-ar", str(_RATE), "-ac", "1", *_CODECS[self._format], "pipe:1",
        )  # fmt: skip

    async def _run(self, command: tuple[str, ...], *, stdin: int, stdout: int) -> Child:
        try:
            process = await start(*command, stdin=stdin, stdout=stdout, env=_ENVIRONMENT)
        except OSError:
            raise UpstreamError("failed", f"{Path(command[0]).name} could not be started.") from None
        self._processes.append(process)
        return process

    async def _read(self) -> bytes:
        output = self._processes[-1].stdout
        if output is None:
            return b""
        try:
            async with asyncio.timeout(_SILENCE_S):
                return await output.read(_PIECE)
        except TimeoutError:
            raise UpstreamError("failed", "The voice did not come to an end.") from None

    async def _with_head(self, first: bytes) -> bytes:
        """The head of a WAV file tells its length, so this one is made whole before it is sent."""
        pieces = [first]
        while piece := await self._read():
            pieces.append(piece)
        sound = b"".join(pieces)
        form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, _RATE, _RATE * 2, 2, 16)
        content = b"WAVE" + form + struct.pack("<4sI", b"data", len(sound)) + sound
        return b"RIFF" + struct.pack("<I", len(content)) + content

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        piece, self._first = self._first, b""
        if not piece and self._processes:
            try:
                piece = await self._read()
            except BaseException:
                await self.aclose()
                raise
        if not piece:
            await self.aclose()
            raise StopAsyncIteration
        return piece

    async def aclose(self) -> None:
        processes, self._processes = self._processes, []
        for process in processes:
            await process.end()
        if self._feeding is not None:
            self._feeding.cancel()
            await asyncio.wait([self._feeding])
        if self._has_turn:
            self._has_turn = False
            self._turns.release()


async def _feed(process: asyncio.subprocess.Process, text: bytes) -> None:
    if process.stdin is not None:
        with suppress(ConnectionError):
            process.stdin.write(text)
            await process.stdin.drain()
        process.stdin.close()


async def _ask_worker(order: dict[str, str], folder: str) -> bytes:
    pipe = asyncio.subprocess.PIPE
    process = await start(
        sys.executable, "-I", str(_WORKER), stdin=pipe, stdout=pipe, env={**_ENVIRONMENT, "HOME": folder}, cwd=folder
    )
    try:
        async with asyncio.timeout(_LISTENS_S):
            answer, _ = await process.communicate(json.dumps(order).encode())
    except TimeoutError:
        raise UpstreamError(
            "failed", "The recording takes too long to transcribe here. Cut it into shorter ones."
        ) from None
    finally:
        await process.end()
    return answer


def _transcript(answer: bytes) -> Transcript:
    """Of what the worker says; nothing, if the recording brought it down."""
    try:
        told = json.loads(answer)
    except ValueError:
        raise UpstreamError("failed", "The recording could not be transcribed on this machine.") from None
    if "error" in told:
        raise unsupported("This is no recording that can be read. Send mp3, wav, m4a, ogg, flac or webm.")
    segments = tuple((float(start), float(end), str(text)) for start, end, text in told["segments"])
    text = "".join(text for _, _, text in segments).strip()
    return Transcript(text, str(told["language"]), float(told["duration"]), segments)
