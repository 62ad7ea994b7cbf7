"""Porter's stemmer for English words, as FTS5's tokenizer of that name has it: what ranks agrees with what finds.

Source: M. F. Porter, “An algorithm for suffix stripping”, 1980; tartarus.org/martin/PorterStemmer.
"""

import re
from typing import Final

_C: Final = "[^aeiou](?:[^aeiouy])*"
_V: Final = "[aeiouy](?:[aeiou])*"
_M0: Final = re.compile(f"^(?:{_C})?{_V}{_C}")
_M1: Final = re.compile(f"^(?:{_C})?{_V}{_C}(?:{_V})?$")
_M2: Final = re.compile(f"^(?:{_C})?{_V}{_C}{_V}{_C}")
_VOWEL: Final = re.compile(f"^(?:{_C})?[aeiouy]")
_SHORT: Final = re.compile(f"^{_C}[aeiouy][^aeiouwxy]$")
_STEP_2: Final = {
    "ational": "ate", "tional": "tion", "enci": "ence", "anci": "ance", "izer": "ize", "bli": "ble", "alli": "al",
    "entli": "ent", "eli": "e", "ousli": "ous", "ization": "ize", "ation": "ate", "ator": "ate", "alism": "al",
    "iveness": "ive", "fulness": "ful", "ousness": "ous", "aliti": "al", "iviti": "ive", "biliti": "ble", "logi": "log",
}  # fmt: skip
_STEP_3: Final = {"icate": "ic", "ative": "", "alize": "al", "iciti": "ic", "ical": "ic", "ful": "", "ness": ""}
_STEP_4: Final = (
    "al", "ance", "ence", "er", "ic", "able", "ible", "ant", "ement", "ment", "ent", "ou", "ism", "ate", "iti", "ous",
    "ive", "ize",
)  # fmt: skip
_ENDING_2: Final = re.compile(f"^(.+?)({'|'.join(sorted(_STEP_2, key=len, reverse=True))})$")
_ENDING_3: Final = re.compile(f"^(.+?)({'|'.join(sorted(_STEP_3, key=len, reverse=True))})$")
_ENDING_4: Final = re.compile(f"^(.+?)({'|'.join(sorted(_STEP_4, key=len, reverse=True))})$")


def stem(word: str) -> str:
    """Of a word in lower case; what is not of plain letters stays as it is."""
    if len(word) < 3 or not (word.isascii() and word.isalpha()):
        return word
    for step in (_plurals, _past, _final_y, _doubles, _triples, _last_suffix, _final_e):
        word = step(word)
    return word


def _plurals(word: str) -> str:
    if word.endswith(("sses", "ies")):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith("ss") else word


def _past(word: str) -> str:
    if word.endswith("eed"):
        return word[:-1] if _M0.match(word[:-3]) else word
    for ending in ("ed", "ing"):
        base = word[: -len(ending)]
        if word.endswith(ending) and _VOWEL.match(base):
            if base.endswith(("at", "bl", "iz")):
                return base + "e"
            if len(base) > 1 and base[-1] == base[-2] and base[-1] not in "aeioulsz":
                return base[:-1]
            return base + "e" if _SHORT.match(base) else base
    return word


def _final_y(word: str) -> str:
    return word[:-1] + "i" if word.endswith("y") and _VOWEL.match(word[:-1]) else word


def _doubles(word: str) -> str:
    found = _ENDING_2.match(word)
    return found[1] + _STEP_2[found[2]] if found and _M0.match(found[1]) else word


def _triples(word: str) -> str:
    found = _ENDING_3.match(word)
    return found[1] + _STEP_3[found[2]] if found and _M0.match(found[1]) else word


def _last_suffix(word: str) -> str:
    found = _ENDING_4.match(word)
    if found:
        return found[1] if _M2.match(found[1]) else word
    if word.endswith("ion") and word[-4:-3] in ("s", "t") and _M2.match(word[:-3]):
        return word[:-3]
    return word


def _final_e(word: str) -> str:
    if word.endswith("e"):
        base = word[:-1]
        if _M2.match(base) or (_M1.match(base) and not _SHORT.match(base)):
            word = base
    return word[:-1] if word.endswith("ll") and _M2.match(word) else word
