"""Names of people and things in a text. They are left out of what is embedded: half of a conversation names its two
speakers, and a vector that is close to a name is close to everything; names count by themselves instead."""

import re
from collections.abc import Iterable, Sequence

from talome.core.words import parts_of
from talome.memory.index.words import keys_of_name, words_of_name


class Name:
    """What an entity is called: as it is written, its words folded, and the keys of the terms that tell of it."""

    __slots__ = ("entity", "keys", "spelling", "words")

    def __init__(self, entity: str, name: str) -> None:
        self.entity = entity
        self.spelling = tuple(parts_of(name))
        self.words = words_of_name(name)
        self.keys = keys_of_name(name)


def named_in(words: Sequence[str], names: Iterable[Name]) -> list[Name]:
    """The names whose words stand in a row in the text."""
    there = set(words)
    return [name for name in names if name.words and name.words[0] in there and _in_a_row(name.words, words)]


def _in_a_row(name: tuple[str, ...], words: Sequence[str]) -> bool:
    size = len(name)
    starts = (place for place, word in enumerate(words) if word == name[0])
    return any(tuple(words[place : place + size]) == name for place in starts)


def without(text: str, names: Iterable[Name]) -> str:
    """The text without these names; the whole text where nothing else is in it."""
    spellings = {spelling for name in names for spelling in (name.words, name.spelling) if spelling}
    patterns = {r"\W+".join(map(re.escape, spelling)) for spelling in spellings}
    if not patterns:
        return text
    longest_first = "|".join(sorted(patterns, key=lambda pattern: (-len(pattern), pattern)))
    rest = re.sub(rf"\b(?:{longest_first})(?:['\u2019]s)?\b", " ", text, flags=re.IGNORECASE)
    return rest if re.search(r"\w", rest) else text
