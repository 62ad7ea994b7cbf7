"""Vectors for the cache, by an embedding model of this house; nothing is sent to a provider for it."""

from collections.abc import Sequence
from typing import Final

from talome.core.errors import TalomeError
from talome.engines.providers.models import UpstreamError
from talome.engines.providers.providers import Providers
from talome.gateway.routing.models import Wish
from talome.gateway.routing.service import Router

_TOKENS: Final = 2000


class LocalEmbedder:
    def __init__(self, router: Router, providers: Providers) -> None:
        self._router = router
        self._providers = providers

    async def embed(self, text: str) -> Sequence[float] | None:
        """None where no local endpoint has such a model, or it does not answer."""
        wish = Wish("auto", "embedding", needs=frozenset({"embedding"}), tokens_in=_TOKENS, local_only=True)
        try:
            offer = self._router.route(wish).candidates[0].offer
            answer = await self._providers.embed(offer.endpoint, offer.model_name, {"input": [text]})
        except (TalomeError, UpstreamError):
            return None
        found = answer.vectors[0] if answer.vectors else None
        return found if isinstance(found, list) else None
