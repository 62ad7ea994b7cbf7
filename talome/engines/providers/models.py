"""What the adapters take and give."""

from dataclasses import dataclass, field
from typing import Any, Final, Literal, Protocol, Self

Json = dict[str, Any]
Kind = Literal[
    "unreachable", "timeout", "rate_limited", "unauthorized", "refused", "failed", "malformed", "too_large", "cut"
]

PROVIDERS: Final = (
    "openai",
    "anthropic",
    "google",
    "groq",
    "mistral",
    "deepseek",
    "openrouter",
    "ollama",
    "vllm",
    "llamacpp",
    "lmstudio",
    "localai",
    "custom",
)

HOUSE: Final = "house"
"""The provider that is this machine itself; it has a voice and ears, and no address."""
AUDIO_TYPES: Final = {
    "mp3": "audio/mpeg",
    "opus": "audio/ogg",
    "aac": "audio/aac",
    "flac": "audio/flac",
    "wav": "audio/wav",
    "pcm": "audio/pcm",
}
"""The formats of speech and how they are called in a header. `pcm`: 24 kHz, 16 bits, one channel."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where to send a request, and with which key. `id` is the row it comes from. For a `local` one `addresses` are
    those that its name had when it was registered: connections go to these and nowhere else."""

    id: str
    provider: str
    base_url: str
    secret: str = field(default="", repr=False)
    local: bool = False
    addresses: tuple[str, ...] = ()
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)


@dataclass(slots=True)
class Tokens:
    """Counters that do not overlap, but for `reasoning`, which is part of `output`. `input` is what was not cached."""

    input: int = 0
    cache_read: int = 0
    cache_write: int = 0
    output: int = 0
    reasoning: int = 0
    estimated: bool = False

    @property
    def prompt(self) -> int:
        """All that went in, cached or not."""
        return self.input + self.cache_read + self.cache_write

    def openai(self) -> Json:
        """As the `usage` of a chat completion."""
        return {
            "prompt_tokens": self.prompt,
            "completion_tokens": self.output,
            "total_tokens": self.prompt + self.output,
            "prompt_tokens_details": {"cached_tokens": self.cache_read},
            "completion_tokens_details": {"reasoning_tokens": self.reasoning},
        }

    def anthropic(self) -> Json:
        """As the `usage` of a message."""
        return {
            "input_tokens": self.input,
            "cache_creation_input_tokens": self.cache_write,
            "cache_read_input_tokens": self.cache_read,
            "output_tokens": self.output,
        }


class UpstreamError(Exception):
    """A model's endpoint did not do what it was asked.

    `public` are our own words and may be shown to anybody; nothing of what the endpoint said is in them. `code` says
    for a refusal what was wrong with the request, and is `no_connection` where nothing was sent. `started`: a part of
    the answer had come before.
    """

    def __init__(
        self,
        kind: Kind,
        public: str,
        *,
        status: int | None = None,
        retry_after_s: float | None = None,
        code: str = "",
        started: bool = False,
    ) -> None:
        super().__init__(public)
        self.kind: Kind = kind
        self.public = public
        self.status = status
        self.retry_after_s = retry_after_s
        self.code = code
        self.started = started


@dataclass(frozen=True, slots=True)
class ChatAnswer:
    """`body` is a chat completion; its `usage` says the same as `tokens`."""

    body: Json
    tokens: Tokens


@dataclass(frozen=True, slots=True)
class MessageAnswer:
    """`body` is an Anthropic message as it came."""

    body: Json
    tokens: Tokens


@dataclass(frozen=True, slots=True)
class EmbeddingAnswer:
    """One vector for each input, in their order: numbers, or base64 of little-endian floats where that was asked for
    and the endpoint can."""

    vectors: list[list[float] | str]
    tokens: Tokens


@dataclass(frozen=True, slots=True)
class ImageAnswer:
    """`data` holds an object with `url` or `b64_json` for each image. `tokens` where the endpoint counts them."""

    data: list[Json]
    tokens: Tokens | None = None


class Pieces(Protocol):
    """Bytes as they come. Whoever does not read to the end calls `aclose`, also before the first."""

    def __aiter__(self) -> Self: ...

    async def __anext__(self) -> bytes: ...

    async def aclose(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Media:
    """Audio or a film."""

    content_type: str
    chunks: Pieces


@dataclass(frozen=True, slots=True)
class AudioFile:
    """What is to be transcribed."""

    name: str
    content_type: str
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Transcript:
    """`segments` are (start, end, text) in seconds, empty where the endpoint gives none."""

    text: str
    language: str = ""
    duration_s: float = 0.0
    segments: tuple[tuple[float, float, str], ...] = ()


@dataclass(frozen=True, slots=True)
class VideoJob:
    """`url` is where the endpoint keeps the finished film; `id` is the endpoint's own."""

    id: str
    status: Literal["processing", "completed", "failed"]
    url: str = ""


@dataclass(frozen=True, slots=True)
class Probe:
    """Whether an endpoint answers, and what kind it seems to be; `reason` are words for the administrator, and `code`
    is the kind of the `UpstreamError` where it does not."""

    ok: bool
    latency_ms: float
    kind: str = ""
    reason: str = ""
    models: tuple[str, ...] = ()
    code: str = ""
