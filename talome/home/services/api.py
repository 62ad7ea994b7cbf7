"""Operations on services."""

from talome.core.operations import Caller, operation
from talome.home.services.models import Service
from talome.home.services.service import Services


class ServicesApi:
    """Faces of `Services`."""

    def __init__(self, services: Services) -> None:
        self._services = services

    @operation("GET", "/api/services", scope="system:read", risk="read")
    async def list_(self, caller: Caller) -> list[Service]:
        """How Talome's own parts and all containers are doing."""
        return await self._services.all()
