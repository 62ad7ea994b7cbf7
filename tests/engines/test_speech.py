"""Speech made on this machine: real espeak-ng, real ffmpeg."""

import asyncio
import io
import shutil
import sys
import wave
from pathlib import Path

import pytest

from talome.engines.providers.models import AUDIO_TYPES, AudioFile, UpstreamError
from talome.engines.speech import Speech

pytestmark = pytest.mark.skipif(
    not (shutil.which("espeak-ng") and shutil.which("ffmpeg")), reason="needs the programs espeak-ng and ffmpeg"
)
REFUSED = "must|no such voice|code of two letters"
BEGINNINGS = {
    "mp3": (b"ID3", b"\xff"),
    "opus": (b"OggS",),
    "aac": (b"\xff\xf1",),
    "flac": (b"fLaC",),
    "wav": (b"RIFF",),
}


@pytest.fixture
def speech(tmp_path: Path) -> Speech:
    return Speech(tmp_path)


async def spoken(speech: Speech, text: str = "Good morning.", format: str = "wav", **wishes: object) -> bytes:
    media = await speech.say(text, format=format, **wishes)  # type: ignore[arg-type]  # the wishes are say()'s own
    assert media.content_type == AUDIO_TYPES[format]
    return b"".join([chunk async for chunk in media.chunks])


def seconds(sound: bytes) -> float:
    with wave.open(io.BytesIO(sound)) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (24_000, 1, 2)
        return file.getnframes() / file.getframerate()


@pytest.mark.parametrize("format", AUDIO_TYPES)
async def test_every_format(speech: Speech, format: str) -> None:
    assert speech.can_speak()
    sound = await spoken(speech, format=format)
    assert len(sound) > 2_000
    assert sound.startswith(BEGINNINGS.get(format, (b"",)))


async def test_speed_and_voice_are_heard(speech: Speech) -> None:
    usual = await spoken(speech)
    slow = await spoken(speech, voice="de", speed=0.25)
    assert 0.5 < seconds(usual) < 3
    assert seconds(slow) > 2.5 * seconds(usual)


@pytest.mark.parametrize(
    "wishes",
    [
        {"text": " "},
        {"text": "a" * 5_000},
        {"format": "exe"},
        {"speed": 9.0},
        {"voice": "--help"},
        {"voice": "../../etc/passwd"},
        {"voice": "nobody at all"},
    ],
)
async def test_what_is_refused(speech: Speech, wishes: dict[str, object]) -> None:
    with pytest.raises(UpstreamError, match=REFUSED):
        await spoken(speech, **wishes)  # type: ignore[arg-type]  # wrong on purpose


async def test_a_language_that_espeak_does_not_know(speech: Speech) -> None:
    with pytest.raises(UpstreamError):
        await spoken(speech, voice="xx")


async def test_text_is_only_text(speech: Speech) -> None:
    assert seconds(await spoken(speech, "--help -f /etc/passwd <speak>a</speak>\0 $(id)")) > 1


async def test_a_listener_who_leaves_gives_the_turn_back(speech: Speech) -> None:
    heard, unheard = [await speech.say("word " * 800, format="pcm") for _ in range(2)]
    waiting = asyncio.create_task(spoken(speech))
    done, _ = await asyncio.wait([waiting], timeout=0.05)
    assert not done, "two speak at once, no more"
    await anext(heard.chunks)
    await heard.chunks.aclose()
    with pytest.raises(StopAsyncIteration):
        await anext(heard.chunks)
    await unheard.chunks.aclose()
    assert await waiting


async def test_piper_speaks_with_its_own_voices(
    speech: Speech, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A program that takes Piper's place shows what it is asked for: its arguments and the text."""
    programs, voices = tmp_path / "bin", tmp_path / "voices"
    programs.mkdir()
    voices.mkdir()
    (voices / "joe.onnx").write_bytes(b"")
    (voices / "joe.onnx.json").write_text('{"audio": {"sample_rate": 24000}}')
    (voices / "no-description.onnx").write_bytes(b"")
    piper = programs / "piper"
    expected = ["--model", str(voices / "joe.onnx"), "--output-raw"]
    piper.write_text(
        f"#!{sys.executable}\nimport sys\nassert sys.argv[1:] == {expected}\n"
        "sys.stdout.buffer.write(sys.stdin.buffer.read() * 4800)\n"
    )
    piper.chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:/usr/bin:/bin")
    assert seconds(await spoken(speech, "ab", voice="joe")) == pytest.approx(0.2, abs=0.01)
    (voices / "joe.onnx.json").write_text("{}")
    with pytest.raises(UpstreamError):
        await spoken(speech, voice="joe")


async def test_without_programs_it_says_what_to_install(
    speech: Speech, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert not speech.can_speak()
    with pytest.raises(UpstreamError, match="ffmpeg"):
        await spoken(speech)


async def test_without_a_model_it_says_what_to_add(speech: Speech) -> None:
    assert not speech.can_listen()
    with pytest.raises(UpstreamError, match=r"talome\[voice\]"):
        await speech.listen(AudioFile("a.wav", "audio/wav", b""))
    with pytest.raises(UpstreamError, match=REFUSED):
        await speech.listen(AudioFile("a.wav", "audio/wav", b""), language="../x")
