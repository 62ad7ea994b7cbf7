"""Puts the inference together."""

from dataclasses import dataclass
from typing import Final

from talome.core.kernel import Kernel
from talome.engines.providers.providers import Providers
from talome.gateway.cache.service import AnswerCache, SimilarQuestions
from talome.gateway.catalog.models import CatalogChanged
from talome.gateway.catalog.service import Catalog
from talome.gateway.inference.attempts import Attempts
from talome.gateway.inference.embedder import LocalEmbedder
from talome.gateway.inference.ledger import Ledger
from talome.gateway.inference.memory import Memory
from talome.gateway.inference.pipeline import Pipeline
from talome.gateway.inference.service import Inference
from talome.gateway.metrics.service import GatewayMetrics
from talome.gateway.providers.models import OffersChanged
from talome.gateway.providers.service import Breaker
from talome.gateway.routing.service import Router
from talome.gateway.wallet.service import Wallet

_REPLAYS_BYTES: Final = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Choice:
    """Who may answer, and at what price."""

    catalog: Catalog
    router: Router
    breaker: Breaker


def open_inference(
    kernel: Kernel, providers: Providers, choice: Choice, wallet: Wallet, metrics: GatewayMetrics
) -> Inference:
    """What is remembered goes when the models or their prices change."""
    memory = Memory(AnswerCache(), SimilarQuestions(LocalEmbedder(choice.router, providers)), kernel.user_settings)

    async def forget(_: object) -> None:
        memory.clear()

    kernel.events.on(OffersChanged, forget)
    kernel.events.on(CatalogChanged, forget)
    ledger = Ledger(choice.catalog, wallet, metrics)
    pipeline = Pipeline(
        choice.router, Attempts(choice.breaker, metrics), ledger, metrics, replays=AnswerCache(_REPLAYS_BYTES)
    )
    return Inference(providers, pipeline, ledger, memory, wallet)
