"""What the scripted server is told to answer."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Call:
    """A tool call; its arguments are streamed in two pieces."""

    name: str
    arguments: str = '{"city": "Bern"}'
    id: str = "call_1"
    index: int | None = 0


@dataclass(frozen=True)
class Script:
    """One answer. The pieces are what a stream sends one by one; an answer in one piece has them together.

    `tokens` are input, cached input, output and reasoning; None: the endpoint tells nothing. `cut_after` and
    `stall_after` count pieces, 0 being before the first byte of the body. `silent`: not even a head comes.
    After `comments_after` pieces come comments for ever.
    """

    pieces: tuple[str, ...] = ("Good ", "morning", ".")
    thoughts: tuple[str, ...] = ()
    calls: tuple[Call, ...] = ()
    tokens: tuple[int, int, int, int] | None = (20, 8, 5, 2)
    pace_s: float = 0.0
    wait_s: float = 0.0
    silent: bool = False
    drop: bool = False
    cut_after: int | None = None
    stall_after: int | None = None
    error_after: int | None = None
    comments_after: int | None = None
    status: int = 200
    retry_after: str = ""
    raw: bytes | None = None
    content_type: str = ""
    packed: bool = False
    packed_size: int = 0
    headers: tuple[tuple[str, str], ...] = ()
    vector: tuple[float, ...] = (0.5, -0.25, 1.0)
    ends_well: bool = True

    @property
    def text(self) -> str:
        return "".join(self.pieces)
