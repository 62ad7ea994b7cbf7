"""Which models this machine has. Each is made once for the whole process, so that its tables lie in memory once."""

from functools import cache
from typing import Final

from talome.engines.embeddings import table, transformer
from talome.engines.embeddings.files import has
from talome.engines.embeddings.models import LocalModel
from talome.engines.embeddings.table import WordTable
from talome.engines.embeddings.transformer import MiniTransformer

NAMES: Final = (WordTable.name, MiniTransformer.name)
"""Of all models there are, the default first."""


@cache
def local_model(name: str) -> LocalModel | None:
    """The model of this name; None where its package is not installed."""
    if name == WordTable.name and has(*table.PACKAGES):
        return WordTable()
    if name == MiniTransformer.name and has(*transformer.PACKAGES):
        return MiniTransformer()
    return None


def default_model() -> LocalModel | None:
    """What is used where nothing was chosen: the cheapest that is installed."""
    return next((model for model in map(local_model, NAMES) if model is not None), None)
