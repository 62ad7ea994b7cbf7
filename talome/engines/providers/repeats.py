"""The events of a stream resemble each other: most differ from the one before in a single text.

What such an event says is then known without reading it as JSON: where the bytes around the text are the same, and the
text has nothing in it that JSON writes in another way, the rest is the same too. That this place is a text and nothing
else is not assumed but tried out, once for each stream.
"""

import re
from typing import Any, Final

import orjson

from talome.engines.providers.models import Json

_is_plain: Final = re.compile(rb"[ !#-\[\]-~]*").fullmatch
"""What stands for itself in a JSON text; all else is read in the usual way."""
_PLACE: Final = b'"content":'
_MARK: Final = "\u2060talome\u2060"
_TRIES: Final = 4
_WORTH: Final = 16
"""Where a text fitted so many times since, it is worth while to look for the place again."""


class Repeats:
    """`characters` counts what was taken by it."""

    def __init__(self) -> None:
        self.characters = 0
        self._head = b""
        self._tail = b""
        self._event: Json = {}
        self._choice: Json = {}
        self._tries = _TRIES
        self._fitted = 0

    def take(self, events: list[bytes], at: int, made: list[Json]) -> int:
        """Puts the chunks of all events from this place on that are like the one learned into `made`; the place of the
        first that has to be read. One loop without calls of its own, as every word of every stream goes through it."""
        head, tail, event, choice = self._head, self._tail, self._event, self._choice
        if not head:
            return at
        begin, end, least, before = len(head), -len(tail), len(head) + len(tail), at
        for data in events[at:] if at else events:
            if not data.startswith(head) or not data.endswith(tail) or len(data) < least:
                break
            text = data[begin:end]
            if _is_plain(text) is None:
                break
            made.append({**event, "choices": [{**choice, "delta": {"content": text.decode("ascii")}}]})
            self.characters += len(text)
            at += 1
        self._fitted += at - before
        return at

    def learn(self, data: bytes, chunk: Json) -> None:
        """Of an event that was read, and of the chunk it became."""
        if self._fitted >= _WORTH:
            self._tries, self._fitted = _TRIES, 0
        text = _only_text(chunk) if self._tries else None
        if text is None or not text.isascii() or _is_plain(text.encode()) is None:
            return
        self._tries -= 1
        event = orjson.loads(data)
        begin = data.find(b'"', data.rfind(_PLACE) + len(_PLACE)) + 1
        head, tail = data[:begin], data[begin + len(text) :]
        event["choices"][0]["delta"]["content"] = _MARK
        if event.get("usage") or "x_groq" in event or not tail or _read(head + _MARK.encode() + tail) != event:
            return
        self._head, self._tail = head, tail
        self._event = {name: value for name, value in chunk.items() if name != "choices"}
        self._choice = {name: value for name, value in chunk["choices"][0].items() if name != "delta"}


def _only_text(chunk: Json) -> str | None:
    """Of one that says nothing else: one choice, which goes on."""
    choices = chunk["choices"]
    if len(choices) != 1 or choices[0].get("finish_reason"):
        return None
    delta = choices[0]["delta"]
    text = delta.get("content") if len(delta) == 1 else None
    return text if isinstance(text, str) else None


def _read(data: bytes) -> Any:
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError:
        return None
