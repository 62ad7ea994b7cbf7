"""How hard a request is, by rules over what can be seen of it in microseconds. No model is asked.

Points are added for size, code, tools, pictures, schemas, turns, the length that is asked for, words of hard tasks and
scripts that small models read badly, and taken away for greetings and chores. The sum gives the tier.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

Tier = Literal["simple", "standard", "complex", "reasoning"]
LEAST_RANK: Final[dict[str, int]] = {"simple": 0, "standard": 22, "complex": 45, "reasoning": 70}
"""What a model's rank should be for a tier; weaker ones come after those that have it."""
_ORDER: Final = ("simple", "standard", "complex", "reasoning")
_LOOKED_AT: Final = 1000
_SPACES: Final = str.maketrans(dict.fromkeys("\"'`.,:;!?()[]{}<>*_#/\\|=+~\n\t\r«»“”„¿¡", " "))
_CODE: Final = (
    "```", "#include", "Traceback (most", " => ", ");\n", "</div>", "npm install",
    "stack trace", "ORDER BY ", "self.", "regex",
)  # fmt: skip
_LINES: Final = (
    "\ndef ", "\nclass ", "\nimport ", "\nfrom ", "\nfunction ", "\nconst ", "\nlet ", "\npublic ", "\nfn ", "\nfunc ",
    "\npackage ", "\nusing ",
)  # fmt: skip
_STEMS: Final = frozenset(
    {
        "proof", "theore", "derive", "tradeo", "archit", "refact", "debug", "debugg", "optimi", "evalua",
        "critiq", "algori", "concur", "migrat", "strate", "implem", "diagno", "reason", "analyz",
        "analys", "beweis", "entwir", "entwic", "begrün", "vergle", "démont", "concev", "conçoi",
        "étudie", "analiz", "demues", "diseña", "razona", "dimost", "proget", "argome",
    }
)  # fmt: skip
"""The first six letters of words of hard tasks, in the languages of most households here; shorter words whole."""
_HARD_WORDS: Final = frozenset({"prove", "why"})
_HARD_PHRASES: Final = (
    "step by step", "step-by-step", "in depth", "root cause", "race condition", "trade-off", "design a",
    "schritt für schritt", "étape par étape", "paso a paso", "passo dopo passo",
)  # fmt: skip
_GREETINGS: Final = frozenset(
    {
        "hi", "hello", "hey", "thanks", "thank", "hallo", "danke", "guten", "moin", "bonjour", "salut",
        "merci", "hola", "gracias", "ciao", "grazie",
    }
)  # fmt: skip
_CHORES: Final = frozenset(
    {
        "transl", "summar", "rephra", "proofr", "classi", "extrac", "spellc", "überse", "zusamm", "formul",
        "korrig", "tradui", "résume", "reform", "corrig", "traduc", "resume", "resumi", "correg", "tradur",
        "riassu",
    }
)  # fmt: skip
_MATHS: Final = frozenset("∫∑∂√≤≥≠∀∃∈∞")
_FORMULAS: Final = ("\\frac", "\\int", "\\sum", "\\lim")
_LISTS: Final = ("\n- ", "\n* ", "\n1.", "\n2.", "\n3.", "\n1)", "\n2)", "\n3)")
_SIZES: Final = ((400, 0), (1500, 1), (6000, 2), (30_000, 3))
_EFFORT: Final = {"none": -1, "minimal": -1, "low": 0, "medium": 2, "high": 5, "xhigh": 7}


@dataclass(frozen=True, slots=True)
class Features:
    """What the rules look at. `text` is the last that a person said, cut; `characters` are those of all messages."""

    text: str = ""
    characters: int = 0
    turns: int = 1
    tools: int = 0
    vision: bool = False
    schema: bool = False
    answer_tokens: int = 0
    effort: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """`signals` name what counted, for the record; nothing of the request itself is in them."""

    tier: Tier
    score: int
    signals: tuple[str, ...]


