"""Operations on networks."""

from typing import Annotated, Literal

from pydantic import Field

from talome.core.models import Done
from talome.core.operations import Caller, operation
from talome.home.networks.models import Network
from talome.home.networks.service import Networks

Name = Annotated[str, Field(pattern=r"^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,127}$")]


class NetworksApi:
    """Faces of `Networks`."""

    def __init__(self, networks: Networks) -> None:
        self._networks = networks

    @operation("GET", "/api/networks", scope="containers:read", risk="read")
    async def list_(self, caller: Caller) -> list[Network]:
        """All networks by name, with the containers on each."""
        return await self._networks.all()

    @operation("POST", "/api/networks", scope="containers:write", risk="modify")
    async def create(
        self,
        caller: Caller,
        name: Name,
        driver: Literal["bridge", "macvlan", "ipvlan", "overlay"] = "bridge",
        internal: bool = False,
    ) -> Network:
        """Create a network; an `internal` one has no way out of the machine."""
        return await self._networks.create(name, driver, internal=internal)

    @operation("DELETE", "/api/networks/{id}", scope="containers:write", risk="destructive")
    async def remove(self, caller: Caller, id: Name) -> Done:
        """Remove a network that no container is on."""
        await self._networks.remove(id)
        return Done()
