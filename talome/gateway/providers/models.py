"""Who answers what: what routing chooses from, and what crosses the wire."""

from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_address
from typing import Annotated, Literal

from pydantic import Field, SecretStr

from talome.core.models import Plain
from talome.engines.providers.models import HOUSE, Endpoint
from talome.gateway.catalog.models import Model

Provider = Literal["openai", "anthropic", "google", "groq", "mistral", "deepseek", "openrouter", "custom"]
Runtime = Literal["auto", "ollama", "vllm", "llamacpp", "lmstudio", "localai", "custom"]
Label = Annotated[str, Field(max_length=100, pattern=r"^[^\x00-\x1f\x7f]*$")]
ModelName = Annotated[str, Field(min_length=1, max_length=300, pattern=r"^[^\x00-\x20\x7f]+$")]


@dataclass(frozen=True, slots=True)
class OffersChanged:
    """Keys, local endpoints or their models are others than before."""


@dataclass(frozen=True, slots=True)
class Offer:
    """One model at one endpoint. `model` is None where the catalog does not know it. `healthy` is what the last check
    said; the breaker knows better. `preferred` is the endpoint's default model."""

    endpoint: Endpoint
    model: Model | None
    model_name: str
    local: bool
    healthy: bool
    workspace: str | None = None
    preferred: bool = False

    @property
    def is_spare(self) -> bool:
        """This machine's own voice and ears, for where nobody set up anything better."""
        return self.endpoint.provider == HOUSE

    @property
    def stays_inside(self) -> bool:
        """Whether what is sent there does not leave the house: a “local” endpoint may be registered by a public address
        too, such as one's own server elsewhere."""
        return self.local and not any(ip_address(one).is_global for one in self.endpoint.addresses)

    @property
    def source(self) -> Literal["local", "workspace", "house"]:
        """On whose account it runs."""
        if self.local:
            return "local"
        return "workspace" if self.workspace else "house"


class NewProviderKey(Plain):
    """A key was kept. `status` is `unverified` where the provider could not be asked."""

    created: bool = True
    id: str
    provider: str
    label: str
    workspace_id: str | None
    status: str
    models: int


class ProviderKey(Plain):
    """A key without its secret. `status`: active, unverified, invalid (the provider refused it) or cooling (it asked us
    to wait until `estimated_reset_at`)."""

    id: str
    provider: str
    label: str
    workspace_id: str | None
    workspace_name: str | None
    status: Literal["active", "unverified", "invalid", "cooling"]
    base_url: str
    models: int
    created_at: datetime
    last_success_at: datetime | None
    last_failure_at: datetime | None
    last_failure_code: str | None
    estimated_reset_at: datetime | None


class ProviderKeyList(Plain):
    """A list of keys."""

    object: Literal["list"] = "list"
    data: list[ProviderKey]


class LocalEndpoint(Plain):
    """A server of models in the own network. `status`: healthy, unreachable, refused (it wants another credential) or
    disabled. `headers` are the names of those that are sent with every call; their values are not told."""

    id: str
    url: str
    label: str
    runtime: str
    default_model: str | None
    workspace_id: str | None
    workspace_name: str | None
    status: Literal["healthy", "unreachable", "refused", "disabled"]
    status_reason: str | None
    models: list[str]
    headers: list[str]
    addresses: list[str]
    latency_ms: float | None
    created_at: datetime
    last_checked_at: datetime | None
    last_success_at: datetime | None
    last_failure_at: datetime | None
    last_failure_code: str | None


class LocalEndpointList(Plain):
    """A list of local endpoints."""

    object: Literal["list"] = "list"
    data: list[LocalEndpoint]


class EndpointChange(Plain):
    """What is given about a local endpoint. What is not named stays; `headers` take the place of all older ones."""

    url: Annotated[str, Field(min_length=1, max_length=2000)] | None = None
    label: Label | None = None
    runtime: Runtime | None = None
    default_model: ModelName | None = None
    headers: dict[str, SecretStr] | None = None
    workspace_id: str | None = None
    enabled: bool | None = None

    def plain_headers(self) -> dict[str, str] | None:
        """With their values, which nothing shows by chance."""
        if self.headers is None:
            return None
        return {name: value.get_secret_value() for name, value in self.headers.items()}


class EndpointModel(Plain):
    """A model at a local endpoint, with what its name tells that it can do."""

    id: str
    object: Literal["model"] = "model"
    capabilities: list[str]
    context_window: int | None
    is_default: bool


class EndpointModelList(Plain):
    """The models of one local endpoint."""

    object: Literal["list"] = "list"
    data: list[EndpointModel]


def listed_models(endpoint: LocalEndpoint, models: list[Model]) -> EndpointModelList:
    """The endpoint's models, its default first."""
    listed = [
        EndpointModel(
            id=model.id,
            capabilities=sorted(model.capabilities),
            context_window=model.context or None,
            is_default=model.id == endpoint.default_model,
        )
        for model in models
    ]
    return EndpointModelList(data=sorted(listed, key=lambda one: not one.is_default))


class Deleted(Plain):
    """Something is gone."""

    deleted: bool = True
    id: str