def features_of(body: Mapping[str, Any]) -> Features:
    """From the body of a chat completion. Whatever is in it: odd shapes count for nothing."""
    messages = body.get("messages")
    messages = messages if isinstance(messages, list) else []
    last: Mapping[str, Any] = {}
    characters, vision, turns = 0, False, 0
    for message in messages:
        if not isinstance(message, dict):
            continue
        size, pictures = _measure(message.get("content"))
        characters += size
        vision = vision or pictures
        if message.get("role") == "user":
            turns += 1
            last = message
    tools, form = body.get("tools"), body.get("response_format")
    asked = body.get("max_completion_tokens") or body.get("max_tokens")
    effort = body.get("reasoning_effort")
    return Features(
        text=_text(last.get("content")),
        characters=characters,
        turns=turns or 1,
        tools=len(tools) if isinstance(tools, list) else 0,
        vision=vision,
        schema=isinstance(form, dict) and form.get("type") == "json_schema",
        answer_tokens=asked if isinstance(asked, int) else 0,
        effort=effort if isinstance(effort, str) else "",
    )


def _measure(content: Any) -> tuple[int, bool]:
    if isinstance(content, str):
        return len(content), False
    if not isinstance(content, list):
        return 0, False
    size, pictures = 0, False
    for part in content:
        if isinstance(part, dict):
            text = part.get("text")
            size += len(text) if isinstance(text, str) else 0
            pictures = pictures or part.get("type") in ("image_url", "image", "input_image")
    return size, pictures


def _text(content: Any) -> str:
    if isinstance(content, list):
        texts = [part.get("text") for part in content if isinstance(part, dict)]
        content = "\n".join(text for text in texts if isinstance(text, str))
    if not isinstance(content, str):
        return ""
    return content if len(content) <= _LOOKED_AT else content[: _LOOKED_AT // 2] + "\n" + content[-_LOOKED_AT // 2 :]


def judge(features: Features, *, code: bool = False) -> Verdict:
    """The tier. `code`: the caller said that it is about code."""
    points = _of_shape(features) | _of_words(features.text)
    if code:
        points["code"] = 4
    score = sum(points.values())
    tier: Tier = "simple" if score < 2 else "standard" if score < 5 else "complex" if score < 9 else "reasoning"
    return Verdict(tier, score, tuple(name for name, value in points.items() if value))


def _of_shape(features: Features) -> dict[str, int]:
    points = {
        "size": next((value for limit, value in _SIZES if features.characters < limit), 4),
        "tools": (2 if features.tools else 0) + (1 if features.tools > 10 else 0),
        "vision": 1 if features.vision else 0,
        "schema": 1 if features.schema else 0,
        "turns": 2 if features.turns > 20 else 1 if features.turns > 5 else 0,
        "answer": 2 if features.answer_tokens > 8000 else 1 if features.answer_tokens > 2000 else 0,
    }
    if features.effort in _EFFORT:
        points["effort"] = _EFFORT[features.effort]
    return points


def _of_words(text: str) -> dict[str, int]:
    if not text:
        return {}
    lines, low = f"\n{text}" if "\n" in text else "", text.lower()
    words = low.translate(_SPACES).split()
    found = set(words)
    stems = {word[:6] for word in found}
    hard = len(stems & _STEMS) + len(found & _HARD_WORDS) + sum(phrase in low for phrase in _HARD_PHRASES)
    chore = len(text) < 1500 and not hard and (bool(stems & _CHORES) or (words[:1] and words[0] in _GREETINGS))
    return {
        "code": 2 if any(mark in text for mark in _CODE) or any(mark in lines for mark in _LINES) else 0,
        "hard words": min(hard, 3) + (1 if hard > 1 else 0),
        "maths": 2 if _has_maths(text) else 0,
        "list": 1 if lines and sum(map(lines.count, _LISTS)) >= 3 else 0,
        "language": 1 if _is_foreign(text) else 0,
        "chore": -2 if chore else 0,
    }


def _has_maths(text: str) -> bool:
    if not text.isascii() and not _MATHS.isdisjoint(text):
        return True
    return "\\" in text and any(mark in text for mark in _FORMULAS)


def _is_foreign(text: str) -> bool:
    """Mostly in a script that is not Latin, which small models read badly."""
    if text.isascii():
        return False
    sample: Sequence[str] = text[:400]
    letters = sum(character.isalpha() for character in sample)
    return sum(character > "\u024f" and character.isalpha() for character in sample) * 2 > letters


def at_least(tier: str, least: str) -> str:
    """The harder of two tiers."""
    return max(tier, least, key=_ORDER.index)
