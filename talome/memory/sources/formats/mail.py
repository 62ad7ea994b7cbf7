"""Mail: a message (.eml), and a box of them (.mbox). Each message is a document; of its files only the names are
kept."""

import re
from collections.abc import Iterator
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from itertools import islice
from typing import Final

from talome.memory.sources.formats.html import blocks_of
from talome.memory.sources.formats.parts import Block, Given, Parts, Start, Unreadable, one_line, read_bytes
from talome.memory.sources.formats.text import paragraphs

_LARGEST_MESSAGE_BYTES: Final = 64 * 1024 * 1024
_LARGEST_BOX_BYTES: Final = 512 * 1024 * 1024
_MOST_MESSAGES: Final = 20_000
_MOST_PARTS: Final = 200
_DEEPEST: Final = 20
_TOLD: Final = ("From", "To", "Cc", "Date")
_BOUNDARY: Final = re.compile(rb"boundary\s*=", re.IGNORECASE)
_MOST_BOUNDARIES: Final = 200


def read_eml(given: Given) -> Parts:
    yield from _message(read_bytes(given, _LARGEST_MESSAGE_BYTES), "")


def read_mbox(given: Given) -> Parts:
    seen = 0
    for seen, raw in enumerate(_messages(given), 1):
        if seen > _MOST_MESSAGES:
            raise Unreadable(f"There are more than {_MOST_MESSAGES} messages in it. Add it in parts.")
        yield from _message(raw, str(seen))
    if not seen:
        raise Unreadable("There is no message in it.")


def _messages(given: Given) -> Iterator[bytes]:
    """A line that begins with “From ” after an empty one begins a message."""
    kept: list[bytes] = []
    size = total = 0
    empty, started = True, False
    for line in given.file:
        total += len(line)
        if total > _LARGEST_BOX_BYTES:
            raise Unreadable(f"It is larger than {_LARGEST_BOX_BYTES // 1024**2} MB.")
        if empty and line.startswith(b"From "):
            if started:
                yield b"".join(kept)
            kept, size, started = [], 0, True
        elif started and size < _LARGEST_MESSAGE_BYTES:
            kept.append(line[1:] if line.startswith(b">From ") else line)
            size += len(line)
        empty = not line.strip()
    if started:
        yield b"".join(kept)


def _message(raw: bytes, part: str) -> Parts:
    if len(_BOUNDARY.findall(raw)) > _MOST_BOUNDARIES:
        raise Unreadable("The parts of this mail stand deeper in each other than any mail program writes them.")
    try:
        message = message_from_bytes(raw, policy=default)
        title = _header(message, "Subject") or "Mail without a subject"
        yield Start(title, part)
        heads = [f"{name}: {said}" for name in _TOLD if (said := _header(message, name))]
        if heads:
            yield Block("\n".join(heads))
        yield from _body(message, 0)
    except RecursionError:
        raise Unreadable("The parts of this mail stand deeper in each other than Talome reads.") from None


def _header(message: EmailMessage, name: str) -> str:
    try:
        return one_line(str(message.get(name) or ""), 500)
    except Exception:  # the parser of headers raises whatever it stumbles over; a mail without this header is a mail
        return ""


def _body(message: EmailMessage, depth: int) -> Iterator[Block]:
    """The plain text of it, else its HTML; messages inside are read too."""
    if depth > _DEEPEST:
        return
    if not message.is_multipart():
        yield from _leaf(message)
        return
    parts = [part for part in islice(message.iter_parts(), _MOST_PARTS) if isinstance(part, EmailMessage)]
    if message.get_content_type() == "multipart/alternative":
        plain = [part for part in parts if part.get_content_type() == "text/plain"]
        parts = plain[:1] or parts[-1:]
    for part in parts:
        yield from _body(part, depth + 1)


def _leaf(message: EmailMessage) -> Iterator[Block]:
    kind = message.get_content_type()
    name = message.get_filename()
    if name is not None or message.get_content_disposition() == "attachment":
        yield Block(f"Attachment: {one_line(name or kind, 200)}")
    elif kind in ("text/plain", "text/html"):
        text = _text(message)
        if kind == "text/html":
            yield from (block for block in blocks_of(text) if isinstance(block, Block))
        else:
            yield from (Block(paragraph) for _, paragraph in paragraphs(text))


def _text(message: EmailMessage) -> str:
    data = message.get_payload(decode=True)
    raw = data if isinstance(data, bytes) else b""
    try:
        return raw.decode(message.get_content_charset("utf-8"), errors="replace")
    except (LookupError, ValueError):  # a name that is none, or of a codec that gives no text
        return raw.decode(errors="replace")
