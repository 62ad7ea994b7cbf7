"""What a model's name tells: its undated form, and for a model on a local endpoint what it probably can do."""

import math
import re
from typing import Final

from talome.gateway.catalog.models import Model

_DATE: Final = re.compile(r"[-@](20\d{2}-?\d{2}-?\d{2}|\d{2}-\d{2}|latest|preview)$")
_PARAMETERS: Final = re.compile(r"(?<![a-z0-9.])(?:(\d{1,2})x)?(\d{1,4}(?:\.\d{1,3})?)([bm])(?![a-z0-9])")
_KINDS: Final = (
    (re.compile(r"embed|\bbge|\be5-|gte-|minilm|arctic-m"), "embedding"),
    (re.compile(r"whisper|parakeet|transcri"), "transcription"),
    (re.compile(r"kokoro|piper|\btts|-tts|speech"), "speech"),
    (re.compile(r"stable-?diffusion|sdxl|\bflux|dreamshaper|-image\b"), "image"),
    (re.compile(r"\bwan2|ltx-video|hunyuan-?video"), "video"),
)
_VISION: Final = re.compile(r"llava|vision|[-.\d]vl\b|vl[:-]|moondream|minicpm-v|gemma-?[34]|pixtral|smolvlm")
_REASONING: Final = re.compile(r"deepseek-r\d|qwq|qwen-?3|gpt-oss|magistral|reason|think|phi-?4-mini-reas")
_TOOLS: Final = re.compile(
    r"llama-?[34](?:\.\d)?|qwen-?[23]|mistral|ministral|devstral|command-r|hermes|firefunction|granite|gpt-oss|"
    r"nemotron|glm|kimi|deepseek-(?:v3|r1)|gemma-?4|smollm3|functiongemma|phi-?4"
)
_UNKNOWN_SIZE_RANK: Final = 25


def undated(name: str) -> str:
    """`gpt-4o-2024-05-13`, `claude-haiku-4-5-20251001` and `mistral-large-latest` without their end."""
    return _DATE.sub("", name)


def local_model(name: str) -> Model:
    """A model of which only the name is known, at no price. An administrator can say better."""
    low = name.lower()
    for pattern, kind in _KINDS:
        if pattern.search(low):
            return Model(name, "local", name, capabilities=frozenset({kind}))
    found = {"chat", "json"}
    if _VISION.search(low):
        found.add("vision")
    if _REASONING.search(low):
        found.add("reasoning")
    if _TOOLS.search(low):
        found.add("tools")
    return Model(name, "local", name, capabilities=frozenset(found), rank=local_rank(low))


def local_rank(name: str) -> int:
    """Strength by the number of parameters in the name: 0.1 for 135 million, 35 for 8 billion, 60 for 70 billion."""
    sizes = [
        float(match[2]) * (float(match[1]) if match[1] else 1) / (1000 if match[3] == "m" else 1)
        for match in _PARAMETERS.finditer(name)
    ]
    if not sizes:
        return _UNKNOWN_SIZE_RANK
    return min(80, round(10 * math.log2(1 + max(sizes))))
