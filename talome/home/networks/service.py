"""Networks, with who is on them."""

from typing import Final

from talome.core.errors import Conflict
from talome.engines.docker.models import Network as EngineNetwork
from talome.engines.docker.protocol import ContainerEngine
from talome.home.containers.service import Containers
from talome.home.networks.models import Network

_LABELS: Final = {"talome.created": "true"}


class Networks:
    """Asks Docker for the networks and the mirror for the containers on them."""

    def __init__(self, engine: ContainerEngine, containers: Containers) -> None:
        self._engine = engine
        self._containers = containers

    async def all(self) -> list[Network]:
        """By name, Docker's own last."""
        names = self._containers.names_by_network()
        found = [_shown(network, names.get(network.name, [])) for network in await self._engine.networks.all()]
        return sorted(found, key=lambda network: (network.builtin, network.name))

    async def create(self, name: str, driver: str, *, internal: bool) -> Network:
        created = await self._engine.networks.create(name, driver=driver, internal=internal, labels=_LABELS)
        return _shown(created, [])

    async def remove(self, reference: str) -> None:
        """Raises `Conflict` for one of Docker's own, and for one that containers are on, also stopped ones: they
        could not start again."""
        network = await self._engine.networks.inspect(reference)
        if network.builtin:
            raise Conflict(f"“{network.name}” is one of Docker's own networks and cannot be removed.")
        users = sorted({*self._containers.names_by_network().get(network.name, []), *(network.members or {}).values()})
        if users:
            raise Conflict(f"The network “{network.name}” is in use by {', '.join(users)}.", containers=users)
        await self._engine.networks.remove(network.id)


def _shown(network: EngineNetwork, containers: list[str]) -> Network:
    return Network(
        id=network.id,
        name=network.name,
        driver=network.driver,
        scope=network.scope,
        internal=network.internal,
        builtin=network.builtin,
        created_at=network.created_at,
        subnets=list(network.subnets),
        containers=containers,
        labels=dict(network.labels),
    )
