"""Operations that list what can be asked for."""

from typing import Annotated

from pydantic import Field

from talome.core.operations import Caller, operation
from talome.gateway.routing.listing import ModelLists
from talome.gateway.routing.models import (
    ChaozModelList,
    ListedModel,
    ListedModels,
    RouterModel,
    RouterModels,
    RouterProviders,
)

Name = Annotated[str, Field(min_length=1, max_length=300)]


class ModelsApi:
    """Faces of `ModelLists`."""

    def __init__(self, lists: ModelLists) -> None:
        self._lists = lists

    @operation("GET", "/v1/models", scope="gateway:read", risk="read")
    async def list_(self, caller: Caller) -> ListedModels | RouterModels:
        """What to write in “model”: auto, fast or max; and, unless a `tok_` key asks, the models of this house."""
        return self._lists.openai(caller)

    @operation("GET", "/v1/models/{id}", scope="gateway:read", risk="read")
    async def get(self, caller: Caller, id: Name) -> ListedModel | RouterModel:
        """One name that can be asked for. A slash in it is written as %2F."""
        return self._lists.one(caller, id)

    @operation("GET", "/v1/router/models", scope="gateway:read", risk="read")
    async def router(self, caller: Caller) -> RouterModels:
        """The names of Talocode's router, with the providers that may answer."""
        return self._lists.talocode(caller)

    @operation("GET", "/v1/router/providers", scope="gateway:read", risk="read")
    async def providers(self, caller: Caller) -> RouterProviders:
        """The model providers that are set up."""
        return self._lists.providers(caller)

    @operation("GET", "/api/v1/cloud/router/providers", scope="gateway:read", risk="read")
    async def cloud_providers(self, caller: Caller) -> RouterProviders:
        """The model providers that are set up, at Talocode's address for them."""
        return self._lists.providers(caller)

    @operation("GET", "/v2/models", scope="gateway:read", risk="read")
    async def chaozcode(self, caller: Caller) -> ChaozModelList:
        """The models with their abilities and prices, as ChaozCode lists them."""
        return self._lists.chaozcode(caller)
