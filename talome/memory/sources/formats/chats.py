"""Transcripts: subtitles (VTT, SRT), exports of WhatsApp, and the JSON of chats with models and of Slack."""

import re
from collections.abc import Iterator
from typing import Any, Final

from talome.memory.sources.formats.parts import Block, Given, Parts, Start, clean, decode, one_line, read_bytes
from talome.memory.sources.formats.tables import in_words, parse_json
from talome.memory.sources.formats.text import paragraphs

_TIME: Final = re.compile(r"(\d{1,3}:)?(\d{1,3}):(\d{2})[.,](\d{1,3})\s*-->")
_MARKUP: Final = re.compile(r"<[^<>]{0,200}>")
_SPOKEN: Final = re.compile(
    r"\[?(\d{1,4}[./-]\d{1,2}[./-]\d{1,4},? \d{1,2}[:.]\d{2}(?:[:.]\d{2})?(?:\s?[AaPp]\.?[Mm]\.?)?)\]?(?: -)? "
    r"([^:\n]{1,60}): (.*)"
)
_LEAST_SPOKEN: Final = 3
_MOST_CHATS: Final = 20_000


def read_subtitles(given: Given) -> Parts:
    """What is said, each piece with its moment; a line that is said twice in a row (as subtitles roll) counts once."""
    yield Start()
    before = ""
    for number, paragraph in paragraphs(decode(read_bytes(given))):
        lines = paragraph.split("\n")
        place = next((index for index, line in enumerate(lines) if _TIME.match(line.strip())), None)
        if place is None:
            continue
        said = one_line(_MARKUP.sub("", " ".join(lines[place + 1 :])), 2000)
        if said and said != before:
            moment = lines[place].strip().partition(" ")[0].partition(".")[0].partition(",")[0]
            yield Block(f"[{moment}] {said}", line=number)
        before = said


def read_plain(given: Given) -> Parts:
    """Text, which may be the export of a chat."""
    text = decode(read_bytes(given))
    head = text[:20_000].split("\n")
    spoken = sum(_SPOKEN.match(line.lstrip("\u200e")) is not None for line in head)
    yield Start()
    if spoken >= _LEAST_SPOKEN and spoken * 3 >= len(head):
        yield from _turns(clean(text).replace("\u200e", "").replace("\u202f", " "))
    else:
        yield from (Block(paragraph, line=number) for number, paragraph in paragraphs(text))


def _turns(text: str) -> Iterator[Block]:
    kept, first = "", 1
    for number, line in enumerate(text.split("\n"), 1):
        match = _SPOKEN.match(line)
        if match is None:
            kept += f"\n{line}"
            continue
        if kept.strip():
            yield Block(kept.strip(), line=first)
        kept, first = f"{match[2]} ({match[1]}): {match[3]}", number
    if kept.strip():
        yield Block(kept.strip(), line=first)


def read_json_or_chat(given: Given) -> Parts:
    value = parse_json(given)
    chats = list(_chats(value))
    if not chats:
        yield Start()
        yield from in_words(value)
    for number, (title, turns) in enumerate(chats, 1):
        yield Start(title, str(number) if len(chats) > 1 else "")
        for line, (speaker, said) in enumerate(turns, 1):
            yield Block(f"{speaker}: {said}" if speaker else said, line=line)


Turns = list[tuple[str, str]]


def _chats(value: Any) -> Iterator[tuple[str, Turns]]:
    """Each chat in it with its title and its turns; nothing where it holds none."""
    if turns := _turns_of(value):
        yield "", turns
        return
    for chat in (value if isinstance(value, list) else [value])[:_MOST_CHATS]:
        if isinstance(chat, dict):
            title = next((chat[name] for name in ("title", "name", "subject") if isinstance(chat.get(name), str)), "")
            messages = next((chat[name] for name in ("messages", "chat_messages", "turns") if name in chat), None)
            turns = _turns_of(messages) if messages is not None else _turns_of_mapping(chat.get("mapping"))
            if turns:
                yield one_line(title), turns


def _turns_of(messages: Any) -> Turns:
    if not isinstance(messages, list) or not messages:
        return []
    found = [turn for message in messages if (turn := _turn(message)) is not None]
    return found if len(found) * 2 > len(messages) else []


def _turns_of_mapping(mapping: Any) -> Turns:
    """A tree of messages, as ChatGPT exports it; in the order of their moments."""
    if not isinstance(mapping, dict):
        return []
    messages = [node.get("message") for node in mapping.values() if isinstance(node, dict)]
    known = [message for message in messages if isinstance(message, dict)]
    known.sort(key=lambda message: moment if isinstance(moment := message.get("create_time"), int | float) else 0)
    return [turn for message in known if (turn := _turn(message)) is not None]


def _turn(message: Any) -> tuple[str, str] | None:
    if not isinstance(message, dict):
        return None
    author = message.get("author")
    named = author.get("role") or author.get("name") if isinstance(author, dict) else author
    speakers = (message.get(name) for name in ("role", "sender", "speaker", "user", "from", "username"))
    speaker = next((one for one in (named, *speakers) if isinstance(one, str)), None)
    said = _said(next((message[name] for name in ("content", "text", "message", "body") if name in message), None))
    if speaker is None or said is None:
        return None
    return one_line(speaker, 100), said


def _said(content: Any) -> str | None:
    """Text, or the text of its parts; None where there is none."""
    if isinstance(content, dict):
        content = content.get("parts") or content.get("text")
    if isinstance(content, list):
        texts = [part.get("text") if isinstance(part, dict) else part for part in content]
        content = "\n".join(text for text in texts if isinstance(text, str))
    return clean(content).strip() or None if isinstance(content, str) else None
