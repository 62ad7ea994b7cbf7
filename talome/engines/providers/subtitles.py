"""A transcript with times, as the two formats of subtitles."""

from talome.core.errors import Invalid
from talome.engines.providers.models import Transcript


def as_srt(transcript: Transcript) -> str:
    cues = _cues(transcript, ",")
    return "".join(f"{number}\n{start} --> {end}\n{text}\n\n" for number, (start, end, text) in enumerate(cues, 1))


def as_vtt(transcript: Transcript) -> str:
    return "WEBVTT\n\n" + "".join(f"{start} --> {end}\n{text}\n\n" for start, end, text in _cues(transcript, "."))


def _cues(transcript: Transcript, point: str) -> list[tuple[str, str, str]]:
    if transcript.text.strip() and not transcript.segments:
        raise Invalid(
            "This model tells no times; ask for `json` or `text`, or use a Whisper model.", field="response_format"
        )
    return [
        (_clock(start, point), _clock(end, point), " ".join(text.replace("-->", "->").split()))
        for start, end, text in transcript.segments
    ]


def _clock(seconds: float, point: str) -> str:
    milliseconds = round(seconds * 1000)
    minutes, rest = divmod(milliseconds, 60_000)
    return f"{minutes // 60:02}:{minutes % 60:02}:{rest // 1000:02}{point}{rest % 1000:03}"
