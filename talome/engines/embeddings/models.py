"""What every model of this machine offers."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:  # numpy is an extra, and imported on first use only
    import numpy as np

    Vectors = np.ndarray[Any, np.dtype[np.float32]]
else:
    Vectors = Any


class LocalModel(Protocol):
    """Loaded on first use. Its methods block: long work belongs into a thread."""

    @property
    def name(self) -> str:
        """As it is called in settings, in the database and on the wire."""

    @property
    def dimensions(self) -> int:
        """Of each vector."""

    @property
    def shortens(self) -> bool:
        """Whether the first numbers of a vector are a good vector by themselves (Matryoshka)."""

    @property
    def swift(self) -> bool:
        """Whether a text takes so little that it may be embedded wherever one is at."""

    @property
    def loaded(self) -> bool: ...

    def load(self) -> None:
        """Read the files, if that was not done yet."""

    def embed(self, texts: Sequence[str]) -> Vectors:
        """A row of length one for each text; zeros where a text has no words."""

    def count_tokens(self, texts: Sequence[str]) -> int:
        """As this model cuts them."""
