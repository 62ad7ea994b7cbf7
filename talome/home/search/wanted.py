"""What somebody typed, made ready to be looked for."""

import unicodedata
from dataclasses import dataclass
from typing import Final, Self

from talome.core.words import closeness, parts_of, plain

LONGEST: Final = 100
_MOST_WORDS: Final = 8


@dataclass(frozen=True, slots=True)
class Wanted:
    """`text` and its `words` are plain; `written` are the words with their accents, for the text of documents."""

    text: str
    words: tuple[str, ...]
    written: tuple[str, ...]

    @classmethod
    def of(cls, typed: str) -> Self:
        typed = typed[:LONGEST]
        text = " ".join(plain(typed).split())
        written = parts_of(unicodedata.normalize("NFC", typed).lower())
        return cls(text, tuple(parts_of(text)[:_MOST_WORDS]), tuple(written[:_MOST_WORDS]))

    def closeness(self, name: str, more: str = "") -> float:
        """How well a thing of this name, of which `more` is said, answers it; 0 is not at all."""
        return closeness(self.text, self.words, name, more)
