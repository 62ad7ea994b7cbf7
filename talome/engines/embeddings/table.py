"""WordLlama: a vector for each of 32,000 pieces of words, and a text is the mean of its pieces.

The two files of the package are read directly; its own code, which looks for them elsewhere and downloads what it does
not find, never runs. Format: github.com/dleemiller/WordLlama (MIT), huggingface.co/docs/safetensors.
"""

import threading
from collections.abc import Sequence
from typing import Any, Final

from talome.core.errors import Unavailable
from talome.engines.embeddings.files import file_of, has, map_table
from talome.engines.embeddings.models import Vectors

PACKAGES: Final = ("wordllama", "numpy", "tokenizers")
_MOST_PIECES: Final = 4096


class WordTable:
    """See `LocalModel`."""

    name = "wordllama-256"
    dimensions = 256
    shortens = True
    swift = True

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._table: Any = None
        self._tokenizer: Any = None
        self._last: tuple[str, Vectors] | None = None
        """What is written is first compared, then kept: the same text twice in a row."""

    @property
    def loaded(self) -> bool:
        return self._table is not None

    def load(self) -> None:
        with self._lock:
            if self._table is not None:
                return
            weights = file_of("wordllama", "weights", "l2_supercat_256.safetensors")
            words = file_of("wordllama", "tokenizers", "l2_supercat_tokenizer_config.json")
            if weights is None or words is None or not has(*PACKAGES):
                raise Unavailable("The vectors are not installed. Add them with: pip install 'talome[vectors]'")
            from tokenizers import Tokenizer

            self._tokenizer = Tokenizer.from_file(str(words))
            self._tokenizer.no_padding()
            self._tokenizer.no_truncation()
            # A whole text is one word to this tokenizer: its cache would keep thousands of them, and find none again.
            if resize := getattr(self._tokenizer.model, "_resize_cache", None):
                resize(0)
            self._table = map_table(weights, "embedding.weight")

    def embed(self, texts: Sequence[str]) -> Vectors:
        import numpy as np

        last = self._last
        if last is not None and len(texts) == 1 and texts[0] == last[0]:
            return last[1].copy()
        vectors = np.zeros((len(texts), self.dimensions), np.float32)
        for row, pieces in enumerate(self._pieces(texts)):
            if pieces:
                vectors[row] = self._table[pieces[:_MOST_PIECES]].astype(np.float32).sum(axis=0)
        vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
        if len(texts) == 1:
            self._last = (texts[0], vectors.copy())
        return vectors

    def count_tokens(self, texts: Sequence[str]) -> int:
        return sum(map(len, self._pieces(texts)))

    def _pieces(self, texts: Sequence[str]) -> list[list[int]]:
        self.load()
        encode = self._tokenizer.encode  # a batch would wake a thread for each core
        return [encode(text.lower(), add_special_tokens=False).ids for text in texts]
