"""Vectors for the cache, by an embedding model of this house: of a local endpoint, else the table that Talome brings
(`talome[vectors]`). Nothing is sent to a provider for it."""

import asyncio
from collections.abc import Sequence
from typing import Final

from talome.core.errors import TalomeError
from talome.engines.embeddings.local import default_model
from talome.engines.providers.models import UpstreamError
from talome.engines.providers.providers import Providers
from talome.gateway.providers.models import Offer
from talome.gateway.routing.models import Wish
from talome.gateway.routing.service import Router

_TOKENS: Final = 2000


class LocalEmbedder:
    def __init__(self, router: Router, providers: Providers) -> None:
        self._router = router
        self._providers = providers

    async def embed(self, text: str) -> Sequence[float] | None:
        """None where there is no such model, or it does not answer."""
        try:
            offer = _offer(self._router)
            answer = await self._providers.embed(offer.endpoint, offer.model_name, {"input": [text]})
        except (TalomeError, UpstreamError):
            return await self._by_table(text)
        found = answer.vectors[0] if answer.vectors else None
        return found if isinstance(found, list) else None

    @staticmethod
    async def _by_table(text: str) -> Sequence[float] | None:
        model = default_model()
        if model is None or not model.swift:
            return None
        cleaned = text.encode("utf-8", "replace").decode()
        if not model.loaded:
            await asyncio.to_thread(model.load)
        found: Sequence[float] = model.embed([cleaned])[0].tolist()
        return found


class HouseEmbedder:
    """Vectors for the memory by the embedding model of an endpoint in this house. No note is sent to a provider."""

    def __init__(self, router: Router, providers: Providers) -> None:
        self._router = router
        self._providers = providers

    async def name(self, wanted: str) -> str | None:
        """Of the model that would answer now to this name, empty for any; None where there is none."""
        try:
            return _offer(self._router, wanted).model_name
        except TalomeError:
            return None

    async def embed(self, wanted: str, texts: Sequence[str]) -> list[Sequence[float]] | None:
        """A vector for each text; None where it does not answer."""
        try:
            offer = _offer(self._router, wanted)
            answer = await self._providers.embed(offer.endpoint, offer.model_name, {"input": list(texts)})
        except (TalomeError, UpstreamError):
            return None
        found = [vector for vector in answer.vectors if isinstance(vector, list)]
        return list(found) if len(found) == len(texts) else None


def _offer(router: Router, wanted: str = "") -> Offer:
    wish = Wish(wanted or "auto", "embedding", needs=frozenset({"embedding"}), tokens_in=_TOKENS, local_only=True)
    return router.route(wish).candidates[0].offer
