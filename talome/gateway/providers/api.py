"""Operations on provider keys and local endpoints."""

from typing import Annotated

from pydantic import Field, SecretStr

from talome.core.operations import Caller, WholeBody, operation
from talome.gateway.catalog.service import Catalog
from talome.gateway.providers.keys import ProviderKeys
from talome.gateway.providers.local import LocalEndpoints
from talome.gateway.providers.models import (
    Deleted,
    EndpointChange,
    EndpointModelList,
    Label,
    LocalEndpoint,
    LocalEndpointList,
    ModelName,
    NewProviderKey,
    Provider,
    ProviderKey,
    ProviderKeyList,
    Runtime,
    listed_models,
)

Secret = Annotated[SecretStr, Field(min_length=1, max_length=4096)]
Url = Annotated[str, Field(min_length=1, max_length=2000)]
Headers = dict[str, SecretStr]


class ProviderKeysApi:
    """Faces of `ProviderKeys`."""

    def __init__(self, keys: ProviderKeys) -> None:
        self._keys = keys

    @operation("GET", "/v1/provider-keys", scope="providers:read", risk="read")
    async def list_(self, caller: Caller, workspace_id: str | None = None) -> ProviderKeyList:
        """The keys for model providers, and whether they work. The keys themselves are not told."""
        return self._keys.list_(caller, workspace_id)

    @operation("POST", "/v1/provider-keys", scope="providers:write", risk="modify", status=201)
    async def add(
        self,
        caller: Caller,
        provider: Provider,
        secret: Secret,
        label: Label = "",
        workspace_id: str | None = None,
        base_url: Url | None = None,
        models: Annotated[list[ModelName], Field(max_length=500)] | None = None,
    ) -> NewProviderKey:
        """Keep a key for a model provider: for the whole house, or for one workspace. It is tried first. `base_url` is
        for an OpenAI-compatible provider that is not in the list, with the provider “custom”, or for a proxy. With
        `models` only these are used; name them where a provider does not list its own."""
        return await self._keys.add(
            caller, provider, secret.get_secret_value(),
            label=label, workspace=workspace_id, base_url=base_url, models=models or (),
        )  # fmt: skip

    @operation("POST", "/v1/provider-keys/{id}/check", scope="providers:write", risk="modify")
    async def check(self, caller: Caller, id: str) -> ProviderKey:
        """Ask the provider again whether it takes a key, and which models it has."""
        return await self._keys.check(caller, id)

    @operation("DELETE", "/v1/provider-keys/{id}", scope="providers:write", risk="modify")
    async def delete(self, caller: Caller, id: str) -> Deleted:
        """Forget a key for a model provider."""
        await self._keys.remove(caller, id)
        return Deleted(id=id)


class LocalEndpointsApi:
    """Faces of `LocalEndpoints`."""

    def __init__(self, endpoints: LocalEndpoints, catalog: Catalog) -> None:
        self._endpoints = endpoints
        self._catalog = catalog

    @operation("GET", "/v1/local-endpoints", scope="providers:read", risk="read")
    async def list_(self, caller: Caller, workspace_id: str | None = None) -> LocalEndpointList:
        """The servers of models in the own network, with their models and their health."""
        return self._endpoints.list_(caller, workspace_id)

    @operation("POST", "/v1/local-endpoints", scope="providers:write", risk="modify", status=201)
    async def add(
        self,
        caller: Caller,
        url: Url,
        label: Label = "",
        default_model: ModelName | None = None,
        headers: Headers | None = None,
        workspace_id: str | None = None,
        runtime: Runtime = "auto",
    ) -> LocalEndpoint:
        """Register an Ollama, vLLM, llama.cpp, LM Studio, LocalAI or another OpenAI-compatible server. It is asked for
        its models; one that does not answer is kept as unreachable, and asked again every half minute."""
        given = EndpointChange(
            label=label, default_model=default_model, headers=headers, workspace_id=workspace_id, runtime=runtime
        )
        return await self._endpoints.add(caller, url, given)

    @operation("PATCH", "/v1/local-endpoints/{id}", scope="providers:write", risk="modify")
    async def change(self, caller: Caller, id: str, change: Annotated[EndpointChange, WholeBody()]) -> LocalEndpoint:
        """Change a local endpoint; what is not named stays. `enabled: false` keeps it, but nothing is sent there."""
        return await self._endpoints.change(caller, id, change)

    @operation("DELETE", "/v1/local-endpoints/{id}", scope="providers:write", risk="modify")
    async def delete(self, caller: Caller, id: str) -> Deleted:
        """Forget a local endpoint. The server itself is not touched."""
        await self._endpoints.remove(caller, id)
        return Deleted(id=id)

    @operation("POST", "/v1/local-endpoints/{id}/recheck", scope="providers:write", risk="modify")
    async def recheck(self, caller: Caller, id: str) -> LocalEndpoint:
        """Look its name up anew, and ask it for its models again."""
        return await self._endpoints.recheck(caller, id)

    @operation("GET", "/v1/local-endpoints/{id}/models", scope="providers:read", risk="read")
    async def models(self, caller: Caller, id: str) -> EndpointModelList:
        """The models of a local endpoint, with what each can probably do."""
        endpoint, names = self._endpoints.get(caller, id)
        return listed_models(endpoint, [self._catalog.local(name) for name in names])
