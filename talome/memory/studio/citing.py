"""What a model wrote, made safe and checked: citations of passages that it was given are numbered through the whole
document, others are taken out; HTML is escaped, pictures and invented addresses become plain text."""

import re
from collections.abc import Collection, Iterator, Sequence
from typing import Final

from talome.memory.sources.models import Citation

_CITED: Final = re.compile(r"\[((?:\^?\d{1,3})(?:\s*[,;]\s*\^?\d{1,3})*)\](?!\()")
_NUMBER: Final = re.compile(r"\[(\d{1,4})\]")
_LINK: Final = re.compile(r"!?\[([^\[\]\n]{0,300})\]\(([^()\s]{0,2000})[^()\n]{0,300}\)")
_REFERENCE: Final = re.compile(r"^ {0,3}\[[^\]\n]{1,200}\]:.*$", re.MULTILINE)
_AUTOLINK: Final = re.compile(r"<((?:https?|mailto):[^<>\s]{1,2000})>", re.IGNORECASE)
_TAG: Final = re.compile(r"<(?=[A-Za-z/!?])")
_WHOLE: Final = re.compile(r"^```[a-z]*\n(.*)\n```$", re.DOTALL)
_FENCE: Final = re.compile(r" {0,3}(`{3,})[^`]*$")
_OTHER_FENCE: Final = re.compile(r"^([ \t]*)~~~", re.MULTILINE)
_OWN_HEADING: Final = re.compile(r"^(#{1,6})[ \t]+", re.MULTILINE)


class Citations:
    """The citations of a document, in the order in which they first appear."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._known: dict[str, Citation] = {}
        self.dropped = 0

    def section(self, written: str, passages: Sequence[Citation]) -> str:
        """The text of a section. In it `[n]` was the n-th passage, and now is the n-th citation of the document."""
        made = []
        for is_code, text in _parts(_unwrapped(written)):
            made.append(text if is_code else self._cited(lowered(plain(text)), passages))
        return "\n".join(made).strip()

    def _cited(self, text: str, passages: Sequence[Citation]) -> str:
        return _CITED.sub(lambda match: self._renumbered(match[1], passages), text)

    def _renumbered(self, said: str, passages: Sequence[Citation]) -> str:
        found: list[int] = []
        for digits in re.findall(r"\d+", said):
            place = int(digits) - 1
            if not 0 <= place < len(passages):
                self.dropped += 1
                continue
            passage = passages[place]
            self._known[passage.chunk_id] = passage
            number = self._numbers.setdefault(passage.chunk_id, len(self._numbers) + 1)
            if number not in found:
                found.append(number)
        return "".join(f"[{number}]" for number in found)

    def used(self) -> list[tuple[int, Citation]]:
        return [(number, self._known[chunk]) for chunk, number in self._numbers.items()]

    def without(self, text: str, there: Collection[str]) -> tuple[str, list[tuple[int, Citation]]]:
        """The same without citations of chunks that are not there any more, numbered anew."""
        kept = [(number, citation) for number, citation in self.used() if citation.chunk_id in there]
        numbers = {number: place for place, (number, _) in enumerate(kept, 1)}
        self.dropped += len(self._numbers) - len(kept)

        def renumbered(match: re.Match[str]) -> str:
            return f"[{numbers[int(match[1])]}]" if int(match[1]) in numbers else ""

        parts = (part if is_code else _NUMBER.sub(renumbered, part) for is_code, part in _parts(text))
        return "\n".join(parts), [(numbers[number], citation) for number, citation in kept]


def plain(text: str) -> str:
    """Markdown without HTML, without pictures and without addresses, which models invent."""
    text = _OTHER_FENCE.sub(r"\1\~~~", _REFERENCE.sub("", text))
    text = _AUTOLINK.sub(lambda match: match[1], text)
    text = _LINK.sub(lambda match: match[1], text)
    text = text.replace("](", "]\\(").replace("]:", "]\\:")  # what else a viewer might take for a link
    return _TAG.sub("&lt;", text)


def lowered(text: str) -> str:
    """With headings that stand below the document's own two levels."""
    return _OWN_HEADING.sub(lambda match: f"{'#' * max(3, len(match[1]))} ", text)


def _parts(text: str) -> Iterator[tuple[bool, str]]:
    """Code blocks, which stay as they are, and what is between them. One that never ends is ended."""
    kept: list[str] = []
    fence = ""
    for line in text.split("\n"):
        match = _FENCE.match(line)
        if not fence and match is not None:
            yield False, "\n".join(kept)
            kept, fence = [line], match[1]
        elif fence and match is not None and match[1].startswith(fence) and not line.strip().strip("`"):
            yield True, "\n".join((*kept, line))
            kept, fence = [], ""
        else:
            kept.append(line)
    yield (True, "\n".join((*kept, fence))) if fence else (False, "\n".join(kept))


def _unwrapped(text: str) -> str:
    """Some models put the whole answer into a code block."""
    whole = _WHOLE.match(text.strip())
    return whole[1] if whole and "\n```" not in whole[1] else text
